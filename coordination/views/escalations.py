"""Escalations in the browser: which levels are asked, the form for the province, what became of a wish for policy."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from coordination import escalations as acts
from coordination import ticket_boards
from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.rules.frame import Frame

PAGE_SIZE = 30
GROUPS = (
    ("open", "待接办或待裁定"), ("ruling", "待裁定"), ("accepted", "已接办"), ("returned", "已退回"), ("policy", "政策建议"),
)  # fmt: skip


@require_safe
def escalations(request: HttpRequest) -> HttpResponse:
    """Those within reach, what is due first on top."""
    account = access.signed_in(request.user)
    group = request.GET.get("group", "")
    found = Paginator(acts.listed(account, group), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "frame": Frame(day=None),
        "page_obj": found,
        "groups": GROUPS,
        "group": group,
        "counts": acts.counts(account),
        "may_settle": acts.may_settle(account),
        "now": timezone.now(),
    }
    return render(request, "coordination/tickets/escalations.html", context)


@require_safe
def request_form(request: HttpRequest, number: int) -> HttpResponse:
    """The form with which the city asks the province, filled from the ticket; for printing (L3)."""
    account = access.signed_in(request.user)
    asked = acts.find(account, number)
    context = {
        "frame": Frame(day=None),
        "asked": asked,
        "ticket": asked.ticket,
        "place": ticket_boards.place(asked.ticket, account),
        "printed_at": timezone.now(),
    }
    return render(request, "coordination/tickets/request_form.html", context)


@require_POST
def settle(request: HttpRequest, number: int) -> HttpResponse:
    """What became of a wish for policy."""
    try:
        acts.settle(actor=access.signed_in(request.user), number=number, outcome=request.POST.get("outcome", ""))
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "政策事项已了结。")
    return redirect("coordination:tickets:escalations")
