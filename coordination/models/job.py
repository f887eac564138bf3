"""Jobs of the timetable: what ran for which period, so that missed runs are found from the database."""

from django.db import models


class Job(models.Model):
    """One run of a kind of job for one period (a day, an hour, or '' for a heartbeat). Claimed by INSERT or by update."""

    kind = models.CharField("任务", max_length=40)
    period = models.CharField("期间", max_length=40, blank=True)
    claimed_until = models.DateTimeField("占用至", null=True)
    done_at = models.DateTimeField("完成时间", null=True)
    error = models.TextField("错误", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "定时任务"
        constraints = [models.UniqueConstraint(fields=["kind", "period"], name="job_unique")]
