"""The calendar of working days: seed it, correct it, ask it (国务院办公厅 holiday notices; 调休 included)."""

from __future__ import annotations

import datetime as dt
import logging

import chinese_calendar
from django.db import transaction
from django.utils import timezone

from enterprises import access, audit
from enterprises.choices import WorkDayKind
from enterprises.errors import Invalid
from enterprises.models import Account, WorkDay

log = logging.getLogger(__name__)

DAY = dt.timedelta(days=1)
FIRST_YEAR = 2020
"""The first year that is seeded; nothing of earlier years is due any more."""
ASK_FROM = (11, 1)
"""From this month and day on the next year's calendar is asked for."""


def seed() -> int:
    """Fill in the years of which nothing is known, as far as the library knows them. Gives the number of days."""
    known = {day.year for day in WorkDay.objects.values_list("day", flat=True)}
    years = [year for year in range(FIRST_YEAR, timezone.localdate().year + 2) if year not in known]
    rows = [row for year in years for row in _of_library(year)]
    return len(WorkDay.objects.bulk_create(rows, ignore_conflicts=True))


def correct(
    *, actor: Account | None, day: dt.date, is_working: bool, kind: str | None = None, document: str = ""
) -> WorkDay:
    """Say whether offices work on a day, by a notice. What is due later counts by it from now on.

    Writes: the day, audit `work_day.correct`. Refuses: forbidden, invalid_kind, too_long.
    """
    if actor is not None:
        access.require(actor, "settings:write")
    if kind is None:
        is_weekend = day.weekday() > 4
        working, resting = (
            (WorkDayKind.MAKE_UP, WorkDayKind.WEEKEND) if is_weekend else (WorkDayKind.WEEKDAY, WorkDayKind.HOLIDAY)
        )
        kind = (working if is_working else resting).value
    if kind not in WorkDayKind.values or (kind in (WorkDayKind.WEEKEND, WorkDayKind.HOLIDAY)) == is_working:
        raise Invalid("性质与是否上班不符。", code="invalid_kind", field="kind")
    if len(document) > 200:
        raise Invalid("依据最多 200 字。", code="too_long", field="document")
    with transaction.atomic():
        before = WorkDay.objects.select_for_update().filter(day=day).first()
        row, _ = WorkDay.objects.update_or_create(
            day=day, defaults={"is_working": is_working, "kind": kind, "document": document, "actor": actor}
        )
        audit.record(
            actor=actor,
            act="work_day.correct",
            on=row,
            before={"is_working": before.is_working, "kind": before.kind} if before is not None else None,
            after={"is_working": is_working, "kind": kind, "document": document},
        )
    return row


def known(first: dt.date, last: dt.date) -> dict[dt.date, bool]:
    """Whether offices work, for the days of the calendar within the span. One query. Unknown days are left out."""
    return dict(WorkDay.objects.filter(day__range=(first, last)).values_list("day", "is_working"))


def missing_years(today: dt.date | None = None) -> list[int]:
    """Years whose calendar is needed and not there: this one, and from November the next. One query.

    Without it Monday to Friday count as working days, which is wrong around every holiday: say so loudly.
    """
    today = today or timezone.localdate()
    wanted = {today.year} | ({today.year + 1} if (today.month, today.day) >= ASK_FROM else set())
    there = WorkDay.objects.filter(day__in=[dt.date(year, 12, 31) for year in wanted]).values_list("day", flat=True)
    missing = sorted(wanted - {day.year for day in there})
    if today.year in missing:
        log.warning("the calendar of working days does not know this year", extra={"year": today.year})
    return missing


def _of_library(year: int) -> list[WorkDay]:
    """The days of a year as the library knows them; none where it does not know the year."""
    found, day = [], dt.date(year, 1, 1)
    try:
        while day.year == year:
            is_working = chinese_calendar.is_workday(day)
            is_weekend = day.weekday() > 4
            is_holiday = chinese_calendar.get_holiday_detail(day)[1] is not None and not is_working
            kind = (
                (WorkDayKind.MAKE_UP if is_weekend else WorkDayKind.WEEKDAY)
                if is_working
                else (WorkDayKind.HOLIDAY if is_holiday or not is_weekend else WorkDayKind.WEEKEND)
            )
            found.append(WorkDay(day=day, is_working=is_working, kind=kind))
            day += DAY
    except NotImplementedError:
        return []
    return found
