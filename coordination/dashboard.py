"""The overview: one division on one day, as the bureau reads it; totals, coverage, course, who has not reported.

A read act: it asks the cells of the totals, the coverage and the sources, and gives small named values. However many
enterprises there are, it asks the same number of questions.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

from coordination import overview as parts
from coordination.changes import Changes, changes
from coordination.overview import Card, Cells, Column, CountyRow, Live, Missing, ProductRow, veiled
from coordination.ramps import Ramp, ramp
from enterprises import access
from enterprises.models import Account
from supplies import coverage, daily_totals, products, sources, total_cells
from supplies.courses import SPARK_DAYS, capacities
from supplies.coverage import Standing
from supplies.frames import Outlook
from supplies.rules.catalogue import Catalogue
from supplies.total_cells import Cell

DAY = dt.timedelta(days=1)
RAMP_DAYS = 120
"""Most days the course is drawn over."""
KEPT_SECONDS = 10
"""How long an overview may be handed to the next reader of the same version: names and phones change without one."""


@dataclass(frozen=True)
class Rights:
    """What of the overview the account may see beyond totals: names behind the coverage, sources behind numbers (R22)."""

    coverage: bool
    sources: bool
    enterprises: bool


@dataclass(frozen=True)
class Overview:
    """Everything the page says. `whole` counts enterprises over all products (R12b)."""

    day: dt.date
    previous_day: dt.date
    first_day: dt.date | None
    whole: Cell
    live: Live | None
    cards: tuple[Card, ...]
    others: tuple[ProductRow, ...]
    ramp: Ramp | None
    columns: tuple[Column, ...]
    counties: tuple[CountyRow, ...]
    foot: CountyRow | None
    is_leaf: bool
    missing: tuple[Missing, ...]
    changes: Changes | None

    @property
    def lead(self) -> Card | None:
        return self.cards[0] if self.cards else None

    @property
    def chosen(self) -> Column | None:
        """The product group the course, the counties and the changes are about."""
        return self.columns[0] if self.columns else None


def rights(account: Account, outlook: Outlook) -> Rights:
    """What the account may see of this division; a right held elsewhere opens nothing here."""

    def reaches(ability: str) -> bool:
        where = access.reach(account, ability)
        return where.everywhere or any(outlook.tree.covers(top, outlook.node.code) for top in where.divisions)

    return Rights(reaches("coverage:read"), reaches("sources:read"), reaches("enterprises:read"))


def overview(outlook: Outlook, *, may: Rights, group: str = "", at: dt.datetime | None = None) -> Overview:
    """The overview of the outlook's division and leading day; `group` chooses what the course and counties show.

    `at`: as known at that moment, computed anew by the kernel (R14); then without the long course and small lines of
    single enterprises, which know no earlier moment.

    Takes the answer once given for the same version of the totals, so that many readers cost as much as one.
    """
    day = outlook.leading_day
    names = (outlook.node.code, day, outlook.is_open, may, group, settings.SMALL_CELL, outlook.day, at)
    key = f"overview:{daily_totals.version()}:{hashlib.sha256(repr((outlook.today, names)).encode()).hexdigest()}"
    found: Overview | None = cache.get(key)
    if found is None:
        found = read(outlook, day, may, group, at)
        cache.set(key, found, KEPT_SECONDS)
    return found


def read(outlook: Outlook, day: dt.date, may: Rights, group: str, at: dt.datetime | None = None) -> Overview:
    """Ask everything and lay it out."""
    catalogue = products.catalogue(day, at)
    node, children = outlook.node.code, outlook.children()
    least = 0 if may.sources else settings.SMALL_CELL
    until = outlook.today if day == outlook.today - DAY and outlook.day is None and at is None else day
    codes = [node, *(child.code for child in children)]
    grouped = Cells.of(
        veiled(cell, least)
        for cell in total_cells.cells(nodes=codes, first=day - (SPARK_DAYS - 1) * DAY, last=until, grain="group", at=at)
    )
    whole = Cells.of(total_cells.cells(nodes=codes, first=day, last=until, grain="all", at=at))
    columns = parts.columns(catalogue, grouped, node, day, group)
    chosen = columns[0] if columns else None
    standings = coverage.on(node=node, day=day, at=at) if may.coverage else []
    return Overview(
        day=day,
        previous_day=day - DAY,
        first_day=outlook.first_day,
        whole=whole.at(day, node) or Cell(day, node, "all", "", ""),
        live=parts.live(outlook, day, until, whole, grouped, columns),
        cards=parts.cards(catalogue, grouped, node, day),
        others=_others(catalogue, node, day, least, at),
        ramp=_ramp(outlook, day, chosen, least) if at is None else None,
        columns=columns,
        counties=_rows(outlook, day, may, columns, grouped, whole, standings, at),
        foot=parts.county_row(outlook.node, day, columns, grouped, whole),
        is_leaf=not children,
        missing=parts.missing(standings, columns, catalogue),
        changes=_changes(node, day, chosen, grouped, at) if may.sources and chosen else None,
    )


def _others(
    catalogue: Catalogue, node: str, day: dt.date, least: int, at: dt.datetime | None
) -> tuple[ProductRow, ...]:
    """Products that no card shows."""
    found = total_cells.cells(nodes=[node], first=day - DAY, last=day, grain="product", at=at)
    return parts.product_rows(catalogue, Cells.of(veiled(cell, least) for cell in found), node, day)


def _ramp(outlook: Outlook, day: dt.date, chosen: Column | None, least: int) -> Ramp | None:
    if chosen is None or outlook.first_day is None:
        return None
    found = total_cells.cells(
        nodes=[outlook.node.code],
        first=max(outlook.first_day, day - (RAMP_DAYS - 1) * DAY),
        last=day,
        grain="group",
        keys=[chosen.key],
        cumulative=False,
    )
    return ramp([veiled(cell, least) for cell in found], chosen)


def _rows(
    outlook: Outlook, day: dt.date, may: Rights, columns: tuple[Column, ...], grouped: Cells, whole: Cells,
    standings: list[Standing], at: dt.datetime | None,
) -> tuple[CountyRow, ...]:  # fmt: skip
    """The divisions below; in a reporting unit its enterprises, for whoever may see what each of them said."""
    children = outlook.children()
    if children:
        rows = [parts.county_row(child, day, columns, grouped, whole) for child in children]
        return tuple(sorted(rows, key=lambda row: -(row.capacity.exact or 0)))
    if not (may.sources and may.coverage):
        return ()
    return _enterprise_rows(outlook.node.code, day, columns, standings, at)


def _enterprise_rows(
    node: str, day: dt.date, columns: tuple[Column, ...], standings: list[Standing], at: dt.datetime | None
) -> tuple[CountyRow, ...]:
    wanted = {code for column in columns for code in column.products}
    behind = {
        on: sources.behind(node=node, first=on, last=on, products=wanted, at=at) if wanted else []
        for on in (day - DAY, day)
    }
    courses = capacities(
        enterprises=[s.enterprise_id for s in standings] if at is None else [],
        products=columns[0].products if columns else (),
        until=day,
    )
    rows = [parts.enterprise_row(s, day, columns, behind, courses.get(s.enterprise_id, [])) for s in standings]
    return tuple(sorted(rows, key=lambda row: -(row.capacity.exact or 0)))


def _changes(node: str, day: dt.date, chosen: Column, grouped: Cells, at: dt.datetime | None) -> Changes | None:
    """What moved the chosen capacity since the day before, enterprise by enterprise; adds up exactly."""
    now, before = grouped.at(day, node, chosen.key), grouped.at(day - DAY, node, chosen.key)
    if now is None or before is None:
        return None
    after, until = (
        sources.behind(node=node, first=on, last=on, products=chosen.products, at=at) for on in (day, day - DAY)
    )
    return changes(until, after, chosen, (now.capacity or 0) - (before.capacity or 0))
