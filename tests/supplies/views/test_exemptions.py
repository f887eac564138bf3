"""R2: exempting from the list of who has reported, with days and a reason, within reach."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from supplies import daily_totals
from supplies.models import Exemption
from tests.supplies.daily_reports.plants import DAY, City, at, settle

pytestmark = pytest.mark.django_db
COVERAGE, EXEMPT = "/supplies/daily-reports/coverage/", "/supplies/daily-reports/coverage/exempt/"


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 17), tick=False):
        yield


def press(city: City, who: str = "county", **changes: str) -> Any:
    client = Client()
    client.force_login(city[who])
    said = {"enterprise": city.a.uscc, "starts_on": "2020-03-27", "ends_on": "2020-03-29", "reason": "停产检修"}
    return client.post(EXEMPT, {**said, "back": f"{COVERAGE}?date=2020-03-27", **changes}, follow=True)


def test_r2_an_exempted_enterprise_leaves_the_expected_from_its_first_day_to_its_last(city):
    before = press(city, reason="").context["page"].counts
    assert before.expected == 2
    answer = press(city)
    assert "已豁免" in answer.content.decode()
    daily_totals.refresh_all()
    page = answer.client.get(COVERAGE, {"date": "2020-03-27"}).context["page"]
    assert (page.counts.expected, page.exempted) == (1, 1)
    exemption = Exemption.objects.get()
    assert (exemption.starts_on, exemption.ends_on, exemption.reason) == (DAY, DAY + dt.timedelta(days=2), "停产检修")


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"reason": " "}, "请写明豁免事由"),
        ({"starts_on": ""}, "起止日期"),
        ({"ends_on": "2020-02-30"}, "没有豁免"),
        ({"ends_on": "2020-03-26"}, "截止日期早于起始日期"),
        ({"product": "x"}, None),
        ({"approver": "x" * 61}, "没有豁免"),
    ],
)
def test_bad_input_is_said_and_stores_nothing(city, changes, reason):
    answer = press(city, **changes)
    assert answer.status_code in (200, 404)
    assert reason is None or reason in answer.content.decode()
    assert Exemption.objects.count() == 0


def test_a_second_press_changes_nothing(city):
    press(city)
    press(city)
    assert Exemption.objects.count() == 1


def test_only_within_reach_and_by_those_who_may(city):
    assert press(city, enterprise=city.c.uscc).status_code == 404
    assert press(city, enterprise="\0").status_code == 404
    for who in ("leader", "auditor", "liaison", "province"):
        assert press(city, who).status_code == 403
    assert Exemption.objects.count() == 0


def test_the_list_offers_it_to_those_who_may(city):
    client = Client()
    client.force_login(city["county"])
    page = client.get(COVERAGE, {"date": "2020-03-27"}).content.decode()
    assert "豁免这些天" in page
    assert f"/supplies/daily-reports/2020-03-27/?enterprise={city.a.uscc}" in page
    client.force_login(city["leader"])
    page = client.get(COVERAGE, {"date": "2020-03-27"}).content.decode()
    assert "豁免这些天" not in page
    assert "代企业填报" not in page
