"""Who is on duty, and where a roster has holes or names two."""

from __future__ import annotations

import datetime as dt

from coordination.rules.duty import Watch, gaps, on_duty, overlaps, slots

DAY = dt.date(2026, 11, 30)


def h(hour: int) -> dt.datetime:
    return dt.datetime.combine(DAY, dt.time(), dt.UTC) + dt.timedelta(hours=hour)


def test_a_is_asked_before_b_and_whoever_is_away_is_skipped() -> None:
    rows = [Watch("A", "甲", h(8), h(20)), Watch("B", "乙", h(8), h(20)), Watch("A", "丙", h(20), h(32))]
    assert on_duty(rows, h(8)).who == "甲"
    assert on_duty(rows, h(19), away={"甲"}).who == "乙"
    assert on_duty(rows, h(20)).who == "丙"  # half-open: at eight in the evening the next one has it
    assert on_duty(rows, h(19), away={"甲", "乙"}) is None
    assert on_duty(rows, h(7)) is None


def test_of_two_for_a_part_the_one_who_began_last_is_asked() -> None:
    rows = [Watch("A", "甲", h(8), h(20), 1), Watch("A", "乙", h(12), h(20), 2), Watch("A", "丙", h(12), h(14), 3)]
    assert [on_duty(rows, h(at)).who for at in (9, 13, 15)] == ["甲", "丙", "乙"]


def test_gaps_are_what_neither_part_covers() -> None:
    rows = [Watch("A", "甲", h(8), h(12)), Watch("B", "乙", h(10), h(16)), Watch("A", "丙", h(20), h(40))]
    assert gaps(rows, h(6), h(32)) == [(h(6), h(8)), (h(16), h(20))]
    assert gaps([], h(0), h(1)) == [(h(0), h(1))]
    assert gaps(rows, h(9), h(15)) == []


def test_overlaps_are_told_by_part() -> None:
    rows = [Watch("A", "甲", h(8), h(20)), Watch("A", "乙", h(18), h(30)), Watch("B", "丙", h(8), h(30))]
    assert [(o.part, o.starts_at, o.ends_at, o.who) for o in overlaps(rows)] == [("A", h(18), h(20), ("甲", "乙"))]


def test_the_shifts_of_a_day_fit_end_to_end_into_the_next_day() -> None:
    for count in (1, 2, 3):
        spans = slots(DAY, count, dt.UTC)
        assert [a for a, _ in spans[1:]] == [b for _, b in spans[:-1]]
        assert (spans[0][0], spans[-1][1]) == (h(8), h(32))
