"""Cells of the totals: any division, any grain, over a span of days, now or as known at a moment (R8-R12b, R14, R15).

What the drain stored is read for now; the kernel answers for an earlier moment. Either way a division's cell is the sum
over the reporting units below it by the tree of each day. The number of statements does not depend on rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from enterprises.models import DivisionFact
from enterprises.rules.division_tree import Node
from supplies import daily_totals, day_state, outputs
from supplies.models import DailyTotal
from supplies.models.daily_total import COUNTS, GIVEN, SUMS
from supplies.rules.tree_epochs import DAY, Epoch, Nodes, NodeSpan, Share, chosen, epochs, shares

Ident = tuple[str, str, str]
"""Division, key and unit of a cell."""


@dataclass(frozen=True)
class Cell:
    """One total: quantities in thousandths of `unit`, None where nobody gave the figure; counts of enterprises.

    `key` is a product, a category, a group or "" (grain all). `capacity_licensed` is the licensed part of `capacity`.
    `output_cumulative` is never None but in grain all, or where it was not asked for. The rest: see DailyTotal.
    """

    day: dt.date
    division: str
    grain: str
    key: str
    unit: str
    capacity: int | None = None
    capacity_carried: int | None = None
    output: int | None = None
    opening: int | None = None
    stock: int | None = None
    stock_carried: int | None = None
    shipped: int | None = None
    utilisation_output: int | None = None
    utilisation_capacity: int | None = None
    last_known_of_unreported: int | None = None
    capacity_given: int = 0
    output_given: int = 0
    stock_given: int = 0
    shipped_given: int = 0
    utilisation_given: int = 0
    expected: int = 0
    reported: int = 0
    on_time: int = 0
    late: int = 0
    carried: int = 0
    stale: int = 0
    never: int = 0
    unexpected: int = 0
    halted: int = 0
    returned: int = 0
    questions_open: int = 0
    shared: bool = False
    capacity_licensed: int | None = None
    licensed_given: int = 0
    output_cumulative: int | None = None

    @property
    def unreported(self) -> int:
        return self.carried + self.stale + self.never


FIGURES = (*SUMS, *GIVEN, *COUNTS, "questions_open", "shared", "capacity_licensed", "licensed_given")
OUTPUT, OPENING, SHARED = FIGURES.index("output"), FIGURES.index("opening"), FIGURES.index("shared")
Figures = tuple[Any, ...]
"""The fields of a cell between its unit and its cumulative output, in their order."""

NOTHING: Figures = tuple(Cell.__dataclass_fields__[name].default for name in FIGURES)


def cells(
    *,
    nodes: Nodes,
    first: dt.date,
    last: dt.date,
    grain: str,
    keys: Collection[str] | None = None,
    licensed: bool = False,
    at: dt.datetime | None = None,
    cumulative: bool = True,
) -> list[Cell]:
    """Cells of the divisions on each day from `first` to `last`, ordered by day, division, key, unit.

    Takes: nodes = codes of divisions, or what chooses them from the tree of each day; keys None = all; licensed = only
    licensed pairs in every field (R18); at None = now, as the drain stored it.
    Gives: a cell wherever there is an expectation or a report, or (with cumulative) a cumulative output above 0.
    Days after today, or after the day of `at`, have none.
    """
    start, until = daily_totals.first_day(), timezone.localdate(at)
    if start is None:
        return []
    first, last = max(first, start), min(last, until)
    if first > last:
        return []
    cumulative = cumulative and grain != "all"
    known = trees(start if cumulative else first, last, at)
    shown = {epoch.first: chosen(nodes, epoch.tree) for epoch in known if epoch.last >= first}
    wanted = shares(known, dict.fromkeys(code for codes in shown.values() for code in codes))
    read = stored if at is None else computed
    by_day: dict[dt.date, dict[Ident, Figures]] = {}
    for day, ident, figures in read(wanted, first, last, grain, keys, licensed, at):
        by_day.setdefault(day, {})[ident] = figures
    running: dict[Ident, int] = {}
    if cumulative:
        running = before(wanted, first, grain, keys, licensed, at)
    found: list[Cell] = []
    for epoch in known:
        day = max(epoch.first, first)
        while day <= epoch.last:
            found += day_cells(day, grain, by_day.get(day, {}), shown[epoch.first], running if cumulative else None)
            day += DAY
    return found


def day_cells(
    day: dt.date, grain: str, rows: dict[Ident, Figures], shown: Collection[str], running: dict[Ident, int] | None
) -> Iterator[Cell]:
    """Cells of one day; `running` holds the cumulative outputs of the day before and is moved on."""
    idents: Iterable[Ident] = rows
    if running is not None:
        for ident, figures in rows.items():
            running[ident] = running.get(ident, 0) + (figures[OUTPUT] or 0) + (figures[OPENING] or 0)
        idents = rows.keys() | {ident for ident, total in running.items() if total}
    for ident in sorted(ident for ident in idents if ident[0] in shown):
        total = running.get(ident, 0) if running is not None else None
        division, key, unit = ident
        figures = (*rows.get(ident, NOTHING), total)
        yield Cell(day, division, grain, key, unit, *figures)


def trees(first: dt.date, last: dt.date, at: dt.datetime | None = None) -> list[Epoch]:
    """The trees of a span of days as known at a moment. One query."""
    facts = DivisionFact.objects.believed(at).select_related("division")
    nodes = (
        NodeSpan(
            Node(f.division_id, f.name, f.division.level, f.parent_id, f.division.is_reporting), f.starts_on, f.ends_on
        )
        for f in facts
    )
    return epochs(nodes, first, last)


SUMMED = ", ".join(
    [f"CAST(SUM(t.{name}) AS bigint)" for name in (*SUMS, *GIVEN, *COUNTS, "questions_open")]
    + ["MAX(CASE WHEN t.shared THEN 1 ELSE 0 END)"]
)


def stored(
    wanted: list[Share], first: dt.date, last: dt.date, grain: str, keys: Collection[str] | None, licensed: bool,
    at: dt.datetime | None,
) -> Iterator[tuple[dt.date, Ident, Figures]]:  # fmt: skip
    """What the drain stored, summed to the divisions. One query."""
    params, where = conditions(first, last, grain, keys, licensed)
    shared = outputs.share_values(wanted, params)
    licence, join = "t", ""
    if not licensed:
        params["yes"], licence = True, "held"
        join = """LEFT JOIN supplies_dailytotal held ON held.day = t.day AND held.division_id = t.division_id
  AND held.grain = t.grain AND held.key = t.key AND held.unit = t.unit AND held.licensed = %(yes)s"""
    also = f"CAST(SUM({licence}.capacity) AS bigint), CAST(COALESCE(SUM({licence}.capacity_given), 0) AS bigint)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH share(node, leaf, first_day, last_day) AS ({shared})
SELECT t.day, share.node, t.key, t.unit, {SUMMED}, {also}
FROM supplies_dailytotal t
CROSS JOIN share {join}
WHERE {where} GROUP BY t.day, share.node, t.key, t.unit""",
            params,
        )
        for row in cursor.fetchall():
            figures = row[4:]
            yield outputs.as_day(row[0]), row[1:4], (*figures[:SHARED], bool(figures[SHARED]), *figures[SHARED + 1 :])


