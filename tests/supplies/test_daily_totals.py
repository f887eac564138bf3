"""The drain's order of work, and what it says about what it has not done yet (R21)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from enterprises.models import StaleMark
from supplies import daily_totals
from supplies.models import DayVersion
from tests.supplies.daily_reports.plants import DAY, City, at, settle

pytestmark = pytest.mark.django_db

ONE = dt.timedelta(days=1)


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 12), tick=False) as clock:
        yield clock


def mark(first: dt.date, subject: int | None = None) -> None:
    StaleMark.objects.create(from_day=first, to_day=None, subject=subject, cause="report")


def days_before(count: int) -> list[dt.date]:
    return [DAY - ONE * back for back in reversed(range(count))]


def settled(city: City, count: int) -> list[dt.date]:
    """Days with totals, the oldest first."""
    assert city.a
    days = days_before(count)
    mark(days[0])
    daily_totals.refresh_all()
    return days


def test_today_and_the_days_that_reports_changed_get_every_second_turn(city: City) -> None:
    days = settled(city, 30)
    order = daily_totals.stale_days([(days[0], None), (days[10], None)], filed={days[10]})
    assert {DAY, days[10]} < set(order[:4])
    assert sorted(order) == days


def test_a_stream_of_corrections_lets_no_day_wait_until_it_ends(city: City) -> None:
    """Each slice here has time for one day, and all days are marked again before the next one."""
    days = settled(city, 6)
    before = dict(DayVersion.objects.values_list("day", "version"))
    for _ in range(4 * len(days)):
        for day in days:
            mark(day, subject=1)
        assert daily_totals.refresh(budget=0) == 1
    after = dict(DayVersion.objects.values_list("day", "version"))
    assert [day for day in days if after[day] == before[day]] == []


def test_a_day_that_the_budget_did_not_reach_is_as_old_as_its_mark(city: City, clock: Any) -> None:
    """R14: what says that everything up to a moment is in the totals must hold for all days."""
    days = settled(city, 4)
    mark(days[0])
    clock.shift(dt.timedelta(seconds=30))
    mark(days[-1])
    assert daily_totals.refresh(budget=0) == 1
    assert daily_totals.complete_until() == at(DAY, 12)
    daily_totals.refresh_all()
    assert daily_totals.complete_until() == at(DAY, 12) + dt.timedelta(seconds=30)


def test_days_left_over_keep_the_age_of_the_oldest_mark_on_them(city: City) -> None:
    days = days_before(3)
    early, late = at(DAY, 9), at(DAY, 10)
    daily_totals.leave(set(days), [(days[0], days[1], late), (days[1], None, early), (days[0], days[1], late)])
    rows = StaleMark.objects.order_by("from_day").values_list("from_day", "to_day", "created_at")
    assert list(rows) == [(days[0], days[0], late), (days[1], days[2], early)]
    assert city.a
