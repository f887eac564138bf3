"""Daily totals: keep the stored totals equal to what revisions and facts say (R21, R23).

The database is the queue: whoever changes something appends a stale mark in his own transaction. The drain takes the
marks there are, computes each day they name anew and whole, and deletes exactly those marks, in one transaction. It may
run anywhere, any number of times, and be killed at any moment: the result is the same.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min, Model
from django.utils import timezone

from enterprises.models import Certificate, DivisionFact, Fact, Placement, StaleMark
from supplies import day_state, reporting_settings
from supplies.models import (
    CertificateProduct,
    DailyReport,
    DailyTotal,
    DayVersion,
    Exemption,
    PoolMember,
    ProductFact,
    ReportingDuty,
    ReportingSetting,
    ReportLine,
    ReportVersion,
    Revision,
    ToldTotal,
)

DRAIN_LOCK = 20200203
"""Number of the advisory lock that lets one drain at a time compute (PostgreSQL); SQLite has one writer anyway."""

VERSIONED: tuple[type[Model], ...] = (DayVersion, ReportVersion, ToldTotal)
"""What stands in the one order of all changes."""

DAY = dt.timedelta(days=1)

TURNS = (0, 1, 0, 2)
"""Whose turn it is to be computed: 0 = today and days filed for, 1 = days next to a change, 2 = all others."""

MANY = 60
"""From this number of stale days on it pays to look for quiet ones."""

FACTS: tuple[tuple[type[Fact], str, str], ...] = (
    (Certificate, "valid_from", "valid_to"),
    (CertificateProduct, "certificate__valid_from", "certificate__valid_to"),
    (DivisionFact, "starts_on", "ends_on"),
    (Exemption, "starts_on", "ends_on"),
    (Placement, "starts_on", "ends_on"),
    (PoolMember, "starts_on", "ends_on"),
    (ProductFact, "starts_on", "ends_on"),
    (ReportingDuty, "starts_on", "ends_on"),
    (ReportingSetting, "starts_on", "ends_on"),
)
"""Facts that move totals, and where their days begin and end."""


@dataclass(frozen=True)
class Difference:
    """A stored cell that is not what revisions and facts give; `stored` or `computed` is None where there is no row."""

    cell: tuple[Any, ...]
    column: str
    stored: Any
    computed: Any


def drain(*, seconds: float = 0.8) -> int:
    """Drain in short slices until nothing is stale or the time is up. Gives the number of days computed.

    Between slices the database belongs to the writers: SQLite has room for one at a time.
    """
    started, total = time.monotonic(), 0
    while computed := refresh():
        total += computed
        if time.monotonic() - started > seconds:
            break
        time.sleep(0.02)
    return total


def refresh(*, budget: float = 0.3) -> int:
    """Drain the stale marks for about `budget` seconds. Gives the number of days computed; 0 = nothing was stale.

    Which day comes first says `stale_days`. Midnight needs no job of its own: days that have begun since the last drain
    are stale by themselves.
    """
    if not is_due():
        return 0
    with transaction.atomic():
        lock()
        marks = list(StaleMark.objects.values_list("id", "from_day", "to_day", "subject", "created_at"))
        filed = {first for _, first, _, subject, _ in marks if subject is not None}
        waiting = stale_days([(first, last) for _, first, last, _, _ in marks], filed=filed)
        version = next_version()
        done = compute(waiting, budget=budget, version=version)
        tell({subject for *_, subject, _ in marks if subject is not None}, version)
        StaleMark.objects.filter(id__in=[number for number, *_ in marks]).delete()
        leave(set(waiting) - done, [(first, last, at) for _, first, last, _, at in marks])
    return len(done)


def leave(rest: set[dt.date], marks: Iterable[tuple[dt.date, dt.date | None, dt.datetime]]) -> None:
    """Mark the days that the budget did not reach anew, each as old as the oldest of the marks (from, to, since) on it.

    What they lack was recorded then, and `complete_until` must not say that it is in.
    """
    since: dict[tuple[dt.date, dt.date | None], dt.datetime] = {}
    for first, last, at in marks:
        since[first, last] = min(at, since.get((first, last), at))
    days_since: dict[dt.datetime, list[dt.date]] = {}
    for day in rest:
        ages = [at for (first, last), at in since.items() if first <= day and (last is None or day <= last)]
        days_since.setdefault(min(ages, default=timezone.now()), []).append(day)
    for at, days in days_since.items():
        left = [StaleMark(from_day=first, to_day=last, cause="rest") for first, last in spans(days)]
        made = StaleMark.objects.bulk_create(left)
        StaleMark.objects.filter(id__in=[mark.pk for mark in made]).update(created_at=at)  # creation says now


def refresh_all() -> int:
    """Drain until nothing is stale. Gives the number of days computed."""
    total = 0
    while computed := refresh(budget=1.0):
        total += computed
    return total


def is_due() -> bool:
    """Whether a mark waits, or a day has begun since the totals were last computed."""
    if StaleMark.objects.exists():
        return True
    latest = DayVersion.objects.aggregate(day=Max("day"))["day"]
    return latest is not None and latest < timezone.localdate()


def lock() -> None:
    """One drain at a time. Taken before the marks are read, so that a later drain sees what an earlier one left."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DRAIN_LOCK])


