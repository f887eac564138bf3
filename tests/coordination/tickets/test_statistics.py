"""2.8: every measure by hand, and every number opens the tickets it counts."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import DatabaseError, transaction

from coordination import tickets
from coordination.models import Ticket
from enterprises.errors import Forbidden, NotFound
from tests.coordination.tickets.desk import at, raised, take
from tests.coordination.tickets.test_acting import handled

MARCH = dt.date(2020, 3, 1), dt.date(2020, 3, 31)


def measured(account, cut_off: str, first: dt.date = MARCH[0], last: dt.date = MARCH[1]):
    return tickets.measure(account, tickets.Period(first, last, at(cut_off)))


def answered(desk, moment: str, result: str = "solved") -> Ticket:
    ticket = handled(desk)
    take(ticket, desk.department, "reply", moment, text="办好了", result=result)
    return ticket


def test_solved_is_counted_with_its_enterprises_and_by_whom_it_was_confirmed(desk) -> None:
    one, two, three = (answered(desk, "2020-03-27 10:00") for _ in range(3))
    take(one, desk.reporter_a, "confirm", "2020-03-27 11:00", solved="yes", satisfaction="5")
    take(two, desk.liaison, "confirm", "2020-03-27 11:00", solved="yes", evidence="通话", satisfaction="3")
    take(three, desk.reporter_a, "confirm", "2020-03-27 11:00", solved="partly")
    found = measured(desk.city_officer, "2020-03-31 12:00")
    assert (found.values["solved"], found.values["solved_enterprises"], found.values["closed"]) == (2, 1, 3)
    assert found.values["solved_by"] == {"enterprise": 1, "proxy": 1, "callback": 0, "silent": 0}
    assert found.ids["solved"] == [one.number, two.number]
    assert found.values["satisfaction"] == {"content": 1, "rated": 2, "rate": "0.5000", "response_rate": "0.6667"}
    assert found.ids["content"] == [one.number]
    listed = tickets.solved_tickets(desk.city_officer, *MARCH, cut_off=at("2020-03-31 12:00")).order_by("number")
    assert [t.number for t in listed] == found.ids["solved"]


def test_a_reopened_ticket_leaves_the_number_until_it_is_closed_again(desk) -> None:
    ticket = answered(desk, "2020-03-27 10:00")
    take(ticket, desk.reporter_a, "confirm", "2020-03-27 11:00", solved="yes")
    take(ticket, desk.reporter_a, "reopen", "2020-03-30 09:00", reason="又不行了")
    assert measured(desk.city_officer, "2020-03-31 12:00").values["solved"] == 0
    take(ticket, desk.department, "reply", "2020-04-01 09:00", text="好了", result="solved")
    take(ticket, desk.reporter_a, "confirm", "2020-04-01 10:00", solved="yes")
    assert measured(desk.city_officer, "2020-04-02 12:00").values["solved"] == 0  # April's
    april = measured(desk.city_officer, "2020-04-02 12:00", dt.date(2020, 4, 1), dt.date(2020, 4, 30))
    assert (april.values["solved"], april.values["reworked"]["times"]) == (1, 0)
    march = measured(desk.city_officer, "2020-04-02 12:00")
    assert march.values["reworked"] == {"tickets": 1, "times": 1, "answered": 1, "rate": "1.0000"}


def test_punctual_is_measured_on_the_first_cycle_of_what_fell_due(desk) -> None:
    # all fall due on 10 April 17:30
    good, refused, late, withdrawn, still_open = (handled(desk) for _ in range(5))
    take(good, desk.department, "reply", "2020-04-10 17:30", text="好", result="solved")
    take(refused, desk.department, "reply", "2020-03-27 10:00", text="好", result="solved")
    take(refused, desk.reporter_a, "refuse", "2020-03-27 11:00", text="没有")
    take(late, desk.department, "reply", "2020-04-13 09:00", text="好", result="solved")
    take(withdrawn, desk.reporter_a, "withdraw", "2020-04-01 09:00", reason="不办了")
    found = measured(desk.city_officer, "2020-04-14 12:00", dt.date(2020, 4, 1), dt.date(2020, 4, 30))
    assert found.values["punctual"] == {"met": 1, "due": 4, "rate": "0.2500"}
    assert found.ids["punctual_met"] == [good.number]
    # still_open, and the second cycle of the refused one: five working days from 27 March
    assert still_open.number in found.ids["overdue"]
    assert found.values["overdue"] == 2


def test_working_time_of_what_was_confirmed_is_summed_over_its_cycles(desk) -> None:
    ticket = answered(desk, "2020-03-26 16:05")  # accepted 10:05: 1:55 of the morning and 2:05 after noon
    take(ticket, desk.reporter_a, "refuse", "2020-03-27 09:00", text="没有")
    take(ticket, desk.department, "reply", "2020-03-27 10:30", text="好", result="solved")
    take(ticket, desk.reporter_a, "confirm", "2020-03-27 11:00", solved="yes")
    found = measured(desk.city_officer, "2020-03-31 12:00").values["duration"]
    # from Thursday 10:05 to Friday 10:30 the enterprise waited 1.0 natural days
    assert found == {
        "count": 1, "median_seconds": 4 * 3600 + 5400, "p90_seconds": 4 * 3600 + 5400, "median_natural_days": "1.0",
        "p90_natural_days": "1.0",
    }  # fmt: skip


def test_first_contact_counts_what_fell_due(desk) -> None:
    one = handled(desk)
    handled(desk)
    take(one, desk.liaison, "contact", "2020-03-26 15:00", way="call", text="已联系")
    assert measured(desk.city_officer, "2020-03-31 12:00").values["contact"] == {"met": 1, "due": 2, "rate": "0.5000"}


def test_duplicates_are_nobodys_and_a_county_counts_its_own(desk) -> None:
    one = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    two = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    raised(desk.reporter_b, desk.plant_b, "2020-03-26 09:20")
    take(two, desk.city_officer, "merge", "2020-03-26 10:00", target=one.number)
    counts = [
        measured(who, "2020-03-31 12:00").values["received"] for who in (desk.city_officer, desk.county_officer_a)
    ]
    assert counts == [2, 1]


def test_a_frozen_figure_opens_the_tickets_it_counted_for_ever(desk) -> None:
    ticket = answered(desk, "2020-03-27 10:00")
    take(ticket, desk.reporter_a, "confirm", "2020-03-27 11:00", solved="yes")
    period = tickets.Period(*MARCH, at("2020-03-28 12:00"))
    kept = tickets.freeze(actor=desk.city_officer, period=period)
    take(ticket, desk.reporter_a, "reopen", "2020-03-30 09:00", reason="又不行了")
    again = tickets.snapshot(desk.leader, kept.pk)
    assert (again.values["solved"], again.ids["solved"]) == (1, [ticket.number])
    with time_machine.travel(at("2020-03-31 09:00"), tick=False):
        changed = {one.name: one for one in tickets.since(desk.leader, kept)}
        assert [one.number for one in changed["solved"].went] == [ticket.number]
        assert changed["solved"].went[0].why == "3月30日 重新办理：办理中（又不行了）"
    with pytest.raises(NotFound):
        tickets.snapshot(desk.county_officer_a, kept.pk)  # it counts what the county does not see
    with pytest.raises(Forbidden):
        tickets.freeze(actor=desk.auditor, period=period)
    with pytest.raises(DatabaseError), transaction.atomic():
        type(kept).objects.update(values={})
