"""Reading tickets: lists in the order in which they should be worked on, and one ticket as its reader may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from coordination import access, ticket_files
from coordination.choices import (
    ClockKind,
    EscalationRule,
    OrderPart,
    OrderState,
    Side,
    TicketLevel,
    TicketState,
    Visibility,
)
from coordination.models import Clock, Escalation, Event, OrderAnswer, Ticket, TicketFile, WorkOrder
from coordination.rules import deadlines, transitions
from coordination.rules.transitions import OPEN, Step
from coordination.rules.working_time import Calendar, UnknownDay
from coordination.tickets import calendar, clocks, follow_ups, notices
from coordination.tickets.context import UNFINISHED
from coordination.tickets.guards import RATING_FRESH
from coordination.tickets.notices import Desk
from enterprises.models import Account
from enterprises.rules.names import folded
from supplies.rules import quantities

SHOWN_CLOCKS = (ClockKind.ACCEPT, ClockKind.DISPATCH, ClockKind.SIGN, ClockKind.RESOLVE, ClockKind.CONFIRM)
"""Clocks that make a ticket overdue; the others measure contact and feedback."""


@dataclass(frozen=True)
class Remaining:
    """A clock as it reads now (K10): look is '' | warn | over | paused | done."""

    kind: str
    name: str
    text: str
    due_at: dt.datetime
    look: str
    used: int
    cycle: int
    due_original: dt.datetime
    started_at: dt.datetime
    stopped_at: dt.datetime | None
    paused_at: dt.datetime | None
    consumed_seconds: int | None
    is_provisional: bool
    short: str


@dataclass(frozen=True)
class Card:
    """A ticket in a list: what it is, whose turn it is, how long there is."""

    ticket: Ticket
    clock: Remaining | None
    desk: Desk | None
    is_overdue: bool


@dataclass(frozen=True)
class Filters:
    """What a list shows; empty = all. group: open, mine, waiting, overdue, blocking, closed, solved."""

    group: str = ""
    state: str = ""
    category: str = ""
    division: str = ""
    organisation: str = ""
    enterprise: str = ""
    level: str = ""
    search: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Ordered:
    """A work order as its reader may see it: without its words where they are confidential."""

    order: WorkOrder
    is_readable: bool
    answers: list[OrderAnswer]
    clock: Remaining | None


@dataclass(frozen=True)
class Page:
    """One ticket as its reader may see it."""

    card: Card
    sides: frozenset[str]
    events: list[Event]
    orders: list[Ordered]
    clocks: list[Remaining]
    steps: tuple[Step, ...]
    escalations: list[Escalation] = field(default_factory=list)
    files: list[ticket_files.Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_enterprise(self) -> bool:
        """Whether only the enterprise's side reads."""
        return access.is_enterprise(self.sides)


GROUPS = {
    "open": Q(state__in=OPEN), "waiting": Q(state__in=["returned", "waiting", "replied"]),
    "blocking": Q(state__in=OPEN, blocked__gt=0), "closed": Q(state="closed"),
    "solved": Q(state="closed", result="solved"),
}  # fmt: skip


def find(account: Account, number: str) -> Ticket:
    """One ticket within reach; refuses not_found for a foreign and a missing one alike."""
    return access.ticket(account, number)


def sides_of(account: Account, ticket: Ticket) -> frozenset[str]:
    """What the account is to a ticket today."""
    return access.sides(account, ticket, list(WorkOrder.objects.filter(ticket=ticket)))


