"""Handovers: everything goes over on the day, the list says what, and nobody leaves before."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from coordination import handovers, promises, visits
from coordination.models import Event, Notice, OfficerHandover, Promise, PromiseTurn, Ticket
from enterprises import access, accounts
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account, Attachment, AuditEntry, Post
from tests.coordination.test_visits import NEXT, log
from tests.coordination.tickets.desk import at, raised, take
from tests.factories.enterprises import account

pytestmark = pytest.mark.django_db
TODAY, MONDAY = dt.date(2020, 3, 26), dt.date(2020, 3, 30)


@pytest.fixture
def busy(desk):
    """The liaison officer has an enterprise, a promise, a next contact and a ticket; heir stands by."""
    log(desk, promises=[NEXT], next_contact_on="2020-03-29")
    raised(desk.liaison, desk.plant_a, "2020-03-26 09:00")
    account("heir", "liaison")
    return desk


def heir() -> Account:
    return Account.objects.get(username="heir")


def arrange(desk, **more) -> OfficerHandover:
    said = {"actor": desk.county_officer_a, "giver": desk.liaison, "taker": heir(), "day": TODAY, **more}
    return handovers.arrange(**said)


def whats(desk) -> list[str]:
    groups = handovers.in_hand(desk.city_officer, desk.liaison)
    return [thing.what for group in groups for thing in group.things]


def test_everything_goes_over_at_once_and_the_list_says_what(busy) -> None:
    before = whats(busy)
    row = arrange(busy, reason="调往石狮")
    assert [item["what"] for item in row.items] == before
    assert len(before) == 4
    assert whats(busy) == []
    assert set(Promise.objects.values_list("owner", flat=True)) == {heir().pk}
    assert PromiseTurn.objects.filter(outcome="handed").count() == 2
    assert Ticket.objects.get().officer == heir()
    assert access.reach(heir(), "tickets:raise").enterprises == {busy.plant_a.pk}
    accounts.deactivate(actor=busy.admin, account=busy.liaison)
    assert not Account.objects.get(pk=busy.liaison.pk).is_active
    assert AuditEntry.objects.filter(act="officer.hand_over").count() == 1


def test_the_enterprise_is_told_whom_to_call_and_nobodys_version_is_spoilt(busy) -> None:
    ticket = Ticket.objects.get()
    arrange(busy)
    event = Event.objects.get(action="hand_over")
    assert (event.visibility, event.text) == ("enterprise", "您的特派员换为heir。")
    assert Notice.objects.filter(enterprise=busy.plant_a, text=event.text).count() == 1
    done = take(ticket, busy.reporter_a, "message", "2020-03-26 09:05", text="知道了")
    assert done.version == ticket.version


def test_an_officer_with_something_in_hand_stays(busy) -> None:
    with pytest.raises(Conflict) as refused:
        accounts.deactivate(actor=busy.admin, account=busy.liaison)
    assert refused.value.code == "still_holds"
    assert {held["kind"] for held in refused.value.extra["holdings"]} == {"attachment", "ticket", "promise"}


def test_what_is_not_chosen_stays_and_a_second_successor_takes_it(busy) -> None:
    groups = {group.kind: group.things for group in handovers.in_hand(busy.city_officer, busy.liaison)}
    arrange(busy, names=[groups["promise"][0].name])
    assert sorted(Promise.objects.values_list("owner__username", flat=True)) == ["heir", "liaison"]
    assert Attachment.objects.believed().filter(account=heir(), enterprise=busy.plant_a).exists(), "he must reach it"
    account("second", "liaison")
    arrange(busy, taker=Account.objects.get(username="second"))
    assert whats(busy) == []


def test_a_handover_of_monday_waits_and_then_takes_what_came_since(busy) -> None:
    row = arrange(busy, day=MONDAY)
    assert row.done_at is None
    assert Ticket.objects.get().officer == busy.liaison
    assert handovers.carry_out_due() == 0
    log(busy, promises=[{**NEXT, "what": "后来才说的"}])
    with time_machine.travel(at("2020-03-30 00:01"), tick=False):
        assert handovers.carry_out_due() == 1
        assert handovers.carry_out_due() == 0
        row.refresh_from_db()
        assert any("后来才说的" in item["what"] for item in row.items)
        assert whats(busy) == []
        spans = (
            Attachment.objects.believed().order_by("starts_on").values_list("account__username", "starts_on", "ends_on")
        )
        first, *_, last = spans
        assert (first[0], first[2]) == ("liaison", MONDAY - dt.timedelta(days=1))
        assert last == ("heir", MONDAY, None)


def test_a_planned_one_is_called_off_and_only_one_is_planned(busy) -> None:
    row = arrange(busy, day=MONDAY)
    with pytest.raises(Conflict) as refused:
        arrange(busy)
    assert refused.value.code == "planned_already"
    handovers.cancel(actor=busy.county_officer_a, number=row.pk)
    with pytest.raises(Conflict):
        handovers.cancel(actor=busy.county_officer_a, number=row.pk)
    with time_machine.travel(at("2020-03-30 00:01"), tick=False):
        assert handovers.carry_out_due() == 0
    assert Ticket.objects.get().officer == busy.liaison


def test_a_successor_who_left_meanwhile_is_said_and_tried_again(busy) -> None:
    row = arrange(busy, day=MONDAY)
    Post.objects.filter(account=heir()).update(known_until=at("2020-03-27 09:00"))
    with time_machine.travel(at("2020-03-30 00:01"), tick=False):
        assert handovers.carry_out_due() == 0
        row.refresh_from_db()
        assert row.trouble == "heir 已没有特派员岗位。"
        Post.objects.create(account=heir(), role="liaison", known_at=at("2020-03-29 09:00"))
        assert handovers.carry_out_due() == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"taker": "liaison"}, "same_officer"), ({"day": TODAY - dt.timedelta(days=1)}, "invalid_date"),
        ({"day": TODAY + dt.timedelta(days=61)}, "invalid_date"), ({"names": []}, "nothing_to_hand"),
        ({"names": ["ticket-999"]}, "nothing_to_hand"), ({"reason": "长" * 201}, "too_long"),
    ],
)  # fmt: skip
def test_refuses(busy, said, code: str) -> None:
    if "taker" in said:
        said = {**said, "taker": busy.liaison}
    with pytest.raises(Invalid) as refused:
        arrange(busy, **said)
    assert refused.value.code == code
    assert Ticket.objects.get().officer == busy.liaison


def test_who_hands_over_and_who_sees_the_list(busy) -> None:
    for person in (busy.liaison, busy.leader, busy.reporter_a, busy.department):
        with pytest.raises(Forbidden):
            arrange(busy, actor=person)
    with pytest.raises(NotFound):
        arrange(busy, actor=busy.county_officer_b)
    row = arrange(busy)
    for person in (busy.liaison, heir(), busy.county_officer_a, busy.city_officer, busy.auditor):
        assert handovers.find(Account.objects.get(pk=person.pk), row.pk) == row
    for person in (busy.reporter_a, busy.department):
        with pytest.raises(NotFound):
            handovers.find(person, row.pk)


def test_a_county_hands_over_what_is_its_own_and_the_city_the_rest(busy) -> None:
    account_b = account("abroad", "liaison", enterprise=busy.plant_b)
    Attachment.objects.create(account=account_b, enterprise=busy.plant_a, known_at=at("2020-03-01 09:00"))
    assert len(handovers.in_hand(busy.county_officer_a, account_b)) == 1
    handovers.arrange(actor=busy.county_officer_a, giver=account_b, taker=heir(), day=TODAY)
    left = handovers.in_hand(busy.city_officer, account_b)
    assert [thing.what for group in left for thing in group.things] == [f"挂钩{busy.plant_b.name}"]


def test_a_unit_without_another_account_is_warned_of(busy) -> None:
    ticket = Ticket.objects.get()
    take(ticket, busy.county_officer_a, "accept", "2020-03-26 09:10", category="PASS_CITY", level="city", mode="normal")
    take(ticket, busy.city_officer, "dispatch", "2020-03-26 09:15", lead="JTJ", instruction="请办")
    account("second", "department", organisation=ticket.orders.get().organisation)
    with time_machine.travel(at("2020-03-26 10:00"), tick=False):
        assert accounts.deactivate(actor=busy.admin, account=Account.objects.get(username="second")) == []
        warned = accounts.deactivate(actor=busy.admin, account=busy.department)
    assert [one.what[:12] for one in warned] == ["交通局还有 1 张没办完"]


def test_promises_say_who_had_them(busy) -> None:
    arrange(busy)
    turn = PromiseTurn.objects.filter(outcome="handed").first()
    assert (turn.note, turn.actor) == ("由 liaison 交给 heir", busy.county_officer_a)
    assert promises.follow_up(actor=heir(), promise=turn.promise, outcome="kept").state == "kept"
    assert visits.listed(heir(), visits.Filters()).count() == 1
