"""Pure: when a clock is due, when it warns, and how its remaining time reads (K2, K4, K8, K9, K10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from coordination.rules.working_time import ZERO, Calendar, NoWorkingTime, UnknownDay

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
WORKING_MINUTES, WORKING_DAYS, ELAPSED_MINUTES = "working_minutes", "working_days", "elapsed_minutes"
WARNINGS = (50, 80)
"""Percent of the time at which a clock warns before it is due."""
DUE = 100
Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Budget:
    """How much time a clock grants: `amount` minutes or working days."""

    amount: int
    unit: str


@dataclass(frozen=True)
class Due:
    """When a clock is due; provisional where the calendar ends before it (K1)."""

    at: dt.datetime
    is_provisional: bool = False


def due(calendar: Calendar, start: dt.datetime, budget: Budget, pauses: Sequence[Span] = ()) -> Due:
    """When a clock is due that started at `start` and was paused over `pauses` (ended ones, in order).

    Working hours and elapsed time grow by the pauses; a budget of working days by one for each working day that a
    pause covers whole. A pause that begins when the clock is already due changes nothing (K4).
    """
    found = _plain(calendar, start, budget, ZERO, 0)
    extra, days = ZERO, 0
    for a, b in pauses:
        if a >= found.at:
            break
        if budget.unit == ELAPSED_MINUTES:
            extra += b - a
        elif budget.unit == WORKING_MINUTES:
            extra += calendar.between(a, b)
        else:
            first = start.astimezone(calendar.zone).date()
            days += sum(1 for day in calendar.covered(a, b) if day > first)
        found = _plain(calendar, start, budget, extra, days)
    return found


def _plain(calendar: Calendar, start: dt.datetime, budget: Budget, extra: dt.timedelta, days: int) -> Due:
    if budget.unit == ELAPSED_MINUTES:
        return Due(start + budget.amount * MINUTE + extra)
    try:
        if budget.unit == WORKING_DAYS:
            return Due(calendar.close_of(start, budget.amount + days))
        return Due(calendar.add(start, budget.amount * MINUTE + extra))
    except (UnknownDay, NoWorkingTime):
        last = max((day for day, working in calendar.days.items() if working), default=None)
        held = calendar.segments(last) if last is not None else []
        return Due(max(held[-1][1], start) if held else start, is_provisional=True)


def consumed(
    calendar: Calendar, start: dt.datetime, end: dt.datetime, budget: Budget, pauses: Sequence[Span]
) -> dt.timedelta:
    """Time a clock used from start to end, without its pauses, in the time it counts."""

    def measure(a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        if b <= a:
            return ZERO
        if budget.unit == ELAPSED_MINUTES:
            return b - a
        try:
            return calendar.between(a, b)
        except UnknownDay:
            return ZERO

    return measure(start, end) - sum((measure(max(a, start), min(b, end)) for a, b in pauses), ZERO)


def reopened(budget: Budget) -> Budget:
    """The budget of a further cycle: half the first one, and at least three working days (K8).

    >>> reopened(Budget(10, "working_days")), reopened(Budget(3, "working_days"))
    (Budget(amount=5, unit='working_days'), Budget(amount=3, unit='working_days'))
    """
    half = -(-budget.amount // 2)
    return Budget(max(3, half) if budget.unit == WORKING_DAYS else half, budget.unit)


def step_at(calendar: Calendar, start: dt.datetime, due_at: dt.datetime, step: int, *, is_elapsed: bool) -> dt.datetime:
    """When a step fires: percent of the time up to DUE, then one step for each working day after it (K9).

    Steps after DUE are 101, 102 …: at the same hour as the due time, on the first, second … working day after it;
    for elapsed clocks one hour, two hours … after it. Raises UnknownDay beyond the calendar.
    """
    if step > DUE:
        if is_elapsed:
            return due_at + (step - DUE) * HOUR
        closing = calendar.close_of(due_at, step - DUE)
        return dt.datetime.combine(closing.date(), due_at.astimezone(calendar.zone).timetz())
    if step == DUE:
        return due_at
    if is_elapsed:
        return start + (due_at - start) * step / 100
    return min(due_at, calendar.add(start, calendar.between(start, due_at) * step / 100))


def following(step: int | None) -> int:
    """The step after a step; None = before the first.

    >>> [following(None), following(50), following(80), following(100), following(101)]
    [50, 80, 100, 101, 102]
    """
    if step is None:
        return WARNINGS[0]
    ladder = (*WARNINGS, DUE)
    return next((one for one in ladder if one > step), step + 1)


def spoken(calendar: Calendar, now: dt.datetime, due_at: dt.datetime, *, is_elapsed: bool) -> str:
    """Remaining time as one says it, without the moment: "剩余 2 工作日 3 小时", "已超 40 分钟" (K10)."""
    if due_at <= now < due_at + MINUTE:
        return "刚到期"
    word, a, b = ("剩余", now, due_at) if due_at > now else ("已超", due_at, now)
    if is_elapsed:
        return f"{word} {_long(b - a, None)}"
    try:
        day = sum((end - start for start, end in _a_day(calendar, due_at)), ZERO)
        time = calendar.between(a, b)
        if word == "已超" and time < MINUTE:
            return "已到期"
        return f"{word} {_long(time, day or 7 * HOUR)}"
    except UnknownDay:
        return f"{word} {_long(b - a, None)}"


def _a_day(calendar: Calendar, at: dt.datetime) -> list[Span]:
    return calendar.segments(at.astimezone(calendar.zone).date())


def _long(time: dt.timedelta, day: dt.timedelta | None) -> str:
    days, rest = divmod(time, day) if day is not None else (0, time)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    if days:
        return f"{days} 工作日" + (f" {hours} 小时" if hours else "")
    if hours:
        return f"{hours} 小时" + (f" {minutes} 分" if minutes else "")
    return f"{minutes} 分钟" if minutes else "不足 1 分钟"
