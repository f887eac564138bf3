"""The calendar of working days: seed it, correct it, ask it (国务院办公厅 holiday notices; 调休 included)."""

from __future__ import annotations

import datetime as dt
import logging

import chinese_calendar
from django.db import transaction
from django.utils import timezone

from enterprises import access, audit
from enterprises.choices import WorkDayKind
from enterprises.errors import Invalid, reading
from enterprises.models import Account, WorkDay
from enterprises.rules import days

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
        said = {"is_working": is_working, "kind": kind, "document": document, "actor": actor}
        said["version"] = before.version + 1 if before is not None else 1
        row, _ = WorkDay.objects.update_or_create(day=day, defaults=said)
        audit.record(
            actor=actor,
            act="work_day.correct",
            on=row,
            before={"is_working": before.is_working, "kind": before.kind} if before is not None else None,
            after={"is_working": is_working, "kind": kind, "document": document},
        )
    return row


def load_year(*, actor: Account | None, year: int, rest: str, work: str, document: str) -> int:
    """Load a year by the State Council's notice: days off and make-up days, one day or "first 至 last" a line.

    Every other day is what its weekday says; a year that is there is loaded anew. Gives how many days changed.
    Writes: the days, audit `work_day.load_year`. Refuses: forbidden, invalid_year, required (document), invalid_date, other_year,
    contradicts (a day that is both).
    """
    if actor is not None:
        access.require(actor, "settings:write")
    if not FIRST_YEAR <= year <= timezone.localdate().year + 2:
        raise Invalid(
            f"年份应在 {FIRST_YEAR} 到 {timezone.localdate().year + 2} 之间。", code="invalid_year", field="year"
        )
    if not document.strip() or len(document) > 200:
        raise Invalid("请写明依据的通知文号，最多 200 字。", code="required", field="document")
    off, on = _spans(rest, year, "rest"), _spans(work, year, "work")
    if both := sorted(off & on):
        raise Invalid(f"{both[0]} 既放假又上班。", code="contradicts", field="work")
    with transaction.atomic():
        there = {row.day: row for row in WorkDay.objects.select_for_update().filter(day__year=year)}
        changed, made, day = [], [], dt.date(year, 1, 1)
        while day.year == year:
            is_working, kind = _by_notice(day, off, on)
            row = there.get(day)
            if row is None:
                made.append(WorkDay(day=day, is_working=is_working, kind=kind, document=document.strip(), actor=actor))
            elif (row.is_working, row.kind) != (is_working, kind):
                row.is_working, row.kind, row.document, row.actor = is_working, kind, document.strip(), actor
                row.version += 1
                changed.append(row)
            day += DAY
        WorkDay.objects.bulk_create(made)
        WorkDay.objects.bulk_update(changed, ["is_working", "kind", "document", "actor", "version"])
        said = {"document": document.strip(), "rest": sorted(map(str, off)), "work": sorted(map(str, on))}
        said["changed"] = [str(row.day) for row in changed]
        audit.record(actor=actor, act="work_day.load_year", on=("work_year", str(year)), after=said)
    return len(made) + len(changed)


def _spans(text: str, year: int, field: str) -> set[dt.date]:
    """Days named line by line, "2027-01-01" or "2027-01-01 至 2027-01-03"."""
    found: set[dt.date] = set()
    for line in text.replace("，", "\n").replace(",", "\n").splitlines():
        if not line.strip():
            continue
        with reading(field, "invalid_date"):
            parts = [days.written(part) for part in line.replace("到", "至").replace("~", "至").split("至")]
        first, last = parts[0], parts[-1]
        if len(parts) > 2 or last < first or (last - first).days > 31:
            raise Invalid(
                f"“{line.strip()[:40]}”读不懂，写作 2027-01-01 至 2027-01-03。", code="invalid_date", field=field
            )
        if first.year != year or last.year != year:
            raise Invalid(f"“{line.strip()[:40]}”不在 {year} 年。", code="other_year", field=field)
        found |= {first + n * DAY for n in range((last - first).days + 1)}
    return found


def _by_notice(day: dt.date, off: set[dt.date], on: set[dt.date]) -> tuple[bool, str]:
    is_weekend = day.weekday() > 4
    if day in on:
        return True, (WorkDayKind.MAKE_UP if is_weekend else WorkDayKind.WEEKDAY).value
    if day in off:
        return False, WorkDayKind.HOLIDAY.value
    return not is_weekend, (WorkDayKind.WEEKEND if is_weekend else WorkDayKind.WEEKDAY).value


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
