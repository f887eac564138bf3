"""What steps about work orders change: given, signed, sent back, answered, extended. Under the ticket's lock."""

from __future__ import annotations

from django.utils import timezone

from coordination.choices import AnswerState, ClockKind, OrderPart, OrderState
from coordination.models import OrderAnswer, WorkOrder
from coordination.tickets import level_effects, notices, orders, routing
from coordination.tickets.context import UNFINISHED, Turn
from enterprises.errors import Conflict
from enterprises.models import Organisation


def dispatch(turn: Turn) -> None:
    ticket, values = turn.ticket, turn.values
    routing.note_lead(turn, values["lead"])
    level_effects.take_over(turn)
    ticket.lead = values["lead"] or ticket.lead
    assert ticket.lead is not None
    turn.names["lead"] = ticket.lead.name
    said = orders.content(turn)
    orders.give(turn, ticket.lead, OrderPart.LEAD, **said)
    given = _assist(turn, values["assist"], said) + _assist(turn, values["inform"], said, is_mandatory=False)
    turn.said |= {"lead": ticket.lead.code, "assist": [unit.code for unit in given]}
    turn.said["due_on"] = said["due_on"].isoformat() if said["due_on"] else None


def add_assist(turn: Turn) -> None:
    given = _assist(
        turn, turn.values["assist"], orders.content(turn), is_mandatory=turn.values["is_mandatory"] != "no"
    )  # fmt: skip
    if not given:
        raise Conflict("这些单位已经有派工单。", code="has_order")
    turn.text = f"增派{'、'.join(unit.name for unit in given)}：{turn.values['instruction']}"


def _assist(turn: Turn, units: list[Organisation], said: dict[str, object], **more: object) -> list[Organisation]:
    alive = {order.organisation_id for order in turn.orders if order.state in UNFINISHED}
    given = [one for one in dict.fromkeys(units) if one.pk not in alive]
    for one in given:
        orders.give(turn, one, OrderPart.ASSIST, **{**said, **more})
        turn.tell_unit(one.pk, f"请协办：{turn.ticket.title}")
    return given


def sign(turn: Turn) -> None:
    lead = turn.lead()
    if lead is None or lead.state != OrderState.AWAITING:
        raise Conflict("没有待签收的主办派工单。", code="no_order")
    orders.sign(turn, lead)
    turn.names["lead"] = lead.organisation.name


def sign_order(turn: Turn) -> None:
    """An assisting unit signs, or the lead unit that came in while the ticket was being handled."""
    order = orders.mine(turn, OrderState.AWAITING)
    if order.part == OrderPart.LEAD and turn.ticket.state == "dispatched":
        raise Conflict("主办派工单请按“签收”。", code="use_sign")
    orders.sign(turn, order)
    said = "逾期自动签收" if order.is_signed_by_system else "签收"
    turn.text = f"{order.organisation.name}{said}派工单 {order.number}"


def cancel_order(turn: Turn) -> None:
    order = orders.of_unit(turn, *UNFINISHED, part=OrderPart.ASSIST)
    orders.end(turn, order, OrderState.CANCELLED, notice=f"派工单 {order.number} 已撤销：{turn.values['reason']}")


def ask_send_back(turn: Turn) -> None:
    """Asked within the signing time, which stops by it (2.3, C)."""
    order, values = orders.mine(turn, OrderState.AWAITING, OrderState.HANDLING), turn.values
    order.state, order.return_asked_at, order.return_code = OrderState.RETURNING, turn.at, values["reason_code"]
    order.return_to = Organisation.objects.filter(name=values["should_have"]).first() or (
        Organisation.objects.filter(code=values["should_have"]).first()
    )
    shown = order.return_to.name if order.return_to else values["should_have"]
    order.return_reason = f"{values['reason']}（应由{shown}办）"[:500]
    order.save()
    orders.stop_clock(turn, order)
    if _asked_before(turn, order):
        turn.tell_division(notices.city(turn.ticket), f"第二次退单，请督办岗决定：{turn.ticket.title}")


def _asked_before(turn: Turn, order: WorkOrder) -> bool:
    return any(o.return_asked_at is not None and o.part == OrderPart.LEAD for o in turn.orders if o is not order)


def take_back(turn: Turn) -> None:
    lead = turn.lead()
    assert lead is not None
    orders.end(turn, lead, OrderState.SENT_BACK, notice=f"退单已核准：{turn.ticket.title}")
    turn.ticket.lead = lead.return_to


def release_order(turn: Turn) -> None:
    order = orders.of_unit(turn, OrderState.RETURNING, part=OrderPart.ASSIST)
    orders.end(turn, order, OrderState.SENT_BACK, notice=f"退单已核准：{turn.ticket.title}")


def keep_order(turn: Turn) -> None:
    """The order stays where it is, and cannot be sent back again; its signing time starts anew."""
    order = orders.of_unit(turn, OrderState.RETURNING)
    order.state, order.is_binding = OrderState.HANDLING if order.signed_at else OrderState.AWAITING, True
    order.save()
    if order.state == OrderState.AWAITING:
        turn.clockwork.start(ClockKind.SIGN, turn.at, order=order)
    turn.tell_unit(order.organisation_id, f"退单被驳回，请办理：{turn.values['reason']}")


