"""Messages that leave the house: what arrived and what did not; and how one wants to hear of ordinary things."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coordination import deliveries
from coordination.choices import DeliveryState, Digest
from enterprises import access, accounts
from enterprises.choices import Role
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.rules.frame import Frame
from supplies.views.addresses import way_back

PAGE = 50
LOOKS = {"waiting": "amber", "sending": "amber", "sent": "jade", "failed": "coral", "dropped": "line", "merged": "line"}


@require_safe
def list(request: HttpRequest) -> HttpResponse:
    """The newest messages within reach; ?state= of them."""
    account = access.signed_in(request.user)
    state = request.GET.get("state", "")
    page = Paginator(deliveries.listed(account, state=state), PAGE).get_page(request.GET.get("page"))
    context = {
        "frame": Frame(day=None),
        "page_obj": page,
        "rows": [(row, LOOKS[row.state]) for row in page.object_list],
        "failed": deliveries.listed(account, state=DeliveryState.FAILED).count(),
        "states": DeliveryState.choices,
        "state": state,
    }
    return render(request, "coordination/messages/list.html", context)


@require_POST
def again(request: HttpRequest, number: int) -> HttpResponse:
    """Try one that did not arrive once more."""
    deliveries.again(actor=access.signed_in(request.user), number=number)
    messages.success(request, "马上再发一次。")
    return redirect(way_back(request, "coordination:messages:list"))


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """One's own address and how one hears of ordinary things."""
    account = access.signed_in(request.user)
    refused = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                deliveries.prefer(actor=account, ordinary=request.POST.get("ordinary", ""))
                accounts.set_email(actor=account, account=account, email=request.POST.get("email", ""))
        except (Forbidden, NotFound):
            raise
        except Refused as fault:
            refused = fault
        else:
            messages.success(request, "已保存。")
            return redirect("coordination:messages:preferences")
    context = {
        "frame": Frame(day=None),
        "email": request.POST.get("email", account.email),
        "ordinary": request.POST.get("ordinary", deliveries.preference(account)),
        "choices": Digest.choices,
        "refused": refused,
        "is_enterprise": access.roles(account) == {Role.ENTERPRISE},
    }
    return render(request, "coordination/messages/preferences.html", context, status=refused.status if refused else 200)
