"""One order for a common problem instead of one for each member; each member keeps its own clocks and its own answer."""

from __future__ import annotations

import pytest

from coordination import common_problems, tickets
from coordination.models import ProblemOrder, WorkOrder
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from tests.coordination.tickets.desk import clock, raised, take


@pytest.fixture
def two(desk):
    """Accepted, waiting to be dispatched."""
    found = []
    for who, plant in ((desk.reporter_a, desk.plant_a), (desk.reporter_b, desk.plant_b)):
        ticket = raised(who, plant, "2020-03-26 08:20")
        take(ticket, desk.city_officer, "accept", "2020-03-26 08:30")
        found.append(ticket)
    return found


@pytest.fixture
def problem(desk, two):
    return common_problems.establish(
        actor=desk.city_officer,
        title="熔喷布跨市运输",
        category="PASS_CITY",
        numbers=[t.number for t in two],
        cause="不互认",
    )


@pytest.fixture
def order(desk, problem) -> ProblemOrder:
    return common_problems.dispatch(
        actor=desk.city_officer, problem=problem, organisation="JTJ", instruction="与邻市商定互认"
    )


def states(two) -> list[str]:
    for ticket in two:
        ticket.refresh_from_db()
    return [ticket.state for ticket in two]


def test_members_go_along_and_get_no_order_of_their_own(desk, two, problem, order) -> None:
    assert states(two) == ["handling", "handling"]
    assert not WorkOrder.objects.exists()
    assert clock(two[0], "B").stopped_at is not None
    assert clock(two[0], "E").stopped_at is None
    problem.refresh_from_db()
    assert (order.number, problem.state, problem.lead.code) == ("G-001-01", "handling", "JTJ")
    third = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:40")
    take(third, desk.city_officer, "accept", "2020-03-26 08:45")
    common_problems.link(actor=desk.city_officer, problem=problem, number=third.number)
    assert states([third]) == ["handling"]
    with pytest.raises(Conflict, match="已经有一张在办的派工单"):
        common_problems.dispatch(actor=desk.city_officer, problem=problem, organisation="police", instruction="x")


def test_the_unit_signs_answers_and_handles_the_members(desk, two, problem, order, client) -> None:
    assert common_problems.order(desk.department, order.number) == order
    with pytest.raises(Forbidden):
        common_problems.turn_order(actor=desk.city_officer, order=order, action="sign")
    client.force_login(desk.department)
    assert order.number in client.get("/tickets/").content.decode()
    page = client.get(f"/tickets/problems/orders/{order.number}/").content.decode()
    assert two[0].number in page
    assert two[1].number in page
    assert client.post(f"/tickets/problems/orders/{order.number}/sign/").status_code == 302
    assert client.post(f"/tickets/problems/orders/{order.number}/sign/").status_code == 409
    assert client.post(f"/tickets/problems/orders/{order.number}/answer/", {"text": ""}).status_code == 422
    client.post(f"/tickets/problems/orders/{order.number}/answer/", {"text": "已商定互认"})
    assert client.post(f"/tickets/problems/orders/{order.number}/approve/").status_code == 403
    take(two[0], desk.department, "reply", "2020-03-26 08:58", text="可以走了", result="solved")
    assert states(two) == ["replied", "handling"]
    client.force_login(desk.city_officer)
    assert client.post(f"/tickets/problems/orders/{order.number}/refuse/", {"text": "附协议"}).status_code == 302
    common_problems.turn_order(actor=desk.department, order=order, action="answer", text="已商定互认，附协议")
    common_problems.turn_order(actor=desk.city_officer, order=order, action="approve")
    order.refresh_from_db()
    assert (order.state, order.answer) == ("done", "已商定互认，附协议")


def test_staff_read_that_a_ticket_goes_along_the_enterprise_does_not(desk, two, order, client) -> None:
    for person, is_shown in ((desk.city_officer, True), (desk.department, True), (desk.reporter_a, False)):
        client.force_login(person)
        page = client.get(f"/tickets/{two[0].number}/").content.decode()
        assert ("随共性问题办理" in page) == is_shown
        assert ("G-001" in page) == is_shown


