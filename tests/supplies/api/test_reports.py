"""Reports by REST: filing, replays, conflicts, refusals with field, code and reason, reading, reach (R3-R6, R19)."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from supplies.models import DailyReport, Decision, ReportLine, RequestKey, Revision
from tests.clients import Program, exact
from tests.supplies.daily_reports.plants import COUNTY, DAY, FABRIC, MASK, City, at, figures, file, settle

pytestmark = pytest.mark.django_db

REPORTS = "/api/v1/reports/"
NOON = at(DAY, 12)


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def body(city: City, **changes: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "enterprise": city.a.uscc,
        "date": DAY.isoformat(),
        "lines": [
            {"product": MASK, "capacity": 480000, "output": "465000"},
            {"product": FABRIC, "stock": 12.5, "unit": "吨"},
        ],
    } | changes
    return {name: value for name, value in said.items() if value is not ...}


def faults(response: Any) -> set[tuple[str, str]]:
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert all(error["message"] for error in problem["errors"])
    return {(error["field"], error["code"]) for error in problem["errors"]}


def test_files_a_report_and_gives_it_back_exactly(city: City, noon: Any) -> None:
    clerk = Program(city["clerk"])
    response = clerk.send(REPORTS, body(city, staff_due=80, staff_on_duty="76", note="一切正常"))
    assert response.status_code == 201
    answer = exact(response)
    assert answer == {
        "id": DailyReport.objects.get().pk,
        "enterprise": city.a.uscc,
        "date": "2020-03-27",
        "revision": 1,
        "based_on": None,
        "state": "running",
        "staff_due": 80,
        "staff_on_duty": 76,
        "note": "一切正常",
        "limits": [],
        "line_states": [],
        "review": "submitted",
        "on_time": True,
        "first_received_at": "2020-03-27T12:00:00+08:00",
        "received_at": "2020-03-27T12:00:00+08:00",
        "recorded_at": "2020-03-27T12:00:00+08:00",
        "channel": "api",
        "on_behalf": None,
        "lines": [
            {
                "product": MASK, "capacity": 480000, "output": 465000, "stock": None, "shipped": None, "received": None,
                "used": None, "cumulative_stated": None, "unit": "只",
                "entered": {"capacity": {"text": "480000", "unit": "只"}, "output": {"text": "465000", "unit": "只"}},
            },
            {
                "product": FABRIC, "capacity": None, "output": None, "stock": 12500, "shipped": None, "received": None,
                "used": None, "cumulative_stated": None, "unit": "千克", "entered": {"stock": {"text": "12.5", "unit": "吨"}},
            },
        ],
        "questions": [],
        "closed": False,
    }  # fmt: skip
    assert response.headers["Location"] == f"{REPORTS}{answer['id']}/"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert exact(clerk.get(response.headers["Location"])) == answer


def test_numbers_are_read_from_their_literal_and_never_pass_a_binary_float_r16(city: City, noon: Any) -> None:
    text = json.dumps(body(city)).replace("12.5", "9999999.999999")
    response = Program(city["clerk"]).send(REPORTS, text)
    assert response.status_code == 201
    assert ReportLine.objects.get(product=FABRIC).stock == 9_999_999_999_999
    assert exact(response)["lines"][1]["stock"] == Decimal("9999999999.999")
    assert '"stock":9999999999.999,' in response.content.decode()


def test_a_halt_needs_no_lines(city: City, noon: Any) -> None:
    response = Program(city["clerk"]).send(REPORTS, body(city, lines=..., state="halted"))
    assert response.status_code == 201
    assert [row["capacity"] for row in response.json()["lines"]] == [0, None]


def test_repeating_the_latest_answers_200(city: City, noon: Any) -> None:
    clerk = Program(city["clerk"])
    first = clerk.send(REPORTS, body(city)).json()
    again = clerk.send(REPORTS, body(city, based_on=5))
    assert (again.status_code, again.json()) == (200, first)


def test_a_replay_has_the_first_status_and_body_to_the_byte_r6(city: City, noon: Any) -> None:
    clerk = Program(city["clerk"])
    first = clerk.send(REPORTS, body(city), HTTP_IDEMPOTENCY_KEY="day-27")
    clerk.send(REPORTS, body(city, note="x", based_on=1), HTTP_IDEMPOTENCY_KEY="day-27b")
    spaced = json.dumps(dict(reversed(body(city).items())), indent=2)
    again = clerk.send(REPORTS, spaced, HTTP_IDEMPOTENCY_KEY="day-27")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert Revision.objects.count() == 2


def test_the_same_key_with_another_body_is_refused_r6(city: City, noon: Any) -> None:
    clerk = Program(city["clerk"])
    clerk.send(REPORTS, body(city), HTTP_IDEMPOTENCY_KEY="k")
    response = clerk.send(REPORTS, body(city, note="x"), HTTP_IDEMPOTENCY_KEY="k")
    assert (response.status_code, response.json()["code"]) == (422, "key_reused")


@pytest.mark.parametrize("key", ["", " ", "键", "a b", "x" * 201])
def test_refuses_a_key_that_cannot_be_kept(city: City, noon: Any, key: str) -> None:
    response = Program(city["clerk"]).send(REPORTS, body(city), HTTP_IDEMPOTENCY_KEY=key)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_key")
    assert not RequestKey.objects.exists()


def test_a_conflict_shows_both_versions_r6(city: City, noon: Any) -> None:
    clerk, colleague = Program(city["clerk"]), Program(city["colleague"])
    clerk.send(REPORTS, body(city))
    colleague.send(REPORTS, body(city, note="a", based_on=1))
    response = clerk.send(REPORTS, body(city, note="b", based_on=1))
    problem = exact(response)
    assert (response.status_code, problem["code"]) == (409, "conflict")
    assert (problem["latest"]["revision"], problem["latest"]["note"]) == (2, "a")
    assert (problem["yours"]["based_on"], problem["yours"]["note"]) == (1, "b")
    assert problem["yours"]["lines"] == problem["latest"]["lines"]


def test_a_dry_run_stores_nothing_and_gives_the_same_verdicts(city: City, noon: Any) -> None:
    clerk = Program(city["clerk"])
    tried = clerk.send(REPORTS + "?dry_run=true", body(city), HTTP_IDEMPOTENCY_KEY="k")
    assert (tried.status_code, tried.json()["id"], tried.json()["revision"]) == (201, None, 1)
    assert "Location" not in tried.headers
    assert not DailyReport.objects.exists()
    assert not RequestKey.objects.exists()
    bad = clerk.send(REPORTS + "?dry_run=true", body(city, state="x"))
    assert (bad.status_code, faults(bad)) == (422, {("state", "unknown_state")})
    assert faults(clerk.send(REPORTS + "?dry_run=yes", body(city))) == {("dry_run", "invalid_choice")}


def test_a_hint_is_sent_after_the_commit_and_may_fail(
    city: City, noon: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """R21: success does not depend on the queue."""
    from supplies import tasks

    asked = []

    def dead(**_: Any) -> None:
        asked.append(Revision.objects.count())
        raise ConnectionError("no broker")

    settings.REDIS_URL = "redis://nowhere:1/0"
    monkeypatch.setattr(tasks, "_resting_until", 0.0)
    monkeypatch.setattr(tasks.refresh_daily_totals, "apply_async", dead)
    clerk = Program(city["clerk"])
    assert clerk.send(REPORTS, body(city)).status_code == 201
    assert asked == [1]
    assert clerk.send(REPORTS, body(city)).status_code == 200
    assert asked == [1]


# --- what bad input gets ---------------------------------------------------------------------------------------------


def with_capacity(city: City, literal: str) -> str:
    return json.dumps(body(city)).replace("480000", literal)


@pytest.mark.parametrize(
    "literal, code",
    [
        ("-1", "negative"),
        ("-0", "negative"),
        ("-0.0", "negative"),
        ("1e3", "not_a_number"),
        ("1E999", "not_a_number"),
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("-Infinity", "not_a_number"),
        ("0.0001", "too_many_decimals"),
        ("1" + "0" * 10, "too_large"),
        ("1" + "0" * 30, "too_large"),
        ("9" * 5000, "too_large"),
        ("0." + "0" * 4000 + "1", "too_many_decimals"),
        ("true", "not_a_number"),
        ("null", "not_a_number"),
        ("[]", "not_a_number"),
        ("{}", "not_a_number"),
        ('""', "not_a_number"),
        ('" 5"', "not_a_number"),
        ('"５"', "not_a_number"),
        ('"٣"', "not_a_number"),
        ('"48万"', "not_a_number"),
        ('"1,234"', "not_a_number"),
        ('"1_000"', "not_a_number"),
        ('".5"', "not_a_number"),
        ('"5."', "not_a_number"),
        ('"007"', "not_a_number"),
        ('"+5"', "not_a_number"),
        ('"-5"', "negative"),
        ('"1e3"', "not_a_number"),
        ('"NaN"', "not_a_number"),
        ('"' + "9" * 3000 + '"', "too_large"),
    ],
)
def test_refuses_figures_by_field_code_and_reason_r19(city: City, noon: Any, literal: str, code: str) -> None:
    response = Program(city["clerk"]).send(REPORTS, with_capacity(city, literal))
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert faults(response) == {("lines[0].capacity", code)}
    assert not DailyReport.objects.exists()


@pytest.mark.parametrize("literal", ["0", "0.0", "480000.000", "9999999999.999", '"0"', '"0.500"'])
def test_takes_numbers_and_decimal_strings_r16(city: City, noon: Any, literal: str) -> None:
    assert Program(city["clerk"]).send(REPORTS, with_capacity(city, literal)).status_code == 201


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"enterprise": ...}, {("enterprise", "required")}),
        ({"enterprise": 7}, {("enterprise", "invalid_type")}),
        ({"enterprise": None}, {("enterprise", "invalid_type")}),
        ({"date": ...}, {("date", "required")}),
        ({"date": "20200327"}, {("date", "invalid_date")}),
        ({"date": "2020-3-27"}, {("date", "invalid_date")}),
        ({"date": "2020-W13-5"}, {("date", "invalid_date")}),
        ({"date": "２０２０-03-27"}, {("date", "invalid_date")}),
        ({"date": "2020-02-30"}, {("date", "invalid_date")}),
        ({"date": "0001-01-01"}, {("date", "invalid_date")}),
        ({"date": "1999-12-31"}, {("date", "invalid_date")}),
        ({"date": "2020-03-28"}, {("date", "future_day")}),
        ({"date": 20200327}, {("date", "invalid_type")}),
        ({"lines": ...}, {("lines", "missing_line")}),
        ({"lines": []}, {("lines", "missing_line")}),
        ({"lines": {}}, {("lines", "invalid_type")}),
        ({"lines": None}, {("lines", "invalid_type")}),
        ({"lines": [7]}, {("lines[0]", "invalid_type"), ("lines[0].product", "required"), ("lines", "missing_line")}),
        ({"lines": [{}] * 201}, {("lines", "too_many")}),
        ({"state": "on"}, {("state", "unknown_state")}),
        ({"state": None}, {("state", "invalid_type")}),
        ({"state": ""}, {("state", "unknown_state")}),
        ({"staff_due": 1.5}, {("staff_due", "not_whole")}),
        ({"staff_due": -1}, {("staff_due", "negative")}),
        ({"staff_on_duty": 10**9}, {("staff_on_duty", "too_large")}),
        ({"note": 5}, {("note", "invalid_type")}),
        ({"note": "x" * 2001}, {("note", "too_long")}),
        ({"limits": [{"reason": "rain"}]}, {("limits[0].reason", "unknown_reason")}),
        ({"limits": [{"reason": "material", "lost": 5}]}, {("limits[0].product", "lost_without_product")}),
        ({"limits": [{"product": MASK}]}, {("limits[0].reason", "required")}),
        ({"limits": [{"reason": "material", "product": "X"}]}, {("limits[0].product", "unknown_product")}),
        ({"based_on": "1"}, {("based_on", "invalid_type")}),
        ({"based_on": 1.0}, {("based_on", "invalid_type")}),
        ({"based_on": True}, {("based_on", "invalid_type")}),
        ({"county": "350582", "status": "x"}, {("county", "unknown_field"), ("status", "unknown_field")}),
        ({"id": 1, "revision": 2}, {("id", "unknown_field"), ("revision", "unknown_field")}),
        ({"on_behalf": {"caller": "王"}}, {("on_behalf", "forbidden")}),
        ({"confirmations": [{"product": MASK, "measure": "output", "question": "jump"}]},
         {("confirmations[0].reason", "required")}),
        ({"confirmations": [{"product": MASK, "measure": "x", "question": "y", "reason": "z"}]},
         {("confirmations[0].measure", "invalid_choice"), ("confirmations[0].question", "invalid_choice")}),
    ],
)  # fmt: skip
def test_refuses_shapes_by_field_and_code(
    city: City, noon: Any, changes: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    response = Program(city["clerk"]).send(REPORTS, body(city, **changes))
    assert response.status_code in (403, 422)
    assert faults(response) == expected
    assert not DailyReport.objects.exists()


def test_faults_of_shape_and_figures_are_answered_together(city: City, noon: Any) -> None:
    lines = [
        {"product": MASK, "capacity": -1, "output": 5, "county": "x"},
        {"product": MASK, "capacity": 1, "output": 5, "unit": "箱"},
        {"product": "GOLD", "stock": 1},
    ]
    response = Program(city["clerk"]).send(REPORTS, body(city, lines=lines, state="x", extra=1))
    assert response.json()["code"] == "invalid"
    assert faults(response) == {
        ("extra", "unknown_field"),
        ("lines[0].county", "unknown_field"),
        ("state", "unknown_state"),
        ("lines[0].capacity", "negative"),
        ("lines[1].unit", "unknown_unit"),
        ("lines[1].product", "duplicate_product"),
        ("lines[2].product", "unknown_product"),
        ("lines", "missing_line"),
    }


@pytest.mark.parametrize(
    "raw, status, code",
    [
        (b"", 400, "not_json"),
        (b"nope", 400, "not_json"),
        (b"{", 400, "not_json"),
        (b"\xff\xfe{}", 400, "not_json"),
        (b'\xef\xbb\xbf{"a":1}', 400, "not_json"),
        (b'{"date":"2020-03-27","date":"2020-03-26"}', 400, "duplicate_key"),
        (b"[" * 990 + b"]" * 990, 400, "too_deep"),
        (b"[" * 40 + b"]" * 40, 400, "too_deep"),
        (b'{"a":' * 100_000, 400, "too_deep"),
        (b"[]", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"5", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b'{"note":"a\\u0000b"}', 422, "invalid_text"),
        (b'{"note":"\\ud800"}', 422, "invalid_text"),
        (b'{"\\udfff":1}', 422, "invalid_text"),
        (b'{"lines":[{"product":"a\\u0000"}]}', 422, "invalid_text"),
        (b'{"a":"' + b"x" * 1_000_001 + b'"}', 413, "too_large"),
    ],
)
def test_refuses_bodies_that_are_not_plain_json(city: City, raw: bytes, status: int, code: str) -> None:
    response = Program(city["clerk"]).send(REPORTS, raw)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert faults(response)


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=gbk", "x"],
)
def test_refuses_other_types_of_body(city: City, kind: str) -> None:
    response = Program(city["clerk"]).send(REPORTS, body(city), content_type=kind)
    assert response.status_code == 415
    assert faults(response) == {("", "unsupported_media_type")}


def test_text_that_looks_like_markup_is_given_back_as_it_was(city: City, noon: Any) -> None:
    note = "<img src=x onerror=alert(1)> '; DROP TABLE x; -- \u202e"
    response = Program(city["clerk"]).send(REPORTS, body(city, note=note))
    assert response.json()["note"] == note


# --- who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "person, scopes, status",
    [
        ("clerk", ("reports:write",), 201),
        ("clerk", ("reports:read", "totals:read"), 403),
        ("clerk_b", ("reports:write",), 404),
        ("leader", (), 403),
        ("county", (), 403),
        ("other_county", (), 404),
        ("stranger", (), 403),
    ],
)
def test_who_may_file(city: City, noon: Any, person: str, scopes: tuple[str, ...], status: int) -> None:
    assert Program(city[person], *scopes).send(REPORTS, body(city)).status_code == status


def test_a_foreign_and_a_missing_enterprise_look_alike(city: City, noon: Any) -> None:
    clerk = Program(city["clerk_b"])
    for day in ("2020-03-27", "nonsense"):
        foreign = clerk.send(REPORTS, body(city, date=day)).json()
        missing = clerk.send(REPORTS, body(city, date=day, enterprise="91350582MA00000000")).json()
        assert foreign.pop("request_id") != missing.pop("request_id")
        assert foreign == missing
        assert foreign["code"] == "not_found"


def test_who_and_key_come_before_the_shape(city: City, noon: Any) -> None:
    bad = {"lines": [{"nonsense": 1}], "state": 7}
    assert Program(city["clerk_b"]).send(REPORTS, body(city, **bad)).status_code == 404
    clerk = Program(city["clerk"])
    clerk.send(REPORTS, body(city), HTTP_IDEMPOTENCY_KEY="k")
    assert clerk.send(REPORTS, body(city, **bad), HTTP_IDEMPOTENCY_KEY="k").json()["code"] == "key_reused"


def test_files_on_behalf_by_naming_the_caller_r5(city: City, noon: Any) -> None:
    call = {"caller": "王建国", "reason": "断网"}
    response = Program(city["county"]).send(REPORTS, body(city, on_behalf=call))
    assert (response.status_code, response.json()["channel"], response.json()["on_behalf"]) == (201, "on_behalf", call)
    blank = Program(city["county"]).send(REPORTS, body(city, on_behalf={"caller": " ", "reason": "断网"}))
    assert faults(blank) == {("on_behalf.caller", "required")}


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def filed(city: City) -> City:
    for offset in range(3):
        file(city, day=DAY - dt.timedelta(days=offset))
    file(city, form=figures(output="1"), based_on=1, received_at=at(DAY, 20))
    file(city, actor=city["clerk_c"], enterprise=city.c, form=figures(state="halted", lines=()))
    Decision.objects.create(
        revision=Revision.objects.get(report__enterprise=city.c),
        kind="verified",
        actor=city["other_county"],
        recorded_at=timezone.now(),
    )
    return city


def listed(city: City, person: str, query: str = "") -> list[tuple[str, str, int]]:
    response = Program(city[person]).get(REPORTS + query)
    assert response.status_code == 200, response.content
    answer = response.json()
    assert answer["count"] >= len(answer["results"])
    names = {city.a.uscc: "a", city.b.uscc: "b", city.c.uscc: "c"}
    return [(names[row["enterprise"]], row["date"][-2:], row["revision"]) for row in answer["results"]]


def test_lists_reports_within_reach_newest_first(filed: City) -> None:
    mine = [("a", "27", 2), ("a", "26", 1), ("a", "25", 1)]
    assert listed(filed, "clerk") == listed(filed, "county") == listed(filed, "liaison") == mine
    assert listed(filed, "other_county") == [("c", "27", 1)]
    assert sorted(listed(filed, "city")) == sorted([*mine, ("c", "27", 1)])
    assert listed(filed, "clerk_b") == []


def test_filters_by_day_enterprise_and_review(filed: City) -> None:
    assert listed(filed, "clerk", "?date=2020-03-26") == [("a", "26", 1)]
    assert listed(filed, "clerk", "?from=2020-03-26&to=2020-03-27") == [("a", "27", 2), ("a", "26", 1)]
    assert listed(filed, "city", f"?enterprise={filed.c.uscc}") == [("c", "27", 1)]
    assert listed(filed, "city", "?review=verified") == [("c", "27", 1)]
    assert len(listed(filed, "city", "?review=submitted")) == 3
    assert listed(filed, "city", "?review=returned") == []


@pytest.mark.parametrize(
    "query, status, code",
    [
        ("?dat=2020-03-27", 422, "unknown_parameter"),
        ("?dry_run=true", 422, "unknown_parameter"),
        ("?date=2020/03/27", 422, "invalid_date"),
        ("?date=2020-03-27&date=2020-03-26", 422, "duplicate_parameter"),
        ("?review=fine", 422, "invalid_choice"),
        ("?enterprise=%00", 422, "invalid_text"),
        ("?enterprise=91350582MA00000000", 404, "not_found"),
        ("?page=0", 422, "invalid_number"),
        ("?page=-1", 422, "invalid_number"),
        ("?page=x", 422, "invalid_number"),
        ("?page=2", 404, "not_found"),
        ("?page=" + "9" * 30, 422, "invalid_number"),
        ("?page_size=1e9", 422, "invalid_number"),
        ("?enterprise=" + "x" * 500, 422, "invalid_text"),
    ],
)
def test_refuses_queries_it_does_not_know(filed: City, query: str, status: int, code: str) -> None:
    response = Program(filed["city"]).get(REPORTS + query)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_pages_are_capped_and_lead_to_each_other(filed: City) -> None:
    program = Program(filed["city"])
    first = program.get(REPORTS + "?page_size=3").json()
    assert (first["count"], len(first["results"]), first["previous"]) == (4, 3, None)
    second = program.get(first["next"]).json()
    assert (len(second["results"]), second["next"]) == (1, None)
    assert program.get(second["previous"]).json() == first
    assert len(program.get(REPORTS + "?page_size=100000000").json()["results"]) == 4


def test_reads_one_report_and_its_revisions(filed: City) -> None:
    report = DailyReport.objects.get(enterprise=filed.a, day=DAY)
    program = Program(filed["county"])
    assert program.get(f"{REPORTS}{report.pk}/").json()["revision"] == 2
    revisions = program.get(f"{REPORTS}{report.pk}/revisions/").json()["results"]
    assert [(r["revision"], r["lines"][0]["output"], r["received_at"][11:16]) for r in revisions] == [
        (1, 465000, "12:00"),
        (2, 1, "20:00"),
    ]
    assert {r["first_received_at"][11:16] for r in revisions} == {"12:00"}
    assert {r["on_time"] for r in revisions} == {True}


@pytest.mark.parametrize("person", ["clerk_b", "other_county", "clerk_c"])
def test_a_foreign_report_is_not_found_like_a_missing_one(filed: City, person: str) -> None:
    report = DailyReport.objects.get(enterprise=filed.a, day=DAY)
    program = Program(filed[person])
    for path in (f"{report.pk}/", f"{report.pk}/revisions/", "999999/", "9" * 40 + "/", "9" * 40 + "/revisions/"):
        response = program.get(REPORTS + path)
        assert (response.status_code, response.json()["code"]) == (404, "not_found"), path


@pytest.mark.parametrize("person", ["province", "stranger"])
def test_without_the_right_to_read_reports_is_forbidden(filed: City, person: str) -> None:
    assert Program(filed[person]).get(REPORTS).status_code == 403


def test_reading_costs_the_same_for_one_report_and_for_many(filed: City) -> None:
    program = Program(filed["city"])
    program.get(REPORTS)

    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert program.get(REPORTS + query).status_code == 200
        return len(queries)

    assert cost("?page_size=1") == cost("?page_size=50")
    assert cost("") <= 14


def test_every_read_has_a_version_and_is_not_sent_twice(filed: City) -> None:
    program = Program(filed["county"])
    report = DailyReport.objects.get(enterprise=filed.a, day=DAY)
    for path in (REPORTS, f"{REPORTS}{report.pk}/", f"{REPORTS}{report.pk}/revisions/"):
        first = program.get(path)
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = program.get(path, HTTP_IF_NONE_MATCH=f'"other", W/{first.headers["ETag"]}')
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    before = program.get(REPORTS).headers["ETag"]
    file(filed, form=figures(output="2"), based_on=2)
    assert program.get(REPORTS, HTTP_IF_NONE_MATCH=before).status_code == 200


def test_methods_that_do_not_exist_are_answered_as_such(filed: City) -> None:
    program = Program(filed["clerk"])
    report = DailyReport.objects.get(enterprise=filed.a, day=DAY)
    for method in ("put", "patch", "delete", "options"):
        response = getattr(program, method)(f"{REPORTS}{report.pk}/")
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert COUNTY


def test_an_answer_about_a_product_that_does_not_exist_is_refused_r19(city: City, noon: Any) -> None:
    answer = {"product": "NO_SUCH", "measure": "output", "question": "jump", "reason": "新线"}
    refused = Program(city["clerk"]).send(REPORTS, body(city, confirmations=[answer]))
    assert (refused.status_code, faults(refused)) == (422, {("confirmations[0].product", "unknown_product")})
    taken = Program(city["clerk"]).send(REPORTS, body(city, confirmations=[answer | {"product": MASK}]))
    assert taken.status_code == 201  # nobody asked: the figure may have been corrected meanwhile
