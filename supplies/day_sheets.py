"""The state of one day: open or closed, since when and by whom, opened again for whom, what came in since (R13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from enterprises import access
from enterprises.errors import Invalid
from enterprises.models import Account, Enterprise, Placement
from supplies import coverage, filing_progress
from supplies.choices import DayEventKind
from supplies.closings import Closure, closures
from supplies.coverage import Standing
from supplies.frames import Outlook
from supplies.models import DayEvent, Revision
from supplies.rules.provenance import Provenance

UNREPORTED = ("carried", "stale", "never")
MOST = 200
"""Most arrivals that are listed; the count is whole."""


@dataclass(frozen=True)
class Happening:
    """A closing, a flash or a reopening, with the snapshot it made."""

    event: DayEvent
    number: int
    digest: str
    is_over: bool

    @property
    def is_reopening(self) -> bool:
        return self.event.kind == DayEventKind.REOPEN


@dataclass(frozen=True)
class Arrival:
    """A revision that came in after the day was closed; `is_first` = supplementary (补报)."""

    revision: Revision
    is_first: bool


@dataclass(frozen=True)
class DaySheet:
    """What the page says about the day in a division."""

    day: dt.date
    closure: Closure | None
    happenings: tuple[Happening, ...]
    counts: Provenance
    missing: tuple[Standing, ...]
    arrivals: tuple[Arrival, ...]
    arrived: int

    @property
    def last_flash(self) -> Happening | None:
        return self._last(DayEventKind.FLASH)

    @property
    def last_final(self) -> Happening | None:
        return self._last(DayEventKind.FINAL)

    @property
    def open_for(self) -> tuple[Happening, ...]:
        """Reopenings still in force."""
        return tuple(h for h in self.happenings if h.is_reopening and not h.is_over)

    def _last(self, kind: str) -> Happening | None:
        return next((h for h in self.happenings if h.event.kind == kind), None)


def sheet(outlook: Outlook, account: Account, day: dt.date) -> DaySheet:
    """The day's state and its coverage in the outlook's division. The caller has asked for coverage:read.

    Reopenings and arrivals are those of enterprises that stand in the division on the day. Queries do not depend on rows.
    """
    tree = outlook.tree
    units = tree.leaves(outlook.node.code)
    closure, now = closures([day]).get(day), timezone.now()
    standings = coverage.on(node=outlook.node.code, day=day)
    here = Placement.objects.believed().on(day).filter(division__in=units).values("enterprise")
    events = DayEvent.objects.filter(Q(enterprise=None) | Q(enterprise__in=here), day=day)
    listed = list(events.select_related("actor", "enterprise", "snapshot").order_by("id"))
    since = Revision.objects.none()
    if closure is not None and access.may(account, "reports:read"):
        since = Revision.objects.filter(
            report__day=day, report__enterprise__in=here, recorded_at__gt=closure.first_closed_at
        )
    arrivals = since.select_related("report__enterprise", "author").order_by("-recorded_at")[:MOST]
    missing = [s for s in standings if s.status in UNREPORTED]
    return DaySheet(
        day=day,
        closure=closure,
        happenings=tuple(reversed(list(_happenings(listed, closure, now)))),
        counts=filing_progress.counts(standings),
        missing=tuple(sorted(missing, key=lambda s: -max((k.capacity for k in s.last_known), default=0))),
        arrivals=tuple(Arrival(r, r.number == 1) for r in arrivals),
        arrived=since.count(),
    )


def _happenings(events: Iterable[DayEvent], closure: Closure | None, now: dt.datetime) -> Iterable[Happening]:
    numbers: dict[str, int] = {}
    latest = {e.enterprise_id: e.pk for e in events if e.kind == DayEventKind.REOPEN}
    for event in events:
        numbers[event.kind] = numbers.get(event.kind, 0) + 1
        snapshot = getattr(event, "snapshot", None)
        is_over = event.kind == DayEventKind.REOPEN and (
            closure is None
            or event.enterprise_id not in closure.reopened
            or latest[event.enterprise_id] != event.pk
            or closure.holds(event.enterprise_id or 0, now)
        )
        yield Happening(event, numbers[event.kind], snapshot.digest if snapshot is not None else "", is_over)


def reopenable(account: Account, day: dt.date) -> list[Enterprise]:
    """Enterprises for which the account may open the day again: those within reach that stood somewhere on the day."""
    placed = Placement.objects.believed().on(day).values("enterprise")
    return list(access.enterprises(account, "days:close").filter(pk__in=placed).order_by("sort_key", "name"))


def moment(text: str, field: str) -> dt.datetime:
    """A moment written without an offset, as forms write it, in Asia/Shanghai. Refuses invalid_moment."""
    try:
        read = dt.datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or not 1900 < read.year < 9000:
        raise Invalid("时间要写成 2020-03-28 12:00 这样。", code="invalid_moment", field=field)
    return read if read.tzinfo is not None else timezone.make_aware(read)
