"""The state of emergency in the browser: what holds, declaring one, ending one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from coordination import access as ticket_access
from coordination import ticket_boards, tickets
from coordination.models import Emergency
from enterprises import access
from enterprises.errors import Forbidden, Refused
from enterprises.rules.frame import Frame


@require_safe
def emergencies(request: HttpRequest) -> HttpResponse:
    """What holds and what held; everybody at a desk may know."""
    account = access.signed_in(request.user)
    if not (access.may(account, "tickets:desk") or access.may(account, "tickets:supervise")):
        raise Forbidden
    found = Emergency.objects.select_related("category", "declared_by", "ended_by")[:100]
    tree = ticket_access.tree_of(account)
    context = {
        "frame": Frame(day=None),
        "emergencies": [
            (one, tree[one.division_id].name if one.division_id is not None and one.division_id in tree else "全市")
            for one in found
        ],
        "choices": ticket_boards.filter_choices(account),
        "may_declare": tickets.may_declare(account),
    }
    return render(request, "coordination/tickets/emergencies.html", context)


@require_POST
def declare(request: HttpRequest) -> HttpResponse:
    """Declare one, by its document."""
    try:
        tickets.declare(
            actor=access.signed_in(request.user),
            document=request.POST.get("document", ""),
            division=request.POST.get("division", "")[:20],
            category=request.POST.get("category", "")[:20],
        )
    except Forbidden:
        raise
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "已进入应急状态：新提交的单昼夜计时。")
    return redirect("coordination:tickets:emergencies")


@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End one."""
    try:
        tickets.end(actor=access.signed_in(request.user), number=number)
    except Forbidden:
        raise
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "已结束应急状态；在办的单照原来的时限。")
    return redirect("coordination:tickets:emergencies")
