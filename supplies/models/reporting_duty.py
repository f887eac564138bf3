"""Who owes which report from when to when, who is exempted, and the dated settings of reporting."""

from django.db import models

from enterprises.models import Division, Enterprise, SpanFact
from enterprises.models.fact import span_ordered
from supplies.choices import SettingName
from supplies.models.product import Product, bounded


class ReportingDuty(SpanFact):
    """E reports P from starts_on to ends_on (R2). Without product: state and staff only.

    opening_output (thousandths) was made before and is not recorded here; it is dated starts_on and counted from
    that day on (R11). One opening per (enterprise, product).
    """

    IDENTITY = ("enterprise", "product", "starts_on")
    MOVES_TOTALS = True

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="duties", verbose_name="企业")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="产品")
    opening_output = models.BigIntegerField("期初累计产量", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "报送任务"
        constraints = [span_ordered("duty_span"), bounded("duty_opening", "opening_output")]


class Exemption(SpanFact):
    """Suspends the duties of E for one product, or for all (R2)."""

    IDENTITY = ("enterprise", "product", "starts_on")
    MOVES_TOTALS = True

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="exemptions", verbose_name="企业")
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="产品", help_text="空 = 全部"
    )
    approver = models.CharField("批准人", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "豁免"
        constraints = [span_ordered("exemption_span")]


class ReportingSetting(SpanFact):
    """A dated setting: holds from starts_on until a later one begins; the nearest division above the unit wins."""

    IDENTITY = ("name", "division", "starts_on")
    MOVES_TOTALS = True

    name = models.CharField("名称", max_length=20, choices=SettingName.choices)
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区划", help_text="空 = 全部"
    )
    value = models.CharField("值", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "填报设置"
        constraints = [span_ordered("reporting_setting_span")]
