"""Pure: rates and utilisations as numbers of four decimals (R12, R12a)."""

from __future__ import annotations

from decimal import Decimal


def ratio(part: int | None, whole: int | None) -> Decimal | None:
    """part / whole with four decimals, half even; None where nothing is there to divide by. Never clamped.

    >>> ratio(97, 104), ratio(1, 3), ratio(5, 4), ratio(0, 0), ratio(None, 3)
    (Decimal('0.9327'), Decimal('0.3333'), Decimal('1.2500'), None, None)
    >>> ratio(1, 20_000), ratio(3, 20_000)
    (Decimal('0.0000'), Decimal('0.0002'))
    """
    if part is None or not whole:
        return None
    steps, rest = divmod(part * 10_000, whole)
    if 2 * rest > whole or (2 * rest == whole and steps % 2):
        steps += 1
    return Decimal(steps).scaleb(-4)
