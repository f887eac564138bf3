"""The change feed: a mirror built from it alone equals what is read directly; nothing is missed or told twice (R14, R21)."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enterprises.errors import Refused
from supplies import daily_totals, reporting_duties, reporting_settings
from supplies.models import DayVersion, ReportVersion
from tests.clients import Program, exact
from tests.supplies.api.test_reports import body, faults
from tests.supplies.daily_reports.plants import CITY, COUNTY, DAY, MASK, OTHER_COUNTY, SUIT, City, at, settle

pytestmark = pytest.mark.django_db

CHANGES, REPORTS, TOTALS = "/api/v1/changes/", "/api/v1/reports/", "/api/v1/totals/"


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 12), tick=False) as clock:
        yield clock


class Mirror:
    """A province that polls: reports as the feed gives them, days read anew when the feed names them."""

    def __init__(self, program: Program, limit: int = 2) -> None:
        self.program, self.limit, self.cursor = program, limit, ""
        self.reports: dict[int, Any] = {}
        self.days: dict[str, Any] = {}
        self.told = 0

    def poll(self) -> int:
        told = 0
        while True:
            asked = {"limit": self.limit} | ({"cursor": self.cursor} if self.cursor else {})
            answer = exact(self.program.get(CHANGES, asked))
            for row in answer["results"]:
                if row["kind"] == "report":
                    self.reports[row["report"]["id"]] = row["report"]
                else:
                    self.days[row["date"]] = exact(self.program.get(row["url"] + "&by=product,division"))["rows"]
            told += len(answer["results"])
            self.cursor = answer["cursor"]
            if not answer["more"]:
                return told


class Cells:
    """A province that keeps single totals as the feed gives them, and reads nothing else."""

    def __init__(self, program: Program, limit: int = 40) -> None:
        self.program, self.limit, self.cursor = program, limit, ""
        self.rows: dict[tuple[str, str, str], Any] = {}

    def poll(self) -> list[tuple[str, str, str]]:
        """What was told, in its order."""
        told = []
        while True:
            asked = {"kind": "total", "limit": self.limit} | ({"cursor": self.cursor} if self.cursor else {})
            answer = exact(self.program.get(CHANGES, asked))
            for said in answer["results"]:
                cell = (said["date"], said["division"], said["product"])
                told.append(cell)
                self.rows.pop(cell, None)
                if said["row"] is not None:
                    self.rows[cell] = said["row"]
            self.cursor = answer["cursor"]
            if not answer["more"]:
                return told

    def read(self) -> dict[tuple[str, str, str], Any]:
        """The same read directly, for the city and its counties."""
        days = list(DayVersion.objects.order_by("day").values_list("day", flat=True))
        span = {"from": days[0].isoformat(), "to": days[-1].isoformat()}
        answers = [self.program.get(TOTALS, span | {"by": f"product,date{more}"}) for more in ("", ",division")]
        rows = [row for answer in answers for row in exact(answer)["rows"]]
        return {(row["date"], row["division"], row["product"]): row for row in rows}


def plain(reports: Any) -> dict[int, Any]:
    """Without `closed`: that is the day's, and ends with the clock where a report was opened again for a while."""
    return {report["id"]: {name: said for name, said in report.items() if name != "closed"} for report in reports}


def same(mirror: Mirror) -> None:
    reports = exact(mirror.program.get(REPORTS, {"page_size": 200}))["results"]
    assert plain(mirror.reports.values()) == plain(reports)
    for day in DayVersion.objects.values_list("day", flat=True):
        asked = {"date": day.isoformat(), "by": "product,division"}
        assert mirror.days[day.isoformat()] == exact(mirror.program.get(TOTALS, asked))["rows"]


