"""Search over what the reader may read, and over nothing else."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination import tickets
from coordination.tickets import Filters
from tests.coordination.tickets.desk import raised, take
from tests.coordination.tickets.test_acting import handled


def found(account, text: str, **more) -> list[str]:
    return sorted(str(one) for one in tickets.listed(account, Filters(search=text, **more)))


def test_words_of_the_history_are_found_by_those_who_may_read_them(desk) -> None:
    ticket = handled(desk)
    other = raised(desk.reporter_b, desk.plant_b, "2020-03-26 09:20", object="沈海高速金淘站")
    for visibility, who in (
        ("enterprise", desk.department), ("units", desk.department), ("own_unit", desk.department),
        ("task_force", desk.city_officer),
    ):  # fmt: skip
        take(ticket, who, "message", "2020-03-26 15:00", text=f"暗号{visibility}", visibility=visibility)
    take(ticket, desk.department, "reply", "2020-03-26 16:00", text="好", result="solved")
    take(ticket, desk.reporter_a, "confirm", "2020-03-26 16:30", solved="yes", satisfaction="1", comment="暗号评价")
    words = ("enterprise", "units", "own_unit", "task_force", "评价")
    seen = {
        name: [word for word in words if found(getattr(desk, name), f"暗号{word}")]
        for name in (
            "reporter_a",
            "reporter_b",
            "department",
            "liaison",
            "county_officer_a",
            "county_officer_b",
            "city_officer",
        )
    }
    assert seen == {
        "reporter_a": ["enterprise", "评价"], "reporter_b": [], "department": ["enterprise", "units", "own_unit"],
        "liaison": ["enterprise", "units", "评价"], "county_officer_a": ["enterprise", "units", "评价"],
        "county_officer_b": [], "city_officer": ["enterprise", "units", "task_force", "评价"],
    }  # fmt: skip
    assert found(desk.city_officer, "金淘") == [str(other)]
    assert found(desk.city_officer, "金淘 没有这个词") == []


def test_a_division_of_the_address_reaches_down_and_odd_ones_find_nothing(desk) -> None:
    one = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    assert found(desk.city_officer, "", division=desk.city) == [str(one)]
    assert found(desk.city_officer, "", division=desk.county_b) == found(desk.city_officer, "", division="xx%") == []


def test_odd_words_find_nothing_and_break_nothing(desk) -> None:
    raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    for text in ("%", "_", "'", "\\", "a" * 60, "。" * 60):
        assert found(desk.city_officer, text) == [], text


def test_a_search_is_one_question(desk) -> None:
    raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    found(desk.city_officer, "布")
    with CaptureQueriesContext(connection) as queries:
        found(desk.city_officer, "熔喷 布 劝返")
    assert len(queries) == 1
