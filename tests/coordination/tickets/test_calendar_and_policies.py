"""K1, K5: a year that is loaded settles what was provisional; a policy that changes moves what runs, by its rules."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from coordination.models import ClockPolicy, Firing
from coordination.tickets import hours, policies
from enterprises import work_days
from enterprises.errors import Conflict, Forbidden, Invalid
from enterprises.models import AuditEntry, WorkDay
from tests.coordination.tickets.desk import at, clock, local, raised, take
from tests.coordination.tickets.test_acting import handled
from tests.coordination.tickets.test_ticking import tick_all

NOTICE = "国办发明电〔2020〕27 号"


@pytest.fixture
def edge(desk):
    """Late December 2020, the next year not loaded yet."""
    WorkDay.objects.filter(day__year__gte=2021).delete()
    with time_machine.travel(at("2020-12-28 09:00"), tick=False):
        yield desk


def late(edge):
    ticket = raised(edge.reporter_a, edge.plant_a, "2020-12-28 09:00")
    take(ticket, edge.county_officer_a, "accept", "2020-12-28 09:10")
    return ticket


def test_k1_a_deadline_beyond_the_calendar_is_provisional_and_settled_when_the_year_is_loaded(edge) -> None:
    ticket = late(edge)
    e = clock(ticket, "E")
    assert (e.is_provisional, local(e.due_at)) == (True, "2020-12-31 17:30")
    assert tick_all("2020-12-29 09:00") >= 0
    assert clock(ticket, "E").is_provisional
    changed = work_days.load_year(
        actor=edge.city_officer, year=2021, rest="2021-01-01 至 2021-01-03\n2021-02-11 至 2021-02-17", work="2021-02-07，2021-02-20",
        document=NOTICE,
    )  # fmt: skip
    assert changed == 365
    tick_all("2020-12-29 09:05")
    e = clock(ticket, "E")
    # 29, 30, 31 December, then from Monday 4 January seven days more
    assert (e.is_provisional, local(e.due_at), local(e.due_original)) == (False, "2021-01-12 17:30", "2021-01-12 17:30")
    assert not Firing.objects.filter(clock=e, step=100).exists()
    tick_all("2021-01-12 17:30")
    assert [local(f.due_at) for f in Firing.objects.filter(clock=e, step=100)] == ["2021-01-12 17:30"]


def test_a_year_is_loaded_by_the_notice_with_versions_and_an_audit(edge) -> None:
    said = {"actor": edge.city_officer, "year": 2021, "document": NOTICE}
    work_days.load_year(**said, rest="2021-01-01 至 2021-01-03", work="2021-02-07")
    days = {row.day: (row.is_working, row.kind) for row in WorkDay.objects.filter(day__year=2021)}
    assert len(days) == 365
    assert days[dt.date(2021, 1, 1)] == (False, "holiday")
    assert days[dt.date(2021, 2, 7)] == (True, "make_up")
    assert days[dt.date(2021, 1, 9)] == (False, "weekend")
    assert work_days.load_year(**said, rest="2021-01-01 至 2021-01-03", work="2021-02-07") == 0
    assert work_days.load_year(**said, rest="2021-01-01 至 2021-01-03", work="2021-02-07\n2021-02-20") == 1
    row = WorkDay.objects.get(day="2021-02-20")
    assert (row.version, row.kind) == (2, "make_up")
    assert AuditEntry.objects.filter(act="work_day.load_year").count() == 3
    work_days.correct(actor=edge.city_officer, day=dt.date(2021, 2, 20), is_working=False)
    assert WorkDay.objects.get(day="2021-02-20").version == 3


@pytest.mark.parametrize(
    ("more", "code"),
    [({"rest": "元旦"}, "invalid_date"), ({"rest": "2021-01-03 至 2021-01-01"}, "invalid_date"),
     ({"rest": "2022-01-01"}, "other_year"), ({"work": "2021-01-01"}, "contradicts"), ({"document": " "}, "required"),
     ({"year": 1999}, "invalid_year"), ({"rest": "2021-01-01 至 2021-12-31"}, "invalid_date")],
)  # fmt: skip
def test_a_notice_that_cannot_be_read_loads_nothing(edge, more, code: str) -> None:
    said = {"year": 2021, "rest": "2021-01-01", "work": "", "document": NOTICE} | more
    with pytest.raises(Invalid) as refused:
        work_days.load_year(actor=edge.city_officer, **said)
    assert refused.value.code == code
    assert not WorkDay.objects.filter(day__year=2021).exists()


def test_who_keeps_the_calendar(edge) -> None:
    for person in (edge.county_officer_a, edge.department, edge.reporter_a, edge.leader):
        with pytest.raises(Forbidden):
            work_days.load_year(actor=person, year=2021, rest="", work="", document=NOTICE)
        with pytest.raises(Forbidden):
            hours.set_hours(actor=person, starts_on="2021-06-01", text="08:00-12:00")


def test_from_november_on_the_desk_is_asked_for_the_next_year(desk, client) -> None:
    WorkDay.objects.filter(day__year__gte=2021).delete()
    with time_machine.travel(at("2020-10-31 12:00"), tick=False):
        client.force_login(desk.city_officer)
        assert "2021 年的放假安排" not in client.get("/tickets/").content.decode()
    with time_machine.travel(at("2020-11-01 12:00"), tick=False):
        client.force_login(desk.city_officer)
        assert "2021 年的放假安排还没有载入" in client.get("/tickets/").content.decode()
        assert "请载入 2021 年的放假安排" in client.get("/rules/calendar/").content.decode()
        client.force_login(desk.county_officer_a)
        assert "放假安排还没有载入" not in client.get("/tickets/").content.decode()


def test_summer_hours_hold_from_their_day_on(desk) -> None:
    row = hours.set_hours(actor=desk.city_officer, starts_on="2020-04-01", text="08：00-12：00，15：00-18：00")
    assert row.text == "08:00-12:00 15:00-18:00"
    ticket = handled(desk)
    assert local(clock(ticket, "E").due_at) == "2020-04-10 18:00"
    for wrong in ("", "8点到12点", "12:00-08:00", "08:00-12:00 11:00-17:00"):
        with pytest.raises(Invalid):
            hours.set_hours(actor=desk.city_officer, starts_on="2020-04-01", text=wrong)


def catch_all(kind: str = "E", mode: str = "normal") -> ClockPolicy:
    return ClockPolicy.objects.get(kind=kind, mode=mode, category=None, is_on=True)


def change(amount: str, *, kind: str = "E", **more: str) -> policies.Change:
    row = catch_all(kind)
    return policies.read({"replaces": str(row.pk), "unit": row.unit, "amount": amount, "priority": "100"} | more)


def test_k5_a_shorter_budget_is_shown_first_and_then_moves_what_runs(desk) -> None:
    ticket = handled(desk)
    assert local(clock(ticket, "E").due_at) == "2020-04-10 17:30"
    new = change("5")
    (effect,) = policies.preview(new, at=at("2020-03-27 09:00"))
    assert (effect.ticket, local(effect.before), local(effect.after), effect.is_merciful) == (
        ticket, "2020-04-10 17:30", "2020-04-02 17:30", False,
    )  # fmt: skip
    assert local(clock(ticket, "E").due_at) == "2020-04-10 17:30"  # looking changes nothing
    with pytest.raises(Conflict):
        policies.save(actor=desk.city_officer, change=new, shown=0, at=at("2020-03-27 09:00"))
    assert policies.save(actor=desk.city_officer, change=new, shown=1, at=at("2020-03-27 09:00")) == 1
    e = clock(ticket, "E")
    assert (local(e.due_at), local(e.due_original), e.policy_version) == ("2020-04-02 17:30", "2020-04-10 17:30", 2)
    assert catch_all().amount == 5
    assert ClockPolicy.objects.filter(kind="E", mode="normal", category=None).count() == 2
    entry = AuditEntry.objects.get(act="clock_policy.set")
    assert entry.after["moved"][0]["ticket"] == ticket.number


def test_k5_what_would_be_past_gets_four_working_hours_and_no_breach(desk) -> None:
    ticket = handled(desk)
    new, moment = change("1"), at("2020-03-31 10:00")
    (effect,) = policies.preview(new, at=moment)
    assert (local(effect.after), effect.is_merciful) == ("2020-03-31 16:00", True)
    policies.save(actor=desk.city_officer, change=new, shown=1, at=moment)
    tick_all("2020-03-31 15:59")
    assert not Firing.objects.filter(clock=clock(ticket, "E"), step__gte=100).exists()


def test_k5_pauses_and_what_was_granted_in_addition_are_kept(desk) -> None:
    paused, extended = handled(desk), handled(desk)
    take(paused, desk.department, "ask", "2020-03-27 09:00", text="问", items=["车牌"], reply_by="2020-04-01")
    take(extended, desk.department, "ask_extension", "2020-03-27 09:00", days="3", reason="等车")
    take(extended, desk.city_officer, "extend", "2020-03-27 09:30", days="3", reason="等车")
    new, moment = change("8"), at("2020-03-30 09:00")
    policies.save(actor=desk.city_officer, change=new, shown=len(policies.preview(new, at=moment)), at=moment)
    e = clock(extended, "E")
    assert (e.amount, local(e.due_at)) == (11, "2020-04-13 17:30")
    held = clock(paused, "E")
    assert (held.paused_at is not None, held.next_step_at) == (True, None)
    tick_all("2020-04-20 09:00")
    assert not Firing.objects.filter(clock=held).exclude(step=50).exists()


def test_a_category_may_have_a_limit_of_its_own_and_give_it_back(desk) -> None:
    ticket = handled(desk)
    given = {
        "kind": "E",
        "mode": "normal",
        "category": ticket.category_id,
        "unit": "working_days",
        "amount": "4",
        "priority": "50",
    }
    own, moment = policies.read(given), at("2020-03-27 09:00")
    policies.save(actor=desk.city_officer, change=own, shown=1, at=moment)
    assert local(clock(ticket, "E").due_at) == "2020-04-01 17:30"
    with pytest.raises(Conflict):
        policies.read(given)
    row = ClockPolicy.objects.get(kind="E", category=ticket.category_id)
    back = policies.read({"replaces": str(row.pk), "retire": "1"})
    policies.save(actor=desk.city_officer, change=back, shown=1, at=moment)
    assert local(clock(ticket, "E").due_at) == "2020-04-10 17:30"


def test_there_is_always_exactly_one_policy_that_fits_all(desk) -> None:
    with pytest.raises(Invalid) as refused:
        policies.read({"replaces": str(catch_all().pk), "retire": "1"})
    assert refused.value.code == "needs_catch_all"
    with pytest.raises(Conflict):
        policies.read(
            {"kind": "E", "mode": "normal", "category": "", "unit": "working_days", "amount": "4", "priority": "50"}
        )
    stale = change("6")
    policies.save(actor=desk.city_officer, change=change("7"), shown=0)
    with pytest.raises(Conflict):
        policies.save(actor=desk.city_officer, change=stale, shown=0)
    with pytest.raises(Forbidden):
        policies.save(actor=desk.county_officer_a, change=change("9"), shown=0)
    counts = ClockPolicy.objects.filter(is_on=True, category=None).values_list("kind", "mode")
    assert len(counts) == len(set(counts)) == 24


@pytest.mark.parametrize(
    "wrong", [{"amount": "0"}, {"amount": "x"}, {"amount": "999"}, {"unit": "x"}, {"priority": ""}]
)
def test_odd_limits_are_refused(desk, wrong) -> None:
    row = catch_all()
    with pytest.raises(Invalid):
        policies.read({"replaces": str(row.pk), "unit": "working_days", "amount": "5", "priority": "9"} | wrong)
