"""Decide on a daily report: verify it, or return it to the enterprise (R7)."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from enterprises import audit, knowledge
from enterprises.errors import Conflict, Invalid
from enterprises.models import Account, StaleMark
from supplies import access, closings, request_keys
from supplies.choices import DecisionKind
from supplies.daily_reports.description import MICROSECOND, describe_one, moment, with_review
from supplies.models import DailyReport, Decision, Revision
from supplies.request_keys import Answered, Key

LONGEST_REASON = 500


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
    StaleMark.objects.create(from_day=report.day, to_day=None, cause="decision")
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
