"""Facts with two time axes: the days a fact holds for, and the moments it was believed (R14).

Nothing is edited. A correction closes the believed row (`known_until`) and adds a new one, so that a question about
what was known at a moment is answered the same for ever. Triggers on both databases refuse any other change.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

EVER = dt.date(1900, 1, 1)
"""The first day of a fact that holds "since ever"; earlier than any reporting day."""


class FactQuerySet(models.QuerySet[Any]):
    """Questions that every fact answers."""

    def believed(self, at: dt.datetime | None = None) -> Self:
        """Rows believed at the moment `at` (half-open), or believed now."""
        if at is None:
            return self.filter(known_until__isnull=True)
        return self.filter(Q(known_until__isnull=True) | Q(known_until__gt=at), known_at__lte=at)

    def on(self, day: dt.date) -> Self:
        """Rows whose span of days covers `day`; first and last day count."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


class Fact(models.Model):
    """Who believed this row, from which moment until which."""

    known_at = models.DateTimeField("得知时间")
    known_until = models.DateTimeField("更正时间", null=True, blank=True, help_text="空 = 至今有效")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办账号"
    )
    reason = models.CharField("事由", max_length=500, blank=True)
    document = models.CharField("依据文件", max_length=200, blank=True)

    objects: ClassVar[Any] = FactQuerySet.as_manager()

    class Meta:
        abstract = True

    IDENTITY: tuple[str, ...] = ()
    """Fields that name the fact; a row with the same identity is a new version of it."""

    MOVES_TOTALS = False
    """True if a change of the fact makes the totals of the days it holds for stale."""

    def days(self) -> tuple[dt.date, dt.date | None]:
        """First and last day the fact holds for; None = open."""
        return EVER, None


class SpanFact(Fact):
    """A fact that holds for a span of days; the first and the last day are included."""

    starts_on = models.DateField("起始日期", default=EVER)
    ends_on = models.DateField("截止日期", null=True, blank=True, help_text="含当日;空 = 长期")

    class Meta:
        abstract = True

    def days(self) -> tuple[dt.date, dt.date | None]:
        return self.starts_on, self.ends_on


def span_ordered(name: str) -> models.CheckConstraint:
    """The check that a span does not end before it starts; `name` is also the refusal's code."""
    return models.CheckConstraint(name=name, condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")))
