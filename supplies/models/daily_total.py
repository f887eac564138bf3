"""Daily totals of the reporting units, as the kernel computed them. Parents are summed by the tree of the day."""

from django.db import models

from enterprises.models import Division
from supplies.choices import Grain

COUNTS: tuple[str, ...] = (
    "expected", "reported", "on_time", "late", "carried", "stale", "never", "unexpected", "halted", "returned",
)  # fmt: skip
"""Counts of distinct enterprises (R12)."""

GIVEN: tuple[str, ...] = ("capacity_given", "output_given", "stock_given", "shipped_given", "utilisation_given")
"""How many enterprises gave the figure summed."""

SUMS: tuple[str, ...] = (
    "capacity", "capacity_carried", "output", "opening", "stock", "stock_carried", "shipped",
    "utilisation_output", "utilisation_capacity", "last_known_of_unreported",
)  # fmt: skip
"""Sums in thousandths of the unit; null where nobody gave the figure (R3)."""


class TotalFigures(models.Model):
    """The figures of a total: quantities in thousandths of its unit, null where nobody gave one; counts of enterprises."""

    capacity = models.BigIntegerField("日产能", null=True)
    capacity_carried = models.BigIntegerField("其中沿用", null=True)
    output = models.BigIntegerField("当日产量", null=True)
    opening = models.BigIntegerField("期初产量", null=True)
    stock = models.BigIntegerField("库存", null=True)
    stock_carried = models.BigIntegerField("库存沿用", null=True)
    shipped = models.BigIntegerField("发货", null=True)
    utilisation_output = models.BigIntegerField("两项都报的产量", null=True)
    utilisation_capacity = models.BigIntegerField("两项都报的产能", null=True)
    last_known_of_unreported = models.BigIntegerField("未报企业最近产能", null=True)

    capacity_given = models.IntegerField("给出产能家数", default=0)
    output_given = models.IntegerField("给出产量家数", default=0)
    stock_given = models.IntegerField("给出库存家数", default=0)
    shipped_given = models.IntegerField("给出发货家数", default=0)
    utilisation_given = models.IntegerField("两项都报家数", default=0)

    expected = models.IntegerField("应报", default=0)
    reported = models.IntegerField("已报", default=0)
    on_time = models.IntegerField("按时", default=0)
    late = models.IntegerField("迟报", default=0)
    carried = models.IntegerField("沿用", default=0)
    stale = models.IntegerField("失效", default=0)
    never = models.IntegerField("从未报", default=0)
    unexpected = models.IntegerField("无义务", default=0)
    halted = models.IntegerField("停产", default=0)
    returned = models.IntegerField("退回", default=0)
    questions_open = models.IntegerField("未答疑点", default=0, help_text="计入的日报上没有确认的疑点数(R20)")
    shared = models.BooleanField("含共用产能", default=False)

    class Meta:
        abstract = True


class DailyTotal(TotalFigures):
    """One cell (R12b) of one reporting unit on one day, over all pairs or over the licensed pairs only (R18).

    Written by the drain only, a whole day at a time; a function of revisions and facts (R23).
    """

    pk = models.CompositePrimaryKey("day", "division", "grain", "key", "unit", "licensed")
    day = models.DateField("日期")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="填报单位")
    grain = models.CharField("口径", max_length=8, choices=Grain.choices)
    key = models.CharField("产品、类别或产品组", max_length=40, blank=True)
    unit = models.CharField("单位", max_length=10, blank=True)
    licensed = models.BooleanField("仅持证")

    class Meta:
        verbose_name = verbose_name_plural = "日汇总"
        indexes = [
            # the course of a product over days: trends and cumulative output
            models.Index(fields=["grain", "key", "licensed", "day"], name="daily_total_course"),
        ]
        constraints = [
            models.CheckConstraint(
                # R12: the parts make the expected, or the row is wrong
                name="daily_total_parts",
                condition=models.Q(
                    expected=models.F("reported") + models.F("carried") + models.F("stale") + models.F("never"),
                    reported=models.F("on_time") + models.F("late"),
                ),
            )
        ]


class DayVersion(models.Model):
    """When the totals of a day were last computed. Versions grow over all days: the newest one up to a day is its ETag.

    `told` = up to which version its cells have been compared with what was told of them.
    """

    day = models.DateField("日期", primary_key=True)
    version = models.BigIntegerField("版本")
    told = models.BigIntegerField("已告知版本", default=0, db_default=0)
    computed_at = models.DateTimeField("汇总时间")

    class Meta:
        verbose_name = verbose_name_plural = "日版本"
        indexes = [models.Index(fields=["version"], name="day_version_latest")]


class ToldTotal(models.Model):
    """A row of totals as it was last told to whoever follows the changes: when it changed, and its fingerprint.

    `cell` = date/division/product; an empty fingerprint says that the row is gone. Written by total_feed alone, under
    the drain's lock.
    """

    cell = models.CharField("格", max_length=80, primary_key=True)
    day = models.DateField("日期")
    division = models.CharField("区划", max_length=20)
    version = models.BigIntegerField("版本")
    sha = models.CharField("指纹", max_length=32, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "已告知汇总"
        indexes = [
            # what changed since a cursor, in its order
            models.Index(fields=["version", "cell"], name="told_total_order"),
            # what was told of the days that are compared
            models.Index(fields=["day"], name="told_total_day"),
        ]
