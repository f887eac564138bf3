"""Work orders in the browser: a list over all tickets, and how often units send theirs back."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from coordination import work_orders
from coordination.choices import OrderPart, OrderState
from enterprises import access
from enterprises.rules.frame import Frame

PAGE_SIZE = 30


@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Orders within reach; every filter stands in the address."""
    account = access.signed_in(request.user)
    said = {name: request.GET.get(name, "")[:40] for name in ("state", "organisation", "part")}
    filters = work_orders.Filters(**said)
    found = Paginator(work_orders.listed(account, filters), PAGE_SIZE).get_page(request.GET.get("page"))
    returns = work_orders.returns(account)
    context = {
        "frame": Frame(day=None),
        "filters": filters,
        "page_obj": found,
        "rows": [(order, work_orders.is_readable(account, order)) for order in found],
        "returns": returns,
        "states": [*OrderState.choices, ("all", "全部")],
        "parts": OrderPart.choices,
        "units": [(one.code, one.name) for one in returns],
        "now": timezone.now(),
        "today": timezone.localdate(),
    }
    return render(request, "coordination/tickets/orders.html", context)
