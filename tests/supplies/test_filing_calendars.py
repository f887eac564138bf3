"""The days of an enterprise: which one is to be filled in next (R1, R4, R13)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from supplies import closings, filing_calendars
from tests.supplies.daily_reports.plants import DAY, City, at, file, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(at(DAY, 12), tick=False) as clock:
        yield clock


def test_proposes_the_oldest_open_day_not_yet_filed_r1(city: City, clock: Any) -> None:
    days = [DAY - dt.timedelta(days=back) for back in range(8)]
    for day in days[2:]:
        file(city, day=day, received_at=at(DAY, 11))
    assert filing_calendars.calendar(city.a, today=DAY).proposed.day == days[1]
    closings.close(actor=None, day=days[1], kind="flash")
    assert filing_calendars.calendar(city.a, today=DAY).proposed.day == days[1]
    closings.close(actor=None, day=days[1], kind="final")
    calendar = filing_calendars.calendar(city.a, today=DAY)
    assert calendar.proposed.day == DAY
    assert [one.day for one in calendar.days if one.is_closed] == [days[1]]
    closings.reopen(actor=None, day=days[1], enterprise=city.a, reason="补", until=at(DAY, 13))
    assert filing_calendars.calendar(city.a, today=DAY).proposed.day == days[1]
