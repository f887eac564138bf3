"""Counting tickets exactly as tickets.md 2.8 defines it; every number comes with the tickets it counts."""

from __future__ import annotations

import datetime as dt
import statistics as arithmetic
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from coordination import access
from coordination.choices import ClockKind, ConfirmMode, TicketResult, TicketState
from coordination.models import Clock, Event, Member, StatSnapshot, Ticket
from coordination.rules.transitions import OPEN
from enterprises import access as ground_access
from enterprises import audit
from enterprises.errors import Forbidden, NotFound
from enterprises.models import Account

DEFINITION = 1
"""Version of the definitions; it changes with them."""
HEADLINE = (ConfirmMode.ENTERPRISE, ConfirmMode.CALLBACK, ConfirmMode.PROXY)


@dataclass(frozen=True)
class Period:
    """Days first..last inclusive, known at the cut-off."""

    first: dt.date
    last: dt.date
    cut_off: dt.datetime

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime]:
        """Half open: [start of the first day, start of the day after the last), and nothing after the cut-off."""
        zone = timezone.get_default_timezone()
        start = dt.datetime.combine(self.first, dt.time(), zone)
        end = dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time(), zone)
        return start, min(end, self.cut_off + dt.timedelta.resolution)


@dataclass
class Measures:
    """Counts and the tickets behind them: `ids[name]` are numbers of tickets."""

    values: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)


def measure(account: Account, period: Period, *, division: str = "", category: str = "") -> Measures:
    """The measures of a period over the tickets within reach. About ten queries, whatever their number."""
    found = access.tickets(account).filter(submitted_at__lte=period.cut_off)
    found = found.exclude(state__in=[TicketState.DUPLICATE, TicketState.DRAFT])
    if division:
        leaves = access.tree_of(account).leaves(division)
        found = found.filter(division__in=leaves)
    if category:
        found = found.filter(category=category)
    start, end = period.span
    within = {"gte": start, "lt": end}
    measures = Measures()
    _count(measures, "received", found.filter(**_named("submitted_at", within)))
    _count(measures, "accepted", found.filter(_happened("T3", start, end)))
    _count(measures, "rejected", found.filter(_happened("T6", start, end)))
    closed = found.filter(state=TicketState.CLOSED, **_named("closed_at", within))
    _count(measures, "closed", closed)
    solved = closed.filter(result=TicketResult.SOLVED)
    _solved(measures, solved)
    _count(measures, "in_hand", found.filter(state__in=OPEN))
    _count(measures, "escalated", found.filter(_happened("T22", start, end)))
    _count(measures, "suspended", found.filter(state=TicketState.SUSPENDED))
    overdue = Clock.objects.filter(kind=ClockKind.RESOLVE, stopped_at=None, paused_at=None, due_at__lt=period.cut_off)
    _count(measures, "overdue", found.filter(state__in=OPEN, pk__in=overdue.values("ticket")))
    _punctual(measures, found, start, end)
    _contacted(measures, found, start, end)
    _duration(measures, found, start, end)
    _satisfied(measures, closed)
    _returned(measures, found, start, end)
    _common(measures, found)
    return measures


def solved_tickets(
    account: Account, first: dt.date | None, last: dt.date | None, *, cut_off: dt.datetime | None = None
) -> QuerySet[Ticket]:
    """Exactly the tickets that the headline counts: closed as solved and confirmed by somebody."""
    found = access.tickets(account).filter(
        state=TicketState.CLOSED, result=TicketResult.SOLVED, confirm_mode__in=HEADLINE
    )
    if first is not None and last is not None:
        start, end = Period(first, last, cut_off or timezone.now()).span
        found = found.filter(closed_at__gte=start, closed_at__lt=end)
    return found


def _named(name: str, bounds: dict[str, dt.datetime]) -> dict[str, dt.datetime]:
    return {f"{name}__{bound}": value for bound, value in bounds.items()}


def _happened(transition: str, start: dt.datetime, end: dt.datetime) -> Q:
    events = Event.objects.filter(transition=transition, occurred_at__gte=start, occurred_at__lt=end)
    return Q(pk__in=events.values("ticket"))