def propose_reply(turn: Turn) -> None:
    lead = turn.lead()
    if lead is None or lead.state not in (OrderState.HANDLING, OrderState.AWAITING):
        raise Conflict("没有在办的主办派工单。", code="no_order")
    orders.answer(turn, lead, AnswerState.WAITING)
    lead.state = OrderState.ANSWERED
    lead.save()


def finish_lead(turn: Turn) -> None:
    """The answer to the enterprise ends the lead order: what was proposed is accepted, else it is a submission by itself."""
    lead = turn.lead()
    if lead is None:
        return
    row = orders.open_answer(lead)
    if row is None:
        row = orders.answer(turn, lead, AnswerState.ACCEPTED)
    if row.passed_by is None and turn.actor is not None and orders.is_head(turn, lead):
        row.passed_by, row.passed_at = turn.actor, turn.at
    orders.decide(turn, row, AnswerState.ACCEPTED)
    lead.state, lead.done_at, lead.answer = OrderState.DONE, turn.at, turn.values["text"]
    lead.save()


def answer_order(turn: Turn) -> None:
    """First to the unit's leader; where he writes himself, or there is none, to the desk at once."""
    order = orders.mine(turn, OrderState.AWAITING, OrderState.HANDLING, part=OrderPart.ASSIST)
    is_direct = not orders.has_head(order) or orders.is_head(turn, order)
    row = orders.answer(turn, order, AnswerState.PASSED if is_direct else AnswerState.WAITING)
    if is_direct:
        row.passed_by, row.passed_at = turn.actor, turn.at
        row.save()
        _to_desk(turn, order)
    order.state = OrderState.ANSWERED
    order.save()


def pass_answer(turn: Turn) -> None:
    order = orders.mine(turn, OrderState.ANSWERED, part=OrderPart.ASSIST)
    row = orders.open_answer(order)
    if row is None or row.state != AnswerState.WAITING:
        raise Conflict("没有待您审核的反馈。", code="no_answer")
    row.state, row.passed_by, row.passed_at = AnswerState.PASSED, turn.actor, turn.at
    row.save()
    _to_desk(turn, order)


def _to_desk(turn: Turn, order: WorkOrder) -> None:
    code = notices.city(turn.ticket) if order.refusals >= 2 else notices.desk_division(turn.ticket)
    turn.tell_division(code, f"请审核反馈：{order.organisation.name} {turn.ticket.title}")


def return_answer(turn: Turn) -> None:
    """The unit's leader sends it back to whoever wrote it; nobody outside the unit counts that as a refusal."""
    order = orders.mine(turn, OrderState.ANSWERED)
    row = orders.open_answer(order)
    if row is None or row.state != AnswerState.WAITING:
        raise Conflict("没有待您审核的反馈。", code="no_answer")
    orders.decide(turn, row, AnswerState.REFUSED, turn.values["reason"])
    order.state = OrderState.HANDLING
    order.save()


def approve_order(turn: Turn) -> None:
    order, row = _answered(turn)
    orders.decide(turn, row, AnswerState.ACCEPTED)
    orders.end(turn, order, OrderState.DONE, notice=f"反馈已通过：{turn.ticket.title}")


def refuse_order(turn: Turn) -> None:
    order, row = _answered(turn)
    orders.decide(turn, row, AnswerState.REFUSED, turn.values["reason"])
    order.state = OrderState.HANDLING
    order.refusals += 1
    order.save()
    turn.tell_unit(order.organisation_id, f"反馈被退回，请重办：{turn.values['reason']}")
    if order.refusals == 2:
        turn.tell_division(notices.city(turn.ticket), f"反馈两次被退，请督办岗过问：{turn.ticket.title}")


def _answered(turn: Turn) -> tuple[WorkOrder, OrderAnswer]:
    order = orders.of_unit(turn, OrderState.ANSWERED, part=OrderPart.ASSIST)
    row = orders.open_answer(order)
    if row is None or row.state != AnswerState.PASSED:
        raise Conflict("这个单位的反馈还在等它的负责人审核。", code="not_passed")
    return order, row


def ask_extension(turn: Turn) -> None:
    lead = turn.lead()
    if lead is None:
        raise Conflict("没有主办派工单。", code="no_order")
    lead.asked_days, lead.asked_reason = int(turn.values["days"]), turn.values["reason"]
    lead.save()


def extend(turn: Turn) -> None:
    """The due time moves, the original one stays (K7)."""
    lead, days = turn.lead(), int(turn.values["days"])
    clock = turn.clockwork.extend(ClockKind.RESOLVE, days, turn.at)
    day = timezone.localtime(clock.due_at)
    turn.text = f"延期到 {day:%Y-%m-%d %H:%M}：{turn.values['reason']}"
    turn.said |= {"due_original": clock.due_original.isoformat(), "due_at": clock.due_at.isoformat()}
    if lead is not None:
        lead.granted_days, lead.due_on = days, orders.latest_due(turn, None)
        lead.save()


def refuse_extension(turn: Turn) -> None:
    lead = turn.lead()
    if lead is not None:
        lead.granted_days = 0
        lead.save()
        turn.tell_unit(lead.organisation_id, f"不同意延期：{turn.values['reason']}")


ORDER_EFFECTS = {
    function.__name__: function
    for function in (
        add_assist, answer_order, approve_order, ask_extension, ask_send_back, cancel_order, dispatch, extend,
        keep_order, pass_answer, propose_reply, refuse_extension, refuse_order, release_order, return_answer, sign,
        sign_order, take_back,
    )
}  # fmt: skip
