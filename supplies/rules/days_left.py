"""Pure: for how many days a stock lasts at the day's use."""

from __future__ import annotations


def days_left(stock: int | None, used: int | None) -> int | None:
    """Whole days, rounded down; None where either is not said or nothing is used.

    >>> days_left(700, 300), days_left(0, 300), days_left(700, 0), days_left(None, 300)
    (2, 0, None, None)
    """
    if stock is None or not used:
        return None
    return stock // used
