"""K1, K2, K4, K8, K9, K10: working time on the real calendar of 2026, by hand-computed cases and by properties."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest

from coordination.rules import deadlines
from coordination.rules.deadlines import Budget
from coordination.rules.working_time import Calendar, NoWorkingTime, UnknownDay

ZONE = ZoneInfo("Asia/Shanghai")
DAY = dt.timedelta(days=1)
YEAR = [dt.date(2026, 1, 1) + n * DAY for n in range(365)]
CALENDAR = Calendar({day: chinese_calendar.is_workday(day) for day in YEAR}, ZONE)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2026-09-29 16:00", 5, "2026-10-12 17:30"),  # the make-up Saturday 10 October counts, the holiday does not
        ("2026-02-12 09:00", 5, "2026-02-26 17:30"),  # 14 February counts, 15 to 23 do not
        ("2026-11-20 08:00", 1, "2026-11-23 17:30"),  # a Friday: the start day does not count
        ("2026-11-21 10:00", 1, "2026-11-23 17:30"),  # a Saturday
        ("2026-11-23 23:59", 1, "2026-11-24 17:30"),
    ],
)
def test_k2_working_days_end_with_the_last_segment(start: str, count: int, due: str) -> None:
    assert deadlines.due(CALENDAR, at(start), Budget(count, "working_days")).at == at(due)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-23 09:00", 240, "2026-11-23 15:00"),  # over noon
        ("2026-11-23 17:00", 60, "2026-11-24 09:00"),
        ("2026-11-23 12:30", 60, "2026-11-23 15:00"),  # outside hours: begins with the next segment
        ("2026-11-20 18:00", 60, "2026-11-23 09:30"),  # over a weekend
        ("2026-11-23 08:30", 210, "2026-11-23 12:00"),  # exactly a segment
    ],
)
def test_k2_working_hours_count_from_the_start(start: str, minutes: int, due: str) -> None:
    assert deadlines.due(CALENDAR, at(start), Budget(minutes, "working_minutes")).at == at(due)


def test_working_time_adds_up_and_comes_back() -> None:
    chance = random.Random(4)
    for _ in range(3000):
        a = at("2026-03-01 00:00") + dt.timedelta(minutes=chance.randrange(60 * 24 * 200))
        b, c = sorted(a + dt.timedelta(minutes=chance.randrange(60 * 24 * 30)) for _ in range(2))
        x = dt.timedelta(minutes=chance.randrange(1, 60 * 70))
        assert CALENDAR.between(a, CALENDAR.add(a, x)) == x
        assert CALENDAR.between(a, b) + CALENDAR.between(b, c) == CALENDAR.between(a, c)


def test_k4_a_pause_is_the_same_as_starting_the_rest_anew() -> None:
    chance = random.Random(5)
    for _ in range(1000):
        a = at("2026-03-02 09:00") + dt.timedelta(minutes=chance.randrange(60 * 24 * 100))
        minutes = chance.randrange(30, 60 * 30)
        plain = deadlines.due(CALENDAR, a, Budget(minutes, "working_minutes")).at
        b = a + (plain - a) * chance.random()
        c = b + dt.timedelta(minutes=chance.randrange(60 * 24 * 9))
        left = dt.timedelta(minutes=minutes) - CALENDAR.between(a, b)
        due = deadlines.due(CALENDAR, a, Budget(minutes, "working_minutes"), [(b, c)]).at
        assert due == CALENDAR.add(c, left)


def test_k4_working_days_grow_by_each_day_that_a_pause_covers_whole() -> None:
    start, ten = at("2026-11-02 10:00"), Budget(10, "working_days")
    assert deadlines.due(CALENDAR, start, ten).at == at("2026-11-16 17:30")
    pause = (at("2026-11-03 15:00"), at("2026-11-06 09:00"))  # covers 4 and 5 November whole
    assert deadlines.due(CALENDAR, start, ten, [pause]).at == at("2026-11-18 17:30")


def test_k4_a_pause_after_the_due_time_changes_nothing() -> None:
    start, late = at("2026-11-02 10:00"), (at("2026-11-20 09:00"), at("2026-11-25 09:00"))
    assert deadlines.due(CALENDAR, start, Budget(10, "working_days"), [late]).at == at("2026-11-16 17:30")


def test_elapsed_time_runs_at_night_and_on_sunday() -> None:
    due = deadlines.due(CALENDAR, at("2026-11-21 23:50"), Budget(30, "elapsed_minutes"))
    assert due.at == at("2026-11-22 00:20")


def test_k1_beyond_the_calendar_a_due_time_is_provisional_and_never_guessed() -> None:
    due = deadlines.due(CALENDAR, at("2026-12-30 10:00"), Budget(10, "working_days"))
    assert (due.at, due.is_provisional) == (at("2026-12-31 17:30"), True)
    with pytest.raises(UnknownDay):
        CALENDAR.close_of(at("2026-12-30 10:00"), 10)
    with pytest.raises(NoWorkingTime):
        Calendar(dict.fromkeys(YEAR, False) | {YEAR[-1] + n * DAY: False for n in range(900)}, ZONE).add(
            at("2026-01-01 10:00"), dt.timedelta(minutes=1)
        )


def test_k1_other_office_hours_hold_from_their_day_on() -> None:
    summer = ((dt.time(8), dt.time(12)), (dt.time(15), dt.time(18)))
    calendar = Calendar(CALENDAR.days, ZONE, (*CALENDAR.hours, (dt.date(2026, 7, 1), summer)))
    assert calendar.close_of(at("2026-06-29 10:00"), 1) == at("2026-06-30 17:30")
    assert calendar.close_of(at("2026-06-30 10:00"), 1) == at("2026-07-01 18:00")


def test_k9_steps_fire_at_half_at_four_fifths_when_due_and_each_working_day_after() -> None:
    start, due = at("2026-11-19 08:30"), at("2026-11-20 17:30")  # 14 working hours
    steps = [deadlines.step_at(CALENDAR, start, due, step, is_elapsed=False) for step in (50, 80, 100, 101, 102)]
    assert steps == [
        at("2026-11-19 17:30"), at("2026-11-20 14:42"), due, at("2026-11-23 17:30"), at("2026-11-24 17:30"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("now", "due", "said"),
    [
        ("2026-10-09 14:30", "2026-10-12 17:30", "剩余 2 工作日 3 小时"),
        ("2026-11-23 16:50", "2026-11-23 17:30", "剩余 40 分钟"),
        ("2026-11-20 20:00", "2026-11-23 10:00", "剩余 1 小时 30 分"),
        ("2026-11-24 10:00", "2026-11-23 17:30", "已超 1 小时 30 分"),
    ],
)
def test_k10_remaining_time_reads_like_speech(now: str, due: str, said: str) -> None:
    assert deadlines.spoken(CALENDAR, at(now), at(due), is_elapsed=False) == said
