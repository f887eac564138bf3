"""Pure: what consecutive reports of one enterprise say about their own quality."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supplies.rules.plausibility import unbalanced

A_DAY = dt.timedelta(days=1)
RECURRING = 3
"""The same question about the same figure on so many days of the period recurs."""


@dataclass(frozen=True)
class Said:
    """A report's line about one product, thousandths of the base unit; None = not given. `makes` = goods, not material."""

    capacity: int | None = None
    output: int | None = None
    stock: int | None = None
    shipped: int | None = None
    received: int | None = None
    used: int | None = None
    makes: bool = True

    @property
    def figures(self) -> tuple[int | None, ...]:
        return (self.capacity, self.output, self.stock, self.shipped, self.received, self.used)


Lines = Mapping[str, Said]


def is_copy(now: Lines, before: Lines) -> bool:
    """Whether a report repeats every figure of the one before, and gave any that is not nought.

    >>> is_copy({"X": Said(5, 4)}, {"X": Said(5, 4)}), is_copy({"X": Said(5, 0)}, {"X": Said(5, 4)}), is_copy({}, {})
    (True, False, False)
    """
    said = {product: line.figures for product, line in now.items()}
    return any(any(figures) for figures in said.values()) and said == {p: line.figures for p, line in before.items()}


def is_unbalanced(now: Said, before: Said) -> bool:
    """Whether today's stock does not follow from yesterday's, as the questions at entry judge it (R20).

    Goods: yesterday's stock + output - shipped. Materials: yesterday's stock + received - used.

    >>> is_unbalanced(Said(output=10, stock=105, shipped=5), Said(stock=100))
    False
    >>> is_unbalanced(Said(stock=60, received=20, used=50, makes=False), Said(stock=100)), is_unbalanced(Said(), Said())
    (True, False)
    """
    gained, lost = (now.output, now.shipped) if now.makes else (now.received, now.used)
    return unbalanced(now.stock, before.stock, gained, lost) is not None


def longest(flags: Sequence[bool]) -> int:
    """The longest run of True.

    >>> longest([True, True, False, True]), longest([])
    (2, 0)
    """
    best = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best
