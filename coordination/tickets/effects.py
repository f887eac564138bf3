"""What a step changes besides the state: numbers, results, orders, levels. Called under the ticket's lock."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from coordination import access, ticket_files
from coordination.choices import (
    ClockKind,
    ConfirmMode,
    OrderPart,
    OrderState,
    Side,
    TicketLevel,
    TicketMode,
    TicketResult,
    TicketState,
    Visibility,
)
from coordination.models import Ticket, TicketNumber, WorkOrder
from coordination.rules.transitions import BY_ACTION, TERMINAL
from coordination.tickets import emergencies, refusals, routing
from coordination.tickets.context import UNFINISHED, Turn
from enterprises.errors import Conflict, Invalid, NotFound

YES_NO_PARTLY = BY_ACTION["confirm"].fields[1].choices
MODES = {
    Side.ENTERPRISE: ConfirmMode.ENTERPRISE, Side.LIAISON: ConfirmMode.PROXY, Side.DESK: ConfirmMode.CALLBACK,
}  # fmt: skip


def number(turn: Turn) -> None:
    """The next number of the year, whose row is the lock; and day and night where an emergency holds (K3)."""
    day = timezone.localtime(turn.at).date()
    TicketNumber.objects.get_or_create(year=day.year)
    row = TicketNumber.objects.select_for_update().get(year=day.year)
    row.last += 1
    row.save(update_fields=["last"])
    turn.ticket.number = f"{day:%Y%m%d}-{row.last:04d}"
    turn.ticket.submitted_at = turn.at
    if emergencies.holds_for(turn.ticket, turn.at):
        turn.ticket.mode = TicketMode.EMERGENCY
        turn.said["mode"] = TicketMode.EMERGENCY


def accept(turn: Turn) -> None:
    ticket, values = turn.ticket, turn.values
    ticket.category = values["category"] or ticket.category
    proposed = routing.propose(ticket)
    ticket.level = values["level"] or proposed.level
    ticket.mode = values["mode"] or ticket.mode
    ticket.urgent_reason = values["urgent_reason"] or ticket.urgent_reason
    ticket.lead = values["lead"] or proposed.lead
    ticket.accepted_at = turn.at
    turn.said |= {
        "category": ticket.category_id, "level": ticket.level, "mode": ticket.mode,
        "lead": ticket.lead.code if ticket.lead else None,
        "proposed": {"level": proposed.level, "lead": proposed.lead.code if proposed.lead else None},
    }  # fmt: skip


def ask_items(turn: Turn) -> None:
    turn.ticket.items = turn.values["items"]
    turn.ticket.reply_by = turn.values.get("reply_by")
    if turn.step.action == "ask":
        turn.ticket.asked += 1
        turn.names["reply_by"] = f"{turn.ticket.reply_by:%Y-%m-%d}"
    lines = [f"{n}. {item}" for n, item in enumerate(turn.ticket.items, 1)]
    turn.text = "\n".join([turn.values.get("text") or turn.step.says, *lines])


def answer_items(turn: Turn) -> None:
    pairs = zip(turn.ticket.items, turn.values["answers"], strict=False)
    lines = [f"{n}. {item}：{answer}" for n, (item, answer) in enumerate(pairs, 1)]
    turn.text = "\n".join([*lines, *([turn.values["text"]] if turn.values.get("text") else [])])
    clear_items(turn)


def clear_items(turn: Turn) -> None:
    turn.ticket.items, turn.ticket.reply_by = [], None


def merge(turn: Turn) -> None:
    """Into another ticket of the same enterprise that is still open."""
    target = (
        Ticket.objects.filter(number=turn.values["target"], enterprise=turn.ticket.enterprise_id)
        .exclude(pk=turn.ticket.pk)
        .first()
    )
    if target is None:
        raise NotFound("这家企业没有这张问题单。", code="not_found", field="target")
    if target.state in TERMINAL or target.state == TicketState.DRAFT:
        raise Conflict("那张单已经结束，不能并入。", code="target_is_closed")
    turn.ticket.state_before = turn.ticket.state
    turn.ticket.duplicate_of = target
    turn.text = f"与您的 {target.number} 号问题合并办理。"
    _cancel_orders(turn)


def unmerge(turn: Turn) -> None:
    """Back to where it stood; its clocks go on as if they had never stopped (T24)."""
    ticket = turn.ticket
    merged = ticket.events.filter(transition="T7").order_by("-seq").first()
    turn.target, ticket.state_before, ticket.duplicate_of = ticket.state_before, "", None
    for clock in turn.clockwork.clocks:
        if merged is not None and clock.stopped_at == merged.occurred_at:
            clock.stopped_at = clock.consumed_seconds = None
            turn.clockwork.wake(clock)


def dispatch(turn: Turn) -> None:
    ticket, values = turn.ticket, turn.values
    ticket.lead = values["lead"] or ticket.lead
    assert ticket.lead is not None
    turn.names["lead"] = ticket.lead.name
    common = {"ticket": ticket, "instruction": values["instruction"], "due_on": values["due_on"], "created_at": turn.at}
    WorkOrder.objects.create(organisation=ticket.lead, part=OrderPart.LEAD, **common)
    alive = {order.organisation_id for order in turn.orders if order.state in UNFINISHED}
    for one in dict.fromkeys(values["assist"]):
        if one.pk not in alive:
            WorkOrder.objects.create(organisation=one, part=OrderPart.ASSIST, **common)
    turn.said |= {"lead": ticket.lead.code, "assist": [one.code for one in values["assist"]]}


def sign(turn: Turn) -> None:
    lead = turn.lead()
    if lead is None:
        raise Conflict("没有待签收的主办派工单。", code="no_order")
    lead.state, lead.signed_at = OrderState.HANDLING, turn.at
    lead.is_signed_by_system = turn.side == Side.SYSTEM
    lead.save()
    turn.names["lead"] = lead.organisation.name


def ask_send_back(turn: Turn) -> None:
    lead = turn.lead()
    if lead is None:
        raise Conflict("没有主办派工单。", code="no_order")
    lead.state = OrderState.RETURNING
    lead.return_reason = f"{turn.values['reason']}（应由{turn.values['should_have']}办）"[:500]
    lead.save()


def take_back(turn: Turn) -> None:
    lead = turn.lead()
    assert lead is not None
    lead.state, lead.done_at = OrderState.SENT_BACK, turn.at
    lead.save()
    turn.ticket.lead = None


def keep_order(turn: Turn) -> None:
    lead = turn.lead()
    assert lead is not None
    lead.state = OrderState.HANDLING if lead.signed_at else OrderState.AWAITING
    lead.save()


def suspend(turn: Turn) -> None:
    turn.ticket.review_on = turn.values["review_on"]
    turn.text = f"暂缓办理：{turn.values['reason']}。{turn.values['review_on']:%Y-%m-%d} 复查。"


def clear_review(turn: Turn) -> None:
    turn.ticket.review_on = None


def reply(turn: Turn) -> None:
    ticket = turn.ticket
    ticket.proposed_result = turn.values["result"]
    ticket.replied_at = turn.at
    if ticket.cycle == 1:
        ticket.first_replied_at = turn.at
    lead = turn.lead()
    if lead is not None:
        lead.state, lead.done_at, lead.answer = OrderState.DONE, turn.at, turn.values["text"]
        lead.signed_at = lead.signed_at or turn.at
        lead.save()


def confirm(turn: Turn) -> None:
    """The enterprise's word decides; what policy does not allow stays explained however content it is."""
    turn.ticket.confirm_mode = MODES[Side(turn.side)]
    turn.ticket.closed_at = turn.at
    _answers(turn)


