"""Rows of a table of totals: cells in words, figures in base units, the final snapshot beside them (R8-R13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from supplies.choices import Stage
from supplies.models import Product, ProductFact
from supplies.models.daily_total import COUNTS
from supplies.rules.quantities import number
from supplies.rules.ratios import ratio
from supplies.rules.selection import Selection
from supplies.rules.small_cells import revealing
from supplies.rules.tree_epochs import DAY, Epoch
from supplies.total_cells import Cell

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
    def of(cls, epochs: list[Epoch], products: dict[str, Product], at: dt.datetime | None) -> Words:
        facts: dict[str, list[ProductFact]] = {}
        for fact in ProductFact.objects.believed(at).order_by("starts_on"):
            facts.setdefault(fact.product_id, []).append(fact)
        stages: dict[tuple[str, str, str], set[str]] = {}
        for product in products.values():
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


@dataclass(frozen=True)
class Frozen:
    """The final snapshots of the days asked for, beside what the same cells say today (R13)."""

    days: frozenset[dt.date] = frozenset()
    cells: dict[tuple[dt.date, str, str, str], Cell] = field(default_factory=dict)
    changed: frozenset[tuple[dt.date, str, str, str]] = frozenset()


def ident(cell: Cell) -> tuple[dt.date, str, str, str]:
    return cell.day, cell.division, cell.key, cell.unit


def written(
    line: Line,
    selection: Selection,
    products: dict[str, Product],
    words: Words,
    least: int,
    frozen: Frozen,
    *,
    by_date: bool,
) -> Row:
    """One row of the answer, figures in base units. `closed_values`: the same figures as the final snapshot has them."""
    cell = line.cell
    is_product = cell.grain == "product"
    product = products[cell.key] if is_product else None
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
        **figures(line, least, by_stock=by_stock),
    }
    if by_date:
        kept = frozen.cells.get(ident(cell))
        row |= {"closed": cell.day in frozen.days, "changed_since_close": ident(cell) in frozen.changed}
        if kept is not None:
            row["closed_values"] = figures(Line.of([kept]), least, by_stock=by_stock)
        return row
    days = {selection.first + DAY * n for n in range((min(selection.last, cell.day) - selection.first).days + 1)}
    changed = any(day in days and tuple(name) == ident(cell)[1:] for day, *name in frozen.changed)
    return {**row, "closed": days <= frozen.days, "changed_since_close": changed}


def figures(line: Line, least: int, *, by_stock: bool) -> Row:
    """The figures of a row in base units; those over too few enterprises are withheld (R22)."""
    cell = line.cell
    said: Row = {
        **{name: base(getattr(cell, name)) for name in FIGURES},
        "enterprises": cell.stock_given if by_stock else cell.capacity_given,
        "stock_enterprises": cell.stock_given,
        "shipped_enterprises": cell.shipped_given,
        **{name: getattr(cell, name) for name in COUNTS if name != "halted"},
        "questions_open": cell.questions_open,
        "rate": ratio(cell.reported, cell.expected),
        "utilisation": ratio(cell.utilisation_output, cell.utilisation_capacity),
        "capacity_last_known_of_unreported": base(cell.last_known_of_unreported),
        "shared_capacity": cell.shared,
    }
    hidden = revealing(
        cell, least, output_given=line.output_given, shipped_given=line.shipped_given, utilised=line.utilised
    )
    return {**said, **dict.fromkeys(hidden)}


def base(amount: int | None) -> int | Decimal | None:
    """Thousandths as base units, exactly."""
    return None if amount is None else number(amount)
