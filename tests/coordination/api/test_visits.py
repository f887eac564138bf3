"""Visits over REST: logged by a program once, read within reach, refused by field."""

from __future__ import annotations

import pytest

from coordination.models import Visit
from tests.clients import Program, exact
from tests.coordination.test_visits import NEXT, SAID, log

PATH = "/api/v1/visits/"
pytestmark = pytest.mark.django_db


def sent(desk, program: Program, **more):
    headers = {"HTTP_IDEMPOTENCY_KEY": more.pop("key")} if "key" in more else {}
    return program.send(PATH, {"enterprise": desk.plant_a.uscc, **SAID, **more}, **headers)


def test_a_phone_logs_a_visit_once(desk) -> None:
    program = Program(desk.liaison)
    said = {
        "key": "v-1",
        "promises": [NEXT],
        "next_contact_on": "2020-03-30",
        "occurred_at": "2020-03-26T08:10:00+08:00",
    }
    first, second = sent(desk, program, **said), sent(desk, program, **said)
    assert (first.status_code, second.status_code, second["Idempotency-Replayed"]) == (201, 201, "true")
    row = exact(first)
    assert row == exact(second)
    assert row["facts"] == ["两条线在开", "缺 8 名包装工", "无纺布够用 3 天"]
    assert row["occurred_at"] == "2020-03-26T08:10:00+08:00"
    assert [(one["kind"], one["due_on"], one["owner"]) for one in row["promises"]] == [
        ("enterprise", "2020-03-28", "liaison"), ("contact", "2020-03-30", "liaison"),
    ]  # fmt: skip
    assert exact(sent(desk, program, key="v-1", met="别人"))["errors"][0]["code"] == "key_reused"
    assert Visit.objects.count() == 1


def test_lists_and_filters(desk) -> None:
    visit = log(desk)
    log(desk, actor=desk.city_officer, way="phone", occurred_at="2020-03-20T09:00")
    city = Program(desk.city_officer)
    assert exact(city.get(PATH))["count"] == 2
    for asked in ({"officer": "liaison"}, {"way": "visit"}, {"from": "2020-03-26"}):
        assert [row["id"] for row in exact(city.get(PATH, asked))["results"]] == [visit.pk]
    for asked in ({"division": desk.county_b}, {"enterprise": desk.plant_b.uscc}, {"search": "没有这话"}):
        assert exact(city.get(PATH, asked))["count"] == 0
    assert exact(Program(desk.county_officer_b).get(PATH))["count"] == 0


@pytest.mark.parametrize(
    ("who", "scopes", "read", "write"),
    [
        ("liaison", ("tickets:read", "tickets:write"), 200, 201), ("liaison", ("tickets:read",), 200, 403),
        ("liaison", ("tickets:write",), 403, 201), ("liaison", ("reports:read",), 403, 403),
        ("auditor", ("tickets:read", "tickets:write"), 200, 403), ("reporter_a", ("tickets:read", "tickets:write"), 403, 403),
        ("county_officer_b", ("tickets:read", "tickets:write"), 200, 404),
    ],
)  # fmt: skip
def test_scopes(desk, who: str, scopes: tuple[str, ...], read: int, write: int) -> None:
    program = Program(getattr(desk, who), *scopes)
    assert (program.get(PATH).status_code, sent(desk, program).status_code) == (read, write)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"way": 3}, "way"), ({"met": ["a"]}, "met"), ({"notes": 5}, "notes"), ({"promises": {"what": "x"}}, "promises"),
        ({"promises": [{**NEXT, "due_on": 5}]}, "promises[0].due_on"), ({"tickets": "T1"}, "tickets"),
        ({"tickets": [["x"]]}, "tickets"), ({"next_contact_on": []}, "next_contact_on"), ({"occurred_at": {}}, "occurred_at"),
        ({"extra": 1}, "extra"),
    ],
)  # fmt: skip
def test_any_input_gets_an_answer(desk, said, field: str) -> None:
    answer = sent(desk, Program(desk.liaison), **said)
    assert answer.status_code == 422, answer.content
    assert [error["field"] for error in exact(answer)["errors"]] == [field]
    assert not Visit.objects.exists()


@pytest.mark.parametrize("body", ["[]", "3", '"x"', '{"enterprise": null}', "{}"])
def test_what_is_no_visit_is_refused(desk, body: str) -> None:
    assert Program(desk.liaison).send(PATH, body).status_code == 422
