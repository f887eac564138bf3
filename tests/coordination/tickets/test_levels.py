"""2.4: rules propose and people confirm; levels accept or return; disputes are ruled on; appeals; K5 and K8."""

from __future__ import annotations

import pytest

from coordination import tickets
from coordination.models import Escalation, Notice, RoutingOverride, RoutingRule, WorkOrder
from coordination.tickets.routing import propose
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account, Organisation
from tests.coordination.tickets.desk import clock, local, raised, take
from tests.coordination.tickets.test_acting import handled
from tests.coordination.tickets.test_orders import officer, order
from tests.coordination.tickets.test_ticking import tick_all


@pytest.mark.parametrize(
    ("given", "level", "rule"),
    [
        ({"category": "PASS_LOCAL"}, "county", "category"),
        ({"category": "PASS_LOCAL", "obstacle": "own_county"}, "county", "L1"),
        ({"category": "PASS_LOCAL", "obstacle": "sibling", "obstacle_division": "350583"}, "city", "L2"),
        ({"category": "PASS_LOCAL", "obstacle": "other_city", "obstacle_place": "厦门"}, "province", "L3"),
        ({"category": "PASS_LOCAL", "obstacle": "other_province", "obstacle_place": "浙江"}, "province", "L4"),
        ({"category": "POLICY", "obstacle": "policy"}, "province", "L7"),
    ],
)  # fmt: skip
def test_the_rule_that_fires_proposes_level_and_says_why(desk, given: dict, level: str, rule: str) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", **given)
    found = propose(ticket)
    assert (found.level, found.rule, found.needs_letter) == (level, rule, rule == "L4")
    assert (f"规则 {rule}：" in found.reason) == (rule != "category")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:00")
    said = ticket.events.latest("seq").said
    assert (ticket.level, ticket.rule, said["rule"], ticket.needs_letter) == (level, rule, rule, rule == "L4")
    assert not RoutingOverride.objects.exists()
    # a wish for policy stays open by itself, whatever becomes of the ticket
    assert Escalation.objects.filter(rule="L7", settled_at=None).count() == (1 if rule == "L7" else 0)


