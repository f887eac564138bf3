"""Escalations over all tickets: which levels are asked, which disputes wait, which wishes for policy are still open (2.4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from coordination import access
from coordination.choices import EscalationRule
from coordination.models import Clock, Escalation
from coordination.tickets import given
from enterprises import access as ground_access
from enterprises import audit
from enterprises.choices import Role
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account

OPEN = Q(accepted_at=None, returned_at=None)
GROUPS = {
    "open": OPEN, "ruling": OPEN & Q(rule=EscalationRule.L5), "accepted": Q(accepted_at__isnull=False),
    "returned": Q(returned_at__isnull=False), "policy": Q(rule=EscalationRule.L7, settled_at=None),
}  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """For the leading line."""

    open: int
    late: int
    ruling: int
    policy: int


def may_read(account: Account) -> bool:
    """Everybody on our side who reads tickets; an enterprise reads of its own only that a level was asked."""
    return access.may_see_some(account) and ground_access.roles(account) != {Role.ENTERPRISE}


def may_settle(account: Account) -> bool:
    """A wish for policy is the city's to follow."""
    return ground_access.may(account, "tickets:supervise") and ground_access.may(account, "tickets:desk")


def listed(account: Account, group: str = "") -> QuerySet[Escalation]:
    """Those of tickets within reach: what is open first, the one that is due first. Refuses forbidden."""
    if not may_read(account):
        raise Forbidden
    found = Escalation.objects.filter(ticket__in=access.tickets(account))
    if group in GROUPS:
        found = found.filter(GROUPS[group])
    running = Clock.objects.filter(escalation=OuterRef("pk"), stopped_at=None)
    found = found.annotate(due=Subquery(running.values("due_at")[:1]))
    found = found.select_related("ticket__enterprise", "requested_by", "decided_by", "lead")
    return found.order_by(F("due").asc(nulls_last=True), "-requested_at", "-id")


def counts(account: Account) -> Counts:
    """Two queries."""
    found = listed(account).order_by()
    row = found.aggregate(
        open=Count("pk", filter=OPEN), late=Count("pk", filter=OPEN & Q(due__lt=timezone.now())),
        ruling=Count("pk", filter=GROUPS["ruling"]), policy=Count("pk", filter=GROUPS["policy"]),
    )  # fmt: skip
    return Counts(**row)


def find(account: Account, number: int) -> Escalation:
    """One of them; refuses forbidden, not_found."""
    found = listed(account).filter(pk=number).first()
    if found is None:
        raise NotFound("没有找到这次提级。")
    return found


def settle(*, actor: Account, number: int, outcome: Any, at: dt.datetime | None = None) -> None:
    """Say what became of a wish for policy; its ticket may have ended long before.

    Writes: escalation, audit `escalation.settle`. Refuses: forbidden, not_found, not_policy, settled_already, required.
    """
    if not may_settle(actor):
        raise Forbidden
    asked = find(actor, number)
    try:
        said = given.text(outcome, "结果", 500)
    except ValueError as fault:
        code, _, message = str(fault).partition("|")
        raise Invalid(message, code=code, field="outcome") from None
    if said is None:
        raise Invalid("请填写结果。", code="required", field="outcome")
    with transaction.atomic():
        locked = Escalation.objects.select_for_update(of=("self",)).get(pk=asked.pk)
        if locked.rule != EscalationRule.L7:
            raise Conflict("这不是政策建议。", code="not_policy")
        if locked.settled_at is not None:
            raise Conflict("这项政策事项已经了结。", code="settled_already")
        locked.settled_at, locked.outcome = at or timezone.now(), said
        locked.save(update_fields=["settled_at", "outcome"])
        audit.record(actor=actor, act="escalation.settle", on=locked, after={"outcome": said})
