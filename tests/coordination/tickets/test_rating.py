"""2.7: three answers, changed for twelve hours, hidden from whoever did the work; what is asked afterwards."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from coordination import tickets
from coordination.models import Notice, Ticket
from coordination.tickets import follow_ups
from enterprises.errors import Conflict, Forbidden, Invalid
from tests.clients import Program
from tests.coordination.tickets.desk import at, raised, take
from tests.coordination.tickets.test_acting import handled

MARCH = dt.date(2020, 3, 1), dt.date(2020, 3, 31)


@pytest.fixture
def rated(desk) -> Ticket:
    """Answered, and confirmed at 11:00 on 27 March with a poor grade."""
    ticket = handled(desk)
    take(ticket, desk.department, "reply", "2020-03-27 10:00", text="好", result="solved")
    take(ticket, desk.reporter_a, "confirm", "2020-03-27 11:00", contacted="yes", solved="yes", satisfaction="2",
         comment="经办人态度差")  # fmt: skip
    return ticket


def seen_by(account, ticket: Ticket) -> str:
    return str(tickets.described_in_full(account, ticket)) + str([e.text for e in tickets.page(account, ticket).events])


def test_whoever_did_the_work_does_not_read_what_was_said_of_it(client, desk, rated) -> None:
    for name in ("reporter_a", "liaison", "county_officer_a", "city_officer", "leader"):
        assert "态度差" in seen_by(getattr(desk, name), rated), name
    assert "态度差" not in seen_by(desk.department, rated)
    row = Program(desk.department).get(f"/api/v1/tickets/{rated.number}/").json()
    assert "satisfaction" not in row
    assert "态度差" not in str(row)
    assert row["result"] == "solved"  # what became of the matter is no secret
    client.force_login(desk.department)
    page = client.get(f"/tickets/{rated.number}/").content.decode()
    assert "态度差" not in page
    assert "满意度" not in page
    client.force_login(desk.city_officer)
    assert "满意度 2 分" in client.get(f"/tickets/{rated.number}/").content.decode()


def test_answers_change_for_twelve_hours_and_the_last_ones_count(desk, rated) -> None:
    with pytest.raises(Invalid):  # poor without a word why
        take(rated, desk.reporter_a, "revise", "2020-03-27 12:00", solved="no")
    take(rated, desk.reporter_a, "revise", "2020-03-27 22:59", solved="partly", satisfaction="4")
    assert (rated.state, rated.result, rated.satisfaction) == ("closed", "partial", 4)
    with pytest.raises(Conflict):
        take(rated, desk.reporter_a, "revise", "2020-03-27 23:01", solved="yes")
    with pytest.raises(Conflict):  # it was not his word
        take(rated, desk.liaison, "revise", "2020-03-27 12:00", solved="yes", evidence="通话")
    found = tickets.measure(desk.city_officer, tickets.Period(*MARCH, at("2020-03-31 12:00")))
    assert (found.values["solved"], found.ids["closed_partial"], found.ids["content"]) == (
        0, [rated.number], [rated.number],
    )  # fmt: skip
    before = tickets.measure(desk.city_officer, tickets.Period(*MARCH, at("2020-03-27 12:00")))
    assert (before.values["solved"], before.ids["content"]) == (1, [])
    assert [e.action for e in rated.events.order_by("seq")][-4:] == ["confirm", "rate", "revise", "rate"]


def test_a_proxy_needs_evidence_and_shows_as_one(client, desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "reply", "2020-03-27 10:00", text="好", result="solved")
    with pytest.raises(Invalid):
        take(ticket, desk.liaison, "confirm", "2020-03-27 11:00", solved="yes")
    take(ticket, desk.liaison, "confirm", "2020-03-27 11:00", solved="yes", evidence="通话记录 12")
    client.force_login(desk.reporter_a)
    assert "代录" in client.get(f"/tickets/{ticket.number}/").content.decode()


def test_nothing_is_filled_in_beforehand(client, desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "reply", "2020-03-27 10:00", text="好", result="solved")
    client.force_login(desk.reporter_a)
    page = client.get(f"/tickets/{ticket.number}/").content.decode()
    form = page[page.index("/confirm/") :]
    assert "checked" not in form[: form.index("</form>")]


def test_an_unreasonable_refusal_is_judged_told_contested_and_taken_back(desk) -> None:
    ticket = handled(desk)
    with pytest.raises(Conflict):
        take(ticket, desk.leader, "excuse", "2020-03-26 16:00", reason="没有重办过")
    take(ticket, desk.department, "reply", "2020-03-27 10:00", text="好", result="solved")
    take(ticket, desk.reporter_a, "refuse", "2020-03-27 11:00", text="还要一张")
    with pytest.raises(Forbidden):
        take(ticket, desk.county_officer_a, "excuse", "2020-03-27 12:00", reason="新要求")
    take(ticket, desk.leader, "excuse", "2020-03-27 12:00", reason="是新的要求")
    assert "是新的要求" in seen_by(desk.reporter_a, ticket)
    april = tickets.Period(dt.date(2020, 4, 1), dt.date(2020, 4, 30), at("2020-04-30 12:00"))
    assert tickets.measure(desk.city_officer, april).ids["punctual_met"] == [ticket.number]
    take(ticket, desk.reporter_a, "contest", "2020-03-27 15:00", reason="当初就说要两张")
    take(ticket, desk.leader, "restore", "2020-03-27 16:00", reason="申诉成立")
    assert tickets.measure(desk.city_officer, april).ids["punctual_met"] == []
    with pytest.raises(Conflict):
        take(ticket, desk.leader, "restore", "2020-03-27 16:10", reason="再撤")


def test_who_was_dissatisfied_is_called_once(desk, rated) -> None:
    withdrawn = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:00")
    take(withdrawn, desk.reporter_a, "withdraw", "2020-03-26 10:00", reason="不办了")
    content = handled(desk)
    take(content, desk.department, "reply", "2020-03-27 10:00", text="好", result="solved")
    take(content, desk.reporter_a, "confirm", "2020-03-27 11:00", solved="yes", satisfaction="5")
    waiting = list(follow_ups.to_call(desk.city_officer))
    assert {(t.number, follow_ups.why(t)) for t in waiting} == {
        (withdrawn.number, "企业撤回"), (rated.number, "不满意或没有解决"),
    }  # fmt: skip
    take(rated, desk.city_officer, "call_back", "2020-03-30 09:00", outcome="agrees", text="说经办人已经道歉")
    assert [t.number for t in follow_ups.to_call(desk.city_officer)] == [withdrawn.number]
    assert "已经道歉" not in seen_by(desk.department, rated)
    assert "已经道歉" not in seen_by(desk.reporter_a, rated)


def test_one_in_ten_of_the_silent_and_the_proxies_is_called(desk) -> None:
    called = []
    for _ in range(20):
        ticket = handled(desk)
        take(ticket, desk.department, "reply", "2020-03-27 10:00", text="好", result="solved")
        take(ticket, None, "confirm_silently", "2020-04-03 17:30")
        called.append(ticket.number)
    assert [t.number for t in follow_ups.to_call(desk.city_officer)] == [called[6], called[16]]


def test_twenty_working_days_after_a_pass_was_solved_the_enterprise_is_asked(desk, rated) -> None:
    # after 27 March: two days of March, 1-3, 7-10, 13-17, 20-24 April are nineteen, Sunday 26 is worked: the twentieth
    assert follow_ups.ask(at("2020-04-26 17:00")) == 0
    with pytest.raises(Conflict):
        take(rated, desk.reporter_a, "follow_up", "2020-04-26 17:00", rebounded="no")
    assert follow_ups.ask(at("2020-04-26 17:40")) == 1
    assert follow_ups.ask(at("2020-04-26 17:41")) == 0  # once
    assert Notice.objects.filter(key__startswith="follow_up:").get().enterprise == desk.plant_a
    with time_machine.travel(at("2020-04-26 17:45"), tick=False):
        assert "follow_up" in [step.action for step in tickets.page(desk.reporter_a, rated).steps]
    take(rated, desk.reporter_a, "follow_up", "2020-04-26 17:50", rebounded="yes", text="又被拦了")
    assert "又被拦了" in seen_by(desk.city_officer, rated)
    with pytest.raises(Conflict):
        take(rated, desk.reporter_a, "follow_up", "2020-04-26 17:55", rebounded="no")
