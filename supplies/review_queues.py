"""The reviewer's day: the queue of submitted reports, and one report laid beside the day before (R7, R20)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from enterprises import access
from enterprises.errors import Invalid
from enterprises.models import Account, Placement
from supplies import cumulatives, products
from supplies.access import report_to_review
from supplies.choices import STATED, STATED_LABEL, Measure, Review
from supplies.courses import SPARK_DAYS
from supplies.cumulatives import Compared
from supplies.daily_reports import cut_offs, prefill, reports_with_review
from supplies.frames import Outlook
from supplies.models import DailyReport, Decision, Limit, LineRun, Question, ReportLine, Revision
from supplies.rules.catalogue import Catalogue
from supplies.rules.question_words import asked

STATES = {"submitted": "待审", "verified": "已核实", "returned": "已退回", "all": "全部"}
QUESTIONS = {"with": "有疑问", "without": "没有疑问"}


@dataclass(frozen=True)
class Asked:
    """A question in words, and the enterprise's answer; reason empty = not answered yet."""

    product: str
    measure: str
    code: str
    label: str
    text: str
    reason: str = ""
    answered_by: str = ""
    answered_at: dt.datetime | None = None


@dataclass(frozen=True)
class Entry:
    """A report of the day in the queue. capacity: the largest of its lines, thousandths of `unit`; it only orders.

    mismatched = products whose stated cumulative is not the one computed (R11); no question, so it orders nothing.
    """

    number: int
    revision: int
    uscc: str
    name: str
    division: str
    division_name: str
    received_at: dt.datetime
    channel: str
    review: str
    is_late: bool
    questions: tuple[Asked, ...]
    product: str
    capacity: int | None
    unit: str
    mismatched: int = 0

    @property
    def open(self) -> int:
        return sum(1 for one in self.questions if not one.reason)


@dataclass(frozen=True)
class Queue:
    """What is to be reviewed in a division on a day; `tally` counts reports by state, whatever is chosen."""

    day: dt.date
    entries: tuple[Entry, ...]
    tally: dict[str, int]
    questioned: int
    review: str
    questions: str

    def after(self, number: int) -> Entry | None:
        """The next one to look at after a report; from the end back to the beginning, never the report itself."""
        at = next((n for n, entry in enumerate(self.entries) if entry.number == number), -1)
        others = [*self.entries[at + 1 :], *self.entries[: max(at, 0)]]
        return others[0] if others else None

    def place(self, number: int) -> tuple[int, Entry | None, Entry | None]:
        """The how many-th a report is (0 = not in the queue), the one before it and the one after it."""
        at = next((n for n, entry in enumerate(self.entries) if entry.number == number), None)
        if at is None:
            return 0, None, self.entries[0] if self.entries else None
        before = self.entries[at - 1] if at else None
        return at + 1, before, self.entries[at + 1] if at + 1 < len(self.entries) else None


def queue(outlook: Outlook, account: Account, *, review: str = "", questions: str = "") -> Queue:
    """The reports of the outlook's day: those with questions first, then the biggest capacity.

    Takes: review = submitted (default), verified, returned, all; questions = with, without, or "" for both.
    Gives: reports whose enterprise stood within the division and within the account's reach on the day (R15).
    Queries do not depend on rows. Refuses: invalid_filter.
    """
    review = review or "submitted"
    if review not in STATES or questions not in ("", *QUESTIONS):
        raise Invalid("没有这种筛选。", code="invalid_filter", field="review")
    day = outlook.day or outlook.today
    leaves = outlook.tree.leaves(outlook.node.code)
    placed = Placement.objects.believed().on(day).filter(division__in=leaves)
    where = dict(placed.values_list("enterprise_id", "division_id"))
    reports = DailyReport.objects.filter(
        access.placed(account, "reports:review", day="day"), day=day, head__isnull=False, enterprise__in=where
    )
    found = list(reports_with_review(reports).select_related("head", "enterprise"))
    catalogue = products.catalogue(day)
    heads = [report.head_id for report in found if report.head_id is not None]
    said, largest = _questions(heads, catalogue), _largest(heads)
    odd = cumulatives.mismatched(
        list(ReportLine.objects.filter(revision__in=heads, cumulative_stated__isnull=False).order_by("product"))
    )
    late_from = cut_offs({(report.enterprise_id, day) for report in found})
    entries = []
    for report in found:
        unit = where[report.enterprise_id]
        code, capacity = largest.get(report.head_id or 0, ("", None))
        limit = late_from.get((report.enterprise_id, day))
        entries.append(
            Entry(
                number=report.pk,
                revision=report.head.number,  # type: ignore[union-attr]
                uscc=report.enterprise.uscc,
                name=report.enterprise.name,
                division=unit,
                division_name=outlook.tree[unit].name,
                received_at=report.head.received_at,  # type: ignore[union-attr]
                channel=report.head.channel,  # type: ignore[union-attr]
                review=report.review,  # type: ignore[attr-defined]
                is_late=limit is not None and report.first_received_at >= limit,
                questions=tuple(said.get(report.head_id or 0, ())),
                product=catalogue[code].name if code in catalogue else "",
                capacity=capacity,
                unit=catalogue[code].base_unit if code in catalogue else "",
                mismatched=len(odd.get(report.head_id or 0, ())),
            )
        )
    return _chosen(day, entries, review, questions)


