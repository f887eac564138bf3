"""What later daily reports say of a matter that was closed: that it is gone, that it is still there, or nothing yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from coordination.choices import TicketState
from coordination.models import Ticket
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


@dataclass(frozen=True)
class Aftermath:
    """verdict: confirmed | contradicted | flat (no constraint named, no more capacity) | silent (no report since)."""

    verdict: str
    day: dt.date | None = None
    before: int | None = None
    after: int | None = None


def aftermath(ticket: Ticket) -> Aftermath | None:
    """The latest report within a month of the closing, held against the matter; None where the ticket named no capacity.

    Four queries at most.
    """
    if (
        ticket.state != TicketState.CLOSED
        or ticket.closed_at is None
        or ticket.product_id is None
        or not ticket.blocked
    ):
        return None
    closed = timezone.localtime(ticket.closed_at).date()
    reports = DailyReport.objects.filter(enterprise=ticket.enterprise_id, head__isnull=False)
    last = reports.filter(day__gt=closed, day__lte=closed + WITHIN).order_by("-day").first()
    if last is None:
        return Aftermath("silent")
    reason = next((one for one, codes in REASONS.items() if ticket.category_id in codes), None)
    named = Limit.objects.filter(revision=last.head_id, reason=reason) if reason else Limit.objects.none()
    if any(limit.product_id in (None, ticket.product_id) for limit in named):
        return Aftermath("contradicted", last.day)
    since = ticket.blocked_since or timezone.localtime(ticket.created_at).date()
    heads = reports.filter(day__lte=since).order_by("-day").values_list("head_id", flat=True)[:1]
    lines = ReportLine.objects.filter(product=ticket.product_id)
    before = lines.filter(revision__in=list(heads)).values_list("capacity", flat=True).first()
    after = lines.filter(revision=last.head_id).values_list("capacity", flat=True).first()
    if after is not None and before is not None and after > before:
        return Aftermath("confirmed", last.day, before, after)
    return Aftermath("flat", last.day, before, after)