def revise(turn: Turn) -> None:
    """Other answers of the same confirmation; when it was closed stays (2.7)."""
    _answers(turn)


def _answers(turn: Turn) -> None:
    ticket, solved = turn.ticket, turn.values["solved"]
    proposed = ticket.proposed_result
    is_plain = proposed in (TicketResult.SOLVED, TicketResult.PARTIAL)
    said = {"yes": TicketResult.SOLVED if is_plain else proposed, "partly": TicketResult.PARTIAL}
    ticket.result = said.get(solved, TicketResult.UNSOLVED if is_plain else proposed)
    ticket.satisfaction = int(turn.values["satisfaction"]) if turn.values["satisfaction"] else None
    turn.said |= {"result": ticket.result, "confirm_mode": ticket.confirm_mode}
    by = "（特派员代录）" if ticket.confirm_mode == ConfirmMode.PROXY else ""
    turn.text = f"问题是否解决：{dict(YES_NO_PARTLY)[solved]}{by}"


def follow_up(turn: Turn) -> None:
    """Whether the matter came back, asked some time after it was solved."""
    is_back = turn.values["rebounded"] == "yes"
    turn.text = ("问题又出现了" if is_back else "没有再出现") + (
        f"：{turn.values['text']}" if turn.values["text"] else "。"
    )