def test_l8_urgency_is_proposed_beside_the_level_and_copied_to_the_supervisor(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", category="PASS_LOCAL", hours_to_stop="20")
    found = propose(ticket)
    assert (found.level, found.urgent_reason) == ("county", "stopping")
    assert propose(raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", hours_to_stop="25")).urgent_reason == ""
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:00", mode="urgent", urgent_reason="stopping")
    assert (ticket.level, ticket.mode) == ("county", "urgent")
    assert Notice.objects.filter(ticket=ticket, division=desk.city, text__contains="抄送专班").count() == 1


def test_what_a_person_decides_otherwise_needs_a_reason_and_is_kept(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", category="PASS_LOCAL")
    assert propose(ticket).lead.code == "JTJ"
    with pytest.raises(Invalid) as refused:
        take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:00", level="city")
    assert refused.value.errors[0].field == "override_reason"
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:00", lead="police", override_reason="卡口是公安的")
    kept = RoutingOverride.objects.get()
    assert (kept.rule, kept.proposed_level, kept.chosen_level, kept.reason) == (
        "category", "county", "county", "卡口是公安的",
    )  # fmt: skip
    assert (kept.proposed_lead.code, kept.chosen_lead.code, kept.actor) == ("JTJ", "police", desk.county_officer_a)
    take(ticket, desk.county_officer_a, "dispatch", "2020-03-26 10:10", lead="JTJ", instruction="办")
    assert RoutingOverride.objects.count() == 2


def test_a_changed_rule_proposes_otherwise(desk) -> None:
    RoutingRule.objects.filter(code="L1").update(level="city", lead="公安")
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", category="PASS_LOCAL", obstacle="own_county")
    assert (propose(ticket).level, propose(ticket).lead.code) == ("city", "police")


def test_l2_the_city_sends_an_order_to_the_sibling_county_which_names_facts_only(desk) -> None:
    ticket = raised(
        desk.reporter_a, desk.plant_a, "2020-03-26 09:20", obstacle="sibling", obstacle_division=desk.county_b
    )
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:00")
    proposed = [one.code for one in propose(ticket).assist]
    assert proposed[0] == desk.county_b
    with pytest.raises(NotFound):
        tickets.find(Account.objects.get(pk=desk.county_officer_b.pk), ticket.number)
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:10", lead="JTJ", assist=proposed[:1], instruction="放行")
    assert tickets.find(desk.county_officer_b, ticket.number) == ticket
    said = {"reason_code": "duty", "reason": "不归我们", "should_have": "交通局"}
    with pytest.raises(Invalid) as refused:
        take(ticket, desk.county_officer_b, "ask_send_back", "2020-03-26 10:20", **said)
    assert refused.value.errors[0].field == "reason_code"
    with pytest.raises(Forbidden):
        take(ticket, desk.county_officer_b, "reply", "2020-03-26 10:20", text="x", result="solved")
    take(ticket, desk.county_officer_b, "sign_order", "2020-03-26 10:30")
    take(ticket, desk.county_officer_b, "answer_order", "2020-03-26 11:00", text="已放行")
    take(ticket, desk.city_officer, "approve_order", "2020-03-26 11:10", organisation=desk.county_b)
    assert order(ticket, desk.county_b).state == "done"


def test_l2_facts_may_be_named(desk) -> None:
    ticket = raised(
        desk.reporter_a, desk.plant_a, "2020-03-26 09:20", obstacle="sibling", obstacle_division=desk.county_b
    )
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:00")
    take(
        ticket,
        desk.city_officer,
        "dispatch",
        "2020-03-26 10:10",
        lead="JTJ",
        assist=[desk.county_b],
        instruction="放行",
    )
    said = {"reason_code": "facts", "reason": "车不在我们这里", "should_have": "惠安县"}
    take(ticket, desk.county_officer_b, "ask_send_back", "2020-03-26 10:20", **said)
    assert order(ticket, desk.county_b).return_reason == "车不在我们这里（应由惠安县办）"


def local_ticket(desk):
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20", category="PASS_LOCAL")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:00")
    return ticket


def test_t22_the_receiving_level_has_a_clock_of_its_own_and_accepts(desk) -> None:
    ticket = local_ticket(desk)
    take(ticket, desk.county_officer_a, "dispatch", "2020-03-26 10:05", lead="JTJ", instruction="办")
    take(ticket, desk.department, "sign", "2020-03-26 10:10")
    before = clock(ticket, "E")
    take(ticket, desk.county_officer_a, "escalate", "2020-03-26 10:30", level="city", rule="L2", reason="邻县劝返")
    asked = Escalation.objects.get()
    own = asked.clocks.get()
    assert (own.kind, local(own.start_at), local(own.due_at)) == ("B", "2020-03-26 10:30", "2020-03-26 16:30")
    assert (ticket.state, ticket.level, asked.accepted_at, asked.requested_by) == (
        "handling", "city", None, desk.county_officer_a,
    )  # fmt: skip
    assert "已提请市级协调。" in str(tickets.described_in_full(desk.reporter_a, ticket))
    assert "escalations" not in tickets.described_in_full(desk.reporter_a, ticket)
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.city_officer, "escalate", "2020-03-26 10:40", level="province", rule="L3", reason="x")
    assert refused.value.code == "escalated_already"
    take(ticket, desk.city_officer, "accept_level", "2020-03-26 11:00", lead="police", instruction="协调邻县")
    asked.refresh_from_db()
    own.refresh_from_db()
    assert (local(asked.accepted_at), asked.decided_by, local(own.stopped_at)) == (
        "2020-03-26 11:00", desk.city_officer, "2020-03-26 11:00",
    )  # fmt: skip
    # the lead changes, the one before assists, the work clock is untouched (K6)
    assert ticket.lead.code == "police"
    assert [(o.organisation.code, o.part, o.state) for o in ticket.orders.order_by("id")] == [
        ("JTJ", "assist", "handling"), ("police", "lead", "awaiting"),
    ]  # fmt: skip
    after = clock(ticket, "E")
    assert (after.pk, after.due_at) == (before.pk, before.due_at)
    chief = officer("p1", Organisation.objects.get(code="police"))
    take(ticket, chief, "sign_order", "2020-03-26 11:20")
    assert (ticket.state, order(ticket, "police").state) == ("handling", "handling")
    # the county keeps the enterprise's contact and decides no more
    take(ticket, desk.county_officer_a, "contact", "2020-03-26 11:30", way="call", text="告知企业")
    with pytest.raises(Forbidden):
        take(ticket, desk.county_officer_a, "handle", "2020-03-26 11:30")


def test_t22_the_receiving_level_returns_with_a_named_owner_below(desk) -> None:
    ticket = local_ticket(desk)
    take(ticket, desk.county_officer_a, "escalate", "2020-03-26 10:30", level="city", rule="other", reason="县里办不了")
    with pytest.raises(Invalid):
        take(ticket, desk.city_officer, "send_down", "2020-03-26 10:40", level="county", reason="能办")
    take(ticket, desk.city_officer, "send_down", "2020-03-26 10:40", level="county", reason="能办", owner="陈丽华")
    asked = Escalation.objects.get()
    assert (ticket.level, asked.owner, asked.answer, local(asked.returned_at), asked.accepted_at) == (
        "county", "陈丽华", "能办", "2020-03-26 10:40", None,
    )  # fmt: skip
    assert asked.clocks.get().stopped_at == asked.returned_at
    take(ticket, desk.county_officer_a, "dispatch", "2020-03-26 11:00", lead="JTJ", instruction="办")


def test_giving_orders_at_the_level_that_was_asked_is_acceptance(desk) -> None:
    ticket = local_ticket(desk)
    take(ticket, desk.county_officer_a, "escalate", "2020-03-26 10:30", level="city", rule="L2", reason="x")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:50", lead="JTJ", instruction="办")
    assert local(Escalation.objects.get().accepted_at) == "2020-03-26 10:50"
    assert not ticket.clocks.filter(kind="B", stopped_at=None).exists()


def test_a_level_is_skipped_by_the_supervisor_only(desk) -> None:
    ticket = local_ticket(desk)
    fields = {"level": "province", "rule": "L4", "reason": "浙江扣车"}
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.county_officer_a, "escalate", "2020-03-26 10:30", **fields)
    assert refused.value.code == "supervisor_decides"
    take(ticket, desk.leader, "escalate", "2020-03-26 10:40", **fields)
    asked = Escalation.objects.get()
    assert (ticket.level, asked.is_skip, ticket.needs_letter) == ("province", True, True)
    assert ticket.events.latest("seq").said["needs_letter"] is True


