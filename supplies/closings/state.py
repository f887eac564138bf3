"""Which days are closed, and for whom they were opened again (R4, R13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from django.utils import timezone

from supplies.choices import DayEventKind
from supplies.models import DayEvent


@dataclass(frozen=True)
class Closure:
    """A closed day: since when, when it was closed last, until when each reopened enterprise (by id) may file again."""

    first_closed_at: dt.datetime
    closed_at: dt.datetime
    reopened: dict[int, dt.datetime] = field(default_factory=dict)

    def holds(self, enterprise: int, at: dt.datetime) -> bool:
        """Whether the day is closed for the enterprise at a moment."""
        until = self.reopened.get(enterprise)
        return until is None or at >= until


def closures(days: Collection[dt.date]) -> dict[dt.date, Closure]:
    """The closed ones among the days. A later final event ends the reopenings before it. One query."""
    found: dict[dt.date, Closure] = {}
    events = DayEvent.objects.filter(day__in=days).exclude(kind=DayEventKind.FLASH).order_by("id")
    for day, kind, enterprise, until, at in events.values_list("day", "kind", "enterprise_id", "until", "recorded_at"):
        if kind == DayEventKind.FINAL:
            found[day] = Closure(found[day].first_closed_at if day in found else at, at)
        elif day in found and enterprise is not None and until is not None:
            found[day].reopened[enterprise] = until
    return found


def is_closed(enterprise: int, day: dt.date, at: dt.datetime | None = None) -> bool:
    """Whether the day is closed for the enterprise at a moment (None: now). One query."""
    closure = closures([day]).get(day)
    return closure is not None and closure.holds(enterprise, at or timezone.now())