def _chosen(day: dt.date, entries: list[Entry], review: str, questions: str) -> Queue:
    tally = {state: sum(1 for e in entries if e.review == state) for state in Review.values}
    tally["all"] = len(entries)
    kept = [e for e in entries if review in ("all", e.review)]
    questioned = sum(1 for e in kept if e.questions)
    if questions:
        kept = [e for e in kept if bool(e.questions) == (questions == "with")]
    kept.sort(key=lambda e: (not e.open, not e.questions, -(e.capacity or 0), e.name))
    return Queue(day, tuple(kept), tally, questioned, review, questions)


def _largest(heads: Sequence[int]) -> dict[int, tuple[str, int | None]]:
    """Per revision its product of the largest capacity. One query."""
    found: dict[int, tuple[str, int | None]] = {}
    lines = ReportLine.objects.filter(revision__in=heads, capacity__isnull=False).order_by("-capacity", "product")
    for revision, product, capacity in lines.values_list("revision_id", "product_id", "capacity"):
        found.setdefault(revision, (product, capacity))
    return found


def _questions(heads: Sequence[int], catalogue: Catalogue) -> dict[int, list[Asked]]:
    """Questions of revisions with their answers, the open ones first. One query."""
    found: dict[int, list[Asked]] = defaultdict(list)
    rows = Question.objects.filter(revision__in=heads).select_related("confirmation__actor").order_by("id")
    for row in rows:
        answer = getattr(row, "confirmation", None)
        known = row.product_id in catalogue
        name, unit = (catalogue[row.product_id].name, catalogue[row.product_id].base_unit) if known else ("", "")
        text = asked(
            product=name, unit=unit, measure=row.measure, code=row.code, seen=row.seen, expected=row.expected
        )  # fmt: skip
        found[row.revision_id].append(
            Asked(
                row.product_id,
                row.measure,
                row.code,
                row.get_code_display(),
                text,
                answer.reason if answer else "",
                str(answer.actor or "") if answer else "",
                answer.recorded_at if answer else None,
            )
        )
    return {key: sorted(listed, key=lambda one: bool(one.reason)) for key, listed in found.items()}


@dataclass(frozen=True)
class Figure:
    """One measure of a product: the last counted report's value, the revision before, the latest; thousandths."""

    measure: str
    label: str
    last: int | None
    before: int | None
    now: int | None
    typed: str
    is_asked: bool

    @property
    def is_changed(self) -> bool:
        return self.last != self.now

    @property
    def is_corrected(self) -> bool:
        return self.before != self.now

    @property
    def difference(self) -> int | None:
        return None if self.last is None or self.now is None else self.now - self.last


@dataclass(frozen=True)
class ProductFigures:
    """The figures of one product, and its last 14 days: output and capacity, None where it gave none."""

    code: str
    name: str
    unit: str
    figures: tuple[Figure, ...]
    output: tuple[int | None, ...]
    capacity: tuple[int | None, ...]
    cumulative: Compared | None = None


@dataclass(frozen=True)
class Reviewed:
    """One report as the reviewer sees it. `last`: the latest counted report of an earlier day."""

    report: DailyReport
    head: Revision
    before: Revision | None
    last: Revision | None
    products: tuple[ProductFigures, ...]
    questions: tuple[Asked, ...]
    decisions: tuple[Decision, ...]
    limits: tuple[Limit, ...]
    runs: tuple[LineRun, ...]
    revisions: tuple[Revision, ...]
    is_late: bool
    division: str | None

    @property
    def is_yesterday(self) -> bool:
        return self.last is not None and (self.report.day - self.last.report.day).days == 1


