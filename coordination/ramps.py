"""Ramps: the course of a product group over days, as a drawing, a table and a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from coordination.overview import Column, Quantity, quantity
from supplies.rules.display import short
from supplies.rules.scales import Scale
from supplies.total_cells import Cell

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Ramp:
    """The course of capacity and output over days, in shown units, with what to say about it."""

    name: str
    unit: str
    days: int
    first: Quantity
    last: Quantity
    first_day: dt.date
    last_day: dt.date
    chart: dict[str, object]
    table: tuple[tuple[dt.date, Quantity, Quantity, Quantity], ...]


def ramp(course: Sequence[Cell], column: Column) -> Ramp | None:
    """The course as a chart and as a table; None where no capacity was ever given."""
    known = [cell for cell in course if cell.capacity is not None]
    if not known:
        return None
    scale = column.scale
    table = tuple(
        (c.day, quantity(c.capacity, scale), quantity(c.capacity_carried, scale), quantity(c.output, scale))
        for c in course
    )
    return Ramp(
        name=column.name,
        unit=column.scale.unit,
        days=(known[-1].day - known[0].day).days,
        first=quantity(known[0].capacity, column.scale),
        last=quantity(known[-1].capacity, column.scale),
        first_day=known[0].day,
        last_day=known[-1].day,
        chart={
            "days": [cell.day.isoformat() for cell in course],
            "capacity": [drawn(cell.capacity, column.scale) for cell in course],
            "carried": [drawn(cell.capacity_carried, column.scale) for cell in course],
            "output": [drawn(cell.output, column.scale) for cell in course],
            "unit": column.scale.unit,
            "milestones": milestones(known, column),
        },
        table=table,
    )


def drawn(exact: int | None, scale: Scale) -> float | None:
    """A quantity as the height of a mark: drawings need no exactness, sums never pass through here."""
    return None if exact is None else exact * scale.den / scale.num / 1000


def milestones(known: Sequence[Cell], column: Column) -> list[dict[str, str]]:
    """The first day, the first day above a round number on the way, and the last, with their numbers as words."""
    first, last = known[0], known[-1]
    wanted = {first.day: "首家 " if first.capacity_given == 1 else ""}
    step = round_number((last.capacity or 0) * 2 // 3)
    reached = next((c for c in known if step and (c.capacity or 0) >= step), None)
    if reached is not None and reached.day - first.day > 3 * DAY and last.day - reached.day > 3 * DAY:
        wanted[reached.day] = ""
    wanted[last.day] = ""
    by_day = {cell.day: cell for cell in known}
    found = []
    for day, before in wanted.items():
        amount, unit = column.scale.shown(by_day[day].capacity)
        found.append({"day": day.isoformat(), "title": f"{before}{short(amount)}{unit}"})
    return found


def round_number(most: int) -> int:
    """The largest of 1, 2, 5 times a power of ten that is not above.

    >>> round_number(5_766), round_number(19), round_number(0)
    (5000, 10, 0)
    """
    if most < 1:
        return 0
    power = int("1" + "0" * (len(str(most)) - 1))
    return max(n * power for n in (1, 2, 5) if n * power <= most)
