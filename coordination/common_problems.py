"""Common problems: found, confirmed by a person, told to each member by itself, and settled member by member (2.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from coordination import access, tickets
from coordination.choices import Coverage, ProblemState, TicketState, Visibility
from coordination.models import CommonProblem, Member, ProblemNotice, Ticket, TicketCategory, TicketNumber, Told
from coordination.rules.transitions import OPEN
from coordination.tickets import given
from enterprises import access as ground_access
from enterprises import audit
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from enterprises.models import Account, Organisation

FEWEST, WITHIN = 3, dt.timedelta(days=14)
"""So many enterprises with the same matter within so long suggest a common cause."""


@dataclass(frozen=True)
class Candidate:
    """Open tickets of one category from several enterprises; a person decides whether they have one cause."""

    category: TicketCategory
    tickets: list[Ticket]
    enterprises: int


@dataclass(frozen=True)
class Announced:
    """Who was told, and who could not be."""

    told: int
    failed: list[tuple[Ticket, str]]


def may_read(account: Account) -> bool:
    """Common problems show whose trouble is alike: for those who read the whole city's tickets only."""
    return ground_access.may(account, "tickets:read") and ground_access.reaches_all(
        account, "tickets:read", tree=access.tree_of(account)
    )


def may_act(account: Account) -> bool:
    return may_read(account) and ground_access.may(account, "tickets:desk")


def problems(account: Account) -> QuerySet[CommonProblem]:
    """All of them, with how many tickets and enterprises hang on each. Refuses forbidden."""
    if not may_read(account):
        raise Forbidden
    found = CommonProblem.objects.select_related("category", "lead")
    return found.annotate(
        tickets=Count("members__ticket", distinct=True), firms=Count("members__ticket__enterprise", distinct=True)
    )


def find(account: Account, number: str) -> CommonProblem:
    """One of them; refuses forbidden, not_found."""
    found = problems(account).filter(number=number).first()
    if found is None:
        raise NotFound("没有找到这个共性问题。", field="number")
    return found


def candidates(account: Account, *, now: dt.datetime | None = None) -> list[Candidate]:
    """Categories with open tickets from three enterprises or more in a fortnight, not hanging on a problem yet."""
    if not may_read(account):
        raise Forbidden
    since = (now or timezone.now()) - WITHIN
    held = Member.objects.filter(ticket=OuterRef("pk"), unlinked_at=None)
    found = access.tickets(account).filter(~Exists(held), state__in=OPEN, submitted_at__gte=since)
    by_category: dict[str, list[Ticket]] = {}
    for ticket in found.select_related("category", "enterprise").order_by("category__order", "submitted_at"):
        by_category.setdefault(ticket.category_id, []).append(ticket)
    listed = [Candidate(t[0].category, t, len({one.enterprise_id for one in t})) for t in by_category.values()]
    return sorted((one for one in listed if one.enterprises >= FEWEST), key=lambda one: -one.enterprises)


def establish(
    *, actor: Account, title: str, category: str, numbers: Iterable[str], lead: str = "", cause: str = ""
) -> CommonProblem:
    """Say that some tickets have one cause. The tickets themselves stay as they are.

    Writes: common problem, members, audit `problem.establish`. Refuses: forbidden, required, too_long, invalid_choice,
    not_found (a ticket), linked_already.
    """
    _require(actor)
    title, cause = _text(title, "title", "标题", 60), _text(cause, "cause", "原因", 500, is_required=False)
    found = TicketCategory.objects.filter(pk=category).first()
    if found is None:
        raise Invalid("没有这个问题类别。", code="invalid_choice", field="category")
    unit = Organisation.objects.filter(code=lead).first() if lead else None
    if lead and unit is None:
        raise Invalid("没有这个单位。", code="invalid_choice", field="lead")
    with transaction.atomic():
        now = timezone.now()
        made = CommonProblem.objects.create(
            number=f"G-{_next():03d}",
            title=title,
            category=found,
            lead=unit,
            cause=cause,
            raised_by=actor,
            created_at=now,
        )
        chosen = list(dict.fromkeys(numbers))
        for number in chosen:
            _link(actor, made, number, now)
        audit.record(actor=actor, act="problem.establish", on=made, after={"title": title, "tickets": chosen})
    return made


