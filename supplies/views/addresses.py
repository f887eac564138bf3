"""Where a form that was sent leads back to."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest, usual: str) -> str:
    """The page a form names as its own (`back`), if it lies on this server; else the address of the route `usual`."""
    back = request.POST.get("back", "")[:500]
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, {request.get_host()})
    return back if is_ours else reverse(usual)
