"""Workbooks for tests: good ones by XlsxWriter, bad ones by taking a good one's parts and changing them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter


def workbook(rows: Sequence[Sequence[Any]], *, also: Callable[[Any, Any], None] | None = None) -> bytes:
    """A workbook with one sheet; `also` may add to (book, sheet)."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("数据")
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    if also is not None:
        also(book, sheet)
    book.close()
    return stream.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(found: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in found.items():
            archive.writestr(name, part)
    return stream.getvalue()


def changed(content: bytes, **changes: tuple[bytes, bytes]) -> bytes:
    """The workbook with text replaced in some parts: sheet=(old, new), types=..., book=..."""
    names = {"sheet": "xl/worksheets/sheet1.xml", "types": "[Content_Types].xml", "book": "xl/workbook.xml"}
    found = parts(content)
    for key, (old, new) in changes.items():
        assert old in found[names[key]]
        found[names[key]] = found[names[key]].replace(old, new)
    return packed(found)
