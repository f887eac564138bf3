"""The replay's own judgement: a tiny history passes, and each planted error makes it fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from tests.proof.findings import Acknowledged, Goal, Seen, covered, exit_code, kept, quick, summed, table
from tests.proof.shape import PEAK, Shape
from tests.proof.truth import Cell, Member, Receipt, Truth

FIRST = dt.date(2020, 3, 1)
HERE = dt.timezone(dt.timedelta(hours=8))
LINE = {"MASK_SURG": (10, 8, 30, 7)}
MEMBERS = {name: Member("999901", ("MASK_SURG",)) for name in "abcd"}


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def noon(number: int) -> dt.datetime:
    return dt.datetime.combine(day(number), dt.time(12), HERE)


def receipt(name: str, number: int, *, revision: int = 1, hours: float = -1, output: int = 8) -> Receipt:
    moment = noon(number) + dt.timedelta(hours=hours)
    return Receipt(name, day(number), revision, moment, {"MASK_SURG": (10, output, 30, 7)})


RECEIPTS = [
    receipt("a", 0),
    receipt("a", 5),
    receipt("a", 5, revision=2, hours=3, output=9),
    receipt("b", 2),
    receipt("b", 5, hours=0),
    receipt("c", 2),
]


def truth(receipts: list[Receipt]) -> Truth:
    return Truth(MEMBERS, receipts, {("999901", day(n)): noon(n) for n in range(12)})


def stored(receipts: list[Receipt]) -> list[tuple[str, dt.date, int, dict[str, tuple[int, int, int, int]]]]:
    return [(r.enterprise, r.day, r.revision, r.lines) for r in receipts]


def test_the_truth_follows_the_rules() -> None:
    """R4: noon itself is late, and a later revision spoils nothing; R10, R12: three days carry, the fourth is stale."""
    found = truth(RECEIPTS)
    assert found.coverage(day(5)) == {"a": "on_time", "b": "late", "c": "carried", "d": "never"}
    assert found.coverage(day(6))["c"] == "stale"
    assert found.totals(day(5)) == {
        ("999901", "MASK_SURG"): {
            "expected": 4, "reported": 2, "on_time": 1, "late": 1, "carried": 1, "stale": 0, "never": 1, "unexpected": 0,
            "capacity": 30, "capacity_carried": 10, "output": 17, "stock": 90, "shipped": 14,
            "capacity_last_known_of_unreported": 10,
        }
    }  # fmt: skip


def goals(product: list[Receipt]) -> Iterator[Goal]:
    """The goals where the client holds RECEIPTS, and the product would be right about those it has."""
    ours, theirs = truth(RECEIPTS), truth(product)
    tables: dict[dt.date, dict[tuple[str, str], Cell]] = {day(n): theirs.totals(day(n)) for n in range(9)}
    yield kept(RECEIPTS, stored(product))
    yield covered(ours, {(day(n), None): theirs.coverage(day(n)) for n in range(9)})
    yield summed(ours, tables)


def test_a_product_that_is_right_meets_every_goal() -> None:
    found = list(goals(RECEIPTS))
    assert [goal.faults for goal in found] == [(), (), ()]
    assert exit_code(found) == 0
    assert "NO" not in table(found, 7)


@pytest.mark.parametrize("lost", [n for n, one in enumerate(RECEIPTS) if one.revision == 1 and one.enterprise != "a"])
def test_one_lost_report_fails_the_replay(lost: int) -> None:
    found = list(goals(RECEIPTS[:lost] + RECEIPTS[lost + 1 :]))
    assert [goal.is_met for goal in found] == [False, False, False]
    assert exit_code(found) == 1
    assert "NO" in table(found, 7)


def test_a_lost_revision_fails_though_coverage_is_the_same() -> None:
    found = list(goals([one for one in RECEIPTS if one.revision == 1]))
    assert [goal.is_met for goal in found] == [False, True, False]
    assert exit_code(found) == 1


@pytest.mark.parametrize("planted", [RECEIPTS[0], receipt("d", 3), receipt("a", 0, revision=2)])
def test_what_is_stored_twice_or_without_receipt_fails(planted: Receipt) -> None:
    assert not kept(RECEIPTS, stored([*RECEIPTS, planted])).is_met


def test_other_figures_fail() -> None:
    changed = [receipt("a", 0, output=80), *RECEIPTS[1:]]
    assert kept(RECEIPTS, stored(changed)).faults == (f"other figures: {('a', FIRST, 1)}",)


def test_nothing_compared_is_no_proof() -> None:
    empty = truth([])
    assert not any(goal.is_met for goal in (kept([], []), covered(empty, {}), summed(empty, {})))
    assert exit_code([]) == 1


def test_a_delay_counts_until_the_total_of_the_day_holds_the_report() -> None:
    """The feed names the report at version 4; its day was computed at 3 before, and at 5 after that."""
    seen = Seen()
    one = Acknowledged(RECEIPTS[0], sent=9.5, answered=10.0, phase="live")
    seen.frontier.append((9.0, 3))
    seen.days[FIRST] += [(3, 9.0), (5, 12.5)]
    assert not quick("p95", [one], seen, limit=2).is_met
    seen.reports["a", FIRST].append((1, 4, 11.0))
    assert seen.included(one) == 12.5
    assert not quick("p95", [one], seen, limit=2).is_met
    assert quick("p95", [one], seen, limit=3).is_met


def test_the_shape_is_that_of_real_reporting() -> None:
    shape = Shape(seed=7, plants=400, days=20)
    days = list(shape.arrivals())
    filed = sum(len(one.morning) + len(one.afternoon) for one in days)
    assert abs(shape.copied / shape.values - 0.87) < 0.01
    assert abs(filed / (400 * 20) - 2 / 3) < 0.04
    assert abs(sum(len(one.afternoon) for one in days) / filed - 1 / 3) < 0.03
    assert all(one.peak + PEAK <= len(one.morning) for one in days)
    assert len({filing.day for filing in days[13].corrections}) > 10
    assert [one.morning for one in Shape(seed=7, plants=400, days=20).arrivals()] == [one.morning for one in days]
