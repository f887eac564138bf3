"""Supervision 督办: urged, ordered with a number, published; answered by the unit, closed by the supervisor."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from coordination import access, duty, words
from coordination.choices import ClockKind, LadderAct, Side
from coordination.models import Clock, LadderStep, Supervision, Ticket, TicketNumber, WorkOrder
from coordination.rules import deadlines
from coordination.rules.transitions import OPEN
from coordination.tickets import calendar, clocks, notices
from coordination.tickets.notices import Desk
from enterprises import access as ground_access
from enterprises import audit
from enterprises.choices import Role
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account, Organisation

NUMBERS = 10_000
"""Added to a year: the row under which that year's orders of supervision are counted."""
WORDS = {LadderAct.URGE: "催办", LadderAct.ORDER: "督办单", LadderAct.PUBLISH: "列入通报"}


@dataclass(frozen=True)
class Published:
    """A unit on the list of 通报, with its tickets that are so much over time."""

    name: str
    rows: list[tuple[Supervision, str]]


def by_clock(ticket: Ticket, clock: Clock, row: LadderStep, due_at: dt.datetime, at: dt.datetime, owner: Desk) -> str:
    """What a step of the ladder does, once. Gives how the message about it begins."""
    kind = LadderAct(row.act)
    made = Supervision.objects.filter(clock=clock, step=row.step, kind=kind).first()
    if made is None:
        made = _issue(
            ticket, kind, owner, text=_reason(clock, row.step), due_at=due_at, at=at, actor=None, clock=clock, step=row.step,
        )  # fmt: skip
    return f"{title(made)}："


def issue(*, actor: Account, ticket: Ticket, kind: str, text: str, at: dt.datetime | None = None) -> Supervision:
    """The supervisor urges a unit by hand, or gives it a numbered order.

    Writes: supervision, notice to the unit's head, audit `supervision.issue`.
    Refuses: forbidden, invalid_choice (kind), required (text), ticket_closed.
    """
    _require_supervisor(actor, ticket)
    if kind not in (LadderAct.URGE, LadderAct.ORDER):
        raise Invalid("请选催办或督办单。", code="invalid_choice", field="kind")
    text = words.line(text, "text", "内容", 500)
    at = at or timezone.now()
    with transaction.atomic():
        locked = Ticket.objects.select_for_update(of=("self",)).select_related("enterprise", "lead").get(pk=ticket.pk)
        if locked.state not in OPEN:
            raise Conflict("这张单已经结束，不用再督办。", code="ticket_closed")
        owner = _owner(locked)
        made = _issue(locked, LadderAct(kind), owner, text=text, due_at=at, at=at, actor=actor)
        desk = notices.at_hand(owner, duty.now(at))
        notices.warn(locked, f"supervision:{made.pk}", f"{title(made)}：{text}", at, [desk], cause=actor)
    return made


def answer(*, actor: Account, number: int, text: str) -> None:
    """The unit says what it has done. Writes: supervision, audit `supervision.answer`.

    Refuses: not_found, forbidden (not its unit), required, closed_already.
    """
    text = words.line(text, "answer", "回复", 1000)
    with transaction.atomic():
        row = _locked(actor, number)
        if not may_answer(actor, row):
            raise Forbidden
        row.answer, row.answered_at, row.answered_by = text, timezone.now(), actor
        row.save(update_fields=["answer", "answered_at", "answered_by"])
        audit.record(actor=actor, act="supervision.answer", on=row, after={"answer": text})


def close(*, actor: Account, number: int) -> None:
    """The supervisor is content. Writes: supervision, audit `supervision.close`. Refuses: not_found, forbidden, not_answered."""
    with transaction.atomic():
        row = _locked(actor, number)
        _require_supervisor(actor, row.ticket)
        if row.kind == LadderAct.ORDER and not row.answer:
            raise Conflict("督办单还没有回复，不能了结。", code="not_answered")
        row.closed_at, row.closed_by = timezone.now(), actor
        row.save(update_fields=["closed_at", "closed_by"])
        audit.record(actor=actor, act="supervision.close", on=row, after={"closed": True})


def may_read(account: Account) -> bool:
    """The bureau's side, never an enterprise or its liaison officer."""
    able = frozenset({Role.CITY, Role.COUNTY, Role.LEADER, Role.DEPARTMENT, Role.AUDITOR, Role.ADMIN})
    return bool(ground_access.roles(account) & able) or bool(access.groups(account))


def may_answer(account: Account, row: Supervision) -> bool:
    if row.organisation_id is not None:
        return row.organisation_id in access.organisations(account)
    return row.division_id in duty.desks(account)


