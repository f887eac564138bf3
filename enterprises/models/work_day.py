"""The calendar of working days: which days offices work, holidays and make-up days included."""

from django.conf import settings
from django.db import models

from enterprises.choices import WorkDayKind


class WorkDay(models.Model):
    """One calendar day. Every day of a known year has a row, so that a holiday and a make-up day are the same lookup.

    Seeded from a library, corrected by the bureau after the State Council's notice; see enterprises.work_days.
    """

    day = models.DateField("日期", primary_key=True)
    is_working = models.BooleanField("上班")
    kind = models.CharField("性质", max_length=10, choices=WorkDayKind.choices)
    version = models.PositiveIntegerField("版本", default=1)
    document = models.CharField("依据", max_length=200, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办账号"
    )

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ["day"]
