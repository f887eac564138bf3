"""The state of a day and closing it by hand, and why a number changed since."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from enterprises import work_days
from supplies import daily_reports, daily_totals
from supplies.models import DailyReport, DayEvent, Snapshot
from tests.supplies.daily_reports.plants import CITY, DAY, City, at, figures, file, settle

pytestmark = pytest.mark.django_db

PAGE = f"/supplies/days/{DAY}/"
WHY = "/supplies/daily-totals/changes/"


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 19), tick=False) as clock:
        yield clock


def browser(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def close(city: City, kind: str = "final", who: str = "city") -> Any:
    client = browser(city, who)
    page = client.get(f"{PAGE}close/", {"kind": kind})
    since = page.context["since"] if page.status_code == 200 else "2020-03-27T19:00"
    return client.post(f"{PAGE}close/", {"kind": kind, "since": since})


def reopen(city: City, who: str = "city", **changes: str) -> Any:
    said = {"enterprise": city.a.uscc, "reason": "更正库存", "until": "2020-03-28T12:00"} | changes
    return browser(city, who).post(f"{PAGE}reopen/", said)


def test_the_confirming_page_says_who_is_missing_and_closing_keeps_a_snapshot(city: City) -> None:
    """R13."""
    file(city)
    page = browser(city, "city").get(f"{PAGE}close/", {"kind": "final"}).content.decode()
    assert "2 家还没报" in page
    assert city.b.name in page
    assert close(city).status_code == 302
    kept = Snapshot.objects.get()
    shown = browser(city, "county").get(PAGE).content.decode()
    assert "终报第 1 号" in shown
    assert kept.digest in shown
    assert "重新开放</button>" not in shown


def test_one_press_closes_once(city: City, clock: Any) -> None:
    client = browser(city, "city")
    since = client.get(f"{PAGE}close/", {"kind": "flash"}).context["since"]
    clock.shift(5)
    said = {"kind": "flash", "since": since}
    assert client.post(f"{PAGE}close/", said).status_code == 302
    clock.shift(1)
    again = client.post(f"{PAGE}close/", said)
    assert again.status_code == 409
    assert "没有初报" in again.content.decode()
    assert DayEvent.objects.count() == 1


def test_a_day_is_opened_again_for_one_enterprise_with_a_reason(city: City, clock: Any) -> None:
    """R13."""
    file(city)
    close(city)
    for changes in ({"reason": ""}, {"until": "soon"}, {"until": "2020-03-27T12:00"}, {"enterprise": "1"}):
        refused = reopen(city, **changes)
        assert refused.status_code in (404, 422)
        assert "没有重新开放" in refused.content.decode()
    assert reopen(city).status_code == 302
    page = browser(city, "city").get(PAGE)
    assert [h.event.enterprise_id for h in page.context["sheet"].open_for] == [city.a.pk]
    clock.shift(dt.timedelta(hours=2))
    file(city, form=figures(stock="10吨"), based_on=1, received_at=at(DAY, 21))
    later = browser(city, "city").get(PAGE)
    assert later.context["sheet"].arrived == 1
    assert "第 2 次修订" in later.content.decode()
    clock.shift(dt.timedelta(hours=20))
    assert browser(city, "city").get(PAGE).context["sheet"].open_for == ()


@pytest.mark.parametrize("who", ["county", "leader", "auditor", "province", "clerk", "liaison"])
def test_only_the_city_acts(city: City, who: str) -> None:
    seen = browser(city, who).get(PAGE).status_code
    assert seen == (403 if who in ("clerk", "liaison") else 200)
    assert close(city, who=who).status_code == 403
    assert reopen(city, who=who).status_code == 403
    assert not DayEvent.objects.exists()


def test_a_day_turns_by_the_picker_and_a_wrong_one_is_not_found(city: City) -> None:
    client = browser(city, "city")
    assert client.get(PAGE, {"date": "2020-03-26"})["Location"] == "/supplies/days/2020-03-26/"
    assert client.get(PAGE, {"date": "never"}).status_code == 404
    assert client.get(f"{PAGE}close/", {"kind": "odd"}).status_code == 404
    assert client.get("/supplies/days/").context["sheet"].day == DAY - dt.timedelta(days=1)


def test_why_a_number_changed_adds_up(city: City, clock: Any) -> None:
    """R13: from + parts = to, with the enterprise and its figures before and after."""
    file(city)
    close(city)
    clock.shift(60)
    report = DailyReport.objects.get()
    daily_reports.decide(actor=city["county"], report=report, revision=1, decision="returned", reason="请核对")
    page = browser(city, "city").get(WHY, {"date": DAY.isoformat(), "measure": "output"})
    sheet = page.context["sheet"]
    (masks,) = sheet.products
    assert (masks.was, masks.now, masks.summed) == (465_000_000, 0, 0)
    assert [(part.label, part.difference) for part in masks.parts] == [("退回", -465_000_000)]
    assert [(row.name, row.was, row.now) for row in masks.parts[0].behind] == [(city.a.name, 465_000_000, None)]
    assert "各项相加等于总差" in page.content.decode()
    assert [bar.look for bar in masks.bars] == ["tall", "less", "tall"]


def test_why_asks_for_a_snapshot_or_a_moment(city: City) -> None:
    file(city)
    client, today = browser(city, "city"), {"date": DAY.isoformat()}
    assert "这一天还没有终报" in client.get(WHY, today).content.decode()
    then = client.get(WHY, today | {"from": "2020-03-27T09:00:00+08:00", "product": "MASK_SURG"})
    assert then.context["sheet"].products[0].now == 480_000_000
    for wrong in (
        {"from": "x"},
        {"measure": "x"},
        {"product": "x"},
        {"from": "2020-03-27T18:00", "to": "2020-03-27T09:00"},
    ):
        assert client.get(WHY, today | wrong).status_code in (400, 422), wrong
    assert browser(city, "clerk").get(WHY, today).status_code == 403
    assert browser(city, "province").get(WHY, today | {"from": "2020-03-27T09:00"}).context["sheet"].traces is False
    assert browser(city, "county").get(WHY, today | {"division": CITY}).status_code == 404


def test_queries_do_not_depend_on_enterprises(city: City, django_assert_num_queries: Any) -> None:
    from tests.factories import enterprises as ground
    from tests.factories import supplies as plant

    file(city)
    close(city)
    client = browser(city, "county")
    for address in (PAGE, f"{WHY}?date={DAY}"):
        client.get(address)
        with django_assert_num_queries(80, exact=False) as few:
            client.get(address)
        for number in range(3):
            plant.duty(ground.enterprise(division="999901", name=f"新{number}厂"), "MASK_SURG")
        with django_assert_num_queries(len(few.captured_queries)):
            client.get(address)


def test_the_overview_says_what_changed_since_the_close_and_what_was_known_before(city: City, clock: Any) -> None:
    """R13, R14."""
    file(city)
    clock.shift(60)
    daily_totals.refresh_all()
    close(city)
    client, today = browser(city, "city"), {"date": DAY.isoformat()}
    assert client.get("/", today).context["closing"].changed == ()
    clock.shift(60)
    report = DailyReport.objects.get()
    daily_reports.decide(actor=city["county"], report=report, revision=1, decision="returned", reason="请核对")
    daily_totals.refresh_all()
    page = client.get("/", today)
    assert page.context["closing"].changed == ("口罩",)
    assert "终报后有变化：口罩" in page.content.decode()
    opened = client.get("/supplies/daily-totals/sources/", today | {"group": "masks", "measure": "capacity"})
    assert "为何变了" in opened.content.decode()
    assert page.context["page"].cards[0].capacity.exact is None
    then = client.get("/", today | {"as_of": "2020-03-27T19:01:30+08:00"})
    assert then.context["page"].cards[0].capacity.exact == 480_000_000
    assert "所知的数，不是现在的" in then.content.decode()
    before = client.get("/", today | {"as_of": "2020-03-27T09:00"})
    assert before.context["page"].whole.reported == 0
    assert client.get("/", today | {"as_of": "yesterday"}).status_code in (400, 422)
    later = client.get("/", today | {"as_of": "2030-01-01T09:00"})
    assert later.context["at"] is None


def test_an_unknown_calendar_year_is_said_loudly_to_whoever_closes(city: City, clock: Any) -> None:
    work_days.seed()
    assert "工作日历里没有" not in browser(city, "city").get(PAGE).content.decode()
    clock.move_to(dt.datetime(2031, 5, 5, 9, tzinfo=dt.UTC))
    assert "工作日历里没有 2031 年的节假日" in browser(city, "city").get(PAGE).content.decode()
    assert "工作日历里没有" not in browser(city, "leader").get(PAGE).content.decode()
