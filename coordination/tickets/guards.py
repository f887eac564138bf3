"""What must hold beyond state and side before a step is taken; each refuses with its own code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from coordination.choices import ConfirmMode, Side, TicketMode
from coordination.models import Event
from coordination.rules import nudges
from coordination.rules.working_time import UnknownDay
from coordination.tickets import follow_ups, refusals
from coordination.tickets.context import Turn
from coordination.tickets.order_guards import ORDER_GUARDS, proposed
from enterprises.errors import Conflict, FieldError, Invalid

LONGEST_SUSPENSION = 20
"""Working days until a suspended ticket is looked at again, at most."""
REOPEN_DAYS = 10
"""Working days in which the enterprise itself may reopen a closed ticket."""
MOST_ASKED = 2
RATING_FRESH = dt.timedelta(hours=12)
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
    proposed(turn, "propose_reject", "不予受理先由受理岗提请，再由另一人批准。")


def suspend_was_proposed(turn: Turn) -> None:
    proposed(turn, "propose_suspend", "挂账先由承办单位申请，再由另一人批准。")


def asked_at_most_twice(turn: Turn) -> None:
    if turn.ticket.asked >= MOST_ASKED:
        raise Conflict(f"每轮最多请企业补充 {MOST_ASKED} 次。", code="asked_too_often")
    if turn.values["reply_by"] < timezone.localtime(turn.at).date():
        raise Invalid("答复日期不能早于今天。", code="invalid_date", field="reply_by")


def nudged_twice(turn: Turn) -> None:
    """When the day has passed the system nudges on two working days; then the unit decides (T13)."""
    by = turn.ticket.reply_by
    if by is None:
        return
    if timezone.localtime(turn.at).date() <= by:
        raise Conflict("还没有到请企业答复的日期。", code="too_early")
    try:
        second = nudges.moments(turn.clockwork.calendar, by)[-1]
    except UnknownDay:
        return
    if turn.at < second:
        raise Conflict(
            f"系统还要再催企业一次（{timezone.localtime(second):%m月%d日 %H:%M}），之后可以恢复办理。", code="too_early"
        )


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
    """Withdrawn by a call: who called, and how one knows that it was the enterprise (T21)."""
    if turn.side != Side.DESK:
        return
    missing = [
        FieldError(name, "required", f"代企业撤回要写明{word}。")
        for name, word in (("caller", "来电人"), ("verified", "怎样核实的")) if not turn.values[name]
    ]  # fmt: skip
    if missing:
        raise Invalid.of(missing)


def something_to_appeal(turn: Turn) -> None:
    """A matter that was not taken in; one appeal at a time, one for each decision."""
    if turn.ticket.is_appealed:
        raise Conflict("申诉已经收到，督办岗正在复核。", code="appealed_already")
    last = _last(turn, "reject")
    if last is None:
        raise Conflict("没有可以申诉的决定。", code="nothing_to_appeal")
    settled = _last(turn, "uphold", "overturn")
    if settled is not None and settled.seq > last.seq:
        raise Conflict("这项决定已经复核过。", code="appealed_already")


def is_appealed(turn: Turn) -> None:
    if not turn.ticket.is_appealed:
        raise Conflict("没有待复核的申诉。", code="not_appealed")


def has_no_order(turn: Turn) -> None:
    """What went along with a common problem, or was handled by the desk itself, can be given to a unit after all."""
    if turn.lead() is not None:
        raise Conflict("这张单有自己的主办派工单，不用再派。", code="has_order")


def another_person_decided(turn: Turn) -> None:
    """Whoever decided does not review his own decision."""
    last = _last(turn, "reject")
    if last is not None and turn.actor is not None and last.actor_id == turn.actor.pk:
        raise Conflict("作决定的人不能自己复核。", code="same_person")


def _last(turn: Turn, *actions: str) -> Event | None:
    return Event.objects.filter(ticket=turn.ticket, action__in=actions).order_by("-seq").first()


GUARDS: dict[str, Callable[[Turn], None]] = {
    function.__name__: function
    for function in (
        another_person_decided, asked_at_most_twice, desk_names_caller, every_item_answered, follow_up_is_due, has_files,
        has_no_order, is_appealed, is_complete, nudged_twice, poor_has_comment, proxy_has_evidence, rating_is_fresh,
        refusal_is_unjudged, refusal_was_excused, reject_was_proposed, review_day_is_near, something_to_appeal,
        suspend_was_proposed, urgent_has_reason, within_reopening_time,
    )
} | ORDER_GUARDS  # fmt: skip
