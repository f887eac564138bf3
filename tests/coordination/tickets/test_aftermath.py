"""After the closing, the enterprise's own reports confirm that the constraint is gone, or say that it is not."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from coordination import tickets
from coordination.models import Ticket
from coordination.tickets.aftermath import aftermaths
from supplies.models import Limit
from tests.coordination.tickets.desk import at, raised, take
from tests.coordination.tickets.test_acting import transport
from tests.factories.reports import report

BEFORE, AFTER = dt.date(2020, 3, 25), dt.date(2020, 3, 28)


@pytest.fixture
def closed(desk) -> Ticket:
    """A pass that held back masks, solved on 27 March; the day before it came up they made 40 000."""
    report(desk.plant_a, BEFORE, {"MASK_SURG": (40_000, 30_000, 5_000)})
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", product="MASK_SURG", blocked="21万")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:05")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:40", lead=transport().code, instruction="办")
    take(ticket, desk.department, "sign", "2020-03-26 11:00")
    take(ticket, desk.department, "reply", "2020-03-27 10:00", text="好", result="solved")
    take(ticket, desk.reporter_a, "confirm", "2020-03-27 11:00", solved="yes")
    return ticket


def test_without_a_report_nothing_is_claimed(desk, closed) -> None:
    found = tickets.aftermath(closed)
    assert found is not None
    assert found.verdict == "silent"


def test_more_capacity_and_no_such_constraint_confirm_it(desk, closed) -> None:
    report(desk.plant_a, AFTER, {"MASK_SURG": (200_000, 150_000, 5_000)})
    found = tickets.aftermath(closed)
    assert found == tickets.aftermath(closed)
    assert (found.verdict, found.day, found.before, found.after) == ("confirmed", AFTER, 40_000_000, 200_000_000)


def test_the_same_constraint_contradicts_it_and_the_page_says_so(client, desk, closed) -> None:
    filed = report(desk.plant_a, AFTER, {"MASK_SURG": (200_000, 150_000, 5_000)})
    Limit.objects.create(revision=filed, reason="logistics", product_id="MASK_SURG", lost=1000)
    assert tickets.aftermath(closed).verdict == "contradicted"
    client.force_login(desk.city_officer)
    assert "与之后的日报不符" in client.get(f"/tickets/{closed.number}/").content.decode()


def test_another_constraint_is_another_matter_and_no_more_capacity_is_said(desk, closed) -> None:
    filed = report(desk.plant_a, AFTER, {"MASK_SURG": (40_000, 30_000, 5_000)})
    Limit.objects.create(revision=filed, reason="labour", product_id="MASK_SURG", lost=1000)
    assert tickets.aftermath(closed).verdict == "flat"


def test_an_open_ticket_or_one_without_capacity_has_no_aftermath(desk, closed) -> None:
    assert tickets.aftermath(raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")) is None


def test_contradictions_are_listed_to_those_who_may_see_the_ticket(client, desk, closed) -> None:
    assert tickets.contradicted(desk.city_officer) == []
    filed = report(desk.plant_a, AFTER, {"MASK_SURG": (200_000, 150_000, 5_000)})
    Limit.objects.create(revision=filed, reason="logistics", product_id="MASK_SURG", lost=1000)
    with time_machine.travel(at("2020-03-29 09:00"), tick=False):
        assert [(one.ticket, one.day) for one in tickets.contradicted(desk.city_officer)] == [(closed, AFTER)]
        assert tickets.contradicted(desk.county_officer_b) == []
        client.force_login(desk.county_officer_a)
        assert "1 张办结了但日报仍说受制约" in client.get("/tickets/").content.decode()
        assert "3月28日的日报仍说受此制约" in client.get("/tickets/contradictions/").content.decode()


def test_many_closings_are_held_against_the_reports_with_as_many_questions_as_one(
    desk, closed, django_assert_num_queries
) -> None:
    report(desk.plant_a, AFTER, {"MASK_SURG": (200_000, 150_000, 5_000)})
    with django_assert_num_queries(3):
        assert [one.verdict for one in aftermaths([closed, closed]).values()] == ["confirmed"]
