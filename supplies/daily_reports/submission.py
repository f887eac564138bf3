"""Submit a daily report: the one act behind form, API and files (R3-R6, R19, R21)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from enterprises import audit, knowledge, production_lines
from enterprises.errors import Conflict, FieldError, Invalid, Refused
from enterprises.models import Account, Enterprise, ProductionLine, StaleMark
from enterprises.rules import days
from supplies import access, closings, reporting_settings, request_keys
from supplies.choices import GIVEN, Channel, Review
from supplies.closings import Closure
from supplies.daily_reports import description, questions
from supplies.daily_reports.obligations import owed, terms
from supplies.daily_reports.questions import Confirm
from supplies.models import DailyReport, Limit, LineRun, Product, ReportLine, Revision
from supplies.request_keys import Key
from supplies.rules.figures import Figures, Statement, Terms, check
from supplies.rules.plausibility import Oddity
from supplies.rules.reporting_settings import LeafSettings

EARLIEST = dt.date(2000, 1, 1)
"""First day a report may be for; an older date is a slip, and would make totals of decades stale."""


@dataclass(frozen=True)
class OnBehalf:
    """Who of the enterprise called, and why it did not file itself (R5)."""

    caller: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """201 = a new revision is stored, 200 = the submission repeats the latest one. `answer` is the report."""

    status: int
    answer: dict[str, Any]
    is_replay: bool = False

    @property
    def report_id(self) -> int | None:
        """Number of the report; None on a dry run that would make the first revision."""
        found: int | None = self.answer["id"]
        return found

    @property
    def revision(self) -> int:
        """Number of the revision that the submission made or repeats."""
        number: int = self.answer["revision"]
        return number


@dataclass(frozen=True)
class _Submission:
    """What the steps of the act hand to each other."""

    actor: Account | None
    enterprise: Enterprise
    day: dt.date
    statement: Statement
    terms: dict[str, Terms]
    channel: str
    received_at: dt.datetime
    recorded_at: dt.datetime | None
    based_on: int | None
    on_behalf: OnBehalf | None
    confirmed: tuple[Confirm, ...]
    rules: LeafSettings | None
    change_reason: str


def submit(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    day: dt.date,
    form: Figures,
    channel: str,
    received_at: dt.datetime,
    based_on: int | None = None,
    on_behalf: OnBehalf | None = None,
    confirmed: tuple[Confirm, ...] = (),
    key: Key | None = None,
    dry_run: bool = False,
    recorded_at: dt.datetime | None = None,
    change_reason: str = "",
) -> Outcome:
    """File what an enterprise says about a day, as a new immutable revision.

    Takes: actor None = the command line, no permission asked; based_on = the number of the revision the submitter saw,
    None for the first; recorded_at only for history from before the system went live (administrator); change_reason =
    why a past day is corrected, kept with the revision.
    Gives: the report as GET gives it. The same key gets the same answer again, and figures equal to the latest
    revision's add none, unless that one was returned; confirmations are kept either way.
    Writes: report, revision, lines, limits, production lines, questions and confirmations, a stale mark from the day on,
    audit `daily_report.submit`, the key; all in one transaction. A dry run answers the same and writes nothing.
    Refuses, in this order: who (404, 403 forbidden, on_behalf_required); 422 key_reused; 422 shape and figures, all
    faults at once, not_placed; 422 future_day; 409 day_closed; 409 own_report_exists; 409 conflict (`latest`, `yours`);
    422 held (`questions`).
    """
    division = access.division_on(enterprise, day)
    if actor is not None:
        access.permit_filing(actor, enterprise=enterprise, division=division, on_behalf=on_behalf is not None)
    if dry_run or actor is None:
        key = None
    if (known := _replay(actor, key)) is not None:
        return known
    statement, asked = _read(enterprise, day, form, division, confirmed)
    _check_day(actor, day, received_at, recorded_at)
    submission = _Submission(
        actor=actor,
        enterprise=enterprise,
        day=day,
        statement=statement,
        terms=asked,
        channel=(Channel.ON_BEHALF if on_behalf is not None else Channel(channel)).value,
        received_at=received_at,
        recorded_at=recorded_at,
        based_on=based_on,
        on_behalf=on_behalf,
        confirmed=confirmed,
        rules=reporting_settings.on(day).get(division or ""),
        change_reason=change_reason,
    )
    try:
        return _in_one_transaction(submission, key, dry_run)
    except (IntegrityError, Refused):
        # the same request was under way beside this one and has been answered meanwhile
        if (known := _replay(actor, key)) is not None:
            return known
        raise


def _replay(actor: Account | None, key: Key | None) -> Outcome | None:
    """The answer once given to this key."""
    if actor is None or key is None:
        return None
    known = request_keys.answered(actor, key)
    return Outcome(known.status, known.answer, is_replay=True) if known is not None else None


def _read(
    enterprise: Enterprise, day: dt.date, form: Figures, division: str | None, confirmed: tuple[Confirm, ...]
) -> tuple[Statement, dict[str, Terms]]:
    """Shape and figures (R3, R19), against the duties and the catalogue of the day."""
    duties = owed(enterprise, day)
    named = {line.product for line in form.lines} | {limit.product for limit in form.limits if limit.product}
    answered = [answer.product for answer in confirmed]
    asked = terms(enterprise, day, named | set(duties.products) | set(answered))
    strange = [
        FieldError(f"confirmations[{at}].product", "unknown_product", f"目录里没有产品“{days.shown(code)}”。")
        for at, code in enumerate(answered)
        if code and code not in asked
    ]
    known = production_lines.known(enterprise, day) if form.runs else {}
    statement = check(form.with_faults(strange), owed=duties, terms=asked, lines_known=known)
    if division is None:
        raise Invalid(f"{day} 这家企业还没有落在任何填报单位，不能填报。", code="not_placed", field="enterprise")
    return statement, asked


def _check_day(actor: Account | None, day: dt.date, received_at: dt.datetime, recorded_at: dt.datetime | None) -> None:
    if recorded_at is not None:
        reporting_settings.refuse_backdating(actor=actor, moment=recorded_at, field="received_at", day=day)
    if day > timezone.localtime(received_at).date():
        raise Invalid(f"{day} 还没有到，不能提前填报。", code="future_day", field="date")
    if day < EARLIEST:
        raise Invalid(f"日期不能早于 {EARLIEST}。", code="invalid_date", field="date")


def _in_one_transaction(submission: _Submission, key: Key | None, dry_run: bool) -> Outcome:
    """Everything that must be seen and done at once, under the lock of the report."""
    with transaction.atomic():
        knowledge.moment()  # from here on a closing waits
        report, is_new = _locked(submission)
        head = None if is_new else _head(report)
        outcome = _repeat(submission, report, head) or _store(submission, report, head)
        if dry_run:
            transaction.set_rollback(True)
            if is_new:
                outcome.answer["id"] = None
        elif key is not None and submission.actor is not None:
            request_keys.keep(submission.actor, key, status=outcome.status, answer=outcome.answer)
    return outcome


def _locked(submission: _Submission) -> tuple[DailyReport, bool]:
    """The report, locked until the end of the transaction; made where there was none. Two at once make one."""
    reports = DailyReport.objects.select_for_update().filter(enterprise=submission.enterprise, day=submission.day)
    found = reports.first()
    if found is None:
        fresh = DailyReport(
            enterprise=submission.enterprise, day=submission.day, first_received_at=submission.received_at
        )
        DailyReport.objects.bulk_create([fresh], ignore_conflicts=True)
        found = reports.get()
    found.enterprise = submission.enterprise
    return found, found.head_id is None


def _head(report: DailyReport) -> Revision:
    """The latest revision with its review; asked for after the lock, so that it is the latest."""
    head = description.with_review(Revision.objects.filter(report=report)).order_by("-number")[0]
    head.report = report
    return head


def _repeat(submission: _Submission, report: DailyReport, head: Revision | None) -> Outcome | None:
    """The latest revision again, if it says the same and was not returned (R6)."""
    if head is None or getattr(head, "review", None) == Review.RETURNED:
        return None
    if head.figures_sha256 != submission.statement.fingerprint():
        return None
    if questions.confirm(
        head, confirmed=submission.confirmed, actor=submission.actor, at=_recorded_at(submission, head)
    ):
        StaleMark.objects.create(
            from_day=submission.day, to_day=submission.day, subject=report.pk, cause="confirmation"
        )
    return Outcome(200, description.describe_one(head))


def _store(submission: _Submission, report: DailyReport, head: Revision | None) -> Outcome:
    """The next revision, after the checks against what is there."""
    closure = closings.closures([submission.day]).get(submission.day)
    _check_open(submission, head, closure)
    _check_latest(submission, report, head)
    odd = _odd(submission, head)
    revision = _revision(submission, report, head)
    lines, limits, runs = _rows(submission, revision)
    asked = questions.keep(revision, odd, confirmed=submission.confirmed, head=head, actor=submission.actor)
    report.head = revision
    report.save(update_fields=["head"])
    # later days change too: carried levels, and for whoever filed nothing since, stale or never and the last capacity
    StaleMark.objects.create(from_day=submission.day, to_day=None, subject=report.pk, cause="report")
    audit.record(
        actor=submission.actor,
        act="daily_report.submit",
        on=report,
        before={"revision": head.number} if head is not None else None,
        after={"revision": revision.number, "channel": revision.channel, "figures": revision.figures_sha256},
    )
    answer = description.whole(
        revision,
        lines=lines,
        limits=limits,
        runs=runs,
        asked=asked,
        late_from=submission.rules.cut_off_at if submission.rules is not None else None,
        closure=closure,
    )
    return Outcome(201, answer)


def _check_open(submission: _Submission, head: Revision | None, closure: Closure | None) -> None:
    """A closed day takes first reports for a while, as supplementary; everything else needs reopening (R4, R13)."""
    if closure is None or not closure.holds(submission.enterprise.pk, submission.received_at):
        return
    backfill = submission.rules.backfill_days if submission.rules is not None else 0
    age = (timezone.localtime(submission.received_at).date() - submission.day).days
    if head is None and age <= backfill:
        return
    if head is None:
        message = f"{submission.day} 已终报，补报期限（{backfill} 天）已过。确需填报，请市工信局重新开放。"
    else:
        message = f"{submission.day} 已终报，不能再改。确需更正，请市工信局重新开放。"
    raise Conflict(message, code="day_closed", field="date")


def _odd(submission: _Submission, head: Revision | None) -> list[Oddity]:
    """The questions about the figures; refuses those that are held until confirmed (R20)."""
    statement = submission.statement
    odd = questions.asked(enterprise=submission.enterprise, day=submission.day, statement=statement)
    questions.refuse_held(odd, confirmed=submission.confirmed, head=head, statement=statement, terms=submission.terms)
    return odd


def _check_latest(submission: _Submission, report: DailyReport, head: Revision | None) -> None:
    """Nobody files over an enterprise's own figures (R5), and nobody over figures not seen (R6)."""
    own = report.revisions.exclude(channel=Channel.ON_BEHALF)
    if submission.on_behalf is not None and head is not None and own.exists():
        raise Conflict("企业已自己填报，不能再代报。", code="own_report_exists", field="on_behalf")
    if submission.based_on != (head.number if head is not None else None):
        raise _conflict(submission, head)


