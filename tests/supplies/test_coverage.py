"""Coverage rows against the oracle: their numbers are the counts of the totals (R12, R12b, R14)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from enterprises.models import EnterpriseFact
from supplies import coverage
from tests.supplies.histories import LENGTH, START, UNITS, Builder, moment
from tests.supplies.reference import Day, History, known, on

pytestmark = pytest.mark.django_db

CELLS: list[set[str] | None] = [{"TA"}, {"TC"}, {"TA", "TB"}, None]
EXPECTED = ("on_time", "late", "carried", "stale", "never")


def exempted(history: History, day: dt.date, at: dt.datetime | None, state: Day, products: set[str] | None) -> set[int]:
    """Enterprises with a duty in the cell, all of it exempted, that filed nothing of it."""
    found = set()
    for duty in on(known(history.duties, at), day):
        e, p = duty["enterprise"], duty["product"]
        within = products is None or p in products
        owes = any(products is None or q in products for q in state.owed.get(e, ()))
        report = state.counted.get(e, {}).get(day)
        has = report is not None and (products is None or bool(set(report["lines"]) & products))
        if within and e in state.unit and not owes and not has:
            found.add(e)
    return found


@pytest.mark.parametrize("seed", range(2))
def test_rows_are_as_many_of_each_state_as_the_totals_count(seed: int) -> None:
    history = Builder(seed).build()
    for offset in range(0, LENGTH + 3, 3):
        day = START + dt.timedelta(days=offset)
        for at in (None, moment(day, 15), moment(day, 70)):
            state = Day(history, day, at)
            for products in CELLS:
                cells = [c for c in (state.cell(u, products, False) for u in UNITS) if c is not None]
                rows = coverage.on(node="T", day=day, products=products, at=at)
                have = Counter(row.status for row in rows)
                for name in (*EXPECTED, "unexpected"):
                    assert have[name] == sum(c.get(name, 0) for c in cells), (day, at, products, name)
                assert sum(have[name] for name in EXPECTED) == sum(c.get("expected", 0) for c in cells)
                gone = exempted(history, day, at, state, products)
                assert {r.enterprise_id for r in rows if r.status == "exempted"} == gone, (day, at, products)
                assert len({row.enterprise_id for row in rows}) == len(rows)
                last = sum(known.capacity for r in rows for known in r.last_known if r.status != "exempted")
                if products is not None:
                    assert last == sum(c.get("last_known_of_unreported") or 0 for c in cells), (day, at, products)


@pytest.mark.parametrize("seed", range(5, 7))
def test_each_row_says_what_the_rules_say_of_its_enterprise(seed: int) -> None:
    history = Builder(seed).build()
    for offset in range(0, LENGTH + 3, 2):
        day = START + dt.timedelta(days=offset)
        state = Day(history, day, None)
        for row in coverage.on(node="T", day=day, products={"TA"}):
            assert row.division == state.unit[row.enterprise_id]
            source = state.source(row.enterprise_id)
            if row.status in EXPECTED:
                want = state.status(row.enterprise_id, "TA")
                assert row.status == want or (want == "reported" and row.status in ("on_time", "late"))
            if row.status in ("on_time", "late", "unexpected", "carried"):
                assert source is not None
                assert (row.source_day, row.age) == (source["day"], (day - source["day"]).days)
            assert (row.first_received_at is not None) == (row.status in ("on_time", "late", "unexpected"))
            assert row.status != "never" or row.source_day is None


def test_one_unit_shows_only_its_own_under_the_name_of_the_day() -> None:
    """R15: renamed later, the enterprise keeps its old name on the old day."""
    history = Builder(0).build()
    day = START + dt.timedelta(days=4)
    state = Day(history, day, None)
    rows = [row for unit in UNITS for row in coverage.on(node=unit, day=day)]
    assert {r.enterprise_id for r in rows} == {r.enterprise_id for r in coverage.on(node="T", day=day)}
    assert all(state.unit[r.enterprise_id] == r.division for r in rows)
    someone = rows[0]
    EnterpriseFact.objects.create(
        enterprise_id=someone.enterprise_id, name="旧名", ends_on=day, known_at=moment(START, -99)
    )
    names: dict[Any, str] = {r.enterprise_id: r.name for r in coverage.on(node="T", day=day)}
    assert names[someone.enterprise_id] == "旧名"
    assert coverage.on(node="T", day=dt.date(2199, 1, 1)) == []


def test_number_of_queries_is_fixed(django_assert_num_queries: Any) -> None:
    Builder(3).build(enterprises=2)
    with django_assert_num_queries(8):
        coverage.on(node="T", day=START + dt.timedelta(days=5))
