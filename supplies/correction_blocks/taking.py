"""Look at a file of corrections, and take it in as one block: all of it or nothing, unless asked otherwise."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils import timezone

from enterprises import access, audit, files
from enterprises.errors import Conflict, Invalid, Refused
from enterprises.files import BadFile
from enterprises.models import Account
from enterprises.workbooks import workbook
from supplies import daily_reports
from supplies.choices import CorrectionKind, DecisionKind, Measure
from supplies.correction_blocks.weighing import OF_CORRECTIONS, Preview, Seen, Weighed, is_to_return, report_of, weigh
from supplies.models import Correction, CorrectionBlock, Upload
from supplies.rules import proposed_figures


class NotTaken(Conflict):
    """The file cannot be taken in as it stands, or is not any more what was looked at; nothing was stored."""

    code = "not_taken"

    def __init__(self, preview: Preview) -> None:
        super().__init__("没有提交：有的行不能收，或您看过之后又有变化。请看标出的行。", field="file")
        self.preview = preview


class _Looked(Exception):
    """Ends a look: everything it did is undone."""


def look(*, actor: Account, upload: Upload) -> Preview:
    """What taking the file in would do now: everything is tried and undone again. Writes nothing.

    Refuses: forbidden.
    """
    access.require(actor, "reports:review")
    try:
        with transaction.atomic():
            found = weigh(actor, upload, files.read(bytes(upload.content), upload.name, OF_CORRECTIONS))
            raise _Looked
    except _Looked:
        return found
    except BadFile as refused:
        return Preview(fault=refused.message)


def take(*, actor: Account, upload: Upload, seen: Seen, in_part: bool = False) -> CorrectionBlock:
    """Take the file in as one numbered block.

    Takes: seen = what the look said of each report; in_part = leave out the reports that cannot be taken.
    Writes: revisions on behalf as `daily_reports.submit` does; proposals, and their reports' return where the file
    asks for it; the block with all its rows; audit `correction_block.take`. One transaction.
    Refuses: forbidden, already_taken, bad_file, not_taken (with the preview as it is now), nothing_to_take.
    """
    access.require(actor, "reports:review")
    with transaction.atomic():
        held = Upload.objects.select_for_update().get(pk=upload.pk)
        if held.done_at is not None:
            raise Conflict("这个文件已经提交过了。", code="already_taken", field="upload")
        try:
            table = files.read(bytes(held.content), held.name, OF_CORRECTIONS)
            found = weigh(actor, held, table, seen=seen)
        except BadFile as refused:
            raise Invalid(refused.message, code="bad_file", field="file") from None
        if found.left_out and not (in_part and found.may_be_taken_in_part):
            raise NotTaken(found)
        if not found.taken:
            raise Invalid("没有要更正的：表里的数和已有的一样。", code="nothing_to_take", field="file")
        block = _block(actor, held, found)
        kept = [one for one in found.reports if one not in found.left_out]
        Correction.objects.bulk_create([_row(block, one) for one in kept])
        for one in kept:
            if block.returns and is_to_return(one):
                _return(actor, block, one)
        held.done_at, held.done = timezone.now(), [f"第 {block.pk} 批"]
        held.save(update_fields=["done_at", "done"])
        after = {"upload": held.pk, **{kind: count for kind, _, count in found.tally}}
        audit.record(actor=actor, act="correction_block.take", on=block, after=after)
    return block


def template() -> bytes:
    """An empty workbook with the columns of a file of corrections."""
    heads = ["日期", "统一社会信用代码", "企业名称", "生产状态", "产品", *Measure.labels, "单位", "更正理由", "来电人"]
    notes = [
        "每行一种产品；同一企业同一天的几行合成一份日报。",
        "已有日报的日子只写要改的数，留空的项目、没有写的产品保持原样；没有日报的日子要写全。",
        "更正理由必填，可以每行写，也可以上传时为整个文件写一条。",
        "企业没有填过的日子按代报记，要写来电人；企业自己填过的，只向企业提出，由企业接受或者不改。",
    ]
    return workbook("更正", [*heads, "确认说明"], [], notes=notes)


def _block(actor: Account, upload: Upload, found: Preview) -> CorrectionBlock:
    left = [
        {"row": one.row, "uscc": one.uscc, "name": one.name, "date": str(one.day or ""), "word": one.word,
         "reasons": [problem.reason for problem in one.problems]}
        for one in found.left_out
    ]  # fmt: skip
    return CorrectionBlock.objects.create(
        account=actor,
        upload=upload.pk,
        name=upload.name,
        content_sha256=hashlib.sha256(bytes(upload.content)).hexdigest(),
        reason=upload.reason,
        returns=upload.returns,
        left_out=left,
        recorded_at=timezone.now(),
    )


def _row(block: CorrectionBlock, one: Weighed) -> Correction:
    figures, report = proposed_figures.kept(one.proposed), report_of(one)
    filed = report.head_id if one.kind in (CorrectionKind.NEW, CorrectionKind.REVISION) else None
    return Correction(
        block=block,
        row=one.row,
        enterprise_id=report.enterprise_id,
        day=report.day,
        division_id=one.division,
        kind=one.kind,
        reason=one.reason,
        report=report,
        based_on=one.head.number if one.head is not None else None,
        revision_id=filed,
        figures=figures,
        figures_sha256=proposed_figures.fingerprint(figures),
        confirmations=list(one.confirmations),
        is_returned=block.returns and is_to_return(one),
    )


def _return(actor: Account, block: CorrectionBlock, one: Weighed) -> None:
    """Return the report that a proposal is about, so that it does not count until the enterprise answers (R7)."""
    assert one.head is not None
    reason = f"{one.reason}（更正第 {block.pk} 批，改后的数已在填报页，点“接受”即可）"
    try:
        daily_reports.decide(
            actor=actor,
            report=report_of(one),
            revision=one.head.number,
            decision=DecisionKind.RETURNED,
            reason=reason,
        )
    except Refused as refused:
        text = f"{one.name} {one.day} 没有退成：{refused}。整个文件没有提交，请再看一次。"
        raise Conflict(text, code="not_returned", field="file") from None
