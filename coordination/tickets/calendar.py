"""The calendar of working time, as it is known now (K1)."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.utils import timezone

from coordination.models import ClockPolicy, WorkHours
from coordination.rules.working_time import SEGMENTS, Calendar, Segments
from enterprises import access, work_days
from enterprises.models import DivisionFact
from enterprises.rules.division_tree import Tree

BACK, AHEAD, WEEK = dt.timedelta(days=400), dt.timedelta(days=500), dt.timedelta(days=7)


@dataclass(frozen=True)
class Held:
    """What many steps need alike."""

    calendar: Calendar
    tree: Tree
    policies: tuple[ClockPolicy, ...]


_held: ContextVar[Held | None] = ContextVar("held", default=None)


@contextmanager
def held(first: dt.date, last: dt.date) -> Iterator[None]:
    """Read calendar, divisions and time limits once for many steps; what is changed meanwhile is not seen."""
    token = _held.set(Held(_read(first - BACK, last + AHEAD), tree(), policies()))
    try:
        yield
    finally:
        _held.reset(token)


def load(around: dt.datetime, *, since: dt.datetime | None = None) -> Calendar:
    """Days around a moment, from `since` on where that is earlier. Two queries."""
    if (kept := _held.get()) is not None:
        return kept.calendar
    day = timezone.localtime(around).date()
    first = day - BACK if since is None else min(day, timezone.localtime(since).date()) - WEEK
    return _read(first, day + AHEAD)


def tree() -> Tree:
    """Today's divisions."""
    kept = _held.get()
    return kept.tree if kept is not None else DivisionFact.objects.tree(access.today())


def policies() -> tuple[ClockPolicy, ...]:
    """Time limits in force, in the order in which they are tried."""
    kept = _held.get()
    if kept is not None:
        return kept.policies
    return tuple(ClockPolicy.objects.filter(is_on=True).order_by("priority", "id"))


def _read(first: dt.date, last: dt.date) -> Calendar:
    known = work_days.known(first, last)
    hours = tuple((row.starts_on, parsed(row.text)) for row in WorkHours.objects.all())
    return Calendar(known, timezone.get_default_timezone(), ((dt.date.min, SEGMENTS), *hours))


def parsed(text: str) -> Segments:
    """Office hours from their text, "08:30-12:00 14:00-17:30". Raises ValueError."""
    spans = [part.split("-") for part in text.split()]
    found = tuple((dt.time.fromisoformat(a), dt.time.fromisoformat(b)) for a, b in spans)
    flat = [moment for span in found for moment in span]
    if not flat or any(a >= b for a, b in itertools.pairwise(flat)):
        raise ValueError("上班时间应依次写明，如 08:30-12:00 14:00-17:30")
    return found
