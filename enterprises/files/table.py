"""A file as a table: its header matched to the columns asked for, its rows read cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from enterprises.files import csv_text, header, workbook
from enterprises.files.asides import aside
from enterprises.files.columns import Column, is_blank
from enterprises.files.header import Head
from enterprises.files.limits import MEGABYTE, MOST_BYTES
from enterprises.files.refusals import BadFile
from enterprises.files.workbook import Sheet
from enterprises.rules.cells import shown

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK"

Numbered = list[tuple[int, list[Any]]]
"""Filled rows with their number in the sheet."""


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be taken: row as the sheet numbers it, column as the file names it, the value as it is shown."""

    row: int
    column: str
    value: str
    reason: str
    code: str = "invalid"

    def __str__(self) -> str:
        where = f"第 {self.row} 行" + (f"“{self.column}”" if self.column else "")
        what = f"“{self.value}”" if self.value else "（空）" if self.column else ""
        return f"{where}{what}：{self.reason}"


@dataclass(frozen=True)
class Row:
    """One row: number in the sheet, values by key (None = empty; a key that the file lacks is not there), as shown."""

    number: int
    values: dict[str, Any]
    shown: dict[str, str]

    def __getitem__(self, key: str) -> Any:
        return self.values.get(key)


@dataclass(frozen=True)
class Table:
    """Rows that could be read, problems of those that could not, and what was left aside.

    named = columns as the file calls them; units = the units that heads name, both by key; unit = the one that a title
    names for every figure that has none.
    """

    named: dict[str, str]
    rows: list[Row]
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    unit: str = ""
    spoiled: list[Row] = field(default_factory=list)
    """Rows with problems, as far as they could be read."""


def read(content: bytes, name: str, columns: Sequence[Column]) -> Table:
    """Read a file by its content; its name is only checked against it.

    Nothing is half read: what is left aside is said, and what cannot be told apart is refused.
    Refuses (BadFile, one reason for the whole file): too_large, empty_file, old_workbook, encrypted, macros,
    not_a_workbook, renamed, bad_encoding, several_tables, no_header, duplicate_column, split_head and their like.
    """
    sheet, notices, is_text = _opened(content, name, columns)
    filled = _filled(sheet)
    head = _head(sheet, filled, columns)
    unit = ""
    if head.top:
        notices = [*notices, f"表头在第 {filled[head.top][0]} 行，它上方的标题没有读"]
    if head.top and any(column.takes_unit for column in columns):
        number, unit = header.unit_above(filled[: head.top])
        if unit:
            notices[-1] = f"表头在第 {filled[head.top][0]} 行；第 {number} 行写着单位“{unit}”，没有另写单位的数都按它读"
    return replace(_shaped(sheet, filled, head, columns, notices, is_text=is_text), unit=unit)


def records(content: bytes, name: str, columns: Sequence[Column]) -> tuple[list[list[Any]], int]:
    """The rows that `read` reads, as they are, from the first on, and the number of the one the header begins in.

    Refuses as `read` does.
    """
    sheet, _, _ = _opened(content, name, columns)
    filled = _filled(sheet)
    return sheet.values, filled[_head(sheet, filled, columns).top][0]


def _opened(content: bytes, name: str, columns: Sequence[Column]) -> tuple[Sheet, list[str], bool]:
    """The one sheet that is meant, what to say of the others, and whether the file is text."""
    if len(content) > MOST_BYTES:
        raise BadFile(f"文件超过 {MOST_BYTES // MEGABYTE} 兆。", code="too_large")
    if not content.strip():
        raise BadFile("文件是空的。", code="empty_file")
    suffix = PurePath(name).suffix.lower()
    if content.startswith(OLE):
        raise BadFile("文件是旧版 .xls 或加了密码的工作簿，请去掉密码，另存为 .xlsx。", code="old_workbook")
    is_workbook = content.startswith(ZIP)
    if suffix in (".xlsm", ".xlsb", ".xls", ".ods"):
        raise BadFile(f"不接受 {suffix} 文件，请另存为 .xlsx 或 CSV。", code="old_workbook")
    if (suffix == ".xlsx" and not is_workbook) or (suffix in (".csv", ".txt") and is_workbook):
        raise BadFile(f"文件名以 {suffix} 结尾，内容却不是；请用表格软件另存，不要改名。", code="renamed")
    if is_workbook:
        return *_chosen(*workbook.sheets(content), columns), False
    return Sheet("", [list(record) for record in csv_text.records(content)]), [], True


def _chosen(found: list[Sheet], hidden: list[str], columns: Sequence[Column]) -> tuple[Sheet, list[str]]:
    """The sheet with the table; refuses several_tables, as it could only be guessed which is meant."""
    tables = [sheet for sheet in found if header.has_one(_filled(sheet), columns)]
    if len(tables) > 1:
        names = "、".join(f"“{sheet.name}”" for sheet in tables)
        raise BadFile(f"工作簿里有 {len(tables)} 张表（{names}），请一张一个文件，分开上传。", code="several_tables")
    chosen = tables[0] if tables else found[0]
    others = [sheet.name for sheet in found if sheet is not chosen]
    notices = [f"只读了工作表“{chosen.name}”，没有读 {'、'.join(others)}"] if others else []
    if hidden:
        notices.append(f"隐藏的工作表没有读：{'、'.join(hidden)}")
    return chosen, notices


