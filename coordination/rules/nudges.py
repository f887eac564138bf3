"""Pure: when the system nudges an enterprise whose answer is late (T13)."""

from __future__ import annotations

import datetime as dt

from coordination.rules.working_time import Calendar

TIMES = 2


def moments(calendar: Calendar, reply_by: dt.date) -> list[dt.datetime]:
    """The opening of each of the two working days that follow the day by which an answer was asked for.

    Raises UnknownDay, NoWorkingTime.
    """
    evening = dt.datetime.combine(reply_by, dt.time(12), calendar.zone)
    days = [calendar.close_of(evening, count).date() for count in range(1, TIMES + 1)]
    return [calendar.segments(day)[0][0] for day in days]
