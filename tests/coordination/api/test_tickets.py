"""Tickets over REST: raised, turned, read and counted; nothing a client sends is a 500."""

from __future__ import annotations

import json

import jsonschema
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination.models import Ticket
from tests.clients import Program, exact
from tests.coordination.tickets.desk import GIVEN, raised

LIST = "/api/v1/tickets/"


def body(plant, **more):
    return {"enterprise": plant.uscc, **GIVEN, **more}


def act(program: Program, number: str, action: str, **fields):
    version = Ticket.objects.get(number=number).version
    return program.send(f"{LIST}{number}/actions/{action}/", {"expected_version": version, **fields})


def test_a_ticket_goes_its_way_over_rest(desk) -> None:
    firm, county, city = Program(desk.reporter_a), Program(desk.county_officer_a), Program(desk.city_officer)
    unit = Program(desk.department)
    answer = firm.send(LIST, body(desk.plant_a, product="MASK_SURG", blocked=210000), HTTP_IDEMPOTENCY_KEY="one")
    assert answer.status_code == 201
    row = exact(answer)
    assert (row["number"], row["state"], row["blocked"]) == (
        "20200326-0001", "submitted", 210000,
    )  # fmt: skip
    again = firm.send(LIST, body(desk.plant_a, product="MASK_SURG", blocked=210000), HTTP_IDEMPOTENCY_KEY="one")
    assert (again.status_code, again["Idempotency-Replayed"], Ticket.objects.count()) == (201, "true", 1)
    number = row["number"]
    assert act(county, number, "accept").json()["state"] == "accepted"
    assert act(city, number, "dispatch", lead="JTJ", instruction="办").json()["state"] == "dispatched"
    assert act(unit, number, "sign").json()["state"] == "handling"
    assert act(unit, number, "reply", text="好了", result="solved").json()["state"] == "replied"
    assert act(firm, number, "confirm", solved="yes", satisfaction=5).json()["state"] == "closed"
    counted = city.get(f"{LIST}statistics/?from=2020-03-01&to=2020-03-31&lists=true").json()
    assert counted["measures"]["solved"] == 1
    assert counted["lists"]["solved"] == [number]
    solved = city.get(f"{LIST}?group=solved").json()
    assert [one["number"] for one in solved["results"]] == [number]


def test_refusals_name_field_and_reason(desk) -> None:
    firm = Program(desk.reporter_a)
    answer = firm.send(LIST, {"enterprise": desk.plant_a.uscc, "category": "NOPE", "title": "x" * 61, "colour": "red"})
    assert answer.status_code == 422
    faults = {fault["field"]: fault["code"] for fault in answer.json()["errors"]}
    assert faults == {
        "category": "invalid_choice", "colour": "unknown_field", "title": "too_long", "description": "required",
        "impact": "required", "contact_name": "required", "contact_phone": "required",
    }  # fmt: skip
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    path = f"{LIST}{ticket.number}/actions/"
    county = Program(desk.county_officer_a)
    assert county.send(f"{path}accept/", {}).json()["errors"][0]["field"] == "expected_version"
    assert county.send(f"{path}accept/", {"expected_version": 1}).status_code == 409
    assert county.send(f"{path}fly/", {"expected_version": 2}).status_code == 404
    assert firm.send(f"{path}accept/", {"expected_version": 2}).status_code == 403
    refused = county.send(f"{path}accept/", {"expected_version": 2, "mode": "urgent"})
    assert refused.json()["errors"][0]["field"] == "urgent_reason"


@pytest.mark.parametrize(
    "sent", [b"", b"[]", b"null", b'"x"', b'{"enterprise": 1}', b'{"enterprise": {"a": []}, "title": [1]}', b"{"]
)
def test_garbage_is_refused_and_never_breaks(desk, sent: bytes) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    firm, county = Program(desk.reporter_a), Program(desk.county_officer_a)
    assert firm.send(LIST, sent).status_code in (400, 404, 422)
    assert county.send(f"{LIST}{ticket.number}/actions/return/", sent).status_code in (400, 422)
    for value in ([1], {"a": 1}, 7, True, None, "\u202e", "x" * 5000):
        said = {"expected_version": 2, "items": value, "text": value}
        assert county.send(f"{LIST}{ticket.number}/actions/return/", said).status_code in (409, 422)
        assert firm.send(LIST, body(desk.plant_a, blocked=value, product=value, occurred_at=value)).status_code in (
            201,
            422,
        )


def test_scopes_cut_an_account_down(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    reader = Program(desk.county_officer_a, "tickets:read")
    assert reader.get(f"{LIST}{ticket.number}/").json()["actions"] == []
    assert reader.send(f"{LIST}{ticket.number}/actions/accept/", {"expected_version": 2}).status_code == 403
    assert Program(desk.county_officer_a, "totals:read").get(LIST).status_code == 403


def test_foreign_and_missing_tickets_are_the_same(desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    for person in (desk.reporter_b, desk.county_officer_b, desk.department):
        program = Program(person)
        answers = [program.get(f"{LIST}{number}/") for number in (ticket.number, "20200326-9999", "draft-1", "draft-x")]
        assert {(answer.status_code, answer.json()["detail"]) for answer in answers} == {(404, "没有找到这张问题单。")}
        assert program.get(LIST).json()["count"] == 0
        assert program.send(f"{LIST}{ticket.number}/actions/message/", {"expected_version": 2}).status_code == 404


def test_lists_cost_the_same_for_many_tickets(desk) -> None:
    county = Program(desk.county_officer_a)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert county.get(LIST).status_code == 200
        return len(found)

    raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    queries()  # the token's first use is noted once a day
    few = queries()
    for _ in range(6):
        raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    assert queries() == few


def test_answers_keep_to_the_schema(desk, tmp_path) -> None:
    file = tmp_path / "schema.json"
    call_command("spectacular", "--format", "openapi-json", "--file", str(file))
    schema = json.loads(file.read_text())
    firm, city = Program(desk.reporter_a), Program(desk.city_officer)
    number = exact(firm.send(LIST, body(desk.plant_a)))["number"]
    for program, path, name in (
        (firm, f"{LIST}{number}/", "TicketInFull"), (city, f"{LIST}{number}/", "TicketInFull"), (city, LIST, "TicketPage"),
        (city, f"{LIST}statistics/?from=2020-03-01&to=2020-03-31", "StatisticsRow"),
    ):  # fmt: skip
        answer = program.get(path)
        assert answer.status_code == 200
        jsonschema.validate(answer.json(), {"$ref": f"#/components/schemas/{name}", "components": schema["components"]})
    assert len(city.get(f"{LIST}categories/").json()) == 28


def test_the_list_searches_words_initials_and_codes(desk) -> None:
    raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50", title="压条机电机缺货")
    raised(desk.reporter_b, desk.plant_b, "2020-03-26 08:50")
    city = Program(desk.city_officer)
    for search, count in (("电机", 1), ("熔喷布", 2), ("甲口罩", 1), ("nayf", 1), ("20200326-0002", 1), ("没有的", 0)):
        assert city.get(LIST, {"search": search}).json()["count"] == count, search