def test_a_level_that_does_not_answer_is_warned_and_late(desk) -> None:
    ticket = local_ticket(desk)
    take(ticket, desk.county_officer_a, "escalate", "2020-03-26 10:30", level="city", rule="L2", reason="x")
    tick_all("2020-03-26 16:30")
    own = Escalation.objects.get().clocks.get()
    told = Notice.objects.filter(key__startswith=f"clock:{own.pk}:100:")
    assert [notice.division_id for notice in told] == [desk.city]


def test_l5_a_dispute_is_ruled_on_within_four_working_hours_and_binds(desk) -> None:
    ticket = local_ticket(desk)
    police = officer("p1", Organisation.objects.get(code="police"))
    take(ticket, desk.county_officer_a, "dispatch", "2020-03-26 10:05", lead="JTJ", assist=["police"], instruction="办")
    with pytest.raises(Invalid):
        take(ticket, desk.department, "dispute", "2020-03-26 10:10", units=["police"], reason="谁的卡口")
    take(ticket, desk.department, "dispute", "2020-03-26 10:10", units=["police", "JTJ"], reason="谁的卡口")
    asked = Escalation.objects.get(rule="L5")
    own = asked.clocks.get()
    assert (own.kind, local(own.due_at), asked.from_level, asked.to_level) == (
        "R", "2020-03-26 16:10", "county", "county",
    )  # fmt: skip
    # the first unit acts meanwhile
    with pytest.raises(Conflict) as refused:
        take(
            ticket,
            desk.department,
            "ask_send_back",
            "2020-03-26 10:20",
            reason_code="duty",
            reason="x",
            should_have="x",
        )
    assert refused.value.code == "in_dispute"
    take(ticket, desk.department, "sign", "2020-03-26 10:30")
    with pytest.raises(Forbidden):
        take(ticket, desk.county_officer_a, "settle_dispute", "2020-03-26 10:40", lead="police", reason="x")
    take(ticket, desk.leader, "settle_dispute", "2020-03-26 10:40", lead="police", reason="卡口归公安")
    asked.refresh_from_db()
    assert (asked.decided_by, asked.lead.code, local(asked.clocks.get().stopped_at)) == (
        desk.leader, "police", "2020-03-26 10:40",
    )  # fmt: skip
    alive = WorkOrder.objects.filter(ticket=ticket).exclude(state="cancelled").get()
    assert (alive.organisation.code, alive.part, alive.is_binding, ticket.lead.code) == (
        "police",
        "lead",
        True,
        "police",
    )
    with pytest.raises(Conflict) as refused:
        take(ticket, police, "ask_send_back", "2020-03-26 10:50", reason_code="duty", reason="x", should_have="x")
    assert refused.value.code == "binding"


