"""Escalations: a ticket was put to another level or to a ruling, by which rule, and what became of it (2.4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.choices import EscalationRule, TicketLevel
from coordination.models.ticket import Ticket
from enterprises.models import Organisation


class Escalation(models.Model):
    """One change of level, or one dispute put to a ruling (L5: from and to are the same level).

    Open until the receiving level accepts or returns it, or the ruling is given. A wish for policy (L7) stays open
    after that, until `settled_at`, even where its ticket has ended. Written by coordination.tickets only.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="escalations", verbose_name="问题单")
    from_level = models.CharField("自", max_length=10, choices=TicketLevel.choices)
    to_level = models.CharField("至", max_length=10, choices=TicketLevel.choices)
    rule = models.CharField("依据", max_length=10, choices=EscalationRule.choices)
    is_skip = models.BooleanField("越级", default=False)
    reason = models.CharField("理由", max_length=500)
    documents = models.CharField("材料", max_length=300, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="提出人"
    )
    requested_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="决定人"
    )
    accepted_at = models.DateTimeField("接办时间", null=True)
    returned_at = models.DateTimeField("退回时间", null=True)
    answer = models.CharField("接办或退回的理由", max_length=500, blank=True)
    owner = models.CharField("下级经办人", max_length=60, blank=True)
    lead = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="之后的主办单位")
    settled_at = models.DateTimeField("政策事项了结", null=True)
    outcome = models.CharField("政策事项结果", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "提级"
        ordering = ["-requested_at", "-id"]
        constraints = [
            # one level at a time is asked; a ruling may be asked meanwhile
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(accepted_at=None, returned_at=None) & ~Q(rule="L5"),
                name="escalation_one_open",
            ),
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(accepted_at=None, returned_at=None, rule="L5"),
                name="escalation_one_ruling",
            ),
            models.CheckConstraint(
                name="escalation_one_answer", condition=Q(accepted_at=None) | Q(returned_at=None)
            ),
        ]  # fmt: skip

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.returned_at is None

    @property
    def is_up(self) -> bool:
        order = [level.value for level in TicketLevel]
        return order.index(self.to_level) > order.index(self.from_level)
