"""What must hold before a step about work orders, levels and extensions is taken; each refuses with its own code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from coordination.choices import BudgetUnit, ClockKind, OrderPart, OrderState, ReturnReason, Side, TicketState
from coordination.models import Event
from coordination.rules import transitions
from coordination.tickets import level_effects, orders, units
from coordination.tickets.context import UNFINISHED, Turn
from enterprises.errors import Conflict, FieldError, Invalid

MOST_RETURNS, MOST_REFUSALS = 2, 2
DESK_EXTENDS, LONGEST_WORK = 5, 25
"""Working days the desk may add by itself, and the most a cycle may take (K7)."""
FACTS = (ReturnReason.FACTS, ReturnReason.REPEATED)
"""What a sibling county may name; its competence was decided by the city (L2)."""


def proposed(turn: Turn, action: str, message: str) -> None:
    """Somebody else asked for it since the ticket last changed its state."""
    events = Event.objects.filter(ticket=turn.ticket)
    turned = events.exclude(after="").order_by("-seq").values_list("seq", flat=True).first() or 0
    asked = events.filter(action=action, seq__gt=turned).order_by("-seq").first()
    if asked is None:
        raise Conflict(message, code="not_proposed")
    if turn.actor is not None and asked.actor_id == turn.actor.pk:
        raise Conflict("提请的人不能自己批准。", code="same_person")


def has_lead(turn: Turn) -> None:
    if turn.values["lead"] is None and turn.ticket.lead is None:
        raise Invalid("请选主办单位。", code="required", field="lead")
    lead = turn.values["lead"] or turn.ticket.lead
    for name in ("assist", "inform"):
        if lead in turn.values[name]:
            raise Invalid("主办单位不能同时协办。", code="invalid_choice", field=name)
    if both := set(turn.values["assist"]) & set(turn.values["inform"]):
        raise Invalid(f"{both.pop().name}不能既协办又送阅。", code="invalid_choice", field="inform")


def due_day_is_to_come(turn: Turn) -> None:
    due = turn.values["due_on"]
    if due is not None and due < timezone.localtime(turn.at).date():
        raise Invalid("要求办结日不能早于今天。", code="invalid_date", field="due_on")


def within_signing_time(turn: Turn) -> None:
    """Only while the order's own clock C runs."""
    order = orders.mine(turn)
    clock = turn.clockwork.running(ClockKind.SIGN, order=order)
    if clock is None or turn.at > clock.due_at:
        raise Conflict("退单只能在签收时限内申请。", code="too_late")


def may_send_back(turn: Turn) -> None:
    """Not what was ruled on or kept; a sibling county for facts only; a third time on a ticket is impossible (L6)."""
    order = orders.mine(turn)
    if order.is_binding:
        raise Conflict("这张派工单已经裁定，不能退。", code="binding")
    if units.is_county_desk(order.organisation) and turn.values["reason_code"] not in FACTS:
        raise Invalid(
            "市里派来的，不能以职能、属地、权属为由退回，只能说明事实不符或重复。",
            code="invalid_choice",
            field="reason_code",
        )
    if level_effects.open_dispute(turn) is not None:
        raise Conflict("争议正在裁定，裁定前由首问单位先办。", code="in_dispute")
    if order.part == OrderPart.LEAD and _returns(turn) >= MOST_RETURNS:
        raise Conflict("这张单已退两次，不能再退，由督办岗裁定。", code="too_many_returns")


def _returns(turn: Turn) -> int:
    """How often a lead unit has asked to send this ticket back."""
    return sum(1 for order in turn.orders if order.part == OrderPart.LEAD and order.return_asked_at is not None)


def send_back_is_asked(turn: Turn) -> None:
    lead = turn.lead()
    if lead is None or lead.state != OrderState.RETURNING:
        raise Conflict("主办单位没有申请退单。", code="not_asked")


def second_return_is_the_supervisors(turn: Turn) -> None:
    """The first return is decided by the desk, the second one by the supervisor (L6)."""
    lead = turn.lead()
    is_about_lead = lead is not None and lead.state == OrderState.RETURNING
    if not is_about_lead or _returns(turn) < MOST_RETURNS:
        if turn.side == Side.SUPERVISOR:
            raise Conflict("第一次退单由受理派工岗决定。", code="not_yet_the_supervisors")
        return
    supervise(turn, "第二次退单由督办岗决定。")


def third_review_is_the_supervisors(turn: Turn) -> None:
    """Refused twice, the next submission is reviewed by the supervisor (2.6)."""
    order = orders.of_unit(turn, OrderState.ANSWERED, part=OrderPart.ASSIST)
    if order.refusals < MOST_REFUSALS:
        if turn.side == Side.SUPERVISOR:
            raise Conflict("反馈先由受理派工岗审核。", code="not_yet_the_supervisors")
        return
    supervise(turn, "反馈两次被退，由督办岗审核。")


def supervise(turn: Turn, message: str) -> None:
    """It takes the supervisor; whoever is desk and supervisor acts as the latter."""
    if Side.SUPERVISOR not in turn.sides:
        raise Conflict(message, code="supervisor_decides")
    turn.side = Side.SUPERVISOR


def orders_are_done(turn: Turn) -> None:
    """Every mandatory assisting order must be finished; the lead order ends with the reply itself."""
    waiting = [
        FieldError("", "unfinished_order", f"{order.organisation.name}的协办还没有完成。")
        for order in turn.orders
        if order.part == OrderPart.ASSIST and order.is_mandatory and order.state in UNFINISHED
    ]
    if waiting:
        raise Conflict("还有协办没有完成，不能答复企业。", code="unfinished_order", errors=waiting)