def _count(measures: Measures, name: str, found: QuerySet[Ticket]) -> None:
    numbers = [str(number) for number in found.order_by("number").values_list("number", flat=True)]
    measures.values[name], measures.ids[name] = len(numbers), numbers


def _solved(measures: Measures, solved: QuerySet[Ticket]) -> None:
    """N problems for M enterprises, from one query; silent ones are told apart and not in the headline."""
    rows = list(solved.order_by("number").values_list("number", "confirm_mode", "enterprise__uscc"))
    headline = [row for row in rows if row[1] in HEADLINE]
    measures.values["solved"] = len(headline)
    measures.values["solved_enterprises"] = len({uscc for _, _, uscc in headline})
    measures.values["solved_by"] = {mode: sum(1 for row in rows if row[1] == mode) for mode in ConfirmMode.values}
    measures.ids["solved"] = [str(number) for number, _, _ in headline]
    measures.ids["solved_silently"] = [str(number) for number, mode, _ in rows if mode == ConfirmMode.SILENT]


def _punctual(measures: Measures, found: QuerySet[Ticket], start: dt.datetime, end: dt.datetime) -> None:
    """Of the tickets due in the period (first cycle): answered for the last time by then, and not refused."""
    clocks = list(
        Clock.objects.filter(kind=ClockKind.RESOLVE, cycle=1, ticket__in=found).select_related("ticket").order_by("id")
    )
    for name in ("punctual", "punctual_original"):
        due, met = [], []
        for clock in clocks:
            at = clock.due_at if name == "punctual" else clock.due_original
            ticket = clock.ticket
            left_before = (
                ticket.state == TicketState.WITHDRAWN and clock.stopped_at is not None and clock.stopped_at <= at
            )
            if not start <= at < end or ticket.state == TicketState.REJECTED or left_before:
                continue
            due.append(str(ticket))
            if ticket.first_replied_at is not None and ticket.first_replied_at <= at and not ticket.was_refused:
                met.append(str(ticket))
        measures.values[name] = {"met": len(met), "due": len(due), "rate": _rate(len(met), len(due))}
        measures.ids[f"{name}_due"], measures.ids[f"{name}_met"] = sorted(due), sorted(met)


def _contacted(measures: Measures, found: QuerySet[Ticket], start: dt.datetime, end: dt.datetime) -> None:
    """Of the first contacts due in the period: made by then."""
    rows = Clock.objects.filter(kind=ClockKind.CONTACT, due_at__gte=start, due_at__lt=end, ticket__in=found)
    pairs = list(rows.values_list("stopped_at", "due_at"))
    met = sum(1 for stopped, due in pairs if stopped is not None and stopped <= due)
    measures.values["contact"] = {"met": met, "due": len(pairs), "rate": _rate(met, len(pairs))}


