"""Tickets and lists of tickets on paper or in a file: each copy says who took it and when, and the audit knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import segno
from django.db.models import QuerySet
from django.utils import timezone

from coordination import access, ticket_boards, ticket_counts, tickets
from coordination.choices import ClockKind, Side
from coordination.models import StatSnapshot, Ticket, WorkOrder
from coordination.rules.transitions import BY_ACTION
from coordination.tickets.reading import Remaining
from coordination.tickets.statistics import Count
from enterprises import audit
from enterprises.errors import NotFound
from enterprises.models import Account
from enterprises.rules import watermark
from supplies.rules import display

WORDS = {
    "group": "哪些", "state": "状态", "category": "类别", "division": "区县", "organisation": "承办单位",
    "enterprise": "企业", "level": "层级", "search": "搜索", "sort": "次序",
}  # fmt: skip

OTHER_WORDS = {"draft": "建单", "rate": "评价"}
"""What happened without being a step of the table."""


@dataclass(frozen=True)
class Printed:
    """A ticket as its reader may have it on paper: `row` is what REST gives him, an allow-list."""

    row: dict[str, Any]
    facts: list[tuple[str, str]]
    history: list[tuple[str, str, str, str]]
    place: str
    is_enterprise: bool
    mark: str


def printed(account: Account, number: str) -> Printed:
    """One ticket on paper. Writes: audit `ticket.print`. Refuses not_found."""
    ticket = tickets.find(account, number)
    page = tickets.page(account, ticket)
    tree = access.tree_of(account)
    place = tree[ticket.division_id].name if ticket.division_id in tree else ticket.division_id
    audit.record(actor=account, act="ticket.print", on=ticket, after={"version": ticket.version})
    row = tickets.described_in_full(account, ticket)
    return Printed(
        row,
        _facts(ticket, row),
        [_event(event) for event in row["events"]],
        place,
        page.is_enterprise,
        mark(account, "打印"),
    )


def _facts(ticket: Ticket, row: dict[str, Any]) -> list[tuple[str, str]]:
    """What the form says in its boxes; what is not given is left out."""
    unit = ticket.product.base_unit if ticket.product is not None else ""
    blocked = f"{display.full(ticket.blocked)} {unit}/日，自 {row['blocked_since']}" if ticket.blocked else ""
    result = f"{ticket.get_result_display()}（{ticket.get_confirm_mode_display()}）" if row["result"] else ""
    facts = [
        ("企业", f"{row['enterprise_name']}（{row['enterprise']}）"), ("类别", row["category_name"]),
        ("层级", ticket.get_level_display()), ("缓急", ticket.get_mode_display()), ("牵头单位", row["lead_name"]),
        ("联系人", f"{row['contact']['name']} {row['contact']['phone']}"), ("压住产能", blocked),
        ("提交时间", _spoken(row["submitted_at"])), ("受理时间", _spoken(row["accepted_at"])),
        ("时限", _spoken(row["due_at"])), ("答复时间", _spoken(row["replied_at"])),
        ("办结时间", _spoken(row["closed_at"])), ("结果", result),
    ]  # fmt: skip
    return [(word, text) for word, text in facts if text]


def _event(event: dict[str, Any]) -> tuple[str, str, str, str]:
    step = BY_ACTION.get(event["action"])
    word = step.word if step is not None else OTHER_WORDS.get(event["action"], event["action"])
    return _spoken(event["occurred_at"]), event["who"], word, event["text"]


def _spoken(moment: str | None) -> str:
    """A moment of the REST row as people read it, to the minute."""
    return moment[:16].replace("T", " ") if moment else ""


def mark(account: Account, verb: str, **said: Any) -> str:
    """The line that every copy carries."""
    return watermark.line(account.display_name or account.username, timezone.now(), verb=verb, **said)


def workbook(account: Account, filters: tickets.Filters) -> bytes:
    """All tickets of a list as XLSX, marked. Writes: audit `tickets.export`."""
    said = {WORDS.get(name, name): value for name, value in vars(filters).items() if value}
    return _workbook(account, tickets.listed(account, filters), said, None)


def workbook_of(account: Account, kept: StatSnapshot, name: str, numbers: list[str]) -> bytes:
    """The tickets that a frozen number counted, as far as the reader may see them; marked with the snapshot's number."""
    found = access.tickets(account).filter(number__in=numbers).order_by("number")
    found = found.select_related("enterprise", "category", "lead", "division", "product")
    return _workbook(account, found, {"口径": name}, kept.pk)


def statistics(account: Account, count: Count, by: str) -> bytes:
    """The measures of a period as XLSX, marked. Writes: audit `statistics.export`."""
    period: tickets.Period = count.period
    said = {"期间": f"{period.first} 至 {period.last}", "分组": by}
    audit.record(actor=account, act="statistics.export", on=("ticket", "*"), after={"filters": said})
    return ticket_counts.workbook(count, by, mark=mark(account, "导出", filters=said))


def _workbook(account: Account, found: QuerySet[Ticket], said: dict[str, str], snapshot: int | None) -> bytes:
    count = found.count()
    after = {"filters": said, "rows": count, "snapshot": snapshot}
    audit.record(actor=account, act="tickets.export", on=("ticket", "*"), after=after)
    line = mark(account, "导出", filters=said, rows=count, snapshot=snapshot)
    return ticket_boards.workbook(account, found, mark=line)


@dataclass(frozen=True)
class Form:
    """A work order as an official form; `qr` leads whoever scans the paper to the order's page."""

    ticket: Ticket
    order: WorkOrder
    number: str
    is_readable: bool
    clock: Remaining | None
    place: str
    qr: str
    mark: str = ""


def order(account: Account, number: str, address: str, *, is_print: bool = False) -> Form:
    """One work order, for whoever reads its ticket on the bureau's side: the ticket's number and which order it is.

    Printing writes: audit `order.print`. Refuses not_found for the enterprise, a foreign and a missing order alike.
    """
    of, _, nth = number.rpartition("-")
    ticket = tickets.find(account, of)
    page = tickets.page(account, ticket)
    given = list(WorkOrder.objects.filter(ticket=ticket).select_related("organisation").order_by("pk"))
    if page.is_enterprise or not (nth.isascii() and nth.isdigit() and len(nth) < 4 and 0 < int(nth) <= len(given)):
        raise NotFound("没有找到这张派工单。", field="number")
    found = given[int(nth) - 1]
    is_readable = (
        not getattr(found, "is_confidential", False)
        or found.organisation_id in access.organisations(account)
        or bool(page.sides & {Side.DESK, Side.SUPERVISOR})
    )
    tree = access.tree_of(account)
    place = tree[ticket.division_id].name if ticket.division_id in tree else ticket.division_id
    code = segno.make(address, error="m").svg_inline(omitsize=True, border=2)
    clock = next((one for one in reversed(page.clocks) if one.kind == ClockKind.SIGN), None)
    if is_print:
        audit.record(actor=account, act="order.print", on=found, after={"number": number})
    return Form(ticket, found, number, is_readable, clock, place, code, mark(account, "打印") if is_print else "")
