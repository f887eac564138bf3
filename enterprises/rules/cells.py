"""Pure: what a cell of a file says. Each reader takes a cell as it is and raises ValueError with a reason for people.

Cells are str (CSV and text cells), int or float (numeric cells), bool, date, datetime, time, or Fault for what shows
nothing that could be read. Empty cells are None before a reader is asked.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from enterprises.rules import days
from enterprises.rules.names import folded

Reader = Callable[[Any], Any]
YES = {"是", "yes", "y", "true", "1", "√", "对"}
NO = {"否", "no", "n", "false", "0", "×", "不"}


@dataclass(frozen=True)
class Fault:
    """A cell that cannot be read at all: what it shows, and why."""

    shown: str
    reason: str


def shown(cell: Any) -> str:
    """A cell as the sheet shows it, short enough to be repeated in a refusal.

    >>> shown(0.1 + 0.2), shown(350582.0), shown(True), shown(dt.datetime(2020, 2, 28))
    ('0.3', '350582', 'TRUE', '2020-02-28')
    """
    if cell is None:
        return ""
    if isinstance(cell, Fault):
        return cell.shown
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return _plain(cell)
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == dt.time() else f"{cell:%Y-%m-%d %H:%M:%S}"
    return days.shown(str(cell))


def text(cell: Any) -> str:
    """Text as it is; a number as its shortest decimal (a code typed as a number).

    A number of more digits than a spreadsheet keeps has lost its last ones.
    """
    if isinstance(cell, Fault):
        raise ValueError(cell.reason)
    if isinstance(cell, bool | dt.date | dt.time):
        raise ValueError("这里应是文字")
    if isinstance(cell, int | float) and abs(cell) >= 10**15:
        raise ValueError("这一格存成了数字，后几位已经丢失；请把格式改成文本，重新填写")
    return _plain(cell) if isinstance(cell, int | float) else str(cell).strip()


def code(cell: Any) -> str:
    """A code: folded, in capitals."""
    return folded(text(cell)).upper()


def day(cell: Any) -> dt.date:
    """A true date cell, or a text that is a day."""
    if isinstance(cell, Fault):
        raise ValueError(cell.reason)
    if isinstance(cell, dt.datetime):
        if cell.time() != dt.time():
            raise ValueError(f"这里应是日期，不带时刻；可写作 {days.FORMS}")
        return days.written(f"{cell:%Y-%m-%d}")
    if isinstance(cell, dt.date):
        return days.written(cell.isoformat())
    return days.written(text(cell))


def yes_no(cell: Any) -> bool:
    """是 or 否, and their usual stand-ins."""
    if isinstance(cell, bool):
        return cell
    word = folded(text(cell))
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueError("这里应写 是 或 否")


def one_of(words: Mapping[str, str]) -> Reader:
    """A reader of words, Chinese or English, each standing for a value.

    >>> one_of({"county": "区县"})("区县"), one_of({"county": "区县"})(" COUNTY ")
    ('county', 'county')
    """
    known = {folded(label): value for value, label in words.items()} | {folded(value): value for value in words}

    def read(cell: Any) -> str:
        found = known.get(folded(text(cell)))
        if found is None:
            raise ValueError(f"可写 {'、'.join(dict.fromkeys(words.values()))}")
        return found

    return read


def whatever(cell: Any) -> Any:
    """The cell itself, for what reads it with its own grammar; a fault is none to hand on."""
    if isinstance(cell, Fault):
        raise ValueError(cell.reason)
    return cell


def _plain(number: float) -> str:
    """The shortest decimal of at most 15 significant digits, as the sheet shows it."""
    if isinstance(number, int):
        return str(number)
    if not math.isfinite(number):
        raise ValueError("这一格不是数字")
    plain = f"{Decimal(format(number, '.15g')):f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" else plain