def excuse(turn: Turn) -> None:
    """The last refusal was unreasonable: it does not spoil the cycle that it refused (K8)."""
    refused = refusals.last(turn.ticket)
    assert refused is not None
    turn.said["refused"] = refused.cycle - 1
    turn.text = f"督办岗认定第 {refused.cycle - 1} 轮的重办要求不合理：{turn.values['reason']}\n有异议可以申诉。"


def restore(turn: Turn) -> None:
    """The judgement is taken back."""
    turn.said["refused"] = refusals.excused(turn.ticket)
    turn.text = f"已撤销“重办要求不合理”的认定：{turn.values['reason']}"


def mark(turn: Turn) -> None:
    turn.said["was"], turn.ticket.nature = turn.ticket.nature, turn.values["nature"]


def confirm_silently(turn: Turn) -> None:
    ticket = turn.ticket
    ticket.result, ticket.confirm_mode, ticket.closed_at = ticket.proposed_result, ConfirmMode.SILENT, turn.at
    turn.said |= {"result": ticket.result, "confirm_mode": ticket.confirm_mode}


def new_cycle(turn: Turn) -> None:
    """The same ticket goes on with a budget of its own (K8); the order is given to the same unit again."""
    ticket = turn.ticket
    if ticket.cycle == 1 and turn.step.code == "T19":
        ticket.was_refused = True
    ticket.cycle += 1
    ticket.asked = 0
    ticket.result = ticket.confirm_mode = ""
    ticket.satisfaction = None
    done = [order for order in turn.orders if order.part == OrderPart.LEAD and order.state == OrderState.DONE]
    if done:
        WorkOrder.objects.create(
            ticket=ticket, organisation=done[-1].organisation, part=OrderPart.LEAD, state=OrderState.HANDLING,
            instruction=str(turn.values.get("text") or turn.values.get("reason"))[:1000], created_at=turn.at,
            signed_at=turn.at,
        )  # fmt: skip


def withdraw(turn: Turn) -> None:
    _cancel_orders(turn)
    turn.text = f"企业撤回：{turn.values['reason']}" + (
        f"（来电人 {turn.values['caller']}）" if turn.values["caller"] else ""
    )


def escalate(turn: Turn) -> None:
    """The level changes, the state does not; the lower level keeps the enterprise's contact (2.4)."""
    turn.said |= {"from": turn.ticket.level, "to": turn.values["level"]}
    turn.ticket.level = turn.values["level"]
    turn.names["level"] = TicketLevel(turn.ticket.level).label


def extend(turn: Turn) -> None:
    """The due time moves, the original one stays (K7)."""
    clock = turn.clockwork.extend(ClockKind.RESOLVE, int(turn.values["days"]), turn.at)
    day = timezone.localtime(clock.due_at)
    turn.text = f"延期到 {day:%Y-%m-%d %H:%M}：{turn.values['reason']}"
    turn.said |= {"due_original": clock.due_original.isoformat(), "due_at": clock.due_at.isoformat()}


