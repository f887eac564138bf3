"""2.4 by time: who hears of a resolving clock at which step, what is done, and that nothing is lost in an outage."""

from __future__ import annotations

import pytest

from coordination import duty, tickets, working_groups
from coordination.models import CallTask, Firing, LadderStep, Notice, Supervision
from coordination.tickets import ladders, phoning, supervision
from enterprises import accounts
from enterprises.choices import Role
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account, Organisation, Post
from tests.coordination.tickets.desk import at, clock, local, raised, take
from tests.coordination.tickets.test_acting import handled
from tests.coordination.tickets.test_ticking import fired, tick_all
from tests.factories.enterprises import LONG_AGO


@pytest.fixture
def head(desk) -> Account:
    """The head of 交通局."""
    account = Account.objects.create(username="head", display_name="马局长", phone="13811110000", password="!")
    office = Organisation.objects.get(code="JTJ")
    Post.objects.create(account=account, role=Role.DEPARTMENT, organisation=office, is_lead=True, known_at=LONG_AGO)
    return account


def put(desk, code: str, who: str, first: str = "2020-03-20 08:00", last: str = "2020-04-19 08:00", part: str = "A"):
    place = duty.place(desk.city_officer, code)
    duty.add(actor=desk.city_officer, place=place, part=part, who=who, starts_at=at(first), ends_at=at(last))
    return place


def told(ticket, step: int) -> set[str]:
    """Who was told at a step of the resolving clock: unit, city, or the account's name."""
    pk = clock(ticket, "E").pk
    found = Notice.objects.filter(key__startswith=f"clock:{pk}:{step}:").select_related("account")
    return {n.account.username if n.account else ("unit" if n.organisation_id else n.division_id) for n in found}


def emergency(desk):
    """A ticket of an emergency, signed by the unit; E runs 72 hours from 2020-03-26 09:20."""
    tickets.declare(actor=desk.city_officer, document="泉指〔2020〕1 号", at=at("2020-03-26 09:00"))
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:10")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 09:20")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 09:25", lead="JTJ", instruction="办")
    take(ticket, desk.department, "sign", "2020-03-26 09:30")
    return ticket


def test_the_ladder_of_working_days_is_climbed_step_by_step(desk, head) -> None:
    ticket = handled(desk)
    due = clock(ticket, "E").due_at
    assert local(due) == "2020-04-10 17:30"
    tick_all("2020-04-17 18:00")
    assert {step: told(ticket, step) for step in (80, 100, 101, 102, 103, 105)} == {
        80: {"unit"},
        100: {"unit", "head"},
        101: {"unit", desk.city},
        102: {"unit"},
        103: {"unit", "head"},
        105: {"unit", "leader"},
    }
    found = list(Supervision.objects.order_by("due_at").values_list("kind", "number", "due_at"))
    assert [(kind, number, local(moment)) for kind, number, moment in found] == [
        ("urge", None, "2020-04-13 17:30"),
        ("order", "督办〔2020〕1 号", "2020-04-15 17:30"),
        ("publish", None, "2020-04-17 17:30"),
    ]
    assert "督办单 督办〔2020〕1 号" in Notice.objects.get(account=head, key__contains=":103:").text


def test_three_silent_days_lose_nothing_repeat_nothing_and_keep_the_moments(desk, head) -> None:
    ticket = handled(desk)
    tick_all("2020-04-10 12:00")
    before = list(Firing.objects.values_list("pk", flat=True))
    tick_all("2020-04-15 18:00")  # nothing ran from Friday noon to Wednesday evening
    new = Firing.objects.exclude(pk__in=before).filter(clock__ticket=ticket).order_by("id")
    assert [(f.clock.kind, f.step, local(f.due_at)) for f in new if f.clock.kind == "E"] == [
        ("E", 100, "2020-04-10 17:30"), ("E", 101, "2020-04-13 17:30"), ("E", 102, "2020-04-14 17:30"),
        ("E", 103, "2020-04-15 17:30"),
    ]  # fmt: skip
    moments = [f.due_at for f in new]
    assert moments == sorted(moments)
    assert [local(s.due_at) for s in Supervision.objects.order_by("id")] == ["2020-04-13 17:30", "2020-04-15 17:30"]
    counts = (Notice.objects.count(), Supervision.objects.count(), CallTask.objects.count())
    assert tick_all("2020-04-15 18:00") == 0
    assert (Notice.objects.count(), Supervision.objects.count(), CallTask.objects.count()) == counts


