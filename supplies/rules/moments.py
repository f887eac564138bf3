"""How days, moments and spans of time are written. Moments are shown in Asia/Shanghai (R1), whatever they came in."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from supplies.rules.display import DASH

HERE = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"


def short_day(day: dt.date | None, *, today: dt.date) -> str:
    """Month and day; the year only outside the current one.

    >>> short_day(dt.date(2020, 3, 27), today=dt.date(2020, 5, 1))
    '3月27日'
    >>> short_day(dt.date(2019, 3, 7), today=dt.date(2020, 5, 1))
    '2019年3月7日'
    """
    if day is None:
        return DASH
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"


def zh_day(day: dt.date | None, *, today: dt.date) -> str:
    """The day with its weekday.

    >>> zh_day(dt.date(2020, 3, 27), today=dt.date(2020, 3, 27))
    '3月27日 周五'
    """
    return DASH if day is None else f"{short_day(day, today=today)} 周{WEEKDAYS[day.weekday()]}"


def clock(moment: dt.datetime | dt.time | None, *, with_seconds: bool = False) -> str:
    """Hours and minutes, on a receipt seconds too; an aware moment is brought here first.

    >>> clock(dt.datetime(2020, 3, 27, 10, 20, 7, tzinfo=dt.timezone.utc)), clock(dt.time(9, 5))
    ('18:20', '09:05')
    """
    if moment is None:
        return DASH
    if isinstance(moment, dt.datetime):
        moment = moment.astimezone(HERE).time()
    return moment.strftime("%H:%M:%S" if with_seconds else "%H:%M")


def stamp(moment: dt.datetime | None, *, today: dt.date, with_seconds: bool = False) -> str:
    """A moment as a clock on its day.

    >>> stamp(dt.datetime(2020, 3, 26, 16, 0, tzinfo=dt.timezone.utc), today=dt.date(2020, 3, 27))
    '3月27日 00:00'
    """
    if moment is None:
        return DASH
    return f"{short_day(moment.astimezone(HERE).date(), today=today)} {clock(moment, with_seconds=with_seconds)}"


def span(length: dt.timedelta) -> str:
    """A length of time in its two largest units, seconds left out.

    >>> span(dt.timedelta(hours=2, minutes=14, seconds=50)), span(dt.timedelta(days=2, hours=3)), span(dt.timedelta(0))
    ('2 小时 14 分', '2 天 3 小时', '不到 1 分')
    >>> span(dt.timedelta(minutes=12)), span(dt.timedelta(days=1))
    ('12 分', '1 天')
    """
    minutes = int(length.total_seconds()) // 60
    days, hours, left = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{n} {unit}" for n, unit in ((days, "天"), (hours, "小时"), (left, "分")) if n]
    return " ".join(parts[:2]) if minutes > 0 else "不到 1 分"
