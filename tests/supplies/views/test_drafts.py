"""Drafts: kept for whoever may file, offered to nobody else, counted by nothing (R7)."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from enterprises.models import StaleMark
from supplies import drafts
from supplies.models import DailyReport, Draft
from tests.supplies.views.test_daily_reports import DAY, at, body, page

TYPED = [["state", "running"], ["MASK_SURG-output", "57.8"]]


def address(**asked: str) -> str:
    return at("draft", **asked)


def save(client, what: object = TYPED, **asked: str):
    return client.post(address(**asked), json.dumps(what), content_type="application/json", headers={"X-Device": "d1"})


@pytest.fixture
def clerk(client, cast):
    client.force_login(cast.reporter_a)
    return client


def test_the_latest_state_is_kept_and_shown_to_the_page(clerk):
    assert save(clerk).status_code == 200
    again = save(clerk, [["MASK_SURG-output", "58"]])
    (kept,) = Draft.objects.all()
    assert (kept.fields, kept.device) == ([["MASK_SURG-output", "58"]], "d1")
    assert again.json() == {"saved_at": int(kept.saved_at.timestamp() * 1000)}
    assert '"58"' in page(clerk.get(at()))
    assert not DailyReport.objects.exists()
    assert not StaleMark.objects.exists()


def test_it_is_gone_with_the_submission_and_when_told(clerk):
    save(clerk)
    assert clerk.post(at(), body()).status_code == 303
    assert not Draft.objects.exists()
    save(clerk)
    assert clerk.delete(address()).status_code == 200
    assert not Draft.objects.exists()


def test_a_refused_submission_keeps_it(clerk):
    save(clerk)
    clerk.post(at(), body(MASK_SURG__output="很多"))
    assert Draft.objects.count() == 1


PEOPLE = {
    "reporter_a": 200, "reporter_b": 404, "liaison": 200, "county_officer_a": 200, "county_officer_b": 404,
    "admin": 403, "leader": 403, "province": 403, "auditor": 403, "department": 403,
}  # fmt: skip


@pytest.mark.parametrize("name, status", PEOPLE.items())
def test_only_who_may_file_keeps_one_and_sees_only_his_own(client, cast, name, status):
    client.force_login(cast.reporter_a)
    save(client)
    client.force_login(getattr(cast, name))
    assert save(client, [["note", "x"]], enterprise=cast.plant_a.uscc).status_code == status
    if status == 200 and name != "reporter_a":
        assert '"57.8"' not in page(client.get(at(enterprise=cast.plant_a.uscc)))
        assert client.delete(address(enterprise=cast.plant_a.uscc)).status_code == 200
        assert Draft.objects.filter(account=cast.reporter_a).count() == 1


GARBAGE = [b"", b"{", b"{}", b"[1]", b'[["a"]]', b'[["a", 1]]', b'[["a", "\\u0000"]]', b'[["a", "\\ud800"]]', b"\xff",
           b'[["' + b"a" * 81 + b'", ""]]', b"[" * 100_000]  # fmt: skip


@pytest.mark.parametrize("what", GARBAGE)
def test_garbage_is_no_draft_and_never_an_error_of_ours(clerk, what):
    assert clerk.post(address(), what, content_type="application/json").status_code == 400
    assert not Draft.objects.exists()


def test_too_large_is_refused(clerk):
    assert save(clerk, [["note", "x" * 4000]] * 100).status_code == 400


def test_other_methods_are_refused(clerk):
    assert clerk.get(address()).status_code == 405


def test_who_is_not_signed_in_signs_in_first(client, cast):
    assert save(client).status_code == 302
    assert reverse("accounts:login") in save(client).url


def test_after_seven_days_it_is_tidied_away(clerk):
    save(clerk)
    drafts.tidy()
    assert Draft.objects.count() == 1
    Draft.objects.update(saved_at=timezone.now() - dt.timedelta(days=8))
    drafts.tidy()
    assert not Draft.objects.exists()


def test_a_draft_of_one_day_is_not_that_of_another(clerk):
    save(clerk)
    assert '"57.8"' not in page(clerk.get(at(day=DAY + dt.timedelta(days=1))))
