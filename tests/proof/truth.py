"""What totals and coverage must be, in plain Python from acknowledged submissions and the rules R4, R8 to R12.

It knows nothing of the product's code: no Django, no SQL, none of its rules. Figures are whole base units.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.proof.shape import Lines

CARRY_DAYS = 3
COUNTS = ("expected", "reported", "on_time", "late", "carried", "stale", "never", "unexpected")
FIGURES = ("capacity", "capacity_carried", "output", "stock", "shipped", "capacity_last_known_of_unreported")

Cell = dict[str, int | None]
"""Counts of a cell (COUNTS) and its figures (FIGURES); None = nobody gave one."""


@dataclass(frozen=True)
class Member:
    """Where a plant stands and what it owes, on every day of the replay."""

    division: str
    products: tuple[str, ...]


@dataclass(frozen=True)
class Receipt:
    """An acknowledged submission; `received_at` as the server said it."""

    enterprise: str
    day: dt.date
    revision: int
    received_at: dt.datetime
    lines: Lines


class Truth:
    """Answers about days, from every receipt there is.

    Takes: members by credit code; receipts in any order; cut_offs: (division, day) -> moment from which a first report
    is late (R4).
    """

    def __init__(
        self,
        members: Mapping[str, Member],
        receipts: Iterable[Receipt],
        cut_offs: Mapping[tuple[str, dt.date], dt.datetime],
    ) -> None:
        self.members, self.cut_offs = members, cut_offs
        self.latest: dict[str, dict[dt.date, Receipt]] = defaultdict(dict)
        self.first: dict[tuple[str, dt.date], dt.datetime] = {}
        for receipt in receipts:
            mine = self.latest[receipt.enterprise]
            if receipt.day not in mine or mine[receipt.day].revision < receipt.revision:
                mine[receipt.day] = receipt
            if receipt.revision == 1:
                self.first[receipt.enterprise, receipt.day] = receipt.received_at

    def status(self, enterprise: str, day: dt.date) -> str:
        """The state of an expected plant (R12). Each report has a line for all its plant owes: every cell agrees."""
        mine, member = self.latest[enterprise], self.members[enterprise]
        if day in mine:
            is_late = self.first[enterprise, day] >= self.cut_offs[member.division, day]
            return "late" if is_late else "on_time"
        before = [filed for filed in mine if filed < day]
        if not before:
            return "never"
        return "carried" if (day - max(before)).days <= CARRY_DAYS else "stale"

    def coverage(self, day: dt.date, product: str | None = None) -> dict[str, str]:
        """State of every plant that owes the product (None: anything) on the day."""
        return {
            enterprise: self.status(enterprise, day)
            for enterprise, member in self.members.items()
            if product is None or product in member.products
        }

    def totals(self, day: dt.date) -> dict[tuple[str, str], Cell]:
        """The cell of each (division, product) in which somebody is expected."""
        cells: dict[tuple[str, str], Cell] = {}
        for enterprise, member in self.members.items():
            status = self.status(enterprise, day)
            for product in member.products:
                empty: Cell = {**dict.fromkeys(COUNTS, 0), **dict.fromkeys(FIGURES)}
                self._add(cells.setdefault((member.division, product), empty), enterprise, day, product, status)
        return cells

    def _add(self, cell: Cell, enterprise: str, day: dt.date, product: str, status: str) -> None:
        def add(name: str, amount: int) -> None:
            cell[name] = (cell[name] or 0) + amount

        add("expected", 1)
        add(status, 1)
        if status == "never":
            return
        mine = self.latest[enterprise]
        capacity, output, stock, shipped = mine[max(d for d in mine if d <= day)].lines[product]
        if status in ("on_time", "late"):
            add("reported", 1)
            add("output", output)
            add("shipped", shipped)
        else:
            add("capacity_last_known_of_unreported", capacity)
        if status == "carried":
            add("capacity_carried", capacity)
        if status != "stale":
            add("capacity", capacity)
            add("stock", stock)
