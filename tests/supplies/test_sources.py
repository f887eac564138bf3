"""The sources of a number add up to it (R22), for every measure, with pools, licences, parents, moves and periods."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from supplies import sources
from tests.supplies.histories import LENGTH, START, UNITS, Builder, moment
from tests.supplies.reference import Day, History
from tests.supplies.test_total_cells import SPLIT, split_city

pytestmark = pytest.mark.django_db

CELLS: list[set[str]] = [{"TA"}, {"TB"}, {"TC"}, {"TA", "TB"}]
LEVELS, FLOWS = ("capacity", "stock"), ("output", "shipped")


def add(values: list[int | None]) -> int | None:
    given = [v for v in values if v is not None]
    return sum(given) if given else None


def cell(
    history: History, day: dt.date, units: set[str], products: set[str], licensed: bool, at: Any
) -> dict[str, Any]:
    state = Day(history, day, at)
    rows = [r for r in (state.cell(unit, products, licensed) for unit in units) if r is not None]
    return {name: add([row.get(name) for row in rows]) for name in (*LEVELS, *FLOWS, "opening", "capacity_carried")}


def below(day: dt.date) -> dict[str, set[str]]:
    return {"T": set(UNITS), "T1": {"T1"}, "TD": {"T2", "T3"} if day >= SPLIT else set()}


@pytest.mark.parametrize("seed", range(2))
def test_sources_of_a_day_add_up_to_its_cell(seed: int) -> None:
    history, _ = Builder(seed).build(), split_city()
    for offset in range(1, LENGTH + 3, 3):
        day = START + dt.timedelta(days=offset)
        for at in (None, moment(day, 70)):
            for products in CELLS:
                for licensed in (False, True):
                    for node, units in below(day).items():
                        want = cell(history, day, units, products, licensed, at)
                        rows = sources.behind(
                            node=node, first=day, last=day, products=products, licensed=licensed, at=at
                        )
                        have = sources.sums(rows)
                        assert len(have) <= 1
                        for name in (*LEVELS, *FLOWS):
                            assert (getattr(have[0], name) if have else None) == want[name], (day, at, products, node)
                        carried = add([r.capacity for r in rows if r.kind == "carried" and r.counts])
                        assert carried == want["capacity_carried"]


@pytest.mark.parametrize("seed", range(4, 6))
def test_sources_of_a_period_and_of_a_cumulative_add_up(seed: int) -> None:
    """R8, R9, R11: levels of the last day, flows of all days; a cumulative from openings and every day's outputs."""
    history, _ = Builder(seed).build(), split_city()
    first, last = START + dt.timedelta(days=3), START + dt.timedelta(days=9)
    span = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    ever = [START + dt.timedelta(days=n) for n in range((last - START).days + 1)]
    for at in (None, moment(last, 20)):
        for products in CELLS:
            for licensed in (False, True):
                for node in ("T", "T1", "TD"):
                    asked = {"node": node, "products": products, "licensed": licensed, "at": at}

                    def on(day: dt.date, asked: dict[str, Any] = asked) -> dict[str, Any]:
                        units = below(day)[asked["node"]]
                        return cell(history, day, units, asked["products"], asked["licensed"], asked["at"])

                    have = sources.sums(sources.behind(first=first, last=last, **asked))
                    for name in LEVELS:
                        assert (getattr(have[0], name) if have else None) == on(last)[name]
                    for name in FLOWS:
                        assert (getattr(have[0], name) if have else None) == add([on(day)[name] for day in span])
                    total = add([on(day)[name] for day in ever for name in ("output", "opening")])
                    made = sources.sums(sources.cumulative(day=last, **asked))
                    assert (made[0].output if made else None) == total, asked


def test_a_pool_counts_with_its_largest_member_and_of_equals_with_the_first_by_code() -> None:
    """R17a."""
    history = Builder(2).build(enterprises=16)
    seen = 0
    for offset in range(LENGTH):
        day = START + dt.timedelta(days=offset)
        rows = sources.behind(node="T", first=day, last=day, products={"TA", "TB"})
        state = Day(history, day, None)
        for row in rows:
            mates = [
                r for r in rows
                if r.enterprise_id == row.enterprise_id and r.capacity is not None
                and {(r.enterprise_id, r.product_id), (row.enterprise_id, row.product_id)} <= state.pool.keys()
            ]  # fmt: skip
            if len(mates) > 1 and row in mates:
                best = min(mates, key=lambda r: (-r.capacity, r.product_id))
                assert row.counts == (row == best)
                seen += 1
    assert seen


def test_a_row_leads_to_its_revision() -> None:
    """R22: enterprise, revision, value, carried or not."""
    history = Builder(2).build()
    day = START + dt.timedelta(days=5)
    said = {r["id"]: r for r in history.revisions}
    for row in sources.behind(node="T", first=day, last=day):
        revision = said[row.revision_id]
        assert (row.enterprise_id, row.day, row.revision) == (
            revision["enterprise"], revision["day"], revision["number"],
        )  # fmt: skip
        line = revision["lines"][row.product_id]
        assert (row.capacity, row.stock) == (line["capacity"], line["stock"])
        if row.kind == "carried":
            assert (row.age, row.output, row.shipped) == ((day - row.day).days, None, None)
            assert 0 < row.age <= 3
        else:
            assert (row.kind, row.age, row.output) == ("report", 0, line["output"])
    openings = [r for r in sources.cumulative(node="T", day=day) if r.kind == "opening"]
    assert all(r.revision is None and r.output is not None and r.received_at is None for r in openings)


def test_number_of_queries_is_fixed(django_assert_num_queries: Any) -> None:
    Builder(3).build(enterprises=3)
    for last in (4, 11):
        with django_assert_num_queries(12):
            sources.behind(node="T", first=START, last=START + dt.timedelta(days=last))
        with django_assert_num_queries(7):
            sources.cumulative(node="T", day=START + dt.timedelta(days=last))
