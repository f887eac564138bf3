"""What each report of a file of corrections would do, against what is there now (R5, R6, R20)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils import timezone

from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.files import BadFile, BadRows, Column, Problem, Row, Table
from enterprises.models import Account, Enterprise
from supplies import access, daily_reports, imports, uploads
from supplies.choices import Channel, CorrectionKind, ProposalAnswer, Review
from supplies.daily_reports import OnBehalf, Outcome
from supplies.imports import OF_REPORTS, Read
from supplies.models import Correction, DailyReport, Revision, Upload
from supplies.rules import proposed_figures
from supplies.rules.catalogue import Entry
from supplies.rules.quantities import Number, Reading, Unreadable, convert, number

OF_CORRECTIONS = (*OF_REPORTS, Column("caller", ("来电人", "企业联系人")))
LONGEST_CALLER = 60
QUESTION, ERROR, CONFLICT = "question", "error", "conflict"
WORDS = {
    **dict(CorrectionKind.choices),
    QUESTION: "有疑问，要说明",
    ERROR: "不能收",
    CONFLICT: "您看过之后又变了",
}
"""What a report of the file can be; the last three are not taken."""

LEFT_OUT = (QUESTION, ERROR, CONFLICT)
CLOSED = "已封账，请先重新开放"
Seen = Mapping[str, str]
"""What whoever takes the file in has looked at: enterprise and day to kind and revision."""


@dataclass(frozen=True)
class Weighed:
    """One (enterprise, day) of the file, or one row that could not be read (enterprise None).

    now: the latest revision as a described report; then: the one looked at, where another came in between; proposed:
    the file's figures. questions: asked, but stored all the same. note: why nothing is done.
    """

    kind: str
    row: int
    uscc: str = ""
    name: str = ""
    day: dt.date | None = None
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    enterprise: Enterprise | None = None
    division: str = ""
    head: Revision | None = None
    now: Mapping[str, Any] = field(default_factory=dict)
    then: Mapping[str, Any] = field(default_factory=dict)
    proposed: Mapping[str, Any] = field(default_factory=dict)
    questions: tuple[str, ...] = ()
    note: str = ""
    confirmations: tuple[dict[str, str], ...] = ()
    revision: int | None = None

    @property
    def word(self) -> str:
        return WORDS[self.kind]

    @property
    def key(self) -> str:
        return f"{self.uscc}|{self.day}"

    @property
    def seen(self) -> str:
        """What is to be remembered of it between looking and taking."""
        return f"{self.kind}:{self.head.number if self.head is not None else 0}"

    @property
    def is_closed(self) -> bool:
        return any(problem.code == "day_closed" for problem in self.problems)


@dataclass
class Preview:
    """What taking the file in would do: its reports by what becomes of them, and why the file as a whole cannot be."""

    reports: list[Weighed] = field(default_factory=list)
    fault: str = ""
    notices: list[str] = field(default_factory=list)
    has_unreadable: bool = False

    @property
    def tally(self) -> list[tuple[str, str, int]]:
        """Kind, word and how many, of those that there are."""
        counted = [(kind, word, sum(one.kind == kind for one in self.reports)) for kind, word in WORDS.items()]
        return [entry for entry in counted if entry[2]]

    @property
    def taken(self) -> int:
        """How many reports taking the file in files or puts before their enterprises."""
        return sum(one.kind not in (*LEFT_OUT, CorrectionKind.UNCHANGED) for one in self.reports)

    @property
    def proposals(self) -> int:
        return sum(one.kind == CorrectionKind.PROPOSAL for one in self.reports)

    @property
    def left_out(self) -> list[Weighed]:
        return [one for one in self.reports if one.kind in LEFT_OUT]

    @property
    def may_be_taken(self) -> bool:
        return bool(self.taken) and not self.left_out and not self.fault

    @property
    def may_be_taken_in_part(self) -> bool:
        """Never where a row could not be read: nobody knows to which report it belongs, and none is half read."""
        return bool(self.taken) and bool(self.left_out) and not self.has_unreadable and not self.fault

    @property
    def problems(self) -> list[Problem]:
        return [problem for one in self.reports for problem in one.problems]

    @property
    def seen(self) -> dict[str, str]:
        return {one.key: one.seen for one in self.reports if one.enterprise is not None}


def weigh(actor: Account, upload: Upload, table: Table, *, seen: Seen | None = None) -> Preview:
    """Weigh every report, filing on behalf what can be, so that later days are judged by earlier ones.

    Call in a transaction; whoever only looks undoes it. `seen`: a report that is not any more what was looked at
    becomes a conflict, and nothing of it is done.
    """
    weighing = _Weighing(actor, upload, table, seen)
    found = Preview(notices=list(table.notices), has_unreadable=bool(table.problems))
    if table.ignored:
        found.notices.insert(0, f"没有用到的列：{'、'.join(table.ignored)}")
    groups = list(imports.grouped(table))
    if len(groups) > uploads.MOST_REPORTS:
        raise BadFile(f"一次最多 {uploads.MOST_REPORTS} 份日报，请分成几个文件。", code="too_many_rows")
    found.reports = [weighing.report_of(rows) for rows in groups]
    unread: dict[int, list[Problem]] = {}
    for problem in table.problems:
        unread.setdefault(problem.row, []).append(problem)
    found.reports += [Weighed(ERROR, row, problems=tuple(said)) for row, said in unread.items()]
    order = [CONFLICT, ERROR, QUESTION, *CorrectionKind.values]
    found.reports.sort(key=lambda one: (order.index(one.kind), one.row))
    return found


class _Weighing(imports.Reading):
    """What all reports of a file need, and the weighing of one."""

    unknown = "没有登记这家企业，或这一天不在您的辖区"

    def __init__(self, actor: Account, upload: Upload, table: Table, seen: Seen | None) -> None:
        super().__init__(table)
        self.actor, self.upload, self.seen = actor, upload, seen
        self.at = timezone.now()
        self.words = {code: entry.name for code, entry in self.catalogue.entries.items()}

    def report_of(self, rows: list[Row]) -> Weighed:
        """What becomes of the report that the rows make."""
        said: dict[str, Any] = {
            "row": rows[0].number,
            "uscc": rows[0]["uscc"],
            "name": rows[0].shown.get("name", ""),
            "day": rows[0]["date"],
        }
        try:
            said["division"] = self._permitted(rows)
            read = self.report(rows)
            said |= {"enterprise": read.enterprise, "name": read.enterprise.name, "reason": self._reason(read)}
        except BadRows as refused:
            return Weighed(ERROR, problems=tuple(refused.problems), **said)
        return self._weighed(read, said)

    def _permitted(self, rows: list[Row]) -> str:
        """The unit where the enterprise stands on the day.

        Asked before anything of the report is judged: a foreign enterprise and a missing one are told apart by nobody.
        """
        enterprise, day = self.enterprises.get(rows[0]["uscc"]), rows[0]["date"]
        division = access.division_on(enterprise, day) if enterprise is not None else None
        try:
            if enterprise is not None and division is not None:
                access.permit_filing(self.actor, enterprise=enterprise, division=division, on_behalf=True)
                return division
        except (NotFound, Forbidden):
            pass
        raise BadRows([self.problem(rows[0], "uscc", self.unknown, "not_placed")])

    def _reason(self, read: Read) -> str:
        reason = read.reason or self.upload.reason
        if not reason:
            raise BadRows(
                [self.problem(read.rows[0], "reason", "要写更正理由（每行写，或整个文件写一条）", "required")]
            )
        return reason

    def _weighed(self, read: Read, said: dict[str, Any]) -> Weighed:
        head, is_own = self._head(read)
        said |= {"head": head, "now": daily_reports.describe_one(head) if head is not None else {}}
        said["confirmations"] = tuple({"product": one.product, "reason": one.reason} for one in read.confirmed)
        if head is not None:
            read = self._completed(read, said["now"])
        expected = self.seen.get(f"{said['uscc']}|{said['day']}", "") if self.seen is not None else None
        latest = str(head.number if head is not None else 0)
        if expected is not None and expected.rpartition(":")[2] != latest:
            return Weighed(CONFLICT, then=self._looked_at(head, expected), proposed=self._proposed(read), **said)
        try:
            outcome = self._file(read, head, said["reason"], is_own=is_own)
        except BadRows as refused:
            return Weighed(ERROR, problems=tuple(refused.problems), **said)
        except Refused as refused:
            kind = QUESTION if refused.code == "held" else ERROR
            return Weighed(kind, problems=tuple(self._explained(refused, read)), proposed=self._proposed(read), **said)
        said |= {"proposed": outcome.answer, "questions": uploads.questions_in_words(outcome.answer, self.words)}
        if outcome.status == 200 or (is_own and _same(outcome.answer, said["now"])):
            return Weighed(CorrectionKind.UNCHANGED, note="与已报的相同", **said)
        if is_own:
            note = self._asked_before(read, outcome)
            return Weighed(CorrectionKind.UNCHANGED if note else CorrectionKind.PROPOSAL, note=note, **said)
        kind = CorrectionKind.REVISION if head is not None else CorrectionKind.NEW
        return Weighed(kind, revision=outcome.revision, **said)

    def _completed(self, read: Read, now: Mapping[str, Any]) -> Read:
        """The report with what the file does not say as it stands: staff, limits, products and measures left empty."""
        says_state = any(row["state"] for row in read.rows)
        form = proposed_figures.completed(read.form, proposed_figures.kept(now), says_state=says_state)
        return replace(read, form=form)

    def _head(self, read: Read) -> tuple[Revision | None, bool]:
        """The latest revision with its review, and whether the enterprise has figures of its own for the day (R5)."""
        revisions = Revision.objects.filter(report__enterprise=read.enterprise, report__day=read.day)
        latest = daily_reports.with_review(revisions).select_related("report__enterprise").order_by("-number").first()
        return latest, revisions.exclude(channel=Channel.ON_BEHALF).exists()

    def _file(self, read: Read, head: Revision | None, reason: str, *, is_own: bool) -> Outcome:
        """File on behalf; over the enterprise's own figures only try what the enterprise would be answered."""
        common: dict[str, Any] = {
            "enterprise": read.enterprise,
            "day": read.day,
            "form": read.form,
            "received_at": self.at,
            "based_on": head.number if head is not None else None,
            "confirmed": read.confirmed,
        }
        if is_own:
            return daily_reports.submit(actor=None, channel=Channel.FILE, dry_run=True, **common)
        caller = read.caller or self.upload.caller
        if not caller:
            text = "这一天要代报，请写来电人（企业方谁确认的数）"
            raise BadRows([self.problem(read.rows[0], "caller", text, "required")])
        behalf = OnBehalf(caller[:LONGEST_CALLER], reason)
        return daily_reports.submit(
            actor=self.actor, channel=Channel.ON_BEHALF, on_behalf=behalf, change_reason=reason, **common
        )

    def _explained(self, refused: Refused, read: Read) -> list[Problem]:
        if refused.code == "day_closed":
            return [self.problem(read.rows[0], "date", CLOSED, "day_closed")]
        return self.explained(refused, read)

    def _proposed(self, read: Read) -> dict[str, Any]:
        """The file's figures as far as they can be read, for who compares."""
        lines = []
        for given in read.form.lines:
            entry = self.catalogue.find(given.product)
            if entry is not None:
                amounts = {m: _amount(one, entry, given.units.get(m, given.unit)) for m, one in given.figures.items()}
                lines.append({"product": entry.code, "unit": entry.base_unit, **amounts})
        return {"state": read.form.state, "note": read.form.note, "lines": lines}

    def _looked_at(self, head: Revision | None, expected: str) -> dict[str, Any]:
        """The revision that was looked at, where there was one."""
        number = expected.rpartition(":")[2]
        if head is None or not (number.isascii() and number.isdigit() and len(number) < 9):
            return {}
        found = Revision.objects.filter(report=head.report, number=int(number)).select_related("report__enterprise")
        return daily_reports.describe_one(found[0]) if found else {}

    def _asked_before(self, read: Read, outcome: Outcome) -> str:
        """Why the same proposal is not made again; empty = it is made."""
        earlier = Correction.objects.filter(
            enterprise=read.enterprise, day=read.day, kind=CorrectionKind.PROPOSAL
        ).select_related("answer")
        last = earlier.order_by("-id").first()
        sha = proposed_figures.fingerprint(proposed_figures.kept(outcome.answer))
        if last is None or last.figures_sha256 != sha:
            return ""
        answer = getattr(last, "answer", None)
        if answer is None:
            return f"第 {last.block_id} 批已提请，等企业答复"
        return f"第 {last.block_id} 批已提请，企业答复不改" if answer.kind == ProposalAnswer.DECLINED else ""


def _amount(reading: Reading, entry: Entry, unit: str) -> int | Decimal | None:
    """A figure of the file in base units, for showing; None where it cannot be read or is in packs."""
    try:
        if isinstance(reading, Number):
            return number(convert(reading, units=entry.units, base_unit=entry.base_unit, column=unit).amount)
    except Unreadable:
        pass
    return None


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two described reports say the same figures (R6)."""
    kept = proposed_figures.kept
    return proposed_figures.fingerprint(kept(one)) == proposed_figures.fingerprint(kept(other))


def is_to_return(one: Weighed) -> bool:
    """Whether a proposal's report can be returned meanwhile: not where it stands returned already (R7)."""
    return one.kind == CorrectionKind.PROPOSAL and getattr(one.head, "review", "") != Review.RETURNED


def report_of(one: Weighed) -> DailyReport:
    """The report that a weighed one is about, after it was weighed."""
    assert one.day is not None
    return DailyReport.objects.select_related("enterprise").get(enterprise=one.enterprise, day=one.day)
