"""What somebody has typed and not submitted yet. A draft is no report (R7): nothing counts it."""

from django.conf import settings
from django.db import models

from enterprises.models import Enterprise


class Draft(models.Model):
    """One form half filled in, the latest state only. Gone when the report is submitted, tidied away after seven days.

    `fields` = pairs of field name and text, as the page sends them; `device` = which browser saved it last.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name="企业")
    day = models.DateField("填报日")
    fields = models.JSONField("填写内容")
    device = models.CharField("设备", max_length=40, blank=True)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = verbose_name_plural = "草稿"
        constraints = [models.UniqueConstraint(fields=["account", "enterprise", "day"], name="draft_unique")]
        indexes = [
            # drafts older than seven days are tidied away
            models.Index(fields=["saved_at"], name="draft_age"),
        ]
