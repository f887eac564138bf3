"""The frame of reference that never leaves the screen: which place, which day, as known at which moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """A division one may turn the page to; depth 0 is the highest within reach."""

    code: str
    name: str
    depth: int = 0


@dataclass(frozen=True)
class Frame:
    """What the context bar of a staff page shows. What is None or empty is left out.

    A page turns by `division=` and `date=` in its address. `as_of` is the moment up to which everything recorded is in
    the numbers.
    """

    place: Place | None = None
    places: tuple[Place, ...] = ()
    day: dt.date | None = None
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    as_of: dt.datetime | None = None

    @property
    def previous_day(self) -> dt.date | None:
        """The day before, None where the days begin.

        >>> Frame(day=dt.date(2020, 3, 1), first_day=dt.date(2020, 3, 1)).previous_day is None
        True
        """
        if self.day is None or (self.first_day is not None and self.day <= self.first_day):
            return None
        return self.day - A_DAY

    @property
    def next_day(self) -> dt.date | None:
        """The day after, None where the days end.

        >>> Frame(day=dt.date(2020, 2, 29), last_day=dt.date(2020, 3, 1)).next_day
        datetime.date(2020, 3, 1)
        """
        if self.day is None or (self.last_day is not None and self.day >= self.last_day):
            return None
        return self.day + A_DAY
