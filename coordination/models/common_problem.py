"""Common problems: one cause behind many tickets. A parent that is no ticket; its members never see each other."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.choices import Coverage, OrderState, ProblemState
from coordination.models.ticket import Event, Ticket, TicketCategory
from enterprises.models import Organisation


class CommonProblem(models.Model):
    """One cause that a person has confirmed; the row is the lock of its members."""

    number = models.CharField("编号", max_length=12, unique=True)
    title = models.CharField("标题", max_length=60)
    category = models.ForeignKey(TicketCategory, models.PROTECT, related_name="+", verbose_name="类别")
    lead = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="牵头单位"
    )
    object = models.CharField("涉及对象", max_length=60, blank=True, help_text="路线、卡点、原料、证件或单位")
    state = models.CharField("状态", max_length=12, choices=ProblemState.choices, default=ProblemState.ESTABLISHED)
    considered = models.JSONField("立项或否定时看过的单", default=list, blank=True)
    cause = models.CharField("原因", max_length=500, blank=True)
    measure = models.CharField("措施", max_length=1000, blank=True)
    is_resolving = models.BooleanField("措施能解决", default=True, help_text="否 = 风险接受或无法解决，只通报")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="立项账号")
    created_at = models.DateTimeField("立项时间")
    closed_at = models.DateTimeField("销号时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "共性问题"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class ProblemOrder(models.Model):
    """What one unit is asked to do about a common problem, in place of an order for each member. One is alive at a time."""

    problem = models.ForeignKey(CommonProblem, models.PROTECT, related_name="orders", verbose_name="共性问题")
    number = models.CharField("编号", max_length=20, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="承办单位")
    state = models.CharField("状态", max_length=10, choices=OrderState.choices, default=OrderState.AWAITING)
    instruction = models.CharField("办理要求", max_length=1000)
    due_on = models.DateField("要求办结日", null=True)
    answer = models.TextField("反馈", blank=True)
    note = models.CharField("退回或撤销理由", max_length=1000, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="派出账号")
    created_at = models.DateTimeField("派出时间")
    signed_at = models.DateTimeField("签收时间", null=True)
    done_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "共性问题派工单"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["problem"], condition=~Q(state__in=["done", "cancelled"]), name="problem_order_one"
            ),
        ]
        indexes = [
            # a unit asks for its orders that are alive
            models.Index(fields=["organisation", "state"], name="problem_order_desk"),
        ]

    def __str__(self) -> str:
        return self.number


class Member(models.Model):
    """A ticket that hangs on a common problem, from when to when, and whether its measure covers it."""

    problem = models.ForeignKey(CommonProblem, models.PROTECT, related_name="members", verbose_name="共性问题")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="memberships", verbose_name="问题单")
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    linked_at = models.DateTimeField("关联时间")
    unlinked_at = models.DateTimeField("解除时间", null=True)
    reason = models.CharField("解除理由", max_length=500, blank=True)
    coverage = models.CharField("措施是否管用", max_length=12, choices=Coverage.choices, default=Coverage.UNKNOWN)

    class Meta:
        verbose_name = verbose_name_plural = "共性问题成员"
        ordering = ["linked_at", "id"]
        constraints = [
            # a ticket hangs on one problem at a time
            models.UniqueConstraint(fields=["ticket"], condition=Q(unlinked_at=None), name="member_once"),
        ]


class ProblemNotice(models.Model):
    """One text to all open members, each told by a message of its own. Append-only."""

    APPEND_ONLY = True

    problem = models.ForeignKey(CommonProblem, models.PROTECT, related_name="notices", verbose_name="共性问题")
    text = models.CharField("内容", max_length=1000)
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")

    class Meta:
        verbose_name = verbose_name_plural = "进展通报"
        ordering = ["-at", "-id"]


class Told(models.Model):
    """A member has been told a notice; the pair is unique, so that a second press tells nobody twice."""

    notice = models.ForeignKey(ProblemNotice, models.PROTECT, related_name="told", verbose_name="通报")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", verbose_name="问题单")
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+", verbose_name="消息")
    error = models.CharField("没有送到的原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通报送达"
        constraints = [models.UniqueConstraint(fields=["notice", "ticket"], name="told_once")]
