"""Exports: lists of this storey as tables for a spreadsheet, with the same filters and the same order as on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from enterprises.workbooks import amount, workbook
from supplies.choices import Coverage
from supplies.filing_progress import Progress
from supplies.rosters import Roster
from supplies.source_sheets import Sheet

KINDS = {
    "report": "已报",
    "carried": "沿用",
    "opening": "期初",
    "cumulative": "累计",
    "stale": "失效",
    "never": "从未报",
}


def sources(sheet: Sheet) -> bytes:
    """Every row of a source sheet; the counted ones add up to the total."""
    unit = sheet.scale.base_unit
    heads = [
        "企业",
        "统一社会信用代码",
        "区划",
        "产品",
        "来源",
        "填报日",
        "修订",
        "收到时间",
        "沿用天数",
        f"{sheet.measure_name}（{unit}）",
        "计入合计",
        "说明",
    ]
    rows = [
        [r.name, r.uscc, r.division_name, r.product, KINDS.get(r.kind, r.kind), r.day, r.revision, r.received_at, r.age,
         amount(r.amount), r.counts, r.note]
        for group in sheet.groups for r in group.rows
    ]  # fmt: skip
    rows.append(["合计", None, None, None, None, None, None, None, None, amount(sheet.total), True, None])
    return workbook(
        f"{sheet.what}{sheet.measure_name}来源",
        heads,
        rows,
        notes=_notes(f"{sheet.node_name} {sheet.day} {sheet.what}"),
    )


def progress(found: Progress, place: str) -> bytes:
    """The enterprises listed by a progress page."""
    heads = ["企业", "统一社会信用代码", "区划", "状态", "首次收到", "数据日", "天数", "最近日产能", "联系人", "电话"]
    words = dict(Coverage.choices)
    rows = [
        [x.standing.name, x.standing.uscc, x.standing.division_name, words.get(x.standing.status), x.standing.first_received_at,
         x.standing.source_day, x.standing.age, "；".join(f"{k.category} {amount(k.amount)} {k.unit}" for k in x.known),
         x.contact, x.phone]
        for x in found.lines
    ]  # fmt: skip
    return workbook("填报名单", heads, rows, notes=_notes(f"{place} {found.day} {found.what or '全部产品'}"))


def roster(found: Roster) -> bytes:
    """All enterprises of a roster, not only the page shown."""
    unit = found.scale.base_unit
    heads = [
        "企业",
        "统一社会信用代码",
        "区划",
        "名单",
        "产品",
        f"{found.group_name}日产能（{unit}）",
        "日报",
        "数据日",
        "证件",
        "联系人",
        "电话",
    ]
    words = {"": "不报送", **dict(Coverage.choices)}
    rows: Iterable[list[Any]] = (
        [e.name, e.uscc, e.division_name, "重点" if e.is_key else "", "、".join(e.products), amount(e.capacity),
         words.get(e.status, e.status), e.source_day, e.certificate_word, e.contact, e.phone]
        for e in found.entries
    )  # fmt: skip
    return workbook("企业名单", heads, rows, notes=_notes(f"{found.day}"))


def _notes(what: str) -> list[str]:
    return [what, f"导出于 {timezone.localtime():%Y-%m-%d %H:%M:%S}（Asia/Shanghai）"]
