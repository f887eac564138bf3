"""XLSX: cell values by calamine, and beside them what calamine does not tell.

It leaves error cells and formulas without a stored value empty, which would read as "not given", and does not say that a
number is shown as a percentage. These cells are looked up in the sheet's own XML.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from enterprises.files import archive
from enterprises.files.limits import MOST_CELLS, MOST_COLUMNS, MOST_ROWS
from enterprises.files.refusals import BadFile
from enterprises.rules.cells import Fault, shown

RELATION = re.compile(r"\{[^}]*relationships\}id")
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
BUILT_IN_PERCENT = {9, 10}


@dataclass
class _Survey:
    """What a sheet's XML says beside its values: (row, column) counted from 0."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    has_merged: bool = False
    instead: dict[tuple[int, int], Any] = field(default_factory=dict)
    percents: list[tuple[int, int]] = field(default_factory=list)


def records(content: bytes) -> tuple[list[list[Any]], list[str]]:
    """The rows of the first visible sheet that holds anything, from its first row on, and notices about the rest."""
    parts = archive.parts(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(archive.packed(parts)))
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        paths = _sheet_paths(parts)
        surveys = {name: _survey(parts[paths[name]], _percent_styles(parts)) for name in visible}
        filled = [name for name in visible if surveys[name].cells]
        if not filled:
            raise BadFile("工作簿里没有内容。", code="empty_file")
        survey = surveys[filled[0]]
        values: list[list[Any]] = book.get_sheet_by_name(filled[0]).to_python(skip_empty_area=False)
    except (CalamineError, ElementTree.ParseError, KeyError, ValueError, IndexError):
        raise BadFile(f"工作簿已损坏。{archive.ADVICE}", code="broken_workbook") from None
    _correct(values, survey)
    notices = [f"只读了工作表“{filled[0]}”，没有读 {'、'.join(filled[1:])}"] if len(filled) > 1 else []
    if survey.has_merged:
        notices.append("表里有合并的单元格，只有左上角一格算有内容")
    return values, notices


def _correct(values: list[list[Any]], survey: _Survey) -> None:
    """Put what the cells show where calamine gives less."""
    for row, column in survey.percents:
        if row < len(values) and column < len(values[row]) and isinstance(values[row][column], int | float):
            values[row][column] = shown(values[row][column] * 100) + "%"
    for (row, column), instead in survey.instead.items():
        while len(values) <= row:
            values.append([])
        values[row] += [""] * (column + 1 - len(values[row]))
        values[row][column] = instead


def _survey(part: bytes, percent_styles: set[str]) -> _Survey:
    """Walk through a sheet once, forgetting as it goes."""
    found = _Survey()
    row = column = -1
    for event, element in ElementTree.iterparse(io.BytesIO(part), events=("start", "end")):
        tag = element.tag.rpartition("}")[2]
        if event == "start":
            if tag == "row":
                row, column = int(element.get("r") or row + 2) - 1, -1
            elif tag == "c":
                column = _column(element.get("r"), column)
            elif tag == "mergeCell":
                found.has_merged = True
        elif tag == "c":
            _note(found, element, row, column, percent_styles)
            element.clear()
        elif tag == "row":
            element.clear()
    if found.rows * found.columns > MOST_CELLS:
        raise BadFile("表格里有离得很远的单元格，请删去空白行列后再传。", code="too_many_cells")
    return found


def _note(found: _Survey, cell: ElementTree.Element, row: int, column: int, percent_styles: set[str]) -> None:
    """What one cell has beyond its value. Cells that are only formatted are none."""
    value = next((child for child in cell if child.tag.endswith("}v")), None)
    formula = next((child for child in cell if child.tag.endswith("}f")), None)
    inline = next((child for child in cell if child.tag.endswith("}is")), None)
    if value is None and formula is None and inline is None:
        return
    found.cells += 1
    found.rows, found.columns = max(found.rows, row + 1), max(found.columns, column + 1)
    if found.rows > MOST_ROWS + 1:
        raise BadFile(f"表格超过 {MOST_ROWS} 行，请分成几个文件。", code="too_many_rows")
    if found.columns > MOST_COLUMNS:
        raise BadFile(f"表格超过 {MOST_COLUMNS} 列。", code="too_many_columns")
    kind, stored = cell.get("t", "n"), (value.text or "") if value is not None else ""
    if kind == "e":
        found.instead[row, column] = Fault(stored or "#ERROR!", "这一格是公式错误")
    elif formula is not None and not stored and (value is None or kind != "str"):
        found.instead[row, column] = Fault(f"={formula.text or ''}"[:60], "公式没有算出的结果，请粘贴为数值")
    elif kind == "n" and cell.get("s") in percent_styles:
        found.percents.append((row, column))


def _column(reference: str | None, before: int) -> int:
    """Column of a cell by its reference (B7 -> 1); cells without one follow the cell before."""
    if reference is None:
        return before + 1
    found = REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(reference)
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _sheet_paths(parts: dict[str, bytes]) -> dict[str, str]:
    """Which part holds the sheet of a name."""
    targets = {}
    for relation in _elements(parts["xl/_rels/workbook.xml.rels"], "Relationship"):
        target = relation.get("Target", "")
        targets[relation.get("Id")] = target[1:] if target.startswith("/") else f"xl/{target}"
    found = {}
    for sheet in _elements(parts[archive.WORKBOOK], "sheet"):
        identity = next(value for name, value in sheet.attrib.items() if RELATION.fullmatch(name))
        found[sheet.get("name", "")] = targets[identity]
    return found


def _percent_styles(parts: dict[str, bytes]) -> set[str]:
    """Numbers of the cell styles that show a percentage."""
    if "xl/styles.xml" not in parts:
        return set()
    percent = {str(number) for number in BUILT_IN_PERCENT}
    for form in _elements(parts["xl/styles.xml"], "numFmt"):
        if "%" in re.sub(r'"[^"]*"|\\.', "", form.get("formatCode", "")):
            percent.add(form.get("numFmtId", ""))
    root = ElementTree.fromstring(parts["xl/styles.xml"])
    styles = next((child for child in root if child.tag.endswith("}cellXfs")), None)
    return {
        str(at) for at, style in enumerate(styles if styles is not None else ()) if style.get("numFmtId") in percent
    }


def _elements(part: bytes, name: str) -> Iterator[ElementTree.Element]:
    for element in ElementTree.fromstring(part).iter():
        if element.tag.rpartition("}")[2] == name:
            yield element
