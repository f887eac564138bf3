"""Pure: what is said of a visit, taken apart; where a promise stands."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

MOST_FACTS, LONGEST_FACT = 20, 500
STALE_DAYS = 7
"""After so many days without a visit an enterprise is to be visited again."""
_BULLET = re.compile(r"^\s*(?:[-*•·●]|[（(]?[0-9]{1,2}[)）.、．]|[①-⑳])\s*")


def facts(notes: str) -> list[str]:
    """The facts of some notes, one a line; bullets and numbers before them are left out.

    >>> facts("1. 两条线在开\\n\\n2、缺 8 名包装工\\n- 布料够 3 天")
    ['两条线在开', '缺 8 名包装工', '布料够 3 天']
    >>> facts("3.5 吨布料已到"), facts("（1）口罩 20 万")
    (['3.5 吨布料已到'], ['口罩 20 万'])
    """
    lines = (_unnumbered(line) for line in notes.split("\n"))
    return [line for line in lines if line]


def _unnumbered(line: str) -> str:
    found = _BULLET.match(line)
    # "3.5 吨" begins with a figure, not with the number of a list
    if found is None or (
        found.group().rstrip().endswith((".", "．")) and line[found.end() : found.end() + 1].isdigit()
    ):
        return line.strip()
    return line[found.end() :].strip()


def look(due_on: dt.date, today: dt.date) -> str:
    """How urgent a promise is: over, today, soon (within three days), or ''.

    >>> day = dt.date(2020, 3, 27)
    >>> look(dt.date(2020, 3, 26), day), look(day, day), look(dt.date(2020, 3, 30), day), look(dt.date(2020, 4, 1), day)
    ('over', 'today', 'soon', '')
    """
    if due_on < today:
        return "over"
    if due_on == today:
        return "today"
    return "soon" if (due_on - today).days <= 3 else ""


def spoken(due_on: dt.date, today: dt.date) -> str:
    """The day of a promise as one says it.

    >>> day = dt.date(2020, 3, 27)
    >>> [spoken(dt.date(2020, 3, d), day) for d in (25, 26, 27, 28, 31)]
    ['已过 2 天', '昨天到期', '今天', '明天', '3月31日']
    """
    days = (due_on - today).days
    near = {-1: "昨天到期", 0: "今天", 1: "明天", 2: "后天"}
    return near.get(days) or (f"已过 {-days} 天" if days < 0 else f"{due_on.month}月{due_on.day}日")


def due_at(first: dt.date, moves: Iterable[tuple[dt.datetime, dt.date]], at: dt.datetime) -> dt.date:
    """The day that held at a moment, from the first one and the moves (when, to which day) in order."""
    day = first
    for moment, moved_to in moves:
        if moment <= at:
            day = moved_to
    return day
