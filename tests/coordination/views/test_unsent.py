"""What is typed and not sent: kept for its author alone, offered again, gone with its step; and who else is here."""

from __future__ import annotations

import json

import pytest
import time_machine
from django.core.cache import cache

from coordination import unsent
from coordination.models import Ticket, Unsent
from tests.coordination.tickets.desk import GIVEN, at, raised, take

NEW = "/tickets/new/"


@pytest.fixture
def ticket(desk) -> Ticket:
    cache.clear()
    return raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")


def save(client, person, place: str, *fields: list[str], status: int = 200, device: str = "phone") -> None:
    client.force_login(person)
    answer = client.post(
        f"/tickets/unsent/?place={place}", json.dumps(fields), content_type="application/json", HTTP_X_DEVICE=device
    )
    assert answer.status_code == status, answer.content.decode()[:300]


def offered(client, person, path: str) -> dict:
    client.force_login(person)
    body = client.get(path).content.decode()
    return json.loads(body.split('<script id="unsent" type="application/json">')[1].split("</script>")[0])


def test_words_of_a_step_are_offered_to_their_author_alone_and_go_with_the_step(client, desk, ticket) -> None:
    page, place = f"/tickets/{ticket.number}/", f"{ticket.number}/return"
    save(client, desk.county_officer_a, place, ["items", "车牌号"], ["text", ""])
    save(client, desk.county_officer_a, place, ["items", "车牌号\n驾驶员"], ["text", "请尽快"], device="desktop")
    kept = offered(client, desk.county_officer_a, page)[place]
    assert (kept["fields"], kept["device"]) == ([["items", "车牌号\n驾驶员"], ["text", "请尽快"]], "desktop")
    assert offered(client, desk.city_officer, page) == {}
    assert offered(client, desk.reporter_a, page) == {}
    client.force_login(desk.county_officer_a)
    sent = {"expected_version": Ticket.objects.get().version, "items": "车牌号\n驾驶员", "text": "请尽快"}
    done = client.post(f"{page}return/", sent, follow=True).content.decode()
    assert f'data-unsent-done="{place}"' in done
    assert not Unsent.objects.exists()
    # a copy that was under way arrives late
    save(client, desk.county_officer_a, place, ["items", "车牌号"])
    assert not Unsent.objects.exists()


def test_a_refused_step_forgets_nothing(client, desk, ticket) -> None:
    place = f"{ticket.number}/return"
    save(client, desk.county_officer_a, place, ["items", "车牌号"])
    client.post(f"/tickets/{ticket.number}/return/", {"expected_version": 1, "items": "车牌号"})
    assert Unsent.objects.get().place == place


def test_a_new_ticket_half_written_is_offered_until_it_is_sent(client, desk) -> None:
    save(client, desk.reporter_a, "new", ["description", "熔喷布涨到三倍"])
    assert offered(client, desk.reporter_a, NEW)["new"]["fields"] == [["description", "熔喷布涨到三倍"]]
    assert offered(client, desk.liaison, NEW) == {}
    client.force_login(desk.reporter_a)
    client.post(NEW, {**GIVEN, "enterprise": desk.plant_a.uscc, "key": "d" * 24})
    assert Ticket.objects.get().state == "submitted"
    assert not Unsent.objects.exists()


def test_forgotten_when_told_and_after_a_week(client, desk, ticket) -> None:
    save(client, desk.reporter_a, "new", ["title", "a"])
    client.delete("/tickets/unsent/?place=new")
    assert not Unsent.objects.exists()
    save(client, desk.reporter_a, "new", ["title", "a"])
    with time_machine.travel(at("2020-04-02 08:00"), tick=False):
        unsent.tidy()
        assert Unsent.objects.exists()
    with time_machine.travel(at("2020-04-02 10:00"), tick=False):
        unsent.tidy()
    assert not Unsent.objects.exists()


def test_nobody_keeps_words_about_what_is_not_his(client, desk, ticket) -> None:
    save(client, desk.reporter_b, f"{ticket.number}/message", ["text", "x"], status=404)
    save(client, desk.county_officer_a, f"{ticket.number}/fly", ["text", "x"], status=404)
    save(client, desk.county_officer_a, "nowhere", ["text", "x"], status=404)
    save(client, desk.reporter_a, "new:draft-999", ["text", "x"], status=404)
    save(client, desk.leader, "new", ["text", "x"], status=403)
    save(client, desk.stranger, f"{ticket.number}/message", ["text", "x"], status=403)
    save(client, desk.reporter_a, "new", ["text", "x", "y"], status=400)
    save(client, desk.reporter_a, "new", ["text", "x" * 70_000], status=400)
    client.post("/tickets/unsent/?place=new", b"{", content_type="application/json")
    assert not Unsent.objects.exists()


def test_somebody_took_the_step_first_and_the_words_are_still_there(client, desk, ticket) -> None:
    client.force_login(desk.city_officer)
    seen = ticket.version
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 08:55")
    answer = client.post(
        f"/tickets/{ticket.number}/return/",
        {"expected_version": seen + 1, "items": "车牌号\n驾驶员", "text": "写了很久的话"},
    )
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "“退回补正”现在不能办了" in body
    assert "readonly>车牌号\n驾驶员</textarea>" in body
    assert "readonly>写了很久的话</textarea>" in body


def seen(client, person, ticket: Ticket) -> str:
    client.force_login(person)
    body = client.get(f"/tickets/{ticket.number}/").content.decode()
    return body.split('<p class="presence')[1].split("</p>")[0] if '<p class="presence' in body else ""


def test_who_else_of_our_side_is_here(client, desk, ticket) -> None:
    assert seen(client, desk.city_officer, ticket) == ""
    assert "<b>city_officer</b>正在办理（刚刚）" in seen(client, desk.county_officer_a, ticket)
    # the enterprise neither sees nor is seen, whoever may only read sees and is not seen
    assert seen(client, desk.reporter_a, ticket) == ""
    told = seen(client, desk.auditor, ticket)
    assert "city_officer" in told
    assert "county_officer_a" in told
    told = seen(client, desk.liaison, ticket)
    assert "auditor" not in told
    assert "reporter_a" not in told
    with time_machine.travel(at("2020-03-26 09:01"), tick=False):
        assert "（1 分钟前）" in seen(client, desk.city_officer, ticket)
        save(client, desk.liaison, f"{ticket.number}/message", ["text", "正在写"])
    with time_machine.travel(at("2020-03-26 09:02:30"), tick=False):
        told = seen(client, desk.county_officer_a, ticket)
        assert "liaison" in told  # who types is still here
        assert "city_officer" in told
    with time_machine.travel(at("2020-03-26 09:10"), tick=False):
        assert seen(client, desk.city_officer, ticket) == ""
