"""The seals of each day's records, and whether they hold."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from coordination import seals as acts
from enterprises import access
from enterprises.rules.frame import Frame


@require_safe
def list(request: HttpRequest) -> HttpResponse:
    """Seals, the latest first; ?verify=yes computes them anew."""
    account = access.signed_in(request.user)
    found = acts.listed(account)
    verdict = acts.verify() if request.GET.get("verify") == "yes" else None
    context = {
        "frame": Frame(day=None),
        "seals": found,
        "verdict": verdict,
        "broken": {fault.day for fault in verdict.faults} if verdict is not None else set(),
    }
    return render(request, "coordination/seals/list.html", context)
