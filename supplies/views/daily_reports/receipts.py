"""What became of a submission: its receipt, and all revisions of a day with what each changed (R5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from enterprises import access, filing_links
from enterprises.errors import NotFound
from enterprises.models import Account
from supplies import cumulatives, daily_reports, products, proposals, report_sheets
from supplies.choices import STATED, STATED_LABEL, Measure
from supplies.cumulatives import Compared
from supplies.models import DailyReport, ReportLine, Revision
from supplies.rules.comparison import Difference, differences
from supplies.views.daily_reports.questions import Asked, answering, asked_about


@dataclass(frozen=True)
class Figure:
    """One figure as stored (thousandths) and as typed."""

    label: str
    amount: int
    typed: str


@dataclass(frozen=True)
class Product:
    """The figures of one product; `cumulative` where the enterprise states another than the system computes (R11)."""

    name: str
    unit: str
    figures: list[Figure]
    cumulative: Compared | None = None


@dataclass(frozen=True)
class Change:
    """A revision and what it changed; None = the first, which changed nothing."""

    revision: Revision
    differences: list[Difference] | None
    asked: list[Asked]


@require_safe
def receipt(request: HttpRequest, day: dt.date) -> HttpResponse:
    """The receipt of a revision (without `revision`: of the latest one)."""
    report = _report(request, day)
    revision = _revision(report, request.GET.get("revision"))
    late_from = daily_reports.cut_offs({(report.enterprise_id, day)}).get((report.enterprise_id, day))
    shown = {
        "report": report,
        "revision": revision,
        "number": f"{day:%Y%m%d}-{report.pk:04d}-{revision.number:02d}",
        "products": _products(revision, day),
        "runs": revision.runs.all(),
        "limits": [(limit.get_reason_display(), limit.lost) for limit in revision.limits.all()],
        "places": report_sheets.places(report.enterprise, day),
        "late_from": late_from,
        "is_late": late_from is not None and report.first_received_at >= late_from,
        "is_latest": revision.pk == report.head_id,
        "questions": answering(revision, is_fillable=_is_fillable(request, report) and revision.pk == report.head_id),
        "returned": daily_reports.returned(report.enterprise, day),
        "proposals": proposals.waiting(report.enterprise, [day]),
        "is_done": "done" in request.GET,
        "is_fillable": _is_fillable(request, report),
        "may_raise": access.may(request.user, "tickets:raise") and filing_links.SESSION not in request.session,
        "now": timezone.now(),
    }
    return render(request, "supplies/daily_reports/receipt.html", shown)


@require_safe
def revisions(request: HttpRequest, day: dt.date) -> HttpResponse:
    """All revisions of the day's report, the newest first, each with what it changed."""
    report = _report(request, day)
    found = list(report_sheets.revisions(report))
    for revision in found:
        revision.report = report
    described = daily_reports.describe(found)
    names = {e.code: (e.name, e.base_unit) for e in products.catalogue(day).entries.values()}
    asked = asked_about(found, {code: name for code, (name, _) in names.items()})
    changes = [
        Change(
            revision,
            differences(described[at], described[at + 1], names) if at + 1 < len(found) else None,
            asked.get(revision.pk, []),
        )
        for at, revision in enumerate(found)
    ]
    shown = {"report": report, "changes": changes, "is_fillable": _is_fillable(request, report)}
    return render(request, "supplies/daily_reports/revisions.html", shown)


def _report(request: HttpRequest, day: dt.date) -> DailyReport:
    assert isinstance(request.user, Account)
    uscc = request.GET.get("enterprise", "").replace("\0", "") or None
    return report_sheets.report(request.user, uscc=uscc, day=day)


def _revision(report: DailyReport, number: str | None) -> Revision:
    found = report_sheets.revisions(report)
    if number is not None:
        if not (number.isascii() and number.isdigit() and len(number) < 9):
            raise NotFound("没有这次修订。")
        found = found.filter(number=int(number))
    revision = found.first()
    if revision is None:
        raise NotFound("没有这次修订。")
    return revision


def _is_fillable(request: HttpRequest, report: DailyReport) -> bool:
    """Whether who looks at it may file it again: the enterprise itself."""
    return report.enterprise_id in access.reach(request.user, "reports:write").enterprises


def _products(revision: Revision, day: dt.date) -> list[Product]:
    names = {e.code: e.name for e in products.catalogue(day).entries.values()}
    lines = list(revision.lines.all())
    odd = {one.product: one for one in cumulatives.mismatched(lines).get(revision.pk, ())}
    return [
        Product(
            names.get(line.product_id, line.product_id),
            line.product.base_unit,
            _figures(line),
            odd.get(line.product_id),
        )
        for line in lines
    ]


def _figures(line: ReportLine) -> list[Figure]:
    found = []
    for key, label in (*Measure.choices, (STATED, STATED_LABEL)):
        amount, said = getattr(line, key), line.entered.get(key, {})
        if amount is not None:
            typed = said.get("text", "")
            unit = said.get("unit", "")
            typed = typed if typed.endswith(unit) else f"{typed} {unit}"
            found.append(Figure(label, amount, f"{typed}（声明未变）" if said.get("attested") else typed))
    return found
