"""Tables of totals: what GET /api/v1/totals/ answers, and what its CSV and XLSX hold (R8-R12b, R14, R17, R22)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone

from enterprises import access
from enterprises.errors import Invalid
from enterprises.models import Category, DivisionFact, StaleMark
from enterprises.rules.days import shown
from enterprises.rules.division_tree import Tree
from supplies import daily_totals
from supplies.choices import Stage
from supplies.models import Product, ProductFact
from supplies.models.daily_total import COUNTS
from supplies.rules.quantities import number
from supplies.rules.ratios import ratio
from supplies.rules.selection import Selection
from supplies.rules.small_cells import revealing
from supplies.rules.tree_epochs import Epoch, Nodes
from supplies.total_cells import Cell, cells, stored_rows, trees

__all__ = ["Cell", "Selection", "Table", "cells", "fingerprint", "table"]

LARGEST = 20_000
"""Most rows of one answer."""
LARGEST_READ = 600_000
"""Most stored totals summed for one answer."""
LONGEST_AS_OF = 366
"""Most days computed anew for a moment, for one answer."""
LAST_MINUTE = dt.timedelta(minutes=1)

FLOWS = ("output", "shipped", "utilisation_output", "utilisation_capacity")
FIGURES = (
    "capacity", "capacity_carried", "capacity_licensed", "output", "output_cumulative", "stock", "stock_carried",
    "shipped",
)  # fmt: skip
COLUMNS = (
    "date", "from", "to", "division", "division_name", "product", "product_name", "category", "unit", *FIGURES,
    "enterprises", "stock_enterprises", "shipped_enterprises", *(name for name in COUNTS if name != "halted"),
    "questions_open", "rate", "utilisation", "capacity_last_known_of_unreported", "shared_capacity", "closed",
    "changed_since_close",
)  # fmt: skip
"""Columns of the table as a file; a row leaves out those that do not apply to it."""

LEVELS_GIVEN_BY_STOCK = {Stage.MATERIAL, Stage.ENERGY}

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows in base units (int, or Decimal where not whole), the question as understood, and the moment it holds for."""

    query: Row
    rows: list[Row]
    as_of: dt.datetime


@dataclass(frozen=True)
class Scope:
    """The question made definite: one division, its name, the moment of knowledge, the catalogue."""

    node: str
    name: str
    at: dt.datetime | None
    provisional: bool
    products: dict[str, Product]
    codes: list[str] | None
    """Products asked for; None = all."""
    traces: bool
    """Whether the account may see what stands behind all of it (R22)."""


def table(account: Any, selection: Selection) -> Table:
    """Answer a question about totals for an account.

    Gives: rows by date, division, product in that order, of what the account may see.
    Refuses: forbidden (no totals:read), not_found (division), unknown_product, unknown_category, span_too_long,
    too_many_cells (its field names the filter to add).
    """
    scope = settle(account, selection)
    as_of = scope.at or daily_totals.complete_until()
    rows = [] if selection.basis != "current" else found_rows(selection, scope)
    return Table(echo(selection, scope, as_of), rows, as_of)


def fingerprint(account: Any, selection: Selection, ability: str = "totals:read") -> str:
    """A text that changes whenever the answer would; cheap. Refuses what `table` refuses before it reads totals."""
    scope = settle(account, selection, ability)
    if scope.provisional:
        return f"{timezone.now().timestamp()}"
    marks = StaleMark.objects.aggregate(latest=Max("id"), waiting=Count("id"))
    state = (daily_totals.version(selection.last), *marks.values(), timezone.localdate())
    return repr((state, scope.node, scope.traces, settings.SMALL_CELL, replace(selection, division=scope.node)))


def settle(account: Any, selection: Selection, ability: str = "totals:read") -> Scope:
    """Make the question definite, or refuse it."""
    access.require(account, ability)
    tree = DivisionFact.objects.tree(selection.last)
    if selection.division and selection.division not in tree:
        tree = DivisionFact.objects.tree(access.today())
    node = access.division(account, selection.division, ability, tree=tree)
    products = {p.code: p for p in Product.objects.all()}
    codes = wanted_products(selection, products)
    now = timezone.now()
    as_of = selection.as_of
    if as_of is not None and (selection.last - selection.first).days >= LONGEST_AS_OF:
        raise Invalid(
            f"指定 as_of 时最多查询 {LONGEST_AS_OF} 天，请缩短 from 到 to。", code="span_too_long", field="from"
        )
    return Scope(
        node=node,
        name=tree[node].name,
        at=min(as_of, now) if as_of is not None else None,
        provisional=as_of is not None and as_of > now - LAST_MINUTE,
        products=products,
        codes=codes,
        traces=reaches(account, "sources:read", node, tree),
    )


