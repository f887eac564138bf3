"""The liaison desk's tickets: one enterprise, one matter; what happened to it is added, never edited."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.choices import (
    ConfirmMode,
    Obstacle,
    Side,
    TicketLevel,
    TicketMode,
    TicketNature,
    TicketResult,
    TicketSource,
    TicketState,
    UrgentReason,
    Visibility,
)
from enterprises.models import Division, Enterprise, Organisation
from supplies.models import Product


class TicketCategory(models.Model):
    """What a matter is about, who usually decides it, and how urgent it usually is. Loaded from our own list."""

    code = models.CharField("代码", max_length=20, primary_key=True)
    name = models.CharField("名称", max_length=50, unique=True)
    examples = models.CharField("例", max_length=200, blank=True)
    level = models.CharField("层级", max_length=10, choices=TicketLevel.choices)
    lead = models.CharField("承办", max_length=50)
    assist = models.CharField("协办", max_length=100, blank=True)
    urgency = models.CharField(
        "缓急", max_length=10, choices=[("general", "一般"), ("urgent", "紧急"), ("top", "特急")]
    )
    order = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "问题类别"
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class TicketNumber(models.Model):
    """The last number given in a year; the row is the lock under which the next one is given."""

    year = models.PositiveSmallIntegerField("年", primary_key=True)
    last = models.PositiveIntegerField("末号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号"


class Ticket(models.Model):
    """One matter of one enterprise. Its state is written by coordination.tickets only, with an event beside it.

    `blocked` is the capacity it holds back, in thousandths of the product's base unit a day.
    """

    number = models.CharField("编号", max_length=20, unique=True, null=True, help_text="提交时给出")
    version = models.PositiveIntegerField("版本", default=1)
    state = models.CharField("状态", max_length=12, choices=TicketState.choices, default=TicketState.DRAFT)
    state_before = models.CharField("并单前状态", max_length=12, blank=True)
    result = models.CharField("结果", max_length=10, choices=TicketResult.choices, blank=True)
    proposed_result = models.CharField("答复的结果", max_length=10, choices=TicketResult.choices, blank=True)
    confirm_mode = models.CharField("确认方式", max_length=10, choices=ConfirmMode.choices, blank=True)
    satisfaction = models.PositiveSmallIntegerField("满意度", null=True)
    level = models.CharField("层级", max_length=10, choices=TicketLevel.choices, default=TicketLevel.COUNTY)
    mode = models.CharField("缓急", max_length=10, choices=TicketMode.choices, default=TicketMode.NORMAL)
    urgent_reason = models.CharField("紧急事由", max_length=12, choices=UrgentReason.choices, blank=True)
    cycle = models.PositiveSmallIntegerField("办理轮次", default=1)
    category = models.ForeignKey(TicketCategory, models.PROTECT, related_name="+", verbose_name="类别")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="tickets", verbose_name="企业")
    division = models.ForeignKey(
        Division, models.PROTECT, related_name="+", verbose_name="区县", help_text="提交时企业所在"
    )
    lead = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="牵头单位"
    )
    obstacle = models.CharField("障碍在哪", max_length=16, choices=Obstacle.choices, blank=True)
    obstacle_division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="哪个县市区"
    )
    obstacle_place = models.CharField("哪个省市", max_length=60, blank=True)
    rule = models.CharField("分办规则", max_length=10, blank=True)
    needs_letter = models.BooleanField("要发公函", default=False)
    title = models.CharField("标题", max_length=60)
    description = models.TextField("情况", max_length=2000)
    impact = models.CharField("影响", max_length=500, blank=True)
    contact_name = models.CharField("联系人", max_length=60)
    contact_phone = models.CharField("联系电话", max_length=30)
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="产品")
    blocked = models.BigIntegerField("压住产能", null=True, help_text="每天，基本单位的千分之一")
    blocked_since = models.DateField("自何日起", null=True)
    hours_to_stop = models.PositiveSmallIntegerField("距停产小时", null=True)
    source = models.CharField("来源", max_length=8, choices=TicketSource.choices, default=TicketSource.WEB)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出账号")
    raised_as = models.CharField("提出方", max_length=10, choices=Side.choices)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="tickets", verbose_name="特派员",
        help_text="替企业跟进的人",
    )  # fmt: skip
    occurred_at = models.DateTimeField("发生时间", null=True, help_text="补录时")
    object = models.CharField("涉及对象", max_length=60, blank=True, help_text="路线、卡点、原料、证件或单位")
    nature = models.CharField("性质", max_length=8, choices=TicketNature.choices, default=TicketNature.REAL)
    items = models.JSONField("待补材料", default=list, blank=True)
    reply_by = models.DateField("请企业答复至", null=True)
    asked = models.PositiveSmallIntegerField("本轮请补次数", default=0)
    review_on = models.DateField("挂账复查日", null=True)
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="duplicates", verbose_name="并入"
    )
    created_at = models.DateTimeField("建立时间")
    submitted_at = models.DateTimeField("提交时间", null=True)
    accepted_at = models.DateTimeField("受理时间", null=True)
    replied_at = models.DateTimeField("最近答复", null=True)
    first_replied_at = models.DateTimeField("首轮末次答复", null=True)
    closed_at = models.DateTimeField("最近办结", null=True)
    was_refused = models.BooleanField("首轮被退回重办", default=False)
    refusals = models.PositiveSmallIntegerField("企业不认可次数", default=0)
    supervision = models.PositiveSmallIntegerField("督办提升", default=0, help_text="第二次不认可起，每次升一级")
    is_appealed = models.BooleanField("申诉待复核", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "问题单"
        constraints = [
            models.CheckConstraint(name="ticket_number_given", condition=Q(state="draft") | Q(number__isnull=False)),
            models.CheckConstraint(
                name="ticket_closed_has_result", condition=~Q(state="closed") | (~Q(result="") & ~Q(confirm_mode=""))
            ),
            models.CheckConstraint(name="ticket_blocked", condition=Q(blocked=None) | Q(blocked__gte=0)),
        ]
        indexes = [
            # desks ask for what is open in their units
            models.Index(fields=["state", "division"], name="ticket_desk"),
            # the enterprise's own list, and the draft that a daily report compares with
            models.Index(fields=["enterprise", "state"], name="ticket_enterprise"),
            # what an officer still has in hand
            models.Index(fields=["officer", "state"], name="ticket_officer"),
            # statistics ask by when something happened
            models.Index(fields=["submitted_at"], name="ticket_submitted"),
            models.Index(fields=["closed_at"], name="ticket_closed"),
        ]

    def __str__(self) -> str:
        return self.number or f"draft-{self.pk}"


class Event(models.Model):
    """What happened to a ticket, in order. Append-only. `text` is for those whom `visibility` names."""

    APPEND_ONLY = True

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="events", verbose_name="问题单")
    seq = models.PositiveIntegerField("序号")
    at = models.DateTimeField("记录时间")
    occurred_at = models.DateTimeField("发生时间", help_text="补录的早于记录时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="账号"
    )
    principal = models.CharField("凭何进入", max_length=80, blank=True)
    side = models.CharField("身份", max_length=10, choices=Side.choices)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    action = models.CharField("动作", max_length=24)
    transition = models.CharField("流转", max_length=4, blank=True)
    before = models.CharField("之前状态", max_length=12, blank=True)
    after = models.CharField("之后状态", max_length=12, blank=True)
    cycle = models.PositiveSmallIntegerField("办理轮次", default=1)
    visibility = models.CharField("可见", max_length=10, choices=Visibility.choices)
    text = models.TextField("内容", blank=True)
    said = models.JSONField("所填", default=dict, blank=True)
    request_id = models.CharField("请求编号", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "经过"
        constraints = [models.UniqueConstraint(fields=["ticket", "seq"], name="ticket_event_unique")]
        ordering = ["ticket", "seq"]
        indexes = [
            # statistics count transitions within a period
            models.Index(fields=["transition", "at"], name="ticket_event_transition"),
        ]
