"""A block as it is read afterwards: what became of each row, what the enterprises answered (R5)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from enterprises import access, workbooks
from enterprises.errors import NotFound
from enterprises.models import Account, DivisionFact
from supplies import daily_reports, products, proposals
from supplies.access import placed_reports
from supplies.choices import CorrectionKind
from supplies.models import Correction, CorrectionBlock, Revision
from supplies.proposals import Standing
from supplies.rules import proposed_figures
from supplies.rules.comparison import Difference, differences


@dataclass(frozen=True)
class Entry:
    """One row of the block: where, old and new where they differ, how the proposal stands (None: it was none)."""

    correction: Correction
    place: str
    differences: list[Difference]
    standing: Standing | None


@dataclass(frozen=True)
class Sheet:
    """A block with its rows within the reader's reach. `left_out` is told only to who sees all of it."""

    block: CorrectionBlock
    entries: list[Entry]
    tally: list[tuple[str, str, int]]
    answers: list[tuple[str, str, int]]
    left_out: list[dict[str, Any]]
    is_whole: bool


def _visible(account: Account) -> QuerySet[Correction]:
    """Rows about reports within the account's reach (R15)."""
    access.require(account, "coverage:read")
    access.require(account, "reports:read")
    return Correction.objects.filter(report__in=placed_reports(account))


def blocks(account: Account) -> QuerySet[CorrectionBlock]:
    """Blocks with a row within reach, the newest first; each with `.rows`, `.asked` and `.answered` of those rows."""
    mine = _visible(account).filter(block=OuterRef("pk")).order_by().values("block")

    def counted(condition: Q) -> Coalesce:
        return Coalesce(Subquery(mine.filter(condition).annotate(n=Count("pk")).values("n")), 0)

    asked = Q(kind=CorrectionKind.PROPOSAL)
    found = CorrectionBlock.objects.filter(pk__in=_visible(account).values("block")).select_related("account")
    found = found.annotate(
        rows=counted(~Q(kind=CorrectionKind.UNCHANGED)),
        asked=counted(asked),
        answered=counted(asked & Q(answer__isnull=False)),
    )
    return found.order_by("-pk")


def block(account: Account, number: int) -> Sheet:
    """One block; refuses not_found where no row of it is within reach. A fixed number of queries."""
    found = CorrectionBlock.objects.filter(pk=number).select_related("account").first()
    rows = list(_visible(account).filter(block=number).select_related("enterprise", "revision").order_by("day", "row"))
    if found is None or not rows:
        raise NotFound("没有找到这一批更正。", field="number")
    is_whole = Correction.objects.filter(block=number).count() == len(rows)
    standing = proposals.standings(rows)
    old = _before(rows)
    names = {e.code: (e.name, e.base_unit) for e in products.catalogue().entries.values()}
    facts = DivisionFact.objects.believed().filter(division__in={one.division_id for one in rows})
    places = dict(facts.order_by("starts_on").values_list("division_id", "name"))
    entries = [
        Entry(
            correction=one,
            place=places.get(one.division_id, one.division_id),
            differences=differences(proposed_figures.told(one.figures), old.get(one.pk, {}), names),
            standing=standing.get(one.pk),
        )
        for one in rows
    ]
    kinds, states = Counter(one.kind for one in rows), Counter(one.state for one in standing.values())
    return Sheet(
        block=found,
        entries=entries,
        tally=[(kind, label, kinds[kind]) for kind, label in CorrectionKind.choices if kinds[kind]],
        answers=[(state, word, states[state]) for state, word in proposals.STANDINGS.items() if states[state]],
        left_out=found.left_out if is_whole else [],
        is_whole=is_whole,
    )


def _before(rows: list[Correction]) -> dict[int, Any]:
    """What was there before each row, as described reports by the rows' ids."""
    wanted = {(one.report_id, one.based_on): one.pk for one in rows if one.based_on is not None}
    revisions = Revision.objects.filter(
        report__in={report for report, _ in wanted}, number__in={number for _, number in wanted}
    ).select_related("report__enterprise")
    found = [one for one in revisions if (one.report_id, one.number) in wanted]
    described = daily_reports.describe(found)
    return {wanted[one.report_id, one.number]: said for one, said in zip(found, described, strict=True)}


def workbook_of(sheet: Sheet) -> bytes:
    """The block as a table: a row per figure that differs, and what became of it."""
    heads = [
        "行", "日期", "企业", "统一社会信用代码", "区划", "处理", "项目", "原来", "更正为", "更正理由", "答复", "答复说明",
        "答复时间",
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for entry in sheet.entries:
        one, standing = entry.correction, entry.standing
        answer = standing.answer if standing is not None else None
        first = [one.row, one.day, one.enterprise.name, one.enterprise.uscc, entry.place, one.get_kind_display()]
        last = [
            one.reason,
            standing.word if standing is not None else None,
            answer.word if answer is not None else None,
            answer.recorded_at if answer is not None else None,
        ]
        for change in entry.differences or [Difference("", "", "")]:
            rows.append([*first, change.label or None, change.theirs or None, change.ours or None, *last])
    for left in sheet.left_out:
        said = "；".join(left["reasons"])
        rows.append(
            [
                left["row"],
                left["date"],
                left["name"],
                left["uscc"],
                None,
                f"未收：{left['word']}",
                None,
                None,
                None,
                said,
            ]
        )
    at = timezone.localtime(sheet.block.recorded_at)
    notes = [
        f"更正第 {sheet.block.pk} 批，{sheet.block.account} 于 {at:%Y-%m-%d %H:%M:%S} 提交，文件 {sheet.block.name}",
        f"整批理由：{sheet.block.reason or '各行自写'}",
        f"导出于 {timezone.localtime():%Y-%m-%d %H:%M:%S}（Asia/Shanghai）",
    ]
    return workbooks.workbook(f"更正第 {sheet.block.pk} 批", heads, rows, notes=notes)