def test_t6_an_appeal_reopens_a_review_by_another_person(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    said = {"reason_code": "scope", "reason": "不属受理范围", "elsewhere": "法院"}
    take(ticket, desk.county_officer_a, "propose_reject", "2020-03-26 10:00", **said)
    take(ticket, desk.leader, "reject", "2020-03-26 10:20", **said)
    assert ticket.state == "rejected"
    take(ticket, desk.reporter_a, "appeal", "2020-03-26 11:00", reason="车还在那里")
    assert (ticket.is_appealed, ticket.state) == (True, "rejected")
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.reporter_a, "appeal", "2020-03-26 11:00", reason="再说一遍")
    assert refused.value.code == "appealed_already"
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.leader, "overturn", "2020-03-26 11:10", reason="x")
    assert refused.value.code == "same_person"
    take(ticket, desk.city_officer, "overturn", "2020-03-26 11:10", reason="应当受理")
    a = clock(ticket, "A")
    assert (ticket.state, ticket.is_appealed, a.number, local(a.start_at)) == (
        "submitted",
        False,
        2,
        "2020-03-26 11:10",
    )
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 11:20")


def test_t6_an_appeal_that_fails_is_answered_once(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    said = {"reason_code": "scope", "reason": "不属受理范围", "elsewhere": "法院"}
    take(ticket, desk.county_officer_a, "propose_reject", "2020-03-26 10:00", **said)
    take(ticket, desk.leader, "reject", "2020-03-26 10:20", **said)
    take(ticket, desk.reporter_a, "appeal", "2020-03-26 11:00", reason="车还在那里")
    take(ticket, desk.city_officer, "uphold", "2020-03-26 11:10", reason="法院管")
    assert "复核后维持原决定：法院管" in str(tickets.described_in_full(desk.reporter_a, ticket))
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.reporter_a, "appeal", "2020-03-26 11:20", reason="再来")
    assert refused.value.code == "appealed_already"


def test_t19_the_second_refusal_raises_supervision_and_asks_for_another_reviewer(desk) -> None:
    ticket = handled(desk)
    for day in (27, 30):
        take(ticket, desk.department, "reply", f"2020-03-{day} 10:00", text="办好了", result="solved")
        take(ticket, desk.reporter_a, "refuse", f"2020-03-{day} 11:00", text="还是不行")
    assert (ticket.refusals, ticket.supervision, ticket.cycle) == (2, 1, 3)
    assert Notice.objects.filter(ticket=ticket, division=desk.city, text__contains="督办提升一级").exists()
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.department, "reply", "2020-03-31 10:00", text="办好了", result="solved")
    assert refused.value.code == "same_reviewer"
    other = officer("other", Organisation.objects.get(code="JTJ"))
    take(ticket, other, "reply", "2020-03-31 10:00", text="真的办好了", result="solved")
    assert ticket.state == "replied"


def test_t13_the_system_nudges_twice_and_then_the_unit_decides(desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "ask", "2020-03-26 17:00", text="缺证", items=["照片"], reply_by="2020-03-27")
    tick_all("2020-03-30 08:29")
    nudges = Notice.objects.filter(ticket=ticket, key__startswith="nudge:")
    assert nudges.count() == 0
    tick_all("2020-03-30 08:30")
    with pytest.raises(Conflict) as refused:
        take(ticket, desk.department, "go_on", "2020-03-30 09:00", reason="不等了")
    assert refused.value.code == "too_early"
    tick_all("2020-03-31 12:00")
    tick_all("2020-04-02 12:00")
    assert [notice.enterprise for notice in nudges.order_by("id")] == [desk.plant_a, desk.plant_a]
    take(ticket, desk.department, "go_on", "2020-04-02 13:00", reason="不等了")
    # 27, 30, 31 March and 1 April were covered whole: four working days on top of 10 April
    assert (ticket.state, local(clock(ticket, "E").due_at)) == ("handling", "2020-04-16 17:30")


