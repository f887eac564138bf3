"""Idempotency keys: the same request gets the same answer, and is done once (R6). They belong to the account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from enterprises.errors import Invalid
from enterprises.models import Account
from enterprises.rules import exact_json
from supplies.models import RequestKey


@dataclass(frozen=True)
class Key:
    """What the client calls this request, and the digest of what it asks for."""

    text: str
    body_sha256: str


@dataclass(frozen=True)
class Answered:
    """An answer; is_replay = it was given before."""

    status: int
    answer: dict[str, Any]
    is_replay: bool = False


def answered(actor: Account, key: Key) -> Answered | None:
    """The answer once given to this request; None if there was none. Refuses key_reused for another request."""
    kept = RequestKey.objects.filter(actor=actor, key=key.text).first()
    if kept is None:
        return None
    if kept.body_sha256 != key.body_sha256:
        raise Invalid(
            "这个 Idempotency-Key 已用于另一份内容。新的内容请用新的键。", code="key_reused", field="Idempotency-Key"
        )
    return Answered(kept.status, exact_json.loads(kept.answer), is_replay=True)


def keep(actor: Account, key: Key, *, status: int, answer: dict[str, Any]) -> None:
    """Bind the key to its answer, in the transaction that gives it. The unique constraint refuses a second one.

    The answer is kept as text, so that a replay is the same to the byte on either database.
    """
    RequestKey.objects.create(
        actor=actor,
        key=key.text,
        body_sha256=key.body_sha256,
        status=status,
        answer=exact_json.dumps(answer),
        created_at=timezone.now(),
    )
