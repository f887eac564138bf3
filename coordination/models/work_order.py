"""Work orders: one receiving unit, one instruction, and what the unit answered to it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.choices import AnswerState, OrderPart, OrderState, ReturnReason, TicketResult
from coordination.models.ticket import Ticket
from enterprises.models import Organisation


class WorkOrder(models.Model):
    """What a unit is asked to do for a ticket. At most one lead order of a ticket is alive.

    A ticket must not be answered before its mandatory orders are finished. A binding one was ruled on (L5) or kept
    after it had been sent back: it cannot be sent back again. `return_to` is the unit that should have it instead.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="orders", verbose_name="问题单")
    number = models.CharField("编号", max_length=24, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="orders", verbose_name="承办单位")
    part = models.CharField("主办或协办", max_length=6, choices=OrderPart.choices)
    is_mandatory = models.BooleanField("必须完成", default=True, help_text="否 = 送阅，签收即完成")
    state = models.CharField("状态", max_length=10, choices=OrderState.choices, default=OrderState.AWAITING)
    instruction = models.CharField("办理要求", max_length=1000)
    basis = models.CharField("依据", max_length=200, blank=True)
    evidence = models.CharField("要交的凭证", max_length=200, blank=True)
    contact = models.CharField("联系人", max_length=60, blank=True)
    is_confidential = models.BooleanField("保密", default=False, help_text="内容只给承办单位和受理派工岗看")
    is_binding = models.BooleanField("不得退单", default=False)
    due_on = models.DateField("要求办结日", null=True)
    answer = models.TextField("反馈", blank=True)
    refusals = models.PositiveSmallIntegerField("反馈被退次数", default=0)
    return_code = models.CharField("退单原因", max_length=10, choices=ReturnReason.choices, blank=True)
    return_reason = models.CharField("退单理由", max_length=500, blank=True)
    return_to = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="应办单位"
    )
    return_asked_at = models.DateTimeField("申请退单时间", null=True)
    asked_days = models.PositiveSmallIntegerField("申请延期工作日", null=True)
    asked_reason = models.CharField("延期理由", max_length=500, blank=True)
    granted_days = models.PositiveSmallIntegerField("批准延期工作日", null=True)
    created_at = models.DateTimeField("派出时间")
    signed_at = models.DateTimeField("签收时间", null=True)
    is_signed_by_system = models.BooleanField("逾期自动签收", default=False)
    done_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "派工单"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(part="lead") & ~Q(state__in=["sent_back", "cancelled", "done"]),
                name="work_order_one_lead",
            ),
        ]
        indexes = [
            # a unit's desk asks for its orders that are alive
            models.Index(fields=["organisation", "state"], name="work_order_desk"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderAnswer(models.Model):
    """One submission of a unit to its order; the next one is a new row. One at most is not decided yet."""

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="answers", verbose_name="派工单")
    number = models.PositiveSmallIntegerField("第几次")
    state = models.CharField("状态", max_length=10, choices=AnswerState.choices)
    text = models.TextField("反馈")
    evidence = models.CharField("凭证", max_length=500, blank=True)
    result = models.CharField("建议结果", max_length=10, choices=TicketResult.choices, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="反馈人")
    at = models.DateTimeField("反馈时间")
    passed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="单位审核人"
    )
    passed_at = models.DateTimeField("单位审核时间", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="审核人"
    )
    decided_at = models.DateTimeField("审核时间", null=True)
    reason = models.CharField("退回理由", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "反馈"
        ordering = ["order", "number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="order_answer_unique"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=["waiting", "passed"]), name="order_answer_one_open"
            ),
        ]
