"""The page of dated settings: what holds, since when, what comes; set through the one act (R4, R10, R14)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enterprises.models import AuditEntry
from supplies import reporting_settings
from supplies.models import ReportingSetting
from tests.supplies.correction_blocks.conftest import browser
from tests.supplies.daily_reports.plants import COUNTY, DAY, OTHER_COUNTY, City, at, settle

pytestmark = pytest.mark.django_db
PAGE, SET = "/supplies/settings/", "/supplies/settings/set/"
SAID = {"name": "carry_days", "value": "5", "starts_on": DAY.isoformat(), "division": "", "reason": "春节"}


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 12), tick=False) as clock:
        yield clock


def shown(client: Any, name: str) -> list[tuple[str, str, list[str]]]:
    settings = {one.name: one for one in client.get(PAGE).context["settings"]}
    return [(held.place, held.words, [words for _, words in held.coming]) for held in settings[name].held]


def test_shows_defaults_then_what_holds_since_when_and_what_comes(city: City) -> None:
    officer = browser(city, "city")
    assert shown(officer, "carry_days") == [("全部单位", "3 天", [])]
    assert shown(officer, "cut_off") == [("全部单位", "当天 18:00", [])]
    assert officer.post(SET, SAID).status_code == 303
    later = (DAY + dt.timedelta(days=9)).isoformat()
    officer.post(SET, SAID | {"value": "2", "starts_on": later})
    officer.post(SET, SAID | {"value": "1", "starts_on": later, "division": COUNTY})
    assert shown(officer, "carry_days") == [("全部单位", "5 天", ["2 天"]), ("甲县", "同上级", ["1 天"])]
    assert reporting_settings.on(DAY)[COUNTY].carry_days == 5
    assert reporting_settings.on(DAY + dt.timedelta(days=9))[COUNTY].carry_days == 1
    assert reporting_settings.on(DAY + dt.timedelta(days=9))[OTHER_COUNTY].carry_days == 2
    assert AuditEntry.objects.filter(act="reporting_setting.set").count() == 3
    row = ReportingSetting.objects.get(starts_on=DAY)
    assert (row.actor, row.reason) == (city["city"], "春节")


def test_the_same_press_twice_sets_it_once(city: City) -> None:
    officer = browser(city, "admin")
    for _ in range(2):
        assert officer.post(SET, SAID).status_code == 303
    assert ReportingSetting.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"value": "许多"}, "天数应为"),
        ({"name": "cut_off", "value": "25:00"}, "截止时间应写作"),
        ({"name": "flash_at", "value": "18:30", "division": COUNTY}, "只对全部单位"),
        ({"name": "go_live", "value": "2020-01-01"}, "请选择"),
        ({"name": ""}, "请选择"),
        ({"starts_on": ""}, "从哪天起"),
        ({"starts_on": "2020-02-30"}, "2020-02-30"),
        ({"starts_on": "1999-12-31"}, "不能早于"),
        ({"reason": ""}, "理由"),
    ],
)
def test_refuses_in_words_and_keeps_what_was_typed(city: City, change: dict[str, str], word: str) -> None:
    answer = browser(city, "city").post(SET, SAID | change)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert word in text
    assert f'value="{(SAID | change)["value"]}"' in text
    assert not ReportingSetting.objects.exists()


def test_only_who_may_set_sees_the_page_and_only_for_divisions_within_reach(city: City) -> None:
    for who in ("county", "leader", "clerk", "liaison"):
        assert browser(city, who).get(PAGE).status_code == 403
        assert browser(city, who).post(SET, SAID).status_code == 403
    assert browser(city, "city").post(SET, SAID | {"division": "110000"}).status_code == 404
    assert not ReportingSetting.objects.exists()


def test_is_reached_from_the_closing_page(city: City) -> None:
    assert f'href="{PAGE}"' in browser(city, "city").get("/supplies/days/", follow=True).content.decode()
    assert f'href="{PAGE}"' not in browser(city, "county").get("/supplies/days/", follow=True).content.decode()


def test_asks_as_often_however_much_is_set(city: City) -> None:
    officer, counted = browser(city, "city"), []
    for days in range(3):
        officer.post(SET, SAID | {"starts_on": (DAY + dt.timedelta(days=days)).isoformat(), "division": COUNTY})
        with CaptureQueriesContext(connection) as asked:
            officer.get(PAGE)
        counted.append(len(asked))
    assert counted[1] == counted[2]