def test_waiting_for_one_enterprise_pauses_that_member_only(desk, two, order) -> None:
    take(two[0], desk.city_officer, "ask", "2020-03-26 08:58", text="车牌？", items="车牌", reply_by="2020-03-27")
    assert states(two) == ["waiting", "handling"]
    assert clock(two[0], "E").paused_at is not None
    assert clock(two[1], "E").paused_at is None


def test_unlinking_restores_a_members_own_plan_and_the_history_keeps_both(desk, two, problem, order) -> None:
    common_problems.unlink(actor=desk.city_officer, problem=problem, number=two[0].number, reason="走的是外省")
    assert states(two) == ["accepted", "handling"]
    assert clock(two[0], "B").stopped_at is None
    assert [e.action for e in two[0].events.order_by("seq")][-2:] == ["handle", "part"]
    take(two[0], desk.city_officer, "dispatch", "2020-03-26 08:59", lead="police", instruction="护送")
    assert states(two) == ["dispatched", "handling"]
    with pytest.raises(NotFound):
        tickets.find(desk.department, two[0].number)


def test_a_cancelled_order_gives_its_members_back(desk, two, problem, order) -> None:
    with pytest.raises(Invalid, match="请填写理由"):
        common_problems.turn_order(actor=desk.city_officer, order=order, action="cancel")
    common_problems.turn_order(actor=desk.city_officer, order=order, action="cancel", text="换单位")
    assert states(two) == ["accepted", "accepted"]
    again = common_problems.dispatch(actor=desk.city_officer, problem=problem, organisation="police", instruction="办")
    assert (again.number, states(two)) == ("G-001-02", ["handling", "handling"])


def test_a_problem_with_an_order_in_hand_is_not_closed(desk, two, problem, order) -> None:
    for ticket in two:
        common_problems.unlink(actor=desk.city_officer, problem=problem, number=ticket.number, reason="另办")
    with pytest.raises(Conflict, match="派工单还没有完成"):
        common_problems.close(actor=desk.city_officer, problem=problem)


def test_what_the_desk_handles_itself_can_be_given_on_and_what_has_an_order_cannot(desk, two) -> None:
    take(two[0], desk.city_officer, "handle", "2020-03-26 08:50")
    take(two[0], desk.city_officer, "part", "2020-03-26 08:51")
    take(two[0], desk.city_officer, "dispatch", "2020-03-26 08:52", lead="JTJ", instruction="办")
    take(two[0], desk.department, "sign", "2020-03-26 08:53")
    with pytest.raises(Conflict, match="有自己的主办派工单"):
        take(two[0], desk.city_officer, "part", "2020-03-26 08:54")


def test_a_measure_that_solves_nothing_informs_and_answers_nobody(desk, two, problem, order) -> None:
    common_problems.measure(actor=desk.city_officer, problem=problem, text="外省不同意，风险自担", is_resolving=False)
    with pytest.raises(Conflict, match="不解决问题"):
        common_problems.cover(
            actor=desk.city_officer, problem=problem, number=two[0].number, is_covered=True, sentence="抱歉"
        )
    assert common_problems.announce(actor=desk.city_officer, problem=problem, text="外省不同意。").told == 2
    assert states(two) == ["handling", "handling"]


@pytest.mark.parametrize("given, message", [
    ({"organisation": ""}, "请选单位"), ({"organisation": "nobody"}, "没有这个单位"), ({"instruction": ""}, "请填写办理要求"),
    ({"due_on": "2020-13-01"}, "。"), ({"due_on": "2020-03-25"}, "不能早于今天"),
])  # fmt: skip
def test_odd_orders_are_refused_by_their_field(desk, problem, given, message) -> None:
    said = {"organisation": "JTJ", "instruction": "办", "due_on": "", **given}
    with pytest.raises(Invalid, match=message):
        common_problems.dispatch(actor=desk.city_officer, problem=problem, **said)
