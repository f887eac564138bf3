"""The days of one enterprise: which are owed, filed, late or still open, and which one is to be filled in next (R1-R4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from enterprises import access
from enterprises.models import Account, Enterprise
from supplies import access as filing
from supplies import closings, daily_reports, reporting_settings
from supplies.choices import Review
from supplies.models import DailyReport, Exemption, ReportingDuty, ReportLine, Revision
from supplies.rules.reporting_settings import DEFAULTS

A_DAY = dt.timedelta(days=1)
SHOWN = 14
"""Days in view."""


@dataclass(frozen=True)
class FilingDay:
    """One day: state = on_time, late, returned, missing (owed, not filed), exempted or none; lines by product.

    is_open: a first report would still be taken (R4). is_closed: a revision would be refused, a first report would be
    supplementary (R13).
    """

    day: dt.date
    state: str
    is_open: bool
    cut_off_at: dt.datetime | None
    revision: Revision | None
    first_received_at: dt.datetime | None
    lines: Mapping[str, ReportLine]
    is_closed: bool = False

    @property
    def is_filed(self) -> bool:
        return self.revision is not None

    @property
    def summary(self) -> list[tuple[str, int, str]]:
        """The day in a few words: of the first product capacity and output, or else the stock; with the base unit."""
        for line in self.lines.values():
            made = [("产能", line.capacity), ("产量", line.output)]
            said = [pair for pair in made if pair[1] is not None] or [("库存", line.stock)]
            return [(word, amount, line.product.base_unit) for word, amount in said if amount is not None]
        return []


@dataclass(frozen=True)
class Calendar:
    """The days in view, the newest first, the first being today."""

    days: tuple[FilingDay, ...]

    @property
    def today(self) -> FilingDay:
        return self.days[0]

    @property
    def proposed(self) -> FilingDay:
        """The oldest open day not yet filed, else today (R1)."""
        open_days = (one for one in reversed(self.days) if one.is_open and not one.is_closed)
        return next((one for one in open_days if one.state == "missing"), self.today)

    def course(self, product: str, measure: str) -> list[int | None]:
        """What was said of a measure day by day, the oldest first; None where nothing was."""
        lines = [one.lines.get(product) for one in reversed(self.days)]
        return [None if line is None else getattr(line, measure) for line in lines]

    @property
    def products(self) -> list[str]:
        """Products that were reported on any of the days, those of the newest day first."""
        return list(dict.fromkeys(code for one in self.days for code in one.lines))


def calendar(enterprise: Enterprise, *, today: dt.date) -> Calendar:
    """The last days of an enterprise up to today. A fixed number of queries."""
    days = [today - A_DAY * back for back in range(SHOWN)]
    backfill = _backfill_days(enterprise, today)
    states = _duty_states(enterprise, days)
    cut_offs = daily_reports.cut_offs({(enterprise.pk, day) for day in days})
    reports = {report.day: report for report in _reports(enterprise, days)}
    lines = _lines(reports.values())
    closures, now = closings.closures(days), timezone.now()
    shut = {day for day, closure in closures.items() if closure.holds(enterprise.pk, now)}
    shown = (
        _filing_day(day, states[day], cut_offs.get((enterprise.pk, day)), reports.get(day), lines, today, backfill)
        for day in days
    )
    return Calendar(tuple(replace(one, is_closed=one.day in shut) for one in shown))


def unfiled(account: Account, *, day: dt.date, search: str = "") -> QuerySet[Enterprise]:
    """Enterprises within reach that owe a report for the day and have filed none, for whom one may file (R5)."""
    exempt = (
        Exemption.objects.believed()
        .on(day)
        .filter(Q(product=None) | Q(product=OuterRef("product")), enterprise=OuterRef("enterprise"))
    )
    duties = ReportingDuty.objects.believed().on(day).filter(~Exists(exempt), enterprise=OuterRef("pk"))
    filed = DailyReport.objects.filter(enterprise=OuterRef("pk"), day=day, head__isnull=False)
    found = access.enterprises(account, "reports:on_behalf").filter(Exists(duties), ~Exists(filed))
    if search:
        by_name = Q(name__icontains=search) | Q(uscc__istartswith=search) | Q(initials__icontains=search.lower())
        found = found.filter(by_name)
    return found


def _reports(enterprise: Enterprise, days: list[dt.date]) -> QuerySet[DailyReport]:
    return daily_reports.history(enterprise).filter(day__range=(days[-1], days[0]), head__isnull=False)


def _lines(reports: object) -> dict[int, dict[str, ReportLine]]:
    heads = [report.head_id for report in reports]  # type: ignore[attr-defined]
    found: dict[int, dict[str, ReportLine]] = {}
    rows = ReportLine.objects.filter(revision__in=heads).select_related("product").order_by("product__order")
    for line in rows:
        found.setdefault(line.revision_id, {})[line.product_id] = line
    return found


def _duty_states(enterprise: Enterprise, days: list[dt.date]) -> dict[dt.date, str]:
    """missing, exempted or none per day (R2). Two queries."""
    duties = list(ReportingDuty.objects.believed().filter(enterprise=enterprise))
    exemptions = list(Exemption.objects.believed().filter(enterprise=enterprise))
    found = {}
    for day in days:
        owed = {duty.product_id for duty in duties if _holds(duty, day)}
        waived = {one.product_id for one in exemptions if _holds(one, day)}
        left = set() if None in waived else owed - waived
        found[day] = "missing" if left else "exempted" if owed else "none"
    return found


def _holds(fact: ReportingDuty | Exemption, day: dt.date) -> bool:
    return fact.starts_on <= day and (fact.ends_on is None or day <= fact.ends_on)


def _filing_day(
    day: dt.date,
    state: str,
    cut_off_at: dt.datetime | None,
    report: DailyReport | None,
    lines: Mapping[int, Mapping[str, ReportLine]],
    today: dt.date,
    backfill: int,
) -> FilingDay:
    revision = report.head if report is not None else None
    if report is not None:
        is_late = cut_off_at is not None and report.first_received_at >= cut_off_at
        state = "returned" if _review(report) == Review.RETURNED else "late" if is_late else "on_time"
    return FilingDay(
        day=day,
        state=state,
        is_open=(today - day).days <= backfill,
        cut_off_at=cut_off_at,
        revision=revision,
        first_received_at=report.first_received_at if report is not None else None,
        lines=lines.get(revision.pk, {}) if revision is not None else {},
    )


def _review(report: DailyReport) -> str:
    return str(getattr(report, "review", Review.SUBMITTED))


def _backfill_days(enterprise: Enterprise, day: dt.date) -> int:
    unit = filing.division_on(enterprise, day)
    settings = reporting_settings.on(day).get(unit or "")
    return settings.backfill_days if settings is not None else int(DEFAULTS["backfill_days"])