def test_the_ladder_of_an_emergency_goes_by_hours_day_and_night(desk, head) -> None:
    ticket = emergency(desk)
    tick_all("2020-03-29 11:20")
    assert fired(ticket, "E") == [
        (50, "2020-03-27 21:20"), (80, "2020-03-28 18:56"), (100, "2020-03-29 09:20"), (101, "2020-03-29 10:20"),
        (102, "2020-03-29 11:20"),
    ]  # fmt: skip
    assert told(ticket, 100) == {"unit", "head"}
    assert told(ticket, 102) == {"unit", "head", "leader"}
    assert [s.kind for s in Supervision.objects.order_by("id")] == ["urge", "order"]


def test_a_step_goes_to_whoever_is_on_duty_now_and_never_to_somebody_on_leave(desk, head) -> None:
    desk.department.phone = "13800000001"
    desk.department.save()
    office = put(desk, "o-JTJ", "department")
    put(desk, "d-350500", "王市值 13900000005")
    ticket = handled(desk)
    tick_all("2020-04-08 18:00")
    assert told(ticket, 80) == {"department"}
    duty.take_leave(
        actor=head, place=office, who="head", starts_on="2020-04-10", ends_on="2020-04-12"
    )  # the head is away when it falls due: whoever is on duty hears it instead
    tick_all("2020-04-10 18:00")
    assert told(ticket, 100) == {"department"}
    tick_all("2020-04-13 18:00")
    assert told(ticket, 101) == {"department", desk.city}
    notice = Notice.objects.get(division=desk.city, key__startswith=f"clock:{clock(ticket, 'E').pk}:101:")
    assert notice.shift.name == "王市值"  # he has no account: the desk is told, and he is named


def test_urgent_tickets_go_to_whoever_is_on_duty_else_to_the_desk(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:10")
    urgent = {"mode": "urgent", "urgent_reason": "stopping", "level": "city"}
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 09:20", **urgent)
    assert Notice.objects.filter(ticket=ticket, division=desk.city, shift=None).exists()
    desk.department.phone = "13800000001"
    desk.department.save()
    put(desk, "o-JTJ", "department")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 09:25", lead="JTJ", instruction="办")
    notice = Notice.objects.get(ticket=ticket, account=desk.department)
    assert (notice.shift.name, notice.organisation) == ("department", None)
    assert list(tickets.unopened(desk.department)) == [notice]
    tickets.opened(desk.department, ticket, at("2020-03-26 09:40"))
    notice.refresh_from_db()
    assert notice.opened_by == desk.department


def test_k3_an_unsigned_order_of_an_emergency_makes_a_call_to_the_duty_officer(desk) -> None:
    tickets.declare(actor=desk.city_officer, document="泉指〔2020〕1 号", at=at("2020-03-26 09:00"))
    put(desk, "o-JTJ", "李值 13900000001")
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:10")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 09:20", level="city")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 09:25", lead="JTJ", instruction="办")
    tick_all("2020-03-26 09:54")
    assert not CallTask.objects.exists()
    tick_all("2020-03-26 09:55")
    ticket.refresh_from_db()
    task = CallTask.objects.get()
    assert (ticket.state, task.name, task.phone, local(task.due_at)) == (
        "dispatched", "李值", "13900000001", "2020-03-26 09:55",
    )  # fmt: skip
    assert task.division_id == desk.city
    phoning.log_call(actor=desk.city_officer, number=task.pk, result="no_answer", note="响了没人接")
    assert list(phoning.waiting(desk.city_officer)) == [task]
    phoning.log_call(actor=desk.city_officer, number=task.pk, result="reached")
    assert not phoning.waiting(desk.city_officer).exists()
    assert [a.result for a in task.attempts.all()] == ["no_answer", "reached"]
    with pytest.raises(Conflict):
        phoning.log_call(actor=desk.city_officer, number=task.pk, result="reached")
    for person in (desk.county_officer_b, desk.reporter_a, desk.department):
        with pytest.raises(NotFound):
            phoning.log_call(actor=person, number=task.pk, result="reached")
    assert tick_all("2020-03-26 10:00") == 0


def test_what_nobody_opens_in_time_falls_back_to_the_phone(desk, head) -> None:
    ticket = handled(desk)
    tick_all("2020-04-10 17:30")
    tickets.opened(desk.department, ticket, at("2020-04-10 17:40"))
    # 120 working minutes from Friday's close: Monday 10:30
    tick_all("2020-04-13 10:29")
    assert not CallTask.objects.exists()
    tick_all("2020-04-13 10:30")
    task = CallTask.objects.get()
    assert (task.name, task.phone, local(task.due_at)) == ("马局长", "13811110000", "2020-04-13 10:30")
    assert task.notice.account == head
    # opened after all: nobody needs to call any more
    tickets.opened(head, ticket, at("2020-04-13 10:35"))
    assert not phoning.waiting(desk.city_officer).exists()


