"""Who reads which letters, what an account is to one, and the list with its filters."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from coordination import access, common_problems
from coordination.choices import ClockKind, EscalationRule, LetterState, Side
from coordination.models import CommonProblem, Letter, Ticket, WorkOrder
from coordination.rules import letter_steps, letter_texts
from coordination.rules.transitions import OPEN, Step
from coordination.tickets.reading import Page
from enterprises import access as ground_access
from enterprises.choices import Role
from enterprises.errors import Forbidden, NotFound
from enterprises.models import Account

NO_SIGNATURE = (LetterState.DRAFT, LetterState.AWAITING, LetterState.DROPPED)


@dataclass(frozen=True)
class Filters:
    """What a list shows; empty = all. group: mine, open, overdue, answered, closed."""

    group: str = ""
    state: str = ""
    year: str = ""
    search: str = ""


@dataclass(frozen=True)
class Row:
    """One letter as it stands today."""

    letter: Letter
    number: str
    is_overdue: bool
    days: int
    reminders: int
    steps: tuple[Step, ...] = ()


def may_read(account: Account) -> bool:
    """Letters are matters among the bureau's side; an enterprise only learns that one was sent."""
    return access.may_see_some(account) and Role.ENTERPRISE not in ground_access.roles(account)


def letters(account: Account) -> QuerySet[Letter]:
    """Letters of the tickets within reach, and of common problems for who reads these. Refuses forbidden."""
    if not may_read(account):
        raise Forbidden
    condition = Q(ticket__in=access.tickets(account))
    if common_problems.may_read(account):
        condition |= Q(problem__isnull=False)
    found = Letter.objects.filter(condition)
    return found.select_related("ticket__enterprise", "problem", "drafted_by", "signed_by")


def find(account: Account, pk: int) -> Letter:
    """One letter within reach; refuses forbidden, not_found."""
    found = letters(account).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有找到这份公函。", field="letter")
    return found


def sides(account: Account, ticket: Ticket | None) -> frozenset[str]:
    """What the account is to a letter: the desk that writes it, the supervisor who signs it. ticket None = common problem."""
    if ticket is not None:
        orders = list(WorkOrder.objects.filter(ticket=ticket))
        return access.sides(account, ticket, orders) & {Side.DESK, Side.SUPERVISOR}
    found = {Side.DESK} if common_problems.may_act(account) else set()
    if common_problems.may_read(account) and ground_access.may(account, "tickets:supervise"):
        found.add(Side.SUPERVISOR)
    return frozenset(found)


def may_draft(account: Account, ticket: Ticket | None) -> bool:
    return may_read(account) and Side.DESK in sides(account, ticket)


def listed(account: Account, filters: Filters) -> QuerySet[Letter]:
    """Letters within reach that fit: the longest overdue first, then the latest."""
    today = timezone.localdate()
    found = letters(account)
    late = Q(state=LetterState.SENT, reply_by__lt=today)
    groups = {
        "overdue": late,
        "open": ~Q(state__in=[LetterState.CLOSED, LetterState.DROPPED]),
        "answered": Q(state=LetterState.ANSWERED),
        "closed": Q(state=LetterState.CLOSED),
    }
    if filters.group == "mine":
        found = found.filter(_mine(account))
    elif filters.group in groups:
        found = found.filter(groups[filters.group])
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.year.isascii() and filters.year.isdigit() and len(filters.year) == 4 and filters.year > "1990":
        found = found.filter(Q(dated__year=filters.year) | Q(dated=None, created_at__year=filters.year))
    for word in filters.search.split()[:5]:
        found = found.filter(
            Q(number__icontains=word) | Q(title__icontains=word) | Q(addressee__icontains=word)
            | Q(ticket__number__icontains=word) | Q(ticket__enterprise__name__icontains=word)
        )  # fmt: skip
    return found


def overdue(account: Account) -> int:
    """How many letters wait for an answer that is late."""
    return listed(account, Filters(group="overdue")).count() if may_read(account) else 0


def _mine(account: Account) -> Q:
    """What waits for the account: a signature of another's draft, or its own draft, or a letter to be sent."""
    condition = Q(state__in=[LetterState.DRAFT, LetterState.SIGNED], drafted_by=account)
    if ground_access.may(account, "tickets:supervise"):
        condition |= Q(state=LetterState.AWAITING) & ~Q(drafted_by=account)
    return condition


def shown(account: Account, page: Page) -> dict[str, Any]:
    """What a ticket's page says of its letters, to the bureau's side only: they do not stop the reports of progress."""
    ticket = page.card.ticket
    if not may_read(account):
        return {}
    rows = [row(one) for one in Letter.objects.filter(ticket=ticket)]
    running = (c for c in page.clocks if c.kind == ClockKind.FEEDBACK and c.stopped_at is None)
    return {
        "letters": rows,
        "may_write": Side.DESK in page.sides and ticket.state in OPEN,
        "cause": f"ticket={ticket.number}",
        "needs_letter": any(event.said.get("rule") == EscalationRule.L4 for event in page.events),
        "feedback": next(running, None) if any(one.letter.state == LetterState.SENT for one in rows) else None,
    }


def of_problem(problem: CommonProblem) -> list[Row]:
    return [row(one) for one in Letter.objects.filter(problem=problem)]


def row(letter: Letter, account: Account | None = None) -> Row:
    """A letter as it stands today; with an account also the steps that are its."""
    today = timezone.localdate()
    is_late = letter.state == LetterState.SENT and letter.reply_by is not None and letter.reply_by < today
    steps: tuple[Step, ...] = ()
    if account is not None:
        steps = letter_steps.possible(letter.state, sides(account, letter.ticket))
        if letter.drafted_by_id == account.pk:
            steps = tuple(step for step in steps if step.action != "sign")
    year = letter.dated.year if letter.dated else today.year
    return Row(
        letter=letter,
        number=letter.number or letter_texts.number(letter.prefix, year, None),
        is_overdue=is_late,
        days=_days(letter.reply_by, today) if is_late else 0,
        reminders=letter.reminders.count() if account is not None else 0,
        steps=steps,
    )


def _days(day: dt.date | None, today: dt.date) -> int:
    return (today - day).days if day is not None else 0
