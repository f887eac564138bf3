"""Turning a letter: sent to be signed, signed by another, sent, reminded of, answered, closed; and what lateness says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from coordination import common_problems, tickets
from coordination.choices import LetterResult, LetterState, Visibility
from coordination.letters import drafting, reading
from coordination.models import Letter, LetterNumber, LetterReminder, Ticket
from coordination.rules import letter_texts
from coordination.rules.letter_steps import BY_ACTION
from coordination.tickets import calendar, given, notices
from enterprises import audit
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from enterprises.models import Account

Values = dict[str, Any]


def turn(
    *, actor: Account, letter: Letter, action: str, fields: Mapping[str, Any], expected_version: int | None
) -> Letter:
    """Take one step of rules.letter_steps. The ticket's history says it; what the enterprise learns is that, and when.

    Writes: letter, its number or reminder, the ticket's messages, audit `letter.ACTION`. Refuses: not_found (no such
    step), forbidden, version_conflict, wrong_state, same_person, not_ready, the step's own fields.
    """
    step = BY_ACTION.get(action)
    if step is None:
        raise NotFound("没有这个动作。", code="unknown_action", field="action")
    if not reading.sides(actor, letter.ticket) & step.sides:
        raise Forbidden(f"这一步（{step.word}）不由您办。")
    with transaction.atomic():
        locked = Letter.objects.select_for_update(of=("self",)).select_related("ticket", "problem").get(pk=letter.pk)
        drafting.require_version(locked, expected_version)
        if locked.state not in step.sources:
            raise Conflict(f"这份公函现在是“{locked.get_state_display()}”，不能{step.word}。", code="wrong_state")
        values = given.read(step, fields)
        before = locked.state
        EFFECTS[action](locked, actor, values)
        locked.state = step.target or locked.state
        locked.version += 1
        locked.save()
        said = {name: _plain(value) for name, value in values.items() if value is not None}
        audit.record(actor=actor, act=f"letter.{action}", on=locked, before={"state": before},
                     after={"state": locked.state, "number": locked.number, **said})  # fmt: skip
        _tell(locked, actor, action)
    return locked


def _submit(letter: Letter, actor: Account, values: Values) -> None:
    if letter_texts.OPEN_MARK in letter.body + letter.title:
        raise Conflict("正文里还有【】没有写完，写好再送签。", code="not_ready")
    letter.return_reason = ""


def _sign(letter: Letter, actor: Account, values: Values) -> None:
    """By another than the drafter; the number is given now, under the lock of its register."""
    if actor.pk == letter.drafted_by_id:
        raise Conflict("拟稿人不能自己签发。", code="same_person")
    day = values["dated"] or timezone.localdate()
    _not_after_today(day, "dated", "成文日期")
    LetterNumber.objects.get_or_create(prefix=letter.prefix, year=day.year)
    register = LetterNumber.objects.select_for_update().get(prefix=letter.prefix, year=day.year)
    register.last += 1
    register.save(update_fields=["last"])
    letter.number = letter_texts.number(letter.prefix, day.year, register.last)
    letter.dated, letter.signed_by, letter.signed_at = day, actor, timezone.now()


def _send_back(letter: Letter, actor: Account, values: Values) -> None:
    letter.return_reason = values["reason"]


def _send(letter: Letter, actor: Account, values: Values) -> None:
    _not_after_today(values["sent_on"], "sent_on", "发出日期")
    _not_before(values["sent_on"], letter.dated, "sent_on", "发出日期不能早于成文日期")
    reply_by = values["reply_by"] or letter.reply_by
    if reply_by is not None:
        _not_before(reply_by, values["sent_on"], "reply_by", "函复日期不能早于发出日期")
    letter.sent_on, letter.way, letter.sent_note = values["sent_on"], values["way"], values["note"] or ""
    letter.reply_by, letter.is_told = reply_by, values["tell"] != "no"


def _remind(letter: Letter, actor: Account, values: Values) -> None:
    """The next reminder with its own day; from then on that day counts."""
    if values["due_on"] < timezone.localdate():
        raise Invalid("催函的函复日期不能早于今天。", code="invalid_date", field="due_on")
    LetterReminder.objects.create(
        letter=letter, number=letter.reminders.count() + 1, at=timezone.now(), actor=actor, text=values["text"],
        way=values["way"], due_on=values["due_on"],
    )  # fmt: skip
    letter.reply_by = values["due_on"]


def _reply(letter: Letter, actor: Account, values: Values) -> None:
    _not_after_today(values["replied_on"], "replied_on", "回函日期")
    _not_before(values["replied_on"], letter.sent_on, "replied_on", "回函日期不能早于发出日期")
    letter.replied_on, letter.reply_text = values["replied_on"], values["text"]
    letter.reply_result, letter.reply_number = values["result"], values["number"] or ""


def _close(letter: Letter, actor: Account, values: Values) -> None:
    letter.closed_at, letter.closing_note = timezone.now(), values["note"]


def _drop(letter: Letter, actor: Account, values: Values) -> None:
    letter.closed_at, letter.closing_note = timezone.now(), values["reason"]


EFFECTS: dict[str, Callable[[Letter, Account, Values], None]] = {
    "submit": _submit, "sign": _sign, "send_back": _send_back, "send": _send, "remind": _remind, "reply": _reply,
    "close": _close, "drop": _drop,
}  # fmt: skip


def _tell(letter: Letter, actor: Account, action: str) -> None:
    """The units read what was sent and what came back; the enterprise that a letter went out, and when (clock G)."""
    if action == "send" and letter.sent_on is not None:
        inward = f"已发公函 {letter.number}，主送{letter.addressee}，{letter.get_way_display()}。"
        outward = f"已去函协调（{_spoken(letter.sent_on)}发出）。"
    elif action == "reply" and letter.replied_on is not None:
        result = LetterResult(letter.reply_result).label
        inward = f"公函 {letter.number} 已回函（{result}）：{letter.reply_text}"
        outward = f"去函已有回复（{_spoken(letter.replied_on)}），正在办理。"
    elif action == "remind":
        inward, outward = f"公函 {letter.number} 第 {letter.reminders.count()} 次催函。", ""
    else:
        return
    if letter.ticket is not None:
        _message(letter.ticket, actor, inward, Visibility.UNITS)
        if outward and letter.is_told:
            _message(letter.ticket, actor, outward, Visibility.ENTERPRISE)
    elif letter.problem is not None and outward and letter.is_told and letter.problem.closed_at is None:
        common_problems.announce(actor=actor, problem=letter.problem, text=outward)


def _message(ticket: Ticket, actor: Account, text: str, visibility: str) -> None:
    """Into the ticket's history; a matter that has ended meanwhile is not disturbed."""
    locked = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    try:
        with transaction.atomic():
            tickets.act(
                actor=actor, ticket=locked, action="message", expected_version=locked.version,
                fields={"text": text, "visibility": visibility},
            )  # fmt: skip
    except Refused as refused:
        if refused.code not in ("wrong_state", "forbidden"):
            raise


