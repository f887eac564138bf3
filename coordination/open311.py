"""Tickets for other city systems, in the shape of Open311 GeoReport v2: what, where, who, how far; no person, no inside.

A request says no more than the enterprise itself may read, less its contact: descriptions, phones and what was said among
the units are left out by construction, and numbers in titles that could be phones are masked.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from coordination import access
from coordination.choices import TicketState, Visibility
from coordination.models import Clock, Event, Ticket, TicketCategory
from coordination.rules.transitions import OPEN
from enterprises.models import Account

PHONE = re.compile(r"[0-9][0-9\- ]{5,}[0-9]")
OPEN_, CLOSED = "open", "closed"
STATUSES = (OPEN_, CLOSED)


@dataclass(frozen=True)
class Asked:
    """Filters of a list; empty = all. Moments bound the time of submission, both inclusive."""

    numbers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    start: dt.datetime | None = None
    end: dt.datetime | None = None


def services() -> list[dict[str, Any]]:
    """The categories, as services that can be asked for."""
    return [
        {
            "service_code": one.code, "service_name": one.name, "description": one.examples, "metadata": False,
            "type": "realtime", "keywords": one.examples.replace("、", ","), "group": one.get_level_display(),
        }
        for one in TicketCategory.objects.all()
    ]  # fmt: skip


def requests(account: Account, asked: Asked) -> QuerySet[Ticket]:
    """Submitted tickets within reach that fit, the latest first. Refuses forbidden."""
    public = Event.objects.filter(ticket=OuterRef("pk"), visibility=Visibility.ENTERPRISE).order_by("-seq")
    due = Clock.objects.filter(ticket=OuterRef("pk"), kind="E", stopped_at=None, paused_at=None)
    found = access.tickets(account).exclude(number=None).exclude(submitted_at=None)
    if asked.numbers:
        found = found.filter(number__in=asked.numbers)
    if asked.codes:
        found = found.filter(category__in=asked.codes)
    if set(asked.statuses) == {OPEN_}:
        found = found.filter(state__in=OPEN)
    elif set(asked.statuses) == {CLOSED}:
        found = found.exclude(state__in=OPEN)
    if asked.start is not None:
        found = found.filter(submitted_at__gte=asked.start)
    if asked.end is not None:
        found = found.filter(submitted_at__lte=asked.end)
    found = found.select_related("category", "lead", "duplicate_of")
    found = found.annotate(
        last_at=Subquery(public.values("occurred_at")[:1]), due=Subquery(due.order_by("due_at").values("due_at")[:1])
    )
    return found.order_by("-submitted_at", "-pk")


def row(account: Account, ticket: Ticket) -> dict[str, Any]:
    """One request; `ticket` comes from `requests`."""
    tree = access.tree_of(account)
    place = tree[ticket.division_id].name if ticket.division_id in tree else ticket.division_id
    last_at = ticket.last_at or ticket.submitted_at  # type: ignore[attr-defined]
    return {
        "service_request_id": str(ticket),
        "status": OPEN_ if ticket.state in OPEN else CLOSED,
        "status_notes": _notes(ticket),
        "service_name": ticket.category.name,
        "service_code": ticket.category_id,
        "description": PHONE.sub("…", ticket.title),
        "agency_responsible": ticket.lead.name if ticket.lead is not None else None,
        "service_notice": None,
        "requested_datetime": _moment(ticket.submitted_at),
        "updated_datetime": _moment(last_at),
        "expected_datetime": _moment(ticket.due),  # type: ignore[attr-defined]
        "address": place,
        "address_id": ticket.division_id,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
    }


def _notes(ticket: Ticket) -> str:
    """Where it stands, in the words the enterprise reads."""
    state = TicketState(ticket.state).label
    if ticket.state == TicketState.CLOSED:
        return f"{state}：{ticket.get_result_display()}（{ticket.get_confirm_mode_display()}）"
    if ticket.state == TicketState.DUPLICATE and ticket.duplicate_of is not None:
        return f"与 {ticket.duplicate_of.number} 合并办理"
    return state


def _moment(at: dt.datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at is not None else None