def listed(account: Account, filters: Filters, *, now: dt.datetime | None = None) -> QuerySet[Ticket]:
    """Tickets within reach that fit, in working order: overdue and most capacity first where they are open."""
    now = now or timezone.now()
    found = access.tickets(account).select_related("enterprise", "category", "lead", "division", "product")
    running = Clock.objects.filter(ticket=OuterRef("pk"), stopped_at=None, paused_at=None, kind__in=SHOWN_CLOCKS)
    found = found.annotate(due=Subquery(running.order_by("due_at").values("due_at")[:1]))
    if filters.group == "overdue":
        found = found.filter(state__in=OPEN, due__lt=now)
    elif filters.group == "mine":
        found = found.filter(_mine(account))
    elif filters.group in GROUPS:
        found = found.filter(GROUPS[filters.group])
    if filters.division:
        tree = access.tree_of(account)
        found = found.filter(division__in=tree.leaves(filters.division) if filters.division in tree else ())
    for name in ("state", "category", "level"):
        if value := getattr(filters, name):
            found = found.filter(**{name: value})
    if filters.enterprise:
        found = found.filter(enterprise__uscc=filters.enterprise)
    if filters.organisation:
        orders = WorkOrder.objects.filter(organisation__code=filters.organisation, state__in=access.ALIVE)
        found = found.filter(Q(lead__code=filters.organisation) | Q(pk__in=orders.values("ticket")))
    for word in filters.search.split()[:5]:
        found = found.filter(_said(word, access.searchable(account)))
    if filters.sort == "new":
        return found.order_by(F("submitted_at").desc(nulls_first=True), "-id")
    if filters.group in ("closed", "solved"):
        return found.order_by(F("closed_at").desc(nulls_last=True), "-id")
    return found.order_by(F("blocked").desc(nulls_last=True), F("due").asc(nulls_last=True), "-submitted_at", "-id")


def _mine(account: Account) -> Q:
    """What the account's desk has to do now."""
    from enterprises import access as ground

    roles = ground.roles(account)
    if "enterprise" in roles:
        return Q(state__in=["draft", "returned", "waiting", "replied"])
    if "department" in roles:
        alive = [OrderState.AWAITING, OrderState.HANDLING]
        orders = WorkOrder.objects.filter(organisation__in=access.organisations(account), state__in=alive)
        return Q(state__in=["dispatched", "handling"], pk__in=orders.values("ticket"))
    if "liaison" in roles:
        return Q(state__in=["draft", "returned", "waiting", "replied"])
    at_desk = Q(state__in=["submitted", "accepted"]) | Q(orders__state__in=[OrderState.RETURNING])
    if "county" in roles:
        ours = WorkOrder.objects.filter(
            organisation__in=access.organisations(account), state__in=["awaiting", "handling"]
        )
        at_home = Ticket.objects.filter(at_desk).filter(Q(level="county") | Q(state="submitted"))
        return Q(pk__in=at_home.values("pk")) | Q(pk__in=ours.values("ticket"))
    return Q(pk__in=Ticket.objects.filter(at_desk).exclude(level="county", state="submitted").values("pk"))


def _said(word: str, searchable: Q) -> Q:
    """A word in number, title, text, what was said that the reader may read, or the enterprise's name; letters are also
    initials of the name."""
    told = Event.objects.filter(searchable, text__icontains=word)
    condition = (
        Q(number__icontains=word) | Q(title__icontains=word) | Q(description__icontains=word)
        | Q(object__icontains=word) | Q(pk__in=told.values("ticket")) | Q(enterprise__name__icontains=word)
        | Q(category__name__icontains=word) | Q(enterprise__uscc=word.upper())
    )  # fmt: skip
    if word.isascii() and word.isalpha():
        condition |= Q(enterprise__initials__startswith=folded(word))
    return condition


def cards(tickets: Iterable[Ticket], account: Account, *, now: dt.datetime | None = None) -> list[Card]:
    """Cards of some tickets: clocks, orders, calendar and divisions are read once for all."""
    now = now or timezone.now()
    held = list(tickets)
    numbers = [ticket.pk for ticket in held]
    running: dict[int, list[Clock]] = {}
    for clock in Clock.objects.filter(ticket__in=numbers, stopped_at=None).order_by("due_at"):
        running.setdefault(clock.ticket_id, []).append(clock)
    orders: dict[int, list[WorkOrder]] = {}
    for order in WorkOrder.objects.filter(ticket__in=numbers).select_related("organisation"):
        orders.setdefault(order.ticket_id, []).append(order)
    known, tree = calendar.load(now), access.tree_of(account)
    return [_card(t, running.get(t.pk, []), orders.get(t.pk, []), known, now, tree) for t in held]


