"""Closing at set times, on working days, once, also after an outage (R13)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from enterprises import work_days
from enterprises.errors import Invalid
from supplies import closings, reporting_settings
from supplies.models import DayEvent, Snapshot
from tests.supplies.daily_reports.plants import COUNTY, City, at, settle

pytestmark = pytest.mark.django_db

FRIDAY = dt.date(2026, 11, 20)
A_DAY = dt.timedelta(days=1)


@pytest.fixture
def city() -> City:
    work_days.seed()
    return settle()


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(at(FRIDAY, 9), tick=False) as clock:
        yield clock


def rule(name: str, value: str, starts_on: dt.date = FRIDAY) -> None:
    reporting_settings.set_rule(actor=None, name=name, value=value, starts_on=starts_on)


def done() -> list[tuple[str, str]]:
    while closings.close_due():
        pass
    return [(e.day.isoformat(), e.kind) for e in DayEvent.objects.order_by("id")]


def test_closes_at_the_set_time_and_not_before_r13(city: City, clock: Any) -> None:
    rule("flash_at", "18:30")
    clock.move_to(at(FRIDAY, 18, 29, 59))
    assert done() == []
    clock.move_to(at(FRIDAY, 18, 30))
    assert done() == [("2026-11-20", "flash")]
    assert done() == [("2026-11-20", "flash")]
    assert Snapshot.objects.get().as_of == at(FRIDAY, 18, 30)


def test_the_next_working_day_leaves_out_the_weekend(city: City, clock: Any) -> None:
    rule("final_at", "10:00+1w")
    clock.move_to(at(FRIDAY + 3 * A_DAY, 9, 59))
    assert done() == []
    clock.move_to(at(FRIDAY + 3 * A_DAY, 10))
    assert [day for day, _ in done()] == ["2026-11-20", "2026-11-21", "2026-11-22"]


def test_a_make_up_saturday_is_a_working_day_and_a_notice_can_take_it_back(city: City, clock: Any) -> None:
    """2026-10-10 is a Saturday on which offices work for the October holiday."""
    eve = dt.date(2026, 10, 9)
    clock.move_to(at(eve, 9))
    rule("final_at", "10:00+1w", eve)
    clock.move_to(at(eve + A_DAY, 10))
    assert closings.due()[0].day == eve
    work_days.correct(actor=None, day=eve + A_DAY, is_working=False, document="国办发明电〔2026〕1号")
    assert closings.due() == []


def test_after_an_outage_everything_missed_is_done_in_order(city: City, clock: Any) -> None:
    rule("flash_at", "18:30")
    rule("final_at", "10:00+1")
    clock.move_to(at(FRIDAY + 2 * A_DAY, 12))
    assert done() == [
        ("2026-11-20", "flash"), ("2026-11-20", "final"), ("2026-11-21", "flash"), ("2026-11-21", "final"),
    ]  # fmt: skip


def test_setting_a_time_closes_nothing_of_the_past(city: City, clock: Any) -> None:
    rule("final_at", "08:00", FRIDAY - 30 * A_DAY)
    assert done() == []
    clock.move_to(at(FRIDAY + A_DAY, 8))
    assert done() == [("2026-11-21", "final")]


def test_a_closed_day_is_not_closed_again_but_a_flash_by_hand_replaces_no_set_one(city: City, clock: Any) -> None:
    rule("flash_at", "18:30")
    rule("final_at", "20:00")
    clock.move_to(at(FRIDAY, 15))
    closings.close(actor=None, day=FRIDAY, kind="flash")
    closings.close(actor=None, day=FRIDAY, kind="final")
    clock.move_to(at(FRIDAY, 21))
    assert [kind for _, kind in done()] == ["flash", "final", "flash"]


def test_a_time_can_be_taken_away(city: City, clock: Any) -> None:
    rule("flash_at", "18:30")
    rule("flash_at", "无", FRIDAY + A_DAY)
    clock.move_to(at(FRIDAY + 2 * A_DAY, 12))
    assert done() == [("2026-11-20", "flash")]


@pytest.mark.parametrize("value", ["25:00", "18", "18:30+w", "明天", "10:00w"])
def test_refuses_what_is_no_time(city: City, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        rule("final_at", value)
    assert refused.value.code == "invalid_setting"
    with pytest.raises(Invalid):
        reporting_settings.set_rule(actor=None, name="final_at", value="18:30", starts_on=FRIDAY, division=COUNTY)