def warn(at: dt.datetime | None = None) -> int:
    """Tell the desk of every letter whose answer is late, once for each day that was set. Gives how many were told."""
    at = at or timezone.now()
    today = timezone.localtime(at).date()
    late = Letter.objects.filter(state=LetterState.SENT, reply_by__lt=today)
    late = late.filter(Q(warned_for=None) | Q(warned_for__lt=F("reply_by")))
    told = 0
    for pk in list(late.order_by("reply_by", "pk").values_list("pk", flat=True)[:50]):
        with transaction.atomic():
            one = Letter.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=pk)
            if one.state != LetterState.SENT or one.reply_by is None or one.warned_for == one.reply_by:
                continue
            if one.ticket is not None:
                code = notices.desk_division(one.ticket, calendar.tree())
                text = f"公函 {one.number} 没有按时回函（{one.reply_by:%m月%d日}），请催函：{one.title}"
                desk = notices.Desk("", "", division=code)
                notices.warn(one.ticket, f"letter:{one.pk}:{one.reply_by}", text, at, [desk])
            one.warned_for = one.reply_by
            one.save(update_fields=["warned_for"])
            told += 1
    return told


def _not_after_today(day: dt.date, field: str, word: str) -> None:
    if day > timezone.localdate():
        raise Invalid(f"{word}不能晚于今天。", code="invalid_date", field=field)


def _not_before(day: dt.date, first: dt.date | None, field: str, message: str) -> None:
    if first is not None and day < first:
        raise Invalid(f"{message}（{first:%Y-%m-%d}）。", code="invalid_date", field=field)


def _spoken(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
