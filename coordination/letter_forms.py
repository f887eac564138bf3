"""Forms of official letters: what a step asks, with what was typed and why it was refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import get_random_string

from coordination.models import Letter
from coordination.rules.letter_steps import CONTENT
from coordination.rules.transitions import Field, Step
from coordination.ticket_forms import FEW, Attempt, Box, StepForm
from enterprises.errors import Refused
from supplies.request_keys import Key

KEY = re.compile(r"[0-9A-Za-z]{8,60}")
TODAY = ("sent_on", "replied_on", "dated")
"""Days that are usually today."""


@dataclass(frozen=True)
class Sheet:
    """The form of what a letter says."""

    boxes: tuple[Box, ...]
    key: str
    problem: str = ""


def sheet(values: Mapping[str, Any], refused: Refused | None = None, key: str = "") -> Sheet:
    """The whole letter as a form, with proposals or with what was typed."""
    errors = {e.field: e.message for e in refused.errors} if refused is not None else {}
    names = {one.name for one in CONTENT}
    problem = "".join(e.message for e in refused.errors if e.field not in names) if refused is not None else ""
    boxes = tuple(_box(one, values.get(one.name), errors.get(one.name, "")) for one in CONTENT)
    return Sheet(boxes, key or get_random_string(24), problem)


def values_of(letter: Letter) -> dict[str, Any]:
    """What a letter says, as the form shows it."""
    said = {one.name: getattr(letter, one.name) for one in CONTENT}
    return said | {
        "attachments": "\n".join(letter.attachments),
        "reply_by": letter.reply_by.isoformat() if letter.reply_by else "",
    }


def typed(post: QueryDict) -> dict[str, str]:
    return {one.name: post.get(one.name, "") for one in CONTENT}


def key(post: QueryDict) -> Key | None:
    """The key of a form that may be sent twice; none where somebody made one up that is none."""
    text = post.get("key", "")
    if not KEY.fullmatch(text):
        return None
    said = "\n".join(f"{name}={value}" for name, value in sorted(typed(post).items()))
    return Key(f"letter-form:{text}", hashlib.sha256(said.encode()).hexdigest())


def step_form(step: Step, letter: Letter, attempt: Attempt | None) -> StepForm:
    """The form of one step with its proposals, or with what was typed and why it was refused."""
    tried = attempt if attempt is not None and attempt.action == step.action else None
    errors = {e.field: e.message for e in tried.refused.errors} if tried is not None else {}
    values = tried.typed if tried is not None else _proposed(step, letter)
    boxes = tuple(_box(one, values.get(one.name), errors.get(one.name, "")) for one in step.fields)
    names = {one.name for one in step.fields}
    problem = "".join(e.message for e in tried.refused.errors if e.field not in names) if tried is not None else ""
    return StepForm(step, boxes, problem, is_open=tried is not None)


def _proposed(step: Step, letter: Letter) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    proposed: dict[str, Any] = {one.name: today for one in step.fields if one.name in TODAY}
    if step.action == "send":
        proposed |= {"reply_by": letter.reply_by.isoformat() if letter.reply_by else "", "tell": "yes"}
    if step.action == "remind":
        proposed["text"] = (
            f"{letter.dated:%Y年%-m月%-d日}我局以{letter.number}商请贵单位协助，至今未收到函复。请尽快函复为盼。"
        )
    return proposed


def _box(one: Field, value: Any, error: str) -> Box:
    box = Box(one.name, one.word, "text", one.is_required, one.hint, value or "", one.choices, error, one.longest)
    if one.kind == "choice":
        return replace(box, widget="chips" if len(one.choices) <= FEW else "select")
    if one.kind == "day":
        return replace(box, widget="day")
    return replace(box, widget="area" if one.kind == "items" or one.longest > 300 else "text")