ALL_KEYS = {
    "product": "SELECT code FROM supplies_product",
    "category": "SELECT code FROM enterprises_category",
    "group": "SELECT code FROM supplies_productgroup",
    "all": "SELECT ''",
}
"""Naming the keys even where all are asked for lets SQLite read exactly the days asked for (index daily_total_course)."""


def conditions(
    first: dt.date, last: dt.date, grain: str, keys: Collection[str] | None, licensed: bool
) -> tuple[dict[str, Any], str]:
    """Parameters, and the condition on stored totals `t` that count to a `share`.

    CROSS JOIN: SQLite takes it as the order of reading, so that no total is read once per division.
    """
    date = connection.ops.adapt_datefield_value
    params: dict[str, Any] = {"first": date(first), "last": date(last), "grain": grain, "licensed": licensed}
    which = f"t.key IN ({ALL_KEYS[grain]})" if keys is None else outputs.among("t.key", keys, "key", params)
    return params, (
        f"t.grain = %(grain)s AND {which} AND t.licensed = %(licensed)s AND t.day BETWEEN %(first)s AND %(last)s"
        " AND share.leaf = t.division_id AND t.day BETWEEN share.first_day AND share.last_day"
    )


def computed(
    wanted: list[Share], first: dt.date, last: dt.date, grain: str, keys: Collection[str] | None, licensed: bool,
    at: dt.datetime | None,
) -> Iterator[tuple[dt.date, Ident, Figures]]:  # fmt: skip
    """What the kernel gives for the moment, summed to the divisions. One statement per day."""
    day = first
    while day <= last:
        above: dict[str, list[str]] = {}
        for share in wanted:
            if share.first <= day <= share.last:
                above.setdefault(share.leaf, []).append(share.node)
        rows = [r for r in day_state.totals(day, at) if r["grain"] == grain and (keys is None or r["key"] in keys)]
        found: dict[Ident, Figures] = {}
        only = {(r["division_id"], r["key"], r["unit"]): r for r in rows if r["licensed"]}
        for row in rows:
            if row["licensed"] != licensed:
                continue
            part = only.get((row["division_id"], row["key"], row["unit"]), {})
            extra = {"capacity_licensed": part.get("capacity"), "licensed_given": part.get("capacity_given", 0)}
            figures = tuple({**row, **extra}[name] for name in FIGURES)
            for node in above.get(row["division_id"], ()):
                ident = (node, row["key"], row["unit"])
                found[ident] = tuple(map(added, found[ident], figures)) if ident in found else figures
        for ident, figures in found.items():
            yield day, ident, figures
        day += DAY


def added(one: Any, other: Any) -> Any:
    """The sum of what was given; of booleans: whether either is true."""
    if one is None or other is None:
        return other if one is None else one
    return one or other if isinstance(one, bool) else one + other


def before(
    wanted: list[Share], first: dt.date, grain: str, keys: Collection[str] | None, licensed: bool,
    at: dt.datetime | None,
) -> dict[Ident, int]:  # fmt: skip
    """Cumulative output of each cell at the end of the day before `first` (R11). One query."""
    if at is not None:
        return outputs.sums(shares=wanted, until=first - DAY, at=at, grain=grain, keys=keys, licensed=licensed)
    params, where = conditions(dt.date.min, first - DAY, grain, keys, licensed)
    shared = outputs.share_values(wanted, params)
    total = "CAST(SUM(COALESCE(t.output, 0) + COALESCE(t.opening, 0)) AS bigint)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH share(node, leaf, first_day, last_day) AS ({shared})
SELECT share.node, t.key, t.unit, {total} FROM supplies_dailytotal t
CROSS JOIN share
WHERE {where} GROUP BY share.node, t.key, t.unit""",
            params,
        )
        return {row[:3]: row[3] for row in cursor.fetchall()}


def stored_rows(first: dt.date, last: dt.date, grain: str, keys: Collection[str] | None, licensed: bool) -> int:
    """How many stored totals of reporting units a question touches: what it costs to answer."""
    rows = DailyTotal.objects.filter(day__range=(first, last), grain=grain, licensed=licensed)
    return rows.count() if keys is None else rows.filter(key__in=keys).count()
