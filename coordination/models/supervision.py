"""Ladders and what they set off: urging 催办, orders of supervision 督办单, the list of 通报; and calls to be made."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.choices import Audience, CallResult, LadderAct, TicketMode
from coordination.models.clock import Clock
from coordination.models.notice import Notice
from coordination.models.ticket import Ticket
from enterprises.models import Division, Organisation


class LadderStep(models.Model):
    """At which step of the resolving clock who is told, and what is done. Changed rows are switched off, not rewritten.

    `step`: 50 and 80 percent, 100 due, 101 … the first, second … working day (in an emergency: hour) after it.
    """

    mode = models.CharField("缓急", max_length=10, choices=TicketMode.choices)
    step = models.PositiveSmallIntegerField("档")
    audience = models.CharField("对谁", max_length=10, choices=Audience.choices)
    act = models.CharField("做什么", max_length=8, choices=LadderAct.choices, default=LadderAct.TELL)
    open_within = models.PositiveSmallIntegerField("几分钟内要打开", default=120, help_text="到时没人打开，改电话通知")
    is_on = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "提级阶梯"
        ordering = ["mode", "step", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["mode", "step", "audience"], condition=Q(is_on=True), name="ladder_step_unique"
            ),
            models.CheckConstraint(
                name="ladder_step_known", condition=Q(step__in=[50, 80, 100]) | Q(step__range=(101, 130))
            ),
        ]


class Supervision(models.Model):
    """One act of supervision on a ticket: urged, ordered (with a number), or put on the list. Answered, then closed."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="supervisions", verbose_name="问题单")
    kind = models.CharField("种类", max_length=8, choices=LadderAct.choices)
    number = models.CharField("文号", max_length=30, unique=True, null=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+", verbose_name="区划")
    clock = models.ForeignKey(Clock, models.PROTECT, null=True, related_name="+", verbose_name="时限")
    step = models.PositiveSmallIntegerField("档", null=True)
    text = models.CharField("内容", max_length=500)
    due_at = models.DateTimeField("应督时刻", help_text="按时限算出，不是任务运行的时刻")
    issued_at = models.DateTimeField("发出时间")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="发出账号"
    )
    answer = models.CharField("回复", max_length=1000, blank=True)
    answered_at = models.DateTimeField("回复时间", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="回复账号"
    )
    closed_at = models.DateTimeField("了结时间", null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="了结账号"
    )

    class Meta:
        verbose_name = verbose_name_plural = "督办"
        ordering = ["-due_at", "-id"]
        constraints = [
            # a step of a ladder does one thing once
            models.UniqueConstraint(
                fields=["clock", "step", "kind"], condition=Q(clock__isnull=False), name="supervision_once"
            ),
            models.CheckConstraint(
                name="supervision_order_numbered", condition=~Q(kind="order") | Q(number__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["kind", "closed_at"], name="supervision_open")]  # the lists of what is open


class CallTask(models.Model):
    """Somebody has to be phoned: nobody opened a notice in time, or a clock says so. Done when he was reached."""

    key = models.CharField("键", max_length=80, unique=True)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="calls", verbose_name="问题单")
    notice = models.OneToOneField(Notice, models.PROTECT, null=True, related_name="call", verbose_name="通知")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="由哪里打")
    name = models.CharField("打给", max_length=120)
    phone = models.CharField("电话", max_length=30, blank=True)
    reason = models.CharField("为何", max_length=300)
    due_at = models.DateTimeField("应打时刻")
    created_at = models.DateTimeField("建立时间")
    done_at = models.DateTimeField("打通时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "电话通知"
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["division"], name="call_task_open", condition=Q(done_at=None))]


class CallAttempt(models.Model):
    """A call that was made. Append-only."""

    APPEND_ONLY = True

    task = models.ForeignKey(CallTask, models.PROTECT, related_name="attempts", verbose_name="电话通知")
    result = models.CharField("结果", max_length=10, choices=CallResult.choices)
    note = models.CharField("说了什么", max_length=300, blank=True)
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")

    class Meta:
        verbose_name = verbose_name_plural = "电话"
        ordering = ["at", "id"]
