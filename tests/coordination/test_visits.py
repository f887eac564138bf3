"""Visits and promises: what is stored of a talk, who may log and read it, and what becomes of what was said."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from coordination import promises, tickets, visits
from coordination.models import Promise, PromiseTurn, Ticket, Visit, VisitTicket
from enterprises import accounts
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account, Attachment
from supplies.request_keys import Key
from tests.coordination.tickets.desk import at, clock, raised, take
from tests.factories.enterprises import LONG_AGO, account

SAID = {"way": "visit", "met": "林岱", "notes": "1. 两条线在开\n2. 缺 8 名包装工\n\n无纺布够用 3 天"}
NEXT = {"what": "补招 8 名包装工", "due_on": "2020-03-28", "kind": "enterprise"}
pytestmark = pytest.mark.django_db


def log(desk, moment: str = "2020-03-26 09:00", actor: Account | None = None, **more) -> Visit:
    said = {**SAID, **more}
    return visits.record(actor=actor or desk.liaison, uscc=desk.plant_a.uscc, fields=said, at=at(moment)).visit


def codes(refused: Invalid) -> dict[str, str]:
    return {error.field: error.code for error in refused.errors}


def test_a_visit_falls_apart_into_facts_promises_and_the_next_contact(desk) -> None:
    visit = log(
        desk, occurred_at="2020-03-25T15:10", promises=[NEXT, {"what": "", "due_on": ""}], next_contact_on="2020-03-30"
    )
    assert [fact.text for fact in visit.facts.all()] == ["两条线在开", "缺 8 名包装工", "无纺布够用 3 天"]
    assert (visit.occurred_at, visit.recorded_at) == (at("2020-03-25 15:10"), at("2020-03-26 09:00"))
    found = Promise.objects.filter(visit=visit).values_list("kind", "what", "due_on", "owner", "state")
    assert list(found) == [
        ("enterprise", "补招 8 名包装工", dt.date(2020, 3, 28), desk.liaison.pk, "open"),
        ("contact", "再联系一次", dt.date(2020, 3, 30), desk.liaison.pk, "open"),
    ]


def test_the_next_talk_keeps_the_word_to_be_in_touch(desk) -> None:
    log(desk, next_contact_on="2020-03-27")
    with time_machine.travel(at("2020-03-27 10:00"), tick=False):
        second = log(desk, "2020-03-27 10:00", way="phone", next_contact_on="2020-04-01")
    first, again = Promise.objects.order_by("pk")
    assert (first.state, again.state, again.due_on) == ("kept", "open", dt.date(2020, 4, 1))
    assert PromiseTurn.objects.get().visit == second


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"way": "walk"}, "way", "invalid_choice"),
        ({"met": " "}, "met", "required"),
        ({"notes": "\n - \n"}, "notes", "required"),
        ({"notes": "\n".join("条" for _ in range(21))}, "notes", "too_many"),
        ({"notes": "长" * 501}, "notes", "too_long"),
        ({"notes": "a\u202eb"}, "notes", "invalid_text"),
        ({"occurred_at": "2020-03-26T09:01"}, "occurred_at", "invalid_moment"),
        ({"occurred_at": "2020-01-01T09:00"}, "occurred_at", "invalid_moment"),
        ({"occurred_at": "昨天"}, "occurred_at", "invalid_moment"),
        ({"next_contact_on": "2020-03-25"}, "next_contact_on", "invalid_date"),
        ({"promises": [{"what": "补料"}]}, "promises[0].due_on", "required"),
        ({"promises": [{"due_on": "2020-03-28"}]}, "promises[0].what", "required"),
        ({"promises": [{**NEXT, "kind": "contact"}]}, "promises[0].kind", "invalid_choice"),
        ({"promises": [NEXT] * 6}, "promises", "too_many"),
        ({"promises": "x"}, "promises", "invalid"),
        ({"promises": [3]}, "promises[0]", "invalid"),
        ({"tickets": ["20200326-0001"]}, "tickets", "not_found"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_refuses_and_stores_nothing(desk, said, field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        log(desk, **said)
    assert codes(refused.value) == {field: code}
    assert not Visit.objects.exists()


def test_every_fault_is_named_at_once(desk) -> None:
    with pytest.raises(Invalid) as refused:
        log(desk, way="", met="", notes="", occurred_at="x", promises=[{"what": "补料"}])
    assert set(codes(refused.value)) == {"way", "met", "notes", "occurred_at", "promises[0].due_on"}


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("liaison", None), ("county_officer_a", None), ("city_officer", None), ("county_officer_b", NotFound),
        ("leader", Forbidden), ("auditor", Forbidden), ("reporter_a", Forbidden), ("department", Forbidden), ("admin", Forbidden),
    ],
)  # fmt: skip
def test_who_logs_and_who_reads(desk, who: str, kind: type[Exception] | None) -> None:
    person = getattr(desk, who)
    if kind is None:
        visit = log(desk, actor=person)
        assert list(visits.listed(desk.leader, visits.Filters())) == [visit]
    else:
        with pytest.raises(kind):
            log(desk, actor=person)


def test_sent_twice_it_is_one_visit(desk) -> None:
    key = Key("visit:1", "a" * 64)
    said = {"actor": desk.liaison, "uscc": desk.plant_a.uscc, "fields": SAID, "key": key}
    first, second = visits.record(**said), visits.record(**said)
    assert (first.visit.pk, first.is_replay, second.is_replay) == (second.visit.pk, False, True)
    assert Visit.objects.count() == 1


def test_who_takes_over_reads_what_came_before_and_who_left_does_not(desk) -> None:
    visit = log(desk)
    heir = account("heir", "liaison", enterprise=desk.plant_a)
    assert visits.find(heir, visit.pk) == visit
    Attachment.objects.filter(account=desk.liaison).update(known_until=LONG_AGO)
    with pytest.raises(NotFound):
        visits.find(Account.objects.get(pk=desk.liaison.pk), visit.pk)


def test_a_ticket_comes_of_a_visit_and_both_know(desk) -> None:
    visit = log(desk)
    ticket = raised(desk.liaison, desk.plant_a, "2020-03-26 09:00", visit=str(visit.pk))
    link = VisitTicket.objects.get()
    assert (link.visit, link.ticket, link.is_raised) == (visit, ticket, True)
    assert (ticket.officer, ticket.source) == (desk.liaison, "visit")
    assert [one.visit for one in visits.of_ticket(desk.city_officer, ticket)] == [visit]
    assert visits.of_ticket(desk.reporter_a, ticket) == []
    with pytest.raises(Invalid) as refused:  # a visit to somebody else
        tickets.raise_ticket(
            actor=desk.city_officer, uscc=desk.plant_b.uscc, fields={"visit": str(visit.pk)}, at=at("2020-03-26 09:00")
        )
    assert codes(refused.value)["visit"] == "not_found"


def test_an_enterprises_own_ticket_is_followed_up_by_its_officer(desk) -> None:
    assert raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50").officer == desk.liaison
    assert raised(desk.reporter_b, desk.plant_b, "2020-03-26 08:50").officer is None


def test_a_ticket_that_was_spoken_of_has_been_contacted(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:40")
    take(
        ticket,
        desk.county_officer_a,
        "accept",
        "2020-03-26 08:45",
        category="PASS_CITY",
        level="county",
        mode="normal",
        override_reason="本县能办",
    )
    log(desk, tickets=[ticket.number])
    assert clock(ticket, "D").stopped_at == at("2020-03-26 09:00")
    assert VisitTicket.objects.get().is_raised is False


def follow(desk, promise: Promise, outcome: str, actor: Account | None = None, **more) -> Promise:
    return promises.follow_up(actor=actor or desk.liaison, promise=promise, outcome=outcome, **more)


def test_a_promise_is_moved_and_then_kept(desk) -> None:
    log(desk, promises=[NEXT])
    promise = follow(desk, Promise.objects.get(), "moved", due_on="2020-03-30", note="招工会改期")
    assert (promise.state, promise.due_on, promise.first_due_on) == ("open", dt.date(2020, 3, 30), dt.date(2020, 3, 28))
    follow(desk, promise, "kept")
    with pytest.raises(Conflict) as refused:
        follow(desk, promise, "broken", note="没有")
    assert refused.value.code == "settled"
    turns = PromiseTurn.objects.values_list("seq", "outcome", "due_on", "note")
    assert list(turns) == [(1, "moved", promise.due_on, "招工会改期"), (2, "kept", promise.due_on, "")]


@pytest.mark.parametrize(
    ("outcome", "more", "field"),
    [
        ("broken", {}, "note"), ("moved", {}, "due_on"), ("moved", {"due_on": "2020-03-25"}, "due_on"),
        ("handed", {}, "outcome"), ("", {}, "outcome"), ("kept", {"note": "长" * 201}, "note"),
    ],
)  # fmt: skip
def test_a_follow_up_says_what_it_needs(desk, outcome: str, more, field: str) -> None:
    log(desk, promises=[NEXT])
    with pytest.raises(Invalid) as refused:
        follow(desk, Promise.objects.get(), outcome, **more)
    assert list(codes(refused.value)) == [field]


def test_two_who_follow_up_at_once(desk) -> None:
    log(desk, promises=[NEXT])
    promise = Promise.objects.get()
    follow(desk, promise, "moved", due_on="2020-03-29", expected_version=1)
    with pytest.raises(Conflict) as refused:
        follow(desk, promise, "kept", actor=desk.county_officer_a, expected_version=1)
    assert refused.value.code == "version_conflict"


def test_a_promise_is_its_owners_and_the_desks(desk) -> None:
    log(desk, promises=[NEXT])
    promise = Promise.objects.get()
    colleague = account("colleague", "liaison", enterprise=desk.plant_a)
    for person in (colleague, desk.leader, desk.county_officer_b, desk.reporter_a):
        with pytest.raises(Forbidden):
            follow(desk, promise, "kept", actor=person)
    for person in (desk.county_officer_b, desk.reporter_b):
        with pytest.raises((NotFound, Forbidden)):
            promises.find(person, promise.pk)
    assert follow(desk, promise, "kept", actor=desk.county_officer_a).state == "kept"


def test_who_has_left_promises_nothing(desk) -> None:
    Attachment.objects.filter(account=desk.liaison).update(known_until=LONG_AGO)
    accounts.deactivate(actor=desk.admin, account=desk.liaison)
    desk.liaison.is_active = True  # the object of a request that was under way
    with pytest.raises((Forbidden, NotFound)):
        log(desk)
    assert not Visit.objects.exists()
    assert not Ticket.objects.exists()
