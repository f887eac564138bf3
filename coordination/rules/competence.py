"""Pure: the rules by competence, tried in order; the first whose conditions hold proposes (tickets.md 2.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar


class Condition(Protocol):
    """A row of the table: what it asks; empty asks nothing. One with an urgent reason speaks of urgency only."""

    @property
    def obstacle(self) -> str: ...
    @property
    def category_id(self) -> str | None: ...
    @property
    def hours(self) -> int | None: ...
    @property
    def urgent_reason(self) -> str: ...


Row = TypeVar("Row", bound=Condition)


@dataclass(frozen=True)
class Matter:
    """What the rules look at: where the obstacle lies, what it is about, hours until production stops."""

    obstacle: str
    category: str
    hours_to_stop: int | None


def fits(row: Condition, matter: Matter) -> bool:
    """Whether every condition of a row holds."""
    if row.obstacle and row.obstacle != matter.obstacle:
        return False
    if row.category_id is not None and row.category_id != matter.category:
        return False
    return row.hours is None or (matter.hours_to_stop is not None and matter.hours_to_stop <= row.hours)


def level_rule(rows: Iterable[Row], matter: Matter) -> Row | None:
    """The first row that says at which level the matter belongs."""
    return next((row for row in rows if not row.urgent_reason and fits(row, matter)), None)


def urgency_rule(rows: Iterable[Row], matter: Matter) -> Row | None:
    """The first row that calls the matter urgent."""
    return next((row for row in rows if row.urgent_reason and fits(row, matter)), None)
