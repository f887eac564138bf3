"""T1-T24: a ticket goes its way, its clocks with it, and everybody may do just what the table says."""

from __future__ import annotations

import pytest

from coordination import tickets
from coordination.choices import TicketState, Visibility
from coordination.models import Event, Notice, Ticket, WorkOrder
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Organisation
from supplies.request_keys import Key
from tests.coordination.tickets.desk import GIVEN, at, clock, local, raised, take


def transport() -> Organisation:
    return Organisation.objects.exclude(code="police").get()


def handled(desk) -> Ticket:
    """Submitted, accepted, dispatched and signed on Thursday 26 March."""
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:05")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:40", lead=transport().code, instruction="办理通行证")
    take(ticket, desk.department, "sign", "2020-03-26 11:30")
    return ticket


def test_six_taps_from_submission_to_confirmation(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", product="MASK_SURG", blocked="21万只")
    assert (ticket.number, ticket.state, ticket.blocked) == ("20200326-0001", "submitted", 210_000_000)
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:05")
    assert (ticket.state, ticket.level) == ("accepted", "city")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:40", lead=transport().code, instruction="办理通行证")
    take(ticket, desk.department, "sign", "2020-03-26 11:30")
    take(ticket, desk.department, "reply", "2020-03-30 10:00", text="通行证已发。", result="solved")
    take(ticket, desk.reporter_a, "confirm", "2020-03-30 11:00", contacted="yes", solved="yes", satisfaction="5")
    assert (ticket.state, ticket.result, ticket.confirm_mode) == ("closed", "solved", "enterprise")
    assert [e.transition for e in ticket.events.all()] == ["T1", "T2", "T3", "T8", "T9", "T16", "T17", ""]
    assert WorkOrder.objects.get(ticket=ticket).state == "done"
    assert not ticket.clocks.filter(stopped_at=None).exists()


def test_clocks_start_and_stop_with_the_table(desk) -> None:
    ticket = handled(desk)
    a, b, c, d, e, g = (clock(ticket, kind) for kind in "ABCDEG")
    assert (local(a.due_at), local(a.stopped_at)) == ("2020-03-26 15:20", "2020-03-26 10:05")
    assert (local(b.start_at), local(b.due_at), local(b.stopped_at)) == (
        "2020-03-26 10:05", "2020-03-26 16:05", "2020-03-26 10:40",
    )  # fmt: skip
    assert (local(c.start_at), local(c.stopped_at)) == ("2020-03-26 10:40", "2020-03-26 11:30")
    assert (local(d.due_at), d.stopped_at) == ("2020-03-27 17:30", None)
    # ten working days after 26 March: 6 April is the holiday of Qingming
    assert (local(e.due_at), e.stopped_at) == ("2020-04-10 17:30", None)
    assert local(g.due_at) == "2020-03-31 17:30"


def test_a_public_word_of_ours_is_the_first_contact_and_begins_the_next_span_of_feedback(desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "message", "2020-03-26 15:00", text="内部：查外市", visibility="units")
    assert clock(ticket, "D").stopped_at is None
    take(ticket, desk.reporter_a, "message", "2020-03-26 15:10", text="有消息吗？")
    assert clock(ticket, "D").stopped_at is None
    take(ticket, desk.department, "message", "2020-03-26 16:00", text="明天给您消息", visibility="enterprise")
    assert local(clock(ticket, "D").stopped_at) == "2020-03-26 16:00"
    g = clock(ticket, "G")
    assert (g.number, local(g.start_at), local(g.due_at)) == (2, "2020-03-26 16:00", "2020-03-31 17:30")


def test_a_logged_call_is_the_first_contact_too(desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.liaison, "contact", "2020-03-26 15:20", way="call", text="已联系，布料只够两天")
    assert local(clock(ticket, "D").stopped_at) == "2020-03-26 15:20"
    assert local(clock(ticket, "D").due_at) == "2020-03-27 17:30"


def test_t4_t5_acceptance_waits_while_the_enterprise_completes(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    take(ticket, desk.county_officer_a, "return", "2020-03-26 10:20", items=["车牌号", "驾驶员名单"])
    assert (ticket.state, ticket.items, local(clock(ticket, "A").paused_at)) == (
        "returned", ["车牌号", "驾驶员名单"], "2020-03-26 10:20",
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        take(ticket, desk.reporter_a, "amend", "2020-03-26 15:00", answers=["闽C12345"])
    assert refused.value.code == "not_every_item"
    take(ticket, desk.reporter_a, "amend", "2020-03-26 15:20", answers=["闽C12345", "王某"])
    a = clock(ticket, "A")
    assert (ticket.state, a.paused_at, local(a.due_original)) == ("submitted", None, "2020-03-26 15:20")
    assert local(a.due_at) == "2020-03-27 09:20"  # three hours were left: 15:20 to 17:30, and 50 minutes of the morning
    assert "1. 车牌号：闽C12345" in ticket.events.latest("seq").text


def test_t12_t13_waiting_for_the_enterprise_pauses_the_work(desk) -> None:
    ticket = handled(desk)
    take(
        ticket,
        desk.department,
        "ask",
        "2020-03-26 17:00",
        text="第三辆车缺证",
        items=["行驶证照片"],
        reply_by="2020-03-31",
    )
    assert ticket.state == TicketState.WAITING
    take(ticket, desk.reporter_a, "supply", "2020-03-31 09:00", answers=["已上传"])
    e = clock(ticket, "E")
    # 27 and 30 March were covered whole
    assert (ticket.state, local(e.due_original), local(e.due_at)) == (
        "handling",
        "2020-04-10 17:30",
        "2020-04-14 17:30",
    )
    pause = e.pauses.get()
    assert (local(pause.from_at), local(pause.to_at), pause.event.action) == (
        "2020-03-26 17:00",
        "2020-03-31 09:00",
        "ask",
    )


def test_the_enterprise_is_asked_at_most_twice_a_cycle(desk) -> None:
    ticket = handled(desk)
    for _ in range(2):
        take(ticket, desk.department, "ask", "2020-03-26 17:00", text="？", items=["一"], reply_by="2020-03-31")
        take(ticket, desk.reporter_a, "supply", "2020-03-26 17:10", answers=["答"])
    with pytest.raises(Conflict, match="最多请企业补充"):
        take(ticket, desk.department, "ask", "2020-03-26 17:20", text="？", items=["一"], reply_by="2020-03-31")


def test_t19_a_refused_answer_begins_a_cycle_with_a_budget_of_its_own(desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "reply", "2020-03-27 10:00", text="办好了", result="solved")
    first = clock(ticket, "E")
    assert (local(first.stopped_at), first.cycle) == ("2020-03-27 10:00", 1)
    take(ticket, desk.reporter_a, "refuse", "2020-03-30 09:00", text="第三辆还是过不去")
    e = clock(ticket, "E")
    assert (ticket.state, ticket.cycle, ticket.was_refused, ticket.result) == ("handling", 2, True, "")
    assert (e.cycle, e.amount, local(e.start_at), local(e.due_at)) == (2, 5, "2020-03-30 09:00", "2020-04-07 17:30")
    take(ticket, desk.department, "reply", "2020-03-30 15:00", text="第三辆也办好了", result="solved")
    take(ticket, desk.reporter_a, "confirm", "2020-03-30 16:00", solved="yes")
    assert (ticket.state, ticket.result) == ("closed", "solved")


def test_t20_the_enterprise_reopens_within_ten_working_days_the_desk_later(desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "reply", "2020-03-27 10:00", text="办好了", result="solved")
    take(ticket, desk.reporter_a, "confirm", "2020-03-27 11:00", solved="yes")
    with pytest.raises(Conflict, match="10 个工作日"):
        take(ticket, desk.reporter_a, "reopen", "2020-04-14 08:00", reason="又被劝返")
    take(ticket, desk.city_officer, "reopen", "2020-04-14 08:00", reason="企业来电：又被劝返")
    assert (ticket.state, ticket.cycle, ticket.result) == ("handling", 2, "")


def test_a_message_on_a_closed_ticket_reopens_nothing(desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "reply", "2020-03-27 10:00", text="办好了", result="solved")
    take(ticket, desk.reporter_a, "confirm", "2020-03-27 11:00", solved="yes")
    take(ticket, desk.reporter_a, "message", "2020-03-27 12:00", text="谢谢！")
    assert ticket.state == TicketState.CLOSED


@pytest.mark.parametrize(
    ("proposed", "solved", "result"),
    [
        ("solved", "yes", "solved"), ("solved", "partly", "partial"), ("solved", "no", "unsolved"),
        ("partial", "yes", "solved"), ("explained", "yes", "explained"), ("explained", "no", "explained"),
        ("unsolved", "yes", "unsolved"),
    ],
)  # fmt: skip
def test_t17_the_enterprise_has_the_last_word_on_the_result(desk, proposed: str, solved: str, result: str) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "reply", "2020-03-27 10:00", text="答复", result=proposed)
    take(ticket, desk.reporter_a, "confirm", "2020-03-27 11:00", solved=solved, comment="说明")
    assert ticket.result == result


def test_t17_a_proxy_needs_evidence_and_is_told_apart(desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "reply", "2020-03-27 10:00", text="办好了", result="solved")
    with pytest.raises(Invalid) as refused:
        take(ticket, desk.liaison, "confirm", "2020-03-27 11:00", solved="yes")
    assert refused.value.errors[0].field == "evidence"
    take(ticket, desk.liaison, "confirm", "2020-03-27 11:00", solved="yes", evidence="通话记录 0327-3")
    assert ticket.confirm_mode == "proxy"


def test_t6_refusing_a_matter_takes_two_people(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    fields = {"reason_code": "legal", "reason": "不属于本系统", "elsewhere": "法院"}
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.city_officer, "reject", "2020-03-26 10:00", **fields)
    assert refused.value.code == "not_proposed"
    take(ticket, desk.city_officer, "propose_reject", "2020-03-26 10:00", **fields)
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.city_officer, "reject", "2020-03-26 10:10", **fields)
    assert refused.value.code == "same_person"
    take(ticket, desk.leader, "reject", "2020-03-26 10:20", **fields)
    assert ticket.state == TicketState.REJECTED
    assert ticket.events.get(action="propose_reject").visibility == Visibility.UNITS
    assert "法院" in ticket.events.get(action="reject").text


def test_t7_t24_a_merged_ticket_comes_back_as_if_nothing_had_been(desk) -> None:
    one = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    two = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:40")
    foreign = raised(desk.reporter_b, desk.plant_b, "2020-03-26 09:40")
    with pytest.raises(NotFound):
        take(two, desk.city_officer, "merge", "2020-03-26 10:00", target=foreign.number)
    take(two, desk.city_officer, "merge", "2020-03-26 10:00", target=one.number)
    assert (two.state, two.duplicate_of) == ("duplicate", one)
    assert not two.clocks.filter(stopped_at=None).exists()
    take(two, desk.city_officer, "unmerge", "2020-03-26 11:00", reason="不是一回事")
    a = clock(two, "A")
    assert (two.state, two.duplicate_of, a.stopped_at, local(a.due_at)) == ("submitted", None, None, "2020-03-26 15:40")


def test_t10_a_unit_returns_an_order_within_its_signing_time_and_the_work_clock_runs_on(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:05")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:40", lead=transport().code, instruction="办")
    said = {"reason_code": "duty", "reason": "不管高速口", "should_have": "公安局"}
    with pytest.raises(Conflict, match="签收时限"):
        take(ticket, desk.department, "ask_send_back", "2020-03-27 10:00", **said)
    take(ticket, desk.department, "ask_send_back", "2020-03-26 11:00", **said)
    take(ticket, desk.city_officer, "take_back", "2020-03-26 11:10", reason="同意")
    assert (ticket.state, clock(ticket, "B").number, local(clock(ticket, "E").start_at)) == (
        "accepted", 2, "2020-03-26 10:05",
    )  # fmt: skip
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 11:20", lead="police", instruction="办")
    assert ticket.lead.code == "police"
    with pytest.raises(NotFound):  # the unit that returned it sees it no more
        tickets.find(desk.department, ticket.number)


def test_t16_waits_for_the_assisting_units(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:05")
    take(
        ticket,
        desk.city_officer,
        "dispatch",
        "2020-03-26 10:40",
        lead="police",
        assist=[transport().code],
        instruction="办",
    )
    take(ticket, None, "sign", "2020-03-26 11:00")
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.city_officer, "reply", "2020-03-26 12:00", text="好", result="solved")
    assert "协办还没有完成" in str(refused.value)
    take(ticket, desk.department, "answer_order", "2020-03-26 14:00", text="已核对车辆")
    take(ticket, desk.city_officer, "approve_order", "2020-03-26 14:10", organisation=transport().code)
    take(ticket, desk.city_officer, "reply", "2020-03-26 15:00", text="好", result="solved")
    assert ticket.state == TicketState.REPLIED


def test_t21_only_the_enterprise_withdraws_or_a_call_that_is_named(desk) -> None:
    ticket = handled(desk)
    with pytest.raises(Forbidden):
        take(ticket, desk.liaison, "withdraw", "2020-03-26 15:00", reason="不办了")
    with pytest.raises(Invalid):
        take(ticket, desk.city_officer, "withdraw", "2020-03-26 15:00", reason="不办了")
    take(ticket, desk.reporter_a, "withdraw", "2020-03-26 15:00", reason="车已回来")
    assert (ticket.state, WorkOrder.objects.get(ticket=ticket).state) == ("withdrawn", "cancelled")


def test_t22_above_its_level_a_county_assists_and_decides_no_more(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", category="PASS_LOCAL")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:05")
    assert ticket.level == "county"
    take(ticket, desk.county_officer_a, "escalate", "2020-03-26 10:30", level="city", rule="L2", reason="邻县劝返")
    assert (ticket.level, ticket.state) == ("city", "accepted")
    event = ticket.events.latest("seq")
    assert (event.text, event.said["reason"]) == ("已提请市级协调。", "邻县劝返")
    with pytest.raises(Forbidden):
        take(ticket, desk.county_officer_a, "dispatch", "2020-03-26 10:40", lead="police", instruction="办")
    take(ticket, desk.county_officer_a, "contact", "2020-03-26 10:50", way="call", text="告知企业")
    take(ticket, desk.city_officer, "send_down", "2020-03-26 11:00", level="county", reason="县里能办", owner="陈")
    take(ticket, desk.county_officer_a, "dispatch", "2020-03-26 11:10", lead="police", instruction="办")


def test_k7_an_extension_is_asked_in_time_granted_once_and_the_original_due_stays(desk) -> None:
    ticket = handled(desk)  # due on 10 April
    asked = {"days": "5", "reason": "等外省回函"}
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.department, "ask_extension", "2020-04-10 10:00", **asked)
    assert refused.value.code == "too_late"
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.city_officer, "extend", "2020-04-01 10:00", **asked)
    assert refused.value.code == "not_proposed"
    take(ticket, desk.department, "ask_extension", "2020-04-01 10:00", **asked)
    take(ticket, desk.leader, "extend", "2020-04-01 10:05", days="15", reason="x")  # 10 + 15 is the most there is
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.leader, "extend", "2020-04-01 10:05", days="1", reason="x")
    assert refused.value.code == "extended_already"
    e = clock(ticket, "E")
    assert (local(e.due_original), local(e.due_at)) == ("2020-04-10 17:30", "2020-04-30 17:30")
    assert ticket.events.get(action="extend").text == "延期到 2020-04-30 17:30：x"


