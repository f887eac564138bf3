"""Decide on a daily report: verify it, or return it to the enterprise (R7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from enterprises import audit, knowledge
from enterprises.errors import Conflict, Invalid, Refused
from enterprises.models import Account, StaleMark
from supplies import access, closings, request_keys
from supplies.choices import DecisionKind
from supplies.daily_reports.description import MICROSECOND, describe_one, moment, with_review
from supplies.models import DailyReport, Decision, Question, Revision
from supplies.request_keys import Answered, Key

LONGEST_REASON = 500
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Verified:
    """What became of one of many reports verified at once; `refused` None = verified."""

    report: DailyReport
    refused: Refused | None = None


def decide(
    *, actor: Account, report: DailyReport, revision: int, decision: str, reason: str = "", key: Key | None = None
) -> Answered:
    """Verify the latest revision of a report, or return it with a reason; a returned one does not count.

    Takes: revision = the number of the revision that was looked at; decision = verified or returned.
    Gives: 201 and the decision with `as_of`, its moment; 200 where the same was decided already. `closed` says that the
    enterprise needs its day reopened before it can answer a return.
    Writes: the decision, a stale mark from the day on, audit `daily_report.decide`.
    Refuses: not_found, forbidden (who may not decide there), key_reused, invalid_decision, required (a reason to
    return), too_long, conflict (another revision came in: `latest`).
    """
    access.permit_review(actor, report)
    if key is not None and (known := request_keys.answered(actor, key)) is not None:
        return known
    reason = reason.strip()
    if decision not in DecisionKind.values:
        message = f"decision 应为 {'、'.join(DecisionKind.values)} 之一。"
        raise Invalid(message, code="invalid_decision", field="decision")
    if decision == DecisionKind.RETURNED and not reason:
        raise Invalid("退回要写理由，企业才知道改什么。", code="required", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"理由最多 {LONGEST_REASON} 字。", code="too_long", field="reason")
    try:
        with transaction.atomic():
            knowledge.moment()  # from here on a closing waits
            done = _decide(actor, report, revision, DecisionKind(decision), reason)
            if key is not None:
                request_keys.keep(actor, key, status=done.status, answer=done.answer)
    except IntegrityError:
        # the same request was under way beside this one and has been answered meanwhile
        if key is not None and (known := request_keys.answered(actor, key)) is not None:
            return known
        raise
    return done


def verify_each(*, actor: Account, chosen: Iterable[tuple[int, int]]) -> list[Verified]:
    """Verify many reports at once, each by a decision of its own; what one is refused does not touch the others.

    Takes: pairs of a report's id and the number of the revision that was looked at.
    Gives: one answer each, in their order. Not verified are: a newer revision (conflict), one with a question asked
    (has_questions: it is to be looked at by itself), a returned one (returned).
    Refuses: forbidden, too_many (more than 200), not_found (any of them out of reach; then none is verified).
    """
    pairs = list(dict.fromkeys(chosen))
    if len(pairs) > MOST_AT_ONCE:
        raise Invalid(f"一次最多核实 {MOST_AT_ONCE} 份。", code="too_many", field="chosen")
    reports = {number: access.report_to_review(actor, number) for number, _ in pairs}
    for report in reports.values():
        access.permit_review(actor, report)
    answers = []
    for number, revision in pairs:
        report = reports[number]
        try:
            _refuse_unlooked(report, revision)
            decide(actor=actor, report=report, revision=revision, decision=DecisionKind.VERIFIED)
        except Refused as refused:
            answers.append(Verified(report, refused))
        else:
            answers.append(Verified(report))
    return answers


def _refuse_unlooked(report: DailyReport, revision: int) -> None:
    """What may not be verified in passing."""
    if Question.objects.filter(revision__report=report, revision__number=revision).exists():
        raise Invalid("有疑问，要打开逐份审核。", code="has_questions", field="chosen")
    said = Decision.objects.filter(revision__report=report, revision__number=revision).order_by("-id").first()
    if said is not None and said.kind == DecisionKind.RETURNED:
        raise Conflict("已退回，要打开逐份审核。", code="returned", field="chosen")


def _decide(actor: Account, report: DailyReport, revision: int, kind: DecisionKind, reason: str) -> Answered:
    """Under the report's lock: the decision on its latest revision."""
    report = DailyReport.objects.select_for_update(of=("self",)).select_related("enterprise").get(pk=report.pk)
    head = (
        with_review(Revision.objects.filter(report=report)).select_related("report__enterprise").order_by("-number")[0]
    )
    if head.number != revision:
        message = f"您看的是第 {revision} 次修订，现在已有第 {head.number} 次。请看过再决定。"
        raise Conflict(message, field="revision", extra={"latest": describe_one(head)})
    latest = head.decisions.order_by("-id").first()
    if latest is not None and (latest.kind, latest.reason) == (kind, reason):
        return Answered(200, _told(latest, report))
    after = max(head.recorded_at, latest.recorded_at if latest is not None else head.recorded_at)
    row = Decision.objects.create(
        revision=head, kind=kind, reason=reason, actor=actor, recorded_at=max(timezone.now(), after + MICROSECOND)
    )
    row.revision = head
    StaleMark.objects.create(from_day=report.day, to_day=None, subject=report.pk, cause="decision")
    audit.record(
        actor=actor,
        act="daily_report.decide",
        on=report,
        before={"review": getattr(head, "review", "")},
        after={"review": str(kind), "revision": head.number, "reason": reason},
    )
    return Answered(201, _told(row, report))


def _told(decision: Decision, report: DailyReport) -> dict[str, Any]:
    return {
        "id": decision.pk,
        "report": report.pk,
        "enterprise": report.enterprise.uscc,
        "date": report.day.isoformat(),
        "revision": decision.revision.number,
        "decision": decision.kind,
        "review": decision.kind,
        "reason": decision.reason,
        "as_of": moment(decision.recorded_at),
        "closed": closings.is_closed(report.enterprise_id, report.day),
    }
