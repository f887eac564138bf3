"""Shifts: put somebody on duty, hand a shift over, and ask who is on duty now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from coordination import words
from coordination.choices import DutyPart
from coordination.duty.people import Person, candidates, person
from coordination.duty.places import Place, lock, may_edit, require
from coordination.models import Absence, DutyShift, Handover
from coordination.rules import duty as rules
from coordination.rules.duty import Span, Watch
from enterprises import audit
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.facts import Change
from enterprises.models import Account, Organisation
from enterprises.rules.division_tree import Tree

NEXT = dt.timedelta(hours=12)
"""A shift is handed to the next one that begins within so long."""
LONGEST = dt.timedelta(days=31)


@dataclass
class Now:
    """Who is on duty at places at a moment. `shifts` by (division, organisation); who is away is left out."""

    at: dt.datetime
    shifts: dict[tuple[str | None, int | None], DutyShift] = field(default_factory=dict)

    def of(self, *, division: str | None = None, organisation: int | None = None) -> DutyShift | None:
        return self.shifts.get((division, organisation))


def now(at: dt.datetime | None = None, *, place: Place | None = None) -> Now:
    """Who is on duty at every place, or at one. Two queries."""
    at = at or timezone.now()
    found = DutyShift.objects.filter(dropped_at=None, starts_at__lte=at, ends_at__gt=at).select_related("account")
    if place is not None:
        found = found.filter(**place.at)
    rows = list(found)
    if not rows:
        return Now(at)
    day = timezone.localtime(at).date()
    away = Absence.objects.filter(dropped_at=None, starts_on__lte=day, ends_on__gte=day)
    gone = {_who(account, name) for account, name in away.values_list("account_id", "name")}
    gone |= {_who(one.account_id, one.name) for one in rows if one.account is not None and not one.account.is_active}
    by_place: dict[tuple[str | None, int | None], list[DutyShift]] = {}
    for one in rows:
        by_place.setdefault((one.division_id, one.organisation_id), []).append(one)
    chosen = Now(at)
    for key, held in by_place.items():
        best = rules.on_duty([watch(one) for one in held], at, gone)
        if best is not None:
            chosen.shifts[key] = next(one for one in held if one.pk == best.key)
    return chosen


def add(
    *, actor: Account | None, place: Place, part: str, who: str, starts_at: dt.datetime, ends_at: dt.datetime
) -> Change:
    """Put one person on duty between two moments. The same row again changes nothing.

    Writes: shift, audit `duty.add`. Refuses: forbidden, invalid_choice (part), unordered, too_long, unknown_person.
    """
    if actor is not None:
        require(actor, place)
    if part not in DutyPart.values:
        raise Invalid("应写 A 或 B。", code="invalid_choice", field="part")
    if ends_at <= starts_at:
        raise Invalid("下班时间应晚于上班时间。", code="unordered", field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise Invalid(f"一个班最长 {LONGEST.days} 天。", code="too_long", field="ends_at")
    one = person(who, candidates(place))
    if one is None:
        raise Invalid("请填写姓名。", code="required", field="who")
    with transaction.atomic():
        lock(place)
        same = standing(place).filter(part=part, starts_at=starts_at, ends_at=ends_at)
        if same.filter(account=one.account, name=one.name, phone=one.phone).exists():
            return "unchanged"
        made = put(place, part, one, (starts_at, ends_at), actor, timezone.now())
        audit.record(actor=actor, act="duty.add", on=made, after={"place": place.code, "who": str(one)})
    return "added"


def drop(*, actor: Account, place: Place, number: int) -> None:
    """Take one row off the roster. Writes: shift, audit `duty.drop`. Refuses: forbidden, not_found."""
    require(actor, place)
    with transaction.atomic():
        lock(place)
        row = standing(place).filter(pk=number).first()
        if row is None:
            raise NotFound("没有这个班。", field="shift")
        take_off(row, actor, timezone.now())
        audit.record(actor=actor, act="duty.drop", on=row, before={"place": place.code, "who": shown(row)})


def hand_over(*, actor: Account, place: Place, part: str, note: str, at: dt.datetime | None = None) -> Handover:
    """Give the running shift of a part to the next one: it ends now, the next begins now, the note stays.

    Whoever is on duty may, and whoever edits the roster.
    Writes: two corrected shifts, handover, audit `duty.hand_over`. Refuses: forbidden, required (note), no_shift, no_next.
    """
    now = at or timezone.now()
    note = words.line(note, "note", "交班记录", 1000)
    with transaction.atomic():
        lock(place)
        running = (
            standing(place).filter(part=part, starts_at__lt=now, ends_at__gt=now).order_by("-starts_at", "-pk").first()
        )
        if running is None:
            raise Conflict("现在没有人值这个班。", code="no_shift")
        if running.account_id != actor.pk and not may_edit(actor, place):
            raise Forbidden
        after = standing(place).filter(part=part, starts_at__gt=now, starts_at__lte=max(running.ends_at, now) + NEXT)
        following = after.order_by("starts_at", "pk").first()
        if following is None:
            raise Conflict("下一班还没有排人，先排班再交班。", code="no_next")
        given, taken = _moved(running, actor, now, ends_at=now), _moved(following, actor, now, starts_at=now)
        made = Handover.objects.create(**place.at, given=given, taken=taken, note=note, at=now, actor=actor)
        audit.record(actor=actor, act="duty.hand_over", on=made, after={"place": place.code, "to": shown(taken)})
    return made


def handovers(place: Place) -> QuerySet[Handover]:
    return Handover.objects.filter(**place.at).select_related("given", "taken", "actor")


def names_of(rows: list[DutyShift], tree: Tree) -> list[tuple[DutyShift, str]]:
    """Shifts with the names of their places. One query where units are among them."""
    units = Organisation.objects.in_bulk([one.organisation_id for one in rows if one.organisation_id is not None])
    found = []
    for one in rows:
        if one.organisation_id is not None:
            found.append((one, units[one.organisation_id].name))
        else:
            code = one.division_id or ""
            found.append((one, tree[code].name if code in tree else code))
    return found


def shown(shift: DutyShift) -> str:
    """Who has a shift, as it is typed."""
    return f"{shift.name} {shift.phone}".strip()


def standing(place: Place) -> QuerySet[DutyShift]:
    return DutyShift.objects.filter(dropped_at=None, **place.at).select_related("account")


def watch(shift: DutyShift) -> Watch:
    return Watch(shift.part, _who(shift.account_id, shift.name), shift.starts_at, shift.ends_at, shift.pk)


def _who(account: int | None, name: str) -> str:
    return f"{account}" if account is not None else f":{name}"


def put(place: Place, part: str, one: Person, span: Span, actor: Account | None, at: dt.datetime) -> DutyShift:
    return DutyShift.objects.create(
        **place.at, part=part, account=one.account, name=one.name, phone=one.phone, starts_at=span[0], ends_at=span[1],
        made_by=actor, made_at=at,
    )  # fmt: skip


def take_off(shift: DutyShift, actor: Account, at: dt.datetime) -> None:
    shift.dropped_at, shift.dropped_by = at, actor
    shift.save(update_fields=["dropped_at", "dropped_by"])


def _moved(shift: DutyShift, actor: Account, at: dt.datetime, **bounds: dt.datetime) -> DutyShift:
    """The row with another bound: the old one is dropped, so that who was on duty when stays readable."""
    take_off(shift, actor, at)
    kept = {
        name: getattr(shift, name) for name in ("division_id", "organisation_id", "part", "account_id", "name", "phone")
    }
    span = {"starts_at": shift.starts_at, "ends_at": shift.ends_at} | bounds
    return DutyShift.objects.create(**kept, **span, made_by=actor, made_at=at)
