"""The state of emergency: while it holds, new tickets within its scope are counted day and night (K3)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.models.ticket import TicketCategory
from enterprises.models import Division


class Emergency(models.Model):
    """By which document, where, for what, from when to when. Ending it changes nothing that already runs."""

    document = models.CharField("文号", max_length=100)
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区划", help_text="空 = 全市"
    )
    category = models.ForeignKey(
        TicketCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="类别",
        help_text="空 = 各类",
    )
    starts_at = models.DateTimeField("起")
    ends_at = models.DateTimeField("止", null=True)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="结束账号"
    )

    class Meta:
        verbose_name = verbose_name_plural = "应急状态"
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="emergency_ordered", condition=Q(ends_at=None) | Q(ends_at__gte=models.F("starts_at"))
            )
        ]
