"""Facts: how a fact with two time axes is recorded and corrected (R14). Every act about facts goes through here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from django.db.models import Q
from django.utils import timezone

from enterprises import knowledge
from enterprises.errors import Invalid
from enterprises.models import Account, Fact, SpanFact, StaleMark

F = TypeVar("F", bound=Fact)
Change = Literal["added", "changed", "unchanged"]


@dataclass(frozen=True)
class Believed(Generic[F]):
    """The row believed now, and what recording it changed."""

    row: F
    change: Change


def lookup(values: dict[str, Any]) -> dict[str, Any]:
    """Equality as a filter, where None means NULL."""
    return {(f"{k}__isnull" if v is None else k): (True if v is None else v) for k, v in values.items()}


def record(
    model: type[F],
    *,
    actor: Account | None,
    identity: dict[str, Any],
    values: dict[str, Any],
    known_at: dt.datetime | None = None,
    reason: str = "",
    document: str = "",
) -> Believed[F]:
    """Believe a fact: add it, or close the believed version of the same identity and add the new one.

    Takes: identity and values by field name; known_at = the moment of knowledge (default: now).
    Gives: the believed row and whether it was added, changed or already so.
    Writes: the fact's table; stale marks for the days the old and the new version hold for.
    Refuses: known_at_early (before the version it corrects was known). The caller holds the parent's row lock.
    """
    known_at = known_at or knowledge.moment()
    believed = model._default_manager.filter(known_until__isnull=True, **lookup(identity)).first()
    if believed is not None:
        if all(getattr(believed, name) == value for name, value in values.items()):
            return Believed(believed, "unchanged")
        close(believed, known_at=known_at)
    row = add(model, actor=actor, values={**identity, **values}, known_at=known_at, reason=reason, document=document)
    return Believed(row, "changed" if believed is not None else "added")


def add(
    model: type[F],
    *,
    actor: Account | None,
    values: dict[str, Any],
    known_at: dt.datetime | None = None,
    reason: str = "",
    document: str = "",
) -> F:
    """Believe a fact of which no version can be believed yet, as it is about something new."""
    known_at = known_at or knowledge.moment()
    row = model(**values, known_at=known_at, actor=actor, reason=reason, document=document)
    row.save(force_insert=True)
    mark(row)
    return row


def close(row: Fact, *, known_at: dt.datetime) -> None:
    """Stop believing a row from `known_at` on; it keeps answering for earlier moments."""
    if known_at < row.known_at:
        raise Invalid(
            f"得知时间早于原记录的得知时间 {timezone.localtime(row.known_at):%Y-%m-%d %H:%M:%S}。",
            code="known_at_early",
            field="known_at",
        )
    row.known_until = known_at
    row.save(update_fields=["known_until"])
    mark(row)


def withdraw(model: type[F], *, identity: dict[str, Any], known_at: dt.datetime | None = None) -> F | None:
    """Take a fact back: its row is closed and none is added. Gives the closed row, None if none was believed."""
    believed = model._default_manager.filter(known_until__isnull=True, **lookup(identity)).first()
    if believed is not None:
        close(believed, known_at=known_at or knowledge.moment())
    return believed


def mark(row: Fact) -> None:
    """Mark the days stale whose totals the fact can change."""
    if row.MOVES_TOTALS:
        first, last = row.days()
        StaleMark.objects.create(from_day=first, to_day=last, cause=row._meta.model_name or "")


def refuse_overlap(
    model: type[SpanFact],
    *,
    key: dict[str, Any],
    starts_on: dt.date,
    ends_on: dt.date | None,
    message: str,
    own: dict[str, Any] | None = None,
) -> None:
    """Refuse (overlap) a span that meets another believed one of the same key which starts on another day.

    `own` names the fact's own row by more than its first day, where the key alone does not tell it from others.
    """
    others = model._default_manager.filter(known_until__isnull=True, **lookup(key))
    others = others.exclude(**lookup({**(own or {}), "starts_on": starts_on}))
    others = others.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on))
    if ends_on is not None:
        others = others.filter(starts_on__lte=ends_on)
    clash = others.order_by("starts_on").first()
    if clash is not None:
        until = clash.ends_on or "长期"
        raise Invalid(f"{message}(已有 {clash.starts_on} 至 {until})。", code="overlap", field="starts_on")


def step(
    model: type[F],
    *,
    actor: Account | None,
    key: dict[str, Any],
    starts_on: dt.date,
    values: dict[str, Any],
    ends_on: dt.date | None = None,
    known_at: dt.datetime | None = None,
    reason: str = "",
    document: str = "",
) -> Believed[F]:
    """Record a fact that holds until the next one of the same key begins (a placement, a name), or until `ends_on`.

    The believed row that holds on the day before `starts_on` ends there; the new one ends before the next begins.
    """
    known_at = known_at or knowledge.moment()
    rows: Any = model._default_manager.filter(known_until__isnull=True, **lookup(key))
    before = rows.filter(starts_on__lt=starts_on).order_by("-starts_on").first()
    after = rows.filter(starts_on__gt=starts_on).order_by("starts_on").first()
    if before is not None and (before.ends_on is None or before.ends_on >= starts_on):
        kept = {f.attname: getattr(before, f.attname) for f in before._meta.local_fields}
        for name in ("id", "known_at", "known_until", "actor_id", "reason", "document", "ends_on"):
            kept.pop(name)
        close(before, known_at=known_at)
        shorter = model(**kept, ends_on=starts_on - dt.timedelta(days=1), known_at=known_at, actor=actor, reason=reason)
        shorter.save(force_insert=True)
    last = after.starts_on - dt.timedelta(days=1) if after is not None else None
    ends_on = min((day for day in (last, ends_on) if day is not None), default=None)
    return record(
        model,
        actor=actor,
        identity={**key, "starts_on": starts_on},
        values={**values, "ends_on": ends_on},
        known_at=known_at,
        reason=reason,
        document=document,
    )
