"""Closing a day: its events, and the snapshots that freeze its totals with their sources (R13)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from enterprises.models import Division, Enterprise
from supplies.choices import DayEventKind, Grain, SnapshotKind
from supplies.models.daily_report import Revision
from supplies.models.daily_total import TotalFigures
from supplies.models.product import Product


class DayEvent(models.Model):
    """A day was frozen (flash), closed (final), or opened again for one enterprise until a moment (reopen).

    Append-only. A day is closed from its first final event on; a reopening lets its enterprise file until `until`, or
    until the next final event.
    """

    APPEND_ONLY = True

    day = models.DateField("日期")
    kind = models.CharField("事件", max_length=6, choices=DayEventKind.choices)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    until = models.DateTimeField("开放至", null=True, help_text="不含该时刻")
    reason = models.CharField("理由", max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经办账号"
    )
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "日事件"
        constraints = [
            models.CheckConstraint(
                name="day_event_reopening",
                condition=(
                    Q(kind="reopen", enterprise__isnull=False, until__isnull=False) & ~Q(reason="")
                    | Q(kind__in=("flash", "final"), enterprise=None, until=None)
                ),
            )
        ]
        indexes = [
            # every submission asks whether its day is closed
            models.Index(fields=["day", "kind"], name="day_event_day"),
        ]


class Snapshot(models.Model):
    """The totals of a day as known at the moment of its event, frozen (R13). Append-only, never recomputed.

    Day, kind and as_of repeat those of the event, so that the latest one of a day is one index probe. `digest` is the
    SHA-256 of its cells in their order, so that a sheet printed from it can be held against it.
    """

    APPEND_ONLY = True

    event = models.OneToOneField(DayEvent, models.PROTECT, related_name="snapshot", verbose_name="事件")
    day = models.DateField("日期")
    kind = models.CharField("种类", max_length=5, choices=SnapshotKind.choices)
    number = models.PositiveIntegerField("序号")
    as_of = models.DateTimeField("截至")
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "快照"
        constraints = [models.UniqueConstraint(fields=["day", "kind", "number"], name="snapshot_unique")]
        ordering = ["day", "as_of"]


class SnapshotCell(TotalFigures):
    """One total of a snapshot, of any division of the day's tree: the fields of total_cells.Cell under their names."""

    APPEND_ONLY = True

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="cells", verbose_name="快照")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="区划")
    grain = models.CharField("口径", max_length=8, choices=Grain.choices)
    key = models.CharField("产品、类别或产品组", max_length=40, blank=True)
    unit = models.CharField("单位", max_length=10, blank=True)
    licensed = models.BooleanField("仅持证")
    capacity_licensed = models.BigIntegerField("持证产能", null=True)
    licensed_given = models.IntegerField("给出持证产能家数", default=0)
    output_cumulative = models.BigIntegerField("累计产量", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "快照数字"
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "grain", "key", "licensed", "division", "unit"], name="snapshot_cell_unique"
            )
        ]


class SnapshotSource(models.Model):
    """What stood behind a snapshot: one enterprise and product (or none) of the day, as the kernel gave it (R22).

    The values of a revision stand in its lines, which never change; here is which revision spoke, and how.
    """

    APPEND_ONLY = True

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="sources", verbose_name="快照")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name="企业")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="填报单位")
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+", verbose_name="产品")
    kind = models.CharField("性质", max_length=8)
    owed = models.BooleanField("应报")
    on_time = models.BooleanField("按时")
    revision = models.ForeignKey(Revision, models.PROTECT, null=True, related_name="+", verbose_name="修订")
    source_day = models.DateField("出自日期", null=True)
    last_known = models.BigIntegerField("最近产能", null=True)
    opening = models.BigIntegerField("期初产量", null=True)
    halted = models.BooleanField("停产")
    licensed = models.BooleanField("持证")
    pool = models.CharField("共用产能组", max_length=60, null=True)

    class Meta:
        verbose_name = verbose_name_plural = "快照来源"
        indexes = [
            # a figure of a snapshot is opened by product
            models.Index(fields=["snapshot", "product"], name="snapshot_source_product"),
        ]
