"""Source sheets: one number opened to the revisions whose sum it is, as people read it (R22)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from enterprises.errors import Invalid
from supplies import coverage, products, sources, total_cells
from supplies.coverage import Standing
from supplies.frames import Outlook
from supplies.rules.catalogue import Catalogue
from supplies.rules.scales import Scale
from supplies.sources import Source
from supplies.total_cells import Cell

MEASURES = {
    "capacity": "日产能",
    "capacity_licensed": "持证日产能",
    "capacity_carried": "沿用的日产能",
    "output": "当日产量",
    "output_cumulative": "累计产量",
    "stock": "库存",
    "shipped": "发货",
}
"""Numbers that open here, by the name the API knows them by."""

FIGURES = {"capacity_licensed": "capacity", "capacity_carried": "capacity", "output_cumulative": "output"}
LEVELS = {"capacity", "capacity_licensed", "capacity_carried", "stock"}


@dataclass(frozen=True)
class Row:
    """One revision's figure (thousandths), or what one enterprise put into a cumulative sum. counts: is it in the total?"""

    name: str
    uscc: str
    division_name: str
    product: str
    kind: str
    day: dt.date | None
    revision: int | None
    report_id: int | None
    received_at: dt.datetime | None
    age: int | None
    is_late: bool
    amount: int | None
    counts: bool
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Rows of one kind with their count of enterprises and subtotal; uncounted ones have none."""

    kind: str
    title: str
    enterprises: int
    subtotal: int | None
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Sheet:
    """The number, its parts, its rows. `adds_up`: the rows counted, added one by one, are the stored total."""

    node_name: str
    what: str
    measure: str
    measure_name: str
    day: dt.date
    scale: Scale
    total: int | None
    summed: int | None
    cell: Cell
    groups: tuple[Group, ...]
    has_products: bool
    is_by_enterprise: bool
    enterprise: str

    @property
    def adds_up(self) -> bool:
        return (self.total or 0) == (self.summed or 0)

    @property
    def shown_total(self) -> tuple[int | None, str]:
        return self.scale.shown(self.total)

    @property
    def row_count(self) -> int:
        return sum(len(group.rows) for group in self.groups)

    @property
    def has_shares(self) -> bool:
        return bool(self.total) and not self.enterprise


@dataclass(frozen=True)
class Chosen:
    """What the address names: a product group, or one product."""

    grain: str
    key: str
    name: str
    products: tuple[str, ...]
    scale: Scale


def sheet(outlook: Outlook, *, group: str = "", product: str = "", measure: str = "", enterprise: str = "") -> Sheet:
    """Open one number of the outlook's division and day. The caller has asked for sources:read.

    Takes: group or product (neither: the first group); measure = a key of MEASURES (default capacity); enterprise =
    its code, to see one enterprise's rows only.
    Refuses: unknown_product, unknown_group, unknown_measure.
    """
    day, node = outlook.leading_day, outlook.node.code
    catalogue = products.catalogue(day)
    chosen, measure = choose(catalogue, group, product), measure or "capacity"
    if measure not in MEASURES:
        raise Invalid("没有这个指标。", code="unknown_measure", field="measure")
    cell = read_cell(node, day, chosen)
    found = read_sources(node, day, chosen, measure)
    if enterprise:
        found = [source for source in found if source.uscc == enterprise]
    is_cumulative = measure == "output_cumulative"
    standings = [] if is_cumulative or enterprise else coverage.on(node=node, day=day, products=chosen.products)
    late = {s.enterprise_id for s in standings if s.status == "late"}
    figure = FIGURES.get(measure, measure)
    is_by_enterprise = is_cumulative and not enterprise
    groups = counted(found, figure, catalogue, late, by_enterprise=is_by_enterprise)
    groups += uncounted(standings, measure, catalogue)
    summed = added(row.amount for g in groups for row in g.rows if row.counts)
    return Sheet(
        node_name=outlook.node.name,
        what=chosen.name,
        measure=measure,
        measure_name=MEASURES[measure],
        day=day,
        scale=chosen.scale,
        total=summed if enterprise else getattr(cell, measure),
        summed=summed,
        cell=cell,
        groups=tuple(groups),
        has_products=len(chosen.products) > 1 and not is_by_enterprise,
        is_by_enterprise=is_by_enterprise,
        enterprise=found[0].name if enterprise and found else enterprise,
    )


def choose(catalogue: Catalogue, group: str, product: str) -> Chosen:
    """The group or product named; refuses what the catalogue does not know."""
    if product:
        if product not in catalogue:
            raise Invalid("目录里没有这个产品。", code="unknown_product", field="product")
        entry = catalogue[product]
        scale = Scale.of(entry.base_unit, entry.display_unit, entry.units)
        return Chosen("product", product, entry.name, (product,), scale)
    group = group or next(iter(catalogue.groups), "")
    entries = [entry for entry in catalogue.entries.values() if entry.group == group]
    if not entries:
        raise Invalid("目录里没有这个产品组。", code="unknown_group", field="group")
    scale = Scale.of(entries[0].base_unit, entries[0].display_unit, entries[0].units)
    return Chosen("group", group, catalogue.groups[group], tuple(e.code for e in entries), scale)


def read_cell(node: str, day: dt.date, chosen: Chosen) -> Cell:
    found = total_cells.cells(nodes=[node], first=day, last=day, grain=chosen.grain, keys=[chosen.key])
    return found[0] if found else Cell(day, node, chosen.grain, chosen.key, chosen.scale.base_unit)


def read_sources(node: str, day: dt.date, chosen: Chosen, measure: str) -> list[Source]:
    """The sources that say something about the measure."""
    if measure == "output_cumulative":
        return sources.cumulative(node=node, day=day, products=chosen.products)
    licensed = measure == "capacity_licensed"
    found = sources.behind(node=node, first=day, last=day, products=chosen.products, licensed=licensed)
    return sources.only(found, measure)


def counted(
    found: Sequence[Source], figure: str, catalogue: Catalogue, late: set[int], *, by_enterprise: bool
) -> list[Group]:
    """Groups of what is in the sum: reported, carried, openings; the largest first."""
    titles = {"report": "当日已报", "carried": "沿用前日", "opening": "期初累计"}
    if by_enterprise:
        rows = enterprise_rows(found)
        return [Group("report", "各企业期初与逐日产量", len(rows), added(r.amount for r in rows), tuple(rows))]
    groups = []
    for kind, title in titles.items():
        mine = [source for source in found if source.kind == kind]
        rows = sorted((row(s, figure, catalogue, late) for s in mine), key=lambda r: (-(r.amount or 0), r.name))
        if rows:
            people = len({source.enterprise_id for source in mine})
            groups.append(Group(kind, title, people, added(r.amount for r in rows if r.counts), tuple(rows)))
    return groups


def row(source: Source, figure: str, catalogue: Catalogue, late: set[int]) -> Row:
    counts = source.counts or figure != "capacity"
    return Row(
        name=source.name,
        uscc=source.uscc,
        division_name=source.division_name,
        product=catalogue[source.product_id].name if source.product_id in catalogue else source.product_id,
        kind=source.kind,
        day=source.day,
        revision=source.revision,
        report_id=source.report_id,
        received_at=source.received_at,
        age=source.age or None,
        is_late=source.kind == "report" and source.enterprise_id in late,
        amount=getattr(source, figure),
        counts=counts,
        note="" if counts else "共用产能，已计在同一产线的另一产品",
    )


def enterprise_rows(found: Iterable[Source]) -> list[Row]:
    """What each enterprise put into a cumulative sum, opening and days together."""
    mine: dict[int, list[Source]] = {}
    for source in found:
        mine.setdefault(source.enterprise_id, []).append(source)
    rows = []
    for parts in mine.values():
        days = len({p.day for p in parts if p.kind == "report"})
        openings = added(p.output for p in parts if p.kind == "opening")
        words = [f"{days} 天产量"] if days else []
        words += ["期初"] if openings else []
        rows.append(
            Row(
                name=parts[0].name,
                uscc=parts[0].uscc,
                division_name=parts[0].division_name,
                product="",
                kind="cumulative",
                day=max(p.day for p in parts),
                revision=None,
                report_id=None,
                received_at=None,
                age=None,
                is_late=False,
                amount=added(p.output for p in parts),
                counts=True,
                note=" + ".join(words),
            )
        )
    return sorted(rows, key=lambda r: (-(r.amount or 0), r.name))


def uncounted(standings: Iterable[Standing], measure: str, catalogue: Catalogue) -> list[Group]:
    """Who is expected and not in the sum, with the last known capacity where that is what was asked for."""
    if measure not in ("capacity", "output", "stock", "shipped"):
        return []
    kinds = ("stale", "never") if measure in LEVELS else ("carried", "stale", "never")
    rows = [
        Row(
            name=s.name,
            uscc=s.uscc,
            division_name=s.division_name,
            product="",
            kind=s.status,
            day=s.source_day,
            revision=None,
            report_id=None,
            received_at=None,
            age=s.age,
            is_late=False,
            amount=added(k.capacity for k in s.last_known) if measure == "capacity" else None,
            counts=False,
        )
        for s in standings
        if s.status in kinds
    ]
    rows.sort(key=lambda r: (kinds.index(r.kind), -(r.amount or 0), r.name))
    return [Group("uncounted", "不计入", len(rows), None, tuple(rows))] if rows else []


def added(amounts: Iterable[int | None]) -> int | None:
    """The sum of what was given; None if nothing was (R3)."""
    given = [amount for amount in amounts if amount is not None]
    return sum(given) if given else None
