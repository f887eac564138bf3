"""Why a number changed between two moments (R13)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from enterprises import access
from supplies import change_sheets, frames


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """The change of ?measure= of ?product= in ?division= on ?date=, ?from= final (default), flash or a moment, ?to=."""
    account, query = access.signed_in(request.user), request.GET
    place = {name: query.get(name, "") for name in ("division", "date")}
    outlook = frames.outlook(account, ability="totals:read", **place)
    asked = {name: query.get(name, "") for name in ("product", "measure")}
    sheet = change_sheets.sheet(outlook, account, since=query.get("from", ""), until=query.get("to", ""), **asked)
    chosen = query.get("from", "") or "final"
    starts = [("final", "终报"), ("flash", "初报")]
    if chosen not in ("final", "flash") and sheet.was_at is not None:
        starts.append((chosen, f"{timezone.localtime(sheet.was_at):%m-%d %H:%M:%S}"))
    context = {
        "frame": outlook.frame(sheet.day),
        "outlook": outlook,
        "sheet": sheet,
        "measures": list(change_sheets.MEASURES.items()),
        "starts": starts,
        "chosen_from": chosen,
        "chosen_to": timezone.localtime(sheet.now_at).strftime("%Y-%m-%dT%H:%M") if sheet.now_at else "",
    }
    return render(request, "supplies/daily_totals/changes.html", context)
