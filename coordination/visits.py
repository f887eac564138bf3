"""Visits: log a talk with an enterprise, with its facts, promises and tickets; read the log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from coordination import access, promises, tickets
from coordination.choices import PromiseKind, VisitWay
from coordination.models import Promise, Ticket, Visit, VisitFact, VisitPhoto, VisitTicket
from coordination.promises import Given
from coordination.rules import visits as rules
from coordination.rules.file_kinds import KINDS
from coordination.rules.transitions import OPEN
from coordination.ticket_files import Stored
from enterprises import access as ground_access
from enterprises import audit
from enterprises.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from enterprises.models import Account, Enterprise
from enterprises.rules import days
from supplies import request_keys
from supplies.access import division_on
from supplies.request_keys import Key

KNOWN = ("way", "occurred_at", "met", "notes", "next_contact_on", "promises", "tickets")
OLDEST = dt.timedelta(days=60)
"""A talk may be written down so long afterwards."""
SPOKEN_OF = 10


@dataclass(frozen=True)
class Logged:
    """The visit; `is_replay` where this request was answered before."""

    visit: Visit
    is_replay: bool = False


@dataclass(frozen=True)
class Filters:
    """What the log shows; empty = all."""

    enterprise: str = ""
    officer: str = ""
    division: str = ""
    way: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    search: str = ""


def record(
    *,
    actor: Account,
    uscc: str,
    fields: Mapping[str, Any],
    photos: Sequence[Stored] = (),
    key: Key | None = None,
    at: dt.datetime | None = None,
) -> Logged:
    """Log a visit. The notes become facts line by line; promises and the next contact are followed up from now on.

    Takes: way, met, notes; optional occurred_at (default: now), next_contact_on, promises (list), tickets (numbers that
    were spoken of). photos = pictures that lie in the store already.
    Writes: visit, facts, photos, promises, links to tickets and their step `contact`, audit `visit.record`.
    Refuses: forbidden, not_found, not_placed, every field at once.
    """
    at = at or timezone.now()
    ground_access.require(actor, "visits:write")
    enterprise = ground_access.enterprise(actor, uscc if uscc.isalnum() else "", "visits:write")
    with transaction.atomic():
        # whoever closes this account waits, or is waited for: no promise stays with somebody who has left
        if not Account.objects.select_for_update().filter(pk=actor.pk, is_active=True).exists():
            raise Forbidden
        if key is not None and (kept := request_keys.answered(actor, key)) is not None:
            return Logged(Visit.objects.get(pk=int(kept.answer["id"])), is_replay=True)
        read = _read(actor, enterprise, fields, at, photos)
        visit = Visit.objects.create(officer=actor, enterprise=enterprise, recorded_at=at, **read.values)
        lines = rules.facts(read.values["notes"])
        VisitFact.objects.bulk_create(VisitFact(visit=visit, seq=seq, text=line) for seq, line in enumerate(lines, 1))
        VisitPhoto.objects.bulk_create(
            VisitPhoto(visit=visit, key=one.key, name=one.name, kind=one.kind, size=one.size, sha256=one.sha256)
            for one in photos
        )
        promises.keep_contacts(visit, actor, at)
        promises.give(visit, actor, read.promises, at)
        _link(visit, actor, read.tickets, at)
        said = {"enterprise": enterprise.uscc, "way": visit.way, "promises": len(read.promises)}
        audit.record(actor=actor, act="visit.record", on=visit, after=said)
        if key is not None:
            request_keys.keep(actor, key, status=201, answer={"id": visit.pk})
    return Logged(visit)


@dataclass
class _Read:
    values: dict[str, Any]
    promises: list[Given]
    tickets: list[Ticket]


def _read(
    actor: Account, enterprise: Enterprise, fields: Mapping[str, Any], at: dt.datetime, photos: Sequence[Stored]
) -> _Read:
    faults = [
        FieldError(days.shown(str(name)), "unknown_field", f"没有“{days.shown(str(name))}”这一项。")
        for name in fields
        if name not in KNOWN
    ]
    way = fields.get("way")
    if way not in VisitWay.values:
        faults.append(FieldError("way", "invalid_choice", "请选走访、电话还是视频。"))
    occurred_at = _occurred(fields.get("occurred_at"), at, faults)
    met = promises.text(fields.get("met"), "met", "见到谁", 60, faults, is_required=True)
    notes = promises.text(fields.get("notes"), "notes", "情况", 2000, faults, is_required=True)
    _facts(notes or "", faults)
    day = timezone.localtime(occurred_at).date()
    given = promises.read(fields.get("promises") or [], day, faults)
    if fields.get("next_contact_on") not in (None, ""):
        again = promises.day(fields["next_contact_on"], "next_contact_on", day, faults)
        if again is not None:
            given.append(Given(PromiseKind.CONTACT, promises.NEXT_CONTACT, again))
    if any(not KINDS[one.kind].is_picture for one in photos):
        faults.append(FieldError("files", "not_a_picture", "走访只收照片；文件请附在问题单上。"))
    spoken = _tickets(actor, enterprise, fields.get("tickets") or [], faults)
    division = division_on(enterprise, day)
    if division is None:
        faults.append(FieldError("enterprise", "not_placed", "这家企业那天没有属地。"))
    if faults:
        raise Invalid.of(faults)
    values = {"way": way, "occurred_at": occurred_at, "met": met, "notes": notes, "division_id": division}
    return _Read(values, given, spoken)


def _facts(notes: str, faults: list[FieldError]) -> None:
    lines = rules.facts(notes)
    if notes and not lines:
        faults.append(FieldError("notes", "required", "请写看到的情况，一行一条。"))
    if len(lines) > rules.MOST_FACTS:
        faults.append(FieldError("notes", "too_many", f"情况最多 {rules.MOST_FACTS} 行，现有 {len(lines)} 行。"))
    if any(len(line) > rules.LONGEST_FACT for line in lines):
        faults.append(FieldError("notes", "too_long", f"一行最多 {rules.LONGEST_FACT} 个字，请分行写。"))


def _occurred(value: object, at: dt.datetime, faults: list[FieldError]) -> dt.datetime:
    if value in (None, ""):
        return at
    try:
        found = dt.datetime.fromisoformat(str(value))
        found = timezone.make_aware(found) if found.tzinfo is None else found
        # a form gives whole minutes: the one that is running has begun
        if at - OLDEST <= found <= at:
            return found
    except (ValueError, OverflowError):
        pass
    said = f"走访时间应不晚于现在，也不早于 {OLDEST.days} 天前，例如 2020-03-27T09:00。"
    faults.append(FieldError("occurred_at", "invalid_moment", said))
    return at


def _tickets(actor: Account, enterprise: Enterprise, numbers: object, faults: list[FieldError]) -> list[Ticket]:
    if not isinstance(numbers, Sequence) or isinstance(numbers, str) or len(numbers) > SPOKEN_OF:
        faults.append(FieldError("tickets", "invalid", f"问题单要写成一列单号，最多 {SPOKEN_OF} 张。"))
        return []
    asked = {str(number) for number in numbers}
    if not asked:
        return []
    found = list(
        access.tickets(actor).filter(
            enterprise=enterprise, number__in=[n for n in asked if n.replace("-", "").isalnum()]
        )
    )
    if len(found) != len(asked):
        faults.append(FieldError("tickets", "not_found", "有问题单不是这家企业的。"))
    return found


def _link(visit: Visit, actor: Account, spoken: list[Ticket], at: dt.datetime) -> None:
    """Tickets that were spoken of: linked, and where they are open the talk is a contact (clock D)."""
    VisitTicket.objects.bulk_create(VisitTicket(visit=visit, ticket=ticket, linked_at=at) for ticket in spoken)
    way = "visit" if visit.way == VisitWay.VISIT else "call"
    for ticket in spoken:
        if ticket.state not in OPEN:
            continue
        text = f"{VisitWay(visit.way).label}，见到{visit.met}" if way == "visit" else f"与{visit.met}通话"
        version = Ticket.objects.select_for_update().values_list("version", flat=True).get(pk=ticket.pk)
        try:
            with transaction.atomic():
                tickets.act(
                    actor=actor, ticket=ticket, action="contact", fields={"way": way, "text": text},
                    expected_version=version, at=at,
                )  # fmt: skip
        except (Conflict, Forbidden):  # it cannot be noted on the ticket any more; the visit and its link stay
            continue


def listed(account: Account, filters: Filters) -> QuerySet[Visit]:
    """The log within reach, the latest first."""
    found = access.visits(account).select_related("officer", "enterprise", "division")
    if filters.enterprise:
        found = found.filter(enterprise__uscc=filters.enterprise)
    if filters.officer:
        found = found.filter(officer__username=filters.officer)
    if filters.way:
        found = found.filter(way=filters.way)
    if filters.division:
        tree = access.tree_of(account)
        found = found.filter(division__in=tree.leaves(filters.division) if filters.division in tree else [])
    if filters.first is not None:
        found = found.filter(occurred_at__gte=start_of(filters.first))
    if filters.last is not None:
        found = found.filter(occurred_at__lt=start_of(filters.last + dt.timedelta(days=1)))
    for word in filters.search.split()[:5]:
        found = found.filter(Q(notes__icontains=word) | Q(enterprise__name__icontains=word) | Q(met__icontains=word))
    return found.order_by("-occurred_at", "-id")


def start_of(day: dt.date) -> dt.datetime:
    """The first moment of a day in the city."""
    return dt.datetime.combine(day, dt.time(), timezone.get_default_timezone())


def with_parts(found: QuerySet[Visit]) -> QuerySet[Visit]:
    """Visits with their facts, promises and tickets, read once for all."""
    linked = VisitTicket.objects.select_related("ticket")
    owned = Promise.objects.select_related("owner", "enterprise")
    return found.prefetch_related("facts", "photos", Prefetch("promises", owned), Prefetch("tickets", linked))


def whole(visit: Visit) -> QuerySet[Visit]:
    """One visit with all its parts, for whoever has just logged it and may not read others."""
    return with_parts(Visit.objects.filter(pk=visit.pk).select_related("officer", "enterprise"))


def find(account: Account, number: int) -> Visit:
    """One visit within reach; refuses not_found for any other."""
    return access.visit(account, number)


def photo(account: Account, number: int, key: str) -> VisitPhoto:
    """A photo of a visit within reach; refuses not_found for any other."""
    found = VisitPhoto.objects.filter(visit=find(account, number), key=key if key.isalnum() else "").first()
    if found is None:
        raise NotFound("没有找到这张照片。", field="photo")
    return found


def of_ticket(account: Account, ticket: Ticket) -> list[VisitTicket]:
    """Visits that a ticket came of or was spoken of on, as far as the account may read them; none for an enterprise."""
    if not ground_access.may(account, "visits:read"):
        return []
    rows = VisitTicket.objects.filter(ticket=ticket, visit__in=access.visits(account))
    return list(rows.select_related("visit", "visit__officer").order_by("visit__occurred_at"))


def described(rows: QuerySet[Visit] | Sequence[Visit]) -> list[dict[str, Any]]:
    """Visits as REST rows."""
    return [
        {
            "id": v.pk, "enterprise": v.enterprise.uscc, "enterprise_name": v.enterprise.name, "division": v.division_id,
            "officer": v.officer.username, "officer_name": str(v.officer), "way": v.way,
            "occurred_at": timezone.localtime(v.occurred_at).isoformat(),
            "recorded_at": timezone.localtime(v.recorded_at).isoformat(), "met": v.met,
            "facts": [fact.text for fact in v.facts.all()],
            "promises": [
                {
                    "id": p.pk, "kind": p.kind, "who": p.who, "what": p.what, "due_on": p.due_on.isoformat(), "state": p.state,
                    "owner": p.owner.username,
                }
                for p in v.promises.all()
            ],
            "tickets": [str(link.ticket) for link in v.tickets.all()],
        }
        for v in rows
    ]  # fmt: skip
