"""Coverage in the database: how many enterprises stand where, and a page of them in order (R12).

The same answers as supplies.coverage gives one by one, summed and cut by the database, so that a page of a large city
reads what it shows. Held to it by a test.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils import timezone

from enterprises.rules.division_tree import Tree
from supplies import coverage, day_state
from supplies.coverage import Standing
from supplies.day_state import Pair
from supplies.models import Product


@dataclass
class Question:
    """Which cell on which day is asked about: reporting units, products (None = over all), moment (None = now)."""

    day: dt.date
    leaves: tuple[str, ...]
    products: tuple[str, ...] | None = None
    at: dt.datetime | None = None

    @cached_property
    def ready(self) -> tuple[str, dict[str, Any]] | None:
        """The kernel's expressions for the day and their parameters, asked for once."""
        is_to_come = self.day > timezone.localdate(self.at)
        return None if is_to_come or not self.leaves else day_state.prepared(self.day, self.at)


@dataclass(frozen=True)
class Group:
    """So many enterprises of one unit in one state whose first report came within the hour that begins at `hour`."""

    division: str
    status: str
    hour: dt.datetime | None
    count: int
    last_at: dt.datetime | None


@dataclass(frozen=True)
class Capacity:
    """Sums per category and base unit: reported of what is owed, and last known of the unreported; pools once (R17a)."""

    category: str
    unit: str
    reported: int
    missing: int


def tally(question: Question) -> list[Group]:
    """Everybody who is expected, exempted or reported without duty, counted. One query."""
    hour = "substr(s.first_received_at, 1, 13)"
    if connection.vendor == "postgresql":
        hour = "date_trunc('hour', s.first_received_at)"
    rows = _asked(
        question,
        f"SELECT s.division_id, s.status, {hour}, COUNT(*), MAX(s.first_received_at) FROM standing s"
        f" GROUP BY s.division_id, s.status, {hour} ORDER BY 1, 2, 3",
    )
    return [Group(unit, status, _moment(at), count, _moment(last)) for unit, status, at, count, last in rows]


def capacities(question: Question) -> list[Capacity]:
    """What was reported and what is last known of the rest, by category and unit. One query."""
    rows = _asked(
        question,
        "SELECT k.category, k.unit, CAST(COALESCE(SUM(k.reported), 0) AS bigint),"
        " CAST(COALESCE(SUM(CASE WHEN s.status IN ('carried', 'stale', 'never') THEN k.last_known END), 0) AS bigint)"
        " FROM known k JOIN standing s ON s.enterprise_id = k.enterprise_id GROUP BY k.category, k.unit ORDER BY 1, 2",
    )
    return [Capacity(*row) for row in rows]


def ranked(question: Question, states: Collection[str], first: int, most: int | None) -> list[int]:
    """Enterprises (ids) in one of the states, by last known capacity, the largest first, then by name. One query."""
    name = day_state.holds("f", question.at)
    collate = ' COLLATE "C"' if connection.vendor == "postgresql" else ""
    params: dict[str, Any] = {"first": first, "most": most if most is not None else 10**9}
    named = []
    for number, state in enumerate(states):
        params[f"state{number}"] = state
        named.append(f"%(state{number})s")
    rows = _asked(
        question,
        "SELECT s.enterprise_id FROM standing s JOIN enterprises_enterprise e ON e.id = s.enterprise_id"
        " LEFT JOIN (SELECT k.enterprise_id, MAX(k.last_known) AS top FROM known k GROUP BY k.enterprise_id) best"
        " ON best.enterprise_id = s.enterprise_id"
        f" WHERE s.status IN ({', '.join(named) or 'NULL'})"
        " ORDER BY CASE WHEN s.has_reported = 1 THEN -1 ELSE COALESCE(best.top, -1) END DESC,"
        f" COALESCE((SELECT f.name FROM enterprises_enterprisefact f WHERE f.enterprise_id = e.id AND {name}"
        f" ORDER BY f.id DESC LIMIT 1), e.name){collate}, s.division_id, e.sort_key, e.uscc"
        " LIMIT %(most)s OFFSET %(first)s",
        params,
    )
    return [number for (number,) in rows]


def standings(question: Question, ids: Collection[int], tree: Tree) -> list[Standing]:
    """Where these enterprises stand, in the order of `ids`. A fixed number of queries."""
    if not ids:
        return []
    grouped: dict[int, list[Pair]] = defaultdict(list)
    pairs = day_state.pairs(
        question.day, question.at, divisions=question.leaves, products=question.products, enterprises=ids
    )
    for pair in pairs:
        if pair.kind not in ("opening", "returned"):
            grouped[pair.enterprise_id].append(pair)
    kinds = {p.code: (p.category_id, p.base_unit) for p in Product.objects.all()}
    found = {}
    for enterprise, name in coverage.named(ids, question.day, question.at):
        own = grouped[enterprise.pk]
        unit = own[0].division_id
        found[enterprise.pk] = coverage.standing(
            enterprise, name, unit, tree[unit].name, question.day, own, kinds
        )  # fmt: skip
    return [found[number] for number in ids]


