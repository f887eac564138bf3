"""Work orders of a ticket under its lock: given, signed, answered, ended, each with its number and its own clock C."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from coordination import access
from coordination.choices import AnswerState, ClockKind, OrderPart, OrderState, Side
from coordination.models import OrderAnswer, WorkOrder
from coordination.rules.working_time import UnknownDay
from coordination.tickets import units
from coordination.tickets.context import UNFINISHED, Turn
from enterprises.errors import Conflict
from enterprises.models import Organisation

OPEN_ANSWER = (AnswerState.WAITING, AnswerState.PASSED)


def give(turn: Turn, unit: Organisation, part: str, **said: Any) -> WorkOrder:
    """Give an order to a unit; its signing clock starts (C)."""
    number = WorkOrder.objects.filter(ticket=turn.ticket).count() + 1
    order = WorkOrder.objects.create(
        ticket=turn.ticket, number=f"{turn.ticket.number}-{number:02d}", organisation=unit, part=part, created_at=turn.at,
        **{"state": OrderState.AWAITING, **said},
    )  # fmt: skip
    if order.state == OrderState.AWAITING:
        turn.clockwork.start(ClockKind.SIGN, turn.at, order=order)
    turn.orders.append(order)
    return order


def content(turn: Turn) -> dict[str, Any]:
    """What the step says to the unit."""
    values = turn.values
    return {
        "instruction": values["instruction"], "due_on": latest_due(turn, values.get("due_on")),
        "basis": values.get("basis") or "", "evidence": values.get("evidence") or "",
        "contact": values.get("contact") or "", "is_confidential": values.get("is_confidential") == "yes",
    }  # fmt: skip


def latest_due(turn: Turn, wanted: dt.date | None) -> dt.date | None:
    """The day an order is due: as wished, but one working day before the ticket is, for the review (K6).

    Without a wish it is that day. Where the ticket is due too soon for that, the wish stands.
    """
    clock = turn.clockwork.running(ClockKind.RESOLVE)
    if clock is None:
        return wanted
    calendar, today = turn.clockwork.calendar, timezone.localtime(turn.at).date()
    day = timezone.localtime(clock.due_at).date() - dt.timedelta(days=1)
    try:
        while day > today and not calendar.is_working(day):
            day -= dt.timedelta(days=1)
    except UnknownDay:
        return wanted
    if day <= today:
        return wanted
    return day if wanted is None else min(wanted, day)


def sign(turn: Turn, order: WorkOrder) -> None:
    """The unit, or the clock in its stead, takes an order; what was sent for information is done by that."""
    order.signed_at, order.is_signed_by_system = turn.at, turn.side == Side.SYSTEM
    order.state = OrderState.HANDLING if order.is_mandatory else OrderState.DONE
    if not order.is_mandatory:
        order.done_at = turn.at
    order.save()
    stop_clock(turn, order)


def stop_clock(turn: Turn, order: WorkOrder) -> None:
    turn.clockwork.end(turn.clockwork.running(ClockKind.SIGN, order=order), turn.at)


def end(turn: Turn, order: WorkOrder, state: str, *, notice: str = "") -> None:
    """An order ends; the unit is told unless it did so itself."""
    order.state, order.done_at = state, turn.at
    order.save()
    stop_clock(turn, order)
    if notice:
        turn.tell_unit(order.organisation_id, notice)


def cancel_all(turn: Turn) -> None:
    """The ticket has ended: every order that is alive ends with it, and its unit is told."""
    for order in turn.orders:
        if order.state in UNFINISHED:
            end(turn, order, OrderState.CANCELLED, notice=f"派工单 {order.number} 已撤销：{turn.step.word}")


def answer(turn: Turn, order: WorkOrder, state: str) -> OrderAnswer:
    """One more submission of a unit."""
    assert turn.actor is not None
    values, number = turn.values, order.answers.count() + 1
    row = OrderAnswer.objects.create(
        order=order, number=number, state=state, text=values["text"], evidence=values.get("evidence") or "",
        result=values.get("result") or "", actor=turn.actor, at=turn.at,
    )  # fmt: skip
    order.answer, order.signed_at = row.text, order.signed_at or turn.at
    stop_clock(turn, order)
    return row


def open_answer(order: WorkOrder) -> OrderAnswer | None:
    """What the unit has submitted and nobody has decided on."""
    return order.answers.filter(state__in=OPEN_ANSWER).first()


def decide(turn: Turn, row: OrderAnswer, state: str, reason: str = "") -> None:
    row.state, row.decided_by, row.decided_at, row.reason = state, turn.actor, turn.at, reason
    row.save()


def mine(turn: Turn, *states: str, part: str | None = None) -> WorkOrder:
    """The order of the actor's own unit, or of the unit that is named; refuses no_order."""
    named: Organisation | None = turn.values.get("organisation")
    own = access.organisations(turn.actor) if turn.actor is not None else None
    for order in turn.orders:
        if order.state not in (states or UNFINISHED) or (part is not None and order.part != part):
            continue
        if named is not None and order.organisation_id != named.pk:
            continue
        if own is None or order.organisation_id in own:
            return order
    raise Conflict("您的单位没有这样的派工单。", code="no_order")


def of_unit(turn: Turn, *states: str, part: str | None = None) -> WorkOrder:
    """The order of the unit that is named, or the only one in such a state; refuses no_order, which_order."""
    named: Organisation | None = turn.values.get("organisation")
    found = [
        order for order in turn.orders
        if order.state in states and (part is None or order.part == part)
        and (named is None or order.organisation_id == named.pk)
    ]  # fmt: skip
    if not found:
        raise Conflict("这个单位没有这样的派工单。" if named else "没有这样的派工单。", code="no_order")
    if len(found) > 1:
        raise Conflict("不止一张派工单是这样，请写明单位。", code="which_order")
    return found[0]


def has_head(order: WorkOrder) -> bool:
    return bool(units.heads(order.organisation_id))


def is_head(turn: Turn, order: WorkOrder) -> bool:
    """Whether the actor leads the unit of an order."""
    return turn.actor is not None and turn.actor.pk in units.heads(order.organisation_id)


def change_lead(turn: Turn, unit: Organisation, instruction: str, *, old: str, is_binding: bool = False) -> None:
    """Another unit leads from now on; the one before it assists (`old` = assist) or is let go (cancelled)."""
    lead = turn.lead()
    if lead is not None and lead.organisation_id == unit.pk:
        lead.is_binding = lead.is_binding or is_binding
        lead.save()
        return
    said = instruction or (lead.instruction if lead is not None else turn.ticket.title)
    for other in turn.orders:
        if other is not lead and other.organisation_id == unit.pk and other.state in UNFINISHED:
            end(turn, other, OrderState.CANCELLED, notice=f"派工单 {other.number} 改为主办")
    if lead is not None and old == OrderPart.ASSIST:
        lead.part = OrderPart.ASSIST
        lead.save()
        turn.tell_unit(lead.organisation_id, f"改由{unit.name}主办，请继续协办：{turn.ticket.title}")
    elif lead is not None:
        end(turn, lead, OrderState.CANCELLED, notice=f"派工单 {lead.number} 已撤销：改由{unit.name}主办")
    give(turn, unit, OrderPart.LEAD, instruction=said[:1000], due_on=latest_due(turn, None), is_binding=is_binding)
    turn.ticket.lead = unit
    turn.tell_unit(unit.pk, f"请主办：{turn.ticket.title}")
