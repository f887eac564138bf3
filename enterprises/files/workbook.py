"""XLSX: cell values by calamine, and beside them what calamine does not tell.

It leaves error cells and formulas without a stored value empty, which would read as "not given", and does not say that a
number is shown as a percentage or with a word behind it (48 shown as 48万). These cells are looked up in the sheet's own
XML, and so are merged cells and hidden rows.
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
TENTHS_OF_A_MYRIAD = re.compile(r'[0#][!\\]\.0+,|[0#]"\."0+,')
"""0!.0,万: a usual way to show 480000 as 48.0万, which shows what is stored."""
Merged = tuple[int, int, int, int]
"""First row, first column, last row, last column, from 0."""


@dataclass
class _Survey:
    """What a sheet's XML says beside its values: (row, column) counted from 0."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    instead: dict[tuple[int, int], Any] = field(default_factory=dict)
    percents: list[tuple[int, int]] = field(default_factory=list)
    worded: dict[tuple[int, int], Worded] = field(default_factory=dict)


@dataclass(frozen=True)
class Worded:
    """A number format that shows words around the number; `scales`: it shows another number than is stored."""

    before: str
    behind: str
    scales: bool

    def shows(self, stored: float) -> Any:
        """What such a cell says: a text by the grammar of quantities, or a fault."""
        text = f"{self.before}{shown(stored)}{self.behind}"
        if self.scales:
            reason = (
                f"这一格靠单元格格式显示“{self.behind or self.before}”，存的数却是 {shown(stored)}；请改成常规格式重填"
            )
            return Fault(shown(stored), reason)
        return text


@dataclass(frozen=True)
class Sheet:
    """A visible sheet that holds anything: its rows from the first on, and what the eye sees beside the values."""

    name: str
    values: list[list[Any]]
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


def sheets(content: bytes) -> tuple[list[Sheet], list[str]]:
    """The visible sheets that hold anything, and the names of hidden ones that do."""
    parts = archive.parts(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(archive.packed(parts)))
        tables = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        paths, styles = _sheet_paths(parts), _styles(parts)
        surveys = {sheet.name: _survey(parts[paths[sheet.name]], styles) for sheet in tables}
        filled = [sheet for sheet in tables if surveys[sheet.name].cells]
        found = [
            _sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False), surveys[name])
            for name in (sheet.name for sheet in filled if sheet.visible == SheetVisibleEnum.Visible)
        ]
    except (CalamineError, ElementTree.ParseError, KeyError, ValueError, IndexError):
        raise BadFile(f"工作簿已损坏。{archive.ADVICE}", code="broken_workbook") from None
    if not found:
        raise BadFile("工作簿里没有内容。", code="empty_file")
    return found, [sheet.name for sheet in filled if sheet.visible != SheetVisibleEnum.Visible]


def _sheet(name: str, values: list[list[Any]], survey: _Survey) -> Sheet:
    _correct(values, survey)
    return Sheet(name, values, survey.merged, frozenset(survey.hidden_rows), frozenset(survey.hidden_columns))


def _correct(values: list[list[Any]], survey: _Survey) -> None:
    """Put what the cells show where calamine gives less."""
    for row, column in survey.percents:
        if row < len(values) and column < len(values[row]) and isinstance(values[row][column], int | float):
            values[row][column] = shown(values[row][column] * 100) + "%"
    for (row, column), worded in survey.worded.items():
        if row < len(values) and column < len(values[row]) and isinstance(values[row][column], int | float):
            values[row][column] = worded.shows(values[row][column])
    for (row, column), instead in survey.instead.items():
        while len(values) <= row:
            values.append([])
        values[row] += [""] * (column + 1 - len(values[row]))
        values[row][column] = instead


