"""R20: what is held, what is asked, what is let be; each boundary with its nearest neighbour."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from supplies.rules.plausibility import Past, likely, oddities, twice_median

MASK = "MASK_SURG"
MEDIAN = 480_000_000


def codes(said, past, *, is_halted=False):
    return [(one.measure, one.code) for one in oddities(MASK, said, past, is_halted=is_halted)]


def against(*values, measure="capacity"):
    return Past(values={measure: values})


def verdict(seen, *values, measure="capacity"):
    return [code for _, code in codes({measure: seen}, against(*values, measure=measure))]


class TestMagnitudeAndJump:
    @pytest.mark.parametrize(
        "seen, found",
        [
            (MEDIAN * 100, ["magnitude"]),
            (MEDIAN * 100 - 1, ["jump"]),
            (MEDIAN * 8, ["jump"]),
            (MEDIAN * 8 - 1, []),
            (MEDIAN, []),
            (MEDIAN // 8 + 1, []),
            (MEDIAN // 8, ["jump"]),
            (MEDIAN // 100 + 1, ["jump"]),
            (MEDIAN // 100, ["magnitude"]),
            (1, ["magnitude"]),
        ],
    )
    @pytest.mark.parametrize("measure", ["capacity", "output", "stock", "shipped", "received", "used"])
    def test_r20_both_ratios_are_met_exactly_and_missed_by_a_thousandth(self, seen, found, measure):
        assert verdict(seen, MEDIAN, MEDIAN, MEDIAN, measure=measure) == found

    def test_r20_two_values_are_too_few_and_three_are_enough(self):
        assert verdict(MEDIAN * 100, MEDIAN, MEDIAN) == []
        assert verdict(MEDIAN * 100, MEDIAN, MEDIAN, MEDIAN) == ["magnitude"]

    def test_r20_of_an_even_number_the_median_lies_between_the_middle_two(self):
        assert twice_median([10, 20, 31, 40]) == 51
        assert verdict(2550, 10, 20, 31, 40) == ["magnitude"]
        assert verdict(2549, 10, 20, 31, 40) == ["jump"]
        assert verdict(204, 10, 20, 31, 40) == ["jump"]
        assert verdict(203, 10, 20, 31, 40) == []

    def test_r20_only_the_seven_latest_count(self):
        assert verdict(1_000, *[1_000] * 4, *[1_000_000] * 3, *[1_000_000] * 50) == []
        assert verdict(1_000, *[1_000] * 3, *[1_000_000] * 4, *[1_000] * 50) == ["magnitude"]

    def test_r20_a_zero_is_neither_held_nor_a_jump(self):
        assert verdict(0, MEDIAN, MEDIAN, MEDIAN) == []

    def test_r20_zeros_in_the_history_pull_the_median_and_a_median_of_zero_judges_nothing(self):
        assert verdict(MEDIAN, 0, 0, 1_000) == []
        assert verdict(MEDIAN, 0, 0, 1_000, 1_000) == ["magnitude"]
        assert verdict(MEDIAN, 0, MEDIAN, MEDIAN) == []

    def test_r20_what_is_not_given_is_not_judged(self):
        assert codes({"capacity": None}, against(MEDIAN, MEDIAN, MEDIAN)) == []
        assert codes({}, against(MEDIAN, MEDIAN, MEDIAN)) == []

    def test_r20_each_measure_is_judged_alone(self):
        past = Past(values={"capacity": [MEDIAN] * 3, "stock": [MEDIAN] * 2})
        assert codes({"capacity": MEDIAN * 9, "stock": MEDIAN * 9}, past) == [("capacity", "jump")]

    def test_r20_over_random_figures_the_ratio_to_the_true_median_decides(self):
        rng = random.Random(20)
        for _ in range(5_000):
            values = [rng.choice([0, rng.randint(1, 9), rng.randint(1, 10**9)]) for _ in range(rng.randint(0, 9))]
            ordered = sorted(values[:7])
            median = Fraction(0)
            if ordered:
                middle = len(ordered) // 2
                low = ordered[middle] if len(ordered) % 2 else ordered[middle - 1]
                median = Fraction(low + ordered[middle], 2)
            seen = rng.choice([0, rng.randint(1, 99), int(median * rng.choice([8, 100])), int(median / 8), 10**9])
            expected = []
            if len(ordered) >= 3 and median and seen:
                ratio = max(Fraction(seen) / median, median / seen)
                expected = ["magnitude"] if ratio >= 100 else ["jump"] if ratio >= 8 else []
            assert verdict(seen, *values) == expected, (seen, values)


class TestTheLikelyValue:
    @pytest.mark.parametrize(
        "seen, meant",
        [
            (48_000, 480_000_000),
            (4_800_000_000_000, 480_000_000),
            (480_000, 480_000_000),
            (4_800_000, 480_000_000),
            (480_000_000_000, 480_000_000),
            (48_000_000_000, 480_000_000),
        ],
    )
    def test_r20_48_where_48万_was_meant_and_other_slips(self, seen, meant):
        assert likely(seen, 2 * 500_000_000) == meant

    def test_r20_no_slip_explains_it(self):
        assert likely(1, 2 * 10**15) is None

    def test_r20_what_does_not_come_out_evenly_is_not_proposed(self):
        assert likely(4_800_000_000_001, 2 * 500_000_000) is None

    def test_r20_a_proposal_would_itself_raise_no_question_about_its_size(self):
        rng = random.Random(48)
        proposed = 0
        for _ in range(3_000):
            median = rng.randint(1, 10**10)
            meant = median * rng.randint(50, 200) // 100
            slip = rng.choice([100, 1_000, 10_000, 10**8])
            seen = rng.choice([meant * slip, max(1, meant // slip), rng.randint(1, 10**13)])
            found = oddities(MASK, {"output": seen}, against(median, median, median, measure="output"), is_halted=False)
            for one in found:
                if one.proposed is not None:
                    proposed += 1
                    assert verdict(one.proposed, median, median, median) == []
                    assert (one.code, one.seen, one.expected) == ("magnitude", seen, median)
        assert proposed > 100


class TestOverCapacity:
    def test_r20_output_above_capacity_by_a_thousandth(self):
        assert codes({"capacity": 100, "output": 101}, Past()) == [("output", "over_capacity")]
        assert codes({"capacity": 100, "output": 100}, Past()) == []

    def test_r20_needs_both(self):
        assert codes({"output": 101}, Past()) == codes({"capacity": 1}, Past()) == []
        assert codes({"capacity": 0, "output": 1}, Past()) == [("output", "over_capacity")]


class TestBalance:
    """Yesterday's stock 1000 + output 500 - shipped 500 = 1000 expected; 2 % of it are 20."""

    SAID = {"output": 500, "shipped": 500}

    @pytest.mark.parametrize("stock, is_asked", [(1020, False), (1021, True), (980, False), (979, True), (1000, False)])
    def test_r20_more_than_two_percent_of_the_expected_sum(self, stock, is_asked):
        found = codes({**self.SAID, "stock": stock}, Past(yesterday_stock=1000))
        assert found == ([("stock", "balance")] if is_asked else [])

    @pytest.mark.parametrize("missing", ["output", "shipped", "stock"])
    def test_r20_only_where_all_four_are_given(self, missing):
        said = {**self.SAID, "stock": 5000, missing: None}
        assert codes(said, Past(yesterday_stock=1000)) == []
        assert codes({**self.SAID, "stock": 5000}, Past(yesterday_stock=None)) == []

    def test_r20_a_stock_of_zero_was_given(self):
        assert codes({"output": 0, "shipped": 0, "stock": 1}, Past(yesterday_stock=0)) == [("stock", "balance")]
        assert codes({"output": 0, "shipped": 0, "stock": 0}, Past(yesterday_stock=0)) == []

    def test_r20_shipping_more_than_there_was_is_asked_about(self):
        said = {"output": 0, "shipped": 1500, "stock": 0}
        found = oddities(MASK, said, Past(yesterday_stock=1000), is_halted=False)
        assert [(one.code, one.seen, one.expected) for one in found] == [("balance", 0, -500)]

    def test_r20_a_negative_sum_allows_two_percent_of_its_size(self):
        assert codes({"output": 0, "shipped": 2000, "stock": 0}, Past(yesterday_stock=1000)) == [("stock", "balance")]


