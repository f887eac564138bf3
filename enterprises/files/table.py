"""A file as a table: its header matched to the columns asked for, its rows read cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import pandas

from enterprises.files import csv_text, workbook
from enterprises.files.limits import MEGABYTE, MOST_BYTES
from enterprises.files.refusals import BadFile
from enterprises.rules.cells import Reader, shown, text
from enterprises.rules.names import folded

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK"
HIGHEST_HEADER = 10
"""Filled rows in which a header is looked for: office workbooks carry titles and notes above it."""


@dataclass(frozen=True)
class Column:
    """A column that is asked for: its key, which is its English name, its other names, and how its cells are read.

    is_required: without the column the file is refused, and without a value the row is.
    """

    key: str
    names: tuple[str, ...]
    reads: Reader = text
    is_required: bool = False


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
    """Rows that could be read, problems of those that could not, and what was left aside."""

    named: dict[str, str]
    rows: list[Row]
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read(content: bytes, name: str, columns: Sequence[Column]) -> Table:
    """Read a file by its content; its name is only checked against it.

    Refuses (BadFile, one reason for the whole file): too_large, empty_file, old_workbook, encrypted, macros,
    not_a_workbook, renamed, bad_encoding, no_header, duplicate_column and their like.
    """
    found, notices = _records(content, name)
    return _shaped(found, columns, notices, is_text=not content.startswith(ZIP))


def records(content: bytes, name: str) -> list[list[Any]]:
    """The rows of a file as they are, from the first on. Refuses as `read` does."""
    return _records(content, name)[0]


def _records(content: bytes, name: str) -> tuple[list[list[Any]], list[str]]:
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
        return workbook.records(content)
    return [list(record) for record in csv_text.records(content)], []


def _shaped(records: list[list[Any]], columns: Sequence[Column], notices: list[str], *, is_text: bool) -> Table:
    width = max((len(record) for record in records), default=0)
    frame = pandas.DataFrame([[*record, *[None] * (width - len(record))] for record in records], dtype=object)
    frame.index += 1
    blank = frame.map(_is_blank)
    filled = frame[~blank.all(axis=1)]
    if filled.empty:
        raise BadFile("文件里没有内容。", code="empty_file")
    top = _header(filled, columns)
    if top:
        notices = [*notices, f"表头在第 {filled.index[top]} 行，它上方的标题没有读"]
        filled = filled.iloc[top:]
    header = filled.iloc[0]
    places, ignored = _matched(header, columns, int(filled.index[0]))
    headless = [at for at in range(len(header)) if _is_blank(header.iloc[at]) and not blank[at][1:].all()]
    if headless and not is_text:
        notices = [*notices, f"第 {'、'.join(str(at + 1) for at in headless)} 列没有列名，没有读"]
        headless = []
    named = {column.key: _head(header.iloc[places[column.key]]) for column in columns if column.key in places}
    rows, problems = [], []
    for number, cells in zip(filled.index[1:], filled.iloc[1:].itertuples(index=False, name=None), strict=True):
        beyond = next((cells[at] for at in headless if not _is_blank(cells[at])), None)
        if beyond is not None:
            reason = "这一行比表头多出一格；数字里的逗号要用引号括起来"
            problems.append(Problem(int(number), "", shown(beyond), reason, "extra_cell"))
            continue
        row, faults = _row(int(number), cells, columns, places, named)
        problems += faults
        if not faults:
            rows.append(row)
    return Table(named, rows, problems, ignored, notices)


def _header(filled: Any, columns: Sequence[Column]) -> int:
    """Where the header stands among the filled rows: the first one that names every required column, else the first."""
    required = [{folded(name) for name in (column.key, *column.names)} for column in columns if column.is_required]
    for at in range(min(HIGHEST_HEADER, len(filled))):
        heads = {folded(_head(cell)) for cell in filled.iloc[at] if not _is_blank(cell)}
        if all(names & heads for names in required):
            return at
    return 0


def _matched(header: Any, columns: Sequence[Column], number: int) -> tuple[dict[str, int], list[str]]:
    """Where each column stands; unknown ones by name. Refuses a header that is none."""
    known = {folded(name): column.key for column in columns for name in (column.key, *column.names)}
    places: dict[str, int] = {}
    ignored = []
    for at, cell in enumerate(header):
        if _is_blank(cell):
            continue
        key = known.get(folded(_head(cell)))
        if key is None:
            ignored.append(_head(cell))
        elif key in places:
            raise BadFile(f"表头里“{_head(cell)}”这一列出现了两次。", code="duplicate_column")
        else:
            places[key] = at
    missing = [column for column in columns if column.is_required and column.key not in places]
    if missing:
        wanted = "、".join(f"{column.names[0]}（{column.key}）" for column in missing)
        advice = "" if places else "；表头应在第一行，上方不要有标题行"
        raise BadFile(f"第 {number} 行的表头缺少列：{wanted}{advice}。", code="no_header")
    return places, ignored


def _row(
    number: int, cells: Sequence[Any], columns: Sequence[Column], places: dict[str, int], named: dict[str, str]
) -> tuple[Row, list[Problem]]:
    row, faults = Row(number, {}, {}), []
    for column in columns:
        if column.key not in places:
            continue
        cell = cells[places[column.key]]
        row.values[column.key] = None
        row.shown[column.key] = shown(None if _is_blank(cell) else cell)
        if _is_blank(cell):
            if column.is_required:
                faults.append(Problem(number, named[column.key], "", "不能为空", "required"))
            continue
        try:
            row.values[column.key] = column.reads(cell)
        except ValueError as error:
            faults.append(Problem(number, named[column.key], row.shown[column.key], f"{error}"))
    return row, faults


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip()) or (isinstance(cell, float) and cell != cell)


def _head(cell: Any) -> str:
    """A head as it is named in answers; a star that marks it as required is no part of it."""
    return shown(cell).replace("\n", "").strip(" *＊")
