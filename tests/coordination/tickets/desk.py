"""A ticket played through by the people of the cast, at given moments."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from coordination import tickets
from coordination.models import Clock, Ticket
from enterprises.models import Account, Enterprise

ZONE = ZoneInfo("Asia/Shanghai")
GIVEN: dict[str, Any] = {
    "title": "熔喷布货车被劝返",
    "description": "运熔喷布的货车在外市高速口被劝返，没有通行证，布料只够两天。",
    "impact": "两条线要停",
    "category": "PASS_CITY",
    "contact_name": "林岱",
    "contact_phone": "13800000000",
}


def at(text: str) -> dt.datetime:
    """A moment in the city, "2020-03-26 09:20"."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


def raised(actor: Account, plant: Enterprise, moment: str, **more: Any) -> Ticket:
    """A submitted ticket."""
    return tickets.raise_ticket(actor=actor, uscc=plant.uscc, fields={**GIVEN, **more}, at=at(moment)).ticket


def take(ticket: Ticket, actor: Account | None, action: str, moment: str, **fields: Any) -> tickets.Done:
    """One step with the version there is; the ticket is brought up to date."""
    ticket.refresh_from_db()
    done = tickets.act(
        actor=actor, ticket=ticket, action=action, fields=fields, expected_version=ticket.version, at=at(moment)
    )
    ticket.refresh_from_db()
    return done


def clock(ticket: Ticket, kind: str, *, cycle: int | None = None) -> Clock:
    """The latest clock of a kind."""
    found = Clock.objects.filter(ticket=ticket, kind=kind)
    found = found.filter(cycle=cycle) if cycle is not None else found
    return found.latest("number")


def local(moment: dt.datetime | None) -> str | None:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}" if moment is not None else None
