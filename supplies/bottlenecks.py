"""Bottlenecks: what limits capacity today and how much of it, and for how many days materials last (R3, R17)."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from supplies import coverage, day_state, products
from supplies.choices import LimitReason, LineRunState, Stage
from supplies.day_state import Pair
from supplies.frames import Outlook
from supplies.models import Limit, LineRun, ReportLine
from supplies.rules import line_runs
from supplies.rules.catalogue import Catalogue
from supplies.rules.days_left import days_left
from supplies.source_sheets import Chosen, choose

SHORT = 3
"""A material that lasts so many days or fewer is short."""
STOCKED = (Stage.MATERIAL, Stage.ENERGY, Stage.INTERMEDIATE)


@dataclass(frozen=True)
class Named:
    """One enterprise names one reason; lost in thousandths of the product's base unit, None = how much was not said."""

    enterprise_id: int
    name: str
    uscc: str
    division: str
    reason: str
    reason_word: str
    product: str | None
    product_name: str
    lost: int | None
    unit: str
    note: str


@dataclass(frozen=True)
class Cause:
    """One reason over the enterprises that name it. `lost` adds up what was said; `unsaid` named it without a figure."""

    reason: str
    word: str
    enterprises: int
    lost: int
    unsaid: int


@dataclass(frozen=True)
class Bound:
    """One product: what it could make today as reported, and what costs it most. The first cause is the binding one.

    Reasons overlap where an enterprise names several, so their losses are never added to each other.
    """

    product: str
    name: str
    unit: str
    capacity: int
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class Place:
    """One division below: enterprises that name each reason, in the order of LimitReason; lost of the one product chosen."""

    code: str
    name: str
    enterprises: tuple[int, ...]
    lost: tuple[int, ...]


@dataclass(frozen=True)
class Supply:
    """A material at one enterprise: what it has, uses and got today, and how long that lasts."""

    name: str
    uscc: str
    division: str
    product_name: str
    unit: str
    stock: int | None
    used: int | None
    received: int | None
    days_left: int | None


@dataclass(frozen=True)
class Material:
    """A material over the enterprises that reported it; `days` = stock over use of those that said both."""

    name: str
    unit: str
    enterprises: int
    stock: int
    used: int
    received: int
    days: int | None
    short: int


@dataclass(frozen=True)
class Workshop:
    """Production lines of one division below, or of all: how many enterprises say how many of theirs run."""

    code: str
    name: str
    enterprises: int
    lines: int
    counts: tuple[int, ...]
    """In the order of LineRunState."""

    @property
    def open(self) -> int:
        return sum(
            count for state, count in zip(LineRunState.values, self.counts, strict=True) if state in line_runs.OPEN
        )


@dataclass(frozen=True)
class Workshops:
    """What the day's reports say of production lines; `reasons` = why lines do not run whole, the commonest first."""

    whole: Workshop
    places: tuple[Workshop, ...]
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Bottlenecks:
    """What the page says. `reporting` = enterprises whose reports of the day are looked at; carried ones say nothing new."""

    day: dt.date
    chosen: Chosen | None
    reporting: int
    bounds: tuple[Bound, ...]
    unassigned: tuple[Cause, ...]
    places: tuple[Place, ...]
    named: tuple[Named, ...]
    materials: tuple[Material, ...]
    supplies: tuple[Supply, ...]
    workshops: Workshops

    @property
    def limited(self) -> int:
        """Enterprises that name any reason."""
        return len({one.enterprise_id for one in self.named})

    @property
    def short(self) -> int:
        """Enterprises of which a material lasts three days or fewer."""
        return len({one.uscc for one in self.supplies if one.days_left is not None and one.days_left <= SHORT})


def bottlenecks(outlook: Outlook, *, product: str = "", reason: str = "") -> Bottlenecks:
    """What limits the day's reports below the outlook's division. The caller has asked for sources:read.

    Takes: product = one to look at (default: all); reason = the one to list (default: all). Only reports of the day
    itself: a carried report's shortage is not known to last. Queries do not depend on rows.
    Refuses: unknown_product.
    """
    day, tree = outlook.leading_day, outlook.tree
    catalogue = products.catalogue(day)
    chosen = choose(catalogue, "", product) if product else None
    pairs = [
        pair
        for pair in day_state.pairs(day, divisions=tree.leaves(outlook.node.code))
        if pair.kind == "reported" and pair.revision_id is not None
    ]
    stands = {pair.enterprise_id: pair.division_id for pair in pairs}
    people = {row.pk: (name, row.uscc) for row, name in coverage.named(stands, day, None)}
    revisions = {pair.revision_id: pair.enterprise_id for pair in pairs}
    limits = Limit.objects.filter(revision__in=revisions).select_related("revision").order_by("id")
    named = [
        _named(limit, revisions[limit.revision_id], people, tree[stands[revisions[limit.revision_id]]].name, catalogue)
        for limit in limits
        if chosen is None or limit.product_id == chosen.key
    ]
    lines = ReportLine.objects.filter(revision__in=revisions, product__stage__in=STOCKED).order_by(
        "product__order", "id"
    )
    supplies = [
        _supply(line, *people[line.enterprise_id], tree[stands[line.enterprise_id]].name, catalogue)
        for line in lines
        if line.product_id in catalogue and (chosen is None or line.product_id == chosen.key)
    ]
    made = {(pair.enterprise_id, pair.product_id): pair.capacity for pair in pairs}
    listed = [one for one in named if not reason or one.reason == reason]
    return Bottlenecks(
        day=day,
        chosen=chosen,
        reporting=len(stands),
        bounds=tuple(_bounds(named, pairs, catalogue)),
        unassigned=tuple(_causes(one for one in named if one.product is None)),
        places=tuple(_places(outlook, named, stands)),
        named=tuple(sorted(listed, key=lambda one: (one.lost is None, -_share(one, made), one.name))),
        materials=tuple(_materials(supplies)),
        supplies=tuple(
            sorted(supplies, key=lambda one: (one.days_left is None, one.days_left or 0, one.product_name, one.name))
        ),
        workshops=_workshops(outlook, list(LineRun.objects.filter(revision__in=revisions)), revisions, stands),
    )


