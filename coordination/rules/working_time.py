"""Pure: working time on a calendar of working days and office hours (K1, K2).

All moments are aware and given back in the zone of the calendar. A day the calendar does not know is never guessed:
UnknownDay names it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

DAY = dt.timedelta(days=1)
ZERO = dt.timedelta(0)
LONGEST = 800
"""Most days that are walked; a calendar without working time ends here."""

Segments = tuple[tuple[dt.time, dt.time], ...]
SEGMENTS: Segments = ((dt.time(8, 30), dt.time(12)), (dt.time(14), dt.time(17, 30)))
"""Office hours unless the city says otherwise: seven hours."""


class UnknownDay(LookupError):
    """The calendar ends before this day."""

    def __init__(self, day: dt.date) -> None:
        self.day = day
        super().__init__(day.isoformat())


class NoWorkingTime(ValueError):
    """The calendar holds no more working time within reach."""


@dataclass(frozen=True)
class Calendar:
    """Days on which offices work, and their hours: `hours` are (from which day, segments), the latest one holds."""

    days: Mapping[dt.date, bool]
    zone: dt.tzinfo
    hours: tuple[tuple[dt.date, Segments], ...] = ((dt.date.min, SEGMENTS),)

    def is_working(self, day: dt.date) -> bool:
        """Whether offices work on a day. Raises UnknownDay."""
        try:
            return self.days[day]
        except KeyError:
            raise UnknownDay(day) from None

    def segments(self, day: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
        """Office hours of a day, first to last; none on a day of rest. Raises UnknownDay."""
        if not self.is_working(day):
            return []
        held = max((one for one in self.hours if one[0] <= day), key=lambda one: one[0])[1]
        return [(dt.datetime.combine(day, a, self.zone), dt.datetime.combine(day, b, self.zone)) for a, b in held]

    def is_open(self, at: dt.datetime) -> bool:
        """Whether an office is open at a moment."""
        at = at.astimezone(self.zone)
        return any(a <= at < b for a, b in self.segments(at.date()))

    def between(self, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        """Working time in [a, b); zero where b is not after a. Raises UnknownDay."""
        total = ZERO
        for start, end in self._from(a.astimezone(self.zone), until=b):
            low, high = max(start, a), min(end, b)
            if high > low:
                total += high - low
        return total

    def add(self, a: dt.datetime, left: dt.timedelta) -> dt.datetime:
        """The moment at which `left` working time has passed since a. Raises UnknownDay, NoWorkingTime."""
        a = a.astimezone(self.zone)
        for start, end in self._from(a):
            low = max(start, a)
            if low < end:
                if left <= end - low:
                    return low + left
                left -= end - low
        raise NoWorkingTime

    def close_of(self, a: dt.datetime, count: int) -> dt.datetime:
        """End of the last segment of the count-th working day after a's day, which does not count (K2).

        Raises UnknownDay, NoWorkingTime.
        """
        day = a.astimezone(self.zone).date()
        for _ in range(LONGEST):
            day += DAY
            if self.is_working(day):
                count -= 1
                if count <= 0:
                    return self.segments(day)[-1][1]
        raise NoWorkingTime

    def covered(self, a: dt.datetime, b: dt.datetime) -> list[dt.date]:
        """Working days whose hours lie wholly within [a, b). Raises UnknownDay."""
        day, found = a.astimezone(self.zone).date(), []
        while day <= b.astimezone(self.zone).date():
            held = self.segments(day)
            if held and a <= held[0][0] and held[-1][1] <= b:
                found.append(day)
            day += DAY
        return found

    def _from(self, a: dt.datetime, *, until: dt.datetime | None = None) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        day = a.date()
        last = until.astimezone(self.zone).date() if until is not None else day + LONGEST * DAY
        while day <= last:
            yield from self.segments(day)
            day += DAY
