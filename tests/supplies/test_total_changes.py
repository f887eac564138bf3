"""Why a total changed: the parts add up to the difference on any history, and each has its cause (R13)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from enterprises import registration
from enterprises.models import EVER
from supplies import reporting_duties, total_cells, total_changes
from tests.clients import Program, exact
from tests.factories import enterprises as ground
from tests.factories import supplies as plant
from tests.supplies.daily_reports.plants import CITY, COUNTY, DAY, MASK, OTHER_COUNTY, City, at, settle
from tests.supplies.histories import LENGTH, START, Builder, moment

pytestmark = pytest.mark.django_db

REPORTS, CHANGES = "/api/v1/reports/", "/api/v1/totals/changes/"
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize("seed", range(4))
def test_parts_add_up_to_the_difference_of_the_totals_r13(seed: int) -> None:
    Builder(seed).build()
    grown = 0
    for offset in range(0, LENGTH, 2):
        day = START + dt.timedelta(days=offset)
        was_at, now_at = moment(day, 14 + seed), (None, moment(day, 60))[offset % 4 // 2]
        for node in ("T", "T1"):
            found = {
                one.product: one for one in total_changes.between(node=node, day=day, was_at=was_at, now_at=now_at)
            }
            for side, known_at in (("was", was_at), ("now", now_at or moment(LATE, 0))):
                cells = total_cells.cells(nodes=[node], first=day, last=day, grain="product", at=known_at)
                for cell in cells:
                    said = getattr(found[cell.key], side) if cell.key in found else {}
                    for name in total_changes.FIGURES:
                        want = getattr(cell, name)
                        assert (said.get(name) or 0) == (want or 0), (day, node, side, cell.key, name)
                        if name not in ("expected", "reported"):
                            assert (said.get(name) is None) == (want is None), (day, node, side, cell.key, name)
            for one in found.values():
                for name in total_changes.FIGURES:
                    parts = sum(part.get(name, 0) for part in one.parts.values())
                    assert (one.was[name] or 0) + parts == (one.now[name] or 0), (day, node, one.product, name)
                    grown += bool(parts)
    assert grown > 20


LATE = START + dt.timedelta(days=400)


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(at(DAY, 12), tick=False) as clock:
        yield clock


def body(uscc: str, output: int, **changes: Any) -> dict[str, Any]:
    lines = [{"product": MASK, "capacity": 1000, "output": output}]
    return {"enterprise": uscc, "date": DAY.isoformat(), "lines": lines} | changes


def parts(city: City, **query: Any) -> dict[str, dict[str, Any]]:
    asked = {"date": DAY.isoformat(), "product": MASK, "division": CITY} | query
    answer = exact(Program(city["city"]).get(CHANGES, asked))
    (row,) = answer["rows"]
    for name in total_changes.FIGURES:
        assert (row["from"][name] or 0) + sum(part[name] for part in row["parts"]) == (row["to"][name] or 0)
    return {part["cause"]: part for part in row["parts"]}


@pytest.fixture
def makers(city: City) -> list[dict[str, Any]]:
    """Six plants that make masks, each with its clerk."""
    made = []
    for number in range(6):
        enterprise = ground.enterprise(division=COUNTY, name=f"口罩{number}厂")
        plant.duty(enterprise, MASK)
        clerk = ground.account(f"mask{number}", "enterprise", enterprise=enterprise)
        made.append({"enterprise": enterprise, "clerk": Program(clerk), "uscc": enterprise.uscc})
    return made


def test_every_change_has_its_cause_r13(city: City, clock: Any, makers: list[dict[str, Any]]) -> None:
    officer, county = Program(city["city"]), Program(city["county"])
    revised, back, late, moved, left, quiet = makers
    for maker in (revised, back, moved, quiet):
        assert maker["clerk"].send(REPORTS, body(maker["uscc"], 10)).status_code == 201
    clock.shift(dt.timedelta(minutes=1))
    close = officer.send(f"/api/v1/days/{DAY}/close/", {"kind": "final"})
    clock.shift(HOUR)
    asked = {"enterprise": revised["uscc"], "reason": "更正", "until": at(DAY, 20).isoformat()}
    assert officer.send(f"/api/v1/days/{DAY}/reopen/", asked).status_code == 201
    assert revised["clerk"].send(REPORTS, body(revised["uscc"], 13, based_on=1)).status_code == 201
    (number,) = [r["id"] for r in exact(county.get(REPORTS, {"enterprise": back["uscc"]}))["results"]]
    county.send(f"{REPORTS}{number}/decisions/", {"revision": 1, "decision": "returned", "reason": "不实"})
    assert late["clerk"].send(REPORTS, body(late["uscc"], 100)).status_code == 201
    registration.place(actor=None, enterprise=moved["enterprise"], division=OTHER_COUNTY, starts_on=DAY)
    yesterday = DAY - dt.timedelta(days=1)
    assign = {"actor": None, "enterprise": left["enterprise"], "product": MASK, "starts_on": EVER}
    reporting_duties.assign(**assign, ends_on=yesterday)
    found = parts(city, division=COUNTY)
    outputs = {cause: part["output"] for cause, part in found.items() if part["output"]}
    assert outputs == {"revised": 3, "returned": -10, "supplementary": 100, "moved": -10}
    assert {cause: part["expected"] for cause, part in found.items() if part["expected"]} == {"moved": -1, "left": -1}
    assert (found["supplementary"]["reported"], found["returned"]["reported"]) == (1, -1)
    assert "moved" not in parts(city)  # within the city nothing moved
    early = close.json()["as_of"]
    assert parts(city, **{"from": early, "to": early}) == {}
    assert {c for c, p in parts(city, **{"from": "2020-03-27T00:00:00+08:00", "to": early}).items() if p["output"]} == {
        "arrived"
    }


def test_refuses_moments_that_cannot_be_compared(city: City, clock: Any) -> None:
    officer, asked = Program(city["city"]), {"date": DAY.isoformat()}
    for query, fault in (
        ({}, ("from", "not_closed")),
        ({"from": "flash"}, ("from", "not_closed")),
        ({"from": "2020-03-27T09:00:00"}, ("from", "invalid_moment")),
        ({"from": "2020-03-27T11:00:00+08:00", "to": "2020-03-27T10:00:00+08:00"}, ("from", "reversed")),
        ({"from": "2020-03-27T11:00:00+08:00", "to": "soon"}, ("to", "invalid_moment")),
    ):
        refused = officer.get(CHANGES, asked | query)
        assert refused.status_code == 422
        assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [fault]
    assert Program(city["clerk"]).get(CHANGES, asked).status_code == 403
    without = {"from": "2020-03-27T11:00:00+08:00"}
    assert "sources" not in str(exact(Program(city["province"]).get(CHANGES, asked | without))["rows"])


def test_queries_do_not_depend_on_rows(city: City, clock: Any, makers: Any, django_assert_num_queries: Any) -> None:
    def ask() -> int:
        return len(total_changes.between(node=CITY, day=DAY, was_at=at(DAY, 12) - HOUR, now_at=None))

    makers[0]["clerk"].send(REPORTS, body(makers[0]["uscc"], 10))
    with django_assert_num_queries(14):
        ask()
    for maker in makers[1:]:
        maker["clerk"].send(REPORTS, body(maker["uscc"], 10))
    with django_assert_num_queries(14):
        assert ask() > 0
