"""The time left to the cut-off, as the submit bar shows it; the page's clock is the server's (R4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Countdown:
    """`used` = per mille of the last 24 hours before the cut-off that are gone."""

    cut_off_at: dt.datetime
    left: dt.timedelta
    used: int

    @property
    def is_late(self) -> bool:
        """The cut-off itself is late already."""
        return self.left <= dt.timedelta(0)

    @property
    def percent(self) -> str:
        """Width of the bar."""
        return f"{self.used // 10}.{self.used % 10}%"

    @property
    def cut_off_ms(self) -> int:
        """For the page's script: milliseconds since the epoch."""
        return int(self.cut_off_at.timestamp() * 1000)


def countdown(cut_off_at: dt.datetime | None, day: dt.date, now: dt.datetime) -> Countdown | None:
    """The countdown at `now`; None where no cut-off holds."""
    if cut_off_at is None:
        return None
    left = cut_off_at - now
    gone = A_DAY - min(max(left, dt.timedelta(0)), A_DAY)
    return Countdown(cut_off_at, left, int(gone / A_DAY * 1000))
