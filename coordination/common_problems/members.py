"""Members: linked and let go, told each by itself, and answered one by one. They never learn of each other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from coordination import access, tickets
from coordination.choices import Coverage, TicketResult, Visibility
from coordination.common_problems import orders, reading
from coordination.models import CommonProblem, Member, ProblemNotice, Ticket, Told
from coordination.rules.transitions import OPEN
from enterprises import audit
from enterprises.errors import Conflict, Invalid, NotFound, Refused
from enterprises.models import Account

RESULTS = (TicketResult.SOLVED, TicketResult.PARTIAL, TicketResult.EXPLAINED)
"""What a measure may have brought to one member."""


@dataclass(frozen=True)
class Announced:
    """Who was told, and who could not be."""

    told: int
    failed: list[tuple[Ticket, str]]


def link(*, actor: Account, problem: CommonProblem, number: str) -> None:
    """Hang one more ticket on it. Refuses: forbidden, not_found, linked_already, problem_closed."""
    reading.require(actor)
    with transaction.atomic():
        locked = reading.locked(problem)
        hang(actor, locked, number, timezone.now())
        audit.record(actor=actor, act="problem.link", on=locked, after={"ticket": number})


def unlink(*, actor: Account, problem: CommonProblem, number: str, reason: str) -> None:
    """Let a ticket go its own way again, where it had none at the desk; the history keeps both.

    Refuses: forbidden, not_found, required.
    """
    reading.require(actor)
    said = reading.text(reason, "reason", "理由", 500)
    with transaction.atomic():
        _let_go(actor, reading.locked(problem), number, said)


def announce(*, actor: Account, problem: CommonProblem, text: str) -> Announced:
    """Tell every open member by a public message of its own; pressed twice with the same text, it tells nobody twice.

    Members never learn of each other: the message holds the text and nothing else.
    """
    reading.require(actor)
    said = reading.text(text, "text", "通报内容", 1000)
    with transaction.atomic():
        locked = reading.locked(problem)
        notice = locked.notices.filter(text=said).first()
        if notice is None:
            notice = ProblemNotice.objects.create(problem=locked, text=said, at=timezone.now(), actor=actor)
            audit.record(actor=actor, act="problem.announce", on=locked, after={"notice": notice.pk})
    told, failed = 0, []
    for member in reading.to_be_told(problem):
        with transaction.atomic():
            row, is_new = Told.objects.select_for_update(of=("self",)).get_or_create(
                notice=notice, ticket=member.ticket
            )
            if not is_new and row.event_id is not None:
                continue
            try:
                with transaction.atomic():
                    _say(actor, member.ticket, said)
            except Refused as refused:
                row.error = str(refused)[:200]
                failed.append((member.ticket, row.error))
            else:
                row.event, row.error = member.ticket.events.order_by("-seq").first(), ""
                told += 1
            row.save()
    return Announced(told, failed)


def cover(
    *, actor: Account, problem: CommonProblem, number: str, is_covered: bool, sentence: str, result: str = "solved"
) -> None:
    """Whether the measure settles one member: then it is answered (T16) with the measure and a sentence of its own;
    otherwise it goes its own way.

    Refuses: forbidden, not_found, required (sentence), no_measure, no_resolution, and what answering the ticket refuses.
    """
    reading.require(actor)
    said = reading.text(sentence, "sentence", "对这家企业的说明", 500)
    if result not in RESULTS:
        raise Invalid("办理结果选已解决、部分解决或已解释说明。", code="invalid_choice", field="result")
    with transaction.atomic():
        locked = reading.locked(problem)
        member = reading.member(locked, number)
        if not is_covered:
            _let_go(actor, locked, number, said)
            return
        if not locked.measure:
            raise Conflict("先写明措施。", code="no_measure")
        if not locked.is_resolving:
            raise Conflict("这项措施不解决问题，只能通报，不能答复为已办。", code="no_resolution")
        tickets.act(
            actor=actor, ticket=member.ticket, action="reply", expected_version=reading.version(member.ticket),
            fields={"text": f"{locked.measure}\n{said}", "result": result, "evidence": ""},
        )  # fmt: skip
        member.coverage = Coverage.COVERED
        member.save(update_fields=["coverage"])
        audit.record(actor=actor, act="problem.cover", on=locked, after={"ticket": number, "result": result})


def hang(actor: Account, problem: CommonProblem, number: str, now: dt.datetime) -> None:
    """Link a ticket under the problem's lock; where the problem has an order, the ticket is handled by that."""
    ticket = access.tickets(actor).filter(number=number, state__in=OPEN).first()
    if ticket is None:
        raise NotFound("没有这张在办的问题单。", field="tickets")
    if Member.objects.filter(ticket=ticket, unlinked_at=None).exists():
        raise Conflict(f"{number} 已经关联到一个共性问题。", code="linked_already")
    Member.objects.create(problem=problem, ticket=ticket, linked_by=actor, linked_at=now)
    if orders.alive(problem) is not None:
        orders.follow(actor, ticket)


def _let_go(actor: Account, problem: CommonProblem, number: str, reason: str) -> None:
    member = reading.member(problem, number)
    member.unlinked_at, member.reason, member.coverage = timezone.now(), reason, Coverage.NOT_COVERED
    member.save(update_fields=["unlinked_at", "reason", "coverage"])
    audit.record(actor=actor, act="problem.unlink", on=problem, after={"ticket": number, "reason": reason})
    orders.part(actor, member.ticket)


def _say(actor: Account, ticket: Ticket, text: str) -> None:
    tickets.act(
        actor=actor, ticket=ticket, action="message", expected_version=reading.version(ticket),
        fields={"text": text, "visibility": Visibility.ENTERPRISE},
    )  # fmt: skip
