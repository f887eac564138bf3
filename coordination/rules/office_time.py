"""Pure: working time between many pairs of moments, quickly: the calendar is summed up once."""

from __future__ import annotations

import bisect
import datetime as dt

from coordination.rules.working_time import ZERO, Calendar


class OfficeTime:
    """A calendar with its working time added up day by day. Days it does not know hold no working time."""

    def __init__(self, calendar: Calendar) -> None:
        self.zone = calendar.zone
        self.segments = {day: calendar.segments(day) for day, working in sorted(calendar.days.items()) if working}
        self.days = list(self.segments)
        """Working days, first to last."""
        total, self.before = ZERO, {}
        for day, held in self.segments.items():
            self.before[day] = total
            total += sum((b - a for a, b in held), ZERO)
        self.total = total

    def seconds(self, a: dt.datetime, b: dt.datetime) -> int:
        """Working seconds in [a, b); 0 where b is not after a."""
        return max(0, int((self._until(b) - self._until(a)).total_seconds()))

    def close_of(self, at: dt.datetime, count: int) -> dt.datetime | None:
        """End of the count-th working day after the moment's own day; None beyond the calendar."""
        place = bisect.bisect_right(self.days, at.astimezone(self.zone).date()) + count - 1
        return self.segments[self.days[place]][-1][1] if place < len(self.days) else None

    def _until(self, at: dt.datetime) -> dt.timedelta:
        at = at.astimezone(self.zone)
        day = at.date()
        held = self.segments.get(day)
        if held is None:
            place = bisect.bisect_right(self.days, day)
            return self.before[self.days[place]] if place < len(self.days) else self.total
        gone = self.before[day]
        for start, end in held:
            if at <= start:
                break
            gone += min(at, end) - start
        return gone
