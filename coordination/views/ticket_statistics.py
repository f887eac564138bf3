"""The statistics of tickets: a period, its measures, the tickets behind each, and what was frozen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from coordination import access as ticket_access
from coordination import seals, ticket_boards, ticket_counts, ticket_prints, tickets
from coordination.choices import ConfirmMode
from coordination.models import StatSnapshot
from enterprises import access
from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import Account
from enterprises.rules import days
from enterprises.rules.frame import Frame
from enterprises.workbooks import CONTENT_TYPE

MOST = 200
"""Tickets that one opened number shows; the export has all numbers."""


@dataclass(frozen=True)
class Asked:
    """What the address asks for; all of it can be sent to a colleague as a link."""

    period: tickets.Period
    division: str
    category: str
    unit: str
    headline: list[str]
    by: str
    is_past: bool

    @property
    def filters(self) -> dict[str, Any]:
        return {
            "division": self.division, "category": self.category, "unit": self.unit, "headline": self.headline,
        }  # fmt: skip


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """The measures of ?from= to ?to= (default: this month) as known at ?at= (default: now); ?by= breaks them down,
    ?list= opens one number, format=xlsx gives the table."""
    account = _reader(request)
    asked = _asked(request.GET)
    count = tickets.count(account, asked.period, **asked.filters)
    if request.GET.get("format") == "xlsx":
        name = f'attachment; filename="ticket-statistics-{asked.period.first}-{asked.period.last}.xlsx"'
        headers = {"Content-Type": CONTENT_TYPE, "Content-Disposition": name}
        return HttpResponse(ticket_prints.statistics(account, count, asked.by), headers=headers)
    found = count.whole()
    context = _shown(request, account, found.values, found.ids) | {
        "asked": asked,
        "period": asked.period,
        "choices": ticket_boards.filter_choices(account),
        "modes": ConfirmMode.choices,
        "heads": ticket_counts.heads() if asked.by else [],
        "parts": _parts(request.GET, ticket_counts.rows(count, asked.by, found)) if asked.by else [],
        "by_words": ticket_counts.BY_WORDS,
        "snapshots": tickets.snapshots(account)[:20],
        "may_read_seals": seals.may_read(account),
        "may_freeze": access.may(account, "tickets:desk") or access.may(account, "tickets:supervise"),
        "export": _link(request.GET, format="xlsx"),
    }
    return render(request, "coordination/tickets/statistics.html", context)


@require_POST
def freeze(request: HttpRequest) -> HttpResponse:
    """Keep what the page shows."""
    account = _reader(request)
    asked = _asked(request.POST)
    kept = tickets.freeze(actor=account, period=asked.period, **asked.filters)
    messages.success(request, "已冻结，数字和所数的单从此不变。")
    return redirect("coordination:tickets:snapshot", kept.pk)


@require_safe
def snapshot(request: HttpRequest, number: int) -> HttpResponse:
    """Frozen statistics, and how the same period differs today."""
    account = _reader(request)
    kept = tickets.snapshot(account, number)
    if request.GET.get("format") == "xlsx":
        return _tickets_of(account, kept, request.GET.get("list", ""))
    period = tickets.Period(kept.first, kept.last, kept.cut_off)
    context = _shown(request, account, kept.values, kept.ids)
    context |= {"kept": kept, "period": period, "changed": tickets.since(account, kept)}
    return render(request, "coordination/tickets/snapshot.html", context)


def _tickets_of(account: Account, kept: StatSnapshot, name: str) -> HttpResponse:
    """The tickets behind one frozen number, as XLSX that carries the snapshot's number."""
    words = dict(tickets.NAMED)
    if name not in words:
        raise NotFound
    content = ticket_prints.workbook_of(account, kept, words[name], kept.ids.get(name, []))
    file = f'attachment; filename="tickets-snapshot-{kept.pk}-{name}.xlsx"'
    return HttpResponse(content, headers={"Content-Type": CONTENT_TYPE, "Content-Disposition": file})


def _reader(request: HttpRequest) -> Account:
    account = access.signed_in(request.user)
    if not access.may(account, "tickets:read") or "enterprise" in access.roles(account):
        raise Forbidden
    return account


def _asked(given: QueryDict) -> Asked:
    now = timezone.now()
    at = _moment(given.get("at", "")) or now
    today = timezone.localtime(at).date()
    first = _day(given.get("from"), "from") or today.replace(day=1)
    last = _day(given.get("to"), "to") or max(today, first)
    if last < first:
        raise Invalid("末日不能早于首日。", code="invalid_date", field="to")
    texts = {name: str(given.get(name, ""))[:50] for name in ("division", "category", "unit")}
    by = str(given.get("by", ""))
    headline = [mode for mode in given.getlist("headline") if mode in ConfirmMode.values] or [*tickets.HEADLINE]
    return Asked(
        tickets.Period(first, last, min(at, now)), **texts, headline=headline,
        by=by if by in tickets.BY else "", is_past=at < now,
    )  # fmt: skip


def _day(text: str | None, name: str) -> dt.date | None:
    try:
        return days.written(text) if text else None
    except ValueError as error:
        raise Invalid(f"{error}。", code="invalid_date", field=name) from None


def _moment(text: str) -> dt.datetime | None:
    """A moment as the browser writes it, in the city's time."""
    if not text:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
        return timezone.make_aware(found) if timezone.is_naive(found) else found
    except (ValueError, OverflowError):
        raise Invalid("截止时刻应写成 2020-03-31T18:00。", code="invalid_moment", field="at") from None


def _link(query: QueryDict, **more: str) -> str:
    kept = query.copy()
    for name in ("list", "format"):
        kept.pop(name, None)
    for name, value in more.items():
        kept[name] = value
    return f"?{kept.urlencode()}"


def _parts(query: QueryDict, rows: list[ticket_counts.Row]) -> list[dict[str, Any]]:
    """Rows with the addresses that their numbers open: the same page, narrowed to the part."""
    shown = []
    for row in rows:
        kept = query.copy()
        for name in ("list", "format", *(("by",) if row.query else ())):
            kept.pop(name, None)
        for name, value in row.query.items():
            kept[name] = value
        base = kept.urlencode()
        cells = [
            {"text": cell.text, "href": f"?{base}&{urlencode({'list': cell.opens})}#list" if cell.opens else ""}
            for cell in row.cells
        ]
        shown.append({"name": row.name, "href": f"?{base}" if row.query else "", "cells": cells})
    return shown


def _shown(request: HttpRequest, account: Account, values: dict[str, Any], ids: dict[str, list[str]]) -> dict[str, Any]:
    """Numbers in their order, each with its name and list; and the list that was opened."""
    opened = request.GET.get("list", "")
    words = dict(tickets.NAMED)
    chosen = ids.get(opened, []) if opened in words else []
    rows = ticket_access.tickets(account).filter(number__in=chosen[:MOST]).order_by("number")
    related = rows.select_related("enterprise", "category", "lead", "product", "duplicate_of")
    return {
        "frame": Frame(day=None),
        "values": values,
        "numbers": ticket_counts.named(ids),
        "medians": ticket_counts.medians(values),
        "headline_words": ticket_counts.headline_words(values.get("headline", [*tickets.HEADLINE])),
        "opened": words.get(opened, ""),
        "total": len(chosen),
        "rows": tickets.cards(related, account),
    }
