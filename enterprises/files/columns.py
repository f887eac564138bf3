"""What a table is asked for, and how an empty cell is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from enterprises.rules.cells import Reader, text


@dataclass(frozen=True)
class Column:
    """A column that is asked for: its key, which is its English name, its other names, and how its cells are read.

    is_required: without the column the file is refused, and without a value the row is. takes_unit: a figure, whose head
    may name its unit, and whose cells belong to one row each.
    """

    key: str
    names: tuple[str, ...]
    reads: Reader = text
    is_required: bool = False
    takes_unit: bool = False


def is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip()) or (isinstance(cell, float) and cell != cell)
