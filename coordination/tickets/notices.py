"""The outbox: who is to know, written in the transaction of the cause; delivered when somebody opens it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from coordination import access, duty
from coordination.choices import OrderPart, Side, TicketLevel, TicketMode, TicketState, Visibility
from coordination.duty import Now
from coordination.models import Event, Notice, Ticket, WorkOrder
from coordination.rules.transitions import TERMINAL, Step
from coordination.tickets import calendar
from enterprises import access as ground_access
from enterprises.choices import DivisionLevel, Role
from enterprises.models import Account
from enterprises.rules.division_tree import Tree


@dataclass(frozen=True)
class Desk:
    """Whose turn it is: one of enterprise, division, organisation, account; `name` as people say it, `act` what to do.

    `shift`: who was on duty there; `open_by`: when somebody must have opened what it is told.
    """

    name: str
    act: str
    enterprise: int | None = None
    division: str | None = None
    organisation: int | None = None
    account: int | None = None
    shift: int | None = None
    open_by: dt.datetime | None = None


def at_hand(desk: Desk, on_duty: Now) -> Desk:
    """Whoever is on duty there instead of the desk; one without an account is named, and the desk is told for him."""
    if desk.division is None and desk.organisation is None:
        return desk
    shift = on_duty.of(division=desk.division, organisation=desk.organisation)
    if shift is None:
        return desk
    if shift.account_id is None:
        return replace(desk, shift=shift.pk)
    return replace(desk, division=None, organisation=None, account=shift.account_id, shift=shift.pk)


def next_desk(ticket: Ticket, orders: Iterable[WorkOrder], tree: Tree) -> Desk | None:
    """Who acts next; None when the matter has ended."""
    state = ticket.state
    lead = next(
        (
            o
            for o in orders
            if o.part == OrderPart.LEAD and o.state in ("awaiting", "handling", "returning", "answered")
        ),
        None,
    )
    if state in (TicketState.RETURNED, TicketState.WAITING):
        return Desk(ticket.enterprise.name, "补充材料", enterprise=ticket.enterprise_id)
    if state == TicketState.REPLIED:
        return Desk(ticket.enterprise.name, "确认是否解决", enterprise=ticket.enterprise_id)
    if state in (TicketState.DISPATCHED, TicketState.HANDLING, TicketState.SUSPENDED) and lead is not None:
        if lead.state == "returning":
            code = desk_division(ticket, tree)
            return Desk(_desk_name(code, tree), "决定退单", division=code)
        if lead.state == "answered":
            return Desk(lead.organisation.name, "负责人审核答复", organisation=lead.organisation_id)
        acts = {TicketState.DISPATCHED: "签收", TicketState.HANDLING: "办理并答复企业"}
        return Desk(lead.organisation.name, acts.get(TicketState(state), "恢复办理"), organisation=lead.organisation_id)
    acts = {TicketState.SUBMITTED: "受理", TicketState.ACCEPTED: "派工", TicketState.HANDLING: "办理并答复企业",
            TicketState.SUSPENDED: "恢复办理"}  # fmt: skip
    act = acts.get(TicketState(state))
    if act is None:
        return None
    code = desk_division(ticket, tree)
    return Desk(_desk_name(code, tree), act, division=code)


def _desk_name(code: str, tree: Tree) -> str:
    return f"{tree[code].name if code in tree else code}受理派工岗"


def desk_division(ticket: Ticket, tree: Tree | None = None) -> str:
    """The division whose desk a ticket lies on: the county's, above county level the city's.

    A province has no desk here: the city's asks it and writes down what it answers.
    """
    if ticket.level != TicketLevel.COUNTY and ticket.state not in access.BEFORE_ACCEPTANCE:
        return city(ticket, tree)
    return ticket.division_id


def city(ticket: Ticket, tree: Tree | None = None) -> str:
    """The city above a ticket, where supervision sits."""
    for node in (tree or calendar.tree()).path(ticket.division_id):
        if node.level == DivisionLevel.CITY:
            return node.code
    return ticket.division_id


def copy(ticket: Ticket, event: Event, copies: Iterable[tuple[str, int | str, str]], at: dt.datetime) -> None:
    """Further notices of one step, each desk one; not to the bureau's desk at which the actor sits.

    Urgent ones go to whoever is there.
    """
    told, on_duty = [], duty.now(at) if ticket.mode != TicketMode.NORMAL else None
    for kind, key, text in copies:
        desk = Desk("", "", division=str(key)) if kind == "division" else Desk("", "", organisation=int(key))
        if desk.division is not None and _is_own(desk, event.actor):
            continue  # in a unit the colleagues are to know, and the outbox leaves the actor out
        desk = at_hand(desk, on_duty) if on_duty is not None else desk
        row = _notice(event, ticket, at, text, desk)
        row.key = f"copy:{event.pk}:{_name(desk)}"
        told.append(row)
    Notice.objects.bulk_create(told, ignore_conflicts=True)


def tell(ticket: Ticket, event: Event, step: Step, orders: list[WorkOrder], at: dt.datetime) -> None:
    """Messages of one step: to the enterprise what it may read, to the next desk that it is its turn. Not to the actor."""
    tree = calendar.tree()
    told: list[Notice] = []
    if event.visibility == Visibility.ENTERPRISE and event.side != Side.ENTERPRISE:
        said = first_line(event.text) or TicketState(ticket.state).label
        reader = Desk("", "", enterprise=ticket.enterprise_id)
        told.append(_notice(event, ticket, at, f"{step.word}：{said}", reader))
    to: list[tuple[Desk, str]] = []
    desk = next_desk(ticket, orders, tree)
    if desk is not None and desk.enterprise is None and not _is_own(desk, event.actor):
        to.append((desk, f"请{desk.act}：{ticket.title}"))
    if to and ticket.mode != TicketMode.NORMAL:
        on_duty = duty.now(at)  # urgent things go to whoever is there
        to = [(at_hand(one, on_duty), text) for one, text in to]
    told += [_notice(event, ticket, at, text, one) for one, text in to if one.account != _id(event.actor)]
    Notice.objects.bulk_create(told, ignore_conflicts=True)


def tell_enterprise(ticket: Ticket, event: Event, text: str, at: dt.datetime) -> None:
    """One sentence to the enterprise that belongs to no step."""
    told = [_notice(event, ticket, at, text, Desk("", "", enterprise=ticket.enterprise_id))]
    Notice.objects.bulk_create(told, ignore_conflicts=True)


def warn(
    ticket: Ticket, key: str, text: str, at: dt.datetime, desks: Iterable[Desk], *, cause: Account | None = None
) -> None:
    """A clock or a supervisor speaks to desks; the key makes each say it once. Whoever caused it is not told."""
    told = [
        Notice(
            key=f"{key}:{_name(desk)}", ticket=ticket, text=text[:300], is_warning=True, created_at=at, cause=cause,
            **_recipient(desk),
        )
        for desk in desks
        if cause is None or desk.account != cause.pk
    ]  # fmt: skip
    Notice.objects.bulk_create(told, ignore_conflicts=True)


def unopened(account: Account) -> QuerySet[Notice]:
    """What the desks of an account have not opened yet, the latest first: of each ticket the last word to each desk.

    What a desk was asked to do about a ticket that has ended needs nobody any more.
    """
    newer = Notice.objects.filter(
        Q(division=OuterRef("division"))
        | Q(organisation=OuterRef("organisation"))
        | Q(enterprise=OuterRef("enterprise"))
        | Q(account=OuterRef("account")),
        ticket=OuterRef("ticket"),
        pk__gt=OuterRef("pk"),
    )
    found = _to(account).filter(~Exists(newer), opened_at=None)
    found = found.exclude(enterprise=None, ticket__state__in=TERMINAL)
    return found.select_related("ticket").order_by("-created_at", "-id")


def opened(account: Account, ticket: Ticket, at: dt.datetime) -> None:
    """Whoever opens the ticket has received what its desk was told about it."""
    _to(account).filter(ticket=ticket, opened_at=None).update(opened_at=at, opened_by=account)


def _to(account: Account) -> QuerySet[Notice]:
    condition = Q(account=account)
    for post in ground_access.held(account):
        if post.role == Role.ENTERPRISE:
            condition |= Q(enterprise=post.enterprise)
        elif post.role in (Role.CITY, Role.COUNTY):
            condition |= Q(division=post.division)
    if units := access.organisations(account):
        condition |= Q(organisation__in=units)
    return Notice.objects.filter(condition)


def first_line(text: str) -> str:
    line = text.strip().split("\n", 1)[0]
    return line if len(line) <= 60 else line[:59] + "…"


def _is_own(desk: Desk, account: Account | None) -> bool:
    """Whether the account sits at the desk itself."""
    if account is None:
        return False
    if desk.organisation is not None:
        return desk.organisation in access.organisations(account)
    desks = (post for post in ground_access.held(account) if post.role in (Role.CITY, Role.COUNTY))
    return any(post.division == desk.division for post in desks)


def _notice(event: Event, ticket: Ticket, at: dt.datetime, text: str, desk: Desk) -> Notice:
    return Notice(
        key=f"event:{event.pk}:{_name(desk)}", ticket=ticket, text=text[:300], created_at=at, cause=event.actor,
        **_recipient(desk),
    )  # fmt: skip


def _recipient(desk: Desk) -> dict[str, Any]:
    names = ("enterprise", "division", "organisation", "account", "shift")
    return {f"{name}_id": getattr(desk, name) for name in names} | {"open_by": desk.open_by}


def _name(desk: Desk) -> str:
    """The recipient within a key."""
    names = ("enterprise", "division", "organisation", "account")
    return next(f"{name[0]}{value}" for name in names if (value := getattr(desk, name)) is not None)


def _id(account: Account | None) -> int | None:
    return account.pk if account is not None else None
