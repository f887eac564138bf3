"""Proposals: corrections that the bureau puts before an enterprise, which accepts or declines them (R5, R7).

Nothing of the enterprise's is changed by a proposal. Accepting makes the enterprise's own revision with those figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from enterprises import access, audit
from enterprises.errors import Conflict, Invalid, NotFound
from enterprises.models import Account, Enterprise
from supplies import daily_reports
from supplies.access import placed_reports
from supplies.choices import Channel, CorrectionKind, ProposalAnswer
from supplies.daily_reports import Confirm
from supplies.models import Correction, CorrectionAnswer, DailyReport, Revision
from supplies.rules import proposed_figures

LONGEST_WORD = 200
STANDINGS = {
    "waiting": "等企业答复",
    "accepted": "企业已接受",
    "declined": "企业不改",
    "met": "企业已自己改成一样",
    "overtaken": "之后另有提请",
}
"""How a proposal stands."""


@dataclass(frozen=True)
class Standing:
    """A proposal, how it stands, its figures as a described report, and the enterprise's latest revision of the day."""

    correction: Correction
    state: str
    proposed: Mapping[str, Any]
    now: Mapping[str, Any]
    answer: CorrectionAnswer | None

    @property
    def word(self) -> str:
        return STANDINGS[self.state]


def standings(corrections: Iterable[Correction]) -> dict[int, Standing]:
    """How proposals stand, by their ids; others are left out. A fixed number of queries."""
    asked = [one for one in corrections if one.kind == CorrectionKind.PROPOSAL]
    if not asked:
        return {}
    answers = {
        a.correction_id: a for a in CorrectionAnswer.objects.filter(correction__in=asked).select_related("actor")
    }
    latest = set(
        Correction.objects.filter(kind=CorrectionKind.PROPOSAL, report__in={one.report_id for one in asked})
        .values("report")
        .annotate(last=Max("id"))
        .values_list("last", flat=True)
    )
    heads = daily_reports.with_review(Revision.objects.filter(report__in={one.report_id for one in asked}))
    heads = heads.filter(report__head=F("pk")).select_related("report__enterprise")
    revisions = list(heads)
    now = dict(zip([r.report_id for r in revisions], daily_reports.describe(revisions), strict=True))
    return {one.pk: _standing(one, answers.get(one.pk), now[one.report_id], one.pk in latest) for one in asked}


def _standing(one: Correction, answer: CorrectionAnswer | None, now: Mapping[str, Any], is_latest: bool) -> Standing:
    if answer is not None:
        state = str(answer.kind)
    elif not is_latest:
        state = "overtaken"
    else:
        same = proposed_figures.fingerprint(proposed_figures.kept(now)) == one.figures_sha256
        state = "met" if same else "waiting"
    return Standing(one, state, proposed_figures.told(one.figures), now, answer)


def waiting(enterprise: Enterprise, days: Collection[dt.date] | None = None) -> list[Standing]:
    """Proposals that wait for the enterprise, the latest day first; `days`: only those about these days."""
    asked = proposals().filter(enterprise=enterprise, answer=None)
    if days is not None:
        asked = asked.filter(day__in=days)
    found = standings(asked.order_by("-day", "-id"))
    return [one for one in found.values() if one.state == "waiting"]


def proposals() -> QuerySet[Correction]:
    return Correction.objects.filter(kind=CorrectionKind.PROPOSAL).select_related("enterprise", "block__account")


def own(account: Account, number: int) -> Standing:
    """A proposal put before an enterprise of the account's, or about a report within its reach; refuses not_found."""
    found = proposals().filter(pk=number, report__in=placed_reports(account)).first()
    if found is None:
        raise NotFound("没有找到这条更正提请。", field="id")
    return standings([found])[found.pk]


def may_answer(account: Account, correction: Correction) -> bool:
    """Whether the enterprise is the account's own: nobody answers for it."""
    return correction.enterprise_id in access.reach(account, "reports:write").enterprises


def accept(*, actor: Account, number: int, revision: int) -> CorrectionAnswer:
    """Take the figures over as the enterprise's own revision. Accepted again it answers the same.

    Takes: revision = the number of the report's revision that was looked at.
    Writes: a revision as `daily_reports.submit` does, the answer, audit `correction.answer`.
    Refuses: not_found, answered, overtaken (409), and what `submit` refuses: day_closed, conflict, held.
    """
    with transaction.atomic():
        one, known = _locked(actor, number)
        if known is not None:
            if known.kind == ProposalAnswer.ACCEPTED:
                return known
            raise Conflict("已经答复过“不改”了。", code="answered", field="id")
        done = daily_reports.submit(
            actor=actor,
            enterprise=one.enterprise,
            day=one.day,
            form=proposed_figures.form(one.figures),
            channel=Channel.WEB,
            received_at=timezone.now(),
            based_on=revision,
            confirmed=tuple(Confirm(said["product"], said["reason"]) for said in one.confirmations),
            change_reason=one.reason,
        )
        made = Revision.objects.get(report=one.report_id, number=done.revision)
        return _answer(actor, one, ProposalAnswer.ACCEPTED, revision=made)


def decline(*, actor: Account, number: int, word: str) -> CorrectionAnswer:
    """Leave the figures as they are, and say why. Declined again it answers the same.

    Writes: the answer, audit `correction.answer`. Refuses: not_found, required (a word), too_long, answered (409).
    """
    word = word.strip()
    if not word:
        raise Invalid("请写一句为什么不改，例如“原数无误，已核对台账”。", code="required", field="word")
    if len(word) > LONGEST_WORD:
        raise Invalid(f"最多 {LONGEST_WORD} 字。", code="too_long", field="word")
    with transaction.atomic():
        one, known = _locked(actor, number)
        if known is not None:
            if known.kind == ProposalAnswer.DECLINED:
                return known
            raise Conflict("已经接受过了；数字不对的话，可以修改日报再报。", code="answered", field="id")
        return _answer(actor, one, ProposalAnswer.DECLINED, word=word)


def _locked(actor: Account, number: int) -> tuple[Correction, CorrectionAnswer | None]:
    """A proposal to the actor's enterprise under the lock of its report, and the answer given already."""
    one = proposals().filter(pk=number).first()
    if one is None or not may_answer(actor, one):
        raise NotFound("没有找到这条更正提请。", field="id")
    DailyReport.objects.select_for_update().get(pk=one.report_id)
    known = CorrectionAnswer.objects.filter(correction=one).first()
    if known is None and proposals().filter(report=one.report_id, pk__gt=one.pk).exists():
        raise Conflict("之后又有新的更正提请，请看最新的一条。", code="overtaken", field="id")
    return one, known


def _answer(
    actor: Account, one: Correction, kind: ProposalAnswer, *, word: str = "", revision: Revision | None = None
) -> CorrectionAnswer:
    made = CorrectionAnswer.objects.create(
        correction=one, kind=kind, word=word, actor=actor, revision=revision, recorded_at=timezone.now()
    )
    said = {"kind": str(kind), "word": word, "revision": revision.number if revision is not None else None}
    audit.record(actor=actor, act="correction.answer", on=one, after=said)
    return made