def _card(
    ticket: Ticket, running: list[Clock], orders: list[WorkOrder], known: Calendar, now: dt.datetime, tree: Any
) -> Card:
    shown = [clock for clock in running if clock.kind in SHOWN_CLOCKS]
    paused = next((clock for clock in shown if clock.paused_at is not None), None)
    first = paused or next(iter(shown), None)
    is_overdue = any(clock.paused_at is None and clock.due_at < now for clock in shown)
    clock = remaining(first, known, now) if first is not None else None
    return Card(ticket, clock, notices.next_desk(ticket, orders, tree), is_overdue)


def remaining(clock: Clock, known: Calendar, now: dt.datetime) -> Remaining:
    """How a clock reads now."""
    end = clock.stopped_at or clock.paused_at or now
    due = timezone.localtime(clock.due_at)
    moment = f"{due.month}月{due.day}日 {due:%H:%M}" + ("（暂定）" if clock.is_provisional else "")
    try:
        used, total = known.between(clock.start_at, end), known.between(clock.start_at, clock.due_at)
        if clocks.is_elapsed(clock):
            used, total = end - clock.start_at, clock.due_at - clock.start_at
    except UnknownDay:
        used, total = end - clock.start_at, clock.due_at - clock.start_at
    percent = min(100, int(used / total * 100)) if total else 100
    spoken = deadlines.spoken(known, end, clock.due_at, is_elapsed=clocks.is_elapsed(clock))
    if clock.stopped_at is not None:
        look = "done" if clock.stopped_at <= clock.due_at else "over"
        text = "按时" if look == "done" else spoken
    elif clock.paused_at is not None:
        since = timezone.localtime(clock.paused_at)
        look, text = "paused", f"暂停计时，自 {since.month}月{since.day}日 {since:%H:%M}"
    else:
        look = "over" if clock.due_at < now else ("warn" if percent >= 80 else "")
        text = f"{spoken}（{'应于' if look == 'over' else '至'} {moment}）"
    short = "暂停计时" if look == "paused" else spoken
    return Remaining(
        clock.kind, ClockKind(clock.kind).label, text, clock.due_at, look, percent, clock.cycle, clock.due_original,
        clock.start_at, clock.stopped_at, clock.paused_at, clock.consumed_seconds, clock.is_provisional, short,
    )  # fmt: skip


def page(account: Account, ticket: Ticket, *, now: dt.datetime | None = None) -> Page:
    """One ticket with what its reader may see and do. A fixed number of queries."""
    now = now or timezone.now()
    orders = list(WorkOrder.objects.filter(ticket=ticket).select_related("organisation"))
    sides = access.sides(account, ticket, orders)
    events = list(access.events(account, ticket, sides).select_related("actor", "organisation"))
    held = list(Clock.objects.filter(ticket=ticket).order_by("start_at", "kind"))
    known = calendar.load(now, since=ticket.created_at)
    running = [clock for clock in held if clock.stopped_at is None]
    card = _card(ticket, running, orders, known, now, access.tree_of(account))
    files = ticket_files.listed(account, ticket, sides)
    own = access.organisations(account) if sides & {Side.HANDLER, Side.ASSIST} else frozenset()
    escalations = list(ticket.escalations.select_related("requested_by", "decided_by", "lead"))
    seen = _Seen(
        ticket, orders, escalations, transitions.possible(ticket.state, sides), now,
        asked={event.action for event in events if event.seq > max((e.seq for e in events if e.after), default=0)},
        ours=[order for order in orders if order.organisation_id in own],
        is_reviewed=_is_reviewed(account, orders, sides), known=known, events=events,
    )  # fmt: skip
    answers: dict[int, list[OrderAnswer]] = {}
    for row in OrderAnswer.objects.filter(order__in=orders).select_related("actor", "decided_by"):
        answers.setdefault(row.order_id, []).append(row)
    is_enterprise = access.is_enterprise(sides)
    by_order = {clock.order_id: remaining(clock, known, now) for clock in held if clock.order_id is not None}
    return Page(
        card,
        sides,
        events,
        []
        if is_enterprise
        else [Ordered(o, _may_read(o, own, sides), answers.get(o.pk, []), by_order.get(o.pk)) for o in orders],
        [remaining(clock, known, now) for clock in held if not is_enterprise or _is_public(clock, orders)],
        tuple(step for step in _useful(seen) if files or step.action != "mark_file"),
        [] if is_enterprise else escalations,
        files,
    )


