"""The published figures, and the check that the totals of the demonstration city give them exactly."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, Sum

from coordination.rules.demonstration import LAST, MIDDLE
from coordination.rules.demonstration.calendar import Calendar
from enterprises.choices import MembershipList
from enterprises.models import Membership
from supplies.choices import Grain
from supplies.models import DailyTotal

MASKS, SUITS = Q(grain=Grain.CATEGORY, key="mask"), Q(grain=Grain.PRODUCT, key__in=["SUIT_STERILE", "SUIT_NONST"])

CAPACITY = [
    (0, MASKS, 50_000),
    (MIDDLE, MASKS, 5_000_000),
    (MIDDLE, SUITS, 15_000),
    (LAST, MASKS, 8_650_000),
    (LAST, SUITS, 30_000),
]
"""(Story day, what, units a day)."""
CUMULATIVE = [(MASKS, 180_000_000), (SUITS, 508_000)]
"""(What, units) made by the end of the last story day, openings included."""
UNDER_DUTY = [(0, 1), (LAST, 104)]
KEY = 30


class NotAsPublished(Exception):
    """The story does not give the published figures: a fault of ours, and nothing is laid."""


def check(calendar: Calendar) -> None:
    """Compare; raises NotAsPublished with the first figure that differs."""
    for offset, what, units in CAPACITY:
        _same(f"capacity on day {offset}", capacity(calendar.day(offset), what), units * 1000)
    for what, units in CUMULATIVE:
        _same("cumulative output", cumulative(calendar.day(LAST), what), units * 1000)
    for offset, count in UNDER_DUTY:
        _same(f"under duty on day {offset}", expected(calendar.day(offset)), count)
    listed = Membership.objects.believed().on(calendar.day(LAST)).filter(list=MembershipList.KEY)
    _same("key enterprises", listed.count(), KEY)


def capacity(day: dt.date, what: Q) -> int:
    """Capacity (thousandths a day) as the stored totals give it, carried included."""
    return _sum(DailyTotal.objects.filter(what, day=day, licensed=False), "capacity")


def cumulative(day: dt.date, what: Q) -> int:
    """Openings and outputs up to and including the day (R11), in thousandths."""
    rows = DailyTotal.objects.filter(what, day__lte=day, licensed=False)
    return _sum(rows, "output") + _sum(rows, "opening")


def expected(day: dt.date) -> int:
    """Enterprises expected on the day, over all products (R12)."""
    return _sum(DailyTotal.objects.filter(day=day, grain=Grain.ALL), "expected")


def _sum(rows: Any, column: str) -> int:
    return int(rows.aggregate(sum=Sum(column))["sum"] or 0)


def _same(what: str, found: int, published: int) -> None:
    if found != published:
        raise NotAsPublished(f"{what}: {found}, published {published}")
