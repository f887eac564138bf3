"""The head of a table as offices write it: titles above it, two rows of heads, units in brackets behind a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from enterprises.files.columns import Column, is_blank
from enterprises.files.refusals import BadFile
from enterprises.rules.cells import shown
from enterprises.rules.names import folded

HIGHEST = 10
"""Filled rows in which a header is looked for: office workbooks carry titles and notes above it."""
REMARKS = {"必填", "选填", "可选", "自报", "非必填"}
PER_DAY = re.compile(r"[/每](天|日)$")
PIECES = "只个件套吨瓶升片双副台米卷箱盒包袋支桶克"
BARE_UNIT = re.compile(rf"(?:[万亿][{PIECES}]?|[{PIECES}]|千克|公斤|kg|毫升)(?:/(?:天|日))?")
SAID_ABOVE = re.compile(r"单位[:为]([^()]+)")
FIGURE = re.compile(r"[-+]?[0-9][0-9,.]*[万亿]?\S{0,4}")

Cells = Sequence[Any]


@dataclass(frozen=True)
class Head:
    """Where each column stands, the unit that its head names, the head's own words; `rows` = how many rows it takes."""

    top: int
    rows: int
    places: dict[str, int]
    units: dict[str, str]
    named: dict[str, str]
    heads: list[str]
    ignored: list[str] = field(default_factory=list)


def find(filled: Sequence[tuple[int, Cells]], columns: Sequence[Column], *, merged: Iterable[range]) -> Head:
    """The header among the filled rows (number in the sheet, cells); the first row where none names what is required.

    `merged`: columns that one cell of the header rows spans. Refuses: no_header, duplicate_column, split_head.
    """
    at, rows, heads = _rows(filled, columns)
    names = _Names(columns)
    _refuse_split(filled[at : at + rows], heads, names, merged)
    places, units, ignored = names.matched(heads)
    missing = [column for column in columns if column.is_required and column.key not in places]
    if missing:
        wanted = "、".join(f"{column.names[0]}（{column.key}）" for column in missing)
        advice = "" if places else "；表头应在第一行，上方不要有标题行"
        raise BadFile(f"第 {filled[at][0]} 行的表头缺少列：{wanted}{advice}。", code="no_header")
    named = {key: heads[place] for key, place in places.items()}
    return Head(at, rows, places, units, named, heads, ignored)


def unit_above(rows: Sequence[tuple[int, Cells]]) -> tuple[int, str]:
    """The unit that a title names for the whole table (单位：万只), with its row; 0 and empty where none does.

    单位 also means who reports: only what can be a unit is taken for one. Refuses several_units.
    """
    for number, cells in rows:
        for cell in cells:
            found = SAID_ABOVE.search(folded(cell)) if isinstance(cell, str) else None
            said = PER_DAY.sub("", found[1]) if found is not None else ""
            if BARE_UNIT.fullmatch(said):
                return number, said
            parts = re.split(r"[、,/及和;]", said)
            if len(parts) > 1 and all(BARE_UNIT.fullmatch(part) for part in parts):
                message = f"第 {number} 行写着“{words(cell)}”，不知道哪一列用哪个单位；请写进各列的表头，例如 日产能（{parts[0]}）。"
                raise BadFile(message, code="several_units")
    return 0, ""


def has_one(filled: Sequence[tuple[int, Cells]], columns: Sequence[Column]) -> bool:
    """Whether a header that names every required column is among the first filled rows."""
    return bool(filled) and _names_all(_rows(filled, columns)[2], columns)


def words(cell: Any) -> str:
    """A head as it is named in answers; a star that marks it as required is no part of it."""
    return shown(cell).replace("\n", "").strip(" *＊") if not is_blank(cell) else ""


def _rows(filled: Sequence[tuple[int, Cells]], columns: Sequence[Column]) -> tuple[int, int, list[str]]:
    """Which filled row the header begins in, how many it takes, and its words by column."""
    names = _Names(columns)
    for at in range(min(HIGHEST, len(filled))):
        heads = [words(cell) for cell in filled[at][1]]
        below = filled[at + 1][1] if at + 1 < len(filled) else ()
        if _names_all(heads, columns):
            if at and not _names_all([words(cell) for cell in filled[at - 1][1]], columns):
                heads = _filled_from_above(heads, filled[at - 1][1], names)
            if names.is_second(below, heads, columns):
                return at, 2, names.joined(heads, [words(cell) for cell in below])
            return at, 1, heads
        lower = [words(cell) for cell in below]
        if not _names_all(lower, columns) and any(names.key(head) for head in heads):
            both = names.joined(heads, lower)
            if _names_all(both, columns):
                return at, 2, both
    return 0, 1, [words(cell) for cell in filled[0][1]] if filled else []


