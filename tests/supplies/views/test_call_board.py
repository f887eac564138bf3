"""The board of the unreported: the biggest first, calls noted, emptied by reports, scoped."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from supplies.models import Call
from tests.supplies.daily_reports.plants import COUNTY, DAY, City, at, file, settle

pytestmark = pytest.mark.django_db

BOARD, NOTE = "/supplies/daily-reports/board/", "/supplies/daily-reports/board/calls/"
TODAY = {"date": DAY.isoformat()}


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 17), tick=False) as clock:
        yield clock


def browser(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def names(page: Any) -> list[str]:
    return [entry.line.standing.name for entry in page.context["board"].entries]


def call(city: City, who: str = "county", **changes: str) -> Any:
    said = {
        "enterprise": city.a.uscc,
        "date": DAY.isoformat(),
        "outcome": "reached",
        "promise": "30",
        "note": "",
    } | changes
    return browser(city, who).post(NOTE, said, follow=True)


def test_lists_who_has_not_reported_and_empties_as_reports_come(city: City) -> None:
    county = browser(city, "county")
    page = county.get(BOARD, TODAY)
    assert set(names(page)) == {city.a.name, city.b.name}
    text = page.context["board"].text
    assert "未报 2 家" in text
    assert f"{city.a.name}、{city.b.name}" in text
    file(city)
    page = county.get(BOARD, TODAY)
    assert names(page) == [city.b.name]
    assert city.a.name not in page.context["board"].text


def test_who_has_promised_goes_last_until_the_promise_has_passed(city: City, clock: Any) -> None:
    file(city, day=DAY - dt.timedelta(days=1))  # a is the bigger one
    county = browser(city, "county")
    assert names(county.get(BOARD, TODAY)) == [city.a.name, city.b.name]
    page = call(city)
    assert names(page) == [city.b.name, city.a.name]
    assert "已联系上" in page.content.decode()
    assert page.context["board"].promised == 1
    clock.shift(dt.timedelta(minutes=30))
    page = county.get(BOARD, TODAY)
    assert names(page) == [city.a.name, city.b.name]
    assert "已过" in page.content.decode()
    call(city, outcome="no_answer")
    assert [(c.outcome, c.promised_at) for c in Call.objects.order_by("id")] == [
        ("reached", at(DAY, 17, 30)), ("no_answer", None),
    ]  # fmt: skip


def test_says_what_cannot_be_noted_and_notes_nothing(city: City) -> None:
    for changes in ({"outcome": "maybe"}, {"promise": "-5"}, {"promise": "a"}, {"note": "长" * 201}):
        page = call(city, **changes)
        assert "没有记下" in page.content.decode()
    assert call(city, date="tomorrow").status_code == 400
    assert not Call.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("other_county", 404), ("leader", 404), ("clerk", 404), ("liaison", 403)])
def test_foreign_enterprises_cannot_be_noted(city: City, who: str, status: int) -> None:
    """The liaison officer may note, but the board it is sent back to is the bureau's."""
    assert call(city, who).status_code == status
    assert Call.objects.exists() == (who == "liaison")


def test_the_board_is_for_who_may_see_coverage(city: City) -> None:
    assert browser(city, "clerk").get(BOARD).status_code == 403
    assert browser(city, "leader").get(BOARD, TODAY).status_code == 200
    assert browser(city, "county").get(BOARD, TODAY | {"division": "999902"}).status_code == 404
    assert browser(city, "county").get(NOTE).status_code == 405


def test_queries_do_not_depend_on_enterprises(city: City, django_assert_num_queries: Any) -> None:
    from tests.factories import enterprises as ground
    from tests.factories import supplies as plant

    county = browser(city, "county")
    county.get(BOARD, TODAY)
    with django_assert_num_queries(39, exact=False) as few:
        county.get(BOARD, TODAY)
    used = len(few.captured_queries)
    for number in range(5):
        plant.duty(ground.enterprise(division=COUNTY, name=f"新{number}厂"), "MASK_SURG")
    with django_assert_num_queries(used):
        county.get(BOARD, TODAY)
