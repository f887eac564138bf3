"""What must hold beyond state and side before a step is taken; each refuses with its own code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from coordination.choices import BudgetUnit, ClockKind, ConfirmMode, OrderPart, OrderState, Side, TicketMode
from coordination.models import Event
from coordination.rules import transitions
from coordination.rules.working_time import UnknownDay
from coordination.tickets import follow_ups, refusals
from coordination.tickets.context import UNFINISHED, Turn
from enterprises.errors import Conflict, FieldError, Invalid

LONGEST_SUSPENSION = 20
"""Working days until a suspended ticket is looked at again, at most."""
REOPEN_DAYS = 10
"""Working days in which the enterprise itself may reopen a closed ticket."""
MOST_ASKED, MOST_RETURNS = 2, 2
A_DAY = dt.timedelta(hours=7)
RATING_FRESH = dt.timedelta(hours=12)
DESK_EXTENDS, LONGEST_WORK = 5, 25
"""Working days the desk may add by itself, and the most a cycle may take (K7)."""
COMPLETE = {
    "title": "标题", "description": "情况", "contact_name": "联系人", "contact_phone": "联系电话", "impact": "影响",
}  # fmt: skip


def is_complete(turn: Turn) -> None:
    missing = [
        FieldError(k, "required", f"请填写{word}。") for k, word in COMPLETE.items() if not getattr(turn.ticket, k)
    ]
    if missing:
        raise Invalid.of(missing)


def urgent_has_reason(turn: Turn) -> None:
    mode = turn.values["mode"] or turn.ticket.mode
    if mode == TicketMode.URGENT and not (turn.values["urgent_reason"] or turn.ticket.urgent_reason):
        raise Invalid("定为紧急要选紧急事由。", code="required", field="urgent_reason")


def every_item_answered(turn: Turn) -> None:
    asked, answered = len(turn.ticket.items), len(turn.values["answers"])
    if answered < asked:
        raise Invalid(f"要逐项答复：共 {asked} 项，已答 {answered} 项。", code="not_every_item", field="answers")


def reject_was_proposed(turn: Turn) -> None:
    _proposed(turn, "propose_reject", "不予受理先由受理岗提请，再由另一人批准。")


def suspend_was_proposed(turn: Turn) -> None:
    _proposed(turn, "propose_suspend", "挂账先由承办单位申请，再由另一人批准。")


def _proposed(turn: Turn, action: str, message: str) -> None:
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
    if lead in turn.values["assist"]:
        raise Invalid("主办单位不能同时协办。", code="invalid_choice", field="assist")


def within_signing_time(turn: Turn) -> None:
    clock = turn.clockwork.running(ClockKind.SIGN)
    if clock is None or turn.at > clock.due_at:
        raise Conflict("退单只能在签收时限内申请。", code="too_late")


def send_back_is_asked(turn: Turn) -> None:
    lead = turn.lead()
    if lead is None or lead.state != OrderState.RETURNING:
        raise Conflict("主办单位没有申请退单。", code="not_asked")


def returns_left(turn: Turn) -> None:
    """A third return is impossible (L6)."""
    returned = sum(1 for order in turn.orders if order.state == OrderState.SENT_BACK)
    if returned >= MOST_RETURNS:
        raise Conflict("这张单已退两次，不能再退，由督办岗裁定。", code="too_many_returns")


def asked_at_most_twice(turn: Turn) -> None:
    if turn.ticket.asked >= MOST_ASKED:
        raise Conflict(f"每轮最多请企业补充 {MOST_ASKED} 次。", code="asked_too_often")
    if turn.values["reply_by"] < timezone.localtime(turn.at).date():
        raise Invalid("答复日期不能早于今天。", code="invalid_date", field="reply_by")


def reply_by_is_past(turn: Turn) -> None:
    by = turn.ticket.reply_by
    if by is not None and timezone.localtime(turn.at).date() <= by:
        raise Conflict("还没有到请企业答复的日期。", code="too_early")


def review_day_is_near(turn: Turn) -> None:
    today, day = timezone.localtime(turn.at).date(), turn.values["review_on"]
    try:
        last = turn.clockwork.calendar.close_of(turn.at, LONGEST_SUSPENSION).date()
    except UnknownDay:
        last = today + dt.timedelta(days=28)
    if not today < day <= last:
        raise Invalid(
            f"复查日期应在今天之后、{LONGEST_SUSPENSION} 个工作日（{last:%Y-%m-%d}）以内。",
            code="invalid_date", field="review_on",
        )  # fmt: skip


def orders_are_done(turn: Turn) -> None:
    """Every assisting order must be finished; the lead order ends with the reply itself."""
    waiting = [
        FieldError("", "unfinished_order", f"{order.organisation.name}的协办还没有完成。")
        for order in turn.orders
        if order.part == OrderPart.ASSIST and order.state in UNFINISHED
    ]
    if waiting:
        raise Conflict("还有协办没有完成，不能答复企业。", code="unfinished_order", errors=waiting)


def proxy_has_evidence(turn: Turn) -> None:
    if turn.side == Side.LIAISON and not turn.values["evidence"] and not turn.files:
        raise Invalid("代企业确认要写明凭证，或附上照片。", code="required", field="evidence")


def has_files(turn: Turn) -> None:
    if not turn.files:
        raise Invalid("请选要补的附件。", code="required", field="files")


def poor_has_comment(turn: Turn) -> None:
    is_poor = turn.values["satisfaction"] in ("1", "2")
    if (turn.values["solved"] == "no" or is_poor) and not turn.values["comment"]:
        raise Invalid("没有解决或不满意的，请说明原因。", code="required", field="comment")


def rating_is_fresh(turn: Turn) -> None:
    """Answers may be changed for twelve hours by the side that gave them."""
    ticket, by = turn.ticket, {Side.ENTERPRISE: ConfirmMode.ENTERPRISE, Side.LIAISON: ConfirmMode.PROXY}
    if ticket.confirm_mode != by.get(Side(turn.side)):
        raise Conflict("只能由确认的一方修改评价。", code="not_yours")
    if ticket.closed_at is None or turn.at > ticket.closed_at + RATING_FRESH:
        raise Conflict("确认 12 小时以后不能再改；没有解决的，可以要求重新办理。", code="too_late")


def follow_up_is_due(turn: Turn) -> None:
    if not follow_ups.is_due(turn.ticket, turn.clockwork.calendar, turn.at):
        raise Conflict("现在不用回答这个问题。", code="not_asked")


def refusal_is_unjudged(turn: Turn) -> None:
    if refusals.last(turn.ticket) is None:
        raise Conflict("企业没有要求过重办。", code="not_refused")
    if refusals.excused(turn.ticket) is not None:
        raise Conflict("已经认定过。", code="judged_already")


def refusal_was_excused(turn: Turn) -> None:
    if refusals.excused(turn.ticket) is None:
        raise Conflict("没有可以申诉或撤销的认定。", code="not_judged")


def within_reopening_time(turn: Turn) -> None:
    """The enterprise itself within ten working days; its liaison officer likewise; the desk later too."""
    closed = turn.ticket.closed_at
    if turn.side not in (Side.ENTERPRISE, Side.LIAISON) or closed is None:
        return
    try:
        last = turn.clockwork.calendar.close_of(closed, REOPEN_DAYS)
    except UnknownDay:
        return
    if turn.at > last:
        raise Conflict(
            f"办结后 {REOPEN_DAYS} 个工作日内可以要求重新办理；请联系受理岗，或另提一张单。", code="too_late"
        )


def desk_names_caller(turn: Turn) -> None:
    if turn.side == Side.DESK and not turn.values["caller"]:
        raise Invalid("代企业撤回要写明来电人。", code="required", field="caller")


def extension_is_in_time(turn: Turn) -> None:
    """At least one working day before it is due, and once (K7)."""
    clock = turn.clockwork.running(ClockKind.RESOLVE)
    if clock is None or turn.clockwork.calendar.between(turn.at, clock.due_at) < A_DAY:
        raise Conflict("延期要在到期前至少一个工作日申请。", code="too_late")
    if Event.objects.filter(ticket=turn.ticket, action="extend").exists():
        raise Conflict("已经延过一次，不能再延。", code="extended_already")


def extension_was_asked(turn: Turn) -> None:
    """The desk grants five working days, the supervisor up to the limit of the whole; never one's own request."""
    _proposed(turn, "ask_extension", "先由承办单位申请延期。")
    if Event.objects.filter(ticket=turn.ticket, action="extend").exists():
        raise Conflict("已经延过一次，不能再延。", code="extended_already")
    clock, days = turn.clockwork.running(ClockKind.RESOLVE), int(turn.values["days"])
    if turn.side == Side.DESK and days > DESK_EXTENDS:
        raise Conflict(f"派工岗最多批准 {DESK_EXTENDS} 个工作日，更长的由督办岗批准。", code="too_long")
    if clock is None or clock.unit != BudgetUnit.WORKING_DAYS:
        raise Conflict("紧急到按小时计的，不能延期。", code="not_in_days")
    if clock.amount + days > LONGEST_WORK:
        raise Conflict(f"延期后总共不能超过 {LONGEST_WORK} 个工作日。", code="too_long")


