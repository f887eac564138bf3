"""Data quality: copied reports, recurring questions, stock that does not balance."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from supplies.models import Question, ReportLine
from tests.factories.reports import report
from tests.supplies.daily_reports.plants import COUNTY, DAY, MASK, OTHER_COUNTY, SUIT, City, at, settle

pytestmark = pytest.mark.django_db
PAGE = "/supplies/daily-reports/quality/"


def ago(days: int) -> dt.date:
    return DAY - dt.timedelta(days=days)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 19), tick=False):
        yield


@pytest.fixture
def city() -> City:
    return settle()


def look(city: City, who: str = "city", **asked: str) -> Any:
    client = Client()
    client.force_login(city[who])
    return client.get(PAGE, {"date": DAY.isoformat(), **asked})


def quality(city: City, **asked: str) -> Any:
    return look(city, **asked).context["page"]


def test_a_report_is_copied_when_every_figure_repeats_the_day_before(city):
    for days, output in ((4, 90), (3, 90), (2, 90), (1, 80), (0, 80)):
        report(city.a, ago(days), {MASK: (100, output, 5)})
    (row,) = quality(city).rows
    assert (row.uscc, row.reports, row.pairs, row.copied, row.run) == (city.a.uscc, 5, 4, 3, 2)
    assert quality(city).copied[-5:] == (0, 1, 1, 0, 1)


def test_a_day_without_report_breaks_the_comparison(city):
    report(city.a, ago(2), {MASK: (100, 90, 5)})
    report(city.a, ago(0), {MASK: (100, 90, 5)})
    (row,) = quality(city).rows
    assert (row.reports, row.pairs, row.copied) == (2, 0, 0)


def test_the_day_before_the_period_counts_as_comparison_only(city):
    report(city.a, ago(14), {MASK: (100, 90, 5)})
    report(city.a, ago(13), {MASK: (100, 90, 5)})
    (row,) = quality(city).rows
    assert (row.reports, row.copied) == (1, 1)


def test_stock_that_does_not_follow_from_the_day_before_is_counted(city):
    first = report(city.b, ago(1), {SUIT: (50, 40, 100)})
    last = report(city.b, ago(0), {})
    ReportLine.objects.create(
        revision=last, enterprise=city.b, day=DAY, product_id=SUIT, output=10_000, shipped=5_000, stock=90_000
    )
    assert first.lines.get().stock == 100_000
    (row,) = quality(city).rows
    assert row.unbalanced == 1
    assert quality(city).unbalanced[-1] == 1


def test_r20_a_stock_within_two_per_cent_balances_here_as_it_does_at_entry(city):
    report(city.b, ago(1), {SUIT: (50, 40, 100)})
    last = report(city.b, ago(0), {})
    ReportLine.objects.create(
        revision=last, enterprise=city.b, day=DAY, product_id=SUIT, output=10_000, shipped=5_000, stock=104_000
    )
    assert quality(city).rows[0].unbalanced == 0


def test_only_the_latest_revision_counts(city):
    report(city.a, ago(1), {MASK: (100, 90, 5)})
    report(city.a, DAY, {MASK: (100, 90, 5)}, hour=9)
    report(city.a, DAY, {MASK: (100, 95, 5)}, hour=10)
    (row,) = quality(city).rows
    assert (row.reports, row.copied) == (2, 0)


def test_a_question_on_three_days_recurs(city):
    for days in (3, 2, 1, 0):
        revision = report(city.a, ago(days), {MASK: (100, 90 + days, 5)})
        if days:
            Question.objects.create(revision=revision, product_id=MASK, measure="stock", code="balance", seen=1)
    (row,) = quality(city).rows
    assert row.questions == 3
    assert row.recurring == ("医用外科口罩库存对不上（3 天）",)


def test_counties_add_up_and_see_their_own(city):
    for plant in (city.a, city.b, city.c):
        report(plant, ago(1), {MASK: (10, 10, 0)})
        report(plant, ago(0), {MASK: (10, 10, 0)})
    page = quality(city)
    assert {p.code: (p.reports, p.copied) for p in page.places} == {COUNTY: (4, 2), OTHER_COUNTY: (2, 1)}
    assert (page.whole.reports, page.whole.copied) == (6, 3)
    assert {row.uscc for row in look(city, "county").context["page"].rows} == {city.a.uscc, city.b.uscc}
    assert look(city, "county", division=OTHER_COUNTY).status_code == 404
    assert look(city, "province").status_code == 403
    assert look(city, "clerk").status_code == 403
    assert look(city, date="x").status_code == 400


def test_the_page_asks_a_fixed_number_of_questions(city):
    report(city.a, DAY, {MASK: (10, 10, 0)})
    with CaptureQueriesContext(connection) as before:
        look(city)
    for plant in (city.a, city.b, city.c):
        for days in range(1, 10):
            report(plant, ago(days), {MASK: (10, 10, 0), SUIT: (1, 1, 1)})
    with CaptureQueriesContext(connection) as after:
        look(city)
    assert len(after) == len(before)
