"""The daily report: one per enterprise and day; revisions are added, never overwritten (R3, R5)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from enterprises.models import Enterprise
from supplies.choices import STATED, STATED_LABEL, Channel, DecisionKind, LimitReason, Measure, ProductionState
from supplies.models.product import Product, bounded


class DailyReport(models.Model):
    """What enterprise E says about day D. The row is the lock for conflicts (R6); its other columns are derived."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="reports", verbose_name="企业")
    day = models.DateField("填报日")
    first_received_at = models.DateTimeField("首次收到", help_text="决定是否按时(R4)")
    head = models.ForeignKey(
        "Revision", models.PROTECT, null=True, related_name="+", verbose_name="最新修订", help_text="由修订推出"
    )

    class Meta:
        verbose_name = verbose_name_plural = "日报"
        constraints = [models.UniqueConstraint(fields=["enterprise", "day"], name="daily_report_unique")]
        indexes = [
            # the state of a day asks for all reports of that day and of the days it may carry from
            models.Index(fields=["day", "enterprise"], name="daily_report_day"),
        ]


class Revision(models.Model):
    """One submission (R5). Append-only."""

    APPEND_ONLY = True

    report = models.ForeignKey(DailyReport, models.PROTECT, related_name="revisions", verbose_name="日报")
    number = models.PositiveIntegerField("修订号")
    received_at = models.DateTimeField("收到时间", help_text="请求到达的时刻:决定是否按时")
    recorded_at = models.DateTimeField("记录时间", help_text="写入事务的时刻:决定 as_of")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="提交账号"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    caller = models.CharField("来电人", max_length=60, blank=True, help_text="代报时企业方的姓名(R5)")
    behalf_reason = models.CharField("代报事由", max_length=200, blank=True)
    change_reason = models.CharField(
        "更正理由", max_length=200, blank=True, db_default="", help_text="更正过去一天时写明"
    )
    based_on = models.PositiveIntegerField("基于修订", null=True)
    state = models.CharField("生产状态", max_length=12, choices=ProductionState.choices)
    staff_due = models.PositiveIntegerField("应到岗", null=True)
    staff_on_duty = models.PositiveIntegerField("实到岗", null=True)
    note = models.TextField("说明", blank=True)
    figures_sha256 = models.CharField("数字指纹", max_length=64, help_text="存储值相同则相同(R6)")

    class Meta:
        verbose_name = verbose_name_plural = "修订"
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="revision_unique")]


MEASURES: tuple[str, ...] = tuple(Measure.values)


class ReportLine(models.Model):
    """What a revision says about one product, in thousandths of the base unit; null = not given (R3). Append-only.

    enterprise and day repeat those of the report, so that the latest line of a product is one index probe.
    `entered` keeps the figures as typed: {measure: {"text", "unit", "num", "den"}} (R5, R16); with
    "attested": true where the author declared the value to be the same as in the report before.
    """

    APPEND_ONLY = True

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="lines", verbose_name="修订")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name="企业")
    day = models.DateField("填报日")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name="产品")
    capacity = models.BigIntegerField("日产能", null=True)
    output = models.BigIntegerField("当日产量", null=True)
    stock = models.BigIntegerField("库存", null=True)
    shipped = models.BigIntegerField("发货", null=True)
    received = models.BigIntegerField("收货", null=True)
    used = models.BigIntegerField("耗用", null=True)
    cumulative_stated = models.BigIntegerField(STATED_LABEL, null=True, help_text="只用来比对，不进合计(R11)")
    entered = models.JSONField("填写原文", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "日报明细"
        constraints = [
            models.UniqueConstraint(fields=["revision", "product"], name="report_line_unique"),
            bounded("report_line_bounds", *MEASURES),
            bounded("report_line_stated_bounds", STATED),
        ]
        indexes = [
            # the last known figure of a product (stale or never, R12; last known capacity)
            models.Index(fields=["enterprise", "product", "day"], name="report_line_last"),
            # cumulative output as known at a moment (R11, R14)
            models.Index(fields=["day", "product"], name="report_line_day"),
        ]


class Limit(models.Model):
    """What limits capacity today, and how many units a day it costs. Append-only part of a revision."""

    APPEND_ONLY = True

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="limits", verbose_name="修订")
    reason = models.CharField("原因", max_length=12, choices=LimitReason.choices)
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+", verbose_name="产品")
    lost = models.BigIntegerField("影响日产能", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "制约因素"
        constraints = [bounded("limit_bounds", "lost")]


class ReportVersion(models.Model):
    """When a report last changed, in the one order of all changes. Written by the drain alone, under its lock."""

    # no constraint in the database: checking it would make the drain wait for whoever holds the report
    report = models.OneToOneField(
        DailyReport, models.PROTECT, primary_key=True, db_constraint=False, related_name="changed", verbose_name="日报"
    )
    version = models.BigIntegerField("版本")

    class Meta:
        verbose_name = verbose_name_plural = "日报版本"
        indexes = [models.Index(fields=["version"], name="report_version_latest")]


class Decision(models.Model):
    """A decision on one revision (R7). Append-only; the latest on a revision holds."""

    APPEND_ONLY = True

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="decisions", verbose_name="修订")
    kind = models.CharField("结论", max_length=10, choices=DecisionKind.choices)
    reason = models.CharField("理由", max_length=500, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="审核账号")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "审核"
        constraints = [models.CheckConstraint(name="decision_reason", condition=~Q(kind="returned") | ~Q(reason=""))]


class RequestKey(models.Model):
    """The answer once given to an idempotency key (R6); keys belong to the account and live seven days."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    key = models.CharField("幂等键", max_length=200)
    body_sha256 = models.CharField("正文摘要", max_length=64)
    status = models.PositiveSmallIntegerField("状态码")
    answer = models.JSONField("答复")
    created_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "幂等键"
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="request_key_unique")]
        indexes = [
            # keys older than seven days are tidied away
            models.Index(fields=["created_at"], name="request_key_age"),
        ]
