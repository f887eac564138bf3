"""What liaison officers did in a period: enterprises, visits, tickets, how soon a visit became one, words not kept."""

from __future__ import annotations

import datetime as dt
import statistics as arithmetic
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone

from coordination import access as desk_access
from coordination import visits
from coordination.choices import PromiseKind, PromiseOutcome, TicketState
from coordination.models import Promise, PromiseTurn, Ticket, Visit, VisitTicket
from coordination.rules.visits import due_at
from enterprises import access, attachments, workbooks
from enterprises.models import Account, Placement


@dataclass(frozen=True)
class Period:
    """Days first..last inclusive; a division with all below it, '' = everything within reach."""

    first: dt.date
    last: dt.date
    division: str = ""


@dataclass
class Row:
    """The measures of one officer, or of one county.

    covered = enterprises looked after at the end; visited = distinct enterprises talked to; raised = tickets submitted
    in the period by the officer himself; waits = seconds from a talk to the ticket that came of it; overdue = next
    contacts whose day had passed at the end and that had not been made; due, kept = other promises due in the period.
    """

    key: str
    name: str
    place: str = ""
    covered: set[int] = field(default_factory=set)
    visited: set[int] = field(default_factory=set)
    visits: int = 0
    on_site: int = 0
    raised: int = 0
    waits: list[int] = field(default_factory=list)
    overdue: int = 0
    due: int = 0
    kept: int = 0

    @property
    def median(self) -> dt.timedelta | None:
        """Half of the tickets came sooner after their visit."""
        return dt.timedelta(seconds=int(arithmetic.median(self.waits))) if self.waits else None

    @property
    def is_empty(self) -> bool:
        return not (self.covered or self.visits or self.raised or self.overdue or self.due)


@dataclass(frozen=True)
class Found:
    """The rows by officer and by county, and the whole."""

    period: Period
    by_officer: list[Row]
    by_division: list[Row]
    total: Row


def measure(account: Account, period: Period) -> Found:
    """Count a period over what the account may see. Queries do not depend on rows."""
    return _Count(account, period).run()


