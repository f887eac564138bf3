"""The audit: every act leaves one entry in the transaction that did it."""

from __future__ import annotations

import datetime as dt
from contextvars import ContextVar
from typing import Any

from django.db.models import Model
from django.utils import timezone

from enterprises.models import Account, AuditEntry

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Number of the request under way; set by the edge, also found in the logs."""

principal: ContextVar[str] = ContextVar("principal", default="")
"""How the actor came in: 'session', 'token:12', 'command:import_duties'."""


def entry(
    *,
    actor: Account | None,
    act: str,
    on: Model | tuple[str, str],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    at: dt.datetime | None = None,
) -> AuditEntry:
    """An unsaved entry for acts that write many at once. `on` is the object, or (type, id)."""
    object_type, object_id = on if isinstance(on, tuple) else (on._meta.model_name or "", str(on.pk))
    return AuditEntry(
        at=at or timezone.now(),
        actor=actor,
        principal=principal.get()[:80],
        act=act,
        object_type=object_type[:40],
        object_id=object_id[:60],
        before=before,
        after=after,
        request_id=request_id.get()[:64],
    )


def record(
    *,
    actor: Account | None,
    act: str,
    on: Model | tuple[str, str],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write the entry of one act. Call inside the act's transaction."""
    row = entry(actor=actor, act=act, on=on, before=before, after=after)
    row.save(force_insert=True)
    return row
