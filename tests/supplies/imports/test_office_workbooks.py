"""Workbooks as offices make them: each read whole, or refused whole in words a clerk understands; page and command alike."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import time_machine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from python_calamine import CalamineWorkbook

from supplies.models import ReportLine, Revision
from tests.supplies.daily_reports.plants import DAY, FABRIC, MASK, City, at, settle

pytestmark = pytest.mark.django_db
NEW = "/supplies/daily-reports/uploads/"
HEADS = ["日期", "统一社会信用代码", "产品", "日产能", "当日产量", "库存"]
EXPECTED = {MASK: (480_000_000, 465_000_000, None), FABRIC: (None, None, 12_500)}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 12), tick=False):
        yield


@pytest.fixture
def city() -> City:
    return settle()


def made(draw: Callable[[Any, Any], None], *, name: str = "日报") -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(name)
    draw(book, sheet)
    book.close()
    return stream.getvalue()


def data(city: City) -> list[list[Any]]:
    return [
        [DAY.isoformat(), city.a.uscc, "医用外科口罩", "48万", 465000, None],
        [DAY.isoformat(), city.a.uscc, FABRIC, None, None, 12.5],
    ]


def rows(sheet: Any, first: int, listed: list[list[Any]]) -> None:
    for at_row, row in enumerate(listed, start=first):
        sheet.write_row(at_row, 0, row)


def upload(city: City, book: bytes) -> Any:
    """The page that says what taking the file in would do."""
    client = Client()
    client.force_login(city["clerk"])
    return client.post(NEW, {"file": SimpleUploadedFile("日报.xlsx", book)}, follow=True)


def command(book: bytes, folder: Path, *, refuses: bool = False) -> str:
    """What the command says."""
    path, out = folder / "日报.xlsx", io.StringIO()
    path.write_bytes(book)
    with pytest.raises(SystemExit) if refuses else nullcontext():
        call_command("import_reports", str(path), stdout=out, stderr=out)
    return out.getvalue()


def read_whole(city: City, book: bytes, folder: Path, *said: str) -> None:
    """Both doors read all of it, say what they left aside, and store the same."""
    preview = upload(city, book).context["preview"]
    assert ([str(p) for p in preview.problems], preview.fault) == ([], "")
    assert preview.added == 1
    told = command(book, folder)
    for words in said:
        assert words in "\n".join(preview.notices)
        assert words in told
    found = {line.product_id: (line.capacity, line.output, line.stock) for line in ReportLine.objects.all()}
    assert found == EXPECTED


def refused_whole(city: City, book: bytes, folder: Path, *words: str) -> None:
    """Both doors refuse all of it and say why; nothing is stored."""
    page = upload(city, book)
    preview = page.context["preview"]
    said = preview.fault + "\n".join(str(problem) for problem in preview.problems)
    assert all(word in said for word in words), said
    shown = page.content.decode()
    assert all(reason in shown for reason in [preview.fault, *(problem.reason for problem in preview.problems)])
    answer = command(book, folder, refuses=True)
    assert all(word in answer for word in words), answer
    assert not Revision.objects.exists()


def test_titles_notes_a_totals_row_and_blank_rows_are_no_data(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        sheet.merge_range("A1:F1", "某市重点物资生产企业一日一报")
        sheet.write(1, 0, "填报单位：甲一卫材")
        rows(sheet, 3, [HEADS, data(city)[0], [], [], data(city)[1]])
        sheet.merge_range("A9:C9", "合 计")
        sheet.write_row(8, 3, [480000, 465000, 12.5])
        sheet.merge_range("A10:F10", "注：数字以财务为准")
        sheet.write_row(10, 0, ["填报人：张三", "", "审核人：李四"])

    read_whole(city, made(draw), tmp_path, "表头在第 4 行", "第 9 行是合计，没有读", "第 10、11 行是说明，没有读")


def test_two_rows_of_heads_are_one(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        for column, head in enumerate(HEADS[:3]):
            sheet.merge_range(0, column, 1, column, head)
        sheet.merge_range("D1:E1", "产能产量")
        sheet.merge_range("F1:F2", "库存")
        sheet.write_row(1, 3, HEADS[3:5])
        rows(sheet, 2, data(city))

    read_whole(city, made(draw), tmp_path)


def test_a_group_of_heads_above_leaves_none_out(city, tmp_path):
    """The lower row names what is required; 库存 stands only in the upper one."""

    def draw(book: Any, sheet: Any) -> None:
        sheet.merge_range("A1:C1", "基本信息")
        sheet.merge_range("D1:E1", "生产")
        sheet.merge_range("F1:F2", "库存")
        sheet.write_row(1, 0, HEADS[:5])
        rows(sheet, 2, data(city))

    read_whole(city, made(draw), tmp_path)


@pytest.mark.parametrize(
    "head",
    ["日产能（万只）", "日产能(万只/天)", "日产能 万只", "日产能：万只", "日产能\n（单位：万只）", "*日产能（万只）"],
)
def test_a_unit_in_the_head_holds_for_its_column(city, tmp_path, head):
    def draw(book: Any, sheet: Any) -> None:
        heads = [*HEADS[:3], head, "当日产量（只）", "库存（必填）"]
        rows(sheet, 0, [heads, data(city)[0], data(city)[1]])
        sheet.write(1, 3, 48)

    read_whole(city, made(draw), tmp_path)


def test_a_row_of_units_under_the_heads_holds_too(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [HEADS, ["", "", "", "（万只）", "万只", "千克"], *data(city)])
        sheet.write_row(2, 3, [48, "46.5"])

    read_whole(city, made(draw), tmp_path)


@pytest.mark.parametrize("title", ["单位：万只", "某市口罩日报表（单位：万只/天）"])
def test_a_unit_in_the_title_holds_for_figures_without_one(city, tmp_path, title):
    def draw(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [[title], [*HEADS, "单位"], [*data(city)[0], ""], [*data(city)[1], "千克"]])
        sheet.write_row(2, 3, [48, "46.5万只"])

    read_whole(city, made(draw), tmp_path, "没有另写单位的数都按它读")


def test_who_reports_is_no_unit_and_several_units_are_not_guessed_at(city, tmp_path):
    def two(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [["单位：万只、吨"], HEADS, *data(city)])

    def who(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [["填报单位：甲一卫材"], HEADS, *data(city)])

    refused_whole(city, made(two), tmp_path, "第 1 行写着“单位：万只、吨”", "请写进各列的表头")
    read_whole(city, made(who), tmp_path)


def test_one_unit_in_the_head_and_another_in_the_cell_or_the_row_are_not_guessed_at(city, tmp_path):
    def in_cell(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [[*HEADS[:3], "日产能（万只）", *HEADS[4:]], *data(city)])

    def in_row(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [[*HEADS[:3], "日产能（万只）", *HEADS[4:], "单位"], [*data(city)[0], "只"], data(city)[1]])
        sheet.write(1, 3, 48)

    refused_whole(city, made(in_cell), tmp_path, "第 2 行", "日产能", "请只留一个")
    refused_whole(city, made(in_row), tmp_path, "第 2 行", "“单位”", "表头写的单位是“万只”，请只留一处")


def test_a_head_that_names_no_unit_is_refused_with_its_name(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [[*HEADS[:3], "日产能（设计）", *HEADS[4:]], *data(city)])
        sheet.write(1, 3, 480000)

    refused_whole(city, made(draw), tmp_path, "日产能（设计）", "单位“设计”没有登记换算")


def test_a_figure_split_into_nameless_columns_is_refused(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [[*HEADS[:4], "", "当日产量", "库存"], ["", "", "", "计划", "实际"]])
        sheet.merge_range("D1:E1", "日产能")
        rows(sheet, 2, [[*row[:4], row[3], *row[4:]] for row in data(city)])

    refused_whole(city, made(draw), tmp_path, "第 1 行的“日产能”下面分成了 “计划”、“实际”", "不知道读哪一列")


def test_a_key_merged_over_rows_holds_for_each_of_them(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [HEADS, *data(city)])
        sheet.merge_range("A2:A3", "")
        sheet.write(1, 0, DAY.isoformat())
        sheet.merge_range("B2:B3", city.a.uscc)

    read_whole(city, made(draw), tmp_path)


def test_a_figure_merged_over_rows_could_be_anybodys(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [HEADS, *data(city)])
        sheet.merge_range("F2:F3", 12.5)

    refused_whole(city, made(draw), tmp_path, "第 2 行“库存”", "第 3 行“库存”", "合并了几行，分不清是哪一行的")


def test_hidden_rows_are_refused_and_hidden_columns_said(city, tmp_path):
    def hidden_row(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [HEADS, *data(city)])
        sheet.set_row(2, None, None, {"hidden": True})

    def hidden_column(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [HEADS, *data(city)])
        sheet.set_column(1, 1, None, None, {"hidden": True})

    refused_whole(city, made(hidden_row), tmp_path, "第 3 行", "隐藏的，请取消隐藏")
    read_whole(city, made(hidden_column), tmp_path, "隐藏的列也读了：统一社会信用代码")


def test_the_sheet_with_the_table_is_read_wherever_it_stands(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        sheet.write(0, 0, "封面")
        rows(book.add_worksheet("数据"), 0, [HEADS, *data(city)])
        old = book.add_worksheet("旧数据")
        rows(old, 0, [HEADS, *data(city)])
        old.hide()

    read_whole(city, made(draw, name="封面"), tmp_path, "只读了工作表“数据”，没有读 封面", "隐藏的工作表没有读：旧数据")


def test_two_tables_in_one_workbook_are_refused(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [HEADS, data(city)[0]])
        rows(book.add_worksheet("材料"), 0, [HEADS, data(city)[1]])

    refused_whole(city, made(draw, name="成品"), tmp_path, "2 张表（“成品”、“材料”）", "一张一个文件")


@pytest.mark.parametrize("day", ["2020/3/27", "2020年3月27日", " 2020-3-27 ", dt.date(2020, 3, 27)])
@pytest.mark.parametrize("capacity", ["480000", " 480,000 ", "４８万", "48 万", "0.0048亿", "48万只"])
def test_texts_spaces_and_myriads_are_read_by_one_grammar(city, tmp_path, day, capacity):
    def draw(book: Any, sheet: Any) -> None:
        listed = [
            [day, f" {city.a.uscc.lower()} ", " 医用外科口罩 ", capacity, "465000 ", None],
            [day, *data(city)[1][1:]],
        ]
        rows(sheet, 0, [[f" {head} " for head in HEADS], *listed])

    read_whole(city, made(draw), tmp_path)


@pytest.mark.parametrize(
    "shows, stored", [('0"万"', 48), ('0"万只"', 48), ('#,##0"只"', 480000), ('0!.0,"万"', 480000)]
)
def test_a_word_behind_a_number_counts_as_what_it_shows(city, tmp_path, shows, stored):
    def draw(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [HEADS, *data(city)])
        sheet.write_number(1, 3, stored, book.add_format({"num_format": shows}))

    read_whole(city, made(draw), tmp_path)


def test_a_format_that_shows_another_number_than_is_stored_is_refused(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [HEADS, *data(city)])
        sheet.write_number(1, 3, 480000, book.add_format({"num_format": '0.0,"万"'}))

    refused_whole(city, made(draw), tmp_path, "第 2 行“日产能”", "存的数却是 480000", "改成常规格式")


def test_a_date_with_its_own_format_is_a_date(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [HEADS, *data(city)])
        form = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        for row in (1, 2):
            sheet.write_datetime(row, 0, dt.datetime(2020, 3, 27), form)

    read_whole(city, made(draw), tmp_path)


def test_a_code_that_became_a_number_says_so(city, tmp_path):
    def draw(book: Any, sheet: Any) -> None:
        rows(sheet, 0, [HEADS, *data(city)])
        sheet.write_number(1, 1, 913505820000000012)

    refused_whole(city, made(draw), tmp_path, "第 2 行“统一社会信用代码”", "存成了数字，后几位已经丢失")


def test_errors_come_back_in_the_same_table_under_its_own_head(city):
    def draw(book: Any, sheet: Any) -> None:
        sheet.merge_range("A1:F1", "一日一报")
        rows(sheet, 1, [HEADS, *data(city)])
        sheet.write(2, 3, "约48万")
        sheet.write(2, 4, 0.1 + 0.2)
        sheet.write_datetime(2, 0, dt.datetime(2020, 3, 27), book.add_format({"num_format": "yyyy-mm-dd"}))

    client = Client()
    client.force_login(city["clerk"])
    page = client.post(NEW, {"file": SimpleUploadedFile("日报.xlsx", made(draw))}, follow=True)
    assert page.context["preview"].notices == ["表头在第 2 行，它上方的标题没有读"]
    address = f"{NEW}{page.context['upload'].pk}/problems/"
    assert address in page.content.decode()
    back = client.get(address).content
    table = CalamineWorkbook.from_filelike(io.BytesIO(back)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert table[0][0] == "一日一报"
    assert table[1] == [*HEADS, "问题"]
    assert table[2][:5] == [DAY, city.a.uscc, "医用外科口罩", "约48万", 0.3]
    assert "“日产能”读不出" in table[2][6]
    assert table[3][6] == ""
    # set right in the workbook that came back, it is taken
    table[2][3] = "48万"
    mended = made(lambda book, sheet: rows(sheet, 0, table))
    assert upload(city, mended).context["preview"].added == 1