def reaches(account: Any, ability: str, node: str, tree: Tree) -> bool:
    """Whether the account has the ability over all of the division."""
    where = access.reach(account, ability)
    return where.everywhere or any(tree.covers(top, node) for top in where.divisions)


def wanted_products(selection: Selection, products: dict[str, Product]) -> list[str] | None:
    """Codes of the products asked for; None = all. Refuses what the catalogue does not know."""
    for code in selection.products:
        if code not in products:
            raise Invalid(f"目录里没有产品 {shown(code)}。", code="unknown_product", field="product")
    if not selection.category:
        return list(selection.products) or None
    if not Category.objects.filter(code=selection.category).exists():
        raise Invalid(f"没有类别 {shown(selection.category)}。", code="unknown_category", field="category")
    within = [code for code, product in products.items() if product.category_id == selection.category]
    return [code for code in within if code in selection.products] if selection.products else within


def found_rows(selection: Selection, scope: Scope) -> list[Row]:
    """The rows of the table, from the cells of its days."""

    def children(tree: Tree) -> list[str]:
        return [child.code for child in tree.children(scope.node)]

    nodes: Nodes = children if "division" in selection.by else [scope.node]
    grain, first, last = selection.grain, selection.first, min(selection.last, timezone.localdate(scope.at))
    keys = [selection.category] if selection.is_by_category else scope.codes
    if scope.at is None and stored_rows(first, last, grain, keys, selection.licensed) > LARGEST_READ:
        raise too_many(selection)
    found = cells(nodes=nodes, first=first, last=last, grain=grain, keys=keys, licensed=selection.licensed, at=scope.at)
    by_date = "date" in selection.by or not selection.is_span
    lines = [Line.of([cell]) for cell in found] if by_date else periods(found, last)
    if len(lines) > LARGEST:
        raise too_many(selection)
    order = {code: (p.order, code) for code, p in scope.products.items()}
    if not selection.is_by_category:
        lines.sort(key=lambda line: (line.cell.day, line.cell.division, order[line.cell.key]))
    words = Words.of(trees(first, last, scope.at) if first <= last else [], scope)
    least = 0 if scope.traces else settings.SMALL_CELL
    return [written(line, selection, scope, words, least, by_date=by_date) for line in lines]


def too_many(selection: Selection) -> Invalid:
    """The refusal that names the filter to add."""
    if not selection.products and not selection.category:
        field, text = "product", "请加 product 或 category 筛选"
    elif selection.is_span:
        field, text = "from", "请缩短 from 到 to 的天数"
    else:
        field, text = "by", "请减少 by 的维度"
    return Invalid(f"结果超过 {LARGEST} 格，{text}。", code="too_many_cells", field=field)


@dataclass(frozen=True)
class Line:
    """What one row says: a cell, and the most enterprises that gave each flow on one of its days."""

    cell: Cell
    output_given: int
    shipped_given: int
    utilised: int

    @classmethod
    def of(cls, days: list[Cell], cell: Cell | None = None) -> Line:
        return cls(
            cell or days[-1],
            max(day.output_given for day in days),
            max(day.shipped_given for day in days),
            max(day.utilisation_given for day in days),
        )


def periods(found: Iterable[Cell], last: dt.date) -> list[Line]:
    """One line per division and key over all days: levels of the last day, flows and counts added (R8, R9)."""
    groups: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in found:
        groups.setdefault((cell.division, cell.key, cell.unit), []).append(cell)
    lines = []
    for days in groups.values():
        end = days[-1]
        if end.day != last:
            # nothing is expected, said or cumulated here any more: the flows count, levels there are none
            cumulative = 0 if end.output_cumulative == 0 else None
            end = Cell(last, end.division, end.grain, end.key, end.unit, output_cumulative=cumulative)
        over: dict[str, Any] = {name: sum(getattr(day, name) for day in days) for name in (*COUNTS, "questions_open")}
        over |= {name: together(getattr(day, name) for day in days) for name in FLOWS}
        lines.append(Line.of(days, replace(end, **over)))
    return sorted(lines, key=lambda line: (line.cell.division, line.cell.key, line.cell.unit))