def _asked(question: Question, select: str, more: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows of a question over `standing` (one row per enterprise) and `known` (per enterprise, category, unit)."""
    if question.ready is None:
        return []
    cte, params = question.ready[0], {**question.ready[1], **(more or {})}
    within = [_among("pair.division_id", "unit", question.leaves, params)]
    if question.products is not None:
        within.append(_among("pair.product_id", "product", question.products, params))
    with connection.cursor() as cursor:
        cursor.execute(f"{cte}{_standing_cte(' AND '.join(within))} {select}", params)
        return list(cursor.fetchall())


def _among(column: str, name: str, values: Collection[str], params: dict[str, Any]) -> str:
    names = []
    for number, value in enumerate(values):
        params[f"{name}_{number}"] = value
        names.append(f"%({name}_{number})s")
    return f"{column} IN ({', '.join(names) or 'NULL'})"


def _standing_cte(within: str) -> str:
    """Pairs of the cell, the one state of each enterprise (R12), and its capacities; a pool by its largest member."""
    return f""",
mine AS MATERIALIZED (
  SELECT pair.* FROM pair WHERE pair.kind NOT IN ('opening', 'returned') AND {within}),
standing AS MATERIALIZED (
  SELECT enterprise_id, division_id, first_received_at, has_reported,
    CASE WHEN is_owed = 1 THEN
      CASE WHEN has_reported = 1 THEN CASE WHEN is_on_time = 1 THEN 'on_time' ELSE 'late' END
        WHEN is_carried = 1 THEN 'carried' WHEN is_stale = 1 THEN 'stale' ELSE 'never' END
      WHEN has_reported = 1 THEN 'unexpected' ELSE 'exempted' END AS status
  FROM (
    SELECT enterprise_id, MIN(division_id) AS division_id, MAX(owed) AS is_owed, MAX(on_time) AS is_on_time,
      MAX(CASE WHEN kind = 'reported' THEN 1 ELSE 0 END) AS has_reported,
      MAX(CASE WHEN kind = 'carried' AND owed = 1 THEN 1 ELSE 0 END) AS is_carried,
      MAX(CASE WHEN kind = 'stale' AND owed = 1 THEN 1 ELSE 0 END) AS is_stale,
      MIN(CASE WHEN kind = 'reported' THEN first_received_at END) AS first_received_at
    FROM mine GROUP BY enterprise_id) AS each_one),
known AS MATERIALIZED (
  SELECT enterprise_id, category, unit, SUM(reported) AS reported, SUM(last_known) AS last_known FROM (
    SELECT mine.enterprise_id, p.category_id AS category, p.base_unit AS unit,
      COALESCE('@' || mine.pool, mine.product_id) AS pool,
      MAX(CASE WHEN mine.kind = 'reported' AND mine.owed = 1 THEN mine.capacity END) AS reported,
      MAX(mine.last_known) AS last_known
    FROM mine JOIN supplies_product p ON p.code = mine.product_id
    GROUP BY mine.enterprise_id, p.category_id, p.base_unit, COALESCE('@' || mine.pool, mine.product_id)) AS pooled
  GROUP BY enterprise_id, category, unit)
"""


def _moment(said: Any) -> dt.datetime | None:
    """A moment as the database gives it; SQLite gives text in UTC, an hour without its minutes."""
    if said is None or isinstance(said, dt.datetime):
        return said
    text = said if len(said) > 13 else f"{said}:00:00"
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@dataclass
class Listed:
    """The enterprises of a list, in order: as long as it is, read from the database as far as it is looked at."""

    question: Question
    tree: Tree
    states: tuple[str, ...]
    total: int
    _all: list[Standing] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return self.total

    def __iter__(self) -> Iterator[Standing]:
        if self._all is None:
            self._all = self.read(0, None)
        return iter(self._all)

    def __getitem__(self, part: slice) -> list[Standing]:
        first, last = part.start or 0, part.stop if part.stop is not None else self.total
        return self.read(first, max(0, last - first))

    def read(self, first: int, most: int | None) -> list[Standing]:
        ids = ranked(self.question, self.states, first, most) if self.total else []
        return standings(self.question, ids, self.tree)
