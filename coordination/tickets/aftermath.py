"""What later daily reports say of a matter that was closed: that it is gone, that it is still there, or nothing yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from coordination import access
from coordination.choices import TicketState
from coordination.models import Ticket
from enterprises.models import Account
from supplies.choices import LimitReason
from supplies.models import DailyReport, Limit, ReportLine

REASONS: dict[str, tuple[str, ...]] = {
    LimitReason.LOGISTICS: ("PASS_LOCAL", "PASS_CITY", "PASS_PROV", "LOGISTICS"),
    LimitReason.MATERIAL: ("RAW_LOCAL", "RAW_OUT", "MAT_SPEC", "SUPPORT_CHAIN", "STERILISE"),
    LimitReason.EQUIPMENT: ("EQUIP_TRANSIT", "EQUIP_TECH", "LAND_SITE"),
    LimitReason.LICENCE: ("LICENSE", "TEST", "PROJECT"),
    LimitReason.ENERGY: ("POWER", "COAL_GAS"),
    LimitReason.LABOUR: ("LABOUR", "STAFF_TRAVEL", "EPIDEMIC"),
    LimitReason.MONEY: ("FINANCE", "FUND", "TAX_CUSTOMS"),
}
"""Which constraint of a daily report speaks of which categories of tickets."""
WITHIN = dt.timedelta(days=30)
LOOKED_BACK = dt.timedelta(days=60)
"""So long after the closing a contradiction stays on the list."""


@dataclass(frozen=True)
class Aftermath:
    """verdict: confirmed | contradicted | flat (no constraint named, no more capacity) | silent (no report since)."""

    verdict: str
    day: dt.date | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Contradiction:
    """A closed ticket and the day whose report still names its constraint."""

    ticket: Ticket
    day: dt.date | None


def reason_of(category: str) -> str | None:
    """The constraint of a daily report that speaks of a category."""
    return next((one for one, codes in REASONS.items() if category in codes), None)


def aftermath(ticket: Ticket) -> Aftermath | None:
    """The latest report within a month of the closing, held against the matter; None where the ticket named no capacity."""
    return aftermaths([ticket]).get(ticket.pk)


def aftermaths(tickets: Iterable[Ticket]) -> dict[int, Aftermath]:
    """The same for many, by key; those that named no capacity or are not closed are left out. Three queries."""
    held = [
        one for one in tickets if one.state == TicketState.CLOSED and one.closed_at and one.product_id and one.blocked
    ]
    if not held:
        return {}
    reports: dict[int, list[tuple[dt.date, int]]] = {}
    found = DailyReport.objects.filter(enterprise__in={one.enterprise_id for one in held}, head__isnull=False)
    for firm, day, head in found.order_by("day").values_list("enterprise_id", "day", "head_id"):
        reports.setdefault(firm, []).append((day, head))
    pairs = {one.pk: _around(one, reports.get(one.enterprise_id, [])) for one in held}
    heads = {pair[1] for both in pairs.values() for pair in both if pair is not None}
    limits: dict[int, list[tuple[str, str | None]]] = {}
    for head, reason, product in Limit.objects.filter(revision__in=heads).values_list(
        "revision_id", "reason", "product_id"
    ):
        limits.setdefault(head, []).append((reason, product))
    lines = ReportLine.objects.filter(revision__in=heads, product__in={one.product_id for one in held})
    capacity = {(h, p): amount for h, p, amount in lines.values_list("revision_id", "product_id", "capacity")}
    return {one.pk: _verdict(one, *pairs[one.pk], limits, capacity) for one in held}


def contradicted(account: Account, *, now: dt.datetime | None = None) -> list[Contradiction]:
    """Closed tickets of the last sixty days whose enterprises still report the constraint, the most capacity first."""
    since = (now or timezone.now()) - LOOKED_BACK
    closed = access.tickets(account).filter(state=TicketState.CLOSED, closed_at__gte=since, blocked__gt=0)
    found = list(closed.select_related("enterprise", "category", "lead", "product", "division", "duplicate_of"))
    verdicts = aftermaths(found)
    still = [one for one in found if one.pk in verdicts and verdicts[one.pk].verdict == "contradicted"]
    return [Contradiction(one, verdicts[one.pk].day) for one in sorted(still, key=lambda t: (-(t.blocked or 0), t.pk))]


def _around(
    ticket: Ticket, reports: list[tuple[dt.date, int]]
) -> tuple[tuple[dt.date, int] | None, tuple[dt.date, int] | None]:
    """The last report from before the matter, and the last within a month after its closing."""
    assert ticket.closed_at is not None
    closed = timezone.localtime(ticket.closed_at).date()
    since = ticket.blocked_since or timezone.localtime(ticket.created_at).date()
    before = [one for one in reports if one[0] <= since]
    after = [one for one in reports if closed < one[0] <= closed + WITHIN]
    return (before[-1] if before else None, after[-1] if after else None)


def _verdict(
    ticket: Ticket,
    before: tuple[dt.date, int] | None,
    after: tuple[dt.date, int] | None,
    limits: dict[int, list[tuple[str, str | None]]],
    capacity: dict[tuple[int, str], int | None],
) -> Aftermath:
    if after is None:
        return Aftermath("silent")
    day, head = after
    reason, product = reason_of(ticket.category_id), ticket.product_id
    assert product is not None
    if any(said == reason and of in (None, product) for said, of in limits.get(head, [])):
        return Aftermath("contradicted", day)
    was = capacity.get((before[1], product)) if before is not None else None
    now = capacity.get((head, product))
    return Aftermath("confirmed" if was is not None and now is not None and now > was else "flat", day, was, now)
