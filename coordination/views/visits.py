"""Visits in the browser: the log, logging one on a phone, an enterprise's card, promises and what became of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coordination import officers, promises, ticket_boards, ticket_files, visit_forms, visit_logs, visits
from coordination.choices import VisitWay
from coordination.rules.file_kinds import KINDS
from coordination.ticket_files.storing import path
from coordination.visits import Filters
from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.models import Account
from enterprises.rules.frame import Frame
from enterprises.workbooks import CONTENT_TYPE

PAGE_SIZE = 30


@require_safe
def list(request: HttpRequest) -> HttpResponse:
    """The log within reach; every filter stands in the address, format=xlsx gives all that fit."""
    account = access.signed_in(request.user)
    filters = visit_logs.read_filters(request.GET)
    found = visits.listed(account, filters)
    if request.GET.get("format") == "xlsx":
        headers = {"Content-Type": CONTENT_TYPE, "Content-Disposition": 'attachment; filename="visits.xlsx"'}
        return HttpResponse(visit_logs.workbook(account, found), headers=headers)
    page = Paginator(visits.with_parts(found), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "frame": Frame(day=None), "filters": filters, "is_filtered": filters != Filters(), "page_obj": page,
        "ways": VisitWay.choices, "lead": visit_logs.lead(account), "choices": _choices(account),
        "export": _export(request), **_rights(account),
    }  # fmt: skip
    return render(request, "coordination/visits/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Log a visit on one screen; ?enterprise= chooses. Refused, nothing typed is lost; sent twice, it is one visit."""
    account = access.signed_in(request.user)
    if not access.may(account, "visits:write"):
        raise Forbidden
    uscc = request.POST.get("enterprise", "") or request.GET.get("enterprise", "")
    form = visit_forms.visit_form(account, uscc)
    if request.method == "POST":
        received = ticket_files.receive(account, request.FILES.getlist("files"), request.POST.getlist("kept"))
        try:
            done = _record(request, account, uscc, received)
        except (Forbidden, NotFound):
            if uscc:
                raise
            messages.error(request, "请选企业。")
        except Refused as refused:
            form = form.refused_with(account, request.POST, received, refused)
        else:
            messages.success(request, "已记下。")
            return redirect("coordination:visits:detail", done.visit.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "coordination/visits/new.html", {"form": form, "frame": Frame(day=None)}, status=status)


def _record(request: HttpRequest, account: Account, uscc: str, received: ticket_files.Received) -> visits.Logged:
    """Log it, unless one of its photos cannot be taken."""
    if received.refused is not None:
        raise received.refused
    fields, key = visit_forms.given(request.POST), visit_forms.key(request.POST)
    return visits.record(actor=account, uscc=uscc, fields=fields, photos=received.files, key=key)


@require_safe
def photo(request: HttpRequest, number: int, key: str) -> FileResponse:
    """A photo, to be looked at; nothing in it may ask for anything or run."""
    found = visits.photo(access.signed_in(request.user), number, key)
    try:
        response = FileResponse(path(found.key).open("rb"), filename=found.name)
    except OSError:
        raise NotFound("照片的文件不在了，请告诉管理员。") from None
    response["Content-Type"] = KINDS[found.kind].content_type
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One visit: its facts, each of which may become a ticket; its promises and tickets."""
    account = access.signed_in(request.user)
    found = visits.find(account, number)
    context = {"frame": Frame(day=None), "visit": visits.whole(found).get(), **_rights(account)}
    return render(request, "coordination/visits/detail.html", context)


@require_safe
def card(request: HttpRequest, uscc: str) -> HttpResponse:
    """An enterprise at a glance, for whoever is about to go there."""
    account = access.signed_in(request.user)
    found = officers.card(account, uscc)
    context = {"frame": Frame(day=None), "card": found, **_rights(account)}
    return render(request, "coordination/visits/card.html", context)


@require_safe
def promised(request: HttpRequest) -> HttpResponse:
    """Promises within reach: ?show=overdue|today|open|settled, ?officer=, ?division=."""
    account = access.signed_in(request.user)
    show = request.GET.get("show", "") or "open"
    found = visit_logs.promises(account, show, request.GET.get("officer", ""), request.GET.get("division", ""))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "frame": Frame(day=None), "show": show, "page_obj": page, "lead": visit_logs.lead(account),
        "shows": visit_logs.SHOWS, "choices": _choices(account), **_rights(account),
    }  # fmt: skip
    return render(request, "coordination/visits/promises.html", context)


@require_POST
def follow_up(request: HttpRequest, number: int) -> HttpResponse:
    """What became of a promise; back to the page it was said on."""
    account = access.signed_in(request.user)
    promise = promises.find(account, number)
    version = request.POST.get("expected_version", "")
    try:
        promises.follow_up(
            actor=account, promise=promise, outcome=request.POST.get("outcome", ""), note=request.POST.get("note", ""),
            due_on=request.POST.get("due_on", ""),
            expected_version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
        )  # fmt: skip
        messages.success(request, f"已记下：{promise.what}")
    except Refused as refused:
        messages.error(request, f"{promise.what}没有记下：{refused}")
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if is_ours else "coordination:visits:promises")


def _rights(account: Account) -> dict[str, Any]:
    return {
        "may_visit": access.may(account, "visits:write"),
        "may_raise": access.may(account, "tickets:raise"),
        "may_file": access.may(account, "reports:on_behalf"),
        "may_lead": access.may(account, "officers:read"),
    }


def _choices(account: Account) -> dict[str, Any]:
    """Units and officers to choose from, for those who see more than their own."""
    if not access.may(account, "officers:read"):
        return {"divisions": [], "officers": []}
    people = officers.everyone(account).order_by("username")
    return {
        "divisions": ticket_boards.filter_choices(account)["divisions"],
        "officers": [(one.username, str(one)) for one in people],
    }


def _export(request: HttpRequest) -> str:
    query = request.GET.copy()
    query["format"] = "xlsx"
    return f"?{query.urlencode()}"
