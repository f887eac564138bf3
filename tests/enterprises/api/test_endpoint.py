"""What every endpoint is: who may enter, strict addresses, problem details, limits, versions (reliability: A7, A8, I4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DataError, OperationalError
from django.utils import timezone
from rest_framework.throttling import UserRateThrottle

from enterprises import api_tokens
from enterprises.api import views
from enterprises.choices import Role, TokenScope
from enterprises.models import Account, ApiToken, Enterprise, Post
from tests.clients import Program
from tests.factories import enterprises as ground

pytestmark = pytest.mark.django_db

V1 = "/api/v1/"


@pytest.fixture
def officer() -> Account:
    ground.division("999900", name="某市", level="city")
    ground.division("999901", name="甲县", parent="999900")
    ground.division("999902", name="乙县", parent="999900")
    return ground.account("officer", Role.COUNTY, division="999901")


def problem(response: Any) -> tuple[int, str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    said = response.json()
    assert {"type", "title", "status", "detail", "code", "errors", "request_id"} <= said.keys()
    assert said["status"] == response.status_code
    assert said["request_id"] == response.headers["X-Request-ID"]
    assert {tuple(sorted(e)) for e in said["errors"]} == {("code", "field", "message")}
    return response.status_code, said["code"]


@pytest.mark.parametrize(
    "header, code",
    [
        (None, "not_authenticated"),
        ("", "not_authenticated"),
        ("Basic b2ZmaWNlcjp4", "not_authenticated"),
        ("Token bgk_x", "not_authenticated"),
        ("Bearer", "invalid_token"),
        ("Bearer nonsense", "invalid_token"),
        ("Bearer bgk_" + "x" * 43, "invalid_token"),
        ("Bearer bgk_\x80\xff", "invalid_token"),
        ("Bearer a b", "invalid_token"),
    ],
)
def test_without_a_valid_token_nobody_enters(officer: Account, header: str | None, code: str) -> None:
    program = Program()
    if header is not None:
        program.credentials(HTTP_AUTHORIZATION=header)
    for path in ("enterprises/", "divisions/", "products/", "reports/", "totals/"):
        response = program.get(V1 + path)
        assert problem(response) == (401, code)
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_signed_in_session_is_no_token(officer: Account) -> None:
    program = Program()
    program.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    assert problem(program.get(V1 + "divisions/")) == (401, "not_authenticated")


def test_a_token_dies_with_its_time_its_revocation_and_its_account(officer: Account) -> None:
    program = Program(officer)
    token = ApiToken.objects.get()
    assert program.get(V1 + "divisions/").status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert problem(program.get(V1 + "divisions/")) == (401, "invalid_token")
    ApiToken.objects.update(expires_at=timezone.now() + dt.timedelta(days=1))
    api_tokens.revoke(actor=None, token=token)
    assert problem(program.get(V1 + "divisions/")) == (401, "invalid_token")
    program = Program(officer)
    Account.objects.update(is_active=False)
    assert problem(program.get(V1 + "divisions/")) == (401, "invalid_token")


def test_a_token_can_do_what_its_account_can_and_its_scopes_allow(officer: Account) -> None:
    assert Program(officer, TokenScope.REPORTS_READ).get(V1 + "enterprises/").status_code == 200
    assert problem(Program(officer, TokenScope.REPORTS_REVIEW).get(V1 + "enterprises/")) == (403, "forbidden")
    department = ground.account("nobody")
    assert problem(Program(department).get(V1 + "enterprises/")) == (403, "forbidden")


def test_a_change_of_posts_holds_from_the_next_request_on(officer: Account) -> None:
    made = ground.enterprise(division="999901")
    program = Program(officer)
    first = program.get(f"{V1}enterprises/{made.uscc}/")
    assert first.status_code == 200
    Post.objects.filter(account=officer).update(known_until=timezone.now())
    assert program.get(f"{V1}enterprises/{made.uscc}/", HTTP_IF_NONE_MATCH=first.headers["ETag"]).status_code == 403


def test_a_foreign_enterprise_looks_like_a_missing_one(officer: Account) -> None:
    ground.enterprise(division="999902", uscc=ground.credit_code(900_077))
    program = Program(officer)
    answers = [
        program.get(f"{V1}enterprises/{code}/")
        for code in (ground.credit_code(900_077), ground.credit_code(900_078), "%00", "x")
    ]
    assert {problem(answer) for answer in answers} == {(404, "not_found")}
    assert len({answer.json()["detail"] for answer in answers[:2]}) == 1
    assert program.get(V1 + "enterprises/").json()["count"] == 0


@pytest.mark.parametrize(
    "path", ["", "v1/", "v1/enterprises", "v1/nonsense/", "v2/reports/", "%00/", "v1/reports/abc/"]
)
def test_addresses_that_do_not_exist_are_problems_too(path: str) -> None:
    for method in ("get", "post", "delete"):
        assert problem(getattr(Program(), method)("/api/" + path)) == (404, "not_found")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_methods_that_do_not_exist_are_405_and_name_those_that_do(officer: Account, method: str) -> None:
    response = getattr(Program(officer), method)(V1 + "divisions/")
    assert problem(response) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD"


def test_only_json_is_answered(officer: Account) -> None:
    program = Program(officer)
    assert problem(program.get(V1 + "divisions/", HTTP_ACCEPT="text/html")) == (406, "not_acceptable")
    assert program.get(V1 + "divisions/", HTTP_ACCEPT="text/html, */*;q=0.1").status_code == 200
    assert program.get(V1 + "divisions/").headers["Content-Type"] == "application/json"


def test_too_many_requests_are_told_when_to_come_again(officer: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "3/min"})
    program, other = Program(officer), Program(ground.account("other", Role.ADMIN))
    assert [program.get(V1 + "divisions/").status_code for _ in range(4)] == [200, 200, 200, 429]
    response = program.get(V1 + "divisions/")
    assert problem(response) == (429, "throttled")
    assert 0 < int(response.headers["Retry-After"]) <= 60
    assert Program(officer).get(V1 + "divisions/").status_code == 429
    assert other.get(V1 + "divisions/").status_code == 200
    cache.clear()


@pytest.mark.parametrize(
    "error, status, code",
    [
        (OperationalError("server closed the connection"), 503, "unavailable"),
        (OperationalError("database is locked"), 503, "unavailable"),
        (DataError("value out of range"), 422, "invalid"),
    ],
)
def test_a_database_that_is_away_is_503_and_worth_a_second_try(
    officer: Account, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    program = Program(officer)
    monkeypatch.setattr(views, "described", fails)
    ground.enterprise(division="999901")
    response = program.get(V1 + "enterprises/")
    assert problem(response) == (status, code)
    assert response.headers.get("Retry-After") == ("5" if status == 503 else None)


def test_a_bug_stays_loud_and_tells_nothing(officer: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    program = Program(officer)
    program.raise_request_exception = False
    monkeypatch.setattr(views, "described", fails)
    response = program.get(V1 + "enterprises/")
    assert problem(response) == (500, "error")
    assert b"secret" not in response.content


def test_answers_are_private_and_vary_by_token(officer: Account) -> None:
    response = Program(officer).get(V1 + "divisions/")
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in response.headers["Vary"]
    assert "Set-Cookie" not in response.headers
    assert Program().get(V1 + "divisions/").headers["Cache-Control"] == "private, no-store"


def test_head_answers_like_get_without_a_body(officer: Account) -> None:
    program = Program(officer)
    got, head = program.get(V1 + "divisions/"), program.head(V1 + "divisions/")
    assert (head.status_code, head.headers["ETag"], head.content) == (200, got.headers["ETag"], b"")


def test_divisions_are_the_tree_of_a_day(officer: Account) -> None:
    ground.division("999903", name="新区", level="zone", parent="999900", starts_on=dt.date(2020, 3, 1))
    program = Program(officer)
    rows = program.get(V1 + "divisions/?date=2020-03-01").json()["results"]
    assert [row["code"] for row in rows] == ["999900", "999901", "999902", "999903"]
    assert rows[0] == {"code": "999900", "name": "某市", "level": "city", "parent": None, "is_reporting": False}
    assert rows[3] == {"code": "999903", "name": "新区", "level": "zone", "parent": "999900", "is_reporting": True}
    assert program.get(V1 + "divisions/?date=2020-02-29").json()["count"] == 3


def test_enterprises_are_found_by_characters_pinyin_initials_and_code(officer: Account) -> None:
    made = ground.enterprise(division="999901", name="澄岭卫生用品", uscc=ground.credit_code(900_005))
    Enterprise.objects.update(sort_key="chenglingweishengyongpin", initials="clwsyp")
    ground.enterprise(division="999902", name="澄岭二厂")
    program = Program(officer)
    for text in ("澄岭", "clws", "CLWS", "chengling", made.uscc[-6:], "ｃｌ", " 澄岭 "):
        rows = program.get(V1 + "enterprises/", {"search": text}).json()["results"]
        assert [row["uscc"] for row in rows] == [made.uscc], text
    for text in ("德化", "%", "_", "'", "\\"):
        assert program.get(V1 + "enterprises/", {"search": text}).json()["count"] == 0, text
    assert rows[0] == {
        "uscc": made.uscc,
        "name": "澄岭卫生用品",
        "kind": "producer",
        "status": "active",
        "division": "999901",
        "division_name": "甲县",
        "lists": [],
    }


def test_enterprises_are_filtered_by_division_with_all_below_it(officer: Account) -> None:
    city = ground.account("city", Role.CITY, division="999900")
    for code in ("999901", "999902", "999902"):
        ground.enterprise(division=code)
    counts = [
        Program(city).get(V1 + "enterprises/", {"division": code}).json()["count"] for code in ("999900", "999902")
    ]
    assert counts == [3, 2]
    assert problem(Program(city).get(V1 + "enterprises/?division=1")) == (404, "not_found")


def test_one_enterprise_shows_its_certificates(officer: Account) -> None:
    made = ground.enterprise(division="999901")
    ground.certificate(made, number="闽械注准1", valid_to=dt.date(2021, 1, 1))
    row = Program(officer).get(f"{V1}enterprises/{made.uscc}/").json()
    assert row["certificates"] == [
        {
            "kind": "医疗器械注册证",
            "number": "闽械注准1",
            "valid_from": "2020-01-01",
            "valid_to": "2021-01-01",
            "status": "valid",
        }
    ]