def test_an_order_is_answered_by_its_unit_and_closed_by_the_supervisor(desk, head) -> None:
    ticket = handled(desk)
    tick_all("2020-04-15 18:00")
    order = Supervision.objects.get(kind="order")
    with pytest.raises(Conflict) as refused:
        supervision.close(actor=desk.city_officer, number=order.pk)
    assert refused.value.code == "not_answered"
    with pytest.raises(Forbidden):
        supervision.answer(actor=desk.city_officer, number=order.pk, text="代答")
    supervision.answer(actor=head, number=order.pk, text="今天办结")
    with pytest.raises(Forbidden):
        supervision.close(actor=head, number=order.pk)
    supervision.close(actor=desk.city_officer, number=order.pk)
    order.refresh_from_db()
    assert (order.answer, order.closed_by) == ("今天办结", desk.city_officer)
    assert order not in supervision.listed(desk.city_officer)
    assert order in supervision.listed(desk.city_officer, is_open=False)
    for person in (desk.reporter_a, desk.liaison, desk.stranger):
        with pytest.raises(Forbidden):
            supervision.listed(person)
        assert supervision.of(person, ticket) == []
    with pytest.raises(NotFound):
        supervision.answer(actor=desk.county_officer_b, number=Supervision.objects.get(kind="urge").pk, text="别县")


def test_a_supervisor_orders_by_hand_and_the_unit_hears_it(desk, head) -> None:
    ticket = handled(desk)
    made = supervision.issue(
        actor=desk.city_officer, ticket=ticket, kind="order", text="企业明天停产", at=at("2020-03-26 15:00")
    )
    assert made.number == "督办〔2020〕1 号"
    assert Notice.objects.get(key__startswith=f"supervision:{made.pk}").organisation.code == "JTJ"
    with pytest.raises(Forbidden):
        supervision.issue(actor=desk.department, ticket=ticket, kind="order", text="不该")
    with pytest.raises(Invalid):
        supervision.issue(actor=desk.city_officer, ticket=ticket, kind="publish", text="不该")


def test_the_list_of_those_far_over_time_names_units_while_their_clocks_run(desk, head) -> None:
    ticket = handled(desk)
    tick_all("2020-04-17 18:00")
    (unit,) = supervision.published(desk.city_officer, now=at("2020-04-17 18:00"))
    assert (unit.name, [(row.ticket, over) for row, over in unit.rows]) == ("交通局", [(ticket, "已超 5 工作日")])
    take(ticket, head, "reply", "2020-04-17 18:10", text="办好了", result="solved")
    assert supervision.published(desk.city_officer, now=at("2020-04-17 18:20")) == []


def test_the_group_that_has_the_ticket_is_told_by_its_leader(desk) -> None:
    working_groups.establish(
        actor=desk.city_officer, name="专班", kind="project", division=desk.city, leader="county_officer_a",
    )  # fmt: skip
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:05", level="city")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:40", lead="ZB001", instruction="办")
    take(ticket, Account.objects.get(username="county_officer_a"), "sign", "2020-03-26 11:00")
    tick_all("2020-04-17 18:00")
    assert told(ticket, 105) == {"unit", "county_officer_a"}
    assert told(ticket, 100) == {"unit", "county_officer_a"}


def test_the_table_is_data_and_holds_for_what_comes(desk, head) -> None:
    handled(desk)
    for row in ladders.steps("normal"):
        if row.step == 101:
            ladders.drop_step(actor=desk.city_officer, number=row.pk)
    said = {"mode": "normal", "step": "102", "audience": "leader", "act": "order", "open_within": "60"}
    ladders.set_step(actor=desk.city_officer, **said)
    tick_all("2020-04-14 18:00")
    assert [(s.kind, s.step) for s in Supervision.objects.all()] == [("order", 102)]
    with pytest.raises(Conflict):
        ladders.set_step(actor=desk.city_officer, **said)
    for wrong in ({"step": "90"}, {"step": "131"}, {"audience": "x"}, {"act": ""}, {"open_within": "1"}, {"mode": "x"}):
        with pytest.raises(Invalid):
            ladders.set_step(actor=desk.city_officer, **(said | wrong))
    with pytest.raises(Forbidden):
        ladders.set_step(actor=desk.county_officer_a, **said)
    assert LadderStep.objects.filter(is_on=False).count() == 1


def test_a_head_of_a_unit_is_marked_on_the_post(desk) -> None:
    accounts.assign(actor=None, account=desk.department, role="department", organisation="JTJ", is_lead=True)
    assert Post.objects.believed().get(account=desk.department).is_lead
    with pytest.raises(Invalid) as refused:
        accounts.assign(actor=None, account=desk.stranger, role="county", division=desk.county_a, is_lead=True)
    assert refused.value.code == "lead_of_no_unit"
