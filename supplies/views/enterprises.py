"""Enterprises with what they make and have filed: the list, and one of them."""

from __future__ import annotations

from dataclasses import fields
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from enterprises import access
from enterprises.rules.frame import Frame
from enterprises.workbooks import CONTENT_TYPE
from supplies import courses, exports, profiles, rosters

PAGE_SIZE = 20


@require_safe
def list(request: HttpRequest) -> HttpResponse:
    """Enterprises within reach; every filter stands in the address. format=xlsx gives all that the filters let through."""
    filters = read_filters(request)
    roster = rosters.roster(access.signed_in(request.user), filters)
    if request.GET.get("format") == "xlsx":
        name = f'attachment; filename="enterprises-{roster.day}.xlsx"'
        headers = {"Content-Type": CONTENT_TYPE, "Content-Disposition": name}
        return HttpResponse(exports.roster(roster), headers=headers)
    page = Paginator(roster.entries, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "supplies/enterprises/list.html", list_context(request, filters, roster, page))


def read_filters(request: HttpRequest) -> rosters.Filters:
    """Filters as the address writes them; what is missing keeps its default."""
    names = [field.name for field in fields(rosters.Filters)]
    return rosters.Filters(**{name: request.GET[name] for name in names if request.GET.get(name)})


def list_context(
    request: HttpRequest, filters: rosters.Filters, roster: rosters.Roster, page: object
) -> dict[str, object]:
    """What the list's template needs beside the roster."""
    query = request.GET.copy()
    query["format"] = "xlsx"
    ids = [entry.pk for entry in page.object_list] if roster.shows_capacity else []  # type: ignore[attr-defined]
    found = courses.capacities(enterprises=ids, products=roster.products, until=roster.day)
    return {
        "frame": Frame(day=roster.day, last_day=timezone.localdate()),
        "filters": filters,
        "is_filtered": filters != rosters.Filters(sort=filters.sort, date=filters.date),
        "roster": roster,
        "page_obj": page,
        "rows": [(entry, found.get(entry.pk, [])) for entry in page.object_list],  # type: ignore[attr-defined]
        "export": f"?{query.urlencode()}",
        "statuses": rosters.STATUSES.items(),
        "certificates": rosters.CERTIFICATES.items(),
        "may_register": access.may(request.user, "enterprises:write"),
        "may_trace": access.may(request.user, "sources:read"),
        "trace_query": urlencode({"date": roster.day.isoformat(), roster.grain: roster.key}),
        "key_options": [("key", "重点企业"), ("other", "非重点")],
        "capacity_head": f"{roster.group_name}日产能（{roster.scale.base_unit}）",
    }


@require_safe
def detail(request: HttpRequest, uscc: str) -> HttpResponse:
    """One enterprise; a foreign one is not found."""
    account = access.signed_in(request.user)
    profile = profiles.profile(account, uscc)
    shown = {
        "page": profile,
        "frame": Frame(),
        "may_keep_lines": access.enterprises(account, "lines:write").filter(pk=profile.enterprise.pk).exists(),
        "may_register": access.enterprises(account, "enterprises:write").filter(pk=profile.enterprise.pk).exists(),
    }
    return render(request, "supplies/enterprises/detail.html", shown)
