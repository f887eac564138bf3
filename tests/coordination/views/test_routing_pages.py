"""Pages of rules, escalations, orders and many tickets at once: who opens them, and that nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination.models import Escalation, RoutingRule, Ticket
from enterprises.models import AuditEntry
from tests.clients import Program
from tests.coordination.tickets.desk import raised, take
from tests.coordination.tickets.test_acting import handled
from tests.coordination.views.test_tickets import page

PAGES = ("/tickets/routing-rules/", "/tickets/escalations/", "/tickets/orders/")


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("city_officer", (200, 200, 200)), ("leader", (200, 200, 200)), ("auditor", (200, 200, 200)),
        ("admin", (200, 200, 200)), ("county_officer_a", (403, 200, 200)), ("department", (403, 200, 200)),
        ("liaison", (403, 200, 200)), ("reporter_a", (403, 403, 403)), ("province", (403, 403, 403)),
        ("stranger", (403, 403, 403)),
    ],
)  # fmt: skip
def test_who_opens_which(client, desk, name: str, statuses: tuple[int, ...]) -> None:
    handled(desk)
    for path, status in zip(PAGES, statuses, strict=True):
        page(client, getattr(desk, name), path, status)


def test_lists_show_what_lies_within_reach_in_a_fixed_number_of_queries(client, desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.city_officer, "escalate", "2020-03-26 12:00", level="province", rule="L3", reason="厦门不放行")
    for path in PAGES[1:]:
        assert ticket.title in page(client, desk.city_officer, path)
        assert ticket.title not in page(client, desk.county_officer_b, path)
    client.force_login(desk.city_officer)
    client.get(PAGES[0])
    counts = []
    for _ in range(2):
        counts.append([])
        for path in PAGES:
            with CaptureQueriesContext(connection) as found:
                client.get(path)
            counts[-1].append(len(found))
        other = handled(desk)
        take(other, desk.city_officer, "escalate", "2020-03-26 12:00", level="province", rule="L3", reason="x")
    assert counts[0] == counts[1] == [12, 9, 9]
    form = page(client, desk.city_officer, f"/tickets/escalations/{Escalation.objects.first().pk}/form/")
    assert "提请省级协调申请表" in form
    page(client, desk.county_officer_b, f"/tickets/escalations/{Escalation.objects.first().pk}/form/", 404)


def test_a_rule_is_mended_with_its_version_and_a_wrong_one_keeps_what_was_typed(client, desk) -> None:
    rule = RoutingRule.objects.get(code="L1")
    said = {
        "obstacle": "own_county",
        "level": "city",
        "lead": "公安",
        "decided_by": "市里",
        "text": "都归市里",
        "is_on": "yes",
    }
    client.force_login(desk.city_officer)
    assert client.post(f"/tickets/routing-rules/{rule.pk}/change/", said).status_code == 302
    rule.refresh_from_db()
    assert (rule.level, rule.lead, rule.version) == ("city", "公安", 2)
    assert AuditEntry.objects.filter(act="routing_rule.change").count() == 1
    answer = client.post(f"/tickets/routing-rules/{rule.pk}/change/", said | {"text": "", "lead": "很特别的单位"})
    assert (answer.status_code, "很特别的单位" in answer.content.decode()) == (422, True)
    client.force_login(desk.leader)
    assert client.post(f"/tickets/routing-rules/{rule.pk}/change/", said).status_code == 403


def test_many_tickets_are_accepted_on_one_page_and_what_fails_is_told(client, desk) -> None:
    one, two = (raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50", category="PASS_LOCAL") for _ in range(2))
    client.force_login(desk.county_officer_a)
    assert 'name="tickets"' in client.get("/tickets/?view=list").content.decode()
    form = client.post("/tickets/bulk/", {"tickets": [one.number, two.number], "action": "accept"}).content.decode()
    sent = {
        "tickets": [one.number, two.number], "action": "accept", "go": "1", "text": "都收到了",
        "key": re.search(r'name="key" value="(\w+)"', form)[1],
        **{f"version-{t.number}": t.version for t in (one, two)},
    }  # fmt: skip
    take(two, desk.city_officer, "message", "2020-03-26 08:55", text="看到了")
    body = client.post("/tickets/bulk/", sent).content.decode()
    assert "办成 1 张" in body
    assert "没有办成 1 张" in body
    assert "都收到了</textarea>" in body
    assert f'name="version-{two.number}" value="3"' in body
    again = client.post("/tickets/bulk/", sent).content.decode()  # a double tap
    assert "办成 1 张" in again
    assert Ticket.objects.get(pk=one.pk).events.filter(action="accept").count() == 1


def test_many_tickets_over_rest(desk) -> None:
    one, two = (raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50", category="PASS_LOCAL") for _ in range(2))
    county, path = Program(desk.county_officer_a), "/api/v1/tickets/actions/accept/"
    listed = [{"number": one.number, "expected_version": 2}, {"number": two.number, "expected_version": 1}]
    answer = county.send(path, {"tickets": listed, "fields": {"text": "收到"}}, HTTP_IDEMPOTENCY_KEY="k")
    assert answer.status_code == 200
    found = answer.json()
    assert [row["number"] for row in found["done"]] == [one.number]
    assert [(row["number"], row["code"], row["status"]) for row in found["failed"]] == [
        (two.number, "version_conflict", 409),
    ]  # fmt: skip
    for wrong in ({}, {"tickets": "x"}, {"tickets": [1]}, {"tickets": listed, "fields": []}, {"tickets": []}):
        assert county.send(path, wrong).status_code == 422
    assert county.send("/api/v1/tickets/actions/reply/", {"tickets": listed}).status_code == 409
    assert county.send("/api/v1/tickets/actions/nonsense/", {"tickets": listed}).status_code == 404


def test_a_duplicate_leads_to_the_ticket_it_was_merged_into(client, desk) -> None:
    one, two = (raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50") for _ in range(2))
    take(two, desk.city_officer, "merge", "2020-03-26 08:55", target=one.number)
    client.force_login(desk.reporter_a)
    answer = client.get(f"/tickets/{two.number}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/tickets/{one.number}/")
    body = page(client, desk.city_officer, f"/tickets/{two.number}/?stay=1")
    assert "撤销并单" in body
    assert f"/tickets/{two.number}/?stay=1" in page(client, desk.city_officer, f"/tickets/{one.number}/")


def test_somebody_was_faster_and_one_reads_what_was_done(client, desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    seen = ticket.version
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 08:55")
    client.force_login(desk.city_officer)
    body = client.post(
        f"/tickets/{ticket.number}/message/", {"expected_version": seen, "text": "写了很久的一段话"}
    ).content.decode()
    assert "刚被别人办过" in body
    assert "写了很久的一段话</textarea>" in body
