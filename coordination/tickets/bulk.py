"""One step for many tickets: each in its own transaction, with what went through and what did not (2.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from coordination import access
from coordination.rules.transitions import BY_ACTION
from coordination.tickets import acting
from coordination.tickets.acting import Done
from enterprises.errors import Conflict, Invalid, NotFound, Refused
from enterprises.models import Account
from supplies.request_keys import Key

MOST = 100


@dataclass(frozen=True)
class Chosen:
    """A ticket by its number, and the version that was seen."""

    number: str
    version: int | None


@dataclass(frozen=True)
class Failed:
    """A ticket whose step was refused, and why."""

    number: str
    refused: Refused


@dataclass(frozen=True)
class Outcome:
    done: list[Done]
    failed: list[Failed]


def act_on_many(
    *,
    actor: Account,
    chosen: Iterable[Chosen],
    action: str,
    fields: Mapping[str, Any],
    key: Key | None = None,
    at: dt.datetime | None = None,
) -> Outcome:
    """Take the same step for each ticket. One that is refused stops none of the others; sent again, none acts twice.

    Refuses as a whole: unknown_action, not_for_many, too_many, required (no ticket).
    """
    step, listed = BY_ACTION.get(action), list({one.number: one for one in chosen}.values())
    if step is None:
        raise NotFound("没有这个动作。", code="unknown_action", field="action")
    if not step.is_bulk:
        raise Conflict(f"“{step.word}”要逐张办。", code="not_for_many")
    if not listed:
        raise Invalid("请选问题单。", code="required", field="tickets")
    if len(listed) > MOST:
        raise Invalid(f"一次最多 {MOST} 张。", code="too_many", field="tickets")
    outcome = Outcome([], [])
    for one in listed:
        own = Key(f"{key.text}/{one.number}"[:200], key.body_sha256) if key is not None else None
        try:
            done = acting.act(
                actor=actor,
                ticket=access.ticket(actor, one.number),
                action=action,
                fields=fields,
                expected_version=one.version,
                key=own,
                at=at,
            )
            outcome.done.append(done)
        except Refused as refused:
            outcome.failed.append(Failed(one.number, refused))
    return outcome
