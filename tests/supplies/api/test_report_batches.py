"""Many reports in one request: one answer each, one undoes no other, sent again nothing is doubled (R6, R19, R21)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from supplies.models import DailyReport, RequestKey, Revision
from tests.clients import Program, exact
from tests.supplies.api.test_reports import body, faults
from tests.supplies.daily_reports.plants import DAY, City, at, settle

pytestmark = pytest.mark.django_db

BATCH, REPORTS = "/api/v1/reports/batch/", "/api/v1/reports/"


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 12) + dt.timedelta(days=3), tick=False) as clock:
        yield clock


def days(city: City, count: int, **changes: Any) -> list[dict[str, Any]]:
    return [body(city, date=(DAY + dt.timedelta(days=n)).isoformat(), **changes) for n in range(count)]


def statuses(response: Any) -> list[int]:
    assert response.status_code == 200, response.content.decode()
    rows = response.json()["results"]
    assert [row["index"] for row in rows] == list(range(len(rows)))
    return [row["status"] for row in rows]


def test_each_item_is_answered_for_itself(city: City) -> None:
    first, second, third = days(city, 3)
    bad = second | {"lines": [{"product": "MASK_SURG", "capacity": -1, "output": 1}]}
    foreign = third | {"enterprise": city.b.uscc}
    future = first | {"date": (DAY + dt.timedelta(days=9)).isoformat()}
    response = Program(city["clerk"]).send(BATCH, {"reports": [first, bad, foreign, future, first, 7, third]})
    assert statuses(response) == [201, 422, 404, 422, 200, 422, 201]
    answer = exact(response)
    assert (answer["stored"], answer["repeated"], answer["refused"]) == (2, 1, 4)
    rows = answer["results"]
    assert rows[0]["report"] == rows[4]["report"]
    assert rows[0]["report"] == exact(Program(city["clerk"]).get(f"{REPORTS}{rows[0]['report']['id']}/"))
    assert {(e["field"], e["code"]) for e in rows[1]["problem"]["errors"]} >= {("lines[0].capacity", "negative")}
    assert rows[3]["problem"]["code"] == "future_day"
    assert all(row["problem"]["detail"] for row in rows if "problem" in row)
    assert DailyReport.objects.count() == Revision.objects.count() == 2


def test_sent_again_under_its_key_nothing_is_doubled_and_what_was_refused_is_tried_anew(city: City) -> None:
    reports = days(city, 2)
    reports[1] = reports[1] | {"based_on": 1}
    clerk = Program(city["clerk"])
    assert statuses(clerk.send(BATCH, {"reports": reports}, HTTP_IDEMPOTENCY_KEY="k1")) == [201, 409]
    clerk.send(REPORTS, days(city, 2)[1] | {"note": "先报"})
    again = clerk.send(BATCH, {"reports": reports}, HTTP_IDEMPOTENCY_KEY="k1")
    assert statuses(again) == [201, 201]
    assert [row["replayed"] for row in again.json()["results"]] == [True, False]
    assert (again.json()["stored"], again.json()["repeated"]) == (1, 1)
    other = clerk.send(BATCH, {"reports": [reports[1], reports[1]]}, HTTP_IDEMPOTENCY_KEY="k1")
    assert statuses(other) == [422, 201]
    assert other.json()["results"][0]["problem"]["code"] == "key_reused"
    assert Revision.objects.count() == 3


def test_an_item_s_own_key_is_the_same_as_alone(city: City) -> None:
    (report,) = days(city, 1)
    clerk = Program(city["clerk"])
    alone = clerk.send(REPORTS, report, HTTP_IDEMPOTENCY_KEY="mine")
    row = clerk.send(BATCH, {"reports": [report | {"key": "mine"}]}).json()["results"][0]
    assert (row["status"], row["replayed"], row["report"]) == (201, True, alone.json())
    for key, code in ((7, "invalid_type"), ("", "invalid_key"), ("a b", "invalid_key"), (None, "invalid_type")):
        row = clerk.send(BATCH, {"reports": [report | {"key": key}]}).json()["results"][0]
        assert (row["status"], row["problem"]["errors"][0]["field"], row["problem"]["code"]) == (422, "key", code)


def test_a_dry_run_stores_nothing_and_binds_no_key(city: City) -> None:
    clerk = Program(city["clerk"])
    tried = clerk.send(f"{BATCH}?dry_run=true", {"reports": days(city, 3)}, HTTP_IDEMPOTENCY_KEY="k")
    assert statuses(tried) == [201, 201, 201]
    assert not DailyReport.objects.exists()
    assert not RequestKey.objects.exists()


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        ([], ("", "invalid_type")),
        ({}, ("reports", "required")),
        ({"reports": []}, ("reports", "required")),
        ({"reports": {}}, ("reports", "invalid_type")),
        ({"reports": [1] * 501}, ("reports", "too_many")),
        ({"reports": [1], "x": 1}, ("x", "unknown_field")),
    ],
)
def test_refuses_what_is_no_batch(city: City, what: Any, fault: tuple[str, str]) -> None:
    response = Program(city["clerk"]).send(BATCH, what)
    assert response.status_code == 422
    assert fault in faults(response)


def test_bad_bodies_have_their_own_numbers(city: City) -> None:
    clerk = Program(city["clerk"])
    assert clerk.send(BATCH, b"{").status_code == 400
    assert clerk.send(BATCH, b'{"reports": "' + b"x" * 1_000_001 + b'"}').status_code == 413
    assert clerk.post(BATCH, "x", content_type="text/plain").status_code == 415
    assert clerk.get(BATCH).status_code == 405


@pytest.mark.parametrize("who", ["leader", "admin"])
def test_who_may_not_file_is_told_so(city: City, who: str) -> None:
    assert Program(city[who]).send(BATCH, {"reports": days(city, 1)}).status_code == 403


def test_a_token_without_the_scope_files_nothing(city: City) -> None:
    assert Program(city["clerk"], "reports:read").send(BATCH, {"reports": days(city, 1)}).status_code == 403
    assert not DailyReport.objects.exists()
