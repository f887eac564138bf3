"""Cumulatives that enterprises state, beside the one the system computes; compared, never stored over it (R11)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from supplies.choices import DecisionKind
from supplies.models import Decision, ReportingDuty, ReportLine

Pair = tuple[int, str]
"""Enterprise and product."""


@dataclass(frozen=True)
class Compared:
    """What a line states and what the system computes up to its day, the line's own output included; thousandths."""

    revision_id: int
    enterprise_id: int
    product: str
    day: dt.date
    stated: int
    ours: int

    @property
    def difference(self) -> int:
        """How much more the enterprise states; less is negative."""
        return self.stated - self.ours

    @property
    def gap(self) -> int:
        """The size of the difference."""
        return abs(self.difference)


def compared(lines: Sequence[ReportLine]) -> list[Compared]:
    """Those of the lines that state a cumulative, each beside ours, in the order given. None or three queries.

    Ours = openings dated by that day + outputs of the counted reports before it + the line's own output. So a revision
    that is returned, or is not the latest, is measured by what it says itself.
    """
    stating = [line for line in lines if line.cumulative_stated is not None]
    if not stating:
        return []
    first, last = min(line.day for line in stating), max(line.day for line in stating)
    pairs = {(line.enterprise_id, line.product_id) for line in stating}
    openings = _openings(pairs, last)
    counted = _counted(pairs)
    before = {
        (enterprise, product): made
        for enterprise, product, made in counted.filter(day__lt=first)
        .values_list("enterprise_id", "product_id")
        .annotate(made=Sum("output"))
        .order_by()
    }
    within: dict[Pair, list[tuple[dt.date, int]]] = defaultdict(list)
    for enterprise, product, day, output in counted.filter(day__gte=first, day__lt=last).values_list(
        "enterprise_id", "product_id", "day", "output"
    ):
        within[enterprise, product].append((day, output or 0))
    found = []
    for line in stating:
        pair = (line.enterprise_id, line.product_id)
        opened = sum(made for day, made in openings.get(pair, ()) if day <= line.day)
        made = (before.get(pair) or 0) + sum(output for day, output in within[pair] if day < line.day)
        stated = line.cumulative_stated or 0
        ours = opened + made + (line.output or 0)
        found.append(Compared(line.revision_id, line.enterprise_id, line.product_id, line.day, stated, ours))
    return found


def mismatched(lines: Sequence[ReportLine]) -> dict[int, list[Compared]]:
    """Comparisons that do not match, by revision."""
    found: dict[int, list[Compared]] = defaultdict(list)
    for one in compared(lines):
        if one.difference:
            found[one.revision_id].append(one)
    return dict(found)


def _openings(pairs: set[Pair], last: dt.date) -> dict[Pair, list[tuple[dt.date, int]]]:
    found: dict[Pair, list[tuple[dt.date, int]]] = defaultdict(list)
    rows = ReportingDuty.objects.believed().filter(
        enterprise__in={e for e, _ in pairs}, product__in={p for _, p in pairs}, starts_on__lte=last,
        opening_output__isnull=False,
    )  # fmt: skip
    for enterprise, product, day, made in rows.values_list(
        "enterprise_id", "product_id", "starts_on", "opening_output"
    ):
        found[enterprise, product].append((day, made))
    return found


def _counted(pairs: set[Pair]) -> QuerySet[ReportLine]:
    """Lines with outputs of the latest revisions that were not returned."""
    latest = Decision.objects.filter(revision=OuterRef("revision")).order_by("-id").values("kind")[:1]
    lines = ReportLine.objects.filter(
        enterprise__in={e for e, _ in pairs}, product__in={p for _, p in pairs}, output__isnull=False,
        revision__report__head=F("revision"),
    )  # fmt: skip
    # without a decision the subquery is NULL, which equals nothing and differs from nothing
    decided = Coalesce(Subquery(latest), Value(""))
    return lines.annotate(decided=decided).exclude(decided=DecisionKind.RETURNED)