def link(*, actor: Account, problem: CommonProblem, number: str) -> None:
    """Hang one more ticket on it. Refuses: forbidden, not_found, linked_already, problem_closed."""
    _require(actor)
    with transaction.atomic():
        locked = _locked(problem)
        _link(actor, locked, number, timezone.now())
        audit.record(actor=actor, act="problem.link", on=locked, after={"ticket": number})


def unlink(*, actor: Account, problem: CommonProblem, number: str, reason: str) -> None:
    """Let a ticket go its own way again; the history keeps both. Refuses: forbidden, not_found, required."""
    _require(actor)
    said = _text(reason, "reason", "理由", 500)
    with transaction.atomic():
        _unlink(actor, _locked(problem), number, said, Coverage.NOT_COVERED)


def announce(*, actor: Account, problem: CommonProblem, text: str) -> Announced:
    """Tell every open member by a public message of its own; pressed twice with the same text, it tells nobody twice.

    Members never learn of each other: the message holds the text and nothing else.
    """
    _require(actor)
    said = _text(text, "text", "通报内容", 1000)
    with transaction.atomic():
        locked = _locked(problem)
        notice = locked.notices.filter(text=said).first()
        if notice is None:
            notice = ProblemNotice.objects.create(problem=locked, text=said, at=timezone.now(), actor=actor)
            audit.record(actor=actor, act="problem.announce", on=locked, after={"notice": notice.pk})
    told, failed = 0, []
    for member in _open_members(problem):
        with transaction.atomic():
            row, is_new = Told.objects.select_for_update().get_or_create(notice=notice, ticket=member.ticket)
            if not is_new and row.event_id is not None:
                continue
            try:
                tickets.act(
                    actor=actor, ticket=member.ticket, action="message", expected_version=_version(member.ticket),
                    fields={"text": said, "visibility": Visibility.ENTERPRISE},
                )  # fmt: skip
            except Refused as refused:
                row.error = str(refused)[:200]
                failed.append((member.ticket, row.error))
            else:
                row.event, row.error = member.ticket.events.order_by("-seq").first(), ""
                told += 1
            row.save()
    return Announced(told, failed)


def measure(*, actor: Account, problem: CommonProblem, text: str) -> None:
    """Say what was done about the cause; no member is answered by this. Refuses: forbidden, required, problem_closed."""
    _require(actor)
    said = _text(text, "measure", "措施", 1000)
    with transaction.atomic():
        locked = _locked(problem)
        locked.measure, locked.state = said, ProblemState.MEASURED
        locked.save(update_fields=["measure", "state"])
        audit.record(actor=actor, act="problem.measure", on=locked, after={"measure": said})


def cover(*, actor: Account, problem: CommonProblem, number: str, is_covered: bool, sentence: str) -> None:
    """Whether the measure settles one member: then it is answered (T16) with the measure and a sentence of its own;
    otherwise it goes its own way.

    Refuses: forbidden, not_found, required (sentence), no_measure, and what answering the ticket refuses.
    """
    _require(actor)
    said = _text(sentence, "sentence", "对这家企业的说明", 500)
    with transaction.atomic():
        locked = _locked(problem)
        member = _member(locked, number)
        if not is_covered:
            _unlink(actor, locked, number, said, Coverage.NOT_COVERED)
            return
        if not locked.measure:
            raise Conflict("先写明措施。", code="no_measure")
        tickets.act(
            actor=actor, ticket=member.ticket, action="reply", expected_version=_version(member.ticket),
            fields={"text": f"{locked.measure}\n{said}", "result": "solved", "evidence": ""},
        )  # fmt: skip
        member.coverage = Coverage.COVERED
        member.save(update_fields=["coverage"])
        audit.record(actor=actor, act="problem.cover", on=locked, after={"ticket": number})


