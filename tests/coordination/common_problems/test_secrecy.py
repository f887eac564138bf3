"""Two enterprises share a common problem: in no output of any role does either find the other, or that there is one."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from coordination import common_problems, letters
from coordination.models import Notice
from tests.clients import Program
from tests.coordination.tickets.desk import raised, take
from tests.coordination.tickets.test_acting import transport

TEXT = "本周起凭本市通行证放行。"


@pytest.fixture
def shared(desk):
    """Everything a common problem can bring about has happened: told, ordered, written to, measured, answered."""
    city = desk.city_officer
    one = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:20", title="甲的货车被劝返", object="常山卡点")
    two = raised(desk.reporter_b, desk.plant_b, "2020-03-26 08:25", title="乙的货车被劝返", object="常山卡点")
    for ticket in (one, two):
        take(ticket, city, "accept", "2020-03-26 08:30")
    problem = common_problems.establish(
        actor=city, title="常山卡点不放行", category="PASS_CITY", object="常山卡点", numbers=[one.number, two.number],
        cause="卡点不认本市通行证", lead=transport().code,
    )  # fmt: skip
    order = common_problems.dispatch(actor=city, problem=problem, organisation="JTJ", instruction="两家一并协调")
    common_problems.announce(actor=city, problem=problem, text=TEXT)
    letter = letters.draft(actor=city, problem=problem, fields={
        "organ": "泉州市工信局", "prefix": "泉工信函", "addressee": "常山县交通局", "title": "关于放行的函",
        "body": "请放行甲乙两家。",
    })  # fmt: skip
    for who, action, given in (
        (city, "submit", {}), (desk.leader, "sign", {}), (city, "send", {"sent_on": "2020-03-26", "way": "fax"}),
    ):  # fmt: skip
        letter.refresh_from_db()
        letters.turn(actor=who, letter=letter, action=action, fields=given, expected_version=letter.version)
    common_problems.measure(actor=city, problem=problem, text="两地互认通行证。")
    common_problems.cover(
        actor=city, problem=problem, number=one.number, is_covered=True, sentence="甲的两辆车可以走。"
    )
    for ticket in (one, two):
        ticket.refresh_from_db()
    return one, two, problem, order


def outputs(client, account, number: str) -> dict[str, str]:
    """Everything an enterprise can make the city say, raw."""
    client.force_login(account)
    program = Program(account)
    search = "/tickets/?search=常山卡点&view=list"
    found = {
        "page": client.get(f"/tickets/{number}/").content.decode(),
        "list": client.get("/tickets/?view=list").content.decode(),
        "search": client.get(search).content.decode(),
        "print": client.get(f"/tickets/{number}/print/").content.decode(),
        "home": client.get("/", follow=True).content.decode(),
        "rest": program.get(f"/api/v1/tickets/{number}/").content.decode(),
        "rest list": program.get("/api/v1/tickets/?search=常山").content.decode(),
        "feed": program.get("/api/open311/v2/requests.json").content.decode(),
    }
    book = client.get("/tickets/?format=xlsx")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book.content))
    found["export"] = str([sheets.get_sheet_by_index(n).to_python() for n in range(2)])
    return found


def test_neither_enterprise_finds_the_other_anywhere(client, desk, shared) -> None:
    one, two, problem, order = shared
    both = ((desk.reporter_a, one, two), (desk.reporter_b, two, one))
    for account, mine, other in both:
        secrets = (
            other.number, other.title, other.enterprise.name, other.enterprise.uscc, problem.number, problem.title, order.number,
            "两家一并协调", "卡点不认本市通行证", "常山县交通局", "泉工信函", "甲乙两家", "随共性问题",
        )  # fmt: skip
        for name, raw in outputs(client, account, mine.number).items():
            for secret in secrets:
                assert secret not in raw, (account, name, secret)
        assert TEXT in outputs(client, account, mine.number)["page"]
    assert "甲的两辆车可以走。" not in str(outputs(client, desk.reporter_b, two.number))


def test_neither_opens_what_belongs_to_the_other_or_to_the_problem(client, desk, shared) -> None:
    one, two, problem, order = shared
    for account, other in ((desk.reporter_a, two), (desk.reporter_b, one)):
        client.force_login(account)
        for address in (
            f"/tickets/{other.number}/", f"/tickets/{other.number}/print/", "/tickets/problems/",
            f"/tickets/problems/{problem.number}/",
            f"/tickets/problems/orders/{order.number}/", "/tickets/letters/", "/seals/",
        ):  # fmt: skip
            assert client.get(address).status_code in (403, 404), address
        program = Program(account)
        assert program.get(f"/api/v1/tickets/{other.number}/").status_code == 404
        assert program.get(f"/api/open311/v2/requests/{other.number}.json").status_code == 404
        for act in ("link", "unlink", "announce", "measure", "cover", "dispatch", "close", "drop", "begin"):
            assert client.post(f"/tickets/problems/{problem.number}/{act}/", {"ticket": other.number}).status_code in (
                403,
                404,
            )


def test_messages_to_an_enterprise_speak_of_its_own_ticket_only(desk, shared) -> None:
    one, two, problem, _ = shared
    for mine, other in ((one, two), (two, one)):
        told = Notice.objects.filter(enterprise=mine.enterprise)
        assert told.exists()
        for notice in told:
            assert notice.ticket == mine
            for secret in (other.number, other.title, other.enterprise.name, problem.number, problem.title):
                assert secret not in notice.text


def test_each_of_six_roles_sees_its_share(client, desk, shared) -> None:
    """The county and the officer see their own member and no problem; the unit both members and its order; the city all."""
    one, two, problem, order = shared
    table = {
        "city_officer": (200, 200, 200, 200), "leader": (200, 200, 200, 200), "department": (200, 200, 403, 200),
        "county_officer_a": (200, 404, 403, 404), "liaison": (200, 404, 403, 404), "reporter_a": (200, 404, 403, 404),
        "reporter_b": (404, 200, 403, 404), "auditor": (200, 200, 200, 200),
    }  # fmt: skip
    for name, expected in table.items():
        client.force_login(desk.people()[name])
        addresses = (one.number, two.number, f"problems/{problem.number}", f"problems/orders/{order.number}")
        assert tuple(client.get(f"/tickets/{a}/").status_code for a in addresses) == expected, name
    client.force_login(desk.county_officer_a)
    page = client.get(f"/tickets/{one.number}/").content.decode()
    for secret in (two.number, two.title, desk.plant_b.name, problem.title):
        assert secret not in page
