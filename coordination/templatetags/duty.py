"""Who is on duty, where a page of tickets needs to know it."""

from __future__ import annotations

from typing import Any

from django import template

from coordination import access as ticket_access
from coordination import deliveries, duty
from coordination.choices import Side
from coordination.models import Ticket
from coordination.rules.transitions import OPEN
from coordination.tickets import phoning, supervision
from enterprises import access, work_days
from enterprises.models import Account
from enterprises.rules.division_tree import Tree

register = template.Library()


@register.inclusion_tag("coordination/duty/_desk.html", takes_context=True)
def duty_at_desk(context: template.Context) -> dict[str, Any]:
    """Whoever is on duty now at the reader's own desk, units and groups; nothing for those who may not know."""
    account = context["request"].user
    if not isinstance(account, Account) or not duty.may_read(account):
        return {"standing": [], "request": context["request"]}
    units = ticket_access.organisations(account)
    divisions = duty.desks(account)
    found = duty.now()
    rows = [one for key, one in found.shifts.items() if key[0] in divisions or key[1] in units]
    names = duty.names_of(rows[:4], ticket_access.tree_of(account))
    is_desk = access.may(account, "tickets:desk")
    return {"standing": rows[:4], "names": names, "is_desk": is_desk, "request": context["request"]}


@register.inclusion_tag("coordination/duty/_ticket.html", takes_context=True)
def duty_of_ticket(context: template.Context, ticket: Ticket) -> dict[str, Any]:
    """Whoever is on duty now for an urgent ticket: at its unit, its county's and the city's desk."""
    account = context["request"].user
    if ticket.mode == "normal" or not isinstance(account, Account) or not duty.may_read(account):
        return {"standing": []}
    tree: Tree = ticket_access.tree_of(account)
    found = duty.now()
    keys: list[tuple[str | None, int | None]] = [(None, ticket.lead_id)] if ticket.lead_id else []
    keys += [(node.code, None) for node in tree.path(ticket.division_id)]
    rows = [found.shifts[key] for key in keys if key in found.shifts]
    return {"standing": rows, "names": duty.names_of(rows, tree), "is_urgent": True}


@register.inclusion_tag("coordination/supervision/_ticket.html", takes_context=True)
def supervision_of_ticket(context: template.Context, ticket: Ticket, sides: frozenset[str]) -> dict[str, Any]:
    """Who was told what and opened it, calls to be made, supervision, and messages that did not arrive."""
    account = context["request"].user
    if not isinstance(account, Account) or not supervision.may_read(account):
        return {"is_shown": False}
    rows = [
        (row, supervision.title(row), supervision.may_answer(account, row)) for row in supervision.of(account, ticket)
    ]
    told = phoning.whereabouts(ticket, ticket_access.tree_of(account))
    found = {
        "supervisions": rows,
        "calls": phoning.of(account, ticket),
        "failed": deliveries.failed(account, ticket),
        "notices": told,
        "is_supervisor": Side.SUPERVISOR in sides,
        "is_open": ticket.state in OPEN,
        "ticket": ticket,
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
    }
    return found | {"is_shown": any((rows, found["calls"], found["failed"], told, found["is_supervisor"]))}


@register.simple_tag(takes_context=True)
def calls_waiting(context: template.Context) -> int:
    """How many people the reader's desk has to phone."""
    account = context["request"].user
    return phoning.waiting(account).count() if isinstance(account, Account) else 0


@register.simple_tag(takes_context=True)
def reads_supervision(context: template.Context) -> bool:
    """Whether the reader is of the bureau's side."""
    account = context["request"].user
    return isinstance(account, Account) and supervision.may_read(account)


@register.simple_tag(takes_context=True)
def years_missing(context: template.Context) -> list[int]:
    """Years whose calendar is to be loaded, for those who can load it."""
    account = context["request"].user
    return work_days.missing_years() if access.may(account, "settings:write") else []
