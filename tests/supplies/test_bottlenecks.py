"""Bottlenecks: which shortage costs how much capacity today, and how long materials last (R3, R17)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from supplies.models import Limit, ReportLine
from tests.factories import supplies
from tests.factories.reports import report, summed
from tests.supplies.daily_reports.plants import COUNTY, DAY, FABRIC, MASK, OTHER_COUNTY, SUIT, at, settle

pytestmark = pytest.mark.django_db
PAGE = "/supplies/daily-totals/bottlenecks/"


@pytest.fixture
def city():
    return settle()


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(DAY, 19), tick=False):
        yield


@pytest.fixture
def said(city):
    """a: masks, material 300 and labour 100; b: suits, energy, how much is not said; c: masks, material 50."""
    supplies.duty(city.c, MASK)
    a = report(city.a, DAY, {MASK: (700, 600, 0), FABRIC: (0, 0, 70)})
    b = report(city.b, DAY, {SUIT: (10, 10, 0)})
    c = report(city.c, DAY, {MASK: (50, 50, 0)})
    Limit.objects.bulk_create(
        [
            Limit(revision=a, reason="material", product_id=MASK, lost=300_000),
            Limit(revision=a, reason="labour", product_id=MASK, lost=100_000),
            Limit(revision=b, reason="energy", product_id=SUIT),
            Limit(revision=b, reason="money"),
            Limit(revision=c, reason="material", product_id=MASK, lost=50_000),
        ]
    )
    return city


def look(city, who="city", **asked):
    client = Client()
    client.force_login(city[who])
    return client.get(PAGE, {"date": DAY.isoformat(), **asked})


def test_the_costliest_reason_of_a_product_comes_first_and_reasons_are_not_added(said):
    page = look(said).context["page"]
    masks, suits = page.bounds
    assert (masks.product, masks.capacity) == (MASK, 750_000)
    assert [(c.reason, c.lost, c.enterprises, c.unsaid) for c in masks.causes] == [
        ("material", 350_000, 2, 0), ("labour", 100_000, 1, 0),
    ]  # fmt: skip
    assert [(c.reason, c.lost, c.enterprises, c.unsaid) for c in suits.causes] == [("energy", 0, 1, 1)]
    assert [(c.reason, c.enterprises) for c in page.unassigned] == [("money", 1)]
    assert (page.reporting, page.limited) == (3, 3)


def test_the_list_begins_with_who_loses_the_largest_part_of_his_own(said):
    page = look(said).context["page"]
    assert [(n.uscc, n.reason) for n in page.named][:3] == [
        (said.c.uscc, "material"), (said.a.uscc, "material"), (said.a.uscc, "labour"),
    ]  # fmt: skip
    assert [n.reason for n in look(said, reason="energy").context["page"].named] == ["energy"]


def test_counties_and_one_product(said):
    page = look(said, product=MASK).context["page"]
    assert {p.code: (p.enterprises[0], p.lost[0]) for p in page.places} == {
        COUNTY: (1, 300_000),
        OTHER_COUNTY: (1, 50_000),
    }
    assert {n.product for n in page.named} == {MASK}


def test_materials_last_as_long_as_stock_over_use_rounded_down(said):
    line = ReportLine.objects.get(product=FABRIC)
    ReportLine.objects.bulk_create(
        [
            ReportLine(
                revision=line.revision, enterprise=said.a, day=DAY, product_id="MAT_PP", stock=100_000, used=40_000,
                received=5_000,
            )
        ]
    )  # fmt: skip
    page = look(said).context["page"]
    assert [(one.stock, one.used, one.days_left) for one in page.supplies] == [
        (100_000, 40_000, 2), (70_000, None, None),
    ]  # fmt: skip
    assert [(m.stock, m.days, m.short) for m in page.materials if m.days is not None] == [(100_000, 2, 1)]
    assert page.short == 1


def test_only_reports_of_the_day_are_looked_at(said):
    with time_machine.travel(at(DAY + dt.timedelta(days=1), 19), tick=False):
        page = look(said, date=(DAY + dt.timedelta(days=1)).isoformat()).context["page"]
    assert (page.reporting, page.named, page.bounds) == (0, (), ())


def test_a_later_revision_takes_a_limit_back(said):
    report(said.a, DAY, {MASK: (1000, 900, 0), FABRIC: (0, 0, 70)}, hour=10)
    page = look(said).context["page"]
    assert [(c.reason, c.lost) for c in page.bounds[0].causes] == [("material", 50_000)]


def test_a_county_sees_its_own_and_others_no_sources(said):
    page = look(said, "county").context["page"]
    assert {n.uscc for n in page.named} == {said.a.uscc, said.b.uscc}
    assert look(said, "county", division=OTHER_COUNTY).status_code == 404
    assert look(said, "province").status_code == 403
    assert look(said, "liaison").status_code == 403
    for garbage in ({"product": "x"}, {"date": "x"}, {"product": "\0"}):
        assert look(said, **garbage).status_code == 400
    assert look(said, reason="x").status_code == 200


def test_the_page_asks_a_fixed_number_of_questions(said):
    summed()
    with CaptureQueriesContext(connection) as before:
        look(said)
    Limit.objects.bulk_create(
        Limit(revision=revision, reason=reason, product_id=MASK, lost=1)
        for revision in {limit.revision for limit in Limit.objects.all()}
        for reason in ("logistics", "equipment", "licence")
    )
    with CaptureQueriesContext(connection) as after:
        look(said)
    assert len(after) == len(before)
