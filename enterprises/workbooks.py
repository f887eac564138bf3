"""Workbooks: a table as an XLSX file in which no text can become a formula.

What people typed (names, notes, phones) is written as a string cell whatever it looks like; only numbers, days and
moments become typed cells. Everybody who exports a list uses this.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

HERE = ZoneInfo("Asia/Shanghai")
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 48
LONGEST_FOOT = 220
"""Characters Excel takes at the foot of a page, less the page's number."""


def workbook(
    title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, notes: Sequence[str] = (), mark: str = ""
) -> bytes:
    """One sheet: a bold head that stays in sight, then the rows; `notes` (what it is, as of when) stand on a second.
    `mark` (who took it out, when) stands at the foot of every printed page.

    Cells: str, int, Decimal (exact up to 15 digits, as spreadsheets are), date, datetime (shown in Asia/Shanghai), bool
    (是, 否), None (empty).
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "number": book.add_format({"num_format": "#,##0.###"}),
        "whole": book.add_format({"num_format": "#,##0"}),
    }
    sheet = book.add_worksheet(_sheet_name(title))
    widths = [_width(head) for head in heads]
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, formats["head"])
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write(sheet, number, column, value, formats)
            if column < len(widths):
                widths[column] = max(widths[column], _width(value))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(WIDEST, width + 2))
    sheet.freeze_panes(1, 0)
    if mark:
        sheet.set_footer("&L&8" + mark.replace("&", "&&")[:LONGEST_FOOT] + "&R&8&P / &N")
    if notes:
        about = book.add_worksheet("说明")
        about.set_column(0, 0, 90)
        for number, line in enumerate(notes):
            about.write_string(number, 0, line)
    book.close()
    return stream.getvalue()


def amount(thousandths: int | None) -> Decimal | int | None:
    """A stored quantity (thousandths of the base unit) as a number in the base unit.

    >>> amount(434_470), amount(2_000), amount(None)
    (Decimal('434.47'), 2, None)
    """
    if thousandths is None:
        return None
    whole, rest = divmod(thousandths, 1000)
    return whole if rest == 0 else (Decimal(thousandths) / 1000).normalize()


def _write(sheet: Any, row: int, column: int, value: Any, formats: dict[str, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否")
    elif isinstance(value, int):
        sheet.write_number(row, column, value, formats["whole"])
    elif isinstance(value, Decimal):
        sheet.write_number(row, column, value, formats["number"])
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(row, column, value.astimezone(HERE).replace(tzinfo=None), formats["moment"])
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, value, formats["day"])
    else:
        sheet.write_string(row, column, str(value))


def _width(value: Any) -> int:
    """Columns a value takes on the sheet; Chinese characters take two."""
    if isinstance(value, dt.datetime):
        return 19
    return sum(2 if ord(c) > 255 else 1 for c in str(value)) if value is not None else 0


def _sheet_name(title: str) -> str:
    """A name Excel takes: at most 31 characters, none of []:*?/\\ and no apostrophe at the ends."""
    return "".join(c for c in title if c not in "[]:*?/\\").strip("'")[:31] or "表"
