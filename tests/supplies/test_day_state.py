"""The kernel against the oracle on random histories: R2, R3, R4, R7, R8-R10, R12, R12a, R12b, R14, R15, R17, R17a, R18, R20."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from enterprises.models import StaleMark
from supplies import daily_totals, day_state
from supplies.models import DailyTotal, ReportingDuty
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
        for column in (*COUNTS, *GIVEN, "questions_open"):
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
    days = [START + dt.timedelta(days=offset) for offset in range(LENGTH + 5)]
    assert DailyTotal.objects.filter(day__in=days).exists()
    assert [d for day in days for d in daily_totals.differences(day)] == []
    forged = DailyTotal.objects.filter(grain="product", capacity__gt=0).order_by("day", "division", "key").first()
    assert forged is not None
    DailyTotal.objects.filter(pk=forged.pk).update(capacity=forged.capacity + 1)
    found = list(daily_totals.differences(forged.day))
    assert [(d.column, d.stored - d.computed) for d in found] == [("capacity", 1)]


@pytest.mark.parametrize("seed", [7, 21])
def test_quiet_days_are_copied_and_equal_what_the_kernel_gives(seed: int) -> None:
    """R23: years of open duties after the last report cost next to nothing, and are right."""
    history = Builder(seed).build(enterprises=5)
    later = START + dt.timedelta(days=120)
    ending = ReportingDuty.objects.filter(known_until=None, ends_on=None, product__isnull=False).first()
    assert ending is not None
    ReportingDuty.objects.create(
        enterprise_id=ending.enterprise_id, product=None, starts_on=later, ends_on=later, known_at=ending.known_at
    )
    StaleMark.objects.create(from_day=START, to_day=START + dt.timedelta(days=200), cause="test")
    quiet = daily_totals.quiet_days(daily_totals.stale_days([(START, START + dt.timedelta(days=200))]))
    assert len(quiet) > 150
    daily_totals.refresh_all()
    near = [START + dt.timedelta(days=offset) for offset in range(LENGTH + 25)]
    far = [later + dt.timedelta(days=offset) for offset in (-2, -1, 0, 1, 2, 40, 80)]
    assert [d for day in near + far for d in daily_totals.differences(day)] == []
    assert history.revisions
    assert DailyTotal.objects.filter(day=far[-1]).exists()
