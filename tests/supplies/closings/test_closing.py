"""Closing, reopening, supplementary reports, decisions on closed days, by REST as others do it (R4, R7, R13)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from enterprises.models import AuditEntry
from supplies import closings, daily_totals
from supplies.models import DayEvent, Decision, Snapshot, SnapshotCell, SnapshotSource
from tests.clients import Program, exact
from tests.supplies.daily_reports.plants import CITY, COUNTY, DAY, FABRIC, MASK, SUIT, City, at, settle

pytestmark = pytest.mark.django_db

REPORTS, TOTALS = "/api/v1/reports/", "/api/v1/totals/"
DAYS = f"/api/v1/days/{DAY}/"


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(at(DAY, 12), tick=False) as clock:
        yield clock


def body(city: City, output: str = "465000", **changes: Any) -> dict[str, Any]:
    lines = [{"product": MASK, "capacity": "480000", "output": output}, {"product": FABRIC, "stock": "12500"}]
    return {"enterprise": city.a.uscc, "date": DAY.isoformat(), "lines": lines} | changes


def row(city: City, who: str = "city", **query: Any) -> dict[str, Any]:
    daily_totals.refresh_all()
    asked = {"date": DAY.isoformat(), "product": MASK, "division": CITY} | query
    rows = exact(Program(city[who]).get(TOTALS, asked))["rows"]
    return rows[0] if rows else {}


def close(city: City, kind: str = "final") -> Any:
    return Program(city["city"]).send(f"{DAYS}close/", {"kind": kind})


def codes(response: Any) -> set[tuple[str, str]]:
    return {(error["field"], error["code"]) for error in response.json()["errors"]}


def test_a_final_snapshot_closes_the_day_and_stays_r13(city: City, clock: Any) -> None:
    clerk = Program(city["clerk"])
    clerk.send(REPORTS, body(city))
    flash = close(city, "flash")
    assert (flash.status_code, flash.json()["number"], flash.json()["kind"]) == (201, 1, "flash")
    clock.shift(dt.timedelta(hours=1))
    assert clerk.send(REPORTS, body(city, output="470000", based_on=1)).status_code == 201
    assert row(city)["closed"] is False
    final = close(city)
    assert final.status_code == 201
    assert final.json()["as_of"] == at(DAY, 13).isoformat()
    refused = clerk.send(REPORTS, body(city, output="480000", based_on=2))
    assert (refused.status_code, codes(refused)) == (409, {("date", "day_closed")})
    assert clerk.send(REPORTS, body(city, output="470000")).status_code == 200  # figures equal to the latest
    now = row(city)
    assert (now["output"], now["closed"], now["changed_since_close"]) == (470000, True, False)
    assert now["closed_values"]["output"] == 470000
    assert row(city, basis="closed")["output"] == 470000
    assert row(city, basis="flash")["output"] == 465000
    assert list(closings.snapshots.verify()) == []


def test_a_reopened_enterprise_may_revise_until_its_end_and_the_difference_shows_r13(city: City, clock: Any) -> None:
    clerk, officer = Program(city["clerk"]), Program(city["city"])
    clerk.send(REPORTS, body(city))
    close(city)
    until = at(DAY, 15)
    asked = {"enterprise": city.a.uscc, "reason": "报表抄错", "until": until.isoformat()}
    opened = officer.send(f"{DAYS}reopen/", asked)
    assert (opened.status_code, opened.json()["as_of"]) == (201, at(DAY, 12).isoformat())
    clock.move_to(until - dt.timedelta(microseconds=1))
    assert clerk.send(REPORTS, body(city, output="470000", based_on=1)).status_code == 201
    clock.move_to(until)
    assert codes(clerk.send(REPORTS, body(city, output="480000", based_on=2))) == {("date", "day_closed")}
    now, frozen = row(city), row(city, basis="closed")
    assert (now["output"], now["changed_since_close"], now["closed_values"]["output"]) == (470000, True, 465000)
    assert (frozen["output"], frozen["changed_since_close"]) == (465000, True)
    assert list(closings.snapshots.verify()) == []


def test_a_later_final_ends_the_reopenings_before_it_r13(city: City, clock: Any) -> None:
    clerk, officer = Program(city["clerk"]), Program(city["city"])
    clerk.send(REPORTS, body(city))
    close(city)
    asked = {"enterprise": city.a.uscc, "reason": "更正", "until": at(DAY, 20).isoformat()}
    officer.send(f"{DAYS}reopen/", asked)
    clock.shift(dt.timedelta(minutes=1))
    clerk.send(REPORTS, body(city, output="470000", based_on=1))
    clock.shift(dt.timedelta(minutes=1))
    assert close(city).json()["number"] == 2
    assert codes(clerk.send(REPORTS, body(city, output="480000", based_on=2))) == {("date", "day_closed")}
    assert row(city, basis="closed")["output"] == 470000


@pytest.mark.parametrize(("age", "status"), [(7, 201), (8, 409)])
def test_a_first_report_of_a_closed_day_is_supplementary_for_seven_days_r4(
    city: City, clock: Any, age: int, status: int
) -> None:
    close(city)
    clock.move_to(at(DAY + dt.timedelta(days=age), 23, 59))
    filed = Program(city["clerk"]).send(REPORTS, body(city))
    assert filed.status_code == status
    if status == 201:
        assert (filed.json()["on_time"], filed.json()["closed"]) == (False, True)
        now = row(city)
        assert (now["output"], now["late"], now["changed_since_close"]) == (465000, 1, True)
        assert now["closed_values"]["output"] is None
    else:
        assert codes(filed) == {("date", "day_closed")}


def test_a_decision_on_a_closed_day_is_allowed_and_does_not_reopen_it_r7(city: City, clock: Any) -> None:
    clerk, county = Program(city["clerk"]), Program(city["county"])
    report = clerk.send(REPORTS, body(city)).json()
    close(city)
    clock.shift(dt.timedelta(hours=1))
    asked = {"revision": 1, "decision": "returned", "reason": "产量与发票不符"}
    done = county.send(f"{REPORTS}{report['id']}/decisions/", asked)
    assert (done.status_code, done.json()["review"], done.json()["closed"]) == (201, "returned", True)
    assert codes(clerk.send(REPORTS, body(city, output="470000", based_on=1))) == {("date", "day_closed")}
    now = row(city)
    assert (now["reported"], now["returned"], now["output"], now["changed_since_close"]) == (0, 1, None, True)


def test_sources_of_a_snapshot_open_for_ever_r22(city: City, clock: Any) -> None:
    clerk, officer = Program(city["clerk"]), Program(city["city"])
    clerk.send(REPORTS, body(city))
    close(city)
    clock.shift(dt.timedelta(hours=1))
    asked = {"enterprise": city.a.uscc, "reason": "更正", "until": at(DAY, 20).isoformat()}
    officer.send(f"{DAYS}reopen/", asked)
    clerk.send(REPORTS, body(city, output="470000", based_on=1))
    query = {"date": DAY.isoformat(), "product": MASK, "division": CITY}
    frozen = exact(officer.get(f"{TOTALS}sources/", query | {"basis": "closed"}))
    today = exact(officer.get(f"{TOTALS}sources/", query))
    assert [(s["revision"], s["output"]) for s in frozen["results"]] == [(1, 465000)]
    assert [(s["revision"], s["output"]) for s in today["results"]] == [(2, 470000)]
    kept = SnapshotSource.objects.get(product=MASK, kind="reported")
    assert (kept.revision.number, kept.division_id) == (1, COUNTY)


def test_a_snapshot_equals_as_of_its_moment_r13(city: City, clock: Any) -> None:
    Program(city["clerk"]).send(REPORTS, body(city))
    moment = close(city).json()["as_of"]
    clock.shift(dt.timedelta(days=1))
    Program(city["clerk_b"]).send(
        REPORTS,
        {
            "enterprise": city.b.uscc,
            "date": DAY.isoformat(),
            "lines": [{"product": SUIT, "capacity": 10, "output": 9}],
        },
    )
    skipped = ("closed", "changed_since_close", "closed_values")
    then = {name: value for name, value in row(city, as_of=moment).items() if name not in skipped}
    frozen = {name: value for name, value in row(city, basis="closed").items() if name not in skipped}
    assert then == frozen
    assert row(city, product=SUIT)["output"] == 9
    assert row(city, product=SUIT, as_of=moment)["output"] is None


def test_a_period_of_closed_days_sums_flows_and_keeps_the_last_level_r8_r9(city: City, clock: Any) -> None:
    clerk, officer = Program(city["clerk"]), Program(city["city"])
    tomorrow = DAY + dt.timedelta(days=1)
    clerk.send(REPORTS, body(city))
    close(city)
    clock.move_to(at(tomorrow, 12))
    lines = [{"product": MASK, "capacity": "500000", "output": "490000"}, {"product": FABRIC, "stock": "12000"}]
    clerk.send(REPORTS, body(city) | {"date": tomorrow.isoformat(), "lines": lines})
    query = {"from": DAY.isoformat(), "to": tomorrow.isoformat(), "product": MASK, "basis": "closed"}
    (half,) = exact(officer.get(TOTALS, query))["rows"]
    assert (half["capacity"], half["output"]) == (480000, 465000)  # the second day is not closed: left out
    officer.send(f"/api/v1/days/{tomorrow}/close/", {"kind": "final"})
    (whole,) = exact(officer.get(TOTALS, query))["rows"]
    assert (whole["capacity"], whole["output"], whole["closed"]) == (500000, 955000, True)
    assert whole["output_cumulative"] == 955000


def test_a_key_makes_one_closing_and_the_same_answer(city: City, clock: Any) -> None:
    officer = Program(city["city"])
    first = officer.send(f"{DAYS}close/", {"kind": "final"}, HTTP_IDEMPOTENCY_KEY="k1")
    again = officer.send(f"{DAYS}close/", {"kind": "final"}, HTTP_IDEMPOTENCY_KEY="k1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    other = officer.send(f"{DAYS}close/", {"kind": "flash"}, HTTP_IDEMPOTENCY_KEY="k1")
    assert (other.status_code, DayEvent.objects.count()) == (422, 1)


@pytest.mark.parametrize("who", ["county", "leader", "clerk", "admin"])
def test_only_the_city_closes_and_reopens(city: City, clock: Any, who: str) -> None:
    refused = Program(city[who]).send(f"{DAYS}close/", {"kind": "final"})
    assert (refused.status_code, DayEvent.objects.count()) == (403, 0)


def test_refuses_what_cannot_be_closed_or_reopened(city: City, clock: Any) -> None:
    officer = Program(city["city"])
    tomorrow = DAY + dt.timedelta(days=1)
    assert codes(officer.send(f"/api/v1/days/{tomorrow}/close/", {"kind": "final"})) == {("date", "future_day")}
    assert codes(officer.send(f"{DAYS}close/", {"kind": "half"})) == {("kind", "invalid_choice")}
    assert codes(officer.send(f"{DAYS}close/", {})) == {("kind", "required")}
    assert codes(officer.send(f"{DAYS}close/", {"kind": 1})) == {("kind", "invalid_type")}
    assert officer.send("/api/v1/days/20200327/close/", {"kind": "final"}).status_code == 404
    asked = {"enterprise": city.a.uscc, "reason": "更正", "until": at(DAY, 20).isoformat()}
    assert codes(officer.send(f"{DAYS}reopen/", asked)) == {("date", "not_closed")}
    close(city)
    for name, value, code in (
        ("until", at(DAY, 12).isoformat(), "invalid_until"),
        ("until", "2020-03-28T12:00:00", "invalid_moment"),
        ("reason", " ", "required"),
        ("enterprise", "91999911MA0000103X", "not_found"),
    ):
        assert codes(officer.send(f"{DAYS}reopen/", asked | {name: value})) == {(name, code)}
    assert DayEvent.objects.count() == 1


def test_a_forged_snapshot_is_found_r23(city: City, clock: Any) -> None:
    Program(city["clerk"]).send(REPORTS, body(city))
    close(city)
    snapshot = Snapshot.objects.get()
    kept = SnapshotCell.objects.filter(grain="product", key=MASK, division=CITY, licensed=False).get()
    forged = SnapshotCell(**{f.attname: getattr(kept, f.attname) for f in kept._meta.local_fields if f.name != "id"})
    forged.unit = "箱"
    forged.save()
    (found,) = closings.snapshots.differences(snapshot)
    assert (found.column, found.computed) == ("row", None)


def test_a_snapshot_whose_maker_died_is_made_later_as_of_its_moment(city: City, clock: Any) -> None:
    clerk = Program(city["clerk"])
    clerk.send(REPORTS, body(city))
    DayEvent.objects.create(day=DAY, kind="flash", recorded_at=at(DAY, 12))
    clock.shift(dt.timedelta(hours=1))
    clerk.send(REPORTS, body(city, output="470000", based_on=1))
    assert closings.snapshots.freeze_missing() == 1
    assert row(city, basis="flash")["output"] == 465000
    assert closings.snapshots.freeze_missing() == 0


def test_nothing_can_have_been_known_before_a_snapshot_that_does_not_show_it_r13(city: City, clock: Any) -> None:
    from enterprises.errors import Invalid
    from supplies import reporting_settings

    close(city)
    for day, is_refused in ((DAY, True), (None, True), (DAY + dt.timedelta(days=1), False)):
        asked: dict[str, Any] = {"actor": None, "moment": at(DAY, 11), "field": "received_at", "day": day}
        if is_refused:
            with pytest.raises(Invalid) as refused:
                reporting_settings.refuse_backdating(**asked)
            assert refused.value.code == "before_snapshot"
        else:
            reporting_settings.refuse_backdating(**asked)


def test_decisions_by_rest_r7(city: City, clock: Any) -> None:
    clerk, county = Program(city["clerk"]), Program(city["county"])
    report = clerk.send(REPORTS, body(city)).json()
    address = f"{REPORTS}{report['id']}/decisions/"
    verified = {"revision": 1, "decision": "verified"}
    assert county.send(address, verified).status_code == 201
    assert county.send(address, verified).status_code == 200
    assert exact(clerk.get(f"{REPORTS}{report['id']}/"))["review"] == "verified"
    clock.shift(dt.timedelta(minutes=1))
    assert clerk.send(REPORTS, body(city, output="470000", based_on=1)).status_code == 201
    conflict = county.send(address, {"revision": 1, "decision": "returned", "reason": "旧的"})
    assert (conflict.status_code, conflict.json()["latest"]["revision"]) == (409, 2)
    for changes, fault in (
        ({"decision": "returned"}, ("reason", "required")),
        ({"decision": "maybe"}, ("decision", "invalid_choice")),
        ({"revision": "2"}, ("revision", "invalid_type")),
        ({"colour": "red"}, ("colour", "unknown_field")),
    ):
        assert codes(county.send(address, {"revision": 2, "decision": "verified"} | changes)) == {fault}
    for who, status in (("other_county", 404), ("leader", 403), ("clerk", 403), ("city", 201)):
        asked = {"revision": 2, "decision": "returned", "reason": who}
        assert Program(city[who]).send(address, asked).status_code == status, who
    assert [d.kind for d in Decision.objects.order_by("id")] == ["verified", "returned"]
    assert AuditEntry.objects.filter(act="daily_report.decide").count() == 2
    clock.shift(dt.timedelta(minutes=1))
    again = clerk.send(REPORTS, body(city, output="470000", based_on=2))
    assert (again.status_code, again.json()["revision"]) == (201, 3)  # equal figures, but the revision was returned
    assert row(city)["output"] == Decimal(470000)
