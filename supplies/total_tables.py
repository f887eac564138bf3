"""Tables of totals: what GET /api/v1/totals/ answers, and what its CSV and XLSX hold (R8-R12b, R14, R17, R22)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone

from enterprises import access
from enterprises.errors import Invalid
from enterprises.models import Category, DivisionFact, StaleMark
from enterprises.rules.days import shown
from enterprises.rules.division_tree import Tree
from supplies import closings, daily_totals
from supplies.choices import SnapshotKind
from supplies.models import Product, Snapshot
from supplies.rules.selection import Selection
from supplies.rules.tree_epochs import Nodes
from supplies.total_cells import Cell, cells, stored_rows, trees
from supplies.total_rows import COLUMNS, FIGURES, Frozen, Line, Row, Words, base, ident, periods, written

__all__ = ["COLUMNS", "FIGURES", "Cell", "Selection", "Table", "base", "cells", "fingerprint", "table"]

LARGEST = 20_000
"""Most rows of one answer."""
LARGEST_READ = 600_000
"""Most stored totals summed for one answer."""
LONGEST_AS_OF = 366
"""Most days computed anew for a moment, for one answer."""
LAST_MINUTE = dt.timedelta(minutes=1)


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
    return Table(echo(selection, scope, as_of), found_rows(selection, scope), as_of)


def fingerprint(account: Any, selection: Selection, ability: str = "totals:read") -> str:
    """A text that changes whenever the answer would; cheap. Refuses what `table` refuses before it reads totals."""
    scope = settle(account, selection, ability)
    if scope.provisional:
        return f"{timezone.now().timestamp()}"
    marks = StaleMark.objects.aggregate(latest=Max("id"), waiting=Count("id"))
    frozen = Snapshot.objects.aggregate(latest=Max("id"))["latest"]
    state = (daily_totals.version(selection.last), *marks.values(), frozen, timezone.localdate())
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


def found_rows(selection: Selection, scope: Scope, asked: Asked | None = None) -> list[Row]:
    """The rows of the table, from the cells of its days; `asked`: of these cells, however many they are."""

    def children(tree: Tree) -> list[str]:
        return [child.code for child in tree.children(scope.node)]

    first, last = selection.first, min(selection.last, timezone.localdate(scope.at))
    is_bounded = asked is None
    asked = asked or Asked(
        nodes=children if "division" in selection.by else [scope.node],
        grain=selection.grain,
        keys=[selection.category] if selection.is_by_category else scope.codes,
        licensed=selection.licensed,
    )
    is_stored = scope.at is None and selection.basis == "current" and is_bounded
    if is_stored and stored_rows(first, last, asked.grain, asked.keys, asked.licensed) > LARGEST_READ:
        raise too_many(selection)
    finals = closings.snapshots.latest(SnapshotKind.FINAL, first, last, scope.at)
    if selection.basis == "current":
        found = cells(first=first, last=last, at=scope.at, **vars(asked))
    else:
        kind = SnapshotKind.FINAL if selection.basis == "closed" else SnapshotKind.FLASH
        chosen = finals if kind == SnapshotKind.FINAL else closings.snapshots.latest(kind, first, last, scope.at)
        found = closings.snapshots.cells(chosen, **vars(asked))
        last = max(chosen, default=last)
    by_date = "date" in selection.by or not selection.is_span
    lines = [Line.of([cell]) for cell in found] if by_date else periods(found, last)
    if is_bounded and len(lines) > LARGEST:
        raise too_many(selection)
    order = {code: (p.order, code) for code, p in scope.products.items()}
    if not selection.is_by_category:
        lines.sort(key=lambda line: (line.cell.day, line.cell.division, order[line.cell.key]))
    words = Words.of(trees(first, last, scope.at) if first <= last else [], scope.products, scope.at)
    least = 0 if scope.traces else settings.SMALL_CELL
    today = (
        found
        if selection.basis == "current" or not finals
        else cells(first=first, last=last, at=scope.at, **vars(asked))
    )
    frozen = frozen_beside(today, finals, asked)
    return [written(line, selection, scope.products, words, least, frozen, by_date=by_date) for line in lines]


@dataclass(frozen=True)
class Asked:
    """Which cells a question is about, whatever its days."""

    nodes: Nodes
    grain: str
    keys: list[str] | None
    licensed: bool


def frozen_beside(today: list[Cell], finals: dict[dt.date, Snapshot], asked: Asked) -> Frozen:
    """The final snapshots of the days, and which of their cells say something else today."""
    if not finals:
        return Frozen()
    kept = {ident(cell): cell for cell in closings.snapshots.cells(finals, **vars(asked))}
    now = {ident(cell): cell for cell in today if cell.day in finals}
    changed = {name for name in kept.keys() | now.keys() if kept.get(name) != now.get(name)}
    return Frozen(frozenset(finals), kept, frozenset(changed))


def too_many(selection: Selection) -> Invalid:
    """The refusal that names the filter to add."""
    if not selection.products and not selection.category:
        field, text = "product", "请加 product 或 category 筛选"
    elif selection.is_span:
        field, text = "from", "请缩短 from 到 to 的天数"
    else:
        field, text = "by", "请减少 by 的维度"
    return Invalid(f"结果超过 {LARGEST} 格，{text}。", code="too_many_cells", field=field)


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
