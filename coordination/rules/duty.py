"""Pure: who is on duty at a moment, and where a roster has gaps or names two for the same part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[dt.datetime, dt.datetime]
DAY_BEGINS = dt.time(8)
"""When a day of duty begins; it ends when the next one begins."""


@dataclass(frozen=True)
class Watch:
    """One row of a roster, half-open; `key` names the row, `who` the person."""

    part: str
    who: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    key: int = 0


@dataclass(frozen=True)
class Overlap:
    """Two rows for the same part at the same time."""

    part: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    who: tuple[str, str]


def on_duty(watches: Iterable[Watch], at: dt.datetime, away: Iterable[str] = ()) -> Watch | None:
    """Who is asked at a moment: A, else B; of two rows for a part the one that began last. Nobody who is away.

    >>> a, b = (dt.datetime(2026, 1, 1, h) for h in (8, 20))
    >>> rows = [Watch("B", "乙", a, b), Watch("A", "甲", a, b)]
    >>> on_duty(rows, a).who, on_duty(rows, a, away={"甲"}).who, on_duty(rows, b)
    ('甲', '乙', None)
    """
    gone = set(away)
    standing = [w for w in watches if w.starts_at <= at < w.ends_at and w.who not in gone]
    return min(standing, key=lambda w: (w.part, -w.starts_at.timestamp(), -w.key), default=None)


def gaps(watches: Iterable[Watch], first: dt.datetime, last: dt.datetime) -> list[Span]:
    """Spans within [first, last) in which nobody is on duty, in order."""
    found, reached = [], first
    for watch in sorted(watches, key=lambda w: w.starts_at):
        if watch.starts_at >= last:
            break
        if watch.starts_at > reached:
            found.append((reached, watch.starts_at))
        reached = max(reached, watch.ends_at)
    if reached < last:
        found.append((reached, last))
    return found


def overlaps(watches: Sequence[Watch]) -> list[Overlap]:
    """Pairs of rows that name two people for one part at one time, in order."""
    found = []
    rows = sorted(watches, key=lambda w: (w.starts_at, w.key))
    for at, one in enumerate(rows):
        for other in rows[at + 1 :]:
            if other.starts_at >= one.ends_at:
                break
            if other.part == one.part:
                until = min(one.ends_at, other.ends_at)
                found.append(Overlap(one.part, other.starts_at, until, (one.who, other.who)))
    return found


def slots(day: dt.date, count: int, zone: dt.tzinfo) -> list[Span]:
    """The shifts of one day of duty: `count` of equal length, from eight in the morning to eight the next.

    >>> [f"{a:%H}-{b:%H}" for a, b in slots(dt.date(2026, 1, 1), 3, dt.UTC)]
    ['08-16', '16-00', '00-08']
    """
    begin = dt.datetime.combine(day, DAY_BEGINS, zone)
    length = dt.timedelta(hours=24) / count
    return [(begin + n * length, begin + (n + 1) * length) for n in range(count)]
