"""The first page of whoever signs in: the overview, a desk, or the enterprise's own page."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from coordination import agendas, dashboard, desks, report_tickets, setup, ticket_boards
from enterprises import access
from enterprises.errors import Forbidden, NotFound
from enterprises.rules.frame import Frame
from supplies import change_sheets, frames


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where the account belongs by what it may do; the widest right wins."""
    account = request.user
    if access.may(account, "orders:read"):
        return redirect("coordination:tickets:agenda")
    if access.may(account, "totals:read"):
        try:
            return overview(request)
        except NotFound as refused:
            if refused.code != "no_divisions" or setup.is_begun():
                raise
            return render(request, "coordination/setup.html", {"steps": setup.STEPS, "frame": Frame(day=None)})
    if access.may(account, "reports:write"):
        return redirect(own_page())
    if access.may(account, "reports:on_behalf"):
        return desk(request)
    raise Forbidden("您的账号还没有岗位，请联系系统管理员。")


def own_page() -> str:
    """The enterprise's own page; the list of its enterprises where reports are not filed in the browser."""
    try:
        return reverse("supplies:daily_reports:mine")
    except NoReverseMatch:
        return reverse("supplies:enterprises:list")


def overview(request: HttpRequest) -> HttpResponse:
    """The overview of ?division= on ?date=; ?group= chooses what the course and the counties show; ?as_of= a moment."""
    query = request.GET
    at = change_sheets.read_moment(query["as_of"], "as_of") if query.get("as_of") else None
    at = at if at is not None and at < timezone.now() else None
    outlook = frames.outlook(
        access.signed_in(request.user),
        ability="totals:read",
        division=query.get("division", ""),
        date=query.get("date", ""),
    )
    may = dashboard.rights(access.signed_in(request.user), outlook)
    found = dashboard.overview(outlook, may=may, group=query.get("group", ""), at=at)
    trace = {"division": outlook.node.code, "date": found.day.isoformat(), "may": may.sources and at is None}
    since = "较昨日" if found.day == outlook.today else "较前一日"
    words = {"since": since, "equal": since.replace("较", "与") + "持平"}
    account = access.signed_in(request.user)
    if at is None and access.may(account, "tickets:read"):
        holding = ticket_boards.holding(account, outlook.tree.leaves(outlook.node.code))
    else:
        holding = None
    context = {
        **words,
        "holding": holding,
        "agenda": agendas.agenda(account) if at is None and access.may(account, "tickets:desk") else None,
        "frame": replace(outlook.frame(found.day), as_of=at or outlook.as_of),
        "outlook": outlook,
        "at": at,
        "at_text": timezone.localtime(at).strftime("%Y-%m-%dT%H:%M") if at else "",
        "closing": change_sheets.since_close(outlook.node.code, found.day) if at is None else None,
        "may": may,
        "page": found,
        "trace": trace,
    }
    return render(request, "coordination/dashboard.html", context)


def desk(request: HttpRequest) -> HttpResponse:
    """The enterprises a liaison officer looks after."""
    account = access.signed_in(request.user)
    context = {
        "desk": desks.desk(account), "may_visit": access.may(account, "visits:write"), "frame": Frame(day=None),
        "troubles": len(report_tickets.unraised(account)),
    }  # fmt: skip
    return render(request, "coordination/desk.html", context)
