"""The statistics of tickets: a period, its measures, the tickets behind each, and what was frozen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from coordination import access as ticket_access
from coordination import seals, ticket_boards, tickets
from coordination.tickets.statistics import Measures
from enterprises import access
from enterprises.errors import Forbidden, Invalid
from enterprises.models import Account
from enterprises.rules import days
from enterprises.rules.frame import Frame

MOST = 200
"""Tickets that one opened number shows; the export of the list has all."""


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """The measures of ?from= to ?to= (default: this month), for ?division= and ?category=; ?list= opens one number."""
    account = _reader(request)
    period, division, category = _asked(request.GET)
    found = tickets.measure(account, period, division=division, category=category)
    context = _shown(request, account, found.values, found.ids) | {
        "period": period,
        "division": division,
        "category": category,
        "choices": ticket_boards.filter_choices(account),
        "snapshots": tickets.snapshots(account)[:20],
        "may_read_seals": seals.may_read(account),
        "may_freeze": access.may(account, "tickets:desk") or access.may(account, "tickets:supervise"),
    }
    return render(request, "coordination/tickets/statistics.html", context)


@require_POST
def freeze(request: HttpRequest) -> HttpResponse:
    """Keep what the page shows."""
    account = _reader(request)
    period, division, category = _asked(request.POST)
    kept = tickets.freeze(actor=account, period=period, division=division, category=category)
    messages.success(request, "已冻结，数字和所数的单从此不变。")
    return redirect("coordination:tickets:snapshot", kept.pk)


@require_safe
def snapshot(request: HttpRequest, number: int) -> HttpResponse:
    """Frozen statistics, and how the same period differs today."""
    account = _reader(request)
    kept = tickets.snapshot(account, number)
    names = dict(tickets.NAMED)
    changed = [(names[name], came, went) for name, (came, went) in tickets.since(account, kept).items()]
    period = tickets.Period(kept.first, kept.last, kept.cut_off)
    context = _shown(request, account, Measures(kept.values).values, kept.ids)
    context |= {"kept": kept, "period": period, "changed": changed}
    return render(request, "coordination/tickets/snapshot.html", context)


def _reader(request: HttpRequest) -> Account:
    account = access.signed_in(request.user)
    if not access.may(account, "tickets:read") or "enterprise" in access.roles(account):
        raise Forbidden
    return account


def _asked(given: Any) -> tuple[tickets.Period, str, str]:
    today = timezone.localdate()
    first = _day(given.get("from"), "from") or today.replace(day=1)
    last = _day(given.get("to"), "to") or max(today, first)
    if last < first:
        raise Invalid("末日不能早于首日。", code="invalid_date", field="to")
    period = tickets.Period(first, last, timezone.now())
    return period, str(given.get("division", ""))[:20], str(given.get("category", ""))[:20]


def _day(text: str | None, name: str) -> dt.date | None:
    try:
        return days.written(text) if text else None
    except ValueError as error:
        raise Invalid(f"{error}。", code="invalid_date", field=name) from None


def _shown(request: HttpRequest, account: Account, values: dict[str, Any], ids: dict[str, list[str]]) -> dict[str, Any]:
    """Numbers in their order, each with its name and list; and the list that was opened."""
    opened = request.GET.get("list", "")
    chosen = ids.get(opened, []) if opened in dict(tickets.NAMED) else []
    rows = ticket_access.tickets(account).filter(number__in=chosen[:MOST]).order_by("number")
    related = rows.select_related("enterprise", "category", "lead", "product")
    return {
        "frame": Frame(day=None),
        "values": values,
        "numbers": [(name, word, len(ids.get(name, []))) for name, word in tickets.NAMED],
        "opened": dict(tickets.NAMED).get(opened, ""),
        "total": len(chosen),
        "rows": tickets.cards(related, account),
    }
