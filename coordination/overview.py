"""The overview's values: cards, products, counties, who is missing. Laid out from cells; asks nothing itself.

Quantities come with their sum in thousandths of the base unit (`exact`), and as shown in the product's display unit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from django.utils import timezone

from enterprises.rules.division_tree import Node
from supplies.courses import SPARK_DAYS
from supplies.coverage import Standing
from supplies.frames import Outlook
from supplies.rules.catalogue import Catalogue
from supplies.rules.scales import Scale
from supplies.rules.small_cells import revealing
from supplies.sources import Source
from supplies.total_cells import Cell

DAY = dt.timedelta(days=1)
SCOPES = {
    "masks": "日产能 · 医用与民用合计",
    "disinfectant": "日产能 · 散装，按重量",
    "melt_blown": "中间品，不并入口罩",
}
UNREPORTED = ("carried", "stale", "never")


@dataclass(frozen=True)
class Quantity:
    """A sum: exact in thousandths of the base unit, and as shown."""

    exact: int | None
    amount: int | None
    unit: str


@dataclass(frozen=True)
class Card:
    """One product group on the day."""

    key: str
    name: str
    scope: str
    cell: Cell
    capacity: Quantity
    change: Quantity | None
    licensed: Quantity
    carried: Quantity
    last_known: Quantity
    output: Quantity
    utilisation: Fraction | None
    cumulative: Quantity
    stock: Quantity
    stock_days: Fraction | None


@dataclass(frozen=True)
class ProductRow:
    """One product that no card shows."""

    code: str
    name: str
    cell: Cell
    capacity: Quantity
    change: Quantity | None
    output: Quantity
    cumulative: Quantity
    stock: Quantity


@dataclass(frozen=True)
class Column:
    """A product group as a column of the county table; the first one is what the course is about."""

    key: str
    name: str
    products: tuple[str, ...]
    scale: Scale


@dataclass(frozen=True)
class CountyRow:
    """A division below, or an enterprise (then `status` is its standing and `counts` is None)."""

    code: str
    name: str
    counts: Cell | None
    capacity: Quantity
    change: Quantity | None
    course: tuple[int | None, ...]
    other: Quantity | None
    has_capacity: bool
    has_other: bool
    status: str = ""
    age: int | None = None


@dataclass(frozen=True)
class Missing:
    """An expected enterprise that has not reported, with its last known capacity."""

    uscc: str
    name: str
    division_name: str
    status: str
    age: int | None
    last_known: Quantity | None
    product: str


@dataclass(frozen=True)
class Live:
    """Today so far, beside the last complete day."""

    day: dt.date
    whole: Cell
    cut_off_at: dt.datetime | None
    left: dt.timedelta | None
    name: str
    capacity: Quantity | None
    output: Quantity | None


@dataclass
class Cells:
    """Cells found by day, division and key."""

    by: dict[tuple[dt.date, str, str], Cell] = field(default_factory=dict)

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> Cells:
        return cls({(c.day, c.division, c.key): c for c in cells})

    def at(self, day: dt.date, division: str, key: str = "") -> Cell | None:
        return self.by.get((day, division, key))


def veiled(cell: Cell, least: int) -> Cell:
    """The cell without what would reveal single enterprises (R22); least 0 shows all."""
    hidden = revealing(
        cell, least, output_given=cell.output_given, shipped_given=cell.shipped_given, utilised=cell.utilisation_given
    )
    names: dict[str, str] = {
        "utilisation": "utilisation_output",
        "capacity_last_known_of_unreported": "last_known_of_unreported",
    }
    blank: dict[str, Any] = {names.get(name, name): None for name in hidden}
    return replace(cell, **blank)


def quantity(exact: int | None, scale: Scale) -> Quantity:
    return Quantity(exact, *scale.shown(exact))


def moved(now: int | None, before: int | None, scale: Scale) -> Quantity | None:
    """The change against the day before; None where one of the two is not known."""
    return None if now is None or before is None else quantity(now - before, scale)


def columns(catalogue: Catalogue, cells: Cells, node: str, day: dt.date, chosen: str = "") -> tuple[Column, ...]:
    """The product groups with anything in scope, the chosen one first; a group unknown or empty chooses nothing."""
    found = [
        Column(key, name, products_of(catalogue, key), scale_of(catalogue, key))
        for key, name in catalogue.groups.items()
        if cells.at(day, node, key) is not None and products_of(catalogue, key)
    ]
    return tuple(sorted(found, key=lambda column: column.key != chosen))


def products_of(catalogue: Catalogue, group: str) -> tuple[str, ...]:
    return tuple(e.code for e in catalogue.entries.values() if e.group == group)


def scale_of(catalogue: Catalogue, group: str) -> Scale:
    """Products of a group share base and display unit."""
    entry = next(e for e in catalogue.entries.values() if e.group == group)
    return Scale.of(entry.base_unit, entry.display_unit, entry.units)


def cards(catalogue: Catalogue, cells: Cells, node: str, day: dt.date) -> tuple[Card, ...]:
    """A card for each product group with anything in scope, in the order of the catalogue."""
    found = []
    for column in columns(catalogue, cells, node, day):
        cell, before = cells.at(day, node, column.key), cells.at(day - DAY, node, column.key)
        assert cell is not None
        found.append(_card(column, cell, before))
    return tuple(found)


def _card(column: Column, cell: Cell, before: Cell | None) -> Card:
    scale = column.scale
    return Card(
        key=column.key,
        name=column.name,
        scope=SCOPES.get(column.key, "日产能"),
        cell=cell,
        capacity=quantity(cell.capacity, scale),
        change=moved(cell.capacity, before.capacity if before else None, scale),
        licensed=quantity(cell.capacity_licensed, scale),
        carried=quantity(cell.capacity_carried, scale),
        last_known=quantity(cell.last_known_of_unreported, scale),
        output=quantity(cell.output, scale),
        utilisation=fraction(cell.utilisation_output, cell.utilisation_capacity),
        cumulative=quantity(cell.output_cumulative, scale),
        stock=quantity(cell.stock, scale),
        stock_days=fraction(cell.stock, cell.output),
    )


def fraction(part: int | None, whole: int | None) -> Fraction | None:
    return None if part is None or not whole else Fraction(part, whole)


def product_rows(catalogue: Catalogue, cells: Cells, node: str, day: dt.date) -> tuple[ProductRow, ...]:
    """Rows of the products without a card."""
    found = []
    for entry in catalogue.entries.values():
        cell = cells.at(day, node, entry.code)
        if entry.group or cell is None:
            continue
        scale = Scale.of(entry.base_unit, entry.display_unit, entry.units)
        before = cells.at(day - DAY, node, entry.code)
        found.append(
            ProductRow(
                entry.code,
                entry.name,
                cell,
                quantity(cell.capacity, scale),
                moved(cell.capacity, before.capacity if before else None, scale),
                quantity(cell.output, scale),
                quantity(cell.output_cumulative, scale),
                quantity(cell.stock, scale),
            )
        )
    return tuple(found)


def county_row(node: Node, day: dt.date, shown: Sequence[Column], cells: Cells, whole: Cells) -> CountyRow:
    """One division on the day: the first column's capacity with its course, the second column's beside it."""
    lead, other = shown[0] if shown else None, shown[1] if len(shown) > 1 else None
    cell = cells.at(day, node.code, lead.key) if lead else None
    before = cells.at(day - DAY, node.code, lead.key) if lead else None
    beside = cells.at(day, node.code, other.key) if other else None
    days = [day - n * DAY for n in reversed(range(SPARK_DAYS))]
    course = [cells.at(d, node.code, lead.key) for d in days] if lead else []
    return CountyRow(
        code=node.code,
        name=node.name,
        counts=whole.at(day, node.code),
        capacity=quantity(cell.capacity if cell else None, lead.scale if lead else Scale("", "")),
        change=moved(cell.capacity, before.capacity, lead.scale) if lead and cell and before else None,
        course=tuple(c.capacity if c else None for c in course),
        other=quantity(beside.capacity, other.scale) if other and beside else None,
        has_capacity=cell is not None,
        has_other=beside is not None,
    )


def enterprise_row(
    standing: Standing,
    day: dt.date,
    shown: Sequence[Column],
    behind: dict[dt.date, list[Source]],
    course: Sequence[int | None],
) -> CountyRow:
    """One enterprise of a reporting unit, in the same columns."""
    lead, other = shown[0] if shown else None, shown[1] if len(shown) > 1 else None

    def given(at: dt.date, column: Column | None) -> int | None:
        mine = [s for s in behind[at] if s.enterprise_id == standing.enterprise_id and s.counts]
        found = [s.capacity for s in mine if column and s.product_id in column.products and s.capacity is not None]
        return sum(found) if found else None

    now, before, beside = given(day, lead), given(day - DAY, lead), given(day, other)
    return CountyRow(
        code=standing.uscc,
        name=standing.name,
        counts=None,
        capacity=quantity(now, lead.scale if lead else Scale("", "")),
        change=moved(now, before, lead.scale) if lead else None,
        course=tuple(course),
        other=quantity(beside, other.scale) if other and beside is not None else None,
        has_capacity=now is not None,
        has_other=beside is not None,
        status=standing.status,
        age=standing.age,
    )


def missing(standings: Iterable[Standing], shown: Sequence[Column], catalogue: Catalogue) -> tuple[Missing, ...]:
    """Who has not reported, by last known capacity: the first column's category before all others."""
    category = catalogue[shown[0].products[0]].category if shown else ""
    scales = {
        (e.category, e.base_unit): Scale.of(e.base_unit, e.display_unit, e.units) for e in catalogue.entries.values()
    }
    found = []
    for standing in standings:
        if standing.status not in UNREPORTED:
            continue
        known = sorted(standing.last_known, key=lambda k: (k.category != category, -k.capacity))
        best = known[0] if known else None
        rank = (best is None or best.category != category, -(best.capacity if best else 0), standing.name)
        row = Missing(
            uscc=standing.uscc,
            name=standing.name,
            division_name=standing.division_name,
            status=standing.status,
            age=standing.age,
            last_known=quantity(best.capacity, scales[best.category, best.unit]) if best else None,
            product=catalogue.categories.get(best.category, "") if best and best.category != category else "",
        )
        found.append((rank, row))
    return tuple(row for _, row in sorted(found, key=lambda pair: pair[0]))


def live(
    outlook: Outlook, day: dt.date, until: dt.date, whole: Cells, cells: Cells, shown: Sequence[Column]
) -> Live | None:
    """Today so far, when another day leads by itself."""
    today = whole.at(until, outlook.node.code)
    if until == day or today is None:
        return None
    lead = shown[0] if shown else None
    cell = cells.at(until, outlook.node.code, lead.key) if lead else None
    left = outlook.cut_off_at - timezone.now() if outlook.cut_off_at else None
    return Live(
        day=until,
        whole=today,
        cut_off_at=outlook.cut_off_at,
        left=left if left and left > dt.timedelta(0) else None,
        name=lead.name if lead else "",
        capacity=quantity(cell.capacity, lead.scale) if lead and cell else None,
        output=quantity(cell.output, lead.scale) if lead and cell else None,
    )
