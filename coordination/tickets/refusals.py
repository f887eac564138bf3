"""Refusals of an answer (T19), and what the supervisor judged of the last one (K8)."""

from __future__ import annotations

from coordination.models import Event, Ticket


def last(ticket: Ticket) -> Event | None:
    """The last refusal; its cycle is the one that it opened."""
    return Event.objects.filter(ticket=ticket, transition="T19").order_by("-seq").first()


def excused(ticket: Ticket) -> int | None:
    """The cycle whose refusal was judged unreasonable, where that is the last judgement and no refusal came since."""
    found = Event.objects.filter(ticket=ticket, action__in=["excuse", "restore", "refuse"]).order_by("-seq").first()
    return int(found.said["refused"]) if found is not None and found.action == "excuse" else None
