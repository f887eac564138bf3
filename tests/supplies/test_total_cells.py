"""Cells of any division over any days against the oracle: R8, R9, R11, R14, R15, R18, R20."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest

from enterprises.models import Division, DivisionFact, StaleMark
from supplies import daily_totals, total_cells
from supplies.models.daily_total import COUNTS, GIVEN, SUMS
from supplies.total_cells import Cell
from tests.supplies.histories import LENGTH, PRODUCTS, START, UNITS, Builder, moment
from tests.supplies.reference import Day, History

pytestmark = pytest.mark.django_db

LAST = START + dt.timedelta(days=LENGTH + 3)
GRAINS: dict[str, list[tuple[str, str, set[str] | None]]] = {
    "product": [(code, spec["unit"], {code}) for code, spec in PRODUCTS.items()],
    "category": [("tcat", "只", {"TA", "TB"}), ("tcat", "千克", {"TC"})],
    "group": [("tgroup", "只", {"TA", "TB"})],
    "all": [("", "", None)],
}
COUNTED = (*COUNTS, *GIVEN, "questions_open")
SPLIT = START + dt.timedelta(days=6)


def days(first: dt.date = START, last: dt.date = LAST) -> list[dt.date]:
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def drained() -> None:
    StaleMark.objects.create(from_day=START - dt.timedelta(days=1), to_day=LAST, cause="test")
    daily_totals.refresh_all()


def split_city() -> dict[str, Any]:
    """From SPLIT on, T2 and T3 belong to a district TD of the city; before, every unit to the city itself."""
    clock = moment(START - dt.timedelta(days=5), 0)
    district = Division.objects.create(code="TD", level="city")
    DivisionFact.objects.create(division=district, name="新区", parent_id="T", starts_on=SPLIT, known_at=clock)
    for code in ("T2", "T3"):
        old = DivisionFact.objects.get(division_id=code)
        DivisionFact.objects.filter(pk=old.pk).update(known_until=clock)
        for parent, first, last in (("T", old.starts_on, SPLIT - dt.timedelta(days=1)), ("TD", SPLIT, None)):
            DivisionFact.objects.create(
                division_id=code, name=code, parent_id=parent, starts_on=first, ends_on=last, known_at=clock
            )
    return {"TD": ({"T2", "T3"}, SPLIT), "T": (set(UNITS), START), **{u: ({u}, START) for u in UNITS}}


def plain(
    history: History, below: dict[str, Any], grain: str, licensed: bool, at: dt.datetime | None, until: dt.date = LAST
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Every cell, by the oracle: units summed by the tree of the day, outputs added up day by day."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    running: dict[tuple[str, str, str], int] = defaultdict(int)
    for day in days(last=until):
        known = Day(history, day, at)
        for node, (units, since) in below.items():
            for key, unit, products in GRAINS[grain]:
                rows = [known.cell(u, products, licensed) for u in units if day >= since]
                rows = [row for row in rows if row is not None]
                total: dict[str, Any] = {name: sum(row.get(name, 0) for row in rows) for name in COUNTED}
                for name in SUMS:
                    given = [row[name] for row in rows if row.get(name) is not None]
                    total[name] = sum(given) if given else None
                total["shared"] = any(row.get("shared") for row in rows)
                held = [known.cell(u, products, True) for u in units if day >= since] if products else []
                caps = [row["capacity"] for row in held if row is not None and row.get("capacity") is not None]
                total["capacity_licensed"] = sum(caps) if caps else None
                running[node, key, unit] += (total["output"] or 0) + (total["opening"] or 0)
                total["output_cumulative"] = running[node, key, unit] if grain != "all" else None
                if rows or (grain != "all" and running[node, key, unit] and day >= since):
                    found[day, node, key, unit] = total
    return found


def compare(have: list[Cell], want: dict[tuple[Any, ...], dict[str, Any]]) -> None:
    assert {(c.day, c.division, c.key, c.unit) for c in have} == want.keys()
    assert len(have) == len(want)
    for cell in have:
        row = want[cell.day, cell.division, cell.key, cell.unit]
        for name, value in row.items():
            assert getattr(cell, name) == value, (cell, name)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("grain", GRAINS)
def test_stored_cells_of_every_division_follow_the_tree_of_each_day(seed: int, grain: str) -> None:
    """R11, R15: parents, a city that was split, enterprises that moved; a cumulative does not travel."""
    history, below = Builder(seed).build(), split_city()
    drained()
    for licensed in (False, True) if grain != "all" else (False,):
        want = plain(history, below, grain, licensed, None)
        have = total_cells.cells(nodes=[*below], first=START, last=LAST, grain=grain, licensed=licensed)
        compare(have, want)
        later = START + dt.timedelta(days=8)
        have = total_cells.cells(nodes=[*below], first=later, last=LAST, grain=grain, licensed=licensed)
        compare(have, {cell: row for cell, row in want.items() if cell[0] >= later})


@pytest.mark.parametrize("seed", range(4, 7))
def test_cells_as_known_at_a_moment_equal_the_rules(seed: int) -> None:
    """R14: also the cumulative output, which is read from the facts then."""
    history, below = Builder(seed).build(), split_city()
    later, last = START + dt.timedelta(days=7), START + dt.timedelta(days=8)
    for at in (moment(last, 12), moment(LAST, 40)):
        for grain, licensed in (("product", False), ("product", True), ("group", False), ("category", True)):
            want = plain(history, below, grain, licensed, at, last)
            have = total_cells.cells(nodes=[*below], first=later, last=last, grain=grain, licensed=licensed, at=at)
            compare(have, {cell: row for cell, row in want.items() if cell[0] >= later})


def test_children_are_those_of_each_day() -> None:
    """R15: a unit that went under a district is shown with the city only while it stood there."""
    Builder(1).build(), split_city()
    drained()
    found = total_cells.cells(
        nodes=lambda tree: [n.code for n in tree.children("T")], first=START, last=LAST, grain="product"
    )
    assert {c.division for c in found if c.day < SPLIT} <= set(UNITS)
    assert {c.division for c in found if c.day >= SPLIT} == {"T1", "TD"}


def test_nothing_lies_after_the_moment_of_knowledge_or_before_the_first_duty() -> None:
    Builder(2).build()
    drained()
    eve = START - dt.timedelta(days=1)
    assert total_cells.cells(nodes=["T"], first=dt.date(1999, 1, 1), last=eve, grain="all") == []
    at = moment(START + dt.timedelta(days=3), 12)
    found = total_cells.cells(nodes=["T"], first=START, last=LAST, grain="product", at=at)
    assert max(c.day for c in found) == START + dt.timedelta(days=3)


def test_number_of_statements_does_not_depend_on_days_or_rows(django_assert_num_queries: Any) -> None:
    Builder(3).build(), split_city()
    drained()
    for last in (START, LAST):
        with django_assert_num_queries(5):
            total_cells.cells(nodes=["T", *UNITS], first=START, last=last, grain="product")