def head_speaks(turn: Turn) -> None:
    """What goes out of a unit is its leader's word, where it has one (T14, T16, K7)."""
    lead = turn.lead()
    if turn.side != Side.HANDLER or lead is None or not orders.has_head(lead) or orders.is_head(turn, lead):
        return
    hint = "请先按“报负责人审核答复”。" if turn.step.action == "reply" else "请由负责人提出。"
    raise Conflict(f"{lead.organisation.name}有负责人，{turn.step.word}由负责人审核；{hint}", code="head_decides")


def unit_has_head(turn: Turn) -> None:
    lead = turn.lead()
    if lead is None or not orders.has_head(lead):
        raise Conflict("您的单位没有设负责人，可以直接答复企业。", code="no_head")
    if orders.is_head(turn, lead):
        raise Conflict("您就是负责人，可以直接答复企业。", code="is_head")


def another_reviewer(turn: Turn) -> None:
    """After the second refusal whoever released an earlier answer releases no further one (T19)."""
    if turn.ticket.refusals < 2 or turn.actor is None:
        return
    if Event.objects.filter(ticket=turn.ticket, transition="T16", actor=turn.actor).exists():
        raise Conflict("企业已两次不认可，答复要换一个人审核。", code="same_reviewer")


def extension_is_in_time(turn: Turn) -> None:
    """At least one working day before it is due, and once (K7)."""
    clock = turn.clockwork.running(ClockKind.RESOLVE)
    if clock is None or turn.clockwork.calendar.between(turn.at, clock.due_at) < _a_day(turn, clock.due_at):
        raise Conflict("延期要在到期前至少一个工作日申请。", code="too_late")
    _not_extended(turn)


def _a_day(turn: Turn, at: dt.datetime) -> dt.timedelta:
    """The office hours of the day on which something is due; seven hours where that day has none."""
    day = at.astimezone(turn.clockwork.calendar.zone).date()
    held = turn.clockwork.calendar.segments(day)
    return sum((b - a for a, b in held), dt.timedelta(0)) or dt.timedelta(hours=7)


def _not_extended(turn: Turn) -> None:
    if Event.objects.filter(ticket=turn.ticket, action="extend", cycle=turn.ticket.cycle).exists():
        raise Conflict("已经延过一次，不能再延。", code="extended_already")


def extension_is_waiting(turn: Turn) -> None:
    """A request that was neither granted nor refused."""
    lead = turn.lead()
    if lead is None or lead.asked_days is None or lead.granted_days is not None:
        raise Conflict("没有待批的延期申请。", code="not_asked")


def extension_was_asked(turn: Turn) -> None:
    """The desk grants five working days, the supervisor up to the limit of the whole; never one's own request."""
    proposed(turn, "ask_extension", "先由承办单位申请延期。")
    _not_extended(turn)
    lead = turn.lead()
    if lead is not None and lead.asked_days is not None and lead.granted_days == 0:
        raise Conflict("这次延期申请已经不同意。", code="refused_already")
    clock, days = turn.clockwork.running(ClockKind.RESOLVE), int(turn.values["days"])
    if turn.side == Side.DESK and days > DESK_EXTENDS:
        raise Conflict(f"派工岗最多批准 {DESK_EXTENDS} 个工作日，更长的由督办岗批准。", code="too_long")
    if clock is None or clock.unit != BudgetUnit.WORKING_DAYS:
        raise Conflict("紧急到按小时计的，不能延期。", code="not_in_days")
    if clock.amount + days > LONGEST_WORK:
        raise Conflict(f"延期后总共不能超过 {LONGEST_WORK} 个工作日。", code="too_long")


def goes_up(turn: Turn) -> None:
    if transitions.rank(turn.values["level"]) <= transitions.rank(turn.ticket.level):
        raise Invalid("只能提到更高一级。", code="invalid_choice", field="level")


def no_level_is_asked(turn: Turn) -> None:
    if level_effects.open_level(turn) is not None:
        raise Conflict("已经提级，上一级还没有接办或退回。", code="escalated_already")


def skip_is_the_supervisors(turn: Turn) -> None:
    """One level at a time; more takes the task force (2.4)."""
    if transitions.rank(turn.values["level"]) - transitions.rank(turn.ticket.level) > 1:
        supervise(turn, "越级提请要由专班决定。")


def level_is_asked(turn: Turn) -> None:
    if level_effects.open_level(turn) is None:
        raise Conflict("没有待接办的提级。", code="not_escalated")
    if turn.values["lead"] is not None and turn.ticket.state == TicketState.ACCEPTED and turn.values["instruction"]:
        raise Invalid("还没有派工，办理要求请在派工时写。", code="too_early", field="instruction")


def goes_down(turn: Turn) -> None:
    if transitions.rank(turn.values["level"]) >= transitions.rank(turn.ticket.level):
        raise Invalid("只能退到更低一级。", code="invalid_choice", field="level")


def no_dispute_is_open(turn: Turn) -> None:
    if level_effects.open_dispute(turn) is not None:
        raise Conflict("争议已经提请裁定。", code="in_dispute")


ORDER_GUARDS: dict[str, Callable[[Turn], None]] = {
    function.__name__: function
    for function in (
        another_reviewer, due_day_is_to_come, extension_is_in_time, extension_is_waiting, extension_was_asked, goes_down,
        goes_up, has_lead, head_speaks, level_is_asked, may_send_back, no_dispute_is_open, no_level_is_asked,
        orders_are_done, second_return_is_the_supervisors, send_back_is_asked, skip_is_the_supervisors,
        third_review_is_the_supervisors, unit_has_head, within_signing_time,
    )
}  # fmt: skip
