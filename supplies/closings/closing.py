"""Close a day, freeze it, open it again for an enterprise (R13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from enterprises import access, audit, knowledge
from enterprises.errors import Conflict, Invalid
from enterprises.models import Account, Enterprise, StaleMark
from supplies import request_keys
from supplies.choices import DayEventKind, SnapshotKind
from supplies.closings import snapshots
from supplies.closings.state import closures
from supplies.models import DayEvent
from supplies.request_keys import Answered, Key

EARLIEST = dt.date(2000, 1, 1)
LONGEST_REASON = 500
LONGEST_REOPENING = dt.timedelta(days=90)


def close(
    *,
    actor: Account | None,
    day: dt.date,
    kind: str,
    key: Key | None = None,
    unless_since: dt.datetime | None = None,
) -> Answered:
    """Freeze the totals of a day with their sources (flash), or freeze them and close the day (final).

    Takes: actor None = the command line or the timetable; kind = flash or final; unless_since: refuse where the same
    was done since that moment.
    Gives: 201 and what was frozen: date, kind, number, as_of, digest.
    Writes: the event, audit `day.close`, in a transaction that waits for the writers under way and takes its moment
    when they have ended; then the snapshot as known at that moment, which is the same whenever it is computed.
    Refuses: forbidden, invalid_kind, future_day, invalid_date, key_reused, already_closed (409, with unless_since).
    """
    if actor is not None:
        access.require(actor, "days:close")
    if kind not in SnapshotKind.values:
        raise Invalid(f"kind 应为 {'、'.join(SnapshotKind.values)} 之一。", code="invalid_kind", field="kind")

    events = DayEvent.objects.filter(day=day, kind=kind)

    def act() -> DayEvent:
        at = knowledge.closing_moment()
        if unless_since is not None and events.filter(recorded_at__gte=unless_since).exists():
            raise Conflict(f"{day} 已{SnapshotKind(kind).label}。", code="already_closed", field="date")
        if day > timezone.localdate(at):
            raise Invalid(f"{day} 还没有到，不能{SnapshotKind(kind).label}。", code="future_day", field="date")
        if day < EARLIEST:
            raise Invalid(f"日期不能早于 {EARLIEST}。", code="invalid_date", field="date")
        event = DayEvent.objects.create(day=day, kind=kind, actor=actor, recorded_at=at)
        StaleMark.objects.create(from_day=day, to_day=day, cause="closing")  # clients are told that the day changed
        audit.record(actor=actor, act="day.close", on=event, after={"date": day.isoformat(), "kind": kind})
        return event

    done = _once(actor, key, act, lambda event: {**_told(event), "number": snapshots.number_of(event)})
    done.answer["digest"] = snapshots.freeze(DayEvent.objects.get(pk=done.answer["id"])).digest
    return done


def reopen(
    *,
    actor: Account | None,
    day: dt.date,
    enterprise: Enterprise,
    reason: str,
    until: dt.datetime,
    key: Key | None = None,
) -> Answered:
    """Let an enterprise file and revise a closed day again until a moment; the snapshot stays as it is.

    Gives: 201 and date, enterprise, until, as_of.
    Writes: the event, audit `day.reopen`.
    Refuses: forbidden, not_found (enterprise out of reach), required (reason), too_long, invalid_until (not later than
    now, or too late), not_closed (409), key_reused.
    """
    if actor is not None:
        access.require(actor, "days:close")
        access.require_at(actor, enterprise, "days:close")
    reason = reason.strip()
    if not reason:
        raise Invalid("要写重新开放的理由。", code="required", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"理由最多 {LONGEST_REASON} 字。", code="too_long", field="reason")

    def act() -> DayEvent:
        at = knowledge.moment()
        if not at < until <= at + LONGEST_REOPENING:
            message = f"开放截止时间应晚于现在，且不超过 {LONGEST_REOPENING.days} 天。"
            raise Invalid(message, code="invalid_until", field="until")
        if day not in closures([day]):
            raise Conflict(f"{day} 没有终报，不用重新开放。", code="not_closed", field="date")
        event = DayEvent.objects.create(
            day=day,
            kind=DayEventKind.REOPEN,
            enterprise=enterprise,
            until=until,
            reason=reason,
            actor=actor,
            recorded_at=at,
        )
        said = {"date": day.isoformat(), "enterprise": enterprise.uscc, "until": until.isoformat(), "reason": reason}
        StaleMark.objects.create(from_day=day, to_day=day, cause="reopening")
        audit.record(actor=actor, act="day.reopen", on=event, after=said)
        return event

    return _once(
        actor,
        key,
        act,
        lambda event: {
            **_told(event),
            "enterprise": enterprise.uscc,
            "reason": reason,
            "until": timezone.localtime(until).isoformat(),
        },
    )


def _once(
    actor: Account | None, key: Key | None, act: Callable[[], DayEvent], told: Callable[[DayEvent], dict[str, Any]]
) -> Answered:
    """Do an act in one transaction and bind its key; the same request again gets the same answer (R6)."""
    if actor is not None and key is not None and (known := request_keys.answered(actor, key)) is not None:
        return known
    try:
        with transaction.atomic():
            event = act()
            answer = told(event)
            if actor is not None and key is not None:
                request_keys.keep(actor, key, status=201, answer=answer)
        return Answered(201, answer)
    except IntegrityError:
        # the same request was under way beside this one and has been answered meanwhile
        if actor is not None and key is not None and (known := request_keys.answered(actor, key)) is not None:
            return known
        raise


def _told(event: DayEvent) -> dict[str, Any]:
    return {
        "id": event.pk,
        "date": event.day.isoformat(),
        "kind": event.kind,
        "as_of": timezone.localtime(event.recorded_at).isoformat(),
    }
