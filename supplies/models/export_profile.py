"""Export profiles: the columns that a receiver wants, kept as data."""

from django.db import models

from supplies.choices import Grain


class ExportProfile(models.Model):
    """A receiver's sheet: which totals, and its columns as pairs of head and field (supplies.rules.export_columns)."""

    name = models.CharField("名称", max_length=60, unique=True)
    grain = models.CharField("口径", max_length=8, choices=Grain.choices, default=Grain.PRODUCT)
    by_unit = models.BooleanField("分县市区", default=False)
    columns = models.JSONField("列")
    is_on = models.BooleanField("启用", default=True)
    changed_at = models.DateTimeField("变更时间")

    class Meta:
        verbose_name = verbose_name_plural = "导出格式"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