@pytest.mark.parametrize("seed", range(2))
def test_a_mirror_built_from_the_feed_equals_what_is_read_directly(city: City, clock: Any, seed: int) -> None:
    rng = random.Random(seed)
    clerks = {"a": Program(city["clerk"]), "b": Program(city["clerk_b"])}
    officer, mirror, cells = Program(city["city"]), Mirror(Program(city["city"])), Cells(Program(city["city"]))
    based: dict[Any, int] = {}
    for _ in range(18):
        clock.shift(dt.timedelta(minutes=rng.choice([5, 400])))
        today = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=8)).date()
        day = today - dt.timedelta(days=rng.randint(0, 2))
        act = rng.choice(["a", "a", "b", "decide", "close", "reopen", "set", "exempt"])
        if act in clerks:
            said = body(city, date=day.isoformat(), based_on=based.get((act, day)) or ...)
            line = {"product": MASK, "capacity": "480000", "output": str(rng.randint(400000, 470000))}
            said["lines"][0] = line
            if act == "b":
                said |= {"enterprise": city.b.uscc, "lines": [line | {"product": SUIT}]}
            answer = clerks[act].send(REPORTS, said)
            if answer.status_code == 201:
                based[act, day] = answer.json()["revision"]
        elif act == "decide" and mirror.reports:
            report = rng.choice(list(mirror.reports.values()))
            kind = {"revision": report["revision"], "decision": rng.choice(["returned", "verified"]), "reason": "核"}
            officer.send(f"{REPORTS}{report['id']}/decisions/", kind)
        elif act == "close":
            officer.send(f"/api/v1/days/{day}/close/", {"kind": rng.choice(["flash", "final"])})
        elif act == "set":
            days = str(rng.randint(0, 4))
            reporting_settings.set_rule(actor=None, name="carry_days", value=days, starts_on=day)
        elif act == "exempt":
            with contextlib.suppress(Refused):
                reporting_duties.exempt(
                    actor=None, enterprise=city.b, product=None, starts_on=day, ends_on=day, reason="检修"
                )
        elif act == "reopen":
            until = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)).isoformat()
            officer.send(f"/api/v1/days/{day}/reopen/", {"enterprise": city.a.uscc, "reason": "改", "until": until})
        if rng.random() < 0.7:
            daily_totals.refresh_all()
            mirror.poll()
            same(mirror)
            assert mirror.poll() == 0
            before = dict(cells.rows)
            told = cells.poll()
            assert cells.rows == cells.read()
            assert all(cells.rows.get(cell) != before.get(cell) for cell in told)
            assert len(told) == len(set(told))
            assert cells.poll() == []


def test_each_object_is_told_once_however_often_it_changed(city: City) -> None:
    clerk = Program(city["clerk"])
    clerk.send(REPORTS, body(city))
    for revision in (1, 2):
        clerk.send(REPORTS, body(city, based_on=revision, note=f"第{revision}次"))
        daily_totals.refresh_all()
    answer = exact(Program(city["city"]).get(CHANGES, {"kind": "report"}))
    assert [row["report"]["revision"] for row in answer["results"]] == [3]
    assert answer["more"] is False


def test_now_begins_behind_everything(city: City) -> None:
    clerk, reader = Program(city["clerk"]), Program(city["city"])
    clerk.send(REPORTS, body(city))
    daily_totals.refresh_all()
    end = exact(reader.get(CHANGES, {"cursor": "now"}))
    assert (end["results"], end["more"]) == ([], False)
    clerk.send(REPORTS, body(city, based_on=1, note="改"))
    daily_totals.refresh_all()
    later = exact(reader.get(CHANGES, {"cursor": end["cursor"]}))
    assert {row["kind"] for row in later["results"]} == {"day", "report"}


def test_a_report_in_no_drain_yet_is_told_when_its_totals_are(city: City) -> None:
    clerk, reader = Program(city["clerk"]), Program(city["city"])
    clerk.send(REPORTS, body(city))
    daily_totals.refresh_all()
    cursor = exact(reader.get(CHANGES))["cursor"]
    clerk.send(REPORTS, body(city, based_on=1, note="改"))
    assert exact(reader.get(CHANGES, {"cursor": cursor}))["results"] == []
    daily_totals.refresh_all()
    told = exact(reader.get(CHANGES, {"cursor": cursor, "kind": "report"}))["results"]
    assert [row["report"]["note"] for row in told] == ["改"]


def test_a_reader_is_told_only_what_is_within_reach_and_scope(city: City) -> None:
    Program(city["clerk"]).send(REPORTS, body(city))
    daily_totals.refresh_all()
    foreign = exact(Program(city["other_county"]).get(CHANGES))["results"]
    assert not [row for row in foreign if row["kind"] == "report"]
    for scope, kinds in (("totals:read", {"day"}), ("reports:read", {"report"})):
        told = exact(Program(city["city"], scope).get(CHANGES))["results"]
        assert {row["kind"] for row in told} == kinds
    assert Program(city["city"], "reports:write").get(CHANGES).status_code == 403


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("cursor", "x", "invalid_cursor"),
        ("cursor", "1.day", "invalid_cursor"),
        ("cursor", "-1.~.", "invalid_cursor"),
        ("cursor", "999999.~.", "invalid_cursor"),
        ("cursor", "9" * 19 + ".~.", "invalid_cursor"),
        ("limit", "0", "invalid_number"),
        ("kind", "cell", "invalid_choice"),
        ("since", "1", "unknown_parameter"),
    ],
)
def test_refuses_what_it_did_not_give(city: City, name: str, value: str, code: str) -> None:
    response = Program(city["city"]).get(CHANGES, {name: value})
    assert response.status_code == 422
    assert faults(response) == {(name, code)}