class _Count:
    """Every thing counted goes to its officer, its county and the whole."""

    def __init__(self, account: Account, period: Period) -> None:
        self.account, self.period = account, period
        self.tree = desk_access.tree_of(account)
        self.start, self.end = visits.start_of(period.first), visits.start_of(period.last + dt.timedelta(days=1))
        self.day = min(period.last, access.today())
        self.placed = dict(Placement.objects.believed().on(self.day).values_list("enterprise_id", "division_id"))
        self.leaves = self._leaves()
        self.officers: dict[Hashable, Row] = {}
        self.divisions: dict[Hashable, Row] = {}
        self.total = Row("", "合计")

    def _leaves(self) -> set[str] | None:
        if not self.period.division:
            return None
        return set(self.tree.leaves(self.period.division)) if self.period.division in self.tree else set()

    def run(self) -> Found:
        self._covered()
        self._visited()
        self._raised()
        self._promised()
        by_officer = sorted(self.officers.values(), key=lambda row: (-row.visits, -row.raised, row.name))
        by_division = sorted(self.divisions.values(), key=lambda row: row.key)
        return Found(self.period, [row for row in by_officer if not row.is_empty], by_division, self.total)

    def _add(self, officer: Account, division: str, change: Callable[[Row], None]) -> None:
        if self.leaves is not None and division not in self.leaves:
            return
        if officer.pk not in self.officers:
            self.officers[officer.pk] = Row(officer.username, str(officer))
        if division not in self.divisions:
            self.divisions[division] = Row(division, self.tree[division].name if division in self.tree else division)
        for row in (self.officers[officer.pk], self.divisions[division], self.total):
            change(row)

    def _covered(self) -> None:
        within = set(access.enterprises(self.account, "officers:read").values_list("pk", flat=True)) & set(self.placed)
        for plant, rows in attachments.responsible(self.day, within).items():
            for row in rows:
                self._add(row.account, self.placed[plant], lambda one, plant=plant: one.covered.add(plant))  # type: ignore[misc]

    def _visited(self) -> None:
        found = desk_access.visits(self.account).filter(occurred_at__gte=self.start, occurred_at__lt=self.end)
        for visit in found.select_related("officer").order_by("pk"):
            self._add(visit.officer, visit.division_id, lambda row, visit=visit: _visit(row, visit))  # type: ignore[misc]

    def _raised(self) -> None:
        within = desk_access.tickets(self.account).exclude(state__in=[TicketState.DRAFT, TicketState.DUPLICATE])
        found = within.filter(raised_as="liaison", submitted_at__gte=self.start, submitted_at__lt=self.end)
        for ticket in found.select_related("raised_by").order_by("pk"):
            self._add(ticket.raised_by, ticket.division_id, lambda row: _more(row, "raised"))
        links = VisitTicket.objects.filter(ticket__in=found, is_raised=True).select_related(
            "visit", "ticket", "ticket__raised_by"
        )
        earliest: dict[int, VisitTicket] = {}
        for link in links.order_by("visit__occurred_at", "pk"):
            earliest.setdefault(link.ticket_id, link)
        for link in earliest.values():
            wait = _wait(link.ticket, link.visit)
            self._add(link.ticket.raised_by, link.ticket.division_id, lambda row, wait=wait: row.waits.append(wait))  # type: ignore[misc]

    def _promised(self) -> None:
        at = min(self.end, timezone.now())
        found = desk_access.promises(self.account).filter(created_at__lt=at, first_due_on__lte=self.period.last)
        rows = list(found.select_related("owner", "visit").order_by("pk"))
        moves: dict[int, list[tuple[dt.datetime, dt.date]]] = defaultdict(list)
        moved = PromiseTurn.objects.filter(promise__in=found, outcome=PromiseOutcome.MOVED).order_by("promise", "seq")
        for promise, when, day in moved.values_list("promise_id", "at", "due_on"):
            moves[promise].append((when, day))
        for one in rows:
            self._promise(one, due_at(one.first_due_on, moves[one.pk], at), at)

    def _promise(self, one: Promise, due_on: dt.date, at: dt.datetime) -> None:
        is_open = one.settled_at is None or one.settled_at >= at
        division = one.visit.division_id
        if one.kind == PromiseKind.CONTACT:
            if is_open and due_on < timezone.localtime(at).date():
                self._add(one.owner, division, lambda row: _more(row, "overdue"))
        elif self.period.first <= due_on <= self.period.last:
            self._add(one.owner, division, lambda row: _more(row, "due"))
            if not is_open and one.state == "kept":
                self._add(one.owner, division, lambda row: _more(row, "kept"))


def _visit(row: Row, visit: Visit) -> None:
    row.visits += 1
    row.on_site += visit.way == "visit"
    row.visited.add(visit.enterprise_id)


def _more(row: Row, name: str) -> None:
    setattr(row, name, getattr(row, name) + 1)


def _wait(ticket: Ticket, visit: Visit) -> int:
    assert ticket.submitted_at is not None
    return max(0, int((ticket.submitted_at - visit.occurred_at).total_seconds()))


HEADS = (
    "挂钩企业", "走访企业", "走访次数", "其中上门", "提出问题单", "走访到提单中位数（小时）", "逾期未联系", "到期约定", "其中兑现",
)  # fmt: skip


def cells(row: Row) -> list[object]:
    """The measures of a row in the order of the heads."""
    hours = round(row.median.total_seconds() / 3600, 1) if row.median is not None else None
    return [
        len(row.covered), len(row.visited), row.visits, row.on_site, row.raised,
        Decimal(str(hours)) if hours is not None else None, row.overdue, row.due, row.kept,
    ]  # fmt: skip


def workbook(found: Found) -> bytes:
    """By officer, then by county, then the whole, as XLSX."""
    rows: list[list[object]] = [["特派员", row.name, *cells(row)] for row in found.by_officer]
    rows += [["县市区", row.name, *cells(row)] for row in found.by_division]
    rows.append(["合计", "", *cells(found.total)])
    made = timezone.localtime()
    notes = [
        f"期间 {found.period.first} 至 {found.period.last}，导出时间 {made:%Y-%m-%d %H:%M}",
        "挂钩企业、逾期未联系是期末数；其余是本期数。企业按家数，不重复。",
        "走访到提单：由走访提出的问题单，从走访时间到提交时间的自然小时，取中位数。",
        "到期约定：到期日在本期的约定，不含下次联系。",
    ]
    return workbooks.workbook("特派员统计", ["分组", "名称", *HEADS], rows, notes=notes)
