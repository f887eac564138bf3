"""Pure: which figures of a total would reveal single enterprises (R22)."""

from __future__ import annotations

from typing import Any


def revealing(cell: Any, least: int, *, output_given: int, shipped_given: int, utilised: int) -> frozenset[str]:
    """Names of the figures of a cell that fewer than `least` enterprises stand behind; empty for least 0.

    A part (carried, licensed) is also hidden when what is left of the whole would reveal. Over a period the three
    counts are those of the day with most contributors: no fewer enterprises can stand behind the sum of the days.
    """
    if not least:
        return frozenset()

    def few(count: int) -> bool:
        return count < least

    def part(count: int, whole: int) -> bool:
        return few(whole) or 0 < count < least or 0 < whole - count < least

    carried = min(cell.carried, cell.capacity_given)
    hidden = {
        "capacity": few(cell.capacity_given),
        "capacity_carried": part(carried, cell.capacity_given),
        "capacity_licensed": part(cell.licensed_given, cell.capacity_given),
        "output": few(output_given),
        "output_cumulative": few(cell.reported + cell.unexpected + cell.carried),
        "stock": few(cell.stock_given),
        "stock_carried": part(min(cell.carried, cell.stock_given), cell.stock_given),
        "shipped": few(shipped_given),
        "utilisation": few(utilised),
        "capacity_last_known_of_unreported": few(cell.unreported),
    }
    return frozenset(name for name, is_hidden in hidden.items() if is_hidden)
