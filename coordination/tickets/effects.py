"""What a step changes besides the state: numbers, results, orders, levels. Called under the ticket's lock."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from coordination import ticket_files
from coordination.choices import (
    ClockKind,
    ConfirmMode,
    OrderPart,
    OrderState,
    Side,
    TicketMode,
    TicketResult,
    TicketState,
    Visibility,
)
from coordination.models import Ticket, TicketNumber
from coordination.rules.transitions import BY_ACTION, TERMINAL
from coordination.tickets import emergencies, level_effects, notices, order_effects, orders, refusals, routing
from coordination.tickets.context import Turn
from coordination.tickets.level_effects import LEVEL_EFFECTS
from coordination.tickets.order_effects import ORDER_EFFECTS
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
    routing.confirm(turn)
    was, ticket.mode = ticket.mode, values["mode"] or ticket.mode
    ticket.urgent_reason = values["urgent_reason"] or ticket.urgent_reason
    ticket.accepted_at = turn.at
    turn.said |= {
        "category": ticket.category_id, "level": ticket.level, "mode": ticket.mode,
        "lead": ticket.lead.code if ticket.lead else None,
    }  # fmt: skip
    if ticket.mode != was:
        level_effects.copy_urgent(turn)


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
    orders.cancel_all(turn)


def unmerge(turn: Turn) -> None:
    """Back to where it stood; its clocks go on as if they had never stopped (T24)."""
    ticket = turn.ticket
    merged = ticket.events.filter(transition="T7").order_by("-seq").first()
    turn.target, ticket.state_before, ticket.duplicate_of = ticket.state_before, "", None
    for clock in turn.clockwork.clocks:
        if merged is not None and clock.stopped_at == merged.occurred_at:
            clock.stopped_at = clock.consumed_seconds = None
            turn.clockwork.wake(clock)
    for order in turn.orders:
        if merged is not None and order.state == OrderState.CANCELLED and order.done_at == merged.occurred_at:
            order.state, order.done_at = OrderState.HANDLING if order.signed_at else OrderState.AWAITING, None
            order.save()


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
    order_effects.finish_lead(turn)


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
    """The same ticket goes on with a budget of its own (K8); the order is given to the same unit again.

    The supervisor is told of each refusal; from the second one on supervision is one level higher (T19).
    """
    ticket = turn.ticket
    if turn.step.code == "T19":
        ticket.was_refused = ticket.was_refused or ticket.cycle == 1
        ticket.refusals += 1
        ticket.supervision = max(0, ticket.refusals - 1)
        word = "企业不认可" if ticket.refusals == 1 else f"企业第 {ticket.refusals} 次不认可，督办提升一级"
        turn.said["supervision"] = ticket.supervision
        turn.tell_division(notices.city(ticket), f"{word}：{ticket.title}")
    ticket.cycle += 1
    ticket.asked = 0
    ticket.result = ticket.confirm_mode = ""
    ticket.satisfaction = None
    done = [order for order in turn.orders if order.part == OrderPart.LEAD and order.state == OrderState.DONE]
    if done:
        said = str(turn.values.get("text") or turn.values.get("reason"))[:1000]
        orders.give(
            turn, done[-1].organisation, OrderPart.LEAD, state=OrderState.HANDLING, instruction=said, signed_at=turn.at,
        )  # fmt: skip


def withdraw(turn: Turn) -> None:
    """Ended by the enterprise's own word, or by a call that was checked; every one of them is looked at again."""
    orders.cancel_all(turn)
    caller, verified = turn.values["caller"], turn.values["verified"]
    turn.said["sampled"] = True
    turn.text = f"企业撤回：{turn.values['reason']}" + (f"（来电人 {caller}，{verified}）" if caller else "")


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


OWN_EFFECTS: dict[str, Callable[[Turn], None]] = {
    function.__name__: function
    for function in (
        accept, answer_items, ask_items, attach, clear_items, clear_review, confirm, confirm_silently, correct, excuse,
        follow_up, mark, mark_file, merge, message, new_cycle, number, reply, restore, revise, suspend, unmerge, withdraw,
    )
}  # fmt: skip
EFFECTS = {**OWN_EFFECTS, **ORDER_EFFECTS, **LEVEL_EFFECTS}
PUBLIC_WORDS = frozenset({"ask", "reply", "message"})
"""Steps in which our side says something of its own to the enterprise: the first contact (D), a report of progress (G)."""
CONTACT, FEEDBACK = (ClockKind.CONTACT,), ClockKind.FEEDBACK
