"""The form of one step for many tickets: which are chosen, with the version seen, and what is to be filled in."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.crypto import get_random_string

from coordination import access, ticket_forms
from coordination.models import Ticket
from coordination.rules.transitions import BY_ACTION, STEPS, Step
from coordination.ticket_forms import Box
from coordination.tickets.bulk import MOST, Chosen, Outcome
from enterprises.models import Account
from supplies.request_keys import Key

KEY = re.compile(r"[0-9A-Za-z]{8,60}")


@dataclass(frozen=True)
class BulkForm:
    """The step, the tickets with the versions that were seen, the boxes with what was typed."""

    step: Step | None
    steps: tuple[Step, ...]
    tickets: tuple[Ticket, ...]
    chosen: tuple[Chosen, ...]
    given: dict[str, Any]
    boxes: tuple[Box, ...]
    key_text: str
    key: Key | None
    is_refused: bool = False

    @property
    def plain(self) -> list[Box]:
        return [box for box in self.boxes if not box.is_more]

    @property
    def more(self) -> list[Box]:
        return [box for box in self.boxes if box.is_more]


def read(account: Account, post: QueryDict) -> BulkForm:
    """What was chosen and typed. Tickets out of reach are left out."""
    numbers = list(dict.fromkeys(post.getlist("tickets")))[:MOST]
    found = access.tickets(account).filter(number__in=numbers).select_related("enterprise", "category")
    held = tuple(found.order_by("number"))
    seen = {number: _version(post.get(f"version-{number}", "")) for number in numbers}
    step = BY_ACTION.get(post.get("action", ""))
    step = step if step is not None and step.is_bulk else None
    is_sent = bool(post.get("go"))
    typed = ticket_forms.given(step, post) if step is not None and is_sent else {}
    # on the first page the version is the one there is now; afterwards the one that was shown
    chosen = tuple(Chosen(str(t), (seen.get(str(t)) if is_sent else t.version) or t.version) for t in held)
    text = post.get("key", "") if is_sent else ""
    text = text if KEY.fullmatch(text) else get_random_string(24)
    return BulkForm(
        step, tuple(one for one in STEPS if one.is_bulk), held, chosen, typed,
        ticket_forms.bulk_boxes(step, typed) if step is not None else (), text,
        Key(f"bulk:{text}", _digest(step, chosen, typed)) if step is not None else None,
    )  # fmt: skip


def left(account: Account, form: BulkForm, outcome: Outcome) -> BulkForm:
    """The form for what was refused, with the versions there are now and what was typed."""
    numbers = [one.number for one in outcome.failed]
    held = tuple(access.tickets(account).filter(number__in=numbers).select_related("enterprise", "category"))
    errors: dict[str, str] = {}
    for one in outcome.failed:
        errors |= {fault.field: fault.message for fault in one.refused.errors if fault.field}
    boxes = tuple(replace(box, error=errors.get(box.name, "")) for box in form.boxes)
    chosen = tuple(Chosen(str(t), t.version) for t in held)
    return replace(
        form, tickets=held, chosen=chosen, boxes=boxes, key_text=get_random_string(24), is_refused=bool(held)
    )


def possible(account: Account) -> list[tuple[str, str]]:
    """Steps that somebody with this account might take for many tickets."""
    sides = access.may_be(account)
    return [(step.action, step.word) for step in STEPS if step.is_bulk and step.sides & sides]


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _digest(step: Step | None, chosen: tuple[Chosen, ...], typed: dict[str, Any]) -> str:
    said = f"{step.action if step else ''}\n{sorted(one.number for one in chosen)}\n{sorted(typed.items())}"
    return hashlib.sha256(said.encode()).hexdigest()
