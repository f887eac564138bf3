"""How numbers, days and provenance are written: look.md's forms, exact to the last digit."""

from __future__ import annotations

import datetime as dt
import doctest
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplies.rules import display, moments, provenance, sparkline
from supplies.rules.provenance import Provenance

PIECE = 1000


@pytest.mark.parametrize("module", [display, moments, provenance, sparkline])
def test_worked_examples_hold(module):
    tried = doctest.testmod(module)
    assert tried.attempted > 0
    assert tried.failed == 0


@pytest.mark.parametrize(
    "amount, shown",
    [
        (0, "0"),
        (1, "0.001"),
        (434_470, "434.47"),
        (9_999 * PIECE, "9,999"),
        (10_000 * PIECE, "1万"),
        (10_499 * PIECE, "1万"),
        (10_500 * PIECE, "1.1万"),
        (25_400 * PIECE, "2.5万"),
        (6_946_000 * PIECE, "694.6万"),
        (8_650_000 * PIECE, "865万"),
        (99_999_499 * PIECE, "9,999.9万"),
        (99_999_500 * PIECE, "1亿"),
        (100_000_000 * PIECE, "1亿"),
        (180_000_000 * PIECE, "1.8亿"),
        (180_499_999 * PIECE, "1.8亿"),
        (180_500_000 * PIECE, "1.81亿"),
        (9_999_999_999 * PIECE, "100亿"),
        (None, "—"),
    ],
)
def test_shortens_from_ten_thousand_with_one_decimal_and_from_a_hundred_million_with_two(amount, shown):
    assert display.short(amount) == shown


def test_writes_a_missing_figure_as_a_dash_and_nought_as_nought():
    """R3: 0 is an answer, not given is not 0."""
    assert (display.full(None), display.full(0)) == ("—", "0")
    assert (display.signed(None), display.signed(0)) == ("—", "0")


def test_writes_a_change_with_its_sign_and_a_true_minus():
    assert display.signed(600 * PIECE) == "+600"
    assert display.signed(-12_000 * PIECE) == "\u22121.2万"


@pytest.mark.parametrize(
    "rate, shown",
    [
        (Decimal("0.9327"), "93.3%"),
        (Fraction(13, 16), "81.3%"),
        (Decimal("0"), "0.0%"),
        (1, "100.0%"),
        (Decimal("1.2345"), "123.5%"),
        (Fraction(1, 100_000), "0.0%"),
        (Fraction(-1, 100_000), "0.0%"),
        (Decimal("-0.05"), "\u22125.0%"),
        (None, "—"),
    ],
)
def test_writes_a_rate_with_one_decimal_unclamped_and_an_empty_one_as_a_dash(rate, shown):
    """R12, R12a."""
    assert display.percent(rate) == shown


def test_refuses_a_binary_float_as_a_rate():
    """R16: no binary floats on the way."""
    with pytest.raises(TypeError):
        display.percent(0.5)


def test_says_no_duty_where_nothing_is_expected():
    """R12: neither 0 nor 1."""
    assert display.coverage(0, 0) == "无义务"
    assert display.coverage(13, 16).startswith("81.3%")


@given(st.integers(min_value=-(10**16), max_value=10**16))
def test_the_full_form_loses_no_digit(amount):
    read = display.full(amount).replace(",", "").replace("\u2212", "-")
    assert Decimal(read) * 1000 == amount


@given(st.integers(min_value=0, max_value=10**16))
def test_the_short_form_is_off_by_at_most_half_its_last_step(amount):
    text = display.short(amount).replace(",", "")
    step, size = {"万": (1_000, 10_000), "亿": (1_000_000, 10**8)}.get(text[-1], (Decimal("0.001"), 1))
    value = Decimal(text.rstrip("万亿")) * size
    assert abs(value - Decimal(amount) / 1000) * 2 <= step


def test_counts_the_states_of_coverage():
    """R12: expected = reported + carried + stale + never; reported = on time + late."""
    prov = Provenance(on_time=91, late=6, carried=4, stale=1, never=2)
    assert (prov.expected, prov.reported, prov.unreported) == (104, 97, 7)


def test_keeps_the_order_of_states_and_leaves_out_those_that_do_not_occur():
    marks = [segment.mark for segment in Provenance(1, 2, 3, 4, 5).segments()]
    assert marks == ["rep", "late", "car", "sta", "mis"]
    assert [segment.word for segment in Provenance(1, 0, 0, 0, 5).segments()] == ["按时", "从未报"]


@given(st.lists(st.integers(min_value=0, max_value=5000), min_size=5, max_size=5))
def test_widths_are_proportional_and_never_nought(counts):
    prov = Provenance(*counts)
    for segment in prov.segments():
        assert segment.width >= 1
        assert abs(segment.width - provenance.WIDTH * segment.count / prov.expected) <= 1


def test_shows_moments_in_shanghai_whatever_they_came_in():
    """R1."""
    late_in_london = dt.datetime(2020, 3, 26, 17, 30, tzinfo=dt.UTC)
    assert moments.stamp(late_in_london, today=dt.date(2020, 3, 27)) == "3月27日 01:30"
    assert moments.clock(late_in_london, with_seconds=True) == "01:30:00"


def test_names_the_year_only_outside_the_current_one():
    day = dt.date(2020, 3, 27)
    assert moments.zh_day(day, today=dt.date(2020, 12, 31)) == "3月27日 周五"
    assert moments.zh_day(day, today=dt.date(2021, 1, 1)) == "2020年3月27日 周五"
    assert moments.zh_day(None, today=day) == "—"


def test_leaves_a_gap_in_a_line_where_a_day_is_missing():
    line = sparkline.draw([1, 2, None, 3, 4])
    assert len(line.lines) == 2
    assert line.end == tuple(line.lines[1].split(" ")[-1].split(","))


def test_a_line_stays_within_its_box():
    line = sparkline.draw([5, 10**15, 0, 7], width=92, height=26)
    points = [tuple(map(Decimal, point.split(","))) for point in line.lines[0].split(" ")]
    assert all(0 <= x <= 92 and 0 <= y <= 26 for x, y in points)
