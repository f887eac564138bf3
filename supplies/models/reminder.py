"""Reminders to those who owe a report: the outbox of messages, and the group robots they go to."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from enterprises.models import Division, Enterprise
from supplies.choices import ReminderChannel, ReminderKind, ReminderState, RobotKind


class Robot(models.Model):
    """A robot of a work group (企业微信, 钉钉, 飞书) that is told who is missing in a division."""

    name = models.CharField("群名", max_length=60)
    kind = models.CharField("平台", max_length=10, choices=RobotKind.choices)
    address = models.CharField("地址", max_length=500, help_text="机器人的 Webhook 地址，本身就是密钥")
    secret = models.CharField("加签密钥", max_length=200, blank=True)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="区划")
    is_on = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("创建时间")

    class Meta:
        verbose_name = verbose_name_plural = "群机器人"
        ordering = ["division", "id"]

    def __str__(self) -> str:
        return self.name


class ReminderRound(models.Model):
    """A set time at which those who owed in a reporting unit were reminded; one row = done, for ever."""

    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="填报单位")
    day = models.DateField("填报日")
    kind = models.CharField("类别", max_length=10, choices=ReminderKind.choices)
    planned_at = models.DateTimeField("安排时间")

    class Meta:
        verbose_name = verbose_name_plural = "提醒轮次"
        constraints = [models.UniqueConstraint(fields=["day", "kind", "division"], name="reminder_round_once")]


class Outgoing(models.Model):
    """A message that leaves the house. `key` names the thing and the receiver, so that it is written once.

    Nothing is sent twice: a message whose sender died half-way is failed, not repeated, for nobody knows whether it
    arrived. Sent by supplies.reminders.outbox only.
    """

    key = models.CharField("唯一键", max_length=160, unique=True)
    channel = models.CharField("渠道", max_length=10, choices=ReminderChannel.choices)
    robot = models.ForeignKey(Robot, models.PROTECT, null=True, related_name="+", verbose_name="群机器人")
    recipient = models.CharField("收件人", max_length=254, blank=True)
    subject = models.CharField("标题", max_length=200)
    body = models.TextField("正文")
    created_at = models.DateTimeField("创建时间")
    state = models.CharField("状态", max_length=10, choices=ReminderState.choices, default=ReminderState.WAITING)
    not_before = models.DateTimeField("不早于")
    claimed_until = models.DateTimeField("发送期限", null=True)
    tries = models.PositiveSmallIntegerField("已试次数", default=0)
    done_at = models.DateTimeField("完成时间", null=True)
    error = models.CharField("失败原因", max_length=200, blank=True)

    class Meta:
        abstract = True


class Reminder(Outgoing):
    """One reminder to one enterprise or work group. Written by supplies.reminders only."""

    day = models.DateField("填报日")
    kind = models.CharField("类别", max_length=10, choices=ReminderKind.choices)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="区划")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经办账号"
    )

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        constraints = [
            models.CheckConstraint(
                name="reminder_one_receiver",
                condition=Q(enterprise=None, robot__isnull=False) | Q(enterprise__isnull=False, robot=None),
            ),
        ]
        indexes = [
            # the sender asks for what waits, the enterprise's page for its own, the list for the newest
            models.Index(fields=["not_before"], name="reminder_open", condition=Q(state__in=["waiting", "sending"])),
            models.Index(fields=["enterprise", "day"], name="reminder_enterprise"),
        ]