class TestUnchanged:
    SAID = {"output": 5_000, "stock": 7_000, "capacity": 9_000}
    QUESTION = [("output", "unchanged")]

    def days(self, *back):
        return Past(days=[{"output": output, "stock": stock} for output, stock in back])

    def same(self, count, *older):
        return self.days(*[(5_000, 7_000)] * count, *older)

    @pytest.mark.parametrize("days_before, is_asked", [(0, False), (5, False), (6, True), (7, False), (8, False)])
    def test_r20_on_the_seventh_day_and_once_in_a_streak(self, days_before, is_asked):
        assert codes(self.SAID, self.same(days_before)) == (self.QUESTION if is_asked else [])

    def test_r20_another_figure_before_the_six_leaves_the_day_the_seventh(self):
        assert codes(self.SAID, self.same(6, (5_001, 7_000))) == self.QUESTION

    @pytest.mark.parametrize("other", [(5_001, 7_000), (5_000, 7_001), (None, 7_000), (5_000, None)])
    @pytest.mark.parametrize("at", range(6))
    def test_r20_one_other_day_within_breaks_it(self, at, other):
        days = [(5_000, 7_000)] * 6
        days[at] = other
        assert codes(self.SAID, self.days(*days)) == []

    @pytest.mark.parametrize("zero", ["output", "stock"])
    def test_r20_never_for_zeros(self, zero):
        said = {**self.SAID, zero: 0}
        assert codes(said, self.days(*[(said["output"], said["stock"])] * 6)) == []

    @pytest.mark.parametrize("missing", ["output", "stock"])
    def test_r20_never_for_what_is_not_given(self, missing):
        said = {**self.SAID, missing: None}
        assert codes(said, self.days(*[(said["output"], said["stock"])] * 6)) == []

    def test_r20_never_for_a_halt(self):
        assert codes(self.SAID, self.same(6), is_halted=True) == []

    def test_r20_capacity_may_stay_or_change(self):
        assert codes({**self.SAID, "capacity": 9_001}, self.same(6)) == self.QUESTION


def test_r20_questions_come_in_the_order_of_the_measures():
    past = Past(values={"capacity": [10] * 3, "shipped": [10] * 3}, yesterday_stock=10)
    found = codes({"capacity": 90, "output": 100, "stock": 10, "shipped": 90}, past)
    assert found == [("capacity", "jump"), ("output", "over_capacity"), ("stock", "balance"), ("shipped", "jump")]