def _named(
    limit: Limit, enterprise: int, people: Mapping[int, tuple[str, str]], division: str, catalogue: Catalogue
) -> Named:
    code = limit.product_id
    entry = catalogue[code] if code is not None and code in catalogue else None
    name, uscc = people[enterprise]
    return Named(
        enterprise_id=enterprise,
        name=name,
        uscc=uscc,
        division=division,
        reason=limit.reason,
        reason_word=LimitReason(limit.reason).label,
        product=code,
        product_name=entry.name if entry else code or "",
        lost=limit.lost,
        unit=entry.base_unit if entry else "",
        note=limit.revision.note,
    )


def _share(one: Named, made: Mapping[tuple[int, str | None], int | None]) -> Fraction:
    """How much of the product the enterprise loses, for the order of the list: units cannot be compared, shares can."""
    if one.lost is None:
        return Fraction(0)
    return Fraction(one.lost, (made.get((one.enterprise_id, one.product)) or 0) + one.lost or 1)


def _causes(named: Iterable[Named]) -> list[Cause]:
    """Reasons, the costliest first, then the most often named."""
    by_reason: dict[str, list[Named]] = defaultdict(list)
    for one in named:
        by_reason[one.reason].append(one)
    found = [
        Cause(
            reason=reason,
            word=LimitReason(reason).label,
            enterprises=len({one.enterprise_id for one in said}),
            lost=sum(one.lost for one in said if one.lost is not None),
            unsaid=len({one.enterprise_id for one in said if one.lost is None}),
        )
        for reason, said in by_reason.items()
    ]
    return sorted(found, key=lambda cause: (-cause.lost, -cause.enterprises, LimitReason.values.index(cause.reason)))


def _bounds(named: list[Named], pairs: list[Pair], catalogue: Catalogue) -> list[Bound]:
    """Products that somebody cannot make as many of as he could, in the order of the catalogue."""
    capacities: dict[str | None, int] = defaultdict(int)
    for pair in pairs:
        if pair.capacity is not None and pair.product_id is not None:
            capacities[pair.product_id] += pair.capacity
    found = []
    for entry in catalogue.entries.values():
        causes = _causes(one for one in named if one.product == entry.code)
        if causes:
            found.append(Bound(entry.code, entry.name, entry.base_unit, capacities[entry.code], tuple(causes)))
    return found


def _places(outlook: Outlook, named: list[Named], stands: Mapping[int, str]) -> list[Place]:
    found = []
    for child in outlook.children():
        leaves = set(outlook.tree.leaves(child.code))
        here = [one for one in named if stands[one.enterprise_id] in leaves]
        counts = tuple(len({one.enterprise_id for one in here if one.reason == r}) for r in LimitReason.values)
        lost = tuple(sum(one.lost or 0 for one in here if one.reason == r) for r in LimitReason.values)
        if any(counts):
            found.append(Place(child.code, child.name, counts, lost))
    return sorted(found, key=lambda place: -sum(place.enterprises))


def _workshops(
    outlook: Outlook, runs: list[LineRun], revisions: Mapping[int | None, int], stands: Mapping[int, str]
) -> Workshops:
    """Lines by the divisions below, those with most of them standing still first."""
    places = []
    for child in outlook.children():
        leaves = set(outlook.tree.leaves(child.code))
        here = [run for run in runs if stands[revisions[run.revision_id]] in leaves]
        if here:
            places.append(_workshop(child.code, child.name, here))
    places.sort(key=lambda place: place.open - place.lines)
    reasons = Counter(LimitReason(run.reason).label for run in runs if run.reason)
    return Workshops(_workshop(outlook.node.code, outlook.node.name, runs), tuple(places), tuple(reasons.most_common()))


def _workshop(code: str, name: str, runs: list[LineRun]) -> Workshop:
    counts = tuple(sum(run.state == state for run in runs) for state in LineRunState.values)
    return Workshop(code, name, len({run.revision_id for run in runs}), len(runs), counts)


def _supply(line: ReportLine, name: str, uscc: str, division: str, catalogue: Catalogue) -> Supply:
    entry = catalogue[line.product_id]
    return Supply(
        name=name,
        uscc=uscc,
        division=division,
        product_name=entry.name,
        unit=entry.base_unit,
        stock=line.stock,
        used=line.used,
        received=line.received,
        days_left=days_left(line.stock, line.used),
    )


def _materials(supplies: list[Supply]) -> list[Material]:
    by_name: dict[tuple[str, str], list[Supply]] = defaultdict(list)
    for one in supplies:
        by_name[one.product_name, one.unit].append(one)
    found = []
    for (name, unit), said in by_name.items():
        both = [one for one in said if one.stock is not None and one.used]
        found.append(
            Material(
                name=name,
                unit=unit,
                enterprises=len(said),
                stock=sum(one.stock or 0 for one in said),
                used=sum(one.used or 0 for one in said),
                received=sum(one.received or 0 for one in said),
                days=days_left(sum(one.stock or 0 for one in both), sum(one.used or 0 for one in both)),
                short=sum(one.days_left is not None and one.days_left <= SHORT for one in said),
            )
        )
    return found
