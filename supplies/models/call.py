"""Calls to enterprises that have not reported (催报): who was reached, and what was promised."""

from django.conf import settings
from django.db import models

from enterprises.models import Enterprise
from supplies.choices import CallOutcome


class Call(models.Model):
    """One call, or one try, about the report of a day. Append-only; the latest one is shown."""

    APPEND_ONLY = True

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name="企业")
    day = models.DateField("填报日")
    outcome = models.CharField("结果", max_length=10, choices=CallOutcome.choices)
    promised_at = models.DateTimeField("答应何时报", null=True)
    note = models.CharField("说明", max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办账号")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "催报记录"
        indexes = [
            # the board asks for the calls of a day
            models.Index(fields=["day", "enterprise"], name="call_day"),
        ]
