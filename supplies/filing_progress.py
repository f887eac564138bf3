"""Filing progress: who has reported by when, on one day in one division (R4, R12)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from enterprises import access
from enterprises.models import Account, Enterprise
from supplies import coverage, products, reporting_settings
from supplies.choices import Coverage
from supplies.coverage import Standing
from supplies.frames import Outlook
from supplies.rules.provenance import Provenance
from supplies.rules.scales import Scale
from supplies.source_sheets import choose

EXPECTED = ("on_time", "late", "carried", "stale", "never")
UNREPORTED = ("carried", "stale", "never")
STATUSES = {"all": "全部", "reported": "已报", "unreported": "未报", **dict(Coverage.choices)}
FEW_HOURS = 6


@dataclass(frozen=True)
class Known:
    """Last known capacity in one category, exact and as shown."""

    category: str
    exact: int
    amount: int | None
    unit: str


@dataclass(frozen=True)
class Weighed:
    """Coverage by capacity in one category and unit: thousandths reported, of these and the last known of the rest."""

    category: str
    unit: str
    reported: int
    whole: int


@dataclass(frozen=True)
class Line:
    """One enterprise of the list."""

    standing: Standing
    known: tuple[Known, ...]
    contact: str
    phone: str


@dataclass(frozen=True)
class Unit:
    """One division below with its counts."""

    code: str
    name: str
    counts: Provenance


@dataclass(frozen=True)
class Hour:
    """Arrivals of one hour of the reporting day; `late` of them after the cut-off. height in percent of the largest."""

    hour: int
    on_time: int
    late: int
    height: int
    is_cut_off: bool

    @property
    def count(self) -> int:
        return self.on_time + self.late


@dataclass(frozen=True)
class Progress:
    """What the page says."""

    day: dt.date
    what: str
    counts: Provenance
    exempted: int
    unexpected: int
    units: tuple[Unit, ...]
    hours: tuple[Hour, ...]
    earlier: int
    later: int
    last_at: dt.datetime | None
    cut_off_at: dt.datetime | None
    window: str
    carry_days: int | None
    known: tuple[Known, ...]
    weighed: tuple[Weighed, ...]
    status: str
    lines: tuple[Line, ...]


def progress(
    outlook: Outlook,
    account: Account,
    *,
    group: str = "",
    product: str = "",
    status: str = "",
    at: dt.datetime | None = None,
) -> Progress:
    """The progress of the outlook's division and leading day. The caller has asked for coverage:read.

    Takes: group or product to look at one cell (neither: over all products); status = a key of STATUSES, which
    enterprises to list (default: the unreported ones); at = as known at that moment (R14), None = now.
    Refuses: unknown_product, unknown_group.
    """
    day = outlook.leading_day
    catalogue = products.catalogue(day, at)
    chosen = choose(catalogue, group, product) if group or product else None
    standings = coverage.on(node=outlook.node.code, day=day, products=chosen.products if chosen else None, at=at)
    scales = {
        (e.category, e.base_unit): Scale.of(e.base_unit, e.display_unit, e.units) for e in catalogue.entries.values()
    }
    tree, node = outlook.tree, outlook.node.code
    settings = [s for leaf, s in reporting_settings.on(day, at, tree=tree).items() if tree.covers(node, leaf)]
    cut_offs = {s.cut_off_at for s in settings}
    cut_off = cut_offs.pop() if len(cut_offs) == 1 else None
    windows, carries = {s.window for s in settings}, {s.carry_days for s in settings}
    status = status if status in STATUSES else "unreported"
    listed = listing(standings, status)
    hours, earlier, later = arrivals(standings, day, cut_off)
    return Progress(
        day=day,
        what=chosen.name if chosen else "",
        counts=counts(standings),
        exempted=sum(s.status == "exempted" for s in standings),
        unexpected=sum(s.status == "unexpected" for s in standings),
        units=units(outlook, standings),
        hours=hours,
        earlier=earlier,
        later=later,
        last_at=max((s.first_received_at for s in standings if s.first_received_at is not None), default=None),
        cut_off_at=cut_off,
        window=windows.pop() if len(windows) == 1 else "",
        carry_days=carries.pop() if len(carries) == 1 else None,
        known=together(standings, scales, catalogue.categories),
        weighed=weighed(standings, catalogue.categories),
        status=status,
        lines=tuple(lines(listed, account, scales, catalogue.categories)),
    )


def counts(standings: Iterable[Standing]) -> Provenance:
    found = Counter(s.status for s in standings)
    return Provenance(*(found[state] for state in EXPECTED))


def units(outlook: Outlook, standings: Iterable[Standing]) -> tuple[Unit, ...]:
    """Divisions below, those with most to do first; none in a reporting unit."""
    found = []
    for child in outlook.children():
        leaves = set(outlook.tree.leaves(child.code))
        found.append(Unit(child.code, child.name, counts(s for s in standings if s.division in leaves)))
    return tuple(sorted(found, key=lambda u: (u.counts.expected == 0, -u.counts.unreported, -u.counts.expected)))


def listing(standings: Iterable[Standing], status: str) -> list[Standing]:
    """The enterprises to list: by last known capacity, the largest first; those who reported, the last first."""
    states = {"reported": ("on_time", "late", "unexpected"), "unreported": UNREPORTED}.get(status, (status,))
    found = [s for s in standings if status == "all" or s.status in states]
    return sorted(found, key=lambda s: (-max((k.capacity for k in s.last_known), default=-1), s.name))


def lines(
    found: list[Standing], account: Account, scales: dict[tuple[str, str], Scale], categories: Mapping[str, str]
) -> Iterable[Line]:
    """Rows with whom to call; numbers of people only for who may see the enterprises. One query."""
    people = {}
    if access.may(account, "enterprises:read"):
        rows = Enterprise.objects.filter(pk__in=[s.enterprise_id for s in found])
        people = {pk: (name, phone) for pk, name, phone in rows.values_list("pk", "contact_name", "contact_phone")}
    for s in found:
        known = tuple(shown(k.category, k.unit, k.capacity, scales, categories) for k in s.last_known)
        yield Line(s, tuple(sorted(known, key=lambda k: -k.exact)), *people.get(s.enterprise_id, ("", "")))


def shown(
    category: str, unit: str, capacity: int, scales: dict[tuple[str, str], Scale], categories: Mapping[str, str]
) -> Known:
    return Known(categories.get(category, category), capacity, *scales[category, unit].shown(capacity))


def together(
    standings: Iterable[Standing], scales: dict[tuple[str, str], Scale], categories: Mapping[str, str]
) -> tuple[Known, ...]:
    """Last known capacity of the unreported, per category and unit, never added over these (R17)."""
    sums: Counter[tuple[str, str]] = Counter()
    for s in standings:
        for known in s.last_known if s.status in UNREPORTED else ():
            sums[known.category, known.unit] += known.capacity
    return tuple(shown(*kind, total, scales, categories) for kind, total in sums.items() if total)


def weighed(standings: Iterable[Standing], categories: Mapping[str, str]) -> tuple[Weighed, ...]:
    """Coverage by capacity, beside the count: one large maker weighs more than ten small ones (R12, R17).

    Reported over reported and last known of the unreported, per category and unit, the largest first; none where
    nothing is known. Reports without duty are in neither.
    """
    reported: Counter[tuple[str, str]] = Counter()
    missing: Counter[tuple[str, str]] = Counter()
    for s in standings:
        for one in s.reported:
            reported[one.category, one.unit] += one.capacity
        for one in s.last_known if s.status in UNREPORTED else ():
            missing[one.category, one.unit] += one.capacity
    found = [
        Weighed(categories.get(kind[0], kind[0]), kind[1], reported[kind], reported[kind] + missing[kind])
        for kind in {**reported, **missing}
        if reported[kind] + missing[kind]
    ]
    return tuple(sorted(found, key=lambda one: (-one.whole, one.category, one.unit)))


def arrivals(
    standings: Iterable[Standing], day: dt.date, cut_off: dt.datetime | None
) -> tuple[tuple[Hour, ...], int, int]:
    """First submissions per hour of the day, from the first hour with any to the last; and how many came before and after it."""
    found = [s for s in standings if s.first_received_at is not None]
    moments = [(timezone.localtime(s.first_received_at), s.status == "late") for s in found if s.first_received_at]
    own = [(at.hour, is_late) for at, is_late in moments if at.date() == day]
    earlier = sum(at.date() < day for at, _ in moments)
    later = sum(at.date() > day for at, _ in moments)
    by_hour = Counter(own)
    end = timezone.localtime(cut_off) if cut_off else None
    cut_hour = end.hour if end is not None and end.date() == day else None
    hours = {hour for hour, _ in own} | ({cut_hour} if cut_hour is not None else set())
    if not hours or not own:
        return (), earlier, later
    first, last = min(hours), max(hours)
    most = max(by_hour[h, False] + by_hour[h, True] for h in range(first, last + 1))
    bars = tuple(
        Hour(
            h, by_hour[h, False], by_hour[h, True], 100 * (by_hour[h, False] + by_hour[h, True]) // most, h == cut_hour
        )
        for h in range(min(first, max(0, last - FEW_HOURS)), last + 1)
    )
    return bars, earlier, later
