"""What is to be looked after beside the tickets in hand: difficulties without a ticket, contradictions, calls."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from coordination import report_tickets, ticket_boards, tickets
from coordination.tickets import follow_ups
from enterprises import access
from enterprises.errors import Forbidden
from enterprises.models import Account
from enterprises.rules.frame import Frame

PAGE_SIZE = 30


@require_safe
def troubles(request: HttpRequest) -> HttpResponse:
    """Difficulties of today's reports that no open ticket takes up."""
    account = _reader(request)
    if not access.may(account, "tickets:raise"):
        raise Forbidden
    found = report_tickets.unraised(account)
    said = f"今天的日报里有 {len(found)} 条困难还没有成单。" if found else "今天日报里的困难都有单在办。"
    return _page(request, account, "troubles", said, {"troubles": found, "empty": "日报里没有还没成单的困难。"})


@require_safe
def contradictions(request: HttpRequest) -> HttpResponse:
    """Closed tickets whose enterprises still report the same constraint."""
    account = _reader(request)
    found = tickets.contradicted(account)
    cards = tickets.cards([one.ticket for one in found], account)
    whys = [f"{one.day.month}月{one.day.day}日的日报仍说受此制约" if one.day else "" for one in found]
    said = f"{len(found)} 张办结了，但之后的日报仍说受制约。" if found else "办结的单和之后的日报没有矛盾。"
    return _page(request, account, "contradictions", said, {"rows": [*zip(cards, whys, strict=True)], "empty": said})


@require_safe
def callbacks(request: HttpRequest) -> HttpResponse:
    """Enterprises to be called after the end; the outcome is a step of the ticket."""
    account = _reader(request)
    if not access.may(account, "tickets:desk") and not access.may(account, "tickets:supervise"):
        raise Forbidden
    found = follow_ups.to_call(account).select_related(
        "enterprise", "category", "lead", "product", "division", "duplicate_of"
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    held = list(page.object_list)
    rows = [*zip(tickets.cards(held, account), [follow_ups.why(one) for one in held], strict=True)]
    said = "不满意、应急和撤回的全部回访，视同确认和代录的抽十分之一；打完电话在单上“记录回访”。"
    return _page(request, account, "callbacks", said, {"rows": rows, "page_obj": page, "empty": "没有待回访的企业。"})


def _page(request: HttpRequest, account: Account, here: str, said: str, more: dict[str, Any]) -> HttpResponse:
    checks = ticket_boards.checks(account)
    tabs = [
        (reverse(f"coordination:tickets:{one.name}"), one.word, one.count, one.name == here)
        for one in checks
        if one.may
    ]
    title = next(one.word for one in checks if one.name == here)
    context = {"frame": Frame(day=None), "title": title, "lead_line": said, "tabs": tabs, **more}
    return render(request, "coordination/tickets/checks.html", context)


def _reader(request: HttpRequest) -> Account:
    account = access.signed_in(request.user)
    if not access.may(account, "tickets:read") or "enterprise" in access.roles(account):
        raise Forbidden
    return account
