"""Questions about the figures of a submission, and the confirmations that answer them (R20)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet

from enterprises.errors import FieldError, Invalid
from enterprises.models import Account, Enterprise
from supplies.choices import Measure, ProductionState, QuestionCode, Review
from supplies.daily_reports.description import odd, with_review
from supplies.models import Confirmation, Question, ReportLine, Revision
from supplies.rules.figures import Statement, Terms
from supplies.rules.plausibility import MOST, STREAK, Oddity, Past, oddities
from supplies.rules.quantities import number

NEAR = 3 * MOST
"""Days looked at first; older ones only where those do not hold enough values."""


@dataclass(frozen=True)
class Confirm:
    """An answer sent along: the figure of a product is right, and why. Without measure and code: all of that product."""

    product: str
    reason: str
    measure: str = ""
    code: str = ""

    def answers(self, product: str, measure: str, code: str) -> bool:
        """Whether this is the answer to a question of that name."""
        return self.product == product and self.measure in ("", measure) and self.code in ("", code)


def asked(*, enterprise: Enterprise, day: dt.date, statement: Statement) -> list[Oddity]:
    """What is odd about a statement, against the enterprise's own counted reports before the day. One or two queries."""
    if not statement.lines:
        return []
    past = _past(enterprise, day, statement)
    is_halted = statement.state == ProductionState.HALTED
    return [
        oddity
        for line in statement.lines
        for oddity in oddities(line.product, line.amounts, past[line.product], is_halted=is_halted)
    ]


def refuse_held(
    found: Iterable[Oddity],
    *,
    confirmed: Collection[Confirm],
    head: Revision | None,
    statement: Statement,
    terms: Mapping[str, Terms],
) -> None:
    """Refuse (held) figures that are too far off to be stored unconfirmed.

    A value confirmed in the revision this one is based on is not held again. The refusal names each figure with what it
    was held against and the likely value, all in base units.
    """
    held = [
        oddity
        for oddity in found
        if oddity.is_held and not any(c.answers(oddity.product, oddity.measure, oddity.code) for c in confirmed)
    ]
    if held and head is not None:
        known = _confirmed_before(head)
        held = [oddity for oddity in held if (oddity.product, oddity.measure, oddity.seen) not in known]
    if not held:
        return
    at = {line.product: number for number, line in enumerate(statement.lines)}
    errors = [FieldError(f"lines[{at[o.product]}].{o.measure}", "held", _message(o, terms[o.product])) for o in held]
    raise Invalid(
        errors[0].message if len(errors) == 1 else "有数字与以往相差百倍以上，请改正，或说明理由后再提交。",
        code="held",
        errors=errors,
        extra={"questions": [odd(oddity) for oddity in held]},
    )


def keep(
    revision: Revision,
    found: Iterable[Oddity],
    *,
    confirmed: Collection[Confirm],
    head: Revision | None,
    actor: Account | None,
) -> list[Question]:
    """Store the questions of a new revision, with the answers sent along; for `magnitude` also the answer once given."""
    rows = [
        Question(
            revision=revision,
            product_id=o.product,
            measure=o.measure,
            code=o.code,
            seen=o.seen,
            expected=o.expected,
            proposed=o.proposed,
        )
        for o in found
    ]
    if not rows:
        return []
    Question.objects.bulk_create(rows)
    before = _confirmed_before(head) if head is not None and any(r.code == QuestionCode.MAGNITUDE for r in rows) else {}
    answers = _answers(rows, confirmed=confirmed, actor=actor, at=revision.recorded_at)
    for row in rows:
        known = before.get((row.product_id, row.measure, row.seen))
        if row not in [a.question for a in answers] and row.code == QuestionCode.MAGNITUDE and known is not None:
            answers.append(
                Confirmation(question=row, reason=known.reason, actor_id=known.actor_id, recorded_at=known.recorded_at)
            )
    Confirmation.objects.bulk_create(answers)
    for answer in answers:
        answer.question.confirmation = answer
    return rows


