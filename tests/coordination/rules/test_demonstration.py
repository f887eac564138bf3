"""The story of the demonstration city as pure data."""

from __future__ import annotations

from collections import Counter

import pytest
from stdnum.cn import uscc

from coordination.rules.demonstration import LAST, MIDDLE, TODAY, names
from coordination.rules.demonstration.figures import as_first_filed, course
from coordination.rules.demonstration.filings import CUT_OFF, DAY, END, filings, living_day
from coordination.rules.demonstration.licences import licences
from coordination.rules.demonstration.makers import LAST_CAPACITY, MASKS, MIDDLE_CAPACITY, SUITS, makers, part

REAL = "恒安 美佳爽 晓峰 洁雅 七匹狼 汉威 德林 康动力 华康 赛远 纳通 长城 川东 盛威"


@pytest.mark.parametrize("kind", [MASKS, SUITS])
def test_lines_reach_the_published_capacity_to_the_piece(kind: str) -> None:
    def planned(day: int, without: set[str]) -> int:
        told = [m for m in makers() if m.part not in {"never", *without}]
        return sum(m.rated(p, day) for m in told for p in m.products if p.startswith(kind))

    assert planned(MIDDLE, set()) == MIDDLE_CAPACITY[kind]
    assert planned(LAST, {"stale"}) == LAST_CAPACITY[kind]


def test_104_enterprises_stand_in_13_units_and_bear_nobodys_name() -> None:
    assert Counter(m.division for m in makers()) == names.SHARES
    assert len({m.name for m in makers()}) == len({m.brand for m in makers()}) == 104
    assert not [m.name for m in makers() if any(word in m.name for word in REAL.split())]
    assert all(uscc.is_valid(m.uscc) and m.uscc.startswith("919999") for m in makers())


def test_the_story_is_filed_before_it_ends_and_no_report_before_its_day() -> None:
    found = filings(makers())
    for (_, day), filing in found.items():
        assert day * DAY <= filing.received < END
        assert list(filing.moments) == sorted(set(filing.moments))
        assert filing.moments[-1] < END
    late = [day for (_, day), f in found.items() if f.received >= day * DAY + CUT_OFF]
    assert 0.02 < len(late) / len(found) < 0.12


def test_one_is_missing_for_a_week_and_one_has_fallen_silent() -> None:
    found = filings(makers())
    week, stale = part("week").number, part("stale").number
    assert [d for d in range(part("week").joins, LAST + 1) if (week, d) not in found] == list(range(38, 45))
    assert max(d for number, d in found if number == stale) == LAST - 6


@pytest.mark.parametrize("hour, late", [(0.5, 0), (7, 0), (17.9, 0), (21, 5)])
def test_the_living_day_stops_at_the_moment_it_is_seen_from(hour: float, late: int) -> None:
    now = TODAY * DAY + int(hour * 3600)
    found = living_day(makers(), now)
    assert len(found) == 62
    assert all(TODAY * DAY <= f.received < now for f in found.values())
    assert sum(f.received >= TODAY * DAY + CUT_OFF for f in found.values()) == late
    assert (part("clerk").number, TODAY) not in found


def test_nothing_has_come_in_at_midnight() -> None:
    assert living_day(makers(), TODAY * DAY) == {}


def test_the_living_day_leaves_the_figures_of_the_story_alone() -> None:
    found = filings(makers())
    once = course(makers(), found).figures
    again = course(makers(), {**found, **living_day(makers(), TODAY * DAY + 70_000)}).figures
    assert once == again


def test_corrections_leave_the_last_figures_as_they_are() -> None:
    told, clerk = course(makers(), filings(makers())), part("clerk")
    right = told.of(clerk, LAST)
    first = as_first_filed(right, clerk.number, LAST)
    assert set(right) == set(first) == {"MASK_DISP", "MASK_CIVIL"}
    assert right != first
    assert told.of(clerk, LAST) == right


def test_most_hold_a_certificate_some_are_pending_some_have_run_out() -> None:
    found = licences(makers())
    holders = {one.maker for one in found if one.status == "valid" and one.valid_to >= LAST}
    assert 53 <= len(holders) <= 80
    assert sum(one.status == "pending" for one in found) >= 3
    assert sum(one.valid_to < LAST for one in found) >= 3
    assert len({one.number for one in found}) == len(found)
