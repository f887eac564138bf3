"""Returned reports of an enterprise: why they came back, from whom and when (R7)."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from enterprises.models import Enterprise
from supplies.choices import DecisionKind
from supplies.models import Decision


def returns(enterprise: Enterprise, first: dt.date, last: dt.date) -> list[Decision]:
    """The decisions by which reports of the days stand returned now, the latest day first. One query.

    Each with `.revision.report` and `.actor`; a report corrected or verified since is not among them.
    """
    said = Decision.objects.filter(
        revision__report__enterprise=enterprise,
        revision__report__day__range=(first, last),
        revision=F("revision__report__head"),
    )
    latest: dict[int, Decision] = {}
    for decision in said.select_related("revision__report", "actor").order_by("id"):
        latest[decision.revision_id] = decision
    standing = [d for d in latest.values() if d.kind == DecisionKind.RETURNED]
    return sorted(standing, key=lambda d: d.revision.report.day, reverse=True)


def returned(enterprise: Enterprise, day: dt.date) -> Decision | None:
    """The decision by which the report of the day stands returned; None where it does not."""
    return next(iter(returns(enterprise, day, day)), None)