def _led(orders: list[WorkOrder]) -> set[str]:
    """What has an order of its own is not given on to be dispatched anew."""
    is_led = any(order.part == OrderPart.LEAD and order.state in access.ALIVE for order in orders)
    return {"part"} if is_led else set()


def _is_reviewed(account: Account, orders: list[WorkOrder], sides: frozenset[str]) -> bool:
    """Whether what the account would say to the enterprise goes through the leader of its unit first."""
    if Side.HANDLER not in sides or Side.HEAD in sides or Side.DESK in sides:
        return False
    lead = next((o for o in orders if o.part == OrderPart.LEAD and o.state in UNFINISHED), None)
    return lead is not None and bool(access.heads(lead.organisation_id))


def _may_read(order: WorkOrder, own: frozenset[int], sides: frozenset[str]) -> bool:
    """What a confidential order says is for its unit, the desk and those who supervise."""
    return not order.is_confidential or order.organisation_id in own or bool(sides & {Side.DESK, Side.SUPERVISOR})


def _is_public(clock: Clock, orders: list[WorkOrder]) -> bool:
    """An enterprise reads the ticket's own clocks and that of the lead order; no level's, no assisting unit's."""
    if clock.escalation_id is not None:
        return False
    return clock.order_id is None or any(o.pk == clock.order_id and o.part == OrderPart.LEAD for o in orders)


@dataclass(frozen=True)
class _Seen:
    """What one needs to know to leave out what cannot be pressed now."""

    ticket: Ticket
    orders: list[WorkOrder]
    escalations: list[Escalation]
    steps: tuple[Step, ...]
    now: dt.datetime
    asked: set[str]
    ours: list[WorkOrder]
    is_reviewed: bool
    known: Calendar
    events: list[Event]

    @property
    def lead(self) -> WorkOrder | None:
        return next((o for o in self.orders if o.part == OrderPart.LEAD and o.state in UNFINISHED), None)


def _useful(shown: _Seen) -> tuple[Step, ...]:
    """Steps whose guards can be seen to fail are not offered."""
    ticket, asked = shown.ticket, shown.asked
    states = {order.state for order in shown.orders}
    hidden = {step for step in ("reject", "suspend") if f"propose_{step}" not in asked} | _led(shown.orders)
    hidden |= _hidden_of_orders(shown) | _hidden_of_levels(shown)
    if ticket.reply_by is not None and timezone.localtime(shown.now).date() <= ticket.reply_by:
        hidden.add("go_on")
    hidden |= {"uphold", "overturn"} if not ticket.is_appealed else {"appeal"}
    hidden |= _hidden_of_ratings(shown)
    if OrderState.ANSWERED not in states:
        hidden |= {"pass_answer", "return_answer"}
    return tuple(step for step in shown.steps if step.action not in hidden)


def _hidden_of_orders(shown: _Seen) -> set[str]:
    hidden, lead, ours = set(), shown.lead, shown.ours
    waiting = {order.part for order in shown.orders if order.state == OrderState.RETURNING}
    hidden |= set() if OrderPart.LEAD in waiting else {"take_back"}
    hidden |= set() if OrderPart.ASSIST in waiting else {"release_order"}
    hidden |= set() if waiting else {"keep_order"}
    if not any(o.part == OrderPart.ASSIST and o.state == OrderState.ANSWERED for o in shown.orders):
        hidden |= {"approve_order", "refuse_order"}
    if not any(o.part == OrderPart.ASSIST and o.state in UNFINISHED for o in shown.orders):
        hidden.add("cancel_order")
    unsigned = [o for o in ours if o.state == OrderState.AWAITING]
    if not [o for o in unsigned if o.part == OrderPart.ASSIST or shown.ticket.state != TicketState.DISPATCHED]:
        hidden.add("sign_order")
    if not [o for o in unsigned if o.part == OrderPart.LEAD]:
        hidden.add("sign")
    if not [o for o in unsigned if not o.is_binding]:
        hidden.add("ask_send_back")
    if not [o for o in ours if o.part == OrderPart.ASSIST and o.state in (OrderState.AWAITING, OrderState.HANDLING)]:
        hidden.add("answer_order")
    asks = lead is not None and lead.asked_days is not None and lead.granted_days is None
    hidden |= {"ask_extension"} if asks or "extend" in shown.asked else {"extend", "refuse_extension"}
    hidden |= {"extend", "refuse_extension"} if not asks else set()
    if shown.is_reviewed:
        hidden |= {"reply", "ask_extension", "propose_suspend"}
    else:
        hidden.add("propose_reply")
    if lead is not None and lead.state == OrderState.ANSWERED:
        hidden.add("propose_reply")
    return hidden


