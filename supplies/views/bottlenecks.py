"""What limits capacity today, and how long materials last."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from enterprises import access
from supplies import bottlenecks, frames, products
from supplies.choices import LimitReason, LineRunState

LISTED = 200


@require_safe
def look(request: HttpRequest) -> HttpResponse:
    """The bottlenecks of ?division= on ?date= (default: the leading day), of ?product=; ?reason= chooses whom to list."""
    place = {name: request.GET.get(name, "") for name in ("division", "date")}
    outlook = frames.outlook(access.signed_in(request.user), ability="sources:read", **place)
    reason = request.GET.get("reason", "")
    reason = reason if reason in LimitReason.values else ""
    found = bottlenecks.bottlenecks(outlook, product=request.GET.get("product", ""), reason=reason)
    catalogue = products.catalogue(found.day)
    context = {
        "frame": outlook.frame(),
        "outlook": outlook,
        "page": found,
        "named": found.named[:LISTED],
        "supplies": found.supplies[:LISTED],
        "reason": reason,
        "reasons": LimitReason.choices,
        "run_states": LineRunState.labels,
        "product_options": [(entry.code, entry.name) for entry in catalogue.entries.values()],
        "places": [
            (one, list(zip(LimitReason.values, one.enterprises, one.lost, strict=True))) for one in found.places
        ],
    }
    return render(request, "supplies/daily_totals/bottlenecks.html", context)
