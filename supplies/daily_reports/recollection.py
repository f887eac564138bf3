"""What was said before: the form's first filling, an enterprise's history, the latest revisions (R5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import F, Q, QuerySet

from enterprises.models import Enterprise
from supplies.choices import Measure, Review
from supplies.daily_reports.description import reports_with_review, with_review
from supplies.daily_reports.punctuality import EnterpriseDay
from supplies.models import DailyReport, ReportLine, Revision

AT_ONCE = 400
"""Pairs asked for in one statement."""


@dataclass(frozen=True)
class Prefill:
    """What a form for the day begins with.

    `current`: the latest revision of the day itself (the form corrects it, based on its number); `previous`: the latest
    revision of the newest earlier day that was not returned. Lines by product code; `.review` annotated on both.
    """

    current: Revision | None = None
    previous: Revision | None = None
    lines: dict[str, ReportLine] = field(default_factory=dict)
    previous_lines: dict[str, ReportLine] = field(default_factory=dict)

    @property
    def based_on(self) -> int | None:
        """What the submission must name as the revision it is based on (R6)."""
        return self.current.number if self.current is not None else None


def prefill(enterprise: Enterprise, day: dt.date) -> Prefill:
    """What the enterprise said of the day, and before it. Three queries."""
    heads = with_review(Revision.objects.filter(report__head=F("pk"), report__enterprise=enterprise))
    heads = heads.select_related("report")
    current = heads.filter(report__day=day).first()
    earlier = heads.filter(report__day__lt=day).exclude(review=Review.RETURNED)  # type: ignore[misc]  # annotated
    previous = earlier.order_by("-report__day").first()
    lines: dict[int, dict[str, ReportLine]] = {}
    known = [r.pk for r in (current, previous) if r is not None]
    for line in ReportLine.objects.filter(revision__in=known).select_related("product").order_by("product__order"):
        lines.setdefault(line.revision_id, {})[line.product_id] = line
    before = lines.get(previous.pk, {}) if previous is not None else {}
    return Prefill(current, previous, lines.get(current.pk, {}) if current is not None else before, before)


COPIES = 30
"""How many reports back it is looked how long a figure has stayed the same."""


def copied(enterprise: Enterprise, day: dt.date) -> dict[tuple[str, str], int]:
    """How many of the latest counted reports before the day gave the same figure: {(product, measure): reports}.

    Zeros and figures not given are left out. Two queries, COPIES reports at most.
    """
    heads = with_review(Revision.objects.filter(report__head=F("pk"), report__enterprise=enterprise))
    heads = heads.filter(report__day__lt=day).exclude(review=Review.RETURNED)  # type: ignore[misc]  # annotated
    latest = list(heads.order_by("-report__day").values_list("pk", flat=True)[:COPIES])
    seen: dict[tuple[str, str], tuple[int, int]] = {}
    ended: set[tuple[str, str]] = set()
    # the same number of queries on the first day as ever after
    for line in ReportLine.objects.filter(revision__in=latest or [0]).order_by("-day"):
        for measure in Measure.values:
            key, amount = (line.product_id, measure), getattr(line, measure)
            if key in ended:
                continue
            value, times = seen.get(key, (amount, 0))
            if not amount or amount != value:
                ended.add(key)
            else:
                seen[key] = (amount, times + 1)
    return {key: times for key, (_, times) in seen.items()}


def history(enterprise: Enterprise) -> QuerySet[DailyReport]:
    """All reports of an enterprise, the newest day first, each with its latest revision and `.review`."""
    return (
        reports_with_review(DailyReport.objects.filter(enterprise=enterprise, head__isnull=False))
        .select_related("head", "enterprise")
        .order_by("-day")
    )


def latest(wanted: Collection[EnterpriseDay]) -> dict[EnterpriseDay, Revision]:
    """The latest revision per (enterprise id, day), where there is one. One query per AT_ONCE days and enterprises."""
    found: dict[EnterpriseDay, Revision] = {}
    pairs = sorted(set(wanted))
    for start in range(0, len(pairs), AT_ONCE):
        some = set(pairs[start : start + AT_ONCE])
        heads = Revision.objects.filter(
            Q(report__enterprise__in={e for e, _ in some}),
            Q(report__day__in={d for _, d in some}),
            report__head=F("pk"),
        ).select_related("report")
        for revision in heads:
            pair = (revision.report.enterprise_id, revision.report.day)
            if pair in some:
                found[pair] = revision
    return found
