"""Workbooks: what was typed stays text, numbers stay numbers."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal

from python_calamine import CalamineWorkbook

from enterprises.workbooks import amount, workbook

MOMENT = dt.datetime(2020, 3, 27, 10, 20, 7, tzinfo=dt.UTC)


def read(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_no_text_becomes_a_formula_a_link_or_a_number() -> None:
    typed = ["=1+1", "+SUM(A1)", "-2", "@x", "{=1}", "https://example.invalid", "00123", "\t=1"]
    content = workbook("表", ["甲"], [[t] for t in typed])
    assert [row[0] for row in read(content)] == ["甲", *typed]
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_numbers_days_and_moments_are_typed_cells_shown_in_local_time() -> None:
    row = read(workbook("表", ["a"] * 5, [[5, Decimal("434.47"), dt.date(2020, 3, 27), MOMENT, None]]))[1]
    assert row == [5.0, 434.47, dt.date(2020, 3, 27), dt.datetime(2020, 3, 27, 18, 20, 7), ""]


def test_any_title_makes_a_sheet() -> None:
    for title in ("a/b:c*[d]?", "'", "很" * 40, ""):
        assert read(workbook(title, ["甲"], [])) == [["甲"]]


def test_an_amount_is_exact() -> None:
    assert amount(9_999_999_999_999) == Decimal("9999999999.999")
    assert amount(0) == 0
