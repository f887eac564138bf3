"""Errors are a Chinese page for people and problem details for programs; a database that is away is a 503, never a 500."""

import pytest
from django.db import OperationalError
from django.http import Http404
from django.test import RequestFactory

from coordination.views import errors

AWAY = OperationalError("connection to server failed: Connection refused")
LOCKED = OperationalError("database is locked")
UNMIGRATED = OperationalError("no such table: supplies_product")


def answered(error, path="/supplies/"):
    try:
        raise error
    except type(error):
        return errors.server_error(RequestFactory().get(path))


@pytest.mark.parametrize("error", [AWAY, LOCKED])
def test_a_database_that_is_away_or_busy_is_a_503_to_be_tried_again(error):
    answer = answered(error)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "请稍" in answer.content.decode()


@pytest.mark.parametrize("error", [UNMIGRATED, ValueError("ours")])
def test_a_fault_of_ours_stays_a_500_and_tells_nothing_of_itself(error):
    answer = answered(error)
    assert answer.status_code == 500
    assert str(error) not in answer.content.decode()


def test_programs_get_problem_details():
    answer = answered(AWAY, "/api/v1/totals/")
    assert answer["Content-Type"] == "application/problem+json"
    assert b'"status": 503' in answer.content


def test_a_page_that_is_not_there_is_told_in_chinese():
    answer = errors.page_not_found(RequestFactory().get("/nowhere/"), Http404())
    assert answer.status_code == 404
    assert "没有找到" in answer.content.decode()


@pytest.mark.django_db
def test_a_request_without_its_database_is_a_503_all_the_way(client, monkeypatch):
    from django.contrib.sessions.backends.db import SessionStore

    def away(self):
        raise AWAY

    monkeypatch.setattr(SessionStore, "load", away)
    client.raise_request_exception = False
    client.cookies["session"] = "something"
    answer = client.get("/accounts/password/")
    assert answer.status_code == 503


def test_a_form_that_was_open_too_long_is_told_what_to_do():
    answer = errors.csrf_failure(RequestFactory().post("/"), "no cookie")
    assert answer.status_code == 403
    assert "刷新" in answer.content.decode()


def test_too_many_failures_are_told_when_to_come_back():
    answer = errors.locked_out(RequestFactory().post("/accounts/login/"), None, None)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
