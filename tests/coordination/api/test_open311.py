"""The feed for other city systems: GeoReport's shape, within the token's reach, without persons or what is said inside."""

from __future__ import annotations

import json
from io import StringIO

import jsonschema
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination.models import Ticket
from tests.clients import Program
from tests.coordination.tickets.desk import raised, take
from tests.coordination.tickets.test_acting import transport

FEED = "/api/open311/v2/"


@pytest.fixture
def two(desk) -> list[Ticket]:
    """One closed, of plant A; one open, of plant B, with a phone in its title."""
    one = raised(desk.reporter_a, desk.plant_a, "2020-03-25 08:20")
    take(one, desk.city_officer, "accept", "2020-03-25 08:30", lead=transport().code)
    take(one, desk.city_officer, "dispatch", "2020-03-25 08:40", lead=transport().code, instruction="去函广东，勿外传")
    take(one, desk.department, "sign", "2020-03-25 08:50")
    take(one, desk.department, "message", "2020-03-25 08:55", text="内部：司机张三的事")
    take(one, desk.department, "reply", "2020-03-25 09:00", text="已放行", result="solved")
    take(one, desk.reporter_a, "confirm", "2020-03-25 09:10", solved="yes")
    two = raised(desk.reporter_b, desk.plant_b, "2020-03-26 08:20", title="找不到司机，请打 138-0000-0000 联系")
    return [one, two]


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["service_request_id"] for row in answer.json()]


def test_services_are_the_categories(desk) -> None:
    found = Program(desk.city_officer).get(f"{FEED}services.json").json()
    assert len(found) == 28
    assert found[1] == {
        "service_code": "PASS_CITY", "service_name": "市内跨县通行", "description": "车辆在邻县市区被劝返", "metadata": False,
        "type": "realtime", "keywords": "车辆在邻县市区被劝返", "group": "市级",
    }  # fmt: skip


def test_a_request_says_what_where_who_and_how_far(desk, two) -> None:
    (row,) = Program(desk.city_officer).get(f"{FEED}requests/{two[0].number}.json").json()
    assert row == {
        "service_request_id": two[0].number, "status": "closed", "status_notes": "已办结：已解决（企业确认）",
        "service_name": "市内跨县通行", "service_code": "PASS_CITY", "description": "熔喷布货车被劝返",
        "agency_responsible": "交通局", "service_notice": None, "requested_datetime": "2020-03-25T08:20:00+08:00",
        "updated_datetime": "2020-03-25T09:10:00+08:00", "expected_datetime": None, "address": "晋江市", "address_id": "350582",
        "zipcode": None, "lat": None, "long": None, "media_url": None,
    }  # fmt: skip


def test_filters_and_pages(desk, two) -> None:
    city = Program(desk.city_officer)
    closed, still = two[0].number, two[1].number
    assert ids(city.get(f"{FEED}requests.json")) == [still, closed]
    assert ids(city.get(f"{FEED}requests.json?status=open")) == [still]
    assert ids(city.get(f"{FEED}requests.json?status=closed")) == [closed]
    assert ids(city.get(f"{FEED}requests.json?status=open,closed&service_code=PASS_CITY,POWER")) == [still, closed]
    assert ids(city.get(f"{FEED}requests.json?service_code=POWER")) == []
    assert ids(city.get(f"{FEED}requests.json?start_date=2020-03-26")) == [still]
    assert ids(city.get(f"{FEED}requests.json?end_date=2020-03-25")) == [closed]
    assert ids(city.get(f"{FEED}requests.json?end_date=2020-03-25T00:20:00Z")) == [closed]
    assert ids(city.get(f"{FEED}requests.json?start_date=2020-03-25T08:20:01%2B08:00")) == [still]
    assert ids(city.get(f"{FEED}requests.json?service_request_id={closed},nothing")) == [closed]
    second = city.get(f"{FEED}requests.json?page_size=1&page=2")
    assert (ids(second), second["X-Total-Count"]) == ([closed], "2")
    assert ids(city.get(f"{FEED}requests.json?page=9")) == []
    assert (
        city.get(f"{FEED}requests.json", HTTP_IF_NONE_MATCH=city.get(f"{FEED}requests.json")["ETag"]).status_code == 304
    )


def test_no_person_and_nothing_said_inside(desk, two) -> None:
    for person in (desk.city_officer, desk.auditor, desk.reporter_a):
        raw = Program(person).get(f"{FEED}requests.json").content.decode()
        for secret in (
            "138",
            "13800000000",
            "林岱",
            "张三",
            "勿外传",
            "已放行",
            desk.plant_a.uscc,
            desk.plant_b.name,
            "两条线",
        ):
            assert secret not in raw


def test_each_sees_its_own_and_a_foreign_one_does_not_exist(desk, two) -> None:
    assert ids(Program(desk.reporter_a).get(f"{FEED}requests.json")) == [two[0].number]
    assert ids(Program(desk.county_officer_b).get(f"{FEED}requests.json")) == [two[1].number]
    assert ids(Program(desk.department).get(f"{FEED}requests.json")) == [two[0].number]
    assert Program(desk.reporter_a).get(f"{FEED}requests/{two[1].number}.json").status_code == 404
    assert Program(desk.city_officer).get(f"{FEED}requests/nothing.json").status_code == 404
    assert Program(desk.stranger).get(f"{FEED}requests.json").status_code == 403
    assert Program(desk.province).get(f"{FEED}services.json").status_code == 403


@pytest.mark.parametrize(
    "query",
    ["status=odd", "service_code=NOPE", "start_date=2020-13-01", "end_date=T", "page=0", "page_size=x", "lat=1", "start_date=99T",
     "service_request_id=" + ",".join(["x"] * 300)],
)  # fmt: skip
def test_odd_questions_are_answered_by_their_fault(desk, two, query: str) -> None:
    answer = Program(desk.city_officer).get(f"{FEED}requests.json?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_more_requests_cost_no_more_queries_and_keep_to_the_schema(desk, two) -> None:
    city = Program(desk.city_officer)
    city.get(f"{FEED}requests.json")
    with CaptureQueriesContext(connection) as few:
        city.get(f"{FEED}requests.json?page_size=1")
    with CaptureQueriesContext(connection) as many:
        answer = city.get(f"{FEED}requests.json")
    assert len(few) == len(many)
    out = StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    schema = json.loads(out.getvalue())
    shape = schema["paths"][f"{FEED}requests.json"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer.json(), {**shape, "components": schema["components"]})