def together(figures: Iterable[int | None]) -> int | None:
    """The sum of what was given; None if nothing was (R3)."""
    given = [figure for figure in figures if figure is not None]
    return sum(given) if given else None


@dataclass(frozen=True)
class Words:
    """Names of divisions and products as they were on a day."""

    epochs: list[Epoch]
    facts: dict[str, list[ProductFact]]
    given_by_stock: frozenset[tuple[str, str, str]]

    @classmethod
    def of(cls, epochs: list[Epoch], scope: Scope) -> Words:
        facts: dict[str, list[ProductFact]] = {}
        for fact in ProductFact.objects.believed(scope.at).order_by("starts_on"):
            facts.setdefault(fact.product_id, []).append(fact)
        stages: dict[tuple[str, str, str], set[str]] = {}
        for product in scope.products.values():
            stages.setdefault(("product", product.code, product.base_unit), set()).add(product.stage)
            stages.setdefault(("category", product.category_id, product.base_unit), set()).add(product.stage)
        by_stock = frozenset(cell for cell, found in stages.items() if found <= LEVELS_GIVEN_BY_STOCK)
        return cls(epochs, facts, by_stock)

    def division(self, code: str, day: dt.date) -> str:
        known = [e for e in self.epochs if e.first <= day and code in e.tree]
        return known[-1].tree[code].name if known else code

    def product(self, code: str, day: dt.date) -> str:
        known = [f for f in self.facts.get(code, []) if f.starts_on <= day]
        return known[-1].name if known else code


def written(line: Line, selection: Selection, scope: Scope, words: Words, least: int, *, by_date: bool) -> Row:
    """One row of the answer, figures in base units."""
    cell = line.cell
    is_product = cell.grain == "product"
    product = scope.products[cell.key] if is_product else None
    by_stock = (cell.grain, cell.key, cell.unit) in words.given_by_stock
    row: Row = {
        "date": cell.day.isoformat() if by_date else None,
        **({} if by_date else {"from": selection.first.isoformat(), "to": selection.last.isoformat()}),
        "division": cell.division,
        "division_name": words.division(cell.division, cell.day),
        "product": cell.key if is_product else None,
        "product_name": words.product(cell.key, cell.day) if is_product else None,
        "category": product.category_id if product is not None else cell.key,
        "unit": cell.unit,
        **{name: base(getattr(cell, name)) for name in FIGURES},
        "enterprises": cell.stock_given if by_stock else cell.capacity_given,
        "stock_enterprises": cell.stock_given,
        "shipped_enterprises": cell.shipped_given,
        **{name: getattr(cell, name) for name in COUNTS if name != "halted"},
        "questions_open": 0,
        "rate": ratio(cell.reported, cell.expected),
        "utilisation": ratio(cell.utilisation_output, cell.utilisation_capacity),
        "capacity_last_known_of_unreported": base(cell.last_known_of_unreported),
        "shared_capacity": cell.shared,
        "closed": False,
        "changed_since_close": False,
    }
    hidden = revealing(
        cell, least, output_given=line.output_given, shipped_given=line.shipped_given, utilised=line.utilised
    )
    return {**row, **dict.fromkeys(hidden)}


def base(amount: int | None) -> int | Decimal | None:
    """Thousandths as base units, exactly."""
    return None if amount is None else number(amount)


def echo(selection: Selection, scope: Scope, as_of: dt.datetime) -> Row:
    """The question as it was understood, and what its answer rests on."""
    return {
        "date": None if selection.is_span else selection.first.isoformat(),
        "from": selection.first.isoformat() if selection.is_span else None,
        "to": selection.last.isoformat() if selection.is_span else None,
        "division": scope.node,
        "division_name": scope.name,
        "product": list(selection.products),
        "category": selection.category or None,
        "by": [name for name in ("division", "product", "date") if name in selection.by],
        "licensed": selection.licensed,
        "basis": selection.basis,
        "as_of": timezone.localtime(as_of).isoformat(),
        "provisional": scope.provisional,
        "pending": daily_totals.pending_days(),
    }
