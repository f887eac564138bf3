"""The one code path that turns a ticket: permission, version, guard, effect, state, event, clocks, notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from coordination import access, ticket_files
from coordination.choices import ClockKind, Side, TicketState, Visibility
from coordination.models import Event, Ticket, WorkOrder
from coordination.rules.transitions import BY_ACTION, Step
from coordination.ticket_files import Stored
from coordination.tickets import calendar, given, notices
from coordination.tickets.clocks import Clockwork
from coordination.tickets.context import Turn
from coordination.tickets.effects import EFFECTS, PUBLIC_WORDS
from coordination.tickets.guards import GUARDS
from enterprises import audit
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account
from supplies import request_keys
from supplies.request_keys import Key

PREFERENCE = (
    Side.ENTERPRISE,
    Side.LIAISON,
    Side.HEAD,
    Side.HANDLER,
    Side.DESK,
    Side.SUPERVISOR,
    Side.ASSIST,
    Side.SYSTEM,
)
"""Where somebody stands on several sides, the one he acts from."""


@dataclass(frozen=True)
class Done:
    """What became of a ticket; `is_replay` where this request was answered before."""

    number: str
    version: int
    state: str
    is_replay: bool = False


def act(
    *,
    actor: Account | None,
    ticket: Ticket,
    action: str,
    fields: Mapping[str, Any],
    expected_version: int | None,
    key: Key | None = None,
    at: dt.datetime | None = None,
    files: Sequence[Stored] = (),
) -> Done:
    """Take one step of the table. actor None is the system, which needs no version.

    Writes: ticket, event, files, clocks and their pauses, work orders, notices, all or nothing. Refuses: not_found (no such
    step), forbidden (not this side's), version_conflict, wrong_state (with what happened), the step's own fields and guards.
    """
    step = BY_ACTION.get(action)
    if step is None:
        raise NotFound("没有这个动作。", code="unknown_action", field="action")
    at = at or timezone.now()
    with transaction.atomic():
        locked = (
            Ticket.objects.select_for_update(of=("self",))
            .select_related("enterprise", "category", "lead")
            .get(pk=ticket.pk)
        )
        if actor is not None and key is not None and (kept := request_keys.answered(actor, key)) is not None:
            return Done(**kept.answer, is_replay=True)
        orders = list(WorkOrder.objects.filter(ticket=locked).select_related("organisation"))
        mine = access.sides(actor, locked, orders)
        side = _side(mine, step)
        if actor is not None:
            _require_version(locked, expected_version)
        if locked.state not in step.sources:
            raise Conflict(_not_now(locked, step), code="wrong_state", extra=_changed(locked))
        if files and not step.takes_files:
            raise Invalid(f"“{step.word}”不收附件。", code="no_files", field="files")
        turn = Turn(
            ticket=locked, step=step, actor=actor, side=side, values=given.read(step, fields), at=at,
            clockwork=Clockwork(locked, calendar.load(at, since=locked.submitted_at or at)), orders=orders,
            visibility=step.visibility, target=step.target, files=tuple(files), sides=mine,
        )  # fmt: skip
        for name in step.guards:
            GUARDS[name](turn)
        _turn(turn)
        done = Done(str(locked), locked.version, locked.state)
        if actor is not None and key is not None:
            answer = {"number": done.number, "version": done.version, "state": done.state}
            request_keys.keep(actor, key, status=200, answer=answer)
    return done


def _turn(turn: Turn) -> None:
    ticket, step = turn.ticket, turn.step
    before = ticket.state
    turn.text = _words(turn)
    if step.effect:
        EFFECTS[step.effect](turn)
    if step.says and not turn.text:
        turn.text = step.says
    turn.text = turn.text.replace("{lead}", turn.names.get("lead", "承办单位")).replace(
        "{level}", turn.names.get("level", "上级")
    )
    if turn.target is not None:
        ticket.state = turn.target
    ticket.version += 1
    ticket.save()
    event = _event(turn, before)
    seen_by = Visibility.UNITS if step.is_curt else event.visibility
    ticket_files.add(ticket=ticket, event=event, files=turn.files, visibility=seen_by, at=turn.at)
    _rate(turn)
    work, at = turn.clockwork, turn.at
    work.stop(step.stop, at)
    for kind in step.start:
        work.start(kind, at)
    if step.pause:
        work.pause(step.pause, at, event, step.word)
    work.resume(step.resume, at)
    if step.action in PUBLIC_WORDS and turn.side in access.OURS and event.visibility == Visibility.ENTERPRISE:
        work.stop((ClockKind.CONTACT,), at)
        work.restart(ClockKind.FEEDBACK, at)
    orders = list(WorkOrder.objects.filter(ticket=ticket).select_related("organisation"))
    notices.tell(ticket, event, step, orders, at)
    notices.copy(ticket, event, turn.copies, at)


def record_draft(ticket: Ticket, actor: Account | None, side: str, at: dt.datetime) -> Event:
    """The first event of a ticket (T1)."""
    return _write_event(ticket, actor, side, at, action="draft", transition="T1", before="", after=TicketState.DRAFT,
                        visibility=Visibility.ENTERPRISE, text="", said={}, organisation=None)  # fmt: skip


def hand_over(ticket: Ticket, actor: Account | None, taker: Account, at: dt.datetime) -> None:
    """Another liaison officer follows the ticket up; the enterprise is told whom to call. The caller holds its lock.

    The ticket stays where it stands, and its version too: nobody's unsent words are refused for it.
    """
    ticket.officer = taker
    ticket.save(update_fields=["officer"])
    text = f"您的特派员换为{taker}{f'，电话 {taker.phone}' if taker.phone else ''}。"
    side = Side.SYSTEM if actor is None else Side.DESK
    event = _write_event(ticket, actor, side, at, action="hand_over", transition="", before="", after="",
                         visibility=Visibility.ENTERPRISE, text=text, said={"officer": taker.username},
                         organisation=None)  # fmt: skip
    notices.tell_enterprise(ticket, event, text, at)


def _event(turn: Turn, before: str) -> Event:
    ratings = {field.name for field in turn.step.fields if field.is_rating}
    said = {n: _plain(value) for n, value in turn.values.items() if value not in (None, []) and n not in ratings}
    said |= turn.said
    is_turned = turn.ticket.state != before or turn.step.target is not None
    return _write_event(
        turn.ticket, turn.actor, turn.side, turn.at, action=turn.step.action, transition=turn.step.code,
        before=before if is_turned else "", after=turn.ticket.state if is_turned else "", visibility=turn.visibility,
        text=turn.text, said=said, organisation=_organisation(turn),
    )  # fmt: skip


def _rate(turn: Turn) -> None:
    """What was answered about us, in an event that the units which did the work do not read (2.7)."""
    ratings = [field for field in turn.step.fields if field.is_rating]
    if not ratings:
        return
    said = {field.name: turn.values[field.name] for field in ratings if turn.values[field.name] is not None}
    named = {
        field.name: dict(field.choices).get(said[field.name], said[field.name])
        for field in ratings
        if field.name in said
    }
    _write_event(
        turn.ticket, turn.actor, turn.side, turn.at, action="rate", transition="", before="", after="",
        visibility=Visibility.RATING, text="\n".join(f"{f.word}：{named[f.name]}" for f in ratings if f.name in named),
        said=said, organisation=_organisation(turn),
    )  # fmt: skip


def _write_event(
    ticket: Ticket, actor: Account | None, side: str, at: dt.datetime, *, organisation: int | None, **said: Any
) -> Event:
    last = ticket.events.order_by("-seq").values_list("seq", flat=True).first() or 0
    return Event.objects.create(
        ticket=ticket, seq=last + 1, at=timezone.now(), occurred_at=at, actor=actor, side=side, cycle=ticket.cycle,
        principal=audit.principal.get()[:80], request_id=audit.request_id.get()[:64], organisation_id=organisation,
        **said,
    )  # fmt: skip


def _organisation(turn: Turn) -> int | None:
    """The unit in whose name somebody acted."""
    if turn.actor is None or turn.side not in (Side.HANDLER, Side.HEAD, Side.ASSIST):
        return None
    mine = access.organisations(turn.actor)
    return next((order.organisation_id for order in turn.orders if order.organisation_id in mine), None)


def _words(turn: Turn) -> str:
    """What is read in the history where no effect says it better; reasons of internal steps, texts of public ones."""
    values = turn.values
    if turn.step.is_curt:
        return ""
    if turn.step.action == "reject":
        return f"{turn.step.says}\n理由：{values['reason']}\n可到 {values['elsewhere']} 办理。"
    parts = [values.get(name) for name in ("text", "reason", "instruction", "comment")]
    return "\n".join(part for part in parts if isinstance(part, str))


def _side(mine: frozenset[str], step: Step) -> str:
    side = next((one for one in PREFERENCE if one in mine and one in step.sides), None)
    if side is None:
        raise Forbidden(f"这一步（{step.word}）不由您办。")
    return side


def _require_version(ticket: Ticket, expected: int | None) -> None:
    if expected is None:
        raise Invalid("要写明看到的版本。", code="required", field="expected_version")
    if expected != ticket.version:
        raise Conflict(
            "这张单刚被别人办过，请看过再办；您写的内容还在。", code="version_conflict", extra=_changed(ticket)
        )


def _changed(ticket: Ticket) -> dict[str, Any]:
    """Who changed the ticket last, when, and what; no names: the reader may be the enterprise."""
    last = ticket.events.order_by("-seq").first()
    return {
        "version": ticket.version,
        "state": ticket.state,
        "changed": None
        if last is None
        else {"action": last.action, "side": last.side, "at": _moment(last.occurred_at)},
    }


def _moment(at: dt.datetime) -> str:
    return timezone.localtime(at).isoformat()


def _not_now(ticket: Ticket, step: Step) -> str:
    return f"这张单现在是“{TicketState(ticket.state).label}”，不能{step.word}。"


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "code"):
        return value.code
    return value
