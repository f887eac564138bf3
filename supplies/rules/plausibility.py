"""Pure: what is odd about the figures of a day, held against an enterprise's own earlier ones (R20).

Figures are thousandths of the base unit; None = not given. Comparisons are exact: nothing is divided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from supplies.choices import Measure, QuestionCode

ENOUGH, MOST = 3, 7
"""Fewest and most earlier values that a figure is held against."""
HELD, ODD = 100, 8
"""From these ratios on a figure is held back, or asked about."""
STREAK = 7
"""Days on which output and stock have been the same when it is asked about."""
SLIPS = (10_000, 1_000, 100, 100_000_000)
"""Factors by which figures slip, the likeliest first: 个 and 万个, 千, 百, 亿."""

Amounts = Mapping[str, int | None]


@dataclass(frozen=True)
class Past:
    """What counted reports say about one product before the day.

    `values`: per measure the latest values given, newest first. `days`: the lines of the days before, yesterday first,
    as far as each day has a counted report that was no halt and has the product; the first gap ends them.
    `yesterday_stock`: of yesterday's counted report, halt or not.
    """

    values: Mapping[str, Sequence[int]] = field(default_factory=dict)
    days: Sequence[Amounts] = ()
    yesterday_stock: int | None = None


@dataclass(frozen=True)
class Oddity:
    """One question: the figure seen, what it was held against, and the likely value where a slip explains it."""

    product: str
    measure: str
    code: str
    seen: int
    expected: int | None = None
    proposed: int | None = None

    @property
    def is_held(self) -> bool:
        return self.code == QuestionCode.MAGNITUDE


def oddities(product: str, said: Amounts, past: Past, *, is_halted: bool) -> list[Oddity]:
    """Questions about one line, in the order of the measures.

    >>> past = Past(values={"capacity": (480_000_000, 500_000_000, 470_000_000)})
    >>> [(o.code, o.proposed) for o in oddities("MASK_SURG", {"capacity": 48_000}, past, is_halted=False)]
    [('magnitude', 480000000)]
    """
    found: list[Oddity] = []
    for measure in Measure.values:
        seen = said.get(measure)
        if seen:
            found += _against_median(product, measure, seen, past.values.get(measure, ())[:MOST])
    output, capacity = said.get(Measure.OUTPUT), said.get(Measure.CAPACITY)
    if output is not None and capacity is not None and output > capacity:
        found.append(Oddity(product, Measure.OUTPUT.value, QuestionCode.OVER_CAPACITY.value, output, capacity))
    found += _balance(product, said, past)
    if output is not None and not is_halted and _is_unchanged(said, past):
        found.append(Oddity(product, Measure.OUTPUT.value, QuestionCode.UNCHANGED.value, output))
    order = list(Measure.values)
    return sorted(found, key=lambda oddity: order.index(oddity.measure))


def twice_median(values: Sequence[int]) -> int:
    """Two times the median, which is whole for any number of values.

    >>> twice_median([3, 1, 2]), twice_median([4, 1, 2, 3])
    (4, 5)
    """
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] * 2 if len(values) % 2 else ordered[middle - 1] + ordered[middle]


def _against_median(product: str, measure: str, seen: int, values: Sequence[int]) -> Iterator[Oddity]:
    if len(values) < ENOUGH:
        return
    twice = twice_median(values)
    if not twice:
        return
    if _is_off(seen, twice, HELD):
        yield Oddity(product, measure, QuestionCode.MAGNITUDE.value, seen, twice // 2, likely(seen, twice))
    elif _is_off(seen, twice, ODD):
        yield Oddity(product, measure, QuestionCode.JUMP.value, seen, twice // 2)


def _is_off(seen: int, twice: int, ratio: int) -> bool:
    """Whether the figure is `ratio` times the median or more, or that part of it or less."""
    return 2 * seen >= ratio * twice or 2 * seen * ratio <= twice


def likely(seen: int, twice: int) -> int | None:
    """The value that was meant, if one usual slip brings it near the median; None where none does.

    >>> likely(48_000, 2 * 500_000_000), likely(480_000_000, 2 * 50_000), likely(1_000, 2 * 10**13)
    (480000000, 48000, None)
    """
    for factor in SLIPS:
        if 2 * seen < twice:
            meant, rest = seen * factor, 0
        else:
            meant, rest = divmod(seen, factor)
        if not rest and not _is_off(meant, twice, ODD):
            return meant
    return None


def _balance(product: str, said: Amounts, past: Past) -> Iterator[Oddity]:
    """Stock off from yesterday's stock + output - shipped by more than 2 % of that sum; only where all four are given."""
    stock, output, shipped = (said.get(m) for m in (Measure.STOCK, Measure.OUTPUT, Measure.SHIPPED))
    expected = unbalanced(stock, past.yesterday_stock, output, shipped)
    if stock is not None and expected is not None:
        yield Oddity(product, Measure.STOCK.value, QuestionCode.BALANCE.value, stock, expected)


def unbalanced(stock: int | None, yesterday: int | None, gained: int | None, lost: int | None) -> int | None:
    """What the stock should be, where it is off by more than 2 % of that; None where it is not, or one is not given.

    >>> unbalanced(104, 100, 10, 5), unbalanced(90, 100, 10, 5), unbalanced(90, None, 10, 5)
    (None, 105, None)
    """
    if stock is None or yesterday is None or gained is None or lost is None:
        return None
    expected = yesterday + gained - lost
    return expected if abs(stock - expected) * 50 > abs(expected) else None


def _is_unchanged(said: Amounts, past: Past) -> bool:
    """Whether the day is the 7th on which output and stock are the same, and neither is zero."""

    def figures(line: Amounts) -> tuple[int | None, int | None]:
        return line.get(Measure.OUTPUT), line.get(Measure.STOCK)

    mine, streak = figures(said), 1
    if not mine[0] or not mine[1]:
        return False
    for day in past.days[:STREAK]:
        if figures(day) != mine:
            break
        streak += 1
    return streak == STREAK
