"""Rows of an office workbook that are no data: totals, notes, the head once more. Each is told, none is guessed at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from enterprises.files.columns import Column, is_blank
from enterprises.files.header import Head, words
from enterprises.rules.names import folded

TOTALS = re.compile(r"(合计|总计|小计|共计|累计合计|全市合计|本页合计|总合计|total)[:]?")
NOTE = re.compile(
    r"(注|备注|附注|说明|填表说明|填报说明|单位负责人|负责人|填表人|填报人|制表人|审核人|审核|联系人|联系电话|填报单位|填表日期|填报日期|报送时间)"
    r"[0-9]{0,2}[:.、].*"
)


def aside(cells: Sequence[Any], head: Head, columns: Sequence[Column]) -> str:
    """What a row is, in words, if it is no data; empty for a row of data.

    A row that has everything that is required is always data.
    """
    filled = [cell for cell in cells if not is_blank(cell)]
    if all(folded(words(cell)) == folded(name) for cell, name in zip(cells, head.heads, strict=False) if words(cell)):
        return "又是表头"
    if _is_whole(cells, head, columns):
        return ""
    texts = [folded(cell) if isinstance(cell, str) else "" for cell in filled]
    if any(TOTALS.fullmatch(text) for text in texts):
        return "是合计"
    if all(text and NOTE.fullmatch(text) for text in texts):
        return "是说明"
    return ""


def _is_whole(cells: Sequence[Any], head: Head, columns: Sequence[Column]) -> bool:
    """Whether every required cell can be read."""
    for column in columns:
        if not column.is_required or column.key not in head.places:
            continue
        cell = cells[head.places[column.key]]
        if is_blank(cell):
            return False
        try:
            column.reads(cell)
        except ValueError:
            return False
        if isinstance(cell, str) and TOTALS.fullmatch(folded(cell)):
            return False
    return True