def _duration(measures: Measures, found: QuerySet[Ticket], start: dt.datetime, end: dt.datetime) -> None:
    """Working time from acceptance to the last answer without pauses, over all cycles, of what was confirmed since."""
    done = found.filter(state=TicketState.CLOSED, replied_at__gte=start, replied_at__lt=end)
    seconds: dict[int, int] = {}
    rows = Clock.objects.filter(kind=ClockKind.RESOLVE, ticket__in=done, consumed_seconds__isnull=False)
    for ticket, used in rows.values_list("ticket_id", "consumed_seconds"):
        seconds[ticket] = seconds.get(ticket, 0) + (used or 0)
    values = sorted(seconds.values())
    rank = -(-len(values) * 9 // 10) - 1
    measures.values["duration"] = {
        "count": len(values),
        "median_seconds": int(arithmetic.median(values)) if values else None,
        "p90_seconds": values[rank] if values else None,
    }


def _satisfied(measures: Measures, closed: QuerySet[Ticket]) -> None:
    rated = [grade for grade in closed.values_list("satisfaction", flat=True) if grade is not None]
    content = sum(1 for grade in rated if grade >= 4)
    total = measures.values["closed"]
    measures.values["satisfaction"] = {
        "content": content, "rated": len(rated), "rate": _rate(content, len(rated)),
        "response_rate": _rate(len(rated), total),
    }  # fmt: skip


def _returned(measures: Measures, found: QuerySet[Ticket], start: dt.datetime, end: dt.datetime) -> None:
    """Tickets answered in the period, and those of them that were taken up again afterwards."""
    answered = set(found.filter(_happened("T16", start, end)).values_list("pk", flat=True))
    again = Event.objects.filter(transition__in=["T19", "T20"], ticket__in=answered, occurred_at__gte=start)
    rows = list(again.values_list("ticket_id", flat=True))
    measures.values["reworked"] = {
        "tickets": len(set(rows)), "times": len(rows), "answered": len(answered),
        "rate": _rate(len(set(rows)), len(answered)),
    }  # fmt: skip


def _common(measures: Measures, found: QuerySet[Ticket]) -> None:
    """K common problems, hanging on them T tickets of M enterprises; never added to the tickets themselves."""
    held = Member.objects.filter(unlinked_at=None, ticket__in=found)
    counts = held.aggregate(
        problems=Count("problem", distinct=True), tickets=Count("ticket", distinct=True),
        enterprises=Count("ticket__enterprise", distinct=True),
    )  # fmt: skip
    measures.values["common"] = counts


def _rate(part: int, whole: int) -> str | None:
    """A fraction of 1 with four decimals, rounded half up; None of nothing."""
    if not whole:
        return None
    scaled = (part * 20000 + whole) // (2 * whole)
    return f"{scaled // 10000}.{scaled % 10000:04d}"


NAMED = (
    ("received", "收到"), ("accepted", "受理"), ("rejected", "不予受理"), ("closed", "办结"), ("solved", "已解决"),
    ("solved_silently", "视同确认（不计入已解决）"), ("in_hand", "期末在办"), ("overdue", "期末超期在办"),
    ("suspended", "期末挂账"), ("escalated", "本期提级"), ("punctual_due", "应在本期办结"), ("punctual_met", "其中按期办结"),
)  # fmt: skip
"""Lists behind the numbers, by name; what a page or a snapshot may open."""


def freeze(*, actor: Account, period: Period, division: str = "", category: str = "") -> StatSnapshot:
    """Keep the measures as they stand, with the tickets they count.

    Writes: snapshot, audit `tickets.freeze`. Refuses: forbidden (only desks, supervisors and auditors keep figures).
    """
    if not ground_access.may(actor, "tickets:desk") and not ground_access.may(actor, "tickets:supervise"):
        raise Forbidden
    found = measure(actor, period, division=division, category=category)
    with transaction.atomic():
        kept = StatSnapshot.objects.create(
            definition=DEFINITION, first=period.first, last=period.last, division=division, category=category,
            cut_off=period.cut_off, actor=actor, reach=_reach(actor), values=found.values, ids=found.ids,
        )  # fmt: skip
        audit.record(actor=actor, act="tickets.freeze", on=kept, after={"solved": found.values["solved"]})
    return kept


def snapshots(account: Account) -> list[StatSnapshot]:
    """Frozen statistics that count nothing the account may not see, the latest first."""
    mine = set(_reach(account))
    return [one for one in StatSnapshot.objects.select_related("actor")[:200] if set(one.reach) <= mine]


def snapshot(account: Account, number: int) -> StatSnapshot:
    """One of them; refuses not_found for any other."""
    found = StatSnapshot.objects.select_related("actor").filter(pk=number).first()
    if found is None or not set(found.reach) <= set(_reach(account)):
        raise NotFound("没有找到这份统计。")
    return found


def since(account: Account, kept: StatSnapshot) -> dict[str, tuple[list[str], list[str]]]:
    """How the lists differ from those of the same period now: by name, what came and what went."""
    period = Period(kept.first, kept.last, timezone.now())
    now = measure(account, period, division=kept.division, category=kept.category)
    changed = {}
    for name, _ in NAMED:
        before, after = set(kept.ids.get(name, [])), set(now.ids.get(name, []))
        if before != after:
            changed[name] = (sorted(after - before), sorted(before - after))
    return changed


def _reach(account: Account) -> list[str]:
    """Codes of the units whose tickets the account reads."""
    leaves = ground_access.leaves(account, "tickets:read", tree=access.tree_of(account))
    if leaves is None:
        return sorted(node.code for node in access.tree_of(account).nodes.values() if node.is_reporting)
    return sorted(leaves)
