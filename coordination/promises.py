"""Promises: who does what by when, and what became of it. The next contact is one that an officer gives himself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from coordination import access
from coordination.choices import PromiseKind, PromiseOutcome, PromiseState
from coordination.models import Promise, PromiseTurn, Visit
from coordination.tickets import given
from enterprises import access as ground_access
from enterprises import audit
from enterprises.choices import Role
from enterprises.errors import Conflict, FieldError, Forbidden, Invalid
from enterprises.holdings import Holding, Keeper, Taking
from enterprises.models import Account, Enterprise
from enterprises.rules import days

MOST, LONGEST = 5, 200
FURTHEST = dt.timedelta(days=366)
KIND = "promise"
NEXT_CONTACT = "再联系一次"


@dataclass(frozen=True)
class Given:
    """A promise as it is to be stored."""

    kind: str
    what: str
    due_on: dt.date
    who: str = ""


def read(rows: object, since: dt.date, faults: list[FieldError]) -> list[Given]:
    """Promises from forms and programs: {"kind", "who", "what", "due_on"}; empty rows are left out.

    Faults are added by field: promises[0].what.
    """
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        faults.append(FieldError("promises", "invalid", "约定要写成一列。"))
        return []
    found = []
    for place, row in enumerate(rows):
        at = f"promises[{place}]"
        if not isinstance(row, Mapping):
            faults.append(FieldError(at, "invalid", "约定要写明谁、什么事、何日前。"))
            continue
        for name in set(row) - {"kind", "who", "what", "due_on"}:
            faults.append(FieldError(f"{at}.{days.shown(str(name))}", "unknown_field", "约定没有这一项。"))
        if row.get("what") in (None, "") and row.get("due_on") in (None, "") and row.get("who") in (None, ""):
            continue
        one = _read(row, at, since, faults)
        if one is not None:
            found.append(one)
    if len(found) > MOST:
        faults.append(FieldError("promises", "too_many", f"一次走访最多记 {MOST} 条约定。"))
    return found


def _read(row: Mapping[str, Any], at: str, since: dt.date, faults: list[FieldError]) -> Given | None:
    kinds = [kind for kind in PromiseKind.values if kind != PromiseKind.CONTACT]
    kind = row.get("kind") or PromiseKind.ENTERPRISE.value
    what = text(row.get("what"), f"{at}.what", "约定的事", LONGEST, faults, is_required=True)
    who = text(row.get("who"), f"{at}.who", "谁答应的", 60, faults)
    due_on = day(row.get("due_on"), f"{at}.due_on", since, faults)
    if kind not in kinds:
        faults.append(FieldError(f"{at}.kind", "invalid_choice", f"谁答应的应为 {'、'.join(kinds)} 之一。"))
        return None
    if what is None or due_on is None:
        return None
    return Given(str(kind), what, due_on, who or "")


def text(
    value: object, field: str, word: str, longest: int, faults: list[FieldError], *, is_required: bool = False
) -> str | None:
    """A text; what is wrong with it is added to the faults."""
    try:
        found = given.text(value, word, longest)
    except ValueError as fault:
        code, _, message = str(fault).partition("|")
        faults.append(FieldError(field, code, message))
        return None
    if is_required and not found:
        faults.append(FieldError(field, "required", f"请填写{word}。"))
    return found


def day(value: object, field: str, since: dt.date, faults: list[FieldError]) -> dt.date | None:
    """The day by which something is promised: not before the talk, within a year."""
    if value in (None, ""):
        faults.append(FieldError(field, "required", "请选何日前。"))
        return None
    try:
        found = days.written(str(value))
    except ValueError as error:
        faults.append(FieldError(field, "invalid_date", f"{error}。"))
        return None
    if not since <= found <= since + FURTHEST:
        said = f"日期应在 {since.month}月{since.day}日 之后的一年以内。"
        faults.append(FieldError(field, "invalid_date", said))
        return None
    return found


def give(visit: Visit, owner: Account, said: Iterable[Given], at: dt.datetime) -> list[Promise]:
    """Store what was promised on a visit; the caller's transaction."""
    return Promise.objects.bulk_create(
        Promise(
            visit=visit, enterprise_id=visit.enterprise_id, kind=one.kind, who=one.who, what=one.what, owner=owner,
            due_on=one.due_on, first_due_on=one.due_on, created_at=at,
        )
        for one in said
    )  # fmt: skip


