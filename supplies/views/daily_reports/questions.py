"""Questions on the receipt and in the history: what was asked, what was answered, and the form that answers (R20)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from supplies import products, report_sheets
from supplies.choices import Measure, Review
from supplies.models import Confirmation, Question, Revision
from supplies.rules.quantities import shown
from supplies.rules.question_cards import Card


@dataclass(frozen=True)
class Asked:
    """A question and its answer; None = open. `is_further`: an earlier open one of the same figure takes the answer."""

    card: Card
    answer: Confirmation | None
    is_further: bool = False


@dataclass(frozen=True)
class Answering:
    """The questions about a revision. `again`: fields that repeat its figures exactly, so that only answers are new."""

    asked: list[Asked] = field(default_factory=list)
    is_answerable: bool = False
    again: list[tuple[str, str]] = field(default_factory=list)

    @property
    def open(self) -> int:
        return sum(1 for one in self.asked if one.answer is None)


def answering(revision: Revision, *, is_fillable: bool) -> Answering:
    """What the receipt shows of a revision's questions; one query where there are none."""
    names = {e.code: e.name for e in products.catalogue(revision.report.day).entries.values()}
    asked = asked_about([revision], names).get(revision.pk, [])
    may = is_fillable and bool(asked) and getattr(revision, "review", "") != Review.RETURNED
    return Answering(asked, may, _again(revision) if may else [])


def asked_about(revisions: Iterable[Revision], names: Mapping[str, str]) -> dict[int, list[Asked]]:
    """Questions by revision; one query."""
    found: dict[int, list[Asked]] = {}
    for one in report_sheets.questions_of(*revisions):
        card, given = _card(one, names.get(one.product_id, one.product_id)), getattr(one, "confirmation", None)
        others = found.setdefault(one.revision_id, [])
        is_further = any(other.card.name == card.name and other.answer is None for other in others)
        others.append(Asked(card, given, is_further))
    return found


def _card(one: Question, name: str) -> Card:
    return Card(
        name=f"{one.product_id}-{one.measure}",
        product=name,
        unit=one.product.base_unit,
        measure=one.measure,
        code=one.code,
        seen=one.seen,
        expected=one.expected,
        proposed=None,
    )


def _again(revision: Revision) -> list[tuple[str, str]]:
    """The revision as the form would send it, in base units: equal figures, so that no revision is added (R6)."""
    said: list[tuple[str, str]] = [
        ("nonce", secrets.token_urlsafe(18)),
        ("based_on", str(revision.number)),
        ("state", revision.state),
        ("note", revision.note),
    ]
    for name in ("staff_due", "staff_on_duty"):
        if (count := getattr(revision, name)) is not None:
            said.append((name, str(count)))
    units = {}
    for line in revision.lines.all():
        units[line.product_id] = line.product.base_unit
        said.append(("product", line.product_id))
        for measure in Measure.values:
            if (amount := getattr(line, measure)) is not None:
                said += [
                    (f"{line.product_id}-{measure}", shown(amount)),
                    (f"{line.product_id}-{measure}-unit", line.product.base_unit),
                ]
    for limit in revision.limits.all():
        said.append(("limit", limit.reason))
        if limit.lost is not None:
            said.append((f"lost-{limit.reason}", shown(limit.lost)))
            if limit.product_id:
                unit = units.get(limit.product_id, "")
                said.append((f"lost-{limit.reason}-of", f"{limit.product_id}|{unit}"))
    return said
