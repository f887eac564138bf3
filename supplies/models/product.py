"""The product catalogue: entries, units and factors, pools, and what lines and certificates have to do with products."""

import datetime as dt

from django.db import models
from django.db.models import Q

from enterprises.models import Category, Certificate, Enterprise, Fact, ProductionLine, SpanFact
from enterprises.models.fact import span_ordered
from supplies.choices import Stage

LARGEST = 9_999_999_999_999
"""Largest stored quantity: ten integer digits and three decimals, in thousandths of the base unit (R19)."""


def bounded(name: str, *fields: str) -> models.CheckConstraint:
    """The check that quantities are between 0 and LARGEST thousandths, where given (R16, R19)."""
    condition = Q()
    for field in fields:
        condition &= Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__range": (0, LARGEST)})
    return models.CheckConstraint(name=name, condition=condition)


class ProductGroup(models.Model):
    """Products shown as one figure to leaders (医用防护服 = sterile + non-sterile); one stage, one base unit."""

    code = models.CharField("代码", max_length=20, primary_key=True)
    name = models.CharField("名称", max_length=50, unique=True)
    order = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "产品组"
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """A catalogue entry. Its base unit and stage never change; name, display unit and certificates are facts."""

    code = models.CharField("代码", max_length=40, primary_key=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="products", verbose_name="类别")
    group = models.ForeignKey(
        ProductGroup, models.PROTECT, null=True, blank=True, related_name="products", verbose_name="产品组"
    )
    stage = models.CharField("环节", max_length=12, choices=Stage.choices)
    base_unit = models.CharField("基本单位", max_length=10)
    required = models.JSONField("必填指标", default=list, help_text="capacity、output、stock 等")
    standards = models.CharField("执行标准", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "产品"
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.code


class ProductFact(SpanFact):
    """Name, display unit and the certificate kinds that license a product, on given days (R16, R18)."""

    IDENTITY = ("product", "starts_on")
    MOVES_TOTALS = True

    product = models.ForeignKey(Product, models.PROTECT, related_name="facts", verbose_name="产品")
    name = models.CharField("名称", max_length=100)
    display_unit = models.CharField("显示单位", max_length=10, blank=True)
    certificate_kinds = models.JSONField("所需证照", default=list, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "产品沿革"
        constraints = [span_ordered("product_fact_span")]


class UnitFactor(SpanFact):
    """One unit of a product in base units = num / den, exactly (R16).

    Without enterprise: a synonym or physical unit of the catalogue (个, 吨). With one: that enterprise's pack (箱, 盒).
    """

    IDENTITY = ("enterprise", "product", "unit", "starts_on")

    product = models.ForeignKey(Product, models.PROTECT, related_name="unit_factors", verbose_name="产品")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="packs", verbose_name="企业"
    )
    unit = models.CharField("单位", max_length=20)
    num = models.BigIntegerField("分子")
    den = models.BigIntegerField("分母", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "单位换算"
        constraints = [
            span_ordered("unit_factor_span"),
            models.CheckConstraint(name="unit_factor_positive", condition=Q(num__gt=0, den__gt=0)),
        ]


class PoolMember(SpanFact):
    """Products of one enterprise made on the same lines share a capacity (R17a); `pool` is the enterprise's name for it."""

    IDENTITY = ("enterprise", "pool", "product", "starts_on")
    MOVES_TOTALS = True

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="pool_members", verbose_name="企业")
    pool = models.CharField("共用产能组", max_length=60)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name="产品")

    class Meta:
        verbose_name = verbose_name_plural = "共用产能"
        constraints = [span_ordered("pool_member_span")]


class LineProduct(SpanFact):
    """A production line makes a product at a rated capacity (thousandths of the base unit per day)."""

    IDENTITY = ("line", "product", "starts_on")

    line = models.ForeignKey(ProductionLine, models.PROTECT, related_name="line_products", verbose_name="生产线")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name="产品")
    rated_capacity = models.BigIntegerField("设计日产能", help_text="基本单位的千分之一/日")

    class Meta:
        verbose_name = verbose_name_plural = "产线产品"
        constraints = [span_ordered("line_product_span"), bounded("line_product_capacity", "rated_capacity")]


class CertificateProduct(Fact):
    """A certificate counts for a product (R18). It lies upstairs because products do."""

    IDENTITY = ("certificate", "product")
    MOVES_TOTALS = True

    certificate = models.ForeignKey(
        Certificate, models.PROTECT, related_name="certificate_products", verbose_name="证照"
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name="产品")

    class Meta:
        verbose_name = verbose_name_plural = "证照产品"

    def days(self) -> tuple[dt.date, dt.date | None]:
        return self.certificate.days()
