"""2.6: every order has its number and its clock; sent back with reasons, answered in rows, reviewed by leader and desk."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from coordination import tickets
from coordination.models import Clock, Notice, Ticket, WorkOrder
from enterprises.choices import Role
from enterprises.errors import Conflict, Forbidden, Invalid
from enterprises.models import Account, Organisation, Post
from tests.coordination.tickets.desk import clock, local, raised, take
from tests.coordination.tickets.test_acting import handled, transport
from tests.coordination.tickets.test_ticking import tick_all
from tests.factories.enterprises import LONG_AGO

BACK = {"reason_code": "duty", "reason": "不归我们管", "should_have": "泉州市公安局"}


def officer(name: str, unit: Organisation, *, is_lead: bool = False) -> Account:
    """Somebody who works in a unit."""
    account = Account.objects.create(username=name, display_name=name, password="!")
    Post.objects.create(
        account=account, role=Role.DEPARTMENT, organisation=unit, is_lead=is_lead, known_at=LONG_AGO
    )  # fmt: skip
    return account


@pytest.fixture
def police(desk) -> Account:
    return officer("police", Organisation.objects.get(code="police"))


@pytest.fixture
def head(desk) -> Account:
    """The leader of 交通局."""
    return officer("head", transport(), is_lead=True)


def dispatched(desk, **more) -> Ticket:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:05")
    fields = {"lead": transport().code, "assist": ["police"], "instruction": "办理通行证", **more}
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:40", **fields)
    return ticket


def order(ticket: Ticket, code: str) -> WorkOrder:
    return ticket.orders.filter(organisation__code=code).latest("id")


def row(account, ticket: Ticket, code: str) -> dict:
    found = tickets.described_in_full(account, ticket)["orders"]
    return next(one for one in found if one["organisation"] == code)


def test_each_order_has_its_number_and_its_signing_clock(desk, police) -> None:
    ticket = dispatched(desk)
    lead, assist = order(ticket, "JTJ"), order(ticket, "police")
    assert [lead.number, assist.number] == [f"{ticket.number}-01", f"{ticket.number}-02"]
    assert Clock.objects.filter(ticket=ticket, kind="C", stopped_at=None).count() == 2
    take(ticket, desk.department, "sign", "2020-03-26 11:30")
    take(ticket, police, "sign_order", "2020-03-26 15:00")
    stops = {c.order_id: local(c.stopped_at) for c in ticket.clocks.filter(kind="C")}
    assert stops == {lead.pk: "2020-03-26 11:30", assist.pk: "2020-03-26 15:00"}
    assert (order(ticket, "police").state, ticket.state) == ("handling", "handling")


def test_an_assisting_unit_that_does_not_sign_is_signed_for_and_shown_as_such(desk) -> None:
    ticket = dispatched(desk)
    take(ticket, desk.department, "sign", "2020-03-26 11:30")
    tick_all("2020-03-26 16:40")
    assist = order(ticket, "police")
    assert (assist.state, assist.is_signed_by_system, local(assist.signed_at)) == (
        "handling", True, "2020-03-26 16:40",
    )  # fmt: skip
    assert not order(ticket, "JTJ").is_signed_by_system


def test_the_database_keeps_one_lead_alive(desk) -> None:
    ticket = dispatched(desk)
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkOrder.objects.create(
            ticket=ticket,
            number="x",
            organisation=transport(),
            part="lead",
            instruction="x",
            created_at=ticket.created_at,
        )


def test_what_an_order_asks_is_due_one_working_day_before_the_ticket(desk) -> None:
    ticket = dispatched(desk, due_on="2020-06-01", basis="会议纪要", evidence="通行证照片", contact="老吴")
    lead = order(ticket, "JTJ")
    assert local(clock(ticket, "E").due_at) == "2020-04-10 17:30"
    assert (lead.due_on.isoformat(), lead.basis, lead.evidence, lead.contact) == (
        "2020-04-09", "会议纪要", "通行证照片", "老吴",
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        take(ticket, desk.city_officer, "add_assist", "2020-03-26 11:00", assist=["police"], instruction="x",
             due_on="2020-03-25")  # fmt: skip
    assert refused.value.errors[0].field == "due_on"


def test_a_confidential_order_is_read_by_its_unit_and_the_desk_only(desk, police) -> None:
    ticket = dispatched(desk, is_confidential="yes")
    take(ticket, desk.city_officer, "add_assist", "2020-03-26 11:00", assist=["350583"], instruction="另一件")
    assert row(desk.department, ticket, "JTJ")["instruction"] == "办理通行证"
    assert row(desk.city_officer, ticket, "JTJ")["instruction"] == "办理通行证"
    assert row(police, ticket, "JTJ")["instruction"] is None
    assert row(police, ticket, "350583")["instruction"] == "另一件"


def test_what_is_sent_for_information_blocks_nothing_and_is_done_when_signed(desk, police) -> None:
    ticket = dispatched(desk, assist=[], inform=["police"])
    take(ticket, desk.department, "sign", "2020-03-26 11:30")
    take(ticket, police, "sign_order", "2020-03-26 11:40")
    assert order(ticket, "police").state == "done"
    take(ticket, desk.department, "reply", "2020-03-26 15:00", text="好了", result="solved")


def test_asking_to_send_back_stops_the_signing_clock_and_the_desk_decides(desk, police) -> None:
    ticket = dispatched(desk)
    take(ticket, desk.department, "sign", "2020-03-26 11:30")
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.department, "ask_send_back", "2020-03-26 11:40", **BACK)
    assert refused.value.code == "too_late"  # signed is taken
    take(ticket, police, "ask_send_back", "2020-03-26 11:40", **BACK | {"should_have": "JTJ"})
    held = order(ticket, "police")
    assert (held.state, held.return_code, held.return_to) == ("returning", "duty", transport())
    assert local(ticket.clocks.get(order=held).stopped_at) == "2020-03-26 11:40"
    assert tick_all("2020-03-26 16:40") >= 0
    assert order(ticket, "police").state == "returning"  # not signed by the clock meanwhile
    take(ticket, desk.city_officer, "keep_order", "2020-03-27 09:00", reason="请协助")
    assert (order(ticket, "police").state, ticket.clocks.filter(order=held, stopped_at=None).count()) == ("awaiting", 1)
    with pytest.raises(Conflict) as refused:
        take(ticket, police, "ask_send_back", "2020-03-27 09:10", **BACK)
    assert refused.value.code == "binding"


def test_an_assisting_order_sent_back_leaves_the_ticket_where_it_is(desk, police) -> None:
    ticket = dispatched(desk)
    take(ticket, desk.department, "sign", "2020-03-26 11:30")
    take(ticket, police, "ask_send_back", "2020-03-26 11:40", **BACK)
    take(ticket, desk.city_officer, "release_order", "2020-03-26 11:50", reason="同意")
    assert (ticket.state, order(ticket, "police").state) == ("handling", "sent_back")
    assert Notice.objects.filter(organisation__code="police", text__startswith="退单已核准").exists()


def test_l6_the_second_return_is_the_supervisors_and_a_third_is_impossible(desk, police) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", category="PASS_LOCAL")
    county = desk.county_officer_a
    take(ticket, county, "accept", "2020-03-26 10:05")
    take(ticket, county, "dispatch", "2020-03-26 10:10", lead="JTJ", instruction="办")
    take(ticket, desk.department, "ask_send_back", "2020-03-26 10:20", **BACK)
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.leader, "take_back", "2020-03-26 10:25", reason="同意")
    assert refused.value.code == "not_yet_the_supervisors"
    take(ticket, county, "take_back", "2020-03-26 10:30", reason="同意")
    assert (ticket.state, ticket.lead.code) == ("accepted", "police")  # the unit that should have it
    take(ticket, county, "dispatch", "2020-03-26 10:40", instruction="办")
    take(ticket, police, "ask_send_back", "2020-03-26 10:50", **BACK | {"should_have": "交通局"})
    with pytest.raises(Conflict) as refused:
        take(ticket, county, "take_back", "2020-03-26 11:00", reason="同意")
    assert refused.value.code == "supervisor_decides"
    assert Notice.objects.filter(division=desk.city, text__startswith="第二次退单").exists()
    take(ticket, desk.leader, "take_back", "2020-03-26 11:00", reason="由交通局办")
    assert ticket.events.latest("seq").side == "supervisor"
    take(ticket, county, "dispatch", "2020-03-26 11:10", instruction="办")
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.department, "ask_send_back", "2020-03-26 11:20", **BACK)
    assert refused.value.code == "too_many_returns"
    assert [c.number for c in ticket.clocks.filter(kind="B")] == [1, 2, 3]


def test_each_answer_is_a_row_and_refused_twice_the_supervisor_reviews(desk, police) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", category="PASS_LOCAL")
    county = desk.county_officer_a
    take(ticket, county, "accept", "2020-03-26 10:05")
    take(ticket, county, "dispatch", "2020-03-26 10:10", lead="JTJ", assist=["police"], instruction="办")
    for count in (1, 2):
        take(ticket, police, "answer_order", f"2020-03-26 10:2{count}", text=f"第{count}稿", evidence="照片")
        take(ticket, county, "refuse_order", f"2020-03-26 10:3{count}", organisation="police", reason=f"不全{count}")
    take(ticket, police, "answer_order", "2020-03-26 10:40", text="第3稿")
    with pytest.raises(Conflict) as refused:
        take(ticket, county, "approve_order", "2020-03-26 10:50", organisation="police")
    assert refused.value.code == "supervisor_decides"
    take(ticket, desk.leader, "approve_order", "2020-03-26 10:55", organisation="police")
    rows = order(ticket, "police").answers.values_list("number", "state", "text", "reason", "decided_by__username")
    assert list(rows) == [
        (1, "refused", "第1稿", "不全1", "county_officer_a"), (2, "refused", "第2稿", "不全2", "county_officer_a"),
        (3, "accepted", "第3稿", "", "leader"),
    ]  # fmt: skip
    assert order(ticket, "police").state == "done"


def test_where_a_unit_has_a_leader_an_answer_passes_him_first(desk, police) -> None:
    chief = officer("chief", Organisation.objects.get(code="police"), is_lead=True)
    ticket = dispatched(desk)
    take(ticket, police, "answer_order", "2020-03-26 11:00", text="初稿")
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.city_officer, "approve_order", "2020-03-26 11:10", organisation="police")
    assert refused.value.code == "not_passed"
    with pytest.raises(Forbidden):
        take(ticket, police, "pass_answer", "2020-03-26 11:10")
    take(ticket, chief, "return_answer", "2020-03-26 11:10", reason="写清车牌")
    take(ticket, police, "answer_order", "2020-03-26 11:20", text="二稿")
    take(ticket, chief, "pass_answer", "2020-03-26 11:30")
    take(ticket, desk.city_officer, "approve_order", "2020-03-26 11:40", organisation="police")
    held = order(ticket, "police")
    assert (held.refusals, held.state) == (0, "done")
    assert [a.state for a in held.answers.all()] == ["refused", "accepted"]
    assert held.answers.get(number=2).passed_by == chief


def test_t16_the_units_leader_reviews_what_goes_to_the_enterprise(desk, head) -> None:
    ticket = handled(desk)
    said = {"text": "通行证已发。", "result": "solved"}
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.department, "reply", "2020-03-27 10:00", **said)
    assert refused.value.code == "head_decides"
    take(ticket, desk.department, "propose_reply", "2020-03-27 10:00", **said)
    assert (ticket.state, order(ticket, "JTJ").state) == ("handling", "answered")
    assert "通行证已发" not in str(tickets.described_in_full(desk.reporter_a, ticket))
    assert clock(ticket, "E").stopped_at is None
    take(ticket, head, "return_answer", "2020-03-27 10:10", reason="写清有效期")
    take(ticket, desk.department, "propose_reply", "2020-03-27 10:20", text="通行证已发，五天有效。", result="solved")
    take(ticket, head, "reply", "2020-03-27 10:30", text="通行证已发，五天有效。", result="solved")
    held = order(ticket, "JTJ")
    assert (ticket.state, held.state, local(clock(ticket, "E").stopped_at)) == ("replied", "done", "2020-03-27 10:30")
    assert [(a.state, a.actor.username) for a in held.answers.all()] == [
        ("refused", "department"), ("accepted", "department"),
    ]  # fmt: skip


def test_k7_a_leader_asks_for_more_time_and_a_refusal_ends_the_request(desk, head) -> None:
    ticket = handled(desk)
    asked = {"days": "5", "reason": "等外省回函"}
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.department, "ask_extension", "2020-04-01 10:00", **asked)
    assert refused.value.code == "head_decides"
    take(ticket, head, "ask_extension", "2020-04-01 10:00", **asked)
    assert (order(ticket, "JTJ").asked_days, order(ticket, "JTJ").granted_days) == (5, None)
    take(ticket, desk.city_officer, "refuse_extension", "2020-04-01 10:05", reason="今天就能办")
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.leader, "extend", "2020-04-01 10:10", **asked)
    assert refused.value.code == "refused_already"
    assert local(clock(ticket, "E").due_at) == "2020-04-10 17:30"


def test_withdrawing_ends_the_orders_and_tells_their_units(desk, police) -> None:
    ticket = dispatched(desk)
    take(ticket, desk.reporter_a, "withdraw", "2020-03-26 15:00", reason="车已回来")
    assert set(ticket.orders.values_list("state", flat=True)) == {"cancelled"}
    told = Notice.objects.filter(text__contains="已撤销").values_list("organisation__code", flat=True)
    assert set(told) == {"JTJ", "police"}
    assert not ticket.clocks.filter(stopped_at=None).exists()
    assert ticket.events.latest("seq").said["sampled"] is True


def test_an_assist_is_added_and_cancelled_with_notice(desk, police) -> None:
    ticket = dispatched(desk, assist=[])
    take(ticket, desk.city_officer, "add_assist", "2020-03-26 11:00", assist=["police"], instruction="查车")
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.city_officer, "add_assist", "2020-03-26 11:01", assist=["police"], instruction="查车")
    assert refused.value.code == "has_order"
    take(ticket, desk.city_officer, "cancel_order", "2020-03-26 11:10", organisation="police", reason="不用了")
    assert order(ticket, "police").state == "cancelled"
    assert Notice.objects.filter(organisation__code="police", text__contains="不用了").exists()
