"""The morning sheet: what came overnight (R4, R14), and what runs out within the week (R18)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import supplies
from tests.factories.reports import report
from tests.supplies.daily_reports.plants import COUNTY, DAY, MASK, OTHER_COUNTY, SUIT, at, settle

pytestmark = pytest.mark.django_db
MORNING = "/supplies/days/morning/"
TODAY = DAY + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(TODAY, 8), tick=False):
        yield


@pytest.fixture
def city():
    """a made masks on time, b suits after the cut-off (18:00); c has not reported."""
    city = settle()
    report(city.a, DAY, {MASK: (100, 90, 0)}, hour=9)
    report(city.b, DAY, {SUIT: (50, 40, 0)}, hour=20)
    return city


def look(city, who="leader", **asked):
    client = Client()
    client.force_login(city[who])
    return client.get(MORNING, asked)


def sheet(city, **asked):
    return look(city, **asked).context["sheet"]


def licensed(city, ends, starts=dt.date(2015, 1, 1), **more):
    return supplies.licence(city.a, MASK, valid_from=starts, valid_to=ends, **more)


def test_says_what_came_between_the_cut_off_and_now(city):
    found = sheet(city)
    assert (found.day, found.since) == (DAY, at(DAY, 18))
    assert (found.was.reported, found.now.reported, found.now.late, found.came) == (1, 2, 1, 1)
    told = [(c.measure, p.code, p.was, p.now, p.difference) for c in found.changes for p in c.products]
    assert told == [("capacity", SUIT, 0, 50_000, 50_000), ("output", SUIT, 0, 40_000, 40_000)]


def test_r18_a_certificate_that_runs_out_takes_its_capacity_along_the_day_after(city):
    licensed(city, TODAY + dt.timedelta(days=3))
    (one,) = sheet(city).lapses
    assert (one.uscc, one.product, one.capacity) == (city.a.uscc, MASK, 100_000)
    assert (one.lapses_on, one.days_left) == (TODAY + dt.timedelta(days=4), 4)
    (hanging,) = sheet(city).hanging
    assert (hanging.enterprises, hanging.capacity, hanging.licensed) == (1, 100_000, 100_000)


@pytest.mark.parametrize(
    "ends, lapses",
    [(-1, False), (0, True), (6, True), (7, False), (60, False), (None, False)],
)
def test_r18_only_what_licenses_today_and_not_through_the_week(city, ends, lapses):
    licensed(city, TODAY + dt.timedelta(days=ends) if ends is not None else None)
    assert bool(sheet(city).lapses) == lapses


def test_r18_a_second_certificate_that_follows_without_a_gap_loses_nothing(city):
    licensed(city, TODAY + dt.timedelta(days=3), number="A1")
    licensed(city, None, starts=TODAY + dt.timedelta(days=4), number="A2")
    assert sheet(city).lapses == ()


def test_r18_a_gap_of_a_day_is_a_lapse(city):
    licensed(city, TODAY + dt.timedelta(days=3), number="A1")
    licensed(city, None, starts=TODAY + dt.timedelta(days=5), number="A2")
    assert [one.lapses_on for one in sheet(city).lapses] == [TODAY + dt.timedelta(days=4)]


def test_a_pending_or_revoked_certificate_is_none(city):
    licensed(city, TODAY + dt.timedelta(days=3), status="revoked")
    assert sheet(city).lapses == ()


def test_is_for_those_who_see_sources_and_of_their_divisions(city):
    for who in ("city", "county", "leader", "auditor"):
        assert look(city, who).status_code == 200
    for who in ("province", "liaison"):
        assert look(city, who).status_code == 403
    assert look(city, "county", division=OTHER_COUNTY).status_code == 404
    assert look(city, "county", division=COUNTY).context["sheet"].now.expected == 2
    assert look(city, date="x").status_code == 400
    assert look(city, date=TODAY.isoformat()).status_code == 200
    assert look(city, date="1999-01-01").status_code == 200


def test_asks_a_fixed_number_of_questions(city):
    licensed(city, TODAY + dt.timedelta(days=3))
    with CaptureQueriesContext(connection) as before:
        look(city)
    supplies.duty(city.b, MASK)
    supplies.duty(city.c, MASK)
    for plant in (city.b, city.c):
        report(plant, DAY, {MASK: (10, 10, 0)}, hour=21)
        supplies.licence(plant, MASK, valid_to=TODAY + dt.timedelta(days=2))
    with CaptureQueriesContext(connection) as after:
        look(city)
    assert len(after) == len(before)
