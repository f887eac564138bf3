"""What a replay found: the comparisons with the truth, the delays, and the table that decides (no Django)."""

from __future__ import annotations

import bisect
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.proof.shape import Lines
from tests.proof.truth import COUNTS, FIGURES, Cell, Receipt, Truth

SHOWN = 5
"""Most examples named per goal that was missed."""

Stored = tuple[str, dt.date, int, Lines]
"""A revision as the product has it: credit code, day, number, figures in base units."""


@dataclass(frozen=True)
class Goal:
    """One promise: what must hold, what was found, whether it held, and examples where it did not."""

    name: str
    figure: str
    is_met: bool
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Acknowledged:
    """A submission that got its receipt, and when it was sent and answered (seconds of a monotonic clock)."""

    receipt: Receipt
    sent: float
    answered: float
    phase: str


@dataclass
class Seen:
    """What the watcher saw in the change feed, in the order of its versions; moments as in Acknowledged."""

    reports: dict[tuple[str, dt.date], list[tuple[int, int, float]]] = field(default_factory=lambda: defaultdict(list))
    days: dict[dt.date, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    frontier: list[tuple[float, int]] = field(default_factory=list)

    def included(self, one: Acknowledged) -> float | None:
        """When it was seen that the total of its day counts this revision; None = never.

        A report stands at version v when the drain has taken it; its day's total counts it once the day was computed at
        v or later. Versions seen before the submission was sent cannot mean it, though the feed describes heads.
        """
        at = bisect.bisect_left(self.frontier, (one.sent, 0)) - 1
        before = self.frontier[at][1] if at >= 0 else 0
        for revision, version, _ in self.reports.get((one.receipt.enterprise, one.receipt.day), ()):
            if revision >= one.receipt.revision and version > before:
                moments = [moment for v, moment in self.days.get(one.receipt.day, ()) if v >= version]
                return min(moments, default=None)
        return None


def kept(receipts: Iterable[Receipt], stored: Iterable[Stored]) -> Goal:
    """Every receipt is stored with its number and figures, once, and nothing else is."""
    have = Counter((enterprise, day, number) for enterprise, day, number, _ in stored)
    said = {(enterprise, day, number): lines for enterprise, day, number, lines in stored}
    owed = Counter((r.enterprise, r.day, r.revision) for r in receipts)
    faults = [f"lost: {one}" for one in owed if one not in have]
    faults += [f"stored but never acknowledged: {one}" for one in have if one not in owed]
    faults += [f"{n} times: {one}" for one, n in (*have.items(), *owed.items()) if n > 1]
    faults += [
        f"other figures: {(r.enterprise, r.day, r.revision)}"
        for r in receipts
        if said.get((r.enterprise, r.day, r.revision), r.lines) != r.lines
    ]
    figure = f"{len(owed)} receipts, {sum(have.values())} revisions stored, {len(faults)} faults"
    return Goal("nothing lost, nothing doubled", figure, not faults and bool(owed), tuple(faults))


def covered(truth: Truth, lists: Mapping[tuple[dt.date, str | None], Mapping[str, str]]) -> Goal:
    """The coverage lists, by (day, product; None = over all), equal the truth, plant by plant."""
    faults, states = [], 0
    for (day, product), listed in lists.items():
        expected = truth.coverage(day, product)
        states += len(expected)
        faults += [
            f"{day} {product or 'all'} {enterprise}: {listed.get(enterprise)} instead of {expected.get(enterprise)}"
            for enterprise in sorted(expected.keys() | listed.keys())
            if expected.get(enterprise) != listed.get(enterprise)
        ]
    figure = f"{len(lists)} lists, {states} states, {len(faults)} differ"
    return Goal("coverage lists equal the truth", figure, not faults and bool(states), tuple(faults))


def summed(truth: Truth, tables: Mapping[dt.date, Mapping[tuple[str, str], Cell]]) -> Goal:
    """The totals by day and (division, product) equal the truth, figure by figure."""
    faults, compared = [], 0
    for day, table in tables.items():
        expected = truth.totals(day)
        for key in sorted(expected.keys() | table.keys()):
            want, have = expected.get(key), table.get(key)
            if want is None or have is None:
                faults.append(f"{day} {key}: {'not expected' if want is None else 'missing'}")
                continue
            for name in (*COUNTS, *FIGURES):
                compared += 1
                if want[name] != have[name]:
                    faults.append(f"{day} {key} {name}: {have[name]} instead of {want[name]}")
    figure = f"{len(tables)} days, {compared} figures, {len(faults)} differ"
    return Goal("totals equal the truth", figure, not faults and bool(compared), tuple(faults))


def shares(values: Sequence[float]) -> str:
    """p50, p95, p99 and max of delays in seconds."""
    found = [f"p{share} {percentile(values, share):.2f}" for share in (50, 95, 99)]
    return f"{' '.join(found)} max {max(values, default=float('nan')):.2f} s"


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that at least `share` per cent do not exceed; not a number where there are none.

    >>> percentile([0.1, 0.2, 0.3, 4.0], 50), percentile([0.1, 0.2, 0.3, 4.0], 95)
    (0.2, 4.0)
    """
    ordered = sorted(values)
    return ordered[-(-len(ordered) * share // 100) - 1] if ordered else float("nan")


def quick(name: str, acknowledged: Sequence[Acknowledged], seen: Seen, *, limit: float) -> Goal:
    """p95 from receipt to the total of the day is below the limit (seconds), and every submission got there.

    What was in the total before its answer had come counts as no delay.
    """
    moments = [(one, seen.included(one)) for one in acknowledged]
    delays = [max(0.0, moment - one.answered) for one, moment in moments if moment is not None]
    missing = [f"never seen in a total: {one.receipt.enterprise} {one.receipt.day}" for one, m in moments if m is None]
    is_met = not missing and percentile(delays, 95) < limit
    return Goal(name, f"{shares(delays)} of {len(acknowledged)}, {len(missing)} not seen", is_met, tuple(missing))


def table(goals: Sequence[Goal], seed: int) -> str:
    """Goal, figure, seed and verdict, one line each; examples below those that were missed."""
    width, wide = (
        max(len(text) for text in column) for column in zip(*((g.name, g.figure) for g in goals), strict=True)
    )
    lines = [f"{'goal':<{width}} | {'figure':<{wide}} | seed | pass"]
    for goal in goals:
        lines.append(f"{goal.name:<{width}} | {goal.figure:<{wide}} | {seed:>4} | {'yes' if goal.is_met else 'NO'}")
        if not goal.is_met:
            lines += [f"    {fault}" for fault in goal.faults[:SHOWN]]
    return "\n".join(lines)


def exit_code(goals: Sequence[Goal]) -> int:
    """0 where there are goals and all are met, else 1."""
    return int(not goals or not all(goal.is_met for goal in goals))
