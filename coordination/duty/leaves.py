"""Leaves: who is away on which days, and is not asked on them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from coordination import words
from coordination.duty.people import candidates, person
from coordination.duty.places import Place, require
from coordination.duty.shifts import standing
from coordination.models import Absence
from enterprises import access as ground_access
from enterprises import audit
from enterprises.errors import Invalid, NotFound
from enterprises.models import Account


def take_leave(*, actor: Account, place: Place, who: str, starts_on: str, ends_on: str, reason: str = "") -> Absence:
    """Somebody of a place is away for some days, and is not asked on them.

    Writes: absence, audit `duty.take_leave`. Refuses: forbidden, required, unknown_person, invalid_date, unordered.
    """
    people = candidates(place)
    one = person(who, people, needs_phone=False)
    if one is None:
        raise Invalid("请填写姓名。", code="required", field="who")
    if one.account != actor:
        require(actor, place)
    first, last = words.day(starts_on, "starts_on", "起始日期"), words.day(ends_on, "ends_on", "截止日期")
    if last < first:
        raise Invalid("截止日期早于起始日期。", code="unordered", field="ends_on")
    why = words.line(reason, "reason", "事由", 100, is_required=False)
    with transaction.atomic():
        made = Absence.objects.create(
            account=one.account, name=one.name, starts_on=first, ends_on=last, reason=why, made_by=actor,
            made_at=timezone.now(),
        )  # fmt: skip
        said = {"who": one.name, "starts_on": first.isoformat(), "ends_on": last.isoformat()}
        audit.record(actor=actor, act="duty.take_leave", on=made, after=said)
    return made


def come_back(*, actor: Account, place: Place, number: int) -> None:
    """Take a leave back. Writes: absence, audit `duty.come_back`. Refuses: forbidden, not_found."""
    with transaction.atomic():
        row = absences(place).select_for_update(of=("self",)).filter(pk=number).first()
        if row is None:
            raise NotFound("没有这次请假。", field="absence")
        if row.account_id != actor.pk:
            require(actor, place)
        row.dropped_at = timezone.now()
        row.save(update_fields=["dropped_at"])
        audit.record(actor=actor, act="duty.come_back", on=row, before={"who": row.name})


def absences(place: Place) -> QuerySet[Absence]:
    """Leaves of the people of a place that are not over."""
    people = candidates(place)
    accounts, known = [p.account for p in people if p.account], [p.name for p in people]
    rostered = standing(place).filter(account=None).values_list("name", flat=True)
    whose = Q(account__in=accounts) | Q(account=None, name__in=[*known, *rostered])
    return Absence.objects.filter(whose, dropped_at=None, ends_on__gte=ground_access.today()).order_by(
        "starts_on", "pk"
    )


def is_away(account: int, at: dt.datetime) -> bool:
    """Whether an account is on leave on the day of a moment."""
    day = timezone.localtime(at).date()
    return Absence.objects.filter(account=account, dropped_at=None, starts_on__lte=day, ends_on__gte=day).exists()
