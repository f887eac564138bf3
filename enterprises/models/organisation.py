"""Organisations that receive work, and the categories of goods posts may be limited to."""

from django.db import models

from enterprises.choices import OrganisationKind
from enterprises.models.division import Division


class Category(models.Model):
    """A class of goods (口罩, 防护用品 ...). It lies on the ground storey because posts are scoped by it."""

    code = models.CharField("代码", max_length=20, primary_key=True)
    name = models.CharField("名称", max_length=50, unique=True)
    order = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "物资类别"
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A department, township, task force or outside body; the receiver of work orders."""

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100)
    kind = models.CharField("类型", max_length=12, choices=OrganisationKind.choices)
    division = models.ForeignKey(Division, models.PROTECT, related_name="organisations", verbose_name="所属区划")

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