def listed(account: Account, *, kind: str = "", is_open: bool = True) -> QuerySet[Supervision]:
    """Supervision of the tickets within reach, the oldest open first. Refuses forbidden."""
    if not may_read(account):
        raise Forbidden
    found = Supervision.objects.filter(ticket__in=access.tickets(account).values("pk"))
    found = found.select_related("ticket__enterprise", "organisation", "division", "clock", "issued_by", "answered_by")
    if kind:
        found = found.filter(kind=kind)
    if is_open:
        return found.filter(closed_at=None, ticket__state__in=OPEN).order_by("due_at", "id")
    return found.order_by("-due_at", "-id")


def of(account: Account, ticket: Ticket) -> list[Supervision]:
    """Supervision of one ticket, for those who may read it."""
    if not may_read(account):
        return []
    found = Supervision.objects.filter(ticket=ticket).select_related("organisation", "division", "answered_by")
    return list(found.order_by("due_at", "id"))


def published(account: Account, *, now: dt.datetime | None = None) -> list[Published]:
    """The list of 通报: tickets far over time whose clock still runs, by unit; the worst unit first."""
    now = now or timezone.now()
    running = Clock.objects.filter(pk=OuterRef("clock"), kind=ClockKind.RESOLVE, stopped_at=None)
    rows = listed(account, kind=LadderAct.PUBLISH).filter(Exists(running))
    known, tree = calendar.load(now), calendar.tree()
    units: dict[str, list[tuple[Supervision, str]]] = {}
    for row in rows:
        name = unit_name(row, tree)
        clock = row.clock
        assert clock is not None
        over = deadlines.spoken(known, now, clock.due_at, is_elapsed=clocks.is_elapsed(clock))
        units.setdefault(name, []).append((row, over))
    return sorted((Published(name, held) for name, held in units.items()), key=lambda one: -len(one.rows))


def unit_name(row: Supervision, tree: object) -> str:
    """The unit that is supervised, as people say it."""
    if row.organisation is not None:
        return row.organisation.name
    code = row.division_id or ""
    return f"{tree[code].name if code in tree else code}受理派工岗"  # type: ignore[index,operator]


def title(row: Supervision) -> str:
    """What it is called: 催办, or the order's number."""
    return f"督办单 {row.number}" if row.number else WORDS[LadderAct(row.kind)]


def _issue(
    ticket: Ticket, kind: LadderAct, owner: Desk, *, text: str, due_at: dt.datetime, at: dt.datetime,
    actor: Account | None, clock: Clock | None = None, step: int | None = None,
) -> Supervision:  # fmt: skip
    number = _next(timezone.localtime(due_at).year) if kind == LadderAct.ORDER else None
    made = Supervision.objects.create(
        ticket=ticket, kind=kind, number=number, organisation_id=owner.organisation, division_id=owner.division,
        clock=clock, step=step, text=text[:500], due_at=due_at, issued_at=at, issued_by=actor,
    )  # fmt: skip
    said = {"ticket": ticket.number, "kind": kind, "number": number}
    audit.record(actor=actor, act="supervision.issue", on=made, after=said)
    return made


def _reason(clock: Clock, step: int) -> str:
    unit = "小时" if clocks.is_elapsed(clock) else "工作日"
    return f"办结时限已超 {step - deadlines.DUE} {unit}，请说明原因并尽快办结。"


def _owner(ticket: Ticket) -> Desk:
    orders = list(WorkOrder.objects.filter(ticket=ticket).select_related("organisation"))
    tree = calendar.tree()
    turn = notices.next_desk(ticket, orders, tree)
    if turn is not None and turn.organisation is not None:
        return Desk("", "", organisation=turn.organisation)
    if ticket.lead_id is not None and Organisation.objects.filter(pk=ticket.lead_id).exists():
        return Desk("", "", organisation=ticket.lead_id)
    return Desk("", "", division=notices.desk_division(ticket, tree))


def _require_supervisor(actor: Account, ticket: Ticket) -> None:
    orders = list(WorkOrder.objects.filter(ticket=ticket).select_related("organisation"))
    if Side.SUPERVISOR not in access.sides(actor, ticket, orders):
        raise Forbidden


def _locked(actor: Account, number: int) -> Supervision:
    row = listed(actor, is_open=False).filter(pk=number).first()
    if row is None:
        raise NotFound("没有这次督办。", field="supervision")
    locked = Supervision.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=row.pk)
    if locked.closed_at is not None:
        raise Conflict("已经了结。", code="closed_already")
    return locked


def _next(year: int) -> str:
    TicketNumber.objects.get_or_create(year=NUMBERS + year)
    row = TicketNumber.objects.select_for_update().get(year=NUMBERS + year)
    row.last += 1
    row.save(update_fields=["last"])
    return f"督办〔{year}〕{row.last} 号"
