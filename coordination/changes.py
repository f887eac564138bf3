"""Changes: what moved a capacity from one day to the next, enterprise by enterprise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from coordination.overview import Column, Quantity, quantity
from supplies.sources import Source

MOST_CHANGES = 5


@dataclass(frozen=True)
class Change:
    """How much one enterprise moved the sum, and in which way."""

    name: str
    uscc: str
    division_name: str
    word: str
    amount: Quantity


@dataclass(frozen=True)
class Changes:
    """The largest changes, the rest of them as one line, and their sum."""

    rows: tuple[Change, ...]
    rest_count: int
    rest: Quantity
    total: Quantity
    adds_up: bool


def changes(before: Iterable[Source], after: Iterable[Source], column: Column, total: int) -> Changes:
    """Enterprise by enterprise: largest changes first, the others as one line. `adds_up` says that the lines are the total."""
    sums: dict[str, dict[int, int]] = {"before": defaultdict(int), "after": defaultdict(int)}
    who: dict[int, Source] = {}
    for when, found in (("before", before), ("after", after)):
        for source in found:
            if source.counts and source.capacity is not None and source.product_id in column.products:
                sums[when][source.enterprise_id] += source.capacity
                who[source.enterprise_id] = source
    steps = {e: sums["after"].get(e, 0) - sums["before"].get(e, 0) for e in who}
    order = sorted((e for e, step in steps.items() if step), key=lambda e: (-abs(steps[e]), who[e].name))
    top, rest = order[:MOST_CHANGES], order[MOST_CHANGES:]
    rows = tuple(
        Change(
            who[e].name,
            who[e].uscc,
            who[e].division_name,
            word(e, sums["before"].keys(), sums["after"].keys()),
            quantity(steps[e], column.scale),
        )
        for e in top
    )
    rest_sum = sum(steps[e] for e in rest)
    return Changes(
        rows=rows,
        rest_count=len(rest),
        rest=quantity(rest_sum, column.scale),
        total=quantity(total, column.scale),
        adds_up=sum(steps.values()) == total,
    )


def word(enterprise: int, before: Collection[int], after: Collection[int]) -> str:
    """What happened, beyond a change of the figure."""
    if enterprise not in before:
        return "新计入"
    return "不再计入" if enterprise not in after else ""
