"""Stale marks: days whose totals have to be computed again.

A mark is written in the same transaction as its cause, so the database is the queue (house: recompute, never patch).
It lies on the ground storey because facts of the ground (placements, certificates, divisions) must mark too.
"""

from django.db import models


class StaleMark(models.Model):
    """Days from_day..to_day (inclusive; open end allowed) are stale. Appended by acts, deleted by the drain that used it.

    Marks are never updated and have no unique key: writers never wait for each other. `subject` = number of the daily
    report that changed, where one did; the drain tells the change feed of it.
    """

    from_day = models.DateField("起始日")
    to_day = models.DateField("截止日", null=True)
    subject = models.BigIntegerField("日报编号", null=True)
    cause = models.CharField("起因", max_length=40)
    created_at = models.DateTimeField("写入时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "待汇总标记"
