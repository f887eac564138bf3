"""CSV: text in UTF-8 or GB18030, told apart by the bytes, never by the name."""

from __future__ import annotations

import csv
import io

from enterprises.files.limits import MOST_COLUMNS, MOST_ROWS
from enterprises.files.refusals import BadFile


def records(content: bytes) -> list[list[str]]:
    """The rows of a CSV file, each a list of its cells; refuses what is no text, and what is too large."""
    text = _decoded(content)
    found: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), strict=True):
            if len(record) > MOST_COLUMNS and any(cell.strip() for cell in record[MOST_COLUMNS:]):
                raise BadFile(f"表格超过 {MOST_COLUMNS} 列。", code="too_many_columns")
            if len(found) > MOST_ROWS:
                raise BadFile(f"表格超过 {MOST_ROWS} 行，请分成几个文件。", code="too_many_rows")
            found.append(record[:MOST_COLUMNS])
    except csv.Error:
        raise BadFile(f"第 {len(found) + 1} 行的引号或分隔不合 CSV 格式。", code="bad_csv") from None
    return found


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise BadFile("文件不是 UTF-8 或 GB18030 的文本，请另存为“CSV UTF-8”。", code="bad_encoding")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("文件不是 UTF-8 或 GB18030 的文本，请另存为“CSV UTF-8”。", code="bad_encoding")