def test_k7_the_desk_grants_five_days_and_the_supervisor_more(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", category="PASS_LOCAL")
    officer = desk.county_officer_a
    take(ticket, officer, "accept", "2020-03-26 10:00", level="county")
    take(ticket, officer, "dispatch", "2020-03-26 10:05", lead=transport().code, instruction="办")
    take(ticket, desk.department, "sign", "2020-03-26 10:10")
    take(ticket, desk.department, "ask_extension", "2020-04-01 10:00", days="6", reason="等")
    with pytest.raises(Conflict, match="派工岗最多批准"):
        take(ticket, officer, "extend", "2020-04-01 10:05", days="6", reason="等")
    take(ticket, desk.leader, "extend", "2020-04-01 10:10", days="6", reason="等")
    assert local(clock(ticket, "E").due_at) == "2020-04-20 17:30"


def test_k3_in_an_emergency_new_tickets_in_scope_count_day_and_night(desk) -> None:
    before = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:00")
    held = tickets.declare(
        actor=desk.city_officer, document="泉应急〔2020〕3号", division=desk.county_a, at=at("2020-03-26 09:00")
    )
    inside = raised(desk.reporter_a, desk.plant_a, "2020-03-26 22:00")
    outside = raised(desk.reporter_b, desk.plant_b, "2020-03-26 22:00")
    assert [t.mode for t in (before, inside, outside)] == ["normal", "emergency", "normal"]
    assert local(clock(inside, "A").due_at) == "2020-03-26 22:30"
    tickets.end(actor=desk.city_officer, number=held.pk, at=at("2020-03-27 00:00"))
    take(inside, desk.county_officer_a, "accept", "2020-03-27 00:10")
    assert (inside.mode, local(clock(inside, "E").due_at)) == ("emergency", "2020-03-30 00:10")
    assert raised(desk.reporter_a, desk.plant_a, "2020-03-27 00:00").mode == "normal"  # the end is out
    with pytest.raises(Conflict):
        tickets.end(actor=desk.city_officer, number=held.pk)
    for person in (desk.county_officer_a, desk.leader, desk.reporter_a):
        with pytest.raises(Forbidden):
            tickets.declare(actor=person, document="x")


def test_somebody_else_was_faster_and_nothing_is_overwritten(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    seen = ticket.version
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:05")
    with pytest.raises(Conflict) as refused:
        tickets.act(
            actor=desk.city_officer, ticket=ticket, action="return", fields={"items": ["车牌"]}, expected_version=seen,
            at=at("2020-03-26 10:06"),
        )  # fmt: skip
    assert refused.value.code == "version_conflict"
    assert refused.value.extra["changed"] == {"action": "accept", "side": "desk", "at": "2020-03-26T10:05:00+08:00"}
    assert Ticket.objects.get(pk=ticket.pk).state == "accepted"


def test_the_same_request_twice_is_one_ticket_and_one_step(desk) -> None:
    key, other = Key("k1", "a" * 64), Key("k2", "b" * 64)
    one = tickets.raise_ticket(actor=desk.reporter_a, uscc=desk.plant_a.uscc, fields=GIVEN, key=key)
    two = tickets.raise_ticket(actor=desk.reporter_a, uscc=desk.plant_a.uscc, fields=GIVEN, key=key)
    assert (two.is_replay, two.ticket, Ticket.objects.count()) == (True, one.ticket, 1)
    for replay in (False, True):
        done = tickets.act(
            actor=desk.county_officer_a, ticket=one.ticket, action="accept", fields={}, expected_version=2, key=other
        )
        assert (done.state, done.is_replay) == ("accepted", replay)
    assert Event.objects.filter(action="accept").count() == 1


def test_foreign_tickets_do_not_exist(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    for stranger in (desk.reporter_b, desk.county_officer_b, desk.department):
        with pytest.raises(NotFound):
            tickets.find(stranger, ticket.number)
    assert tickets.find(desk.county_officer_a, ticket.number) == ticket
    with pytest.raises(Forbidden):
        tickets.find(desk.stranger, ticket.number)


def test_history_cannot_be_rewritten(desk) -> None:
    from django.db import DatabaseError, transaction

    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(ticket=ticket).update(text="")


def test_what_the_enterprise_reads_is_an_allow_list(desk) -> None:
    ticket = handled(desk)
    for word in ("enterprise", "units", "own_unit", "task_force"):
        who = desk.city_officer if word == Visibility.TASK_FORCE else desk.department
        take(ticket, who, "message", "2020-03-26 15:00", text=f"秘{word}", visibility=word)
    seen = {
        person: {
            w for w in Visibility.values if f"秘{w}" in str(tickets.described_in_full(getattr(desk, person), ticket))
        }
        for person in ("reporter_a", "liaison", "department", "county_officer_a", "city_officer")
    }
    assert seen == {
        "reporter_a": {"enterprise"},
        "liaison": {"enterprise", "units"},
        "department": {"enterprise", "units", "own_unit"},
        "county_officer_a": {"enterprise", "units"},
        "city_officer": {"enterprise", "units", "task_force"},
    }
    row = tickets.described_in_full(desk.reporter_a, ticket)
    assert "orders" not in row
    assert all("said" not in event and "visibility" not in event for event in row["events"])
    assert desk.city_officer.username not in str(row)
    assert "办理通行证" not in str(row)  # what the unit was told to do


def test_desks_are_told_once_and_the_actor_not_at_all(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    first = Notice.objects.get()
    assert (first.division_id, first.enterprise_id) == (desk.county_a, None)
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:05")
    told = Notice.objects.exclude(pk=first.pk)
    assert {(n.enterprise_id, n.division_id) for n in told} == {(desk.plant_a.pk, None), (None, desk.city)}
    tickets.opened(desk.reporter_a, ticket, at("2020-03-26 10:10"))
    assert Notice.objects.get(enterprise=desk.plant_a).opened_by == desk.reporter_a
