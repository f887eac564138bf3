"""The calendar of working days: seeded, corrected, and loud where it ends."""

from __future__ import annotations

import datetime as dt
import logging

import pytest

from enterprises import work_days
from enterprises.errors import Forbidden, Invalid
from enterprises.models import AuditEntry, WorkDay
from enterprises.rules.work_days import after
from tests.factories.enterprises import account, division

pytestmark = pytest.mark.django_db


def test_every_day_of_a_known_year_has_a_row_and_seeding_again_changes_nothing() -> None:
    WorkDay.objects.all().delete()
    assert work_days.seed() >= 365 * 7
    assert WorkDay.objects.filter(day__year=2026).count() == 365
    kinds = {
        d: WorkDay.objects.get(day=d).kind for d in (dt.date(2026, 10, 1), dt.date(2026, 10, 10), dt.date(2026, 11, 21))
    }
    assert list(kinds.values()) == ["holiday", "make_up", "weekend"]
    work_days.correct(actor=None, day=dt.date(2026, 10, 10), is_working=False)
    assert work_days.seed() == 0
    assert work_days.known(dt.date(2026, 10, 10), dt.date(2026, 10, 10)) == {dt.date(2026, 10, 10): False}


@pytest.mark.parametrize(
    ("start", "count", "due"), [("2026-09-29", 5, "2026-10-12"), ("2026-02-12", 5, "2026-02-26"), ("2026-11-20", 0, "2026-11-20")]
)  # fmt: skip
def test_counts_working_days_over_holidays_and_make_up_days(start: str, count: int, due: str) -> None:
    work_days.seed()
    first = dt.date.fromisoformat(start)
    known = work_days.known(first, first + dt.timedelta(days=40))
    assert after(first, count, known).isoformat() == due


def test_an_unknown_year_is_a_loud_warning_and_counts_monday_to_friday(caplog: pytest.LogCaptureFixture) -> None:
    work_days.seed()
    assert work_days.missing_years(dt.date(2026, 10, 31)) == []
    assert work_days.missing_years(dt.date(2026, 11, 1)) == [2027]
    with caplog.at_level(logging.WARNING):
        assert work_days.missing_years(dt.date(2031, 5, 5)) == [2031]
    assert "does not know this year" in caplog.text
    assert (
        after(dt.date(2031, 5, 2), 1, work_days.known(dt.date(2031, 5, 2), dt.date(2031, 6, 2))).isoformat()
        == "2031-05-05"
    )


def test_correcting_is_for_the_administrator_and_leaves_a_trace() -> None:
    division("999900", level="city")
    day = dt.date(2026, 12, 5)
    with pytest.raises(Forbidden):
        work_days.correct(actor=account("leader", "leader", division="999900"), day=day, is_working=True)
    with pytest.raises(Invalid):
        work_days.correct(actor=None, day=day, is_working=True, kind="holiday")
    row = work_days.correct(actor=account("admin", "admin"), day=day, is_working=True, document="应急通知")
    assert (row.kind, row.is_working) == ("make_up", True)
    assert AuditEntry.objects.filter(act="work_day.correct").count() == 1
