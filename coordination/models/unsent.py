"""What somebody has typed about a ticket and not sent yet. Nothing counts it, nobody else sees it."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Unsent(models.Model):
    """One form half filled in, the latest state only: one per account and place. Gone when it is sent, or after a week.

    `place` = "new", "new:draft-12" or "20200326-0001/reply"; `fields` = pairs of field name and text.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    place = models.CharField("何处", max_length=60)
    fields = models.JSONField("所填")
    device = models.CharField("设备", max_length=40, blank=True)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = verbose_name_plural = "未发出的内容"
        constraints = [models.UniqueConstraint(fields=["account", "place"], name="unsent_unique")]
        indexes = [
            # what is older than a week is tidied away
            models.Index(fields=["saved_at"], name="unsent_age"),
        ]
