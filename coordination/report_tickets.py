"""Difficulties that daily reports name and no ticket takes up yet: each is compared with the enterprise's open tickets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from coordination.choices import TicketSource
from coordination.models import Ticket
from coordination.rules.transitions import OPEN
from coordination.tickets.aftermath import reason_of
from enterprises import access
from enterprises.models import Account, Enterprise
from supplies import access as supply_access
from supplies.choices import LimitReason
from supplies.models import DailyReport, Limit, Product


@dataclass(frozen=True)
class Trouble:
    """One difficulty of one report; `ticket` is the open one that is about the same, if there is one."""

    report: DailyReport
    enterprise: Enterprise
    reason: str
    word: str
    product: Product | None
    lost: int | None
    note: str
    ticket: Ticket | None


def of_day(account: Account, day: dt.date | None = None) -> list[Trouble]:
    """Difficulties of a day's latest reports within reach, the most capacity first. Four queries.

    A report with words and no constraint is one difficulty without a reason.
    """
    if not access.may(account, "tickets:raise") or not access.may(account, "reports:read"):
        return []
    day = day or timezone.localdate()
    theirs = access.enterprises(account, "tickets:raise").values("pk")
    found = supply_access.reports(account).filter(day=day, enterprise__in=theirs)
    return _troubles(found.select_related("enterprise", "head"))


def unraised(account: Account, day: dt.date | None = None) -> list[Trouble]:
    """Those of them that no open ticket takes up."""
    return [one for one in of_day(account, day) if one.ticket is None]


def of_report(report: DailyReport) -> list[Trouble]:
    """The difficulties of one report. Two queries."""
    return _troubles([report])


def same(tickets: Iterable[Ticket], reason: str, product: str | None) -> Ticket | None:
    """The open ticket about the same constraint: its category belongs to the reason, and the products do not differ."""
    for one in tickets:
        if reason_of(one.category_id) == (reason or None) and (
            None in (product, one.product_id) or one.product_id == product
        ):
            return one
    return None


def _troubles(reports: Iterable[DailyReport]) -> list[Trouble]:
    held = {report.head_id: report for report in reports if report.head_id is not None}
    limits: dict[int, list[Limit]] = {}
    for limit in Limit.objects.filter(revision__in=list(held)).select_related("product").order_by("id"):
        limits.setdefault(limit.revision_id, []).append(limit)
    firms = [report.enterprise_id for head, report in held.items() if head in limits or _note(report)]
    open_ones: dict[int, list[Ticket]] = {}
    tickets = Ticket.objects.filter(enterprise__in=firms, state__in=OPEN).order_by("-submitted_at")
    for ticket in tickets.select_related("category", "product"):
        open_ones.setdefault(ticket.enterprise_id, []).append(ticket)
    found = []
    for head, report in held.items():
        theirs = open_ones.get(report.enterprise_id, [])
        for limit in limits.get(head, []):
            found.append(_trouble(report, limit, theirs))
        if head not in limits and _note(report):
            # words alone name no constraint: what was raised out of that day's report takes them up
            said = next((t for t in theirs if t.source == TicketSource.REPORT and _day(t) >= report.day), None)
            found.append(Trouble(report, report.enterprise, "", "说明", None, None, _note(report), said))
    return sorted(found, key=lambda one: (-(one.lost or 0), one.enterprise.sort_key, one.reason))


def _trouble(report: DailyReport, limit: Limit, theirs: list[Ticket]) -> Trouble:
    word = LimitReason(limit.reason).label
    if limit.reason == LimitReason.OTHER:
        taken = next((t for t in theirs if reason_of(t.category_id) is None and t.product_id == limit.product_id), None)
    else:
        taken = same(theirs, limit.reason, limit.product_id)
    return Trouble(
        report, report.enterprise, limit.reason, word, limit.product, limit.lost, _note(report), taken
    )  # fmt: skip


def _day(ticket: Ticket) -> dt.date:
    return timezone.localtime(ticket.submitted_at).date()


def _note(report: DailyReport) -> str:
    return report.head.note.strip() if report.head is not None else ""
