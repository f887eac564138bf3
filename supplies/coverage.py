"""Coverage: where each enterprise stands in a cell on a day (R12), one row per enterprise behind the counts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils import timezone

from enterprises.models import DivisionFact, Enterprise, EnterpriseFact
from supplies import day_state
from supplies.choices import Coverage
from supplies.day_state import Pair
from supplies.models import Product


@dataclass(frozen=True)
class LastKnown:
    """Capacity last reported by an enterprise that has not reported, in thousandths; pools count once (R17a)."""

    category: str
    unit: str
    capacity: int


@dataclass(frozen=True)
class Standing:
    """Where one enterprise stands in the cell on the day; see supplies.choices.Coverage for the states.

    source_day = the day of the report that speaks for it (reported, carried) or last spoke for it (stale); age = days
    from there to the day. first_received_at only where it has reported. last_known is empty where it has reported;
    reported is the capacity said in a report that was owed, empty everywhere else.
    """

    enterprise_id: int
    uscc: str
    name: str
    division: str
    division_name: str
    status: str
    first_received_at: dt.datetime | None
    source_day: dt.date | None
    age: int | None
    last_known: tuple[LastKnown, ...]
    halted: bool
    reported: tuple[LastKnown, ...] = ()


def on(
    *, node: str, day: dt.date, products: Collection[str] | None = None, at: dt.datetime | None = None
) -> list[Standing]:
    """Every enterprise below the division that is expected, exempted or reported without duty, by division and name.

    Takes: products None = over all; one code = a product cell; several = a category's. at None = now.
    Gives: as many rows of each state as the totals of the same cell count. A day to come has none.
    """
    if day > timezone.localdate(at):
        return []
    tree = DivisionFact.objects.tree(day, at)
    grouped: dict[int, list[Pair]] = defaultdict(list)
    for pair in day_state.pairs(day, at, divisions=tree.leaves(node), products=products):
        if pair.kind not in ("opening", "returned"):
            grouped[pair.enterprise_id].append(pair)
    kinds = {p.code: (p.category_id, p.base_unit) for p in Product.objects.all()}
    found = []
    for enterprise, name in named(grouped, day, at):
        pairs = grouped[enterprise.pk]
        division = pairs[0].division_id
        found.append(standing(enterprise, name, division, tree[division].name, day, pairs, kinds))
    return sorted(found, key=lambda s: s.division)


def named(ids: Iterable[int], day: dt.date, at: dt.datetime | None) -> list[tuple[Enterprise, str]]:
    """Enterprises in the order of their names, each with its name on the day. Two queries."""
    facts = EnterpriseFact.objects.believed(at).on(day).order_by("id")
    rows = Enterprise.objects.filter(pk__in=list(ids)).prefetch_related(Prefetch("facts", facts, "on_day"))
    return [(row, row.on_day[-1].name if row.on_day else row.name) for row in rows]  # type: ignore[attr-defined]


def status(pairs: Iterable[Pair]) -> str:
    """The one state of an enterprise from its pairs in the cell: reported, else its best class (R12)."""
    pairs = list(pairs)
    kinds = {pair.kind for pair in pairs if pair.kind == "reported" or pair.owed}
    if any(pair.owed for pair in pairs):
        if "reported" in kinds:
            is_on_time = any(pair.on_time for pair in pairs)
            return Coverage.ON_TIME if is_on_time else Coverage.LATE
        return next(kind for kind in (Coverage.CARRIED, Coverage.STALE, Coverage.NEVER) if kind in kinds)
    return Coverage.UNEXPECTED if "reported" in kinds else Coverage.EXEMPTED


def standing(
    enterprise: Enterprise, name: str, division: str, division_name: str, day: dt.date, pairs: list[Pair],
    kinds: dict[str, tuple[str, str]],
) -> Standing:  # fmt: skip
    """One enterprise's row."""
    state = status(pairs)
    has_reported = state in (Coverage.ON_TIME, Coverage.LATE, Coverage.UNEXPECTED)
    wanted = "reported" if has_reported else state
    sources = [p.source_day for p in pairs if p.kind == wanted and p.source_day is not None]
    source_day = max(sources, default=None)
    received = [p.first_received_at for p in pairs if p.first_received_at is not None]
    return Standing(
        enterprise_id=enterprise.pk,
        uscc=enterprise.uscc,
        name=name,
        division=division,
        division_name=division_name,
        status=str(state),
        first_received_at=min(received) if received and has_reported else None,
        source_day=source_day,
        age=(day - source_day).days if source_day is not None else None,
        last_known=() if has_reported else last_known(pairs, kinds),
        halted=has_reported and any(p.halted for p in pairs),
        reported=said(pairs, kinds) if has_reported else (),
    )


def said(pairs: Iterable[Pair], kinds: dict[str, tuple[str, str]]) -> tuple[LastKnown, ...]:
    """Capacity in the day's own report, of what is owed, per category and base unit; a pool counts once."""
    given = [pair for pair in pairs if pair.kind == "reported" and pair.owed]
    return _together([(pair, pair.capacity) for pair in given], kinds)


def last_known(pairs: Iterable[Pair], kinds: dict[str, tuple[str, str]]) -> tuple[LastKnown, ...]:
    """Last known capacity per category and base unit; a pool counts with its largest member."""
    return _together([(pair, pair.last_known) for pair in pairs], kinds)


def _together(
    figures: Iterable[tuple[Pair, int | None]], kinds: dict[str, tuple[str, str]]
) -> tuple[LastKnown, ...]:  # fmt: skip
    """Capacities of one enterprise per category and base unit; a pool counts with its largest member (R17a)."""
    pools: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for pair, capacity in figures:
        if capacity is not None and pair.product_id is not None:
            members = pools[kinds[pair.product_id]]
            pool = f"@{pair.pool}" if pair.pool is not None else pair.product_id
            members[pool] = max(members.get(pool, 0), capacity)
    return tuple(LastKnown(*kind, sum(members.values())) for kind, members in sorted(pools.items()))
