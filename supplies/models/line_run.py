"""How each production line ran on the day: part of a revision, and of no total."""

from django.db import models

from enterprises.models import ProductionLine
from supplies.choices import LimitReason, LineRunState
from supplies.models.daily_report import Revision


class LineRun(models.Model):
    """How a line of the enterprise ran on the report's day; a reason where it was said. Append-only."""

    APPEND_ONLY = True

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="runs", verbose_name="修订")
    line = models.ForeignKey(ProductionLine, models.PROTECT, related_name="+", verbose_name="生产线")
    state = models.CharField("开线情况", max_length=12, choices=LineRunState.choices)
    reason = models.CharField("原因", max_length=12, choices=LimitReason.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "开线情况"
        constraints = [models.UniqueConstraint(fields=["revision", "line"], name="line_run_unique")]