def has_no_order(turn: Turn) -> None:
    """What went along with a common problem, or was handled by the desk itself, can be given to a unit after all."""
    if turn.lead() is not None:
        raise Conflict("这张单有自己的主办派工单，不用再派。", code="has_order")


def goes_up(turn: Turn) -> None:
    if transitions.rank(turn.values["level"]) <= transitions.rank(turn.ticket.level):
        raise Invalid("只能提到更高一级。", code="invalid_choice", field="level")


def goes_down(turn: Turn) -> None:
    if transitions.rank(turn.values["level"]) >= transitions.rank(turn.ticket.level):
        raise Invalid("只能退到更低一级。", code="invalid_choice", field="level")


GUARDS: dict[str, Callable[[Turn], None]] = {
    function.__name__: function
    for function in (
        asked_at_most_twice, desk_names_caller, every_item_answered, extension_is_in_time, extension_was_asked,
        follow_up_is_due, goes_down, goes_up, has_files, has_lead, has_no_order, is_complete, orders_are_done, poor_has_comment,
        proxy_has_evidence, rating_is_fresh, refusal_is_unjudged, refusal_was_excused,
        reject_was_proposed, reply_by_is_past, returns_left, review_day_is_near, send_back_is_asked,
        suspend_was_proposed, urgent_has_reason, within_reopening_time, within_signing_time,
    )
}  # fmt: skip