def _hidden_of_ratings(shown: _Seen) -> set[str]:
    ticket, actions = shown.ticket, {event.action for event in shown.events}
    hidden = set() if follow_ups.is_due(ticket, shown.known, shown.now) else {"follow_up"}
    if ticket.closed_at is None or shown.now > ticket.closed_at + RATING_FRESH or "confirm" not in actions:
        hidden.add("revise")
    judged = [event.action for event in shown.events if event.action in ("refuse", "excuse", "restore")]
    if not judged or judged[-1] == "excuse":
        hidden.add("excuse")
    if not judged or judged[-1] != "excuse":
        hidden |= {"contest", "restore"}
    return hidden


def _hidden_of_levels(shown: _Seen) -> set[str]:
    ticket = shown.ticket
    is_asked = any(one.is_open and one.rule != EscalationRule.L5 for one in shown.escalations)
    in_dispute = any(one.is_open and one.rule == EscalationRule.L5 for one in shown.escalations)
    hidden = {"escalate"} if ticket.level == TicketLevel.PROVINCE or is_asked else set()
    hidden |= {"send_down"} if ticket.level == TicketLevel.COUNTY else set()
    hidden |= set() if is_asked else {"accept_level"}
    hidden |= {"dispute"} if in_dispute else {"settle_dispute"}
    return hidden


def described(account: Account, tickets: list[Ticket], *, now: dt.datetime | None = None) -> list[dict[str, Any]]:
    """Tickets as REST rows, an allow-list: what the enterprise may see of its own, and more for the bureau's side."""
    return [_row(card) for card in cards(tickets, account, now=now)]


def described_in_full(account: Account, ticket: Ticket, *, now: dt.datetime | None = None) -> dict[str, Any]:
    """One ticket as REST gives it: with clocks, work orders, what happened, and the steps that are yours."""
    shown = page(account, ticket, now=now)
    row = _row(shown.card) | {
        "description": ticket.description,
        "object": ticket.object,
        "impact": ticket.impact,
        "contact": {"name": ticket.contact_name, "phone": ticket.contact_phone},
        "items": ticket.items,
        "reply_by": _day(ticket.reply_by),
        "nature": ticket.nature,
        "clocks": [
            {
                "kind": c.kind, "name": c.name, "cycle": c.cycle, "started_at": _moment(c.started_at),
                "due_at": _moment(c.due_at), "due_original": _moment(c.due_original),
                "stopped_at": _moment(c.stopped_at), "paused_at": _moment(c.paused_at),
                "consumed_seconds": c.consumed_seconds, "is_overdue": c.look == "over", "is_provisional": c.is_provisional,
                "text": c.text,
            }
            for c in shown.clocks
        ],
        "events": [_event(event, is_enterprise=shown.is_enterprise) for event in shown.events],
        "attachments": ticket_files.described(shown.files),
        "actions": [step.action for step in shown.steps],
    }  # fmt: skip
    if access.may_read_ratings(account):
        row["satisfaction"] = ticket.satisfaction
    if not shown.is_enterprise:
        row["orders"] = [_order(one) for one in shown.orders]
        row["escalations"] = [_escalation(one) for one in shown.escalations]
        row |= {
            "obstacle": ticket.obstacle or None, "obstacle_division": ticket.obstacle_division_id,
            "obstacle_place": ticket.obstacle_place or None, "rule": ticket.rule or None,
            "needs_letter": ticket.needs_letter, "supervision": ticket.supervision,
        }  # fmt: skip
    return row