def _names_all(heads: Iterable[str], columns: Sequence[Column]) -> bool:
    names = _Names(columns)
    keys = {names.key(head) for head in heads if head}
    return all(column.key in keys for column in columns if column.is_required)


def _filled_from_above(heads: list[str], above: Cells, names: _Names) -> list[str]:
    """Heads that stand only in the row above, over a cell merged downwards."""
    return [head or (words(cell) if names.key(words(cell)) else "") for head, cell in zip(heads, above, strict=True)]


def _refuse_split(rows: Sequence[tuple[int, Cells]], heads: list[str], names: _Names, merged: Iterable[range]) -> None:
    """A figure's name over several columns, of which none says which is meant."""
    if len(rows) < 2:
        return
    number, first = rows[0]
    second = [words(cell) for cell in rows[1][1]]
    for span in merged:
        name = words(first[span.start]) if span.start < len(first) else ""
        below = [second[at] for at in span if at < len(second)]
        if names.takes_unit(name) and len(span) > 1 and not any(names.key(word) for word in below):
            parts = "、".join(f"“{word}”" for word in below if word) or "几列"
            raise BadFile(
                f"第 {number} 行的“{name}”下面分成了 {parts}，不知道读哪一列；请改成一列一个名称。", code="split_head"
            )


class _Names:
    """What a head may be called."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.known = {folded(name): column for column in columns for name in (column.key, *column.names)}
        self.longest_first = sorted(self.known, key=len, reverse=True)

    def key(self, head: str) -> str:
        """The column that a head means; empty for none."""
        found = self.read(head)
        return found[0].key if found is not None else ""

    def takes_unit(self, head: str) -> bool:
        found = self.read(head)
        return found is not None and found[0].takes_unit

    def read(self, head: str) -> tuple[Column, str, bool] | None:
        """Column, unit, and whether the head is exactly a name: 日产能（万只/天） is capacity in 万只."""
        text = folded(head).strip("*")
        if text in self.known:
            return self.known[text], "", True
        for name in self.longest_first:
            rest = text[len(name) :]
            if not text.startswith(name) or not rest:
                continue
            column = self.known[name]
            bracketed = re.fullmatch(r"\((.+)\)|\[(.+)\]|[:/,]+(.+)", rest)
            inner = next((part for part in bracketed.groups() if part), "") if bracketed else ""
            if not inner and not (column.takes_unit and BARE_UNIT.fullmatch(rest)):
                continue
            return column, self.unit(inner or rest) if column.takes_unit else "", False
        return None

    @staticmethod
    def unit(text: str) -> str:
        """The unit that a bracket or a row of units names; remarks name none."""
        text = re.sub(r"^单位[:为]?", "", folded(text).strip("()[]"))
        return "" if text in REMARKS else PER_DAY.sub("", text)

    def matched(self, heads: list[str]) -> tuple[dict[str, int], dict[str, str], list[str]]:
        """Places and units by key, and the heads of columns that nobody asked for; an exact name wins over a near one."""
        places: dict[str, int] = {}
        units: dict[str, str] = {}
        exact: set[str] = set()
        read = [(at, head, self.read(head)) for at, head in enumerate(heads) if head]
        for at, head, found in sorted(read, key=lambda one: one[2] is None or not one[2][2]):
            if found is None or (not found[2] and found[0].key in exact):
                continue
            column, unit, is_exact = found
            if column.key in places:
                raise BadFile(
                    f"表头里“{column.names[0]}”有两列（“{heads[places[column.key]]}”和“{head}”），不知道读哪一列。"
                    if heads[places[column.key]] != head
                    else f"表头里“{head}”这一列出现了两次。",
                    code="duplicate_column",
                )
            places[column.key] = at
            exact |= {column.key} if is_exact else set()
            if unit:
                units[column.key] = unit
        taken = set(places.values())
        return places, units, [head for at, head, _ in read if at not in taken]

    def is_second(self, below: Cells, heads: list[str], columns: Sequence[Column]) -> bool:
        """Whether the row under the head belongs to it: it names columns or units, and holds nothing of a row of data."""
        required = {column.key for column in columns if column.is_required}
        says = False
        for cell, head in zip(below, heads, strict=False):
            if is_blank(cell):
                continue
            if not isinstance(cell, str) or self.key(head) in required or FIGURE.fullmatch(folded(cell)):
                return False
            if self.key(words(cell)) or self.takes_unit(head):
                says = True
            elif head:
                return False
        return says

    def joined(self, upper: list[str], lower: list[str]) -> list[str]:
        """Two rows of heads as one: the lower name, else the upper one, with the unit that stands under it."""
        found = []
        for at in range(max(len(upper), len(lower))):
            high = upper[at] if at < len(upper) else ""
            low = lower[at] if at < len(lower) else ""
            is_unit = low and not self.key(low) and self.takes_unit(high)
            found.append(f"{high}（{low.strip('()（）')}）" if is_unit else low or high)
        return found