def reviewed(account: Account, number: int) -> Reviewed:
    """One report on which the account may decide. A fixed number of queries. Refuses: not_found."""
    access.require(account, "reports:review")
    report = report_to_review(account, number)
    report = DailyReport.objects.select_related("enterprise").get(pk=report.pk)
    revisions = list(Revision.objects.filter(report=report).select_related("author").order_by("-number"))
    head = revisions[0]
    before = revisions[1] if len(revisions) > 1 else None
    past = prefill(report.enterprise, report.day)
    catalogue = products.catalogue(report.day)
    questions = tuple(_questions([head.pk], catalogue).get(head.pk, ()))
    late_from = cut_offs({(report.enterprise_id, report.day)}).get((report.enterprise_id, report.day))
    placed = Placement.objects.believed().on(report.day).filter(enterprise=report.enterprise)
    return Reviewed(
        report=report,
        head=head,
        before=before,
        last=past.previous,
        products=tuple(_products(report, head, before, past.previous_lines, catalogue, questions)),
        questions=questions,
        decisions=tuple(
            Decision.objects.filter(revision__report=report).select_related("actor", "revision").order_by("-id")
        ),
        limits=tuple(Limit.objects.filter(revision=head).select_related("product").order_by("id")),
        runs=tuple(LineRun.objects.filter(revision=head).select_related("line").order_by("line__name")),
        revisions=tuple(revisions),
        is_late=late_from is not None and report.first_received_at >= late_from,
        division=placed.values_list("division_id", flat=True).first(),
    )


def _products(
    report: DailyReport,
    head: Revision,
    before: Revision | None,
    last: dict[str, ReportLine],
    catalogue: Catalogue,
    questions: Iterable[Asked],
) -> Iterable[ProductFigures]:
    first = report.day - dt.timedelta(days=SPARK_DAYS - 1)
    revisions = [r.pk for r in (head, before) if r is not None]
    lines: dict[int, dict[str, ReportLine]] = defaultdict(dict)
    for line in ReportLine.objects.filter(revision__in=revisions).order_by("product__order", "product_id"):
        lines[line.revision_id][line.product_id] = line
    now, old = lines[head.pk], lines[before.pk] if before is not None else {}
    course: dict[tuple[str, dt.date], ReportLine] = {
        (line.product_id, line.day): line
        for line in ReportLine.objects.filter(
            enterprise=report.enterprise, day__range=(first, report.day), revision__report__head__isnull=False
        ).select_related("revision__report")
        if line.revision_id == line.revision.report.head_id
    }
    days = [first + dt.timedelta(days=n) for n in range(SPARK_DAYS)]
    odd = {(one.product, one.measure) for one in questions}
    unlike = {one.product: one for one in cumulatives.mismatched(list(now.values())).get(head.pk, ())}
    for code in dict.fromkeys([*now, *last]):
        entry = catalogue.entries.get(code)
        figures = tuple(_figures(code, last.get(code), old.get(code), now.get(code), odd, before is not None))
        given = [course.get((code, day)) for day in days]
        yield ProductFigures(
            code,
            entry.name if entry else code,
            entry.base_unit if entry else "",
            figures,
            tuple(line.output if line else None for line in given),
            tuple(line.capacity if line else None for line in given),
            unlike.get(code),
        )


def _figures(
    code: str,
    last: ReportLine | None,
    before: ReportLine | None,
    now: ReportLine | None,
    odd: set[tuple[str, str]],
    has_before: bool,
) -> Iterable[Figure]:
    for measure, label in (*Measure.choices, (STATED, STATED_LABEL)):
        values = [getattr(line, measure) if line is not None else None for line in (last, before, now)]
        if values == [None, None, None]:
            continue
        said = now.entered.get(measure, {}) if now is not None else {}
        text, unit = said.get("text", ""), said.get("unit", "")
        typed = text if not unit or text.endswith(unit) else f"{text} {unit}"
        old = values[1] if has_before else values[2]
        yield Figure(measure, label, values[0], old, values[2], typed, (code, measure) in odd)
