"""What is typed about tickets: saved by the page's script while somebody types, forgotten when told."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_http_methods

from coordination import presence, tickets
from coordination import unsent as typing
from enterprises import access
from enterprises.errors import Invalid

LARGEST = 64 * 1024
"""Bytes; a form that is full to the brim has a quarter of it."""


@require_http_methods(["POST", "DELETE"])
def unsent(request: HttpRequest) -> JsonResponse:
    """?place=: POST [[name, text], ...] keeps it; DELETE forgets it. Whoever types is still here."""
    account = access.signed_in(request.user)
    place = request.GET.get("place", "")
    if request.method == "DELETE":
        typing.drop(actor=account, place=place)
        return JsonResponse({})
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        raise Invalid("写得太长，没有保存。", code="too_large")
    ticket = typing.save(actor=account, place=place, body=request.body, device=request.headers.get("X-Device", ""))
    if ticket is not None:
        presence.seen(account, ticket, tickets.sides_of(account, ticket))
    return JsonResponse({})
