"""What time brings: warnings in their order, each once; signing, going on and confirming by themselves (K9)."""

from __future__ import annotations

import datetime as dt
import time

from django.db import connection, transaction
from django.utils import timezone

from coordination import duty
from coordination.choices import ClockKind, OrderPart, OrderState, TicketMode, TicketState
from coordination.models import Clock, Firing, Notice, Ticket, WorkOrder
from coordination.rules import deadlines, nudges
from coordination.rules.transitions import BY_ACTION
from coordination.rules.working_time import Calendar, UnknownDay
from coordination.tickets import acting, calendar, clocks, follow_ups, ladders, notices, phoning
from enterprises.choices import DivisionLevel
from enterprises.models import WorkDay
from enterprises.rules.division_tree import Tree

SLICE = 1.0
"""Seconds after which no further clock is asked: in one process the totals wait behind us."""
REMINDERS = 2
"""Reminders of the enterprise that must have been opened before its silence counts as consent (T18)."""

STEPS_OF_SIGNING = BY_ACTION["sign"].sources | BY_ACTION["sign_order"].sources


def tick(at: dt.datetime | None = None) -> int:
    """Let every clock say what is due and not said yet, the earliest first. Gives how many steps fired.

    An outage delays and loses nothing: each step is fired with the moment at which it was due.
    """
    at = at or timezone.now()
    began, fired = time.monotonic(), 0
    while time.monotonic() - began < SLICE and _one(at):
        fired += 1
    return fired + _resume_suspended(at) + _nudge(at) + follow_ups.ask(at) + phoning.fall_back(at) + _settle(at)


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
            _say(ticket, clock, step, clock.next_step_at, at, known)
        clock.step = step
        clocks.schedule(clock, known)
        clock.save(update_fields=["step", "next_step_at"])
    if step == deadlines.DUE:
        _by_itself(ticket, clock, at)
    return True


def _say(ticket: Ticket, clock: Clock, step: int, due_at: dt.datetime, at: dt.datetime, known: Calendar) -> None:
    """To whom a step speaks: whoever's turn it is; the resolving clock climbs its ladder, others tell the desks above."""
    tree = calendar.tree()
    orders = list(WorkOrder.objects.filter(ticket=ticket).select_related("organisation"))
    if clock.kind == ClockKind.CONFIRM:
        if step < deadlines.DUE:
            desk = notices.Desk(ticket.enterprise.name, "", enterprise=ticket.enterprise_id)
            notices.warn(ticket, f"clock:{clock.pk}:{step}", f"请确认是否解决：{ticket.title}", at, [desk])
        return
    turn = _turn(clock, ticket, orders, tree)
    here = notices.Desk("", "", division=notices.desk_division(ticket, tree))
    if turn is None or turn.enterprise is not None:
        turn = here
    text, on_duty = _text(ticket, clock, step), duty.now(at)
    if clock.kind == ClockKind.RESOLVE:
        ladders.climb(ladders.Climb(ticket, clock, step, due_at, at, turn, tree, on_duty, known), text)
        return
    desks = [turn]
    if step >= deadlines.DUE:
        desks.append(here)
    if step > deadlines.DUE:
        desks.append(notices.Desk("", "", division=_city(ticket, tree)))
    if ticket.mode != TicketMode.NORMAL:
        desks = [notices.at_hand(one, on_duty) for one in desks]
    unique = list({(d.division, d.organisation, d.account): d for d in desks}.values())
    notices.warn(ticket, f"clock:{clock.pk}:{step}", text, at, unique)


def _text(ticket: Ticket, clock: Clock, step: int) -> str:
    kind, due = ClockKind(clock.kind).label, timezone.localtime(clock.due_at)
    if step < deadlines.DUE:
        return f"{kind}时限已用 {step}%，{due:%m月%d日 %H:%M} 到期：{ticket.title}"
    if step == deadlines.DUE:
        return f"{kind}时限到期：{ticket.title}"
    unit = "小时" if clocks.is_elapsed(clock) else "工作日"
    return f"{kind}已超期 {step - deadlines.DUE} {unit}：{ticket.title}"


def _turn(clock: Clock, ticket: Ticket, orders: list[WorkOrder], tree: Tree) -> notices.Desk | None:
    """Whose turn a clock measures: an order's unit, the level that is asked, the supervisor who rules, else the next desk."""
    if clock.order_id is not None:
        order = next(one for one in orders if one.pk == clock.order_id)
        return notices.Desk("", "", organisation=order.organisation_id)
    if clock.escalation_id is not None:
        return notices.Desk("", "", division=_city(ticket, tree))
    return notices.next_desk(ticket, orders, tree)


def _by_itself(ticket: Ticket, clock: Clock, at: dt.datetime) -> None:
    """What the system does when a clock is due: sign for the unit (C), take silence for consent (F).

    In an emergency it does not sign: the unit's duty officer is phoned.
    """
    if clock.kind == ClockKind.SIGN and clock.order is not None:
        order, is_first = clock.order, ticket.state == TicketState.DISPATCHED
        if order.state != OrderState.AWAITING or ticket.state not in STEPS_OF_SIGNING:
            return
        if clock.mode == TicketMode.EMERGENCY:
            phoning.unsigned(ticket, clock, at)
            return
        action = "sign" if order.part == OrderPart.LEAD and is_first else "sign_order"
        fields = {} if action == "sign" else {"organisation": order.organisation.code}
        acting.act(actor=None, ticket=ticket, action=action, fields=fields, expected_version=None, at=at)
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


def _settle(at: dt.datetime) -> int:
    """Due times beyond the calendar are computed anew once it reaches further, however the year came in (K1)."""
    last = WorkDay.objects.filter(is_working=True).order_by("-day").values_list("day", flat=True).first()
    if last is None:
        return 0
    reached = dt.datetime.combine(last, dt.time(), timezone.get_default_timezone())
    waiting = Clock.objects.filter(is_provisional=True, stopped_at=None, due_at__lt=reached)
    settled = 0
    for number in sorted(set(waiting.values_list("ticket_id", flat=True)[:50])):
        with transaction.atomic():
            ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=number)
            settled += clocks.Clockwork(ticket, calendar.load(at, since=ticket.submitted_at or at)).settle()
    return settled


def _nudge(at: dt.datetime) -> int:
    """Enterprises whose answer is late are reminded on two working days, each once (T13)."""
    today = timezone.localtime(at).date()
    late = Ticket.objects.filter(state=TicketState.WAITING, reply_by__lt=today).select_related("enterprise")
    held = list(late.order_by("reply_by", "id")[:200])
    said = Notice.objects.filter(ticket__in=held, key__startswith="nudge:").values_list("key", flat=True)
    known, keys, told = calendar.load(at), set(said), 0
    for ticket in held:
        assert ticket.reply_by is not None
        try:
            due = nudges.moments(known, ticket.reply_by)
        except UnknownDay:
            continue
        desk = notices.Desk(ticket.enterprise.name, "", enterprise=ticket.enterprise_id)
        for count, moment in enumerate(due, 1):
            key = f"nudge:{ticket.pk}:{ticket.reply_by:%Y%m%d}:{count}"
            if moment <= at and f"{key}:e{ticket.enterprise_id}" not in keys:
                notices.warn(ticket, key, f"第 {count} 次提醒，请补充材料：{ticket.title}", at, [desk])
                told += 1
    return told


def _city(ticket: Ticket, tree: Tree) -> str:
    for node in tree.path(ticket.division_id):
        if node.level == DivisionLevel.CITY:
            return node.code
    return ticket.division_id
