"""Who files when: on time, late, on behalf, in two revisions, or not at all (R4, R5, R10).

Moments are whole seconds from midnight of story day 0. Everything filed for the story arrives before its last day ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from coordination.rules.demonstration import LAST, MIDDLE, TODAY, dice
from coordination.rules.demonstration.makers import EXEMPTION, HALT, MASKS, SILENT_SINCE, WEEK, Maker

HOUR, DAY = 3600, 86_400
CUT_OFF = 18 * HOUR
END = (LAST + 1) * DAY

CARRIED_AT_MIDDLE = 2
CARRIED_AT_LAST = (1, 1, 2, 3)
"""How many days old the carried reports of the last day are."""
LATE_AT_LAST = 6
TODAY_PERCENT, LATE_TODAY = 60, 5


@dataclass(frozen=True)
class Filing:
    """One report: the moments of its revisions, the way it came, what came in with it."""

    moments: tuple[int, ...]
    channel: str = "web"
    limited: bool = False
    above: bool = False

    @property
    def received(self) -> int:
        return self.moments[0]


Filings = dict[tuple[int, int], Filing]
"""By (number of the enterprise, day); what is missing was never filed."""


def filings(makers: Iterable[Maker]) -> Filings:
    """Everything filed for the story days."""
    makers = list(makers)
    rng = dice(1)
    silent, found = _silences(rng, makers), {}
    late_at_last = _late_at_last(rng, makers, silent)
    for day in range(LAST + 1):
        for maker in makers:
            filing = _filing(rng, maker, day, is_late=maker.number in late_at_last)
            if maker.joins <= day and (maker.number, day) not in silent and filing is not None:
                found[maker.number, day] = filing
    return found


def living_day(makers: Iterable[Maker], now: int) -> Filings:
    """What has come in for the living day by `now` (seconds from day 0): three in five, some late once that can be.

    The enterprise whose clerk the visitor may be, and what the silent ones owe, are left open.
    """
    rng, start = dice(2), TODAY * DAY
    elapsed = now - start
    if elapsed <= 1:
        return {}
    makers = list(makers)
    able = [m.number for m in makers if m.part not in {"never", "stale", "clerk"}]
    wanted = rng.sample(able, len(makers) * TODAY_PERCENT // 100)
    late = LATE_TODAY if elapsed > CUT_OFF + 600 else 0
    opened = min(elapsed // 2, 8 * HOUR)
    closed = min(elapsed, CUT_OFF)
    found = {}
    for place, number in enumerate(wanted):
        share = max(rng.random(), rng.random())
        first, last = (CUT_OFF, elapsed) if place < late else (opened, closed)
        found[number, TODAY] = Filing((start + first + int((last - first) * share * 0.999),))
    return found


def _silences(rng: Random, makers: list[Maker]) -> set[tuple[int, int]]:
    """(Enterprise, day) for which nothing is ever filed."""
    spans = {"exempted": EXEMPTION, "week": WEEK, "stale": range(SILENT_SINCE, LAST + 1), "never": range(LAST + 1)}
    silent = {(m.number, day) for m in makers if m.part in spans for day in spans[m.part]}
    free = [m for m in makers if m.part == ""]
    for m in rng.sample([m for m in free if m.joins < MIDDLE - 4 and m.quiet(MIDDLE - 3, MIDDLE)], CARRIED_AT_MIDDLE):
        silent.add((m.number, MIDDLE))
    settled = [m for m in free if m.lines and m.joins < LAST - 8 and m.quiet(LAST - 5, LAST)]
    masks = [m for m in settled if m.lines[0].product.startswith(MASKS)]
    chosen = rng.sample(masks, len(CARRIED_AT_LAST) - 1)
    chosen.append(rng.choice([m for m in settled if m not in masks]))
    for m, age in zip(chosen, CARRIED_AT_LAST, strict=True):
        silent |= {(m.number, LAST - back) for back in range(age)}
        silent.discard((m.number, LAST - age))
    for m in free:
        for day in range(m.joins + 1, LAST - 3):
            near = {(m.number, day + step) for step in (-1, 1, 2)} & silent
            if rng.random() < 0.022 and abs(day - MIDDLE) > 3 and not near:
                silent.add((m.number, day))
    return silent


def _late_at_last(rng: Random, makers: list[Maker], silent: set[tuple[int, int]]) -> set[int]:
    able = [m.number for m in makers if m.part == "" and (m.number, LAST) not in silent]
    return set(rng.sample(able, LATE_AT_LAST))


def _filing(rng: Random, maker: Maker, day: int, *, is_late: bool) -> Filing | None:
    """How a report comes in if it comes; the same number of draws whether it does or not."""
    chance, way, second, luck, extra = (rng.random() for _ in range(5))
    at = day * DAY + _on_time(rng)
    told = maker.part not in {"", "state_only"}
    machine = maker.part in {"four_machines", "five_lines"}
    is_next_day = False
    if day != LAST:
        is_next_day, is_late = not told and chance < 0.018, not told and 0.018 <= chance < 0.07
    if is_next_day and day not in (0, MIDDLE, maker.joins):
        at = (day + 1) * DAY + 8 * HOUR + int(3.2 * HOUR * way)
    elif is_late:
        at = day * DAY + CUT_OFF + int(4.5 * HOUR * way * way)
    elif machine:
        at = day * DAY + 17 * HOUR + 1800 + maker.number
    channel = "api" if machine else "web"
    if not told and not is_late and 0.4 <= chance < 0.404 and day > 2:
        channel = "on_behalf"
    moments: tuple[int, ...] = (at,)
    if second < 0.035 and channel == "web" and not machine:
        moments = (at, _again(day, at, luck))
    limited = extra < (0.09 if day < 24 else 0.03) and day not in (0, MIDDLE, LAST) and day not in HALT
    above = not limited and 0.5 <= extra < 0.504 and day > 20
    return Filing(moments, channel, limited, above)


def _on_time(rng: Random) -> int:
    """Seconds of the day before the cut-off: some in the morning, most in the last two hours."""
    part, share = rng.random(), rng.random()
    if part < 0.25:
        return int((8.5 + 3 * share) * HOUR)
    if part < 0.45:
        return int((13 + 3 * share) * HOUR)
    return int((16 + 1.99 * share**0.6) * HOUR)


def _again(day: int, at: int, luck: float) -> int:
    """When the second revision comes: soon after the first, the same evening, or the next morning."""
    evening = day * DAY + CUT_OFF + int((0.2 + 3 * luck) * HOUR)
    if luck < 0.45:
        return at + 300 + int(5000 * luck)
    if day == LAST or luck < 0.7:
        return max(evening, at + 600)
    return max((day + 1) * DAY + 9 * HOUR + int(HOUR * luck), at + 600)