def correct(turn: Turn) -> None:
    turn.said |= {"before": turn.ticket.result, "after": turn.values["result"]}
    if turn.values["result"] == turn.ticket.result:
        raise Invalid("结果没有变。", code="unchanged", field="result")
    turn.ticket.result = turn.values["result"]


def message(turn: Turn) -> None:
    """Whatever the enterprise writes it can read; ours stays among the units unless said otherwise."""
    asked = turn.values["visibility"]
    if turn.side == Side.ENTERPRISE:
        if asked not in (None, Visibility.ENTERPRISE):
            raise Invalid("企业的消息双方都能看到。", code="invalid_choice", field="visibility")
        asked = Visibility.ENTERPRISE
    if asked == Visibility.OWN_UNIT and turn.side not in (Side.HANDLER, Side.ASSIST, Side.DESK):
        raise Invalid("只有单位能写本单位的消息。", code="invalid_choice", field="visibility")
    turn.visibility = asked or Visibility.UNITS


def attach(turn: Turn) -> None:
    """Files that come by themselves are seen as a message would be. Their names stay out of the text, which others may
    read longer than the files."""
    message(turn)
    turn.text = turn.text or f"补了 {len(turn.files)} 个附件。"


def mark_file(turn: Turn) -> None:
    """Whoever sees the file from now on, and the units, read of the change; never the enterprise."""
    assert turn.actor is not None
    said = ticket_files.change_visibility(
        actor=turn.actor, ticket=turn.ticket, key=turn.values["file"], visibility=turn.values["visibility"],
        sides=turn.sides,
    )  # fmt: skip
    turn.text = f"附件“{said['name']}”的可见范围由“{said['before']}”改为“{said['after']}”。"
    if turn.values["visibility"] != Visibility.ENTERPRISE:
        turn.visibility = turn.values["visibility"]


def answer_order(turn: Turn) -> None:
    order = _mine(turn, OrderPart.ASSIST)
    order.state, order.answer = OrderState.ANSWERED, turn.values["text"]
    order.signed_at = order.signed_at or turn.at
    order.save()


def approve_order(turn: Turn) -> None:
    order = _answered(turn)
    order.state, order.done_at = OrderState.DONE, turn.at
    order.save()


def refuse_order(turn: Turn) -> None:
    order = _answered(turn)
    order.state = OrderState.HANDLING
    order.refusals += 1
    order.save()


def _mine(turn: Turn, part: str) -> WorkOrder:
    mine = access.organisations(turn.actor) if turn.actor is not None else frozenset()
    for order in turn.orders:
        if order.part == part and order.organisation_id in mine and order.state in UNFINISHED:
            return order
    raise Conflict("您的单位没有在办的协办派工单。", code="no_order")


def _answered(turn: Turn) -> WorkOrder:
    for order in turn.orders:
        if order.organisation_id == turn.values["organisation"].pk and order.state == OrderState.ANSWERED:
            return order
    raise Conflict("这个单位没有待审核的反馈。", code="no_order")


def _cancel_orders(turn: Turn) -> None:
    for order in turn.orders:
        if order.state in UNFINISHED:
            order.state, order.done_at = OrderState.CANCELLED, turn.at
            order.save()


EFFECTS: dict[str, Callable[[Turn], None]] = {
    function.__name__: function
    for function in (
        accept, answer_items, answer_order, approve_order, ask_items, ask_send_back, attach, clear_items,
        clear_review, confirm, confirm_silently, correct, dispatch, escalate, excuse, extend, follow_up, keep_order,
        mark, mark_file, merge, message, new_cycle, number, refuse_order, reply, restore, revise, sign, suspend,
        take_back, unmerge, withdraw,
    )
}  # fmt: skip
PUBLIC_WORDS = frozenset({"ask", "reply", "message"})
"""Steps in which our side says something of its own to the enterprise: the first contact (D), a report of progress (G)."""
CONTACT, FEEDBACK = (ClockKind.CONTACT,), ClockKind.FEEDBACK
