"""Drafting a letter: its first words from the matter, and what a person makes of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from coordination import access, common_problems
from coordination.choices import LetterState
from coordination.letters import reading
from coordination.models import CommonProblem, Letter, Ticket
from coordination.rules import letter_texts, transitions
from coordination.rules.letter_steps import AMENDING, DRAFTING
from coordination.rules.letter_texts import Matter
from coordination.tickets import given
from enterprises import audit
from enterprises.errors import Conflict, FieldError, Forbidden, Invalid
from enterprises.models import Account
from supplies import products, request_keys
from supplies.request_keys import Key
from supplies.rules import display

PREFIX = re.compile(r"[一-鿿A-Za-z]{2,16}")
A_WEEK = dt.timedelta(days=7)


def proposal(account: Account, ticket: Ticket | None, problem: CommonProblem | None = None) -> dict[str, Any]:
    """The first words of a letter: organ and prefix as last used, the text from the matter."""
    if not reading.may_draft(account, ticket):
        raise Forbidden
    last = reading.letters(account).filter(drafted_by=account).first() or reading.letters(account).first()
    place = _place(account, ticket)
    matter = _of_ticket(ticket) if ticket is not None else _of_problem(problem)
    reply_by = timezone.localdate() + A_WEEK
    return {
        "organ": last.organ if last is not None else f"{place}工业和信息化局",
        "prefix": last.prefix if last is not None else f"{place[:1]}工信函",
        "title": letter_texts.title(matter),
        "body": letter_texts.body(matter, reply_by),
        "contact": last.contact if last is not None else "",
        "reply_by": reply_by.isoformat(),
    }


def draft(
    *,
    actor: Account,
    fields: Mapping[str, Any],
    ticket: Ticket | None = None,
    problem: CommonProblem | None = None,
    key: Key | None = None,
) -> Letter:
    """Write a letter for a ticket or for a common problem; it has no number yet.

    Writes: letter, audit `letter.draft`. Refuses: forbidden, not_open (the matter has ended), the fields' faults at once.
    """
    if not reading.may_draft(actor, ticket):
        raise Forbidden
    with transaction.atomic():
        if key is not None and (kept := request_keys.answered(actor, key)) is not None:
            return Letter.objects.get(pk=kept.answer["letter"])
        if ticket is not None and ticket.state not in transitions.OPEN:
            raise Conflict("这张单已经结束，不能再去函。", code="not_open")
        if problem is not None and problem.closed_at is not None:
            raise Conflict("这个共性问题已经销号，不能再去函。", code="not_open")
        made = Letter.objects.create(
            ticket=ticket, problem=problem, drafted_by=actor, created_at=timezone.now(), **_read(DRAFTING, fields)
        )
        audit.record(
            actor=actor, act="letter.draft", on=made, after={"cause": str(ticket or problem), "title": made.title}
        )
        if key is not None:
            request_keys.keep(actor, key, status=201, answer={"letter": made.pk})
    return made


def amend(*, actor: Account, letter: Letter, fields: Mapping[str, Any], expected_version: int | None) -> None:
    """Change what a draft says. Refuses: forbidden, version_conflict, wrong_state, the fields' faults at once."""
    if not reading.may_draft(actor, letter.ticket):
        raise Forbidden
    with transaction.atomic():
        locked = Letter.objects.select_for_update().get(pk=letter.pk)
        require_version(locked, expected_version)
        if locked.state != LetterState.DRAFT:
            raise Conflict(f"这份公函现在是“{locked.get_state_display()}”，不能再改。", code="wrong_state")
        values = _read(AMENDING, fields)
        before = {
            name: _plain(getattr(locked, name)) for name, value in values.items() if getattr(locked, name) != value
        }
        for name, value in values.items():
            setattr(locked, name, value)
        locked.version += 1
        locked.save()
        after = {name: _plain(values[name]) for name in before}
        audit.record(actor=actor, act="letter.amend", on=locked, before=before, after=after)


def require_version(letter: Letter, expected: int | None) -> None:
    """Nobody writes over what somebody else has just written."""
    if expected is None:
        raise Invalid("要写明看到的版本。", code="required", field="expected_version")
    if expected != letter.version:
        raise Conflict("这份公函刚被别人改过，请看过再办；您写的内容还在。", code="version_conflict")


def _read(step: transitions.Step, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a letter says, in the columns' shape."""
    values = given.read(step, fields)
    faults = []
    if not PREFIX.fullmatch(values["prefix"]):
        faults.append(
            FieldError("prefix", "invalid_text", "机关代字写 2 到 16 个汉字，不带年份和括号，例如 泉工信函。")
        )
    if faults:
        raise Invalid.of(faults)
    return {**values, "copies": values["copies"] or "", "contact": values["contact"] or ""}


def _place(account: Account, ticket: Ticket | None) -> str:
    """The name of the city that writes; of the county where the desk is a county's."""
    tree = access.tree_of(account)
    tops = [code for code in tree.tops() if ticket is None or tree.covers(code, ticket.division_id)]
    codes = [tree[code] for code in tops]
    city = next((node for node in tree.nodes.values() if node.level == "city"), None)
    return city.name if city is not None else codes[0].name if codes else "本市"


def _of_ticket(ticket: Ticket) -> Matter:
    product, blocked = ticket.product, ""
    made = products.catalogue().entries[product.pk].name if product is not None else ""
    if ticket.blocked and product is not None:
        blocked = f"{display.short(ticket.blocked)}{product.base_unit}"
    return Matter(
        name=ticket.enterprise.name, uscc=ticket.enterprise.uscc, title=ticket.title, description=ticket.description,
        category=ticket.category_id, product=made, impact=ticket.impact,
        blocked=blocked, hours_to_stop=ticket.hours_to_stop,
    )  # fmt: skip


def _of_problem(problem: CommonProblem | None) -> Matter:
    """Several enterprises are told by their number, never by name."""
    assert problem is not None
    firms = len({m.ticket.enterprise_id for m in common_problems.members(problem) if m.unlinked_at is None})
    return Matter(
        name=f"我市 {firms} 家企业" if firms > 1 else "我市企业", title=problem.title,
        description=problem.cause or problem.title, category=problem.category_id,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
