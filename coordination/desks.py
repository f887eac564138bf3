"""The liaison officer's desk: the enterprises one is attached to, with where each stands today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from enterprises.models import Account
from supplies import reporting_settings
from supplies.rosters import Entry, Filters, roster

FILED = ("on_time", "late", "unexpected")
OWING = ("carried", "stale", "never")


@dataclass(frozen=True)
class Desk:
    """Those who still owe today's report first, then those who have filed, then those who owe nothing."""

    day: dt.date
    cut_off_at: dt.datetime | None
    left: dt.timedelta | None
    owing: tuple[Entry, ...]
    filed: tuple[Entry, ...]
    others: tuple[Entry, ...]

    @property
    def count(self) -> int:
        return len(self.owing) + len(self.filed) + len(self.others)


def desk(account: Account) -> Desk:
    """What the officer has to do today. Refuses: forbidden (no enterprises:read)."""
    entries = roster(account, Filters(sort="name")).entries
    day = timezone.localdate()
    settings = reporting_settings.on(day)
    cut_offs = [settings[e.division].cut_off_at for e in entries if e.division in settings]
    cut_off = min(cut_offs, default=None)
    left = cut_off - timezone.now() if cut_off is not None else None
    return Desk(
        day=day,
        cut_off_at=cut_off,
        left=left if left is not None and left > dt.timedelta(0) else None,
        owing=tuple(sorted((e for e in entries if e.status in OWING), key=lambda e: -(e.last_known or 0))),
        filed=tuple(e for e in entries if e.status in FILED),
        others=tuple(e for e in entries if e.status not in OWING and e.status not in FILED),
    )