def first_day() -> dt.date | None:
    """The first day that can have a total: of a duty ever believed, or of a report."""
    days = [
        ReportingDuty.objects.aggregate(day=Min("starts_on"))["day"],
        DailyReport.objects.aggregate(day=Min("day"))["day"],
    ]
    return min((day for day in days if day is not None), default=None)


def stale_days(
    marked: Iterable[tuple[dt.date, dt.date | None]], *, filed: Collection[dt.date] = ()
) -> list[dt.date]:  # fmt: skip
    """Days to compute, in order: those marked and those begun since, from the first day on until today.

    Today and the days `filed` that reports changed get every second turn, the days next to a change and all others share
    the rest; among each kind the day that was computed longest ago comes first. So neither a long rebuild nor a stream
    of reports that marks the same days again and again makes any day wait until it ends.
    """
    today, first = timezone.localdate(), first_day()
    if first is None:
        return []
    latest = DayVersion.objects.aggregate(day=Max("day"))["day"]
    wanted = [*marked, (latest + DAY if latest is not None else today, today)]
    days: set[dt.date] = set()
    near = {today}
    for start, end in set(wanted):
        at, until = max(start, first), min(end or today, today)
        near.update(at + DAY * offset for offset in range(8))
        while at <= until:
            days.add(at)
            at += DAY
    computed = dict(DayVersion.objects.filter(day__gte=min(days, default=today)).values_list("day", "version"))
    kinds: tuple[list[dt.date], ...] = ([], [], [])
    for day in sorted(days, key=lambda day: (computed.get(day, 0), -day.toordinal())):
        kinds[0 if day == today or day in filed else 1 if day in near else 2].append(day)
    return in_turns(kinds, begin=max(computed.values(), default=0))


def in_turns(kinds: Iterable[Iterable[dt.date]], *, begin: int) -> list[dt.date]:
    """Days of three kinds in the order of TURNS; the turn of an empty kind goes to the first that has any.

    `begin` moves on from drain to drain, so that every kind gets its turn even where a drain has time for one day.

    >>> one, two = dt.date(2020, 3, 1), dt.date(2020, 3, 2)
    >>> in_turns([[one], [two], []], begin=1) == [two, one]
    True
    """
    queues = [deque(days) for days in kinds]
    found: list[dt.date] = []
    while left := [queue for queue in queues if queue]:
        queue = queues[TURNS[(begin + len(found)) % len(TURNS)]]
        found.append((queue or left[0]).popleft())
    return found


def next_version() -> int:
    """The version that this drain gives to what it changes; larger than all before it, as the lock is held to the end."""
    return newest_version() + 1


def newest_version() -> int:
    """The version given last, to a day, a report or a cell; 0 before the first."""
    given = [model._default_manager.aggregate(version=Max("version"))["version"] or 0 for model in VERSIONED]
    return max(given)


def tell(reports: Iterable[int], version: int) -> None:
    """Put reports that changed into the one order of all changes."""
    ReportVersion.objects.bulk_create(
        [ReportVersion(report_id=number, version=version) for number in sorted(reports)],
        update_conflicts=True, unique_fields=["report"], update_fields=["version"],
    )  # fmt: skip


def compute(days: list[dt.date], *, budget: float, version: int | None = None) -> set[dt.date]:
    """Compute days in their order until the budget is used up, at least one. Gives them a version, a new one by default.

    Days on which nothing can have changed since the day before are copied, after all others.
    """
    started = time.monotonic()
    done: set[dt.date] = set()
    quiet = quiet_days(days) if len(days) > MANY else set()
    if len(days) > MANY:
        learn_sizes()
    busy = [day for day in days if day not in quiet]
    for day in busy:
        day_state.write(day)
        done.add(day)
        if time.monotonic() - started > budget:
            break
    if len(done) == len(busy):
        for first, last in spans(quiet):
            while first <= last and (not done or time.monotonic() - started < budget):
                until = min(last, first + DAY * (MANY - 1))
                day_state.repeat(first - DAY, first, until)
                done.update(first + DAY * offset for offset in range((until - first).days + 1))
                first = until + DAY
    number = version or next_version()
    DayVersion.objects.bulk_create(
        [DayVersion(day=day, version=number, computed_at=timezone.now()) for day in sorted(done)],
        update_conflicts=True, unique_fields=["day"], update_fields=["version", "computed_at"],
    )  # fmt: skip
    return done


