"""Workbooks: cells judged as what they show, and whatever is no plain workbook refused by its content."""

from __future__ import annotations

import datetime as dt
import io
import resource
import time
import zipfile

import pytest
import xlsxwriter

from enterprises.files import BadFile, Column, read
from enterprises.rules import cells
from tests.enterprises.files.sheets import changed, packed, parts, workbook

COLUMNS = (Column("name", ("名称",), cells.text, True), Column("cell", ("格",), cells.whatever))


def cell_of(value: object, **formats: str):
    """What the reader makes of one cell: its value, or the reason it gives."""

    def also(book, sheet):
        style = book.add_format(formats) if formats else None
        if isinstance(value, str) and value.startswith("="):
            sheet.write_formula(1, 1, value, style, "#DIV/0!" if "/0" in value else 7)
        else:
            sheet.write(1, 1, value, style)

    found = read(workbook([["名称", "格"], ["甲"]], also=also), "a.xlsx", COLUMNS)
    return found.problems[0].reason if found.problems else found.rows[0]["cell"]


def refused(content: bytes, name: str = "a.xlsx") -> str:
    with pytest.raises(BadFile) as caught:
        read(content, name, COLUMNS)
    assert caught.value.message.endswith("。")
    return caught.value.code


def test_reads_numbers_texts_and_true_dates():
    assert cell_of(48) == 48
    assert cell_of(434.47) == 434.47
    assert cell_of("４８万") == "４８万"
    assert cell_of(dt.date(2020, 2, 28), num_format='yyyy"年"m"月"d"日"') == dt.date(2020, 2, 28)


def test_a_percentage_is_what_it_shows():
    assert cell_of(0.5, num_format="0%") == "50%"
    assert cell_of(0.125, num_format="0.0%") == "12.5%"
    assert cell_of(0.5, num_format='0.0"%"') == 0.5, "a quoted sign is only a word"


def test_a_formula_is_its_stored_value_and_an_error_is_not_empty():
    assert cell_of("=3+4") == 7
    assert cell_of("=1/0") == "这一格是公式错误"


@pytest.mark.parametrize("stored", [b"", b"<v></v>", b"<v/>"])
def test_a_formula_without_a_stored_value_is_refused(stored):
    content = workbook([["名称", "格"], ["甲"]], also=lambda book, sheet: sheet.write_formula(1, 1, "=3+4", None, 7))
    found = read(changed(content, sheet=(b"<v>7</v>", stored)), "a.xlsx", COLUMNS)
    assert [(p.row, p.column, p.value) for p in found.problems] == [(2, "格", "=3+4")]
    assert "公式没有算出的结果" in found.problems[0].reason


def test_cells_without_references_follow_each_other():
    content = workbook([["名称", "格"], ["甲", 5]])
    for reference in (b' r="A1"', b' r="B1"', b' r="A2"', b' r="B2"'):
        content = changed(content, sheet=(reference, b""))
    assert read(content, "a.xlsx", COLUMNS).rows[0].values == {"name": "甲", "cell": 5}


def test_reads_the_first_filled_sheet_and_says_what_it_left():
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.add_worksheet("空白")
    hidden = book.add_worksheet("隐藏")
    hidden.write(0, 0, "不读")
    hidden.hide()
    for name, head in (("日报", "名称"), ("说明", "怎么填")):
        book.add_worksheet(name).write_column(0, 0, [head, name])
    book.close()
    found = read(stream.getvalue(), "a.xlsx", COLUMNS)
    assert [row["name"] for row in found.rows] == ["日报"]
    assert found.notices == ["只读了工作表“日报”，没有读 说明", "隐藏的工作表没有读：隐藏"]


def test_a_cell_merged_over_rows_is_the_value_of_each():
    content = workbook([["名称", "格"], ["", 1], ["", 2]], also=lambda book, sheet: sheet.merge_range("A2:A3", "甲"))
    assert [row.values for row in read(content, "a.xlsx", COLUMNS).rows] == [
        {"name": "甲", "cell": 1}, {"name": "甲", "cell": 2},
    ]  # fmt: skip