def confirm(
    revision: Revision, *, confirmed: Collection[Confirm], actor: Account | None, at: dt.datetime
) -> list[Confirmation]:
    """Answer the open questions of a revision that stays as it is (R6). Gives the answers that are new."""
    if not confirmed:
        return []
    still = Question.objects.filter(revision=revision, confirmation=None).order_by("id")
    answers = _answers(still, confirmed=confirmed, actor=actor, at=at)
    return Confirmation.objects.bulk_create(answers)


def _answers(
    rows: Iterable[Question], *, confirmed: Collection[Confirm], actor: Account | None, at: dt.datetime
) -> list[Confirmation]:
    found = []
    for row in rows:
        answer = next((c for c in confirmed if c.answers(row.product_id, row.measure, row.code)), None)
        if answer is not None:
            found.append(Confirmation(question=row, reason=answer.reason, actor=actor, recorded_at=at))
    return found


def _confirmed_before(head: Revision) -> dict[tuple[str, str, int], Confirmation]:
    """What was confirmed in a revision to be that far off: (product, measure, value)."""
    answers = Confirmation.objects.filter(question__revision=head, question__code=QuestionCode.MAGNITUDE)
    return {(a.question.product_id, a.question.measure, a.question.seen): a for a in answers.select_related("question")}


def _message(oddity: Oddity, terms: Terms) -> str:
    label = Measure(oddity.measure).label
    seen, expected = f"{number(oddity.seen):,}", f"{number(oddity.expected or 0):,}"
    text = f"{terms.name}{label} {seen} {terms.base_unit}与以往（{expected} {terms.base_unit}左右）相差百倍以上。"
    if oddity.proposed is not None:
        return f"{text}是不是 {number(oddity.proposed):,} {terms.base_unit}？"
    return f"{text}请改正，或说明理由。"


def _past(enterprise: Enterprise, day: dt.date, statement: Statement) -> dict[str, Past]:
    """What counted reports before the day say about the statement's products."""
    products = {line.product: set(line.amounts) for line in statement.lines}
    rows = list(_counted(enterprise, day, products).filter(day__gte=day - dt.timedelta(days=NEAR)))
    short = {
        product
        for product, measures in products.items()
        for measure in measures
        if sum(1 for row in rows if row.product_id == product and getattr(row, measure) is not None) < MOST
    }
    if short:
        rows += _counted(enterprise, day, short).filter(day__lt=day - dt.timedelta(days=NEAR))
    lines: dict[str, list[ReportLine]] = {product: [] for product in products}
    for row in rows:
        lines[row.product_id].append(row)
    return {product: _past_of(day, found) for product, found in lines.items()}


def _past_of(day: dt.date, rows: Sequence[ReportLine]) -> Past:
    """The past of one product, from its counted lines, newest first."""
    values = {
        measure: [value for row in rows if (value := getattr(row, measure)) is not None][:MOST]
        for measure in Measure.values
    }
    by_day = {row.day: row for row in rows}
    before = [by_day.get(day - dt.timedelta(days=back)) for back in range(1, STREAK + 1)]
    streak = []
    for row in before:
        if row is None or row.revision.state == ProductionState.HALTED:
            break
        streak.append({m: getattr(row, m) for m in Measure.values})
    return Past(values, streak, before[0].stock if before[0] is not None else None)


def _counted(enterprise: Enterprise, day: dt.date, products: Iterable[str]) -> QuerySet[ReportLine]:
    """Lines of the enterprise's counted reports before the day, newest first."""
    heads = with_review(Revision.objects.filter(report__enterprise=enterprise, report__day__lt=day))
    counted = heads.filter(report__head=F("pk")).exclude(review=Review.RETURNED)  # type: ignore[misc]  # annotated
    lines = ReportLine.objects.filter(enterprise=enterprise, day__lt=day, product__in=list(products))
    return lines.filter(revision__in=counted.values("pk")).select_related("revision").order_by("-day")
