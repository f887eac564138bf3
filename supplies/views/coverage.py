"""Filing progress: who has reported, who has not, and whom to call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from enterprises import access
from enterprises.workbooks import CONTENT_TYPE
from supplies import change_sheets, exports, filing_progress, frames, products
from supplies.filing_progress import STATUSES

PAGE = 50


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """The progress of ?division= on ?date= (default today), of ?group= or ?product=; ?status= whom to list, ?as_of= a moment."""
    asked = {name: request.GET.get(name, "") for name in ("group", "product", "status")}
    date = request.GET.get("date", "") or timezone.localdate().isoformat()
    division = request.GET.get("division", "")
    outlook = frames.outlook(access.signed_in(request.user), ability="coverage:read", division=division, date=date)
    at = change_sheets.read_moment(request.GET["as_of"], "as_of") if request.GET.get("as_of") else None
    at = at if at is not None and at < timezone.now() else None
    found = filing_progress.progress(outlook, access.signed_in(request.user), **asked, at=at)
    if request.GET.get("format") == "xlsx":
        name = f'attachment; filename="coverage-{found.day}.xlsx"'
        headers = {"Content-Type": CONTENT_TYPE, "Content-Disposition": name}
        return HttpResponse(exports.progress(found, outlook.node.name), headers=headers)
    context: dict[str, Any] = {
        "frame": replace(outlook.frame(), as_of=at or outlook.as_of),
        "at": at,
        "at_text": timezone.localtime(at).strftime("%Y-%m-%dT%H:%M") if at else "",
        "outlook": outlook,
        "page": found,
        "page_obj": Paginator(found.lines, PAGE).get_page(request.GET.get("page")),
        "statuses": list(STATUSES.items()),
        "groups": products.catalogue(found.day).groups.items(),
        "may_trace": access.may(request.user, "sources:read"),
        "may_exempt": at is None and access.may(request.user, "duties:write"),
        "may_file": at is None and access.may(request.user, "reports:on_behalf"),
        "may_correct": access.may(request.user, "reports:read"),
        "may_open": access.may(request.user, "enterprises:read"),
        "left": outlook.cut_off_at - timezone.now() if outlook.cut_off_at and outlook.is_open else None,
    }
    return render(request, "supplies/daily_reports/coverage.html", context)
