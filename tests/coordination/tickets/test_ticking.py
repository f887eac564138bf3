"""K9: every clock says each thing once, in order, with the moment it was due; also after three days of silence."""

from __future__ import annotations

from coordination import tickets
from coordination.models import Clock, Firing, Notice
from tests.coordination.tickets.desk import at, clock, local, raised, take
from tests.coordination.tickets.test_acting import handled, transport


def tick_all(moment: str) -> int:
    fired = 0
    while done := tickets.tick(at(moment)):
        fired += done
    return fired


def fired(ticket, kind: str) -> list[tuple[int, str | None]]:
    rows = Firing.objects.filter(clock__ticket=ticket, clock__kind=kind).order_by("id")
    return [(row.step, local(row.due_at)) for row in rows]


def test_a_clock_speaks_at_half_at_four_fifths_when_due_and_each_day_after(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    for moment in ("2020-03-26 11:19", "2020-03-26 11:20", "2020-03-26 14:32", "2020-03-26 15:20", "2020-03-27 15:20"):
        tick_all(moment)
    assert fired(ticket, "A") == [
        (50, "2020-03-26 11:20"), (80, "2020-03-26 14:32"), (100, "2020-03-26 15:20"), (101, "2020-03-27 15:20"),
    ]  # fmt: skip


def test_an_outage_of_three_days_loses_nothing_and_repeats_nothing(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    other = raised(desk.reporter_b, desk.plant_b, "2020-03-26 10:20")
    tick_all("2020-03-31 10:00")  # nothing ran since Thursday morning
    expected = [
        (50, "2020-03-26 11:20"), (80, "2020-03-26 14:32"), (100, "2020-03-26 15:20"), (101, "2020-03-27 15:20"),
        (102, "2020-03-30 15:20"),
    ]  # fmt: skip
    assert fired(ticket, "A") == expected
    moments = list(Firing.objects.order_by("id").values_list("due_at", flat=True))
    assert moments == sorted(moments)
    assert len(moments) == 10
    before = Notice.objects.count()
    assert tick_all("2020-03-31 10:00") == 0
    assert Notice.objects.count() == before
    assert fired(other, "A")[2] == (100, "2020-03-26 16:20")


def test_a_paused_or_stopped_clock_says_nothing(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    take(ticket, desk.county_officer_a, "return", "2020-03-26 10:20", items=["车牌号"])
    assert tick_all("2020-04-10 10:00") == 0
    take(ticket, desk.reporter_a, "amend", "2020-04-10 10:00", answers=["闽C1"])
    take(ticket, desk.county_officer_a, "accept", "2020-04-10 10:10")
    tick_all("2020-04-10 10:10")
    assert fired(ticket, "A") == []


def test_an_order_that_is_not_signed_is_signed_by_itself_and_shown_as_such(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:05")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:40", lead=transport().code, instruction="办")
    tick_all("2020-03-26 16:40")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.orders.get().is_signed_by_system) == ("handling", True)
    assert ticket.events.get(action="sign").side == "system"


def test_t18_silence_is_consent_only_after_two_reminders_that_were_opened(desk) -> None:
    ticket, other = handled(desk), handled(desk)
    for one in (ticket, other):
        take(one, desk.department, "reply", "2020-03-27 10:00", text="办好了", result="solved")
    assert local(clock(ticket, "F").due_at) == "2020-04-03 17:30"
    for moment in ("2020-03-31 17:30", "2020-04-02 17:30"):
        tick_all(moment)
        tickets.opened(desk.reporter_a, ticket, at(moment))
    tick_all("2020-04-03 17:30")
    ticket.refresh_from_db()
    other.refresh_from_db()
    assert (ticket.state, ticket.result, ticket.confirm_mode) == ("closed", "solved", "silent")
    assert (other.state, other.result) == ("replied", "")


def test_a_suspended_ticket_goes_on_when_its_day_of_review_comes(desk) -> None:
    ticket = handled(desk)
    take(
        ticket, desk.department, "propose_suspend", "2020-03-27 09:00", reason="等外省", basis="会议纪要",
        review_on="2020-04-08", next_step="再问",
    )  # fmt: skip
    take(ticket, desk.leader, "suspend", "2020-03-27 10:00", reason="等外省", review_on="2020-04-08")
    assert clock(ticket, "E").paused_at is not None
    tick_all("2020-04-07 10:00")
    assert ticket.events.latest("seq").after == "suspended"
    tick_all("2020-04-08 00:01")
    ticket.refresh_from_db()
    e = clock(ticket, "E")
    # 30, 31 March, 1, 2, 3, 7 April were covered whole: six days on top of 10 April
    assert (ticket.state, local(e.due_at)) == ("handling", "2020-04-20 17:30")


def test_warnings_go_to_the_unit_and_after_the_due_time_to_the_supervisor(desk) -> None:
    ticket = handled(desk)
    tick_all("2020-04-13 17:30")
    e = Clock.objects.get(ticket=ticket, kind="E")
    told = {
        step: {
            (n.organisation_id and "unit") or n.division_id
            for n in Notice.objects.filter(key__startswith=f"clock:{e.pk}:{step}:")
        }
        for step in (80, 100, 101)
    }
    assert told == {80: {"unit"}, 100: {"unit"}, 101: {"unit", desk.city}}