def close(*, actor: Account, problem: CommonProblem) -> None:
    """Close it when no member is open any more; it never closes a member. Refuses: forbidden, members_open."""
    _require(actor)
    with transaction.atomic():
        locked = _locked(problem)
        waiting = _open_members(locked)
        if waiting:
            raise Conflict(f"还有 {len(waiting)} 张单没有办结；办结或解除关联后再销号。", code="members_open")
        locked.state = ProblemState.CLOSED if locked.measure else ProblemState.DROPPED
        locked.closed_at = timezone.now()
        locked.save(update_fields=["state", "closed_at"])
        audit.record(actor=actor, act="problem.close", on=locked, after={"state": locked.state})


def of(ticket: Ticket) -> CommonProblem | None:
    """The problem a ticket hangs on now."""
    held = Member.objects.filter(ticket=ticket, unlinked_at=None).select_related("problem").first()
    return held.problem if held is not None else None


def members(problem: CommonProblem) -> list[Member]:
    """All that hang on it or did, in the order in which they came."""
    return list(problem.members.select_related("ticket__enterprise", "ticket__category"))


def _require(actor: Account) -> None:
    if not may_act(actor):
        raise Forbidden


def _locked(problem: CommonProblem) -> CommonProblem:
    locked = CommonProblem.objects.select_for_update().get(pk=problem.pk)
    if locked.state in (ProblemState.CLOSED, ProblemState.DROPPED):
        raise Conflict("这个共性问题已经销号。", code="problem_closed")
    return locked


def _link(actor: Account, problem: CommonProblem, number: str, now: dt.datetime) -> None:
    ticket = access.tickets(actor).filter(number=number, state__in=OPEN).first()
    if ticket is None:
        raise NotFound("没有这张在办的问题单。", field="tickets")
    if Member.objects.filter(ticket=ticket, unlinked_at=None).exists():
        raise Conflict(f"{number} 已经关联到一个共性问题。", code="linked_already")
    Member.objects.create(problem=problem, ticket=ticket, linked_by=actor, linked_at=now)


def _unlink(actor: Account, problem: CommonProblem, number: str, reason: str, coverage: str) -> None:
    member = _member(problem, number)
    member.unlinked_at, member.reason, member.coverage = timezone.now(), reason, coverage
    member.save(update_fields=["unlinked_at", "reason", "coverage"])
    audit.record(actor=actor, act="problem.unlink", on=problem, after={"ticket": number, "reason": reason})


def _member(problem: CommonProblem, number: str) -> Member:
    found = problem.members.filter(ticket__number=number, unlinked_at=None).select_related("ticket").first()
    if found is None:
        raise NotFound("这张单没有关联到这个共性问题。", field="ticket")
    return found


def _open_members(problem: CommonProblem) -> list[Member]:
    held = problem.members.filter(unlinked_at=None, ticket__state__in=OPEN - {TicketState.DRAFT})
    return list(held.select_related("ticket").order_by("ticket__number"))


def _version(ticket: Ticket) -> int:
    return Ticket.objects.values_list("version", flat=True).get(pk=ticket.pk)


def _next() -> int:
    """The next number; the row of "year 0" is its lock."""
    TicketNumber.objects.get_or_create(year=0)
    row = TicketNumber.objects.select_for_update().get(year=0)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


def _text(value: str, name: str, word: str, longest: int, *, is_required: bool = True) -> str:
    try:
        found = given.text(value, word, longest)
    except ValueError as fault:
        code, _, message = str(fault).partition("|")
        raise Invalid(message, code=code, field=name) from None
    if found is None and is_required:
        raise Invalid(f"请填写{word}。", code="required", field=name)
    return found or ""