def test_t21_a_withdrawal_by_call_names_caller_and_how_one_knows(desk) -> None:
    ticket = handled(desk)
    with pytest.raises(Invalid) as refused:
        take(ticket, desk.city_officer, "withdraw", "2020-03-26 15:00", reason="不办了", caller="林岱")
    assert [fault.field for fault in refused.value.errors] == ["verified"]
    take(
        ticket, desk.city_officer, "withdraw", "2020-03-26 15:00", reason="不办了", caller="林岱", verified="回拨登记电话"
    )  # fmt: skip
    assert "来电人 林岱，回拨登记电话" in ticket.events.latest("seq").text


def test_k5_a_corrected_mode_keeps_start_and_pauses_and_is_never_late_at_once(desk) -> None:
    ticket = handled(desk)  # E began on 26 March 10:05
    take(ticket, desk.department, "ask", "2020-03-26 17:00", text="?", items=["一"], reply_by="2020-03-31")
    take(ticket, desk.reporter_a, "supply", "2020-03-30 09:00", answers=["答"])
    assert local(clock(ticket, "E").due_at) == "2020-04-13 17:30"  # 27 March was covered whole
    said = {"mode": "urgent", "urgent_reason": "stopping", "reason": "要停产了"}
    take(ticket, desk.city_officer, "reclassify", "2020-03-30 10:00", **said)
    e = clock(ticket, "E")
    # three working days from 26 March are 27, 30, 31 March, and one for the pause
    assert (local(e.start_at), local(e.due_at), local(e.due_original), e.amount) == (
        "2020-03-26 10:05", "2020-04-01 17:30", "2020-04-10 17:30", 3,
    )  # fmt: skip
    moved = ticket.events.latest("seq").said["clocks"]
    assert {one["kind"] for one in moved} == {"E", "G"}
    take(ticket, desk.city_officer, "reclassify", "2020-04-02 10:00", mode="normal", reason="又恢复了")
    assert local(clock(ticket, "E").due_at) == "2020-04-13 17:30"
    take(ticket, desk.city_officer, "reclassify", "2020-04-08 16:00", **said)
    # the urgent due time is past: four working hours from now, an hour and a half today, the rest tomorrow
    assert local(clock(ticket, "E").due_at) == "2020-04-09 11:00"


def test_k5_what_was_extended_stays_extended(desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "ask_extension", "2020-04-01 10:00", days="5", reason="等")
    take(ticket, desk.city_officer, "extend", "2020-04-01 10:05", days="5", reason="等")
    assert local(clock(ticket, "E").due_at) == "2020-04-17 17:30"
    take(ticket, desk.city_officer, "reclassify", "2020-04-01 11:00", category="LABOUR", reason="其实是缺工")
    e = clock(ticket, "E")
    assert (e.amount, e.extension, local(e.due_at)) == (15, 5, "2020-04-17 17:30")


def test_k8_a_further_cycle_has_half_of_what_was_granted_at_first(desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "ask_extension", "2020-04-01 10:00", days="5", reason="等")
    take(ticket, desk.city_officer, "extend", "2020-04-01 10:05", days="5", reason="等")
    take(ticket, desk.department, "reply", "2020-04-02 10:00", text="好", result="solved")
    take(ticket, desk.reporter_a, "refuse", "2020-04-03 10:00", text="不好")
    e = clock(ticket, "E")
    # half of ten, not of fifteen; 6 April is a holiday
    assert (e.cycle, e.amount, local(e.due_at)) == (2, 5, "2020-04-13 17:30")
    first = clock(ticket, "E", cycle=1)
    assert (local(first.stopped_at), local(first.due_original)) == ("2020-04-02 10:00", "2020-04-10 17:30")


def test_t24_a_merged_ticket_gets_its_orders_back(desk) -> None:
    one = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    two = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:40")
    take(two, desk.county_officer_a, "accept", "2020-03-26 10:00")
    take(two, desk.city_officer, "dispatch", "2020-03-26 10:05", lead="JTJ", assist=["police"], instruction="办")
    take(
        two, desk.department, "ask_send_back", "2020-03-26 10:10", reason_code="duty", reason="x", should_have="公安局"
    )
    take(two, desk.city_officer, "take_back", "2020-03-26 10:15", reason="同意")
    take(two, desk.city_officer, "merge", "2020-03-26 10:20", target=one.number)
    assert order(two, "police").state == "cancelled"
    take(two, desk.city_officer, "unmerge", "2020-03-26 11:00", reason="不是一回事")
    held = order(two, "police")
    assert (two.state, held.state, two.clocks.get(order=held).stopped_at) == ("accepted", "awaiting", None)
