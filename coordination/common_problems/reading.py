"""Who reads common problems, and what hangs on them. They show whose trouble is alike: for readers of the whole city."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from coordination import access
from coordination.choices import ProblemState, TicketState
from coordination.models import CommonProblem, Member, Ticket
from coordination.rules.transitions import OPEN
from coordination.tickets import given
from enterprises import access as ground_access
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account, Organisation

ENDED = (ProblemState.CLOSED, ProblemState.DROPPED)


def may_read(account: Account) -> bool:
    """Common problems show whose trouble is alike: for those who read the whole city's tickets only."""
    return ground_access.may(account, "tickets:read") and ground_access.reaches_all(
        account, "tickets:read", tree=access.tree_of(account)
    )


def may_act(account: Account) -> bool:
    return may_read(account) and ground_access.may(account, "tickets:desk")


def problems(account: Account) -> QuerySet[CommonProblem]:
    """All of them, with how many tickets and enterprises hang on each now. Refuses forbidden."""
    if not may_read(account):
        raise Forbidden
    now = Q(members__unlinked_at=None)
    return CommonProblem.objects.select_related("category", "lead").annotate(
        tickets=Count("members__ticket", filter=now, distinct=True),
        firms=Count("members__ticket__enterprise", filter=now, distinct=True),
    )


def find(account: Account, number: str) -> CommonProblem:
    """One of them; refuses forbidden, not_found."""
    found = problems(account).filter(number=number).first()
    if found is None:
        raise NotFound("没有找到这个共性问题。", field="number")
    return found


def of(ticket: Ticket) -> CommonProblem | None:
    """The problem a ticket hangs on now."""
    held = Member.objects.filter(ticket=ticket, unlinked_at=None).select_related("problem").first()
    return held.problem if held is not None else None


def members(problem: CommonProblem) -> list[Member]:
    """All that hang on it or did, in the order in which they came."""
    return list(problem.members.select_related("ticket__enterprise", "ticket__category"))


def to_be_told(problem: CommonProblem) -> list[Member]:
    """Members that are open: who gets a notice, and who keeps the problem from being closed."""
    held = problem.members.filter(unlinked_at=None, ticket__state__in=OPEN - {TicketState.DRAFT})
    return list(held.select_related("ticket__enterprise").order_by("ticket__number"))


def require(actor: Account) -> None:
    if not may_act(actor):
        raise Forbidden


def locked(problem: CommonProblem) -> CommonProblem:
    """The problem under its lock. Refuses problem_closed."""
    found = CommonProblem.objects.select_for_update(of=("self",)).select_related("lead").get(pk=problem.pk)
    if found.state in ENDED:
        raise Conflict("这个共性问题已经销号。", code="problem_closed")
    return found


def member(problem: CommonProblem, number: str) -> Member:
    """A ticket that hangs on it now; refuses not_found."""
    found = problem.members.filter(ticket__number=number, unlinked_at=None).select_related("ticket").first()
    if found is None:
        raise NotFound("这张单没有关联到这个共性问题。", field="ticket")
    return found


def version(ticket: Ticket) -> int:
    """The version there is, under the ticket's lock: what is done to members is done to them as they are."""
    return Ticket.objects.select_for_update(of=("self",)).values_list("version", flat=True).get(pk=ticket.pk)


def unit(code: str, *, field: str = "lead", is_required: bool = False) -> Organisation | None:
    """A unit by its code; refuses required, invalid_choice."""
    found = Organisation.objects.filter(code=code).first() if code else None
    if found is None and (code or is_required):
        said = "没有这个单位。" if code else "请选单位。"
        raise Invalid(said, code="invalid_choice" if code else "required", field=field)
    return found


def text(value: Any, name: str, word: str, longest: int, *, is_required: bool = True) -> str:
    """A text that was given; refuses required, too_long, invalid_text."""
    try:
        found = given.text(value, word, longest)
    except ValueError as fault:
        code, _, message = str(fault).partition("|")
        raise Invalid(message, code=code, field=name) from None
    if found is None and is_required:
        raise Invalid(f"请填写{word}。", code="required", field=name)
    return found or ""
