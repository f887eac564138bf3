"""Handovers between officers: on which day everything goes from whom to whom, and the list both can see."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class OfficerHandover(models.Model):
    """One handover. Until its day it is planned; then it is carried out once, and `items` keeps what went over.

    `names` = the things chosen, null = everything there is on the day. Written by coordination.handovers only.
    """

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="移交人")
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="接手人")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经办账号"
    )
    day = models.DateField("交接日")
    reason = models.CharField("事由", max_length=200, blank=True)
    names = models.JSONField("所选", null=True)
    items = models.JSONField("清单", default=list)
    created_at = models.DateTimeField("登记时间")
    done_at = models.DateTimeField("交接时间", null=True)
    cancelled_at = models.DateTimeField("取消时间", null=True)
    trouble = models.CharField("没有办成的原因", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "特派员交接"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="officer_handover_two", condition=~Q(giver=F("taker"))),
            models.CheckConstraint(name="officer_handover_one_end", condition=Q(done_at=None) | Q(cancelled_at=None)),
        ]
        indexes = [
            # the timetable asks what is due
            models.Index(fields=["done_at", "day"], name="officer_handover_due"),
        ]
