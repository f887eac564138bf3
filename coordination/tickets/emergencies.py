"""Declaring a state of emergency, ending it, and whether a ticket falls under one (K3)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coordination import access
from coordination.models import Emergency, Ticket, TicketCategory
from coordination.tickets import calendar, given
from enterprises import access as ground_access
from enterprises import audit
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account


def may_declare(account: Account) -> bool:
    """The city: whoever supervises and keeps the settings."""
    return ground_access.may(account, "tickets:supervise") and ground_access.may(account, "settings:write")


def declare(
    *, actor: Account, document: str, division: str = "", category: str = "", at: dt.datetime | None = None
) -> Emergency:
    """From now on new tickets in scope count day and night. Tickets that run stay as they are.

    Writes: emergency, audit `emergency.declare`. Refuses: forbidden, required, too_long, not_found (division),
    invalid_choice (category).
    """
    if not may_declare(actor):
        raise Forbidden
    try:
        said = given.text(document, "文号", 100)
    except ValueError as fault:
        code, _, message = str(fault).partition("|")
        raise Invalid(message, code=code, field="document") from None
    if said is None:
        raise Invalid("请填写文号。", code="required", field="document")
    if division:
        ground_access.division(actor, division, "tickets:supervise", tree=access.tree_of(actor))
    if category and not TicketCategory.objects.filter(pk=category).exists():
        raise Invalid("没有这个问题类别。", code="invalid_choice", field="category")
    with transaction.atomic():
        made = Emergency.objects.create(
            document=said, division_id=division or None, category_id=category or None, starts_at=at or timezone.now(),
            declared_by=actor,
        )  # fmt: skip
        after = {"document": said, "division": division, "category": category}
        audit.record(actor=actor, act="emergency.declare", on=made, after=after)
    return made


def end(*, actor: Account, number: int, at: dt.datetime | None = None) -> None:
    """End one. What runs goes on as it was begun. Refuses: forbidden, not_found, ended_already."""
    if not may_declare(actor):
        raise Forbidden
    with transaction.atomic():
        held = Emergency.objects.select_for_update().filter(pk=number).first()
        if held is None:
            raise NotFound("没有这个应急状态。")
        if held.ends_at is not None:
            raise Conflict("已经结束。", code="ended_already")
        held.ends_at, held.ended_by = max(at or timezone.now(), held.starts_at), actor
        held.save(update_fields=["ends_at", "ended_by"])
        audit.record(actor=actor, act="emergency.end", on=held, after={"ends_at": held.ends_at.isoformat()})


def holds_for(ticket: Ticket, at: dt.datetime) -> bool:
    """Whether a ticket submitted at a moment falls under a state of emergency; half-open, the end is out."""
    held = Emergency.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at)
    held = held.filter(Q(category=None) | Q(category=ticket.category_id))
    codes = list(held.values_list("division_id", flat=True))
    if not codes:
        return False
    tree = calendar.tree()
    return any(code is None or tree.covers(code, ticket.division_id) for code in codes)