def test_formatted_but_empty_rows_are_no_rows():
    def also(book, sheet):
        for row in range(2, 2000):
            sheet.write_blank(row, 0, None, book.add_format({"bold": True}) if row == 2 else None)
        sheet.set_row(59_999, 20)

    assert len(read(workbook([["名称"], ["甲"]], also=also), "a.xlsx", COLUMNS).rows) == 1


GOOD = workbook([["名称", "格"], ["甲", 5]])


def with_part(name: str, part: bytes = b"x") -> bytes:
    return packed({**parts(GOOD), name: part})


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xlsx", "old_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "old_workbook"),
        (GOOD, "a.xlsm", "old_workbook"),
        (with_part("xl/vbaProject.bin"), "a.xlsx", "macros"),
        (changed(GOOD, types=(b"sheet.main", b"sheet.macroEnabled.main")), "a.xlsx", "macros"),
        (with_part("xl/externalLinks/externalLink1.xml"), "a.xlsx", "external_links"),
        (packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "a.xlsx", "not_a_workbook"),
        (packed({"word/document.xml": b"<a/>", "[Content_Types].xml": b"<a/>"}), "a.xlsx", "not_a_workbook"),
        (GOOD[: len(GOOD) // 2], "a.xlsx", "broken_workbook"),
        (b"PK\x03\x04" + b"\0" * 100, "a.xlsx", "broken_workbook"),
        (b"PK\x05\x06" + b"\0" * 18, "a.xlsx", "not_a_workbook"),
        (changed(GOOD, sheet=(b"<worksheet", b"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet")), "a.xlsx", "broken_workbook"),
        (changed(GOOD, sheet=(b"</worksheet>", b"")), "a.xlsx", "broken_workbook"),
        (changed(GOOD, sheet=(b'r="B2"', b'r="?!"')), "a.xlsx", "broken_workbook"),
        (changed(GOOD, sheet=(b'r="B2"', b'r="XFD2"')), "a.xlsx", "too_many_columns"),
        (changed(GOOD, sheet=(b'<row r="2"', b'<row r="1048576"')), "a.xlsx", "too_many_rows"),
        (workbook([]), "a.xlsx", "empty_file"),
        (packed({**parts(GOOD), **{f"xl/a{n}.xml": b"<a/>" for n in range(300)}}), "a.xlsx", "too_many_parts"),
    ],
)  # fmt: skip
def test_refuses_what_is_no_plain_workbook(content, name, code):
    assert refused(content, name) == code


def test_refuses_a_workbook_with_a_password():
    content = bytearray(GOOD)
    for at in range(len(content)):  # the flag of encryption, in the directory and before each part
        if content[at : at + 4] == b"PK\x01\x02":
            content[at + 8] |= 1
        if content[at : at + 4] == b"PK\x03\x04":
            content[at + 6] |= 1
    assert refused(bytes(content)) == "encrypted"


def bomb(declared: int | None = None) -> bytes:
    """A sheet of 200 MB of blanks; with `declared` the archive lies about its size."""
    found = parts(GOOD)
    found["xl/worksheets/sheet1.xml"] = b" " * (200 * 1024 * 1024)
    content = packed(found)
    if declared is None:
        return content
    true, lie = (200 * 1024 * 1024).to_bytes(4, "little"), declared.to_bytes(4, "little")
    assert content.count(true) == 2
    return content.replace(true, lie)


@pytest.mark.parametrize("declared", [None, 1000])
def test_refuses_a_bomb_quickly_and_without_unpacking_it(declared):
    content = bomb(declared)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    assert refused(content) in {"too_large", "broken_workbook"}
    assert time.monotonic() - started < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024


def test_refuses_cells_that_lie_far_apart():
    content = workbook([["名称"]], also=lambda book, sheet: sheet.write(59_999, 199, "x"))
    assert refused(content) == "too_many_cells"


def test_a_lying_dimension_changes_nothing():
    content = changed(GOOD, sheet=(b'<dimension ref="A1:B2"/>', b'<dimension ref="A1:XFD1048576"/>'))
    assert read(content, "a.xlsx", COLUMNS).rows[0].values == {"name": "甲", "cell": 5}


def test_a_repeated_part_is_refused():
    stream = io.BytesIO(GOOD)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<worksheet/>")
    assert refused(stream.getvalue()) == "broken_workbook"
