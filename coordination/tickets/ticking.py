"""What time brings: warnings in their order, each once; signing, going on and confirming by themselves (K9)."""

from __future__ import annotations

import datetime as dt
import time

from django.db import connection, transaction
from django.utils import timezone

from coordination.choices import ClockKind, TicketState
from coordination.models import Clock, Firing, Notice, Ticket, WorkOrder
from coordination.rules import deadlines
from coordination.tickets import acting, calendar, clocks, notices
from enterprises.choices import DivisionLevel
from enterprises.rules.division_tree import Tree

SLICE = 1.0
"""Seconds after which no further clock is asked: in one process the totals wait behind us."""
REMINDERS = 2
"""Reminders of the enterprise that must have been opened before its silence counts as consent (T18)."""


def tick(at: dt.datetime | None = None) -> int:
    """Let every clock say what is due and not said yet, the earliest first. Gives how many steps fired.

    An outage delays and loses nothing: each step is fired with the moment at which it was due.
    """
    at = at or timezone.now()
    began, fired = time.monotonic(), 0
    while time.monotonic() - began < SLICE and _one(at):
        fired += 1
    return fired + _resume_suspended(at)


def _one(at: dt.datetime) -> bool:
    with transaction.atomic():
        waiting = Clock.objects.filter(next_step_at__lte=at, stopped_at=None).order_by("next_step_at", "id")
        first = waiting.values_list("ticket_id", flat=True).first()
        if first is None:
            return False
        # the ticket is the lock of its clocks, as for every step
        held = Ticket.objects.select_for_update(
            skip_locked=connection.features.has_select_for_update_skip_locked, of=("self",)
        )
        ticket = held.select_related("enterprise", "category", "lead").filter(pk=first).first()
        if ticket is None:
            return False  # somebody is at it; the next round finds it
        clock = waiting.filter(ticket=ticket).first()
        if clock is None or clock.next_step_at is None:
            return True
        known = calendar.load(at, since=clock.start_at)
        step = deadlines.following(clock.step)
        _, is_new = Firing.objects.get_or_create(
            clock=clock, step=step, defaults={"due_at": clock.next_step_at, "fired_at": at}
        )
        if is_new:
            _say(ticket, clock, step, at)
        clock.step = step
        clocks.schedule(clock, known)
        clock.save(update_fields=["step", "next_step_at"])
    if step == deadlines.DUE:
        _by_itself(ticket, clock, at)
    return True


def _say(ticket: Ticket, clock: Clock, step: int, at: dt.datetime) -> None:
    """To whom a step speaks: the desk whose turn it is; from the due time on also those above it (2.4, by time)."""
    tree = calendar.tree()
    orders = list(WorkOrder.objects.filter(ticket=ticket).select_related("organisation"))
    kind = ClockKind(clock.kind).label
    if clock.kind == ClockKind.CONFIRM:
        if step < deadlines.DUE:
            desk = notices.Desk(ticket.enterprise.name, "", enterprise=ticket.enterprise_id)
            notices.warn(ticket, f"clock:{clock.pk}:{step}", f"请确认是否解决：{ticket.title}", at, [desk])
        return
    turn = notices.next_desk(ticket, orders, tree)
    desks = [turn] if turn is not None and turn.enterprise is None else []
    if step >= deadlines.DUE or not desks:
        desks.append(notices.Desk("", "", division=notices.desk_division(ticket, tree)))
    if step > deadlines.DUE:
        desks.append(notices.Desk("", "", division=_city(ticket, tree)))
    due = timezone.localtime(clock.due_at)
    if step < deadlines.DUE:
        text = f"{kind}时限已用 {step}%，{due:%m月%d日 %H:%M} 到期：{ticket.title}"
    elif step == deadlines.DUE:
        text = f"{kind}时限到期：{ticket.title}"
    else:
        unit = "小时" if clocks.is_elapsed(clock) else "工作日"
        text = f"{kind}已超期 {step - deadlines.DUE} {unit}：{ticket.title}"
    unique = list({(d.division, d.organisation): d for d in desks}.values())
    notices.warn(ticket, f"clock:{clock.pk}:{step}", text, at, unique)


def _by_itself(ticket: Ticket, clock: Clock, at: dt.datetime) -> None:
    """What the system does when a clock is due: sign for the unit (C), take silence for consent (F)."""
    if clock.kind == ClockKind.SIGN and ticket.state == TicketState.DISPATCHED:
        acting.act(actor=None, ticket=ticket, action="sign", fields={}, expected_version=None, at=at)
    elif clock.kind == ClockKind.CONFIRM and ticket.state == TicketState.REPLIED:
        opened = Notice.objects.filter(
            ticket=ticket, enterprise=ticket.enterprise_id, opened_at__isnull=False, created_at__gte=clock.start_at
        )
        if opened.count() >= REMINDERS:
            acting.act(actor=None, ticket=ticket, action="confirm_silently", fields={}, expected_version=None, at=at)


def _resume_suspended(at: dt.datetime) -> int:
    """Suspended tickets whose day of review has come go on (T15)."""
    due = Ticket.objects.filter(state=TicketState.SUSPENDED, review_on__lte=timezone.localtime(at).date())
    found = list(due.order_by("review_on", "id")[:20])
    for ticket in found:
        acting.act(actor=None, ticket=ticket, action="resume", fields={}, expected_version=None, at=at)
    return len(found)


def _city(ticket: Ticket, tree: Tree) -> str:
    for node in tree.path(ticket.division_id):
        if node.level == DivisionLevel.CITY:
            return node.code
    return ticket.division_id
