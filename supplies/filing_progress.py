"""Filing progress: who has reported by when, on one day in one division (R4, R12)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from enterprises import access
from enterprises.models import Account, Enterprise
from supplies import coverage_lists, products, reporting_settings
from supplies.choices import Coverage
from supplies.coverage import Standing
from supplies.coverage_lists import Capacity, Group, Listed, Question
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
    lines: Lines


class Lines(Sequence[Line]):
    """The enterprises listed, in order, with whom to call: as long as the list is, read as far as it is looked at."""

    def __init__(
        self, listed: Listed, account: Account, scales: dict[tuple[str, str], Scale], categories: Mapping[str, str]
    ) -> None:
        self.listed, self.account, self.scales, self.categories = listed, account, scales, categories
        self._all: list[Line] | None = None

    def __len__(self) -> int:
        return len(self.listed)

    def __getitem__(self, part: Any) -> Any:
        """A slice of the list; one by its number."""
        if isinstance(part, int):
            return self[part : part + 1][0]
        return list(lines(self.listed[part], self.account, self.scales, self.categories))

    def __iter__(self) -> Iterator[Line]:
        if self._all is None:
            self._all = self[:]
        return iter(self._all)


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
    leaves = tuple(outlook.tree.leaves(outlook.node.code))
    question = Question(day, leaves, tuple(chosen.products) if chosen else None, at)
    groups = coverage_lists.tally(question)
    capacities = coverage_lists.capacities(question)
    scales = {
        (e.category, e.base_unit): Scale.of(e.base_unit, e.display_unit, e.units) for e in catalogue.entries.values()
    }
    tree, node = outlook.tree, outlook.node.code
    settings = [s for leaf, s in reporting_settings.on(day, at, tree=tree).items() if tree.covers(node, leaf)]
    cut_offs = {s.cut_off_at for s in settings}
    cut_off = cut_offs.pop() if len(cut_offs) == 1 else None
    windows, carries = {s.window for s in settings}, {s.carry_days for s in settings}
    status = status if status in STATUSES else "unreported"
    states = states_of(status)
    total = sum(g.count for g in groups if g.status in states)
    hours, earlier, later = arrivals(groups, day, cut_off)
    return Progress(
        day=day,
        what=chosen.name if chosen else "",
        counts=counted(groups),
        exempted=sum(g.count for g in groups if g.status == "exempted"),
        unexpected=sum(g.count for g in groups if g.status == "unexpected"),
        units=units(outlook, groups),
        hours=hours,
        earlier=earlier,
        later=later,
        last_at=max((g.last_at for g in groups if g.last_at is not None), default=None),
        cut_off_at=cut_off,
        window=windows.pop() if len(windows) == 1 else "",
        carry_days=carries.pop() if len(carries) == 1 else None,
        known=together(capacities, scales, catalogue.categories),
        weighed=weighed(capacities, catalogue.categories),
        status=status,
        lines=Lines(Listed(question, tree, states, total), account, scales, catalogue.categories),
    )


def counts(standings: Iterable[Standing]) -> Provenance:
    found = Counter(s.status for s in standings)
    return Provenance(*(found[state] for state in EXPECTED))


def counted(groups: Iterable[Group]) -> Provenance:
    found: Counter[str] = Counter()
    for group in groups:
        found[group.status] += group.count
    return Provenance(*(found[state] for state in EXPECTED))


def units(outlook: Outlook, groups: Iterable[Group]) -> tuple[Unit, ...]:
    """Divisions below, those with most to do first; none in a reporting unit."""
    found = []
    for child in outlook.children():
        leaves = set(outlook.tree.leaves(child.code))
        found.append(Unit(child.code, child.name, counted(g for g in groups if g.division in leaves)))
    return tuple(sorted(found, key=lambda u: (u.counts.expected == 0, -u.counts.unreported, -u.counts.expected)))


def states_of(status: str) -> tuple[str, ...]:
    """The states that a choice of STATUSES lists."""
    several = {"reported": ("on_time", "late", "unexpected"), "unreported": UNREPORTED, "all": tuple(Coverage.values)}
    return several.get(status, (status,))


def lines(
    found: Iterable[Standing], account: Account, scales: dict[tuple[str, str], Scale], categories: Mapping[str, str]
) -> Iterable[Line]:
    """Rows with whom to call; numbers of people only for who may see the enterprises. One query."""
    people, found = {}, list(found)
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
    capacities: Iterable[Capacity], scales: dict[tuple[str, str], Scale], categories: Mapping[str, str]
) -> tuple[Known, ...]:
    """Last known capacity of the unreported, per category and unit, never added over these (R17)."""
    return tuple(shown(c.category, c.unit, c.missing, scales, categories) for c in capacities if c.missing)


def weighed(capacities: Iterable[Capacity], categories: Mapping[str, str]) -> tuple[Weighed, ...]:
    """Coverage by capacity, beside the count: one large maker weighs more than ten small ones (R12, R17).

    Reported over reported and last known of the unreported, per category and unit, the largest first; none where
    nothing is known. Reports without duty are in neither.
    """
    found = [
        Weighed(categories.get(c.category, c.category), c.unit, c.reported, c.reported + c.missing)
        for c in capacities
        if c.reported + c.missing
    ]
    return tuple(sorted(found, key=lambda one: (-one.whole, one.category, one.unit)))


def arrivals(groups: Iterable[Group], day: dt.date, cut_off: dt.datetime | None) -> tuple[tuple[Hour, ...], int, int]:
    """First submissions per hour of the day, from the first hour with any to the last; and how many came before and after it."""
    came = [(timezone.localtime(g.hour), g.status == "late", g.count) for g in groups if g.hour is not None]
    earlier = sum(count for at, _, count in came if at.date() < day)
    later = sum(count for at, _, count in came if at.date() > day)
    by_hour: Counter[tuple[int, bool]] = Counter()
    for at, is_late, count in came:
        if at.date() == day:
            by_hour[at.hour, is_late] += count
    end = timezone.localtime(cut_off) if cut_off else None
    cut_hour = end.hour if end is not None and end.date() == day else None
    hours = {hour for hour, _ in by_hour} | ({cut_hour} if cut_hour is not None else set())
    if not by_hour:
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
