"""Closing at set times: what is due, and doing it once, also after an outage (R13)."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass

from django.utils import timezone

from enterprises import work_days
from enterprises.errors import Conflict
from supplies.choices import SettingName, SnapshotKind
from supplies.closings.closing import close
from supplies.models import DayEvent, ReportingSetting
from supplies.rules import reporting_settings as rules

REACH = 40
"""Days back for which a closing may still be due: longer than any holiday, shorter than anybody remembers."""

EVER = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)

SETTINGS = {SettingName.FLASH_AT: SnapshotKind.FLASH, SettingName.FINAL_AT: SnapshotKind.FINAL}


@dataclass(frozen=True)
class Due:
    """A closing whose time has come."""

    day: dt.date
    kind: str
    at: dt.datetime


def due(now: dt.datetime | None = None) -> list[Due]:
    """Closings whose set time has passed and that nobody has done, in the order of their times.

    A set time holds for days from its own first day on, and only for moments after it was set: setting one closes
    nothing of the past. A day that is closed already is not closed again; a flash by hand replaces no later set one.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    first = today - dt.timedelta(days=REACH)
    settings = list(
        ReportingSetting.objects.believed().filter(name__in=SETTINGS, division=None).order_by("starts_on", "id")
    )
    if not settings:
        return []
    calendar = work_days.known(first, today + dt.timedelta(days=REACH))
    events = DayEvent.objects.filter(day__gte=first, kind__in=SnapshotKind.values)
    done = [(event.day, event.kind, event.recorded_at) for event in events]
    found = []
    for offset in range(REACH + 1):
        day = first + dt.timedelta(days=offset)
        for name, kind in SETTINGS.items():
            row = next((s for s in reversed(settings) if s.name == name and s.starts_on <= day), None)
            if row is None or not row.value:
                continue
            at = rules.closing_at(row.value, day, calendar)
            if not row.known_at < at <= now:
                continue
            if any(d == day and k == kind and (k == SnapshotKind.FINAL or when >= at) for d, k, when in done):
                continue
            found.append(Due(day, kind.value, at))
    return sorted(found, key=lambda one: (one.at, one.day, one.kind))


def close_due() -> int:
    """Do one closing that is due; gives 1, or 0 where none was. One at a time, so that nothing else waits long."""
    for one in due():
        since = EVER if one.kind == SnapshotKind.FINAL else one.at
        with suppress(Conflict):  # another worker came first
            close(actor=None, day=one.day, kind=one.kind, unless_since=since)
            return 1
    return 0
