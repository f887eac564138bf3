"""Clocks of tickets: what they grant, how they ran, what they have said."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coordination.choices import BudgetUnit, ClockKind, TicketMode
from coordination.models.escalation import Escalation
from coordination.models.ticket import Event, Ticket, TicketCategory
from coordination.models.work_order import WorkOrder


class WorkHours(models.Model):
    """Office hours from a day on, as "08:30-12:00 14:00-17:30"; the latest row that has begun holds."""

    starts_on = models.DateField("自何日起", unique=True)
    text = models.CharField("上班时间", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "上班时间"
        ordering = ["starts_on"]


class ClockPolicy(models.Model):
    """How much time a clock grants. Rows are tried by priority, the first that fits wins; category null fits all."""

    priority = models.PositiveSmallIntegerField("次序", default=100)
    kind = models.CharField("时限", max_length=1, choices=ClockKind.choices)
    mode = models.CharField("缓急", max_length=10, choices=TicketMode.choices)
    category = models.ForeignKey(
        TicketCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="类别"
    )
    unit = models.CharField("计法", max_length=16, choices=BudgetUnit.choices)
    amount = models.PositiveIntegerField("数额")
    version = models.PositiveIntegerField("版本", default=1)
    is_on = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "时限规定"
        ordering = ["kind", "mode", "priority", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "mode"], condition=Q(category=None, is_on=True), name="clock_policy_catch_all"
            ),
            models.CheckConstraint(name="clock_policy_amount", condition=Q(amount__gte=1)),
        ]


class Clock(models.Model):
    """One run of one time limit; a ticket may have several of a kind, numbered. Due times are kept and recomputed.

    A clock of its own has each work order (C), each level that is asked (B) and each dispute (R): `order`, `escalation`.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="clocks", verbose_name="问题单")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="clocks", verbose_name="派工单")
    escalation = models.ForeignKey(Escalation, models.PROTECT, null=True, related_name="clocks", verbose_name="提级")
    kind = models.CharField("时限", max_length=1, choices=ClockKind.choices)
    number = models.PositiveSmallIntegerField("第几次")
    cycle = models.PositiveSmallIntegerField("办理轮次", default=1)
    policy = models.ForeignKey(ClockPolicy, models.PROTECT, null=True, related_name="+", verbose_name="规定")
    policy_version = models.PositiveIntegerField("规定版本", default=1)
    mode = models.CharField("缓急", max_length=10, choices=TicketMode.choices)
    unit = models.CharField("计法", max_length=16, choices=BudgetUnit.choices)
    amount = models.PositiveIntegerField("数额")
    extension = models.PositiveSmallIntegerField("其中延期工作日", default=0)
    start_at = models.DateTimeField("起算")
    due_original = models.DateTimeField("原定到期")
    due_at = models.DateTimeField("到期")
    is_provisional = models.BooleanField("暂定", default=False, help_text="日历没有到那一年")
    paused_at = models.DateTimeField("暂停自", null=True)
    stopped_at = models.DateTimeField("停止", null=True)
    consumed_seconds = models.BigIntegerField("用时", null=True)
    step = models.PositiveSmallIntegerField("已提醒到", null=True)
    next_step_at = models.DateTimeField("下次提醒", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "时限"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind", "number"], name="clock_unique"),
            models.UniqueConstraint(
                fields=["ticket", "kind"], condition=Q(stopped_at=None, order=None, escalation=None),
                name="clock_one_running",
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(stopped_at=None, order__isnull=False), name="clock_one_running_order"
            ),
            models.UniqueConstraint(
                fields=["escalation"], condition=Q(stopped_at=None, escalation__isnull=False),
                name="clock_one_running_escalation",
            ),
        ]  # fmt: skip
        indexes = [
            # the job asks which clocks have something to say by now
            models.Index(fields=["next_step_at"], name="clock_next_step"),
            # the rate of punctual work asks which were due within a period
            models.Index(fields=["kind", "due_at"], name="clock_due"),
        ]


class Pause(models.Model):
    """A span in which a clock did not count, and why (K4). Open until the ticket goes on."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="pauses", verbose_name="时限")
    from_at = models.DateTimeField("自")
    to_at = models.DateTimeField("至", null=True)
    reason = models.CharField("原因", max_length=200)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", verbose_name="凭何暂停")

    class Meta:
        verbose_name = verbose_name_plural = "暂停"
        ordering = ["from_at"]
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=Q(to_at=None), name="pause_one_open"),
            models.CheckConstraint(name="pause_ordered", condition=Q(to_at=None) | Q(to_at__gte=models.F("from_at"))),
        ]


class DueChange(models.Model):
    """A due time moved: from when to when, and why. Append-only, so that an earlier moment can be told as it was."""

    APPEND_ONLY = True

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="due_changes", verbose_name="时限")
    at = models.DateTimeField("时间")
    due_before = models.DateTimeField("原到期")
    due_at = models.DateTimeField("新到期")
    reason = models.CharField("原因", max_length=20, help_text="pause、extension、policy")

    class Meta:
        verbose_name = verbose_name_plural = "到期变更"
        ordering = ["at", "id"]


class Firing(models.Model):
    """A clock has said something: 50 and 80 percent, 100 due, 101 the first step after it (K9). Each once."""

    APPEND_ONLY = True

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="firings", verbose_name="时限")
    step = models.PositiveSmallIntegerField("档")
    due_at = models.DateTimeField("应提醒时间")
    fired_at = models.DateTimeField("提醒时间")

    class Meta:
        verbose_name = verbose_name_plural = "到点提醒"
        constraints = [models.UniqueConstraint(fields=["clock", "step"], name="firing_unique")]