def _conflict(submission: _Submission, head: Revision | None) -> Conflict:
    sent = description.yours(submission.statement, terms=submission.terms, based_on=submission.based_on)
    latest = description.describe_one(head) if head is not None else None
    if head is None:
        message = f"{submission.day} 还没有日报，第一次提交不写 based_on。"
    elif submission.based_on is None:
        message = f"{submission.day} 的日报已有第 {head.number} 次修订。请看差别，再决定用哪一个。"
    else:
        message = f"您依据的是第 {submission.based_on} 次修订，现在已有第 {head.number} 次。请看差别，再决定用哪一个。"
    return Conflict(message, field="based_on", extra={"latest": latest, "yours": sent})


def _recorded_at(submission: _Submission, head: Revision | None) -> dt.datetime:
    """The moment of the writing transaction, later than that of the revision before, whatever the clock did."""
    if submission.recorded_at is not None:
        if head is not None and submission.recorded_at < head.recorded_at:
            known = description.moment(head.recorded_at)
            raise Invalid(f"早于上一次修订的时间 {known}。", code="received_at_early", field="received_at")
        return submission.recorded_at
    now = timezone.now()
    return max(now, head.recorded_at + description.MICROSECOND) if head is not None else now


def _revision(submission: _Submission, report: DailyReport, head: Revision | None) -> Revision:
    statement, on_behalf = submission.statement, submission.on_behalf
    return Revision.objects.create(
        report=report,
        number=head.number + 1 if head is not None else 1,
        received_at=submission.received_at,
        recorded_at=_recorded_at(submission, head),
        author=submission.actor,
        channel=submission.channel,
        caller=on_behalf.caller if on_behalf is not None else "",
        behalf_reason=on_behalf.reason if on_behalf is not None else "",
        change_reason=submission.change_reason if head is not None else "",
        based_on=submission.based_on,
        state=statement.state,
        staff_due=statement.staff_due,
        staff_on_duty=statement.staff_on_duty,
        note=statement.note,
        figures_sha256=statement.fingerprint(),
    )


def _rows(submission: _Submission, revision: Revision) -> tuple[list[ReportLine], list[Limit], list[LineRun]]:
    """Store lines, limits and production lines of the revision."""
    lines = [
        ReportLine(
            revision=revision,
            enterprise=submission.enterprise,
            day=submission.day,
            # only what the answer reads; saves asking for products again
            product=Product(code=line.product, base_unit=submission.terms[line.product].base_unit),
            entered=line.entered,
            **{m: line.amounts.get(m) for m in GIVEN},
        )
        for line in submission.statement.lines
    ]
    limits = [
        Limit(revision=revision, reason=limit.reason, product_id=limit.product, lost=limit.lost)
        for limit in submission.statement.limits
    ]
    if lines:
        ReportLine.objects.bulk_create(lines)
    if limits:
        Limit.objects.bulk_create(limits)
    runs = [
        # the name saves the answer from asking for the line again
        LineRun(revision=revision, line=ProductionLine(pk=run.line, name=run.name), state=run.state, reason=run.reason)
        for run in submission.statement.runs
    ]
    if runs:
        LineRun.objects.bulk_create(runs)
    return lines, limits, runs