def _order(one: Ordered) -> dict[str, Any]:
    o, clock = one.order, one.clock
    row = {
        "number": o.number, "organisation": o.organisation.code, "name": o.organisation.name, "part": o.part,
        "is_mandatory": o.is_mandatory, "state": o.state, "is_confidential": o.is_confidential,
        "is_binding": o.is_binding, "due_on": _day(o.due_on), "sign_by": _moment(clock.due_at) if clock else None,
        "signed_at": _moment(o.signed_at), "is_signed_by_system": o.is_signed_by_system, "done_at": _moment(o.done_at),
        "refusals": o.refusals, "return_code": o.return_code or None,
    }  # fmt: skip
    if not one.is_readable:
        return row | {"instruction": None}
    return row | {
        "instruction": o.instruction, "basis": o.basis or None, "evidence": o.evidence or None,
        "contact": o.contact or None, "return_reason": o.return_reason or None,
        "answers": [
            {"number": a.number, "state": a.state, "text": a.text, "evidence": a.evidence or None, "at": _moment(a.at),
             "reason": a.reason or None}
            for a in one.answers
        ],
    }  # fmt: skip


def _escalation(one: Escalation) -> dict[str, Any]:
    return {
        "from": one.from_level, "to": one.to_level, "rule": one.rule, "reason": one.reason,
        "documents": one.documents or None, "requested_at": _moment(one.requested_at),
        "accepted_at": _moment(one.accepted_at), "returned_at": _moment(one.returned_at), "answer": one.answer or None,
        "owner": one.owner or None, "is_skip": one.is_skip,
    }  # fmt: skip


def _row(card: Card) -> dict[str, Any]:
    t = card.ticket
    return {
        "number": str(t), "version": t.version, "state": t.state, "state_name": TicketState(t.state).label,
        "title": t.title, "category": t.category_id, "category_name": t.category.name, "level": t.level, "mode": t.mode,
        "enterprise": t.enterprise.uscc, "enterprise_name": t.enterprise.name, "division": t.division_id,
        "lead": t.lead.code if t.lead else None, "lead_name": t.lead.name if t.lead else None,
        "product": t.product_id, "blocked": quantities.number(t.blocked) if t.blocked is not None else None,
        "blocked_since": _day(t.blocked_since), "hours_to_stop": t.hours_to_stop,
        "result": t.result or None, "confirm_mode": t.confirm_mode or None, "cycle": t.cycle,
        "duplicate_of": t.duplicate_of.number if t.duplicate_of else None,
        "submitted_at": _moment(t.submitted_at), "accepted_at": _moment(t.accepted_at),
        "replied_at": _moment(t.replied_at), "closed_at": _moment(t.closed_at),
        "is_overdue": card.is_overdue, "due_at": _moment(card.clock.due_at) if card.clock else None,
        "next": {"name": card.desk.name, "act": card.desk.act} if card.desk else None,
    }  # fmt: skip


def who(event: Event | TicketFile, *, is_enterprise: bool) -> str:
    """Who did it, as the reader may know it: to the enterprise our side is its unit, not a person."""
    if event.actor is None:
        return "系统"
    if is_enterprise and event.side not in (Side.ENTERPRISE, Side.LIAISON):
        return event.organisation.name if event.organisation else Side(event.side).label
    name = event.actor.display_name or event.actor.username
    return f"{name}（{event.organisation.name if event.organisation else Side(event.side).label}）"


def _event(event: Event, *, is_enterprise: bool) -> dict[str, Any]:
    row = {
        "seq": event.seq, "at": _moment(event.at), "occurred_at": _moment(event.occurred_at), "action": event.action,
        "transition": event.transition or None, "before": event.before or None, "after": event.after or None,
        "who": who(event, is_enterprise=is_enterprise), "text": event.text, "cycle": event.cycle,
    }  # fmt: skip
    return row if is_enterprise else row | {"visibility": event.visibility, "said": event.said}


def _moment(at: dt.datetime | None) -> str | None:
    return timezone.localtime(at).isoformat() if at is not None else None


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day is not None else None


def is_public(event: Event) -> bool:
    return event.visibility == Visibility.ENTERPRISE
