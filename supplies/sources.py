"""Sources: the enterprises and revisions behind a number, whose sum it is (R22)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from django.utils import timezone

from enterprises.models import DivisionFact
from supplies import coverage, day_state, outputs
from supplies.day_state import Pair
from supplies.models import Product, Revision
from supplies.outputs import Output
from supplies.rules.tree_epochs import DAY, shares
from supplies.total_cells import trees

MEASURES = (
    "capacity", "capacity_carried", "capacity_licensed", "output", "output_cumulative", "stock", "stock_carried",
    "shipped",
)  # fmt: skip
"""Numbers of a total that can be opened."""


@dataclass(frozen=True)
class Source:
    """One figure's source: a line of a revision, or an opening (kind opening: no revision). Thousandths or None.

    day = the day of the report; age = how many days it was carried (0 for the day's own). Figures that are not in the
    sum are None: flows of a carried line (R9), levels of the earlier days of a period (R8). counts = whether its
    capacity is in the sum: of a pool only the largest member's is, of equals the first by product code (R17a).
    """

    enterprise_id: int
    uscc: str
    name: str
    division: str
    division_name: str
    product_id: str
    category: str
    unit: str
    kind: str
    day: dt.date
    age: int
    capacity: int | None
    output: int | None
    stock: int | None
    shipped: int | None
    counts: bool
    licensed: bool
    revision_id: int | None = None
    revision: int | None = None
    report_id: int | None = None
    received_at: dt.datetime | None = None


@dataclass(frozen=True)
class Sum:
    """What the sources of one category and unit make together, in thousandths; None where nobody gave the figure."""

    category: str
    unit: str
    capacity: int | None
    output: int | None
    stock: int | None
    shipped: int | None


def behind(
    *,
    node: str,
    first: dt.date,
    last: dt.date,
    products: Collection[str] | None = None,
    licensed: bool = False,
    at: dt.datetime | None = None,
    pooling: bool = True,
) -> list[Source]:
    """Sources of a cell on a day (first = last), or over a period: levels of its last day, flows of all its days.

    Takes: products None = all; several = a sum over them, in which a pool counts once (not so without pooling: then
    each product is a number of its own). Queries do not depend on rows.
    Gives: rows by division, enterprise, product, day.
    """
    last = min(last, timezone.localdate(at))
    if first > last:
        return []
    leaves = DivisionFact.objects.tree(last, at).leaves(node)
    pairs = [
        pair
        for pair in day_state.pairs(last, at, divisions=leaves, products=products)
        if pair.kind in ("reported", "carried") and pair.product_id is not None and pair.licensed >= licensed
    ]
    earlier: list[Output] = []
    if first < last:
        known = shares(trees(first, last - DAY, at), [node])
        parts = outputs.parts(shares=known, since=first, until=last - DAY, at=at, products=products, licensed=licensed)
        earlier = [p for p in parts if p.kind == "report" and (p.output is not None or p.shipped is not None)]
    catalogue = {p.code: p for p in Product.objects.all()}
    found = [of_pair(pair, last, catalogue) for pair in pairs] + [of_output(p, catalogue, licensed) for p in earlier]
    return told(pooled(found, pairs) if pooling else found, last, at)


def frozen(
    moments: dict[dt.date, dt.datetime],
    *,
    node: str,
    products: Collection[str] | None = None,
    licensed: bool = False,
    pooling: bool = True,
) -> list[Source]:
    """Sources of frozen days, each as known at its moment: levels of the last one, flows of all. Newest day first."""
    found: list[Source] = []
    for day in sorted(moments, reverse=True):
        rows = behind(
            node=node, first=day, last=day, products=products, licensed=licensed, at=moments[day], pooling=pooling
        )
        if day != max(moments):
            flowing = [
                row for row in rows if row.kind == "report" and (row.output is not None or row.shipped is not None)
            ]
            rows = [replace(row, capacity=None, stock=None, counts=False) for row in flowing]
        found += rows
    return found


def cumulative(
    *,
    node: str,
    day: dt.date,
    products: Collection[str] | None = None,
    licensed: bool = False,
    at: dt.datetime | None = None,
) -> list[Source]:
    """Sources of a cumulative output: openings and every day's outputs up to the day (R11)."""
    day = min(day, timezone.localdate(at))
    known = shares(trees(dt.date.min, day, at), [node])
    parts = outputs.parts(shares=known, until=day, at=at, products=products, licensed=licensed)
    catalogue = {p.code: p for p in Product.objects.all()}
    found = [of_output(part, catalogue, licensed) for part in parts if part.output is not None]
    return told([replace(source, shipped=None) for source in found], day, at)


def sums(sources: Iterable[Source]) -> list[Sum]:
    """What the sources make together, per category and unit: different units are never added (R17)."""
    groups: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for source in sources:
        groups[source.category, source.unit].append(source)
    return [
        Sum(
            *kind,
            capacity=total(s.capacity for s in group if s.counts),
            output=total(s.output for s in group),
            stock=total(s.stock for s in group),
            shipped=total(s.shipped for s in group),
        )
        for kind, group in sorted(groups.items())
    ]


def total(figures: Iterable[int | None]) -> int | None:
    given = [figure for figure in figures if figure is not None]
    return sum(given) if given else None


def only(sources: Iterable[Source], measure: str) -> list[Source]:
    """The sources that say something about one of MEASURES."""
    found = list(sources)
    if measure.endswith("_carried"):
        found = [source for source in found if source.kind == "carried"]
    if measure == "capacity_licensed":
        found = [source for source in found if source.licensed]
    figure = measure.split("_")[0]
    return [source for source in found if getattr(source, figure) is not None]


def of_pair(pair: Pair, day: dt.date, catalogue: dict[str, Product]) -> Source:
    """What a pair of the day puts into the sums."""
    assert pair.product_id is not None
    assert pair.source_day is not None
    product, is_carried = catalogue[pair.product_id], pair.kind == "carried"
    return Source(
        enterprise_id=pair.enterprise_id, uscc="", name="", division=pair.division_id, division_name="",
        product_id=product.code, category=product.category_id, unit=product.base_unit,
        kind="carried" if is_carried else "report", day=pair.source_day, age=(day - pair.source_day).days,
        capacity=pair.capacity, output=pair.output, stock=pair.stock, shipped=pair.shipped,
        counts=pair.capacity is not None, licensed=pair.licensed, revision_id=pair.revision_id,
    )  # fmt: skip


def of_output(part: Output, catalogue: dict[str, Product], licensed: bool) -> Source:
    """What an earlier day, or an opening, puts into a sum of flows."""
    product = catalogue[part.product_id]
    return Source(
        enterprise_id=part.enterprise_id, uscc="", name="", division=part.division, division_name="",
        product_id=product.code, category=product.category_id, unit=product.base_unit, kind=part.kind,
        day=part.day, age=0, capacity=None, output=part.output, stock=None, shipped=part.shipped, counts=False,
        licensed=licensed, revision_id=part.revision_id,
    )  # fmt: skip


def pooled(sources: list[Source], pairs: list[Pair]) -> list[Source]:
    """The sources, of each pool only the largest capacity counting (R17a). The first sources are those of the pairs."""
    groups: dict[tuple[int, str, str, str], list[int]] = defaultdict(list)
    for number, pair in enumerate(pairs):
        source = sources[number]
        if pair.pool is not None and source.counts:
            groups[source.enterprise_id, source.category, source.unit, pair.pool].append(number)
    found = list(sources)
    for members in groups.values():
        members.sort(key=lambda number: (-(sources[number].capacity or 0), sources[number].product_id))
        for number in members[1:]:
            found[number] = replace(sources[number], counts=False)
    return found


def told(sources: list[Source], day: dt.date, at: dt.datetime | None) -> list[Source]:
    """The sources with names and revisions, in the order of division, enterprise, product and day. Four queries."""
    tree = DivisionFact.objects.tree(day, at)
    order = coverage.named({source.enterprise_id for source in sources}, day, at)
    names = {enterprise.pk: (place, enterprise, name) for place, (enterprise, name) in enumerate(order)}
    ids = {source.revision_id for source in sources if source.revision_id is not None}
    columns = ("number", "report_id", "received_at")
    revisions = {row[0]: row[1:] for row in Revision.objects.filter(pk__in=ids).values_list("pk", *columns)}
    found = []
    for source in sources:
        _, enterprise, name = names[source.enterprise_id]
        number, report, received = revisions.get(source.revision_id, (None, None, None))
        division = tree[source.division].name if source.division in tree else source.division
        found.append(
            replace(
                source,
                uscc=enterprise.uscc,
                name=name,
                division_name=division,
                revision=number,
                report_id=report,
                received_at=received,
            )
        )
    found.sort(key=lambda s: (s.division, names[s.enterprise_id][0], s.product_id, -s.day.toordinal(), s.kind))
    return found
