"""A daily report in words for those who read it: API, receipt, conflict, history (interfaces: Report)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from supplies import closings
from supplies.choices import GIVEN, Review
from supplies.closings import Closure
from supplies.daily_reports.punctuality import cut_offs
from supplies.models import DailyReport, Decision, Limit, LineRun, Question, ReportLine, Revision
from supplies.rules.figures import Statement, Terms
from supplies.rules.plausibility import Oddity
from supplies.rules.quantities import number

Described = dict[str, Any]
MICROSECOND = dt.timedelta(microseconds=1)
"""What a later row of one report is later by, at least, whatever the clock did."""


def with_review(revisions: QuerySet[Revision]) -> QuerySet[Revision]:
    """Revisions with `.review`: the latest decision on each, else submitted (R7)."""
    return revisions.annotate(review=Coalesce(Subquery(_latest_decision("pk")), Value(Review.SUBMITTED.value)))


def reports_with_review(reports: QuerySet[DailyReport]) -> QuerySet[DailyReport]:
    """Reports with `.review`: the latest decision on the latest revision, else submitted (R7)."""
    return reports.annotate(review=Coalesce(Subquery(_latest_decision("head_id")), Value(Review.SUBMITTED.value)))


def _latest_decision(revision: str) -> QuerySet[Decision, tuple[str]]:
    return Decision.objects.filter(revision=OuterRef(revision)).order_by("-id").values_list("kind")[:1]


def describe(revisions: Sequence[Revision]) -> list[Described]:
    """Revisions as reports, in their order, each with its report; `.review` annotated. A fixed number of queries.

    Takes: revisions with report and report.enterprise loaded (select_related).
    """
    numbers = [r.pk for r in revisions]
    lines: dict[int, list[ReportLine]] = {}
    for line in ReportLine.objects.filter(revision__in=numbers).select_related("product").order_by("product__order"):
        lines.setdefault(line.revision_id, []).append(line)
    limits: dict[int, list[Limit]] = {}
    for limit in Limit.objects.filter(revision__in=numbers).order_by("id"):
        limits.setdefault(limit.revision_id, []).append(limit)
    runs: dict[int, list[LineRun]] = {}
    for run in LineRun.objects.filter(revision__in=numbers).select_related("line").order_by("line__name"):
        runs.setdefault(run.revision_id, []).append(run)
    late_from = cut_offs({(r.report.enterprise_id, r.report.day) for r in revisions})
    asked: dict[int, list[Question]] = {}
    for question in Question.objects.filter(revision__in=numbers).select_related("confirmation").order_by("id"):
        asked.setdefault(question.revision_id, []).append(question)
    closed = closings.closures({r.report.day for r in revisions})
    return [
        whole(
            revision,
            lines=lines.get(revision.pk, []),
            limits=limits.get(revision.pk, []),
            runs=runs.get(revision.pk, []),
            asked=asked.get(revision.pk, []),
            closure=closed.get(revision.report.day),
            late_from=late_from.get((revision.report.enterprise_id, revision.report.day)),
        )
        for revision in revisions
    ]


def describe_one(revision: Revision) -> Described:
    """One revision as a report."""
    return describe([revision])[0]


def whole(
    revision: Revision,
    *,
    lines: Iterable[ReportLine],
    limits: Iterable[Limit],
    runs: Iterable[LineRun],
    asked: Iterable[Question],
    late_from: dt.datetime | None,
    closure: Closure | None,
) -> Described:
    """The report as of this revision. Figures are exact numbers in base units; null = not given (R3).

    Takes: lines, limits, production lines and questions of the revision (with .confirmation where answered); the
    closing of its day.
    `closed` = a revision would be refused now (R13).
    """
    report = revision.report
    return {
        "id": report.pk,
        "enterprise": report.enterprise.uscc,
        "date": report.day.isoformat(),
        "revision": revision.number,
        "based_on": revision.based_on,
        "state": revision.state,
        "staff_due": revision.staff_due,
        "staff_on_duty": revision.staff_on_duty,
        "note": revision.note,
        "limits": [
            {"reason": one.reason, "product": one.product_id, "lost": None if one.lost is None else number(one.lost)}
            for one in limits
        ],
        "line_states": [run_of(one.line_id, one.line.name, one.state, one.reason) for one in runs],
        "review": getattr(revision, "review", Review.SUBMITTED.value),
        "on_time": None if late_from is None else report.first_received_at < late_from,
        "first_received_at": moment(report.first_received_at),
        "received_at": moment(revision.received_at),
        "recorded_at": moment(revision.recorded_at),
        "channel": revision.channel,
        "on_behalf": ({"caller": revision.caller, "reason": revision.behalf_reason} if revision.caller else None),
        "lines": [
            line_of(row.product_id, row.product.base_unit, {m: getattr(row, m) for m in GIVEN}, row.entered)
            for row in lines
        ],
        "questions": [questioned(row) for row in asked],
        "closed": closure is not None and closure.holds(report.enterprise_id, timezone.now()),
    }


def questioned(row: Question) -> Described:
    """A question with its answer; `confirmation` null = open (R20)."""
    answer = getattr(row, "confirmation", None)
    oddity = Oddity(row.product_id, row.measure, row.code, row.seen, row.expected, row.proposed)
    return {**odd(oddity), "confirmation": {"reason": answer.reason} if answer is not None else None}


def odd(oddity: Oddity) -> Described:
    """A question in the words of the API, figures in base units."""
    return {
        "product": oddity.product,
        "measure": oddity.measure,
        "question": oddity.code,
        "seen": number(oddity.seen),
        "expected": None if oddity.expected is None else number(oddity.expected),
        "proposed": None if oddity.proposed is None else number(oddity.proposed),
    }


def yours(statement: Statement, *, terms: Mapping[str, Terms], based_on: int | None) -> Described:
    """What was sent, as it was read: the other half of a conflict (R6)."""
    return {
        "based_on": based_on,
        "state": statement.state,
        "staff_due": statement.staff_due,
        "staff_on_duty": statement.staff_on_duty,
        "note": statement.note,
        "limits": [
            {"reason": one.reason, "product": one.product, "lost": None if one.lost is None else number(one.lost)}
            for one in statement.limits
        ],
        "line_states": [run_of(run.line, run.name, run.state, run.reason) for run in statement.runs],
        "lines": [
            line_of(line.product, terms[line.product].base_unit, line.amounts, line.entered) for line in statement.lines
        ],
    }


def line_of(product: str, unit: str, amounts: Mapping[str, int | None], entered: Mapping[str, Any]) -> Described:
    """One line: figures in the base unit `unit`, and what was typed for them."""
    given = {m: amounts.get(m) for m in GIVEN}
    return {
        "product": product,
        **{m: None if amount is None else number(amount) for m, amount in given.items()},
        "unit": unit,
        "entered": {m: {"text": said["text"], "unit": said["unit"]} for m, said in entered.items()},
    }


def run_of(line: int, name: str, state: str, reason: str) -> Described:
    """How one production line ran; `reason` null = none said."""
    return {"line": line, "name": name, "state": state, "reason": reason or None}


def moment(at: dt.datetime) -> str:
    """A moment in Asia/Shanghai with its offset."""
    return timezone.localtime(at).isoformat()
