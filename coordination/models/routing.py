"""Rules by competence as data, and where people decided otherwise (2.4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from coordination.choices import EscalationRule, Obstacle, TicketLevel, UrgentReason
from coordination.models.ticket import Ticket, TicketCategory
from enterprises.models import Organisation


class RoutingRule(models.Model):
    """A condition and what follows from it: rows are tried by priority, the first that fits proposes.

    Empty conditions fit everything; an empty level or lead is that of the category. A row with an urgent reason speaks of
    urgency only and leaves the level to the others (L8). Changes raise the version and stand in the audit.
    """

    code = models.CharField("规则", max_length=10, choices=EscalationRule.choices)
    priority = models.PositiveSmallIntegerField("次序", unique=True)
    obstacle = models.CharField("障碍在哪", max_length=16, choices=Obstacle.choices, blank=True)
    category = models.ForeignKey(
        TicketCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="类别"
    )
    hours = models.PositiveSmallIntegerField("距停产不超过（小时）", null=True, blank=True)
    level = models.CharField("层级", max_length=10, choices=TicketLevel.choices, blank=True)
    lead = models.CharField("牵头单位", max_length=50, blank=True, help_text="单位名称里的词；空 = 按类别")
    urgent_reason = models.CharField("紧急事由", max_length=12, choices=UrgentReason.choices, blank=True)
    needs_letter = models.BooleanField("要发公函", default=False)
    decided_by = models.CharField("由谁决定", max_length=100)
    text = models.CharField("说明", max_length=200)
    is_on = models.BooleanField("启用", default=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "分办规则"
        ordering = ["priority"]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class RoutingOverride(models.Model):
    """A person decided otherwise than a rule proposed, and why. Append-only: by it the rules are mended."""

    APPEND_ONLY = True

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="overrides", verbose_name="问题单")
    rule = models.CharField("规则", max_length=10, choices=EscalationRule.choices)
    rule_version = models.PositiveIntegerField("规则版本", default=1)
    proposed_level = models.CharField("建议层级", max_length=10, choices=TicketLevel.choices)
    chosen_level = models.CharField("所定层级", max_length=10, choices=TicketLevel.choices)
    proposed_lead = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="建议牵头单位"
    )
    chosen_lead = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="所定牵头单位"
    )
    reason = models.CharField("理由", max_length=500, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="谁定的")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "未按规则分办"
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="routing_override_differs",
                condition=~Q(proposed_level=models.F("chosen_level")) | ~Q(proposed_lead=models.F("chosen_lead"))
                | Q(proposed_lead=None) | Q(chosen_lead=None),
            ),
        ]  # fmt: skip
        indexes = [
            # the page of rules counts by rule
            models.Index(fields=["rule", "at"], name="routing_override_rule"),
        ]
