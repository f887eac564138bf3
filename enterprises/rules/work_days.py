"""Pure: counting working days on a calendar that may end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

DAY = dt.timedelta(days=1)
LONGEST = 400
"""Most working days that are counted; no office waits longer."""

Known = Mapping[dt.date, bool]
"""Days of the calendar: whether offices work."""


def is_working(day: dt.date, known: Known) -> bool:
    """Whether offices work on a day; on a day the calendar does not know, Monday to Friday.

    >>> is_working(dt.date(2026, 10, 10), {dt.date(2026, 10, 10): True}), is_working(dt.date(2031, 1, 4), {})
    (True, False)
    """
    return known.get(day, day.weekday() < 5)


def after(day: dt.date, count: int, known: Known) -> dt.date:
    """The count-th working day after a day, which itself does not count; count 0 gives the day.

    >>> after(dt.date(2026, 11, 20), 1, {}).isoformat()
    '2026-11-23'
    """
    if not 0 <= count <= LONGEST:
        raise ValueError(f"工作日数应为 0 到 {LONGEST}")
    while count:
        day += DAY
        count -= is_working(day, known)
    return day
