"""One work order for a common problem instead of one for each member; members go along with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from coordination import access, tickets
from coordination.choices import OrderPart, OrderState, ProblemState, TicketState
from coordination.common_problems import reading
from coordination.models import CommonProblem, ProblemOrder, Ticket, WorkOrder
from enterprises import audit
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account
from enterprises.rules import days

ENDED = (OrderState.DONE, OrderState.CANCELLED)
STEPS: Mapping[str, tuple[tuple[str, ...], str, bool]] = {
    "sign": ((OrderState.AWAITING,), OrderState.HANDLING, True),
    "answer": ((OrderState.HANDLING,), OrderState.ANSWERED, True),
    "approve": ((OrderState.ANSWERED,), OrderState.DONE, False),
    "refuse": ((OrderState.ANSWERED,), OrderState.HANDLING, False),
    "cancel": ((OrderState.AWAITING, OrderState.HANDLING, OrderState.ANSWERED), OrderState.CANCELLED, False),
}
"""From which states to which, and whether the unit takes the step (else the desk)."""


def dispatch(
    *, actor: Account, problem: CommonProblem, organisation: str, instruction: str, due_on: str = ""
) -> ProblemOrder:
    """Give the whole problem to one unit; members that wait to be dispatched go along (T11) and get no order of their own.

    Writes: order, the members' steps, audit `problem.dispatch`. Refuses: forbidden, required, invalid_choice,
    invalid_date, order_alive, problem_closed.
    """
    reading.require(actor)
    unit = reading.unit(organisation, field="organisation", is_required=True)
    assert unit is not None
    said = reading.text(instruction, "instruction", "办理要求", 1000)
    day = _day(due_on)
    with transaction.atomic():
        locked = reading.locked(problem)
        if alive(locked) is not None:
            raise Conflict("已经有一张在办的派工单；先撤销或等它完成。", code="order_alive")
        made = ProblemOrder.objects.create(
            problem=locked, number=f"{locked.number}-{locked.orders.count() + 1:02d}", organisation=unit, instruction=said,
            due_on=day, created_by=actor, created_at=timezone.now(),
        )  # fmt: skip
        locked.lead = locked.lead or unit
        if locked.state == ProblemState.ESTABLISHED:
            locked.state = ProblemState.HANDLING
        locked.save(update_fields=["lead", "state"])
        for member in reading.to_be_told(locked):
            follow(actor, member.ticket)
        after = {"order": made.number, "organisation": unit.code, "instruction": said}
        audit.record(actor=actor, act="problem.dispatch", on=locked, after=after)
    return made


def turn_order(*, actor: Account, order: ProblemOrder, action: str, text: str = "") -> ProblemOrder:
    """One step of the order: the unit signs and answers, the desk approves, refuses or cancels.

    Writes: order, audit `problem_order.ACTION`. Refuses: not_found (no such step), forbidden, wrong_state, required.
    """
    if action not in STEPS:
        raise NotFound("没有这个动作。", code="unknown_action", field="action")
    sources, target, is_units = STEPS[action]
    is_ours = order.organisation_id in access.organisations(actor)
    if not (is_ours if is_units else reading.may_act(actor)):
        raise Forbidden
    said = reading.text(
        text,
        "text",
        "反馈" if action == "answer" else "理由",
        1000,
        is_required=action in ("answer", "refuse", "cancel"),
    )
    with transaction.atomic():
        locked = ProblemOrder.objects.select_for_update(of=("self",)).select_related("problem").get(pk=order.pk)
        if locked.state not in sources:
            raise Conflict(f"这张派工单现在是“{locked.get_state_display()}”。", code="wrong_state")
        now = timezone.now()
        if action == "sign":
            locked.signed_at = now
        elif action == "answer":
            locked.answer = said
        elif action in ("refuse", "cancel"):
            locked.note = said
        locked.state = target
        locked.done_at = now if target in ENDED else None
        locked.save()
        audit.record(actor=actor, act=f"problem_order.{action}", on=locked, after={"state": target, "text": said})
        if action == "cancel":
            for member in reading.to_be_told(locked.problem):
                part(actor, member.ticket)
    return locked


def order(account: Account, number: str) -> ProblemOrder:
    """One order, for its unit and for readers of common problems; refuses not_found for all others."""
    found = ProblemOrder.objects.filter(number=number).select_related("problem__category", "organisation").first()
    if found is None or not (reading.may_read(account) or found.organisation_id in access.organisations(account)):
        raise NotFound("没有找到这张派工单。", field="number")
    return found


def of_units(account: Account) -> QuerySet[ProblemOrder]:
    """Orders of common problems that the account's units have in hand."""
    mine = access.organisations(account)
    found = ProblemOrder.objects.filter(organisation__in=mine).exclude(state__in=ENDED)
    return found.select_related("problem", "organisation")


def going_along(account: Account, order: ProblemOrder) -> QuerySet[Ticket]:
    """The tickets that go along with an order, as far as the account may see them."""
    found = access.tickets(account).filter(memberships__problem=order.problem_id, memberships__unlinked_at=None)
    return found.select_related("enterprise", "category", "lead", "division", "product").order_by("number")


def followed(ticket: Ticket) -> ProblemOrder | None:
    """The order of its common problem that a ticket goes along with; none where it has an order of its own."""
    if WorkOrder.objects.filter(ticket=ticket, part=OrderPart.LEAD, state__in=access.ALIVE).exists():
        return None
    found = ProblemOrder.objects.filter(problem__members__ticket=ticket, problem__members__unlinked_at=None)
    return found.exclude(state=OrderState.CANCELLED).select_related("organisation", "problem").order_by("-pk").first()


def alive(problem: CommonProblem) -> ProblemOrder | None:
    return problem.orders.exclude(state__in=ENDED).first()


def follow(actor: Account, ticket: Ticket) -> None:
    """A member that waits to be dispatched is handled with the problem instead; its own clock goes on."""
    current = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    if current.state == TicketState.ACCEPTED:
        tickets.act(actor=actor, ticket=current, action="handle", fields={}, expected_version=current.version)


def part(actor: Account, ticket: Ticket) -> None:
    """A member that went along with the problem's order waits to be dispatched again; whoever has an order keeps it."""
    current = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    own = WorkOrder.objects.filter(ticket=current, part=OrderPart.LEAD).exclude(
        state__in=[OrderState.SENT_BACK, OrderState.CANCELLED]
    )
    if current.state == TicketState.HANDLING and not own.exists() and _went_along(current):
        tickets.act(actor=actor, ticket=current, action="part", fields={}, expected_version=current.version)


def _went_along(ticket: Ticket) -> bool:
    return ProblemOrder.objects.filter(problem__members__ticket=ticket).exists()


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        day = days.written(text)
    except ValueError as error:
        raise Invalid(f"{error}。", code="invalid_date", field="due_on") from None
    if day < timezone.localdate():
        raise Invalid("要求办结日不能早于今天。", code="invalid_date", field="due_on")
    return day
