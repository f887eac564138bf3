"""Headers, rows and cells: what is matched, what is named in an answer, what is never guessed."""

from __future__ import annotations

import datetime as dt

import pytest

from enterprises.files import BadFile, Column, read
from enterprises.rules import cells
from tests.enterprises.files.sheets import workbook

COLUMNS = (
    Column("uscc", ("统一社会信用代码",), cells.text, True),
    Column("starts_on", ("起始日期", "自"), cells.day),
    Column("amount", ("数量",), cells.whatever),
    Column("withdrawn", ("撤回",), cells.yes_no),
)


def table(text: str, name: str = "a.csv", encoding: str = "utf-8"):
    return read(text.encode(encoding), name, COLUMNS)


def refused(content: bytes, name: str = "a.csv") -> BadFile:
    with pytest.raises(BadFile) as caught:
        read(content, name, COLUMNS)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_reads_both_encodings_by_content(encoding):
    found = table("统一社会信用代码,起始日期\n甲,2020年2月28日\n", encoding=encoding)
    assert found.rows[0].values == {"uscc": "甲", "starts_on": dt.date(2020, 2, 28)}


@pytest.mark.parametrize(
    "header",
    ["uscc", "USCC", "统一社会信用代码", " 统一社会信用代码 ", "统一社会 信用代码", "统一社会信用代码*", "ｕｓｃｃ"],
)
def test_matches_heads_in_chinese_and_english_whatever_the_width(header):
    assert table(f"{header}\n甲\n").rows[0]["uscc"] == "甲"


def test_names_unknown_columns_and_ignores_them():
    found = table("uscc,颜色,数量\n甲,红,5\n")
    assert found.ignored == ["颜色"]
    assert found.rows[0].values == {"uscc": "甲", "amount": "5"}


def test_numbers_rows_as_the_sheet_does():
    found = table('uscc,自\n\n"甲\n乙",2020-02-28\n丙,昨天\n')
    assert found.rows[0].number == 3
    assert [(p.row, p.column, p.value) for p in found.problems] == [(4, "自", "昨天")]
    assert str(found.problems[0]).startswith("第 4 行“自”“昨天”：不能读作日期")


def test_every_bad_cell_is_a_problem_of_its_own():
    found = table("uscc,自,撤回\n,20200228,也许\n甲,,是\n")
    assert [p.column for p in found.problems] == ["uscc", "自", "撤回"]
    assert [row.values["withdrawn"] for row in found.rows] == [True]


def test_a_row_longer_than_the_head_is_a_problem():
    """An unquoted thousands separator moves figures into the next column."""
    found = table("uscc,数量\n甲,1,234\n")
    assert [p.code for p in found.problems] == ["extra_cell"]
    assert table("uscc,数量,\n甲,1,\n").problems == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_file"), ("\n\n", "empty_file"), (",,\n", "empty_file"), ("自,数量\n2020-02-28,5\n", "no_header"),
        ("2020年日报表\n自,数量\n2020-02-28,5\n", "no_header"), ("uscc,统一社会信用代码\n甲,乙\n", "duplicate_column"),
        ('uscc\n"甲\n', "bad_csv"), ("uscc\n甲\x00\n", "bad_encoding"), ("uscc\n" + "甲\n" * 60_001, "too_many_rows"),
        ("uscc" + ",x" * 300 + "\n甲\n", "too_many_columns"),
    ],
)  # fmt: skip
def test_refuses_a_whole_file_with_one_reason(text, code):
    assert refused(text.encode()).code == code


def test_a_title_above_the_head_is_left_out_and_said():
    table = read("2020年日报表,\n填报单位：某市,\nuscc,自\n甲,2020-02-28\n".encode(), "a.csv", COLUMNS)
    assert [(row.number, row["uscc"]) for row in table.rows] == [(4, "甲")]
    assert table.notices == ["表头在第 3 行，它上方的标题没有读"]
    deep = "标题\n" * 10 + "uscc,自\n甲,2020-02-28\n"
    assert "上方不要有标题行" in refused(deep.encode()).message
    assert "统一社会信用代码（uscc）" in refused("自\n2020-02-28\n".encode()).message


def test_refuses_other_encodings_and_binary_junk():
    assert refused("uscc\n甲\n".encode("utf-16")).code == "bad_encoding"
    assert refused(bytes(range(1, 256)) * 3).code in {"bad_encoding", "no_header", "bad_csv"}
    assert refused(b"%PDF-1.7 \xff\xff\xff").code == "bad_encoding"


def test_refuses_what_is_renamed():
    assert refused("uscc\n甲\n".encode(), "a.xlsx").code == "renamed"
    assert refused(workbook([["uscc"], ["甲"]]), "a.csv").code == "renamed"
    assert read(workbook([["uscc"], ["甲"]]), "upload", COLUMNS).rows[0]["uscc"] == "甲"


def test_refuses_more_than_ten_megabytes_unread():
    assert refused(b"uscc\n" + b"x" * (10 * 1024 * 1024)).code == "too_large"


@pytest.mark.parametrize("text", ["是", "yes", "Ｙ", "true", "1"])
def test_reads_yes_and_its_stand_ins(text):
    assert cells.yes_no(text) is True


@pytest.mark.parametrize("cell", [dt.datetime(2020, 2, 28, 9, 30), True, 43889, 43889.0, "43889"])
def test_no_day_is_made_of_a_number_or_a_moment(cell):
    with pytest.raises(ValueError, match="日期"):
        cells.day(cell) if not isinstance(cell, bool) else cells.day(str(cell))


def test_a_code_typed_as_a_number_is_its_digits():
    assert cells.code(350582.0) == "350582"
    assert cells.text(0.1 + 0.2) == "0.3"
    for cell in (True, dt.date(2020, 2, 28)):
        with pytest.raises(ValueError, match="文字"):
            cells.text(cell)
