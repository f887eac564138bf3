"""What the totals of a day would say if a revision were returned: asked of the kernel itself, not guessed (R7, R10)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from enterprises.models import DivisionFact
from supplies import day_state, products
from supplies.rules.scales import Scale
from supplies.total_cells import added

FIGURES = ("capacity", "output", "stock")


@dataclass(frozen=True)
class Preview:
    """One figure of a division's total now, and without the revision; in thousandths of `unit`, None = nobody gave it."""

    what: str
    measure: str
    unit: str
    now: int | None
    then: int | None
    carries: bool

    @property
    def difference(self) -> int:
        return (self.then or 0) - (self.now or 0)


@dataclass(frozen=True)
class Preliminary:
    """What a return would do to a division's day: figures that change, and how many enterprises count as reported."""

    figures: tuple[Preview, ...]
    reported_now: int
    reported_then: int
    expected: int


def without(*, node: str, day: dt.date, revision: int) -> Preliminary:
    """The day's totals of a division with and without a revision (by id), earlier values carried in its place.

    Figures are given per product group, and per product where a product has none. Two runs of the kernel.
    """
    leaves = set(DivisionFact.objects.tree(day).leaves(node))
    now = _sums(day_state.totals(day), leaves)
    then = _sums(day_state.totals(day, without=revision), leaves)
    catalogue = products.catalogue(day)
    figures = []
    for ident in sorted(now.keys() | then.keys()):
        grain, key, _ = ident
        entry = next((e for e in catalogue.entries.values() if key in (e.code, e.group)), None)
        if entry is None or grain not in ("product", "group") or (grain == "product" and entry.group is not None):
            continue
        scale = Scale.of(entry.base_unit, entry.display_unit, entry.units)
        name = catalogue.groups[key] if grain == "group" else entry.name
        figures += _changed(name, scale, now.get(ident, {}), then.get(ident, {}))
    whole = ("all", "", "")
    before, after = now.get(whole, {}), then.get(whole, {})
    return Preliminary(
        tuple(figures), before.get("reported", 0), after.get("reported", 0), before.get("expected", 0)
    )  # fmt: skip


def _sums(rows: list[dict[str, Any]], leaves: set[str]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The cells of the division: sums over its reporting units."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    wanted = (*FIGURES, "capacity_carried", "stock_carried", "reported", "expected")
    for row in rows:
        if row["licensed"] or row["division_id"] not in leaves:
            continue
        ident = (row["grain"], row["key"], row["unit"])
        known = found.get(ident)
        found[ident] = {name: added(known[name], row[name]) if known else row[name] for name in wanted}
    return found


def _changed(name: str, scale: Scale, now: dict[str, Any], then: dict[str, Any]) -> list[Preview]:
    found = []
    for measure in FIGURES:
        was, will = now.get(measure), then.get(measure)
        if was == will:
            continue
        carried = f"{measure}_carried"
        carries = (then.get(carried) or 0) > (now.get(carried) or 0)
        found.append(Preview(name, measure, scale.base_unit, was, will, carries))
    return found
