"""A ticket and its work orders on paper."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from coordination import ticket_prints
from enterprises import access
from enterprises.rules.frame import Frame


@require_safe
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """One ticket as its reader may have it, for A4."""
    shown = ticket_prints.printed(access.signed_in(request.user), number)
    return render(request, "coordination/tickets/print.html", {"shown": shown, "row": shown.row})


@require_safe
def order(request: HttpRequest, number: str) -> HttpResponse:
    """One work order: where its printed form's code leads."""
    return _order(request, number)


@require_safe
def order_print(request: HttpRequest, number: str) -> HttpResponse:
    """The official form of a work order, for A4."""
    return _order(request, number, is_print=True)


def _order(request: HttpRequest, number: str, *, is_print: bool = False) -> HttpResponse:
    address = request.build_absolute_uri(reverse("coordination:tickets:order", args=[number]))
    form = ticket_prints.order(access.signed_in(request.user), number, address, is_print=is_print)
    context = {
        "frame": Frame(day=None), "form": form, "ticket": form.ticket, "order": form.order, "code": SafeString(form.qr),
    }  # fmt: skip
    template = "order_print" if is_print else "order"
    return render(request, f"coordination/tickets/{template}.html", context)
