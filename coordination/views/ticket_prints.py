"""A ticket on paper."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from coordination import ticket_prints
from enterprises import access


@require_safe
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """One ticket as its reader may have it, for A4."""
    shown = ticket_prints.printed(access.signed_in(request.user), number)
    return render(request, "coordination/tickets/print.html", {"shown": shown, "row": shown.row})
