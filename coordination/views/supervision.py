"""Supervision in the browser: what is open, the list of those far over time, and the calls to be made."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from coordination import access as ticket_access
from coordination import tickets
from coordination.choices import CallResult, LadderAct
from coordination.tickets import phoning, supervision
from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.rules.frame import Frame
from supplies.views.addresses import way_back

PAGE = 50
KINDS = [(LadderAct.ORDER.value, "督办单"), (LadderAct.URGE.value, "催办"), (LadderAct.PUBLISH.value, "列入通报")]


@require_safe
def list(request: HttpRequest) -> HttpResponse:
    """What is open, the oldest first; ?kind= of it, ?all=1 with what is done."""
    account = access.signed_in(request.user)
    kind = request.GET.get("kind", "")
    found = supervision.listed(
        account, kind=kind if kind in LadderAct.values else "", is_open=request.GET.get("all") != "1"
    )
    tree = ticket_access.tree_of(account)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "frame": Frame(day=None),
        "page_obj": page,
        "rows": [(row, supervision.title(row), supervision.unit_name(row, tree)) for row in page.object_list],
        "kinds": KINDS,
        "all": [("1", "连已了结的")],
        "calls": phoning.waiting(account).count(),
    }
    return render(request, "coordination/supervision/list.html", context)


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """The list of 通报: tickets far over time, by unit."""
    account = access.signed_in(request.user)
    context = {"frame": Frame(day=None), "units": supervision.published(account)}
    return render(request, "coordination/supervision/published.html", context)


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """Whom the reader's desk has to phone now."""
    account = access.signed_in(request.user)
    phoning.require_desk(account)
    context = {"frame": Frame(day=None), "calls": phoning.waiting(account)[:100]}
    return render(request, "coordination/supervision/calls.html", context)


@require_POST
def log_call(request: HttpRequest, number: int) -> HttpResponse:
    """What came of a call."""
    account = access.signed_in(request.user)
    result = request.POST.get("result", "")
    try:
        phoning.log_call(actor=account, number=number, result=result, note=request.POST.get("note", ""))
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"已记下：{CallResult(result).label}。")
    return redirect(way_back(request, "coordination:supervision:calls"))


@require_POST
def issue(request: HttpRequest, number: str) -> HttpResponse:
    """Urge or order by hand, from a ticket's page."""
    account = access.signed_in(request.user)
    ticket = tickets.find(account, number)
    try:
        made = supervision.issue(
            actor=account, ticket=ticket, kind=request.POST.get("kind", ""), text=request.POST.get("text", "")
        )
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"已发出{supervision.title(made)}。")
    return redirect("coordination:tickets:detail", number)


@require_POST
def act(request: HttpRequest, number: int, act: str) -> HttpResponse:
    """Answer or close one."""
    account = access.signed_in(request.user)
    try:
        if act == "answer":
            supervision.answer(actor=account, number=number, text=request.POST.get("answer", ""))
            messages.success(request, "已回复，督办岗看得到。")
        elif act == "close":
            supervision.close(actor=account, number=number)
            messages.success(request, "已了结。")
        else:
            raise NotFound
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(way_back(request, "coordination:supervision:list"))
