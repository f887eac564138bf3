"""Keep what is typed about a ticket until it is sent, so that a phone may die and another may go on."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import transaction
from django.utils import timezone

from coordination import access
from coordination.models import Event, Ticket, Unsent
from coordination.rules.transitions import BY_ACTION
from enterprises import access as ground_access
from enterprises.errors import NotFound
from enterprises.models import Account
from supplies.drafts import pairs

KEPT = dt.timedelta(days=7)
JUST_SENT = dt.timedelta(seconds=10)
"""A copy that was under way when its step was taken arrives within this time, and is not kept."""
_NEW = re.compile(r"new(?::(draft-[0-9]{1,9}))?")
_STEP = re.compile(r"([0-9]{8}-[0-9]{4,6})/([a-z_]{1,24})")


def place_of(ticket: Ticket, action: str) -> str:
    return f"{ticket}/{action}"


def save(*, actor: Account, place: str, body: bytes, device: str, at: dt.datetime | None = None) -> Ticket | None:
    """Keep the latest state of a form; the one saved last holds. Not audited: nothing of it counts.

    Gives the ticket it is about, if there is one already. Refuses: not_found and forbidden of whoever could not open the
    form; invalid_draft.
    """
    at = at or timezone.now()
    ticket = _about(actor, place)
    fields = pairs(body)
    if ticket is not None and _was_just_sent(actor, ticket, place, at):
        return ticket
    with transaction.atomic():
        Unsent.objects.update_or_create(
            account=actor, place=place, defaults={"fields": fields, "device": device[:40], "saved_at": at}
        )
    return ticket


def drop(*, actor: Account, place: str) -> None:
    """Forget what was typed there."""
    Unsent.objects.filter(account=actor, place=place).delete()


def of(account: Account, ticket: Ticket) -> dict[str, Any]:
    """What the account has typed about a ticket, by place, as the page's script takes it. One query."""
    return _shown(Unsent.objects.filter(account=account, place__startswith=f"{ticket}/"))


def at(account: Account, place: str) -> dict[str, Any]:
    """What the account has typed at one place, by place."""
    return _shown(Unsent.objects.filter(account=account, place=place))


def tidy() -> None:
    """Delete what nobody came back to."""
    Unsent.objects.filter(saved_at__lt=timezone.now() - KEPT).delete()


def _shown(rows: Any) -> dict[str, Any]:
    return {
        row.place: {"at": int(row.saved_at.timestamp() * 1000), "device": row.device, "fields": row.fields}
        for row in rows
    }


def _about(actor: Account, place: str) -> Ticket | None:
    if (new := _NEW.fullmatch(place)) is not None:
        ground_access.require(actor, "tickets:raise")
        return access.ticket(actor, new[1]) if new[1] else None
    step = _STEP.fullmatch(place)
    if step is None or step[2] not in BY_ACTION:
        raise NotFound("没有这张表单。", field="place")
    return access.ticket(actor, step[1])


def _was_just_sent(actor: Account, ticket: Ticket, place: str, at: dt.datetime) -> bool:
    action = "submit" if place.startswith("new") else place.rpartition("/")[2]
    return Event.objects.filter(ticket=ticket, actor=actor, action=action, at__gte=at - JUST_SENT).exists()
