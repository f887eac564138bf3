"""Who is on duty, where a page of tickets needs to know it."""

from __future__ import annotations

from typing import Any

from django import template

from coordination import access as ticket_access
from coordination import duty
from coordination.models import Ticket
from enterprises.models import Account
from enterprises.rules.division_tree import Tree

register = template.Library()


@register.inclusion_tag("coordination/duty/_desk.html", takes_context=True)
def duty_at_desk(context: template.Context) -> dict[str, Any]:
    """Whoever is on duty now at the reader's own desk, units and groups; nothing for those who may not know."""
    account = context["request"].user
    if not isinstance(account, Account) or not duty.may_read(account):
        return {"standing": []}
    units = ticket_access.organisations(account)
    divisions = duty.desks(account)
    found = duty.now()
    rows = [one for key, one in found.shifts.items() if key[0] in divisions or key[1] in units]
    return {"standing": rows[:4], "names": duty.names_of(rows[:4], ticket_access.tree_of(account))}


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
