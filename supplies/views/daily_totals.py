"""Numbers opened to their sources, and the version of the totals that live pages watch."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from enterprises import access
from enterprises.workbooks import CONTENT_TYPE
from supplies import change_sheets, daily_totals, exports, frames, source_sheets


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """What ?measure= of ?group= or ?product= in ?division= on ?date= is the sum of; format=xlsx gives the rows as a file."""
    asked = {name: request.GET.get(name, "") for name in ("group", "product", "measure", "enterprise")}
    place = {name: request.GET.get(name, "") for name in ("division", "date")}
    outlook = frames.outlook(access.signed_in(request.user), ability="sources:read", **place)
    sheet = source_sheets.sheet(outlook, **asked)
    if request.GET.get("format") == "xlsx":
        return HttpResponse(exports.sources(sheet), headers=attached(f"sources-{sheet.day}.xlsx"))
    query = request.GET.copy()
    query["format"] = "xlsx"
    context = {
        "frame": outlook.frame(),
        "sheet": sheet,
        "per_day": "/日" if sheet.measure.startswith("capacity") else "",
        "export": f"?{query.urlencode()}",
        "as_of": outlook.as_of,
        "closing": change_sheets.since_close(outlook.node.code, sheet.day),
        "why": sheet.measure if sheet.measure in change_sheets.MEASURES else "",
    }
    return render(request, "supplies/daily_totals/sources.html", context)


@require_safe
@cache_control(private=True, no_cache=True)
def version(request: HttpRequest) -> HttpResponse:
    """A text that changes when any total or the day does; asked every second by every open page, so it stays tiny."""
    access.require(request.user, "totals:read")
    text = f"{daily_totals.version()}.{timezone.localdate():%Y%m%d}"
    return HttpResponse(text, content_type="text/plain")


def attached(name: str) -> dict[str, str]:
    """Headers of a workbook to be saved under a name."""
    return {"Content-Type": CONTENT_TYPE, "Content-Disposition": f'attachment; filename="{name}"'}