def test_only_the_totals_that_changed_are_told_and_their_parents(city: City) -> None:
    clerk, cells = Program(city["clerk"]), Cells(Program(city["city"]))
    Program(city["clerk_b"]).send(
        REPORTS, body(city, enterprise=city.b.uscc, lines=[{"product": SUIT, "capacity": 10, "output": 9}])
    )
    clerk.send(REPORTS, body(city))
    daily_totals.refresh_all()
    assert {cell[1:] for cell in cells.poll()} >= {(CITY, MASK), (COUNTY, MASK), (CITY, SUIT), (COUNTY, SUIT)}
    changed = body(city, based_on=1)
    changed["lines"][0]["output"] = "450000"
    assert clerk.send(REPORTS, changed).status_code == 201
    daily_totals.refresh_all()
    assert set(cells.poll()) == {(DAY.isoformat(), CITY, MASK), (DAY.isoformat(), COUNTY, MASK)}
    assert clerk.send(REPORTS, body(city, based_on=2, note="只改说明") | {"lines": changed["lines"]}).status_code == 201
    daily_totals.refresh_all()
    assert cells.poll() == []


def test_a_correction_of_the_past_tells_the_later_days_whose_cumulative_it_moves(city: City, clock: Any) -> None:
    clerk, cells = Program(city["clerk"]), Cells(Program(city["city"]))
    clerk.send(REPORTS, body(city))
    for days in range(1, 20):
        clock.move_to(at(DAY + dt.timedelta(days=days), 12))
        daily_totals.refresh_all()
        cells.poll()
    changed = body(city, based_on=1)
    changed["lines"][0]["output"] = "450000"
    clerk.send(REPORTS, changed)
    daily_totals.refresh_all()
    told = cells.poll()
    assert {day for day, division, product in told if (division, product) == (CITY, MASK)} == {
        (DAY + dt.timedelta(days=days)).isoformat() for days in range(20)
    }
    assert {product for _, _, product in told} == {MASK}
    assert cells.rows == cells.read()


def test_single_totals_are_told_within_reach_only(city: City) -> None:
    Program(city["clerk"]).send(REPORTS, body(city))
    daily_totals.refresh_all()
    own, foreign = Cells(Program(city["county"])), Cells(Program(city["other_county"]))
    assert {division for _, division, _ in own.poll()} == {COUNTY}
    assert {division for _, division, _ in foreign.poll()} <= {OTHER_COUNTY}
    assert Program(city["city"], "reports:read").get(CHANGES, {"kind": "total"}).json()["results"] == []


def test_now_has_every_single_total_behind_it(city: City) -> None:
    Program(city["clerk"]).send(REPORTS, body(city))
    daily_totals.refresh_all()
    answer = exact(Program(city["city"]).get(CHANGES, {"kind": "total", "cursor": "now"}))
    assert (answer["results"], answer["more"]) == ([], False)


def test_single_totals_are_asked_for_as_often_however_many_changed(city: City, clock: Any) -> None:
    clerk, cells, counted = Program(city["clerk"]), Cells(Program(city["city"]), limit=100), []
    for offset in range(4):
        clock.move_to(at(DAY + dt.timedelta(days=offset), 12))
        clerk.send(REPORTS, body(city, date=(DAY + dt.timedelta(days=offset)).isoformat()))
        daily_totals.refresh_all()
        cells.cursor = ""
        with CaptureQueriesContext(connection) as asked:
            cells.poll()
        counted.append(len(asked))
    assert counted[2] == counted[3]


def test_an_empty_city_gives_a_cursor_that_can_be_used(city: City) -> None:
    ReportVersion.objects.all().delete()
    DayVersion.objects.all().delete()
    reader = Program(city["city"])
    empty = exact(reader.get(CHANGES))
    assert empty["results"] == []
    assert reader.get(CHANGES, {"cursor": empty["cursor"]}).status_code == 200


def test_asks_as_often_however_much_changed(city: City, clock: Any) -> None:
    clerk, reader = Program(city["clerk"]), Program(city["city"])
    counted = []
    for offset in range(3):
        clock.move_to(at(DAY + dt.timedelta(days=offset), 12))
        clerk.send(REPORTS, body(city, date=(DAY + dt.timedelta(days=offset)).isoformat()))
        daily_totals.refresh_all()
        with CaptureQueriesContext(connection) as asked:
            reader.get(CHANGES)
        counted.append(len(asked))
    assert counted[1] == counted[2]
