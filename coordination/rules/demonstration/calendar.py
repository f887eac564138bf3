"""Where the story lies in time: offsets of days and seconds become dates and moments."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from coordination.rules.demonstration import LAST

HERE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Calendar:
    """The story with its last day on `ends_on`; a living one goes on after it, any other is over."""

    ends_on: dt.date
    is_living: bool = False

    @property
    def closes_on(self) -> dt.date | None:
        """The last day of what lasts as long as the story; None = open."""
        return None if self.is_living else self.ends_on

    def day(self, offset: int) -> dt.date:
        """The date of a story day.

        >>> Calendar(dt.date(2020, 3, 27)).day(0), Calendar(dt.date(2020, 3, 27)).day(29)
        (datetime.date(2020, 2, 3), datetime.date(2020, 3, 3))
        """
        return self.ends_on + dt.timedelta(days=offset - LAST)

    def moment(self, seconds: int) -> dt.datetime:
        """The moment (UTC) that many seconds after midnight of day 0.

        >>> Calendar(dt.date(2020, 3, 27)).moment(18 * 3600).isoformat()
        '2020-02-03T10:00:00+00:00'
        """
        midnight = dt.datetime.combine(self.day(0), dt.time(), HERE).astimezone(dt.UTC)
        return midnight + dt.timedelta(seconds=seconds)

    def dawn(self, offset: int) -> dt.datetime:
        """The moment at which the bureau knows what holds from that day on: its first. Before the story: its eve."""
        return self.moment(max(offset, -1) * 86_400)

    def seconds(self, moment: dt.datetime) -> int:
        """Whole seconds from midnight of day 0 until the moment."""
        return int((moment - self.moment(0)).total_seconds())
