"""Sealing each day's records, and finding out whether anybody has changed them since (tickets, 2.9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Min
from django.utils import timezone

from coordination.models import Event, Seal
from coordination.rules import seal_digest
from enterprises import access
from enterprises.errors import Forbidden
from enterprises.models import Account, AuditEntry

FORM = 1
"""Which columns are sealed; a new form is added here, an old one is never changed."""
COLUMNS: dict[int, dict[type[Any], tuple[str, ...]]] = {
    1: {
        AuditEntry: (
            "id", "at", "actor_id", "principal", "act", "object_type", "object_id", "before", "after", "request_id",
        ),
        Event: (
            "id", "ticket_id", "seq", "at", "occurred_at", "actor_id", "principal", "side", "organisation_id", "action",
            "transition", "before", "after", "cycle", "visibility", "text", "said", "request_id",
        ),
    }
}  # fmt: skip
MARGIN = dt.timedelta(minutes=10)
"""After midnight a day is left alone for so long: what was begun before has then been written."""
A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Fault:
    """A day whose records are not what was sealed; `message` says how that shows."""

    day: dt.date
    message: str


@dataclass(frozen=True)
class Verdict:
    """What checking the chain gave: how many seals, over how many records, and the days that do not hold."""

    seals: int
    records: int
    faults: tuple[Fault, ...]
    last: Seal | None


def may_read(account: Account) -> bool:
    """Auditors, and those who supervise tickets."""
    return access.may(account, "audit:read") or access.may(account, "tickets:supervise")


def seal(at: dt.datetime | None = None, *, most: int = 30) -> list[Seal]:
    """Seal every day that has ended and has no seal, the oldest first; done twice, it seals once.

    Writes: seal. The first seal stands on the last ended day and covers all before it.
    """
    at = at or timezone.now()
    ended = timezone.localtime(at - MARGIN).date() - A_DAY
    made: list[Seal] = []
    while len(made) < most:
        last = Seal.objects.first()
        day = ended if last is None else last.day + A_DAY
        if day > ended or (last is None and not _anything(day)):
            break
        one = _seal(day, last, at)
        if one is None:
            break  # another schedule was quicker
        made.append(one)
    return made


def verify() -> Verdict:
    """Compute every seal anew from the records and the chain. Nothing is written."""
    faults: list[Fault] = []
    before: Seal | None = None
    records = 0
    for one in Seal.objects.order_by("day"):
        entries, events, digest = _computed(one.day, before.day if before else None, one.previous, one.form)
        records += entries + events
        if one.previous != (before.digest if before else ""):
            faults.append(Fault(one.day, "与前一日的封印接不上：前一日的封印被改过，或中间少了一日。"))
        if (entries, events) != (one.entries, one.events):
            said = f"审计记录 {entries} 条、经过 {events} 条，封存时是 {one.entries} 条、{one.events} 条。"
            faults.append(Fault(one.day, f"记录多了或少了：{said}"))
        elif digest != one.digest:
            faults.append(Fault(one.day, "记录的内容与封存时不一样。"))
        before = one
    return Verdict(Seal.objects.count(), records, tuple(faults), before)


def latest(before: dt.date | None = None) -> Seal | None:
    """The last seal there is, for the foot of a sheet."""
    return Seal.objects.filter(day__lt=before).first() if before is not None else Seal.objects.first()


def listed(account: Account) -> list[Seal]:
    """The seals of the last year, the latest first. Refuses forbidden."""
    if not may_read(account):
        raise Forbidden
    return list(Seal.objects.all()[:366])


def _seal(day: dt.date, last: Seal | None, at: dt.datetime) -> Seal | None:
    previous = last.digest if last is not None else ""
    try:
        with transaction.atomic():
            entries, events, digest = _computed(day, last.day if last else None, previous, FORM)
            return Seal.objects.create(
                day=day, form=FORM, entries=entries, events=events, previous=previous, digest=digest, made_at=at
            )
    except IntegrityError:
        return None


def _computed(day: dt.date, after: dt.date | None, previous: str, form: int) -> tuple[int, int, str]:
    """Counts and digest of what was recorded after the end of one day until the end of another."""
    counts = {AuditEntry: 0, Event: 0}
    start, end = _end_of(after) if after is not None else None, _end_of(day)

    def rows() -> Iterator[dict[str, Any]]:
        for model, columns in COLUMNS[form].items():
            found = model.objects.filter(at__lt=end)
            found = found.filter(at__gte=start) if start is not None else found
            for row in found.order_by("id").values(*columns).iterator(chunk_size=2000):
                counts[model] += 1
                yield {"table": model._meta.model_name, **row}

    digest = seal_digest.digest(previous, rows())
    return counts[AuditEntry], counts[Event], digest


def _anything(day: dt.date) -> bool:
    firsts = [model.objects.aggregate(first=Min("at"))["first"] for model in COLUMNS[FORM]]
    return any(first is not None and first < _end_of(day) for first in firsts)


def _end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + A_DAY, dt.time(), timezone.get_default_timezone())