def _filled(sheet: Sheet) -> Numbered:
    """The rows that hold anything, all of one width."""
    width = max((len(record) for record in sheet.values), default=0)
    return [
        (number, [*record, *[None] * (width - len(record))])
        for number, record in enumerate(sheet.values, start=1)
        if not all(is_blank(cell) for cell in record)
    ]


def _head(sheet: Sheet, filled: Numbered, columns: Sequence[Column]) -> Head:
    if not filled:
        raise BadFile("文件里没有内容。", code="empty_file")
    spans = [range(left, right + 1) for top, left, bottom, right in sheet.merged if top == bottom and right > left]
    found = header.find(filled, columns, merged=())
    top = filled[found.top][0] - 1
    mine = [range(left, right + 1) for row, left, last, right in sheet.merged if row == last == top and right > left]
    return header.find(filled, columns, merged=mine) if spans else found


def _shaped(
    sheet: Sheet, filled: Numbered, head: Head, columns: Sequence[Column], notices: list[str], *, is_text: bool
) -> Table:
    body = filled[head.top + head.rows :]
    headless = [
        at for at, word in enumerate(head.heads) if not word and any(not is_blank(cells[at]) for _, cells in body)
    ]
    if headless and not is_text:
        notices = [*notices, f"第 {'、'.join(str(at + 1) for at in headless)} 列没有列名，没有读"]
        headless = []
    hidden = [word for at, word in enumerate(head.heads) if word and at in sheet.hidden_columns]
    if hidden:
        notices = [*notices, f"隐藏的列也读了：{'、'.join(hidden)}"]
    table = Table(head.named, [], [], head.ignored, notices, head.units)
    left_out: dict[str, list[int]] = {}
    unclear = _spread(sheet, body, head, columns)
    for number, cells in body:
        row, faults = _row(number, cells, columns, head.places, head.named)
        is_hidden = number - 1 in sheet.hidden_rows
        # a row that can be read is data; only others are looked at for what else they are
        if (faults or is_hidden) and (what := aside(cells, head, columns)):
            left_out.setdefault(what, []).append(number)
        elif is_hidden:
            reason = "这一行是隐藏的，请取消隐藏，或删掉它再传"
            table.problems.append(Problem(number, "", "", reason, "hidden_row"))
        elif (beyond := next((cells[at] for at in headless if not is_blank(cells[at])), None)) is not None:
            reason = "这一行比表头多出一格；数字里的逗号要用引号括起来"
            table.problems.append(Problem(number, "", shown(beyond), reason, "extra_cell"))
        else:
            if unclear:
                faults = [fault for fault in faults if (number, fault.column) not in unclear]
                faults += [fault for (at, _), fault in unclear.items() if at == number]
            table.problems.extend(faults)
            (table.spoiled if faults else table.rows).append(row)
    table.notices.extend(f"第 {'、'.join(map(str, numbers))} 行{what}，没有读" for what, numbers in left_out.items())
    return table


def _spread(sheet: Sheet, body: Numbered, head: Head, columns: Sequence[Column]) -> dict[tuple[int, str], Problem]:
    """Give every row what a cell merged over several of them says; a figure so merged could be anybody's: a problem each."""
    rows, by_place = dict(body), {place: key for key, place in head.places.items()}
    figures = {column.key for column in columns if column.takes_unit}
    found: dict[tuple[int, str], Problem] = {}
    for top, left, bottom, right in sheet.merged:
        covered = [number for number in range(top + 1, bottom + 2) if number in rows]
        over = [by_place[at] for at in range(left, right + 1) if at in by_place]
        if not covered or not over or is_blank(rows[covered[0]][left]):
            continue
        if aside(rows[covered[0]], head, columns):
            continue
        for number in covered:
            if right > left or over[0] in figures:
                name, value = head.named[over[0]], shown(rows[covered[0]][left])
                what = ("几列", "哪一列") if right > left else ("几行", "哪一行")
                reason = f"这一格合并了{what[0]}，分不清是{what[1]}的，请拆开重填"
                found[number, name] = Problem(number, name, value, reason, "merged_cell")
            else:
                rows[number][left] = rows[covered[0]][left]
    return found


def _row(
    number: int, cells: Sequence[Any], columns: Sequence[Column], places: dict[str, int], named: dict[str, str]
) -> tuple[Row, list[Problem]]:
    row, faults = Row(number, {}, {}), []
    for column in columns:
        if column.key not in places:
            continue
        cell = cells[places[column.key]]
        row.values[column.key] = None
        row.shown[column.key] = shown(None if is_blank(cell) else cell)
        if is_blank(cell):
            if column.is_required:
                faults.append(Problem(number, named[column.key], "", "不能为空", "required"))
            continue
        try:
            row.values[column.key] = column.reads(cell)
        except ValueError as error:
            faults.append(Problem(number, named[column.key], row.shown[column.key], f"{error}"))
    return row, faults
