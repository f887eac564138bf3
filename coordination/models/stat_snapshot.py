"""Frozen statistics: a figure in a brief opens for ever the very tickets it counted."""

from django.conf import settings
from django.db import models


class StatSnapshot(models.Model):
    """The measures of a period as they stood at the cut-off, with the numbers of the tickets they count. Append-only."""

    APPEND_ONLY = True

    definition = models.PositiveSmallIntegerField("口径版本")
    first = models.DateField("首日")
    last = models.DateField("末日")
    division = models.CharField("区划", max_length=20, blank=True)
    category = models.CharField("类别", max_length=20, blank=True)
    unit = models.CharField("承办单位", max_length=50, blank=True)
    headline = models.JSONField("已解决计入", default=list, help_text="哪些确认方式计入“已解决”")
    cut_off = models.DateTimeField("截止时刻")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    reach = models.JSONField("统计范围", default=list, help_text="统计人当时可见的区划；读者的范围要覆盖它")
    values = models.JSONField("数值")
    ids = models.JSONField("单号")

    class Meta:
        verbose_name = verbose_name_plural = "统计快照"
        ordering = ["-cut_off", "-id"]
