"""The kernel against the oracle on random histories: R2, R3, R4, R7, R8-R10, R12, R12a, R12b, R14, R15, R17, R17a, R18."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from enterprises.models import StaleMark
from supplies import daily_totals, day_state
from supplies.models import DailyTotal
from supplies.models.daily_total import COUNTS, GIVEN, SUMS
from tests.supplies.histories import LENGTH, PRODUCTS, START, UNITS, Builder, moment
from tests.supplies.reference import Day, History

pytestmark = pytest.mark.django_db

CELLS: list[tuple[str, str, str, set[str] | None]] = [
    *[("product", code, spec["unit"], {code}) for code, spec in PRODUCTS.items()],
    ("category", "tcat", "只", {"TA", "TB"}),
    ("category", "tcat", "千克", {"TC"}),
    ("group", "tgroup", "只", {"TA", "TB"}),
    ("all", "", "", None),
]


def expected_rows(history: History, day: dt.date, at: dt.datetime | None) -> dict[tuple[Any, ...], dict[str, Any]]:
    known, rows = Day(history, day, at), {}
    for unit in UNITS:
        for grain, key, base, products in CELLS:
            for licensed in (False, True) if products is not None else (False,):
                row = known.cell(unit, products, licensed)
                if row is not None:
                    rows[unit, grain, key, base, licensed] = row
    return rows


def compare(history: History, day: dt.date, at: dt.datetime | None, rows: list[dict[str, Any]]) -> None:
    have = {(r["division_id"], r["grain"], r["key"], r["unit"], r["licensed"]): r for r in rows}
    want = expected_rows(history, day, at)
    assert have.keys() == want.keys(), (day, at)
    for cell, row in want.items():
        for column in (*COUNTS, *GIVEN):
            assert have[cell][column] == row.get(column, 0), (day, at, cell, column)
        for column in SUMS:
            assert have[cell][column] == row.get(column), (day, at, cell, column)
        assert have[cell]["shared"] == bool(row.get("shared")), (day, at, cell)


@pytest.mark.parametrize("seed", range(6))
def test_state_of_a_day_equals_the_rules_at_any_moment(seed: int) -> None:
    """R14: the same statement answers for now and for any earlier moment."""
    history = Builder(seed).build()
    for offset in range(LENGTH + 4):
        day = START + dt.timedelta(days=offset)
        for at in (None, moment(day, (12, 18, 60)[(seed + offset) % 3])):
            compare(history, day, at, day_state.totals(day, at))


def test_drain_stores_what_the_kernel_gives_and_verify_agrees() -> None:
    """R21, R23: marks in, totals out, to the last digit; a forged total is found."""
    Builder(99).build(enterprises=8)
    StaleMark.objects.create(from_day=START, to_day=START + dt.timedelta(days=LENGTH + 4), cause="test")
    daily_totals.refresh_all()
    assert not StaleMark.objects.exists()
    assert DailyTotal.objects.exists()
    wrong = [d for d in daily_totals.verify() if d.cell[0] <= START + dt.timedelta(days=LENGTH + 4)]
    assert wrong == []
    forged = DailyTotal.objects.filter(grain="product", capacity__gt=0).order_by("day", "division", "key").first()
    assert forged is not None
    DailyTotal.objects.filter(pk=forged.pk).update(capacity=forged.capacity + 1)
    found = list(daily_totals.differences(forged.day))
    assert [(d.column, d.stored - d.computed) for d in found] == [("capacity", 1)]
