"""The pages of calendar, limits, ladders and supervision: who opens which, previews, and that nothing typed is lost."""

from __future__ import annotations

import pytest

from coordination.models import ClockPolicy, LadderStep, Supervision, WorkHours
from coordination.tickets import phoning
from enterprises.models import WorkDay
from tests.coordination.tickets import test_ladders
from tests.coordination.tickets.test_acting import handled
from tests.coordination.tickets.test_ticking import tick_all

PAGES = ("/rules/calendar/", "/rules/limits/", "/rules/ladder/", "/supervision/", "/supervision/published/")

head = test_ladders.head


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("person", "status"),
    [("city_officer", 200), ("county_officer_b", 200), ("department", 200), ("leader", 200), ("auditor", 200),
     ("admin", 200), ("reporter_a", 403), ("province", 403), ("stranger", 403)],
)  # fmt: skip
def test_who_opens_what(client, desk, path: str, person: str, status: int) -> None:
    client.force_login(getattr(desk, person))
    assert client.get(path).status_code == status


def test_a_day_is_corrected_and_a_bad_notice_keeps_what_was_typed(client, desk) -> None:
    client.force_login(desk.city_officer)
    client.post("/rules/calendar/?year=2020", {"act": "day", "year": "2020", "day": "2020-03-28", "kind": "emergency"})
    assert WorkDay.objects.get(day="2020-03-28").is_working
    sent = {"act": "year", "year": "2021", "rest": "元旦三天", "work": "", "document": "通知"}
    answer = client.post("/rules/calendar/?year=2021", sent)
    assert answer.status_code == 422
    assert "元旦三天</textarea>" in answer.content.decode()
    client.post("/rules/calendar/", {"act": "hours", "starts_on": "2020-06-01", "text": "08:00-12:00 15:00-18:00"})
    assert WorkHours.objects.get().text == "08:00-12:00 15:00-18:00"
    for odd in ({}, {"act": "x"}, {"act": "day", "day": "x"}, {"act": "year", "year": "\x00"}):
        assert client.post("/rules/calendar/", odd).status_code in (404, 422)
    client.force_login(desk.county_officer_a)
    assert client.post("/rules/calendar/", {"act": "day", "day": "2020-03-28", "kind": "weekend"}).status_code == 403


def test_a_limit_shows_its_effects_before_it_is_confirmed(client, desk) -> None:
    ticket = handled(desk)
    row = ClockPolicy.objects.get(kind="E", mode="normal", category=None)
    client.force_login(desk.city_officer)
    sent = {"replaces": str(row.pk), "unit": "working_days", "amount": "20", "priority": "100"}
    body = client.post("/rules/limits/", sent).content.decode()
    assert ticket.number in body
    assert "确认保存" in body
    assert ClockPolicy.objects.get(pk=row.pk).is_on
    answer = client.post("/rules/limits/", sent | {"confirmed": "1", "shown": "7"})
    assert answer.status_code == 409
    answer = client.post("/rules/limits/", sent | {"confirmed": "1", "shown": "1"})
    assert answer["Location"] == "/rules/limits/"
    assert not ClockPolicy.objects.get(pk=row.pk).is_on
    assert client.post("/rules/limits/", sent).status_code == 409
    assert client.post("/rules/limits/", {"kind": "E"}).status_code == 422
    client.force_login(desk.county_officer_a)
    assert client.post("/rules/limits/", sent).status_code == 403


def test_a_step_is_added_and_taken_off(client, desk) -> None:
    client.force_login(desk.city_officer)
    sent = {"mode": "normal", "step": "102", "audience": "supervisor", "act": "urge", "open_within": "60"}
    client.post("/rules/ladder/", sent)
    row = LadderStep.objects.get(step=102, mode="normal")
    assert client.post("/rules/ladder/", sent).status_code == 409
    client.post(f"/rules/ladder/{row.pk}/drop/")
    row.refresh_from_db()
    assert not row.is_on
    assert client.post("/rules/ladder/999999/drop/").status_code == 404


def test_supervision_and_calls_are_seen_and_dealt_with_on_the_pages(client, desk, head) -> None:
    ticket = handled(desk)
    tick_all("2020-04-17 18:00")
    tick_all("2020-04-20 12:00")
    order = Supervision.objects.get(kind="order")
    client.force_login(head)
    body = client.get(f"/tickets/{ticket.number}/").content.decode()
    assert "督办〔2020〕1 号" in body
    client.post(f"/supervision/{order.pk}/answer/", {"answer": "明天办结"})
    client.force_login(desk.city_officer)
    assert "明天办结" in client.get("/supervision/").content.decode()
    client.post(f"/supervision/{order.pk}/close/")
    order.refresh_from_db()
    assert order.closed_by == desk.city_officer
    assert ticket.title in client.get("/supervision/published/").content.decode()
    task = phoning.waiting(desk.city_officer).first()
    assert "请电话通知" in client.get("/tickets/").content.decode()
    assert task.name in client.get("/supervision/calls/").content.decode()
    client.post(f"/supervision/calls/{task.pk}/", {"result": "reached", "note": "明天来"})
    task.refresh_from_db()
    assert task.done_at is not None
    for path, sent in ((f"/supervision/calls/{task.pk}/", {"result": "x"}), (f"/supervision/{order.pk}/fly/", {}),
                       ("/supervision/999999/close/", {}), (f"/supervision/issue/{ticket.number}/", {"kind": "x"})):  # fmt: skip
        assert client.post(path, sent).status_code in (302, 404)
    client.get("/supervision/")  # shows what was said to the supervisor
    client.force_login(desk.reporter_a)
    body = client.get(f"/tickets/{ticket.number}/").content.decode()
    assert "督办" not in body
    assert client.get("/supervision/calls/").status_code == 403


def test_a_supervisor_issues_from_the_ticket(client, desk) -> None:
    ticket = handled(desk)
    client.force_login(desk.city_officer)
    client.post(f"/supervision/issue/{ticket.number}/", {"kind": "urge", "text": "请今天答复企业"})
    assert Supervision.objects.get().text == "请今天答复企业"
    client.force_login(desk.department)
    assert "请今天答复企业" in client.get(f"/tickets/{ticket.number}/").content.decode()
    assert client.post(f"/supervision/issue/{ticket.number}/", {"kind": "urge", "text": "x"}).status_code == 403
