"""Pure: which totals are asked for, and how they are cut (the question of /totals/, its sources and its exports)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

BY = ("division", "product", "date")
BASES = ("current", "closed", "flash")


@dataclass(frozen=True)
class Selection:
    """One day (first = last) or, with is_span, the days from first to last.

    products: codes, empty = all; category: code or ""; division: code or "" for the highest within reach;
    by: some of BY; licensed: only licensed pairs in every field; as_of: None = now, as stored.
    """

    first: dt.date
    last: dt.date
    is_span: bool = False
    products: tuple[str, ...] = ()
    category: str = ""
    division: str = ""
    by: frozenset[str] = frozenset()
    licensed: bool = False
    basis: str = "current"
    as_of: dt.datetime | None = None

    @property
    def is_by_category(self) -> bool:
        """Rows per category and unit; otherwise the product is a dimension of every row."""
        return bool(self.category) and not self.products and "product" not in self.by

    @property
    def grain(self) -> str:
        return "category" if self.is_by_category else "product"
