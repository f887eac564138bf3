"""Work orders: one receiving unit, one instruction."""

from django.db import models
from django.db.models import Q

from coordination.choices import OrderPart, OrderState
from coordination.models.ticket import Ticket
from enterprises.models import Organisation


class WorkOrder(models.Model):
    """What a unit is asked to do for a ticket. At most one lead order of a ticket is alive."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="orders", verbose_name="问题单")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="orders", verbose_name="承办单位")
    part = models.CharField("主办或协办", max_length=6, choices=OrderPart.choices)
    state = models.CharField("状态", max_length=10, choices=OrderState.choices, default=OrderState.AWAITING)
    instruction = models.CharField("办理要求", max_length=1000)
    due_on = models.DateField("要求办结日", null=True)
    answer = models.TextField("反馈", blank=True)
    refusals = models.PositiveSmallIntegerField("反馈被退次数", default=0)
    return_reason = models.CharField("退单理由", max_length=500, blank=True)
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
