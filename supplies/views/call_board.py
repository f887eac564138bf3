"""The board of the unreported, and noting a call."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from enterprises import access
from enterprises.errors import Invalid, Refused
from enterprises.rules import days
from supplies import call_boards, calls, frames, products
from supplies.choices import CallOutcome

PROMISES = {"": "没有说", "30": "30 分钟内", "60": "1 小时内", "120": "2 小时内", "240": "4 小时内", "720": "12 小时内"}
"""What an enterprise usually promises, in minutes."""


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Who has not reported in ?division= on ?date= (default: today), of ?group= or ?product=; the biggest first."""
    account = access.signed_in(request.user)
    date = request.GET.get("date", "") or timezone.localdate().isoformat()
    division = request.GET.get("division", "")
    outlook = frames.outlook(account, ability="coverage:read", division=division, date=date)
    asked = {name: request.GET.get(name, "") for name in ("group", "product")}
    found = call_boards.board(outlook, account, **asked)
    context = {
        "frame": outlook.frame(),
        "outlook": outlook,
        "board": found,
        "page": found.progress,
        "groups": products.catalogue(found.progress.day).groups.items(),
        "outcomes": CallOutcome.choices,
        "promises": PROMISES.items(),
        "may_remind": access.may(request.user, "reports:on_behalf"),
        "may_open": access.may(request.user, "enterprises:read"),
        "left": outlook.cut_off_at - timezone.now() if outlook.cut_off_at and outlook.is_open else None,
        "back": request.GET.urlencode(),
    }
    return render(request, "supplies/daily_reports/board.html", context)


@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """Note a call; back to the board, with what was refused said there."""
    account = access.signed_in(request.user)
    said = {name: request.POST.get(name, "") for name in ("enterprise", "date", "outcome", "promise", "note")}
    enterprise = access.enterprise(account, said["enterprise"], "reports:on_behalf")
    try:
        day = days.iso(said["date"])
    except ValueError as error:
        raise Invalid(f"{error}。", code="invalid_date", field="date") from None
    try:
        calls.note(
            actor=account,
            enterprise=enterprise,
            day=day,
            outcome=said["outcome"],
            promised_at=_promised(said["promise"]) if said["outcome"] == CallOutcome.REACHED else None,
            text=said["note"],
        )
        messages.success(request, f"已记下：{enterprise.name}")
    except Refused as refused:
        messages.error(request, f"{enterprise.name}没有记下：{refused}")
    kept = {name: value for name in ("division", "group", "product") if (value := request.POST.get(name, ""))}
    query = urlencode({"date": day.isoformat(), **kept})
    return redirect(f"{reverse('supplies:daily_reports:board')}?{query}")


def _promised(minutes: str) -> dt.datetime | None:
    """The moment promised; None where nothing was said."""
    if minutes not in PROMISES:
        raise Invalid("没有这个时间。", code="invalid_promise", field="promise")
    return timezone.now() + dt.timedelta(minutes=int(minutes)) if minutes else None
