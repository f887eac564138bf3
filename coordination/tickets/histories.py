"""Reading histories of tickets from the database: a fixed number of queries, whatever their number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from coordination.choices import ClockKind, OrderPart, TicketState
from coordination.models import Clock, DueChange, Event, Letter, Member, Pause, Ticket, WorkOrder
from coordination.rules.ticket_histories import Happening, History, Run
from enterprises.rules.names import folded

MARKED = (TicketState.CLOSED, TicketState.REJECTED, TicketState.WITHDRAWN, TicketState.DUPLICATE,
          TicketState.SUSPENDED, TicketState.REPLIED)  # fmt: skip
"""States whose comings and goings are read; what lies between them is all "in hand"."""
TOLD = Q(after__in=MARKED) | Q(before__in=MARKED) | Q(action__in=["rate", "revise", "mark", "excuse", "restore"])
TIMES = ("start_at", "due_original", "due_at", "stopped_at", "paused_at")


def read(found: QuerySet[Ticket], start: dt.datetime, end: dt.datetime, cut_off: dt.datetime) -> list[History]:
    """Histories at the cut-off of the tickets of a query that had been submitted by then. Eight queries.

    Of clocks and of counted steps that change no state, only those are read that [start, end) can count.
    """
    held: dict[int, History] = {}
    numbers = found.filter(submitted_at__lte=cut_off)
    names = (
        "pk", "number", "enterprise__uscc", "enterprise_id", "category_id", "division_id", "lead__code", "object",
        "product_id", "raised_as", "submitted_at", "accepted_at", "occurred_at",
    )  # fmt: skip
    for pk, number, uscc, firm, category, division, lead, thing, product, side, submitted, accepted, occurred in (
        numbers.order_by().values_list(*names)
    ):  # fmt: skip
        held[pk] = History(
            number, uscc, firm, category, division, lead or "", folded(thing) or product or "", side, submitted,
            accepted if accepted is not None and accepted <= cut_off else None, occurred is not None,
        )  # fmt: skip
    within = numbers.order_by().values("pk")
    _units(held, within, cut_off)
    _runs(held, within, start, cut_off)
    _events(held, within, start, end, cut_off)
    return list(held.values())


def problems(histories: Iterable[History], cut_off: dt.datetime) -> dict[str, set[str]]:
    """Numbers of the tickets that hung on each common problem at the cut-off. One query."""
    known = {one.number for one in histories}
    rows = Member.objects.filter(Q(unlinked_at=None) | Q(unlinked_at__gt=cut_off), linked_at__lte=cut_off)
    found: dict[str, set[str]] = {}
    for problem, number in rows.values_list("problem__number", "ticket__number"):
        if number in known:
            found.setdefault(problem, set()).add(number)
    return found


def letters(histories: Iterable[History], cut_off: dt.datetime) -> list[tuple[str, dt.date]]:
    """Official letters sent for these tickets by the cut-off: number of the ticket, day. One query."""
    known = {one.number for one in histories}
    sent = Letter.objects.filter(sent_on__lte=timezone.localtime(cut_off).date(), ticket__isnull=False)
    rows = sent.values_list("ticket__number", "sent_on")
    return [(str(number), day) for number, day in rows if number in known and day is not None]


def _units(held: dict[int, History], within: Any, cut_off: dt.datetime) -> None:
    """The unit that had the lead at the cut-off: that of the last lead order until then."""
    orders = WorkOrder.objects.filter(ticket__in=within, part=OrderPart.LEAD, created_at__lte=cut_off)
    for ticket, unit in orders.order_by("pk").values_list("ticket_id", "organisation__code"):
        if ticket in held:
            held[ticket].unit = unit


def _runs(held: dict[int, History], within: Any, start: dt.datetime, cut_off: dt.datetime) -> None:
    """Clocks E and D as they stood at the cut-off; what was due and over before the period is not read."""
    late = Q(due_at__gte=start) | Q(due_original__gte=start) | Q(stopped_at=None) | Q(stopped_at__gte=start)
    found = Clock.objects.filter(
        late | Q(kind=ClockKind.RESOLVE, ticket__cycle__gt=1), kind__in=[ClockKind.RESOLVE, ClockKind.CONTACT],
        ticket__in=within, start_at__lte=cut_off,
    )  # fmt: skip
    runs: dict[int, Run] = {}
    for pk, ticket, kind, cycle, *times in found.order_by("pk").values_list("pk", "ticket_id", "kind", "cycle", *TIMES):
        if ticket not in held:
            continue
        run = Run(cycle, *times)
        if run.stopped_at is not None and run.stopped_at > cut_off:
            run.stopped_at = None
        run.paused_since, runs[pk] = None, run
        if kind == ClockKind.CONTACT:
            held[ticket].contact = run
        else:
            held[ticket].runs.append(run)
    _pauses(runs, within, cut_off)
    moved: set[int] = set()
    changes = DueChange.objects.filter(clock__ticket__in=within, at__gt=cut_off)
    for clock, before in changes.order_by("at", "pk").values_list("clock_id", "due_before"):
        if clock in runs and clock not in moved:
            moved.add(clock)
            runs[clock].due_at = before


def _pauses(runs: dict[int, Run], within: Any, cut_off: dt.datetime) -> None:
    rows = Pause.objects.filter(clock__ticket__in=within, clock__kind=ClockKind.RESOLVE, from_at__lte=cut_off)
    for clock, since, until in rows.order_by("from_at").values_list("clock_id", "from_at", "to_at"):
        run = runs.get(clock)
        if run is None:
            continue
        if until is None or until > cut_off:
            run.paused_since = since
        else:
            run.pauses.append((since, until))


def _events(held: dict[int, History], within: Any, start: dt.datetime, end: dt.datetime, cut_off: dt.datetime) -> None:
    counted = Q(transition__in=["T8", "T10", "T22", "K7"], occurred_at__gte=start, occurred_at__lt=end)
    found = Event.objects.filter(TOLD | counted, ticket__in=within, occurred_at__lte=cut_off)
    told: dict[int, list[Happening]] = {}
    names = ("ticket_id", "action", "transition", "occurred_at", "cycle", "after", "said")
    for ticket, *said in found.order_by("ticket_id", "seq").values_list(*names):
        told.setdefault(ticket, []).append(Happening(*said))
    for ticket, happened in told.items():
        if ticket in held:
            held[ticket].fold(happened)