def quiet_days(days: Iterable[dt.date]) -> set[dt.date]:
    """Days whose state is that of the day before: nothing filed that speaks on either, no fact begins or ends.

    A city that reports years after its history was imported has thousands of them.
    """
    first, last = min(days), max(days)
    reach = DAY * (reporting_settings.longest_carry() + 1)
    loud: set[dt.date] = {first}
    reports = DailyReport.objects.filter(day__gte=first - reach, day__lte=last)
    for day in reports.order_by().values_list("day", flat=True).distinct():
        loud.update(day + DAY * offset for offset in range(reach.days + 1))
    for model, begins, ends in FACTS:
        facts = model._default_manager.filter(known_until__isnull=True)
        for day in facts.filter(**{f"{begins}__range": (first - DAY, last)}).values_list(begins, flat=True).distinct():
            loud.update((day, day + DAY))
        for day in facts.filter(**{f"{ends}__range": (first - DAY, last)}).values_list(ends, flat=True).distinct():
            loud.add(day + DAY)
    return {day for day in days if day not in loud}


def learn_sizes() -> None:
    """Let PostgreSQL look at tables that have doubled since it last did: after an import it plans for empty ones."""
    if connection.vendor != "postgresql":
        return
    grown: list[type[Model]] = [DailyReport, Revision, ReportLine, *(model for model, _, _ in FACTS)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s)"
            " AND pg_relation_size(oid) / 8192 > 2 * GREATEST(relpages, 0)",
            [[model._meta.db_table for model in grown]],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'ANALYZE "{table}"')


def spans(days: Iterable[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Days as spans without gaps.

    >>> list(spans([dt.date(2020, 3, 3), dt.date(2020, 3, 1), dt.date(2020, 3, 2), dt.date(2020, 3, 9)]))[0]
    (datetime.date(2020, 3, 1), datetime.date(2020, 3, 3))
    """
    start = end = None
    for day in sorted(days):
        if end is not None and day == end + DAY:
            end = day
            continue
        if start is not None and end is not None:
            yield start, end
        start = end = day
    if start is not None and end is not None:
        yield start, end


def pending_days() -> int:
    """How many days wait to be computed again."""
    return len(stale_days(StaleMark.objects.values_list("from_day", "to_day"))) if is_due() else 0


def complete_until() -> dt.datetime:
    """The moment up to which everything recorded is in the totals (`Totals-As-Of`)."""
    oldest: dt.datetime | None = StaleMark.objects.aggregate(at=Min("created_at"))["at"]
    return oldest or timezone.now()


def version(until: dt.date | None = None) -> int:
    """A number that grows whenever totals up to `until` change: what an ETag of totals is made of."""
    days = DayVersion.objects.all() if until is None else DayVersion.objects.filter(day__lte=until)
    return days.aggregate(version=Max("version"))["version"] or 0


def verify() -> Iterator[Difference]:
    """Recompute every day from revisions and facts, and give each stored cell that differs (R23).

    Each day is compared under the drain's lock, after the marks that name it have been drained.
    """
    first = first_day()
    stored_first = DailyTotal.objects.aggregate(day=Min("day"))["day"]
    at = min((day for day in (first, stored_first) if day is not None), default=None)
    while at is not None and at <= timezone.localdate():
        refresh_all()
        with transaction.atomic():
            lock()
            found = list(differences(at))
        yield from found
        at += DAY


def differences(day: dt.date) -> Iterator[Difference]:
    """Stored cells of one day that differ from the computed ones."""
    identity = ("day", "division_id", "grain", "key", "unit", "licensed")
    figures = [c for c in day_state.COLUMNS if c not in identity]
    stored = {tuple(r[i] for i in identity): r for r in DailyTotal.objects.filter(day=day).values(*day_state.COLUMNS)}
    computed = {tuple(r[i] for i in identity): r for r in day_state.totals(day)}
    for cell in sorted(stored.keys() | computed.keys(), key=str):
        have, want = stored.get(cell), computed.get(cell)
        if have is None or want is None:
            yield Difference(cell, "row", have and "there", want and "there")
            continue
        for column in figures:
            if have[column] != want[column]:
                yield Difference(cell, column, have[column], want[column])


def head_differences() -> Iterator[Difference]:
    """Reports whose derived columns (head, first_received_at) are not what their revisions say."""
    reports = DailyReport.objects.annotate(newest=Max("revisions__number")).select_related("head")
    firsts = dict(DailyReport.objects.filter(revisions__number=1).values_list("id", "revisions__received_at"))
    for report in reports.iterator(chunk_size=2000):
        head = report.head.number if report.head is not None else None
        if head != report.newest:
            yield Difference(("report", report.pk), "head", head, report.newest)
        if firsts.get(report.pk) != report.first_received_at:
            yield Difference(
                ("report", report.pk), "first_received_at", report.first_received_at, firsts.get(report.pk)
            )
