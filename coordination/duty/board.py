"""The board of duty: who can be called now, place by place, and where the next day has a hole."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from coordination.duty import shifts
from coordination.duty.places import Place, places
from coordination.models import DutyShift
from coordination.rules import duty as rules
from coordination.rules.duty import Span, Watch
from enterprises.models import Account

AHEAD = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Standing:
    """A place, who is on duty there, and the spans of the next day in which nobody is."""

    place: Place
    shift: DutyShift | None
    gaps: list[Span]

    @property
    def first_gap(self) -> Span | None:
        return self.gaps[0] if self.gaps else None


@dataclass(frozen=True)
class Board:
    """Places with a roster, and those that have none for now."""

    at: dt.datetime
    rostered: list[Standing]
    without: list[Place]

    @property
    def holes(self) -> int:
        return sum(1 for one in self.rostered if one.shift is None)


def board(account: Account, at: dt.datetime | None = None) -> Board:
    """All places. A fixed number of queries. Refuses forbidden."""
    at = at or timezone.now()
    known = places(account)
    on_duty = shifts.now(at)
    coming: dict[tuple[str | None, int | None], list[Watch]] = {}
    week = DutyShift.objects.filter(dropped_at=None, ends_at__gt=at - 7 * AHEAD, starts_at__lt=at + AHEAD)
    for one in week:
        watch = Watch(one.part, one.name, one.starts_at, one.ends_at, one.pk)
        coming.setdefault((one.division_id, one.organisation_id), []).append(watch)
    rostered, without = [], []
    for place in known:
        key = (place.division, place.organisation)
        if key not in coming:
            without.append(place)
            continue
        shift = on_duty.of(division=place.division, organisation=place.organisation)
        rostered.append(Standing(place, shift, rules.gaps(coming[key], at, at + AHEAD)))
    return Board(at, sorted(rostered, key=lambda one: one.shift is not None), without)
