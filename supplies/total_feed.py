"""Which totals changed since when, cell by cell: every row of /totals/ that says something new, and no other (R14, R21).

Told apart by comparing, not by following causes: a row also changes with the days before it (cumulative output), with
the closing of its day, with names and boundaries. Whoever asks brings the order up to date first, so that a city whose
feed nobody reads pays nothing, and the drain stays what it is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from enterprises import access
from enterprises.models import Account, DivisionFact
from enterprises.rules.division_tree import Tree
from enterprises.rules.exact_json import dumps
from supplies import daily_totals, total_tables
from supplies.models import DayVersion, Product, ToldTotal
from supplies.rules.selection import BY, Selection
from supplies.total_cells import trees
from supplies.total_rows import Row
from supplies.total_tables import Asked, Scope

SPAN = 14
"""Days compared at a time, and the most that the cells of one answer lie apart: what is read at once."""
GONE = ""
"""The fingerprint of a cell that was told and is not there any more."""


@dataclass(frozen=True, order=True)
class Place:
    """One cell: a row of /totals/ by date, division and product."""

    day: dt.date
    division: str
    product: str

    def __str__(self) -> str:
        return f"{self.day}/{self.division}/{self.product}"

    @classmethod
    def of(cls, text: str) -> Place:
        day, division, product = text.split("/", 2)
        return cls(dt.date.fromisoformat(day), division, product)


def tell(*, seconds: float = 1.0) -> bool:
    """Bring the order of changed cells up to date, in slices, for about `seconds`. Gives whether nothing is left.

    Under the drain's lock, so that whoever sees a version sees all before it.
    """
    started = time.monotonic()
    while DayVersion.objects.filter(told__lt=F("version")).exists():
        if time.monotonic() - started > seconds:
            return False
        _tell_some()
    return True


def _tell_some() -> None:
    """Compare the earliest days that wait with what was told of them, and give what differs a new version."""
    with transaction.atomic():
        daily_totals.lock()
        waiting = DayVersion.objects.filter(told__lt=F("version")).order_by("day").values_list("day", flat=True)
        days = list(waiting[:SPAN])
        days = [day for day in days if day - days[0] < dt.timedelta(days=SPAN)]
        if not days:
            return
        known = dict(ToldTotal.objects.filter(day__in=days).values_list("cell", "sha"))
        now = {str(place): _sha(row) for place, row in rows(days[0], days[-1]).items() if place.day in set(days)}
        changed = {cell: sha for cell, sha in now.items() if known.get(cell) != sha}
        changed |= {cell: GONE for cell, sha in known.items() if cell not in now and sha != GONE}
        if changed:
            _keep(changed, daily_totals.next_version())
        DayVersion.objects.filter(day__in=days).update(told=F("version"))


def _keep(changed: dict[str, str], version: int) -> None:
    told = []
    for cell, sha in changed.items():
        place = Place.of(cell)
        told.append(ToldTotal(cell=cell, day=place.day, division=place.division, version=version, sha=sha))
    ToldTotal.objects.bulk_create(
        told, batch_size=500, update_conflicts=True, unique_fields=["cell"], update_fields=["version", "sha"]
    )


def _sha(row: Row) -> str:
    return hashlib.blake2b(dumps(row).encode(), digest_size=16).hexdigest()


def rows(
    first: dt.date,
    last: dt.date,
    *,
    divisions: set[str] | None = None,
    products: Iterable[str] | None = None,
    account: Account | None = None,
    traces: bool = True,
) -> dict[Place, Row]:
    """Rows as /totals/ gives them, of all divisions and products or of these. A fixed number of queries.

    Takes: account = only what it may see on each day; traces = whether figures over few enterprises are shown (R22).
    """

    def nodes(tree: Tree) -> list[str]:
        wanted = tree.nodes if divisions is None else [code for code in tree.nodes if code in divisions]
        return [code for code in wanted if account is None or may_see(account, tree, code)]

    codes = sorted(products) if products is not None else None
    scope = Scope("", "", None, False, {p.code: p for p in Product.objects.all()}, codes, traces)
    selection = Selection(first, last, is_span=True, by=frozenset(BY))
    asked = Asked(nodes=nodes, grain="product", keys=codes, licensed=False)
    found = total_tables.found_rows(selection, scope, asked)
    return {Place(dt.date.fromisoformat(row["date"]), row["division"], row["product"]): row for row in found}


def may_see(account: Account, tree: Tree, code: str, ability: str = "totals:read") -> bool:
    """Whether the account sees totals of a division, by the tree of a day."""
    where = access.reach(account, ability)
    return where.everywhere or any(tree.covers(top, code) for top in where.divisions)


def divisions(account: Account) -> set[str] | None:
    """Divisions whose totals the account sees on some day; None = all. One query."""
    where = access.reach(account, "totals:read")
    start = daily_totals.first_day()
    if where.everywhere or start is None:
        return None
    known = trees(start, access.today())
    return {node.code for epoch in known for top in where.divisions for node in epoch.tree.walk(top)}


def read(account: Account, places: Iterable[Place]) -> dict[Place, Row | None]:
    """The rows of cells as the account sees them now; None = the cell is not there any more; left out = not to be seen.

    The cells lie within SPAN days. A fixed number of queries, twice that where the account sees sources of some only.
    """
    wanted = sorted(places)
    if not wanted:
        return {}
    today = DivisionFact.objects.tree(access.today())
    codes, products = {place.division for place in wanted}, {place.product for place in wanted}
    traced = {code for code in codes if may_see(account, today, code, "sources:read")}
    found: dict[Place, Row] = {}
    for part, traces in ((traced, True), (codes - traced, False)):
        if part:
            span = (wanted[0].day, wanted[-1].day)
            found |= rows(*span, divisions=part, products=products, account=account, traces=traces)
    said: dict[Place, Row | None] = {}
    known = {epoch.first: epoch for epoch in trees(wanted[0].day, wanted[-1].day)}
    for place in wanted:
        tree = next(epoch.tree for epoch in known.values() if epoch.first <= place.day <= epoch.last)
        at = tree if place.division in tree else today
        if may_see(account, at, place.division):
            said[place] = found.get(place)
    return said


def within(places: list[Any], day_of: Any) -> list[Any]:
    """As many of the places, from the first on, as lie within SPAN days of each other; `day_of` None = no cell."""
    first = last = None
    for number, place in enumerate(places):
        day = day_of(place)
        if day is None:
            continue
        first, last = min(first or day, day), max(last or day, day)
        if (last - first).days >= SPAN:
            return places[:number]
    return places