def follow_up(
    *,
    actor: Account,
    promise: Promise,
    outcome: str,
    note: str = "",
    due_on: object = None,
    expected_version: int | None = None,
    at: dt.datetime | None = None,
) -> Promise:
    """Say what became of a promise: kept, broken, or moved to another day.

    Writes: promise, turn, audit `promise.follow_up`.
    Refuses: forbidden (neither its owner nor a desk over the enterprise), version_conflict, settled, invalid_…
    """
    at = at or timezone.now()
    faults: list[FieldError] = []
    if outcome not in (PromiseOutcome.KEPT, PromiseOutcome.BROKEN, PromiseOutcome.MOVED):
        faults.append(FieldError("outcome", "invalid_choice", "请选兑现了、没兑现，还是改期。"))
    said = text(note, "note", "说明", LONGEST, faults, is_required=outcome == PromiseOutcome.BROKEN)
    moved_to = None
    if outcome == PromiseOutcome.MOVED:
        moved_to = day(due_on, "due_on", timezone.localtime(at).date(), faults)
    if faults:
        raise Invalid.of(faults)
    with transaction.atomic():
        locked = Promise.objects.select_for_update().get(pk=promise.pk)
        if not may_follow_up(actor, locked):
            raise Forbidden("这件约定由别的特派员跟进。")
        if expected_version is not None and expected_version != locked.version:
            raise Conflict("这件约定刚被别人跟进过，请看过再记；您写的还在。", code="version_conflict")
        if locked.state != PromiseState.OPEN:
            raise Conflict("这件约定已经了结。", code="settled")
        turn(locked, outcome, actor=actor, at=at, due_on=moved_to, note=said or "")
        said_now = {"outcome": outcome, "due_on": str(locked.due_on)}
        audit.record(actor=actor, act="promise.follow_up", on=locked, after=said_now)
    return locked


def turn(
    promise: Promise, outcome: str, *, actor: Account | None, at: dt.datetime, due_on: dt.date | None = None,
    note: str = "", visit: Visit | None = None,
) -> None:  # fmt: skip
    """One step of a promise with its entry; the caller holds its lock."""
    promise.due_on = due_on or promise.due_on
    if outcome in (PromiseOutcome.KEPT, PromiseOutcome.BROKEN):
        promise.state, promise.settled_at = PromiseState(outcome), at
    promise.version += 1
    promise.save()
    last = promise.turns.order_by("-seq").values_list("seq", flat=True).first() or 0
    PromiseTurn.objects.create(
        promise=promise,
        seq=last + 1,
        outcome=outcome,
        due_on=promise.due_on,
        note=note,
        visit=visit,
        actor=actor,
        at=at,
    )


def keep_contacts(visit: Visit, actor: Account, at: dt.datetime) -> None:
    """A new talk keeps the officer's own word to be in touch again; the caller's transaction."""
    waiting = Promise.objects.select_for_update().filter(
        enterprise=visit.enterprise_id, owner=actor, kind=PromiseKind.CONTACT, state=PromiseState.OPEN
    )
    for promise in waiting.order_by("pk"):
        turn(promise, PromiseOutcome.KEPT, actor=actor, at=at, visit=visit)


def may_follow_up(actor: Account, promise: Promise) -> bool:
    """Its owner may, and the desks of the enterprise."""
    if not seems_ours(actor, promise):
        return False
    within = ground_access.enterprises(actor, "officers:write").filter(pk=promise.enterprise_id)
    return promise.owner_id == actor.pk or bool(within.exists())


def seems_ours(actor: Account, promise: Promise) -> bool:
    """Whether a promise that the account reads is one to follow up; asks no database, for lists."""
    if not ground_access.may(actor, "visits:write"):
        return False
    return promise.owner_id == actor.pk or ground_access.may(actor, "officers:write")


def find(account: Account, number: int) -> Promise:
    """One promise within reach; refuses not_found for any other."""
    return access.promise(account, number)


def held(account: Account, beyond: dt.date | None) -> Iterable[Holding]:
    """Open promises that an account follows up."""
    rows = Promise.objects.filter(owner=account, state=PromiseState.OPEN).select_related("enterprise")
    for row in rows:
        by = f"{row.due_on.month}月{row.due_on.day}日"
        word = "回访" if row.kind == PromiseKind.CONTACT else f"“{row.what[:30]}”"
        yield Holding(KIND, str(row.pk), f"约定{word}（{row.enterprise.name}，{by}）", row.enterprise_id)


def pass_on(taking: Taking, keys: Collection[str]) -> None:
    """Open promises go to another officer; what was promised stays."""
    rows = Promise.objects.select_for_update().filter(
        owner=taking.giver, state=PromiseState.OPEN, pk__in=[int(key) for key in keys]
    )
    for row in rows.order_by("pk"):
        row.owner = taking.taker
        note = f"由 {taking.giver} 交给 {taking.taker}"
        turn(row, PromiseOutcome.HANDED, actor=taking.actor, at=timezone.now(), note=note)


def of_enterprise(account: Account, enterprise: Enterprise) -> list[Promise]:
    """Open promises about an enterprise, the nearest first."""
    found = access.promises(account).filter(enterprise=enterprise, state=PromiseState.OPEN)
    return list(found.select_related("owner", "visit", "enterprise"))


KEEPER = Keeper(KIND, "约定", frozenset({Role.LIAISON}), held, pass_on, order=3)