def _survey(part: bytes, styles: dict[str, Worded | None]) -> _Survey:
    """Walk through a sheet once, forgetting as it goes."""
    found = _Survey()
    row = column = -1
    for event, element in ElementTree.iterparse(io.BytesIO(part), events=("start", "end")):
        tag = element.tag.rpartition("}")[2]
        if event == "start":
            if tag == "row":
                row, column = int(element.get("r") or row + 2) - 1, -1
                if element.get("hidden") in ("1", "true") and row <= MOST_ROWS:
                    found.hidden_rows.add(row)
            elif tag == "c":
                column = _column(element.get("r"), column)
            elif tag == "mergeCell":
                found.merged.append(_span(element.get("ref", "")))
            elif tag == "col" and element.get("hidden") in ("1", "true"):
                first, last = int(element.get("min") or 0), int(element.get("max") or 0)
                found.hidden_columns.update(range(first - 1, min(last, MOST_COLUMNS)))
        elif tag == "c":
            _note(found, element, row, column, styles)
            element.clear()
        elif tag == "row":
            element.clear()
    if found.rows * found.columns > MOST_CELLS:
        raise BadFile("表格里有离得很远的单元格，请删去空白行列后再传。", code="too_many_cells")
    return found


def _note(found: _Survey, cell: ElementTree.Element, row: int, column: int, styles: dict[str, Worded | None]) -> None:
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
    elif kind == "n" and cell.get("s", "") in styles:
        worded = styles[cell.get("s", "")]
        if worded is None:
            found.percents.append((row, column))
        else:
            found.worded[row, column] = worded


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


def _span(reference: str) -> Merged:
    """The corners of a merged cell (A2:B3)."""
    first, _, last = reference.partition(":")
    corners = [(int(REFERENCE.fullmatch(part)[2]) - 1, _column(part, -1)) for part in (first, last or first)]  # type: ignore[index]
    return (*corners[0], *corners[1])


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


def _styles(parts: dict[str, bytes]) -> dict[str, Worded | None]:
    """Cell styles, by number, that show a percentage (None) or words around the number."""
    if "xl/styles.xml" not in parts:
        return {}
    shows: dict[str, Worded | None] = {str(number): None for number in BUILT_IN_PERCENT}
    for form in _elements(parts["xl/styles.xml"], "numFmt"):
        code, number = form.get("formatCode", ""), form.get("numFmtId", "")
        if "%" in re.sub(r'"[^"]*"|\\.', "", code):
            shows[number] = None
        elif (worded := _worded(code)) is not None:
            shows[number] = worded
    root = ElementTree.fromstring(parts["xl/styles.xml"])
    styles = next((child for child in root if child.tag.endswith("}cellXfs")), None)
    listed = enumerate(styles if styles is not None else ())
    return {str(at): shows[style.get("numFmtId", "")] for at, style in listed if style.get("numFmtId", "") in shows}


def _worded(code: str) -> Worded | None:
    """What a number format shows beside the number: 0"箱" shows a unit, 0.0,"万" another number too; dates are none.

    >>> _worded('0"箱"'), _worded('yyyy"年"m"月"d"日"'), _worded("#,##0.00"), _worded('0.0,"万"').scales
    (Worded(before='', behind='箱', scales=False), None, None, True)
    """
    section = re.sub(r"\[[^\]]*\]|_.|\*.", "", code.split(";")[0])
    bare = re.sub(r'"[^"]*"|[\\!].', "", section)
    if re.search(r"[ymdhsYMDHS]", bare) or not re.search(r"[0#?]", bare):
        return None
    first, last = re.search(r"[0#?]", section), list(re.finditer(r"[0#?]", section))[-1]
    assert first is not None
    before, behind = (_literal(part) for part in (section[: first.start()], section[last.end() :]))
    if not re.search(r"[\u4e00-\u9fff]", before + behind):
        return None
    scales = section[last.end() :].startswith(",")
    if scales and behind == "万" and TENTHS_OF_A_MYRIAD.search(section):
        return None
    return Worded(before, behind, scales)


def _literal(section: str) -> str:
    """The words of a part of a number format."""
    return re.sub(r'["\\!,\s]', "", section)


def _elements(part: bytes, name: str) -> Iterator[ElementTree.Element]:
    for element in ElementTree.fromstring(part).iter():
        if element.tag.rpartition("}")[2] == name:
            yield element
