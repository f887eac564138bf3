"""Why a total is not what it was: the difference between two moments, decomposed exactly, with its sources (R13)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from enterprises.models import DivisionFact
from supplies import closings, coverage, day_state
from supplies.day_state import Pair
from supplies.models import Revision
from supplies.rules.total_changes import CAUSES, FIGURES, Side, cause, differences


@dataclass(frozen=True)
class Change:
    """What one enterprise did to the figures of one product: before, after, by how much, each with its cause."""

    enterprise_id: int
    uscc: str
    name: str
    was: Side
    now: Side
    differences: dict[str, int]
    causes: dict[str, str]
    was_revision: int | None = None
    now_revision: int | None = None


@dataclass(frozen=True)
class Decomposition:
    """One product: the figures at both moments (None: nobody gave one), their parts by cause, and who made them.

    For each figure: was + the sum of its parts = now, None counting as nothing. Thousandths; expected and reported are
    counts of enterprises.
    """

    product: str
    was: dict[str, int | None]
    now: dict[str, int | None]
    parts: dict[str, dict[str, int]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)


def between(
    *,
    node: str,
    day: dt.date,
    was_at: dt.datetime | None,
    now_at: dt.datetime | None,
    products: Collection[str] | None = None,
) -> list[Decomposition]:
    """Decompose the figures of a division on a day between two moments (None = now), by product in catalogue order.

    Products on which nothing is expected, said or carried at either moment have no row. Queries do not depend on rows.
    """
    was, now = _sides(node, day, was_at, products), _sides(node, day, now_at, products)
    found: dict[str, list[tuple[int, Side, Side]]] = defaultdict(list)
    for enterprise, product in sorted(key for key in was.keys() | now.keys() if key[1]):
        before, after = was.get((enterprise, product)), now.get((enterprise, product))
        found[product].append((enterprise, before or _other(was, enterprise), after or _other(now, enterprise)))
    names = {
        enterprise.pk: (enterprise.uscc, name)
        for enterprise, name in coverage.named({e for rows in found.values() for e, _, _ in rows}, day, now_at)
    }
    closure = closings.closures([day]).get(day)
    ids = {
        side.revision for rows in found.values() for _, *sides in rows for side in sides if side.revision is not None
    }
    revisions = {
        pk: (number, first)
        for pk, number, first in Revision.objects.filter(pk__in=ids).values_list(
            "pk", "number", "report__first_received_at"
        )
    }

    def is_supplementary(side: Side) -> bool:
        if closure is None or side.report is None:
            return False
        return bool(revisions[side.report][1] >= closure.first_closed_at)

    decomposed = []
    for product, rows in found.items():
        if not any(side.inside and side.kind for _, *sides in rows for side in sides):
            continue
        changes = []
        for enterprise, before, after in rows:
            grown = differences(before, after)
            if grown:
                late = is_supplementary(after)
                causes = {name: cause(before, after, name, is_supplementary=late) for name in grown}
                numbers = [revisions[s.revision][0] if s.revision is not None else None for s in (before, after)]
                changes.append(Change(enterprise, *names[enterprise], before, after, grown, causes, *numbers))
        decomposed.append(
            Decomposition(
                product,
                _sums(side for _, side, _ in rows),
                _sums(side for _, _, side in rows),
                _parts(changes),
                changes,
            )
        )
    return decomposed


def _sums(sides: Iterable[Side]) -> dict[str, int | None]:
    listed = list(sides)
    found: dict[str, int | None] = {}
    for name in FIGURES:
        given = [value for side in listed if (value := side.figure(name)) is not None]
        found[name] = sum(given) if given else None
    return found


def _parts(changes: Iterable[Change]) -> dict[str, dict[str, int]]:
    """Sums by cause and figure, in the order of CAUSES; causes that did nothing are left out."""
    parts: dict[str, dict[str, int]] = {name: defaultdict(int) for name in CAUSES}
    for change in changes:
        for name, by in change.differences.items():
            parts[change.causes[name]][name] += by
    return {name: dict(part) for name, part in parts.items() if part}


def _sides(
    node: str, day: dt.date, at: dt.datetime | None, products: Collection[str] | None
) -> dict[tuple[int, str], Side]:
    """Every enterprise and product of the day as known at a moment, wherever the enterprise stands."""
    inside = set(DivisionFact.objects.tree(day, at).leaves(node))
    pairs: dict[int, list[Pair]] = defaultdict(list)
    for pair in day_state.pairs(day, at):
        if pair.kind != "opening":
            pairs[pair.enterprise_id].append(pair)
    found: dict[tuple[int, str], Side] = {}
    for enterprise, rows in pairs.items():
        unit = rows[0].division_id
        report = next((p.revision_id for p in rows if p.kind == "reported"), None)
        returned = next((p.revision_id for p in rows if p.kind == "returned"), None)
        common = {"unit": unit, "inside": unit in inside, "report": report, "returned": returned}
        found[enterprise, ""] = Side(**common, revision=report)  # type: ignore[arg-type]
        for pair in rows:
            if pair.product_id is None or (products is not None and pair.product_id not in products):
                continue
            known = found.get((enterprise, pair.product_id))
            if pair.kind in ("returned", "exempted"):
                if known is None:
                    found[enterprise, pair.product_id] = Side(**common)  # type: ignore[arg-type]
                continue
            found[enterprise, pair.product_id] = Side(
                **common,  # type: ignore[arg-type]
                kind=pair.kind,
                owed=pair.owed,
                revision=pair.revision_id,
                source_day=pair.source_day,
                capacity=pair.capacity,
                output=pair.output,
                stock=pair.stock,
                shipped=pair.shipped,
            )
    return found


def _other(sides: dict[tuple[int, str], Side], enterprise: int) -> Side:
    """The side of an enterprise that has nothing to say about the product then: where it stands, what it filed."""
    return sides.get((enterprise, ""), Side())
