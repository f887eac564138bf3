"""For machines that watch: is the process up, can it work, how much waits."""

from __future__ import annotations

import hmac
import ipaddress

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseGone
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from coordination import readiness
from coordination.middleware import client_address


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up; asks nothing of anybody."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 only without the database; else 200 and what is degraded."""
    try:
        readiness.database_answers()
        degraded = readiness.current().degraded
    except DatabaseGone:
        return JsonResponse({"status": "down", "degraded": ["database"]}, status=503, headers={"Retry-After": "5"})
    return JsonResponse({"status": "degraded" if degraded else "ready", "degraded": degraded})


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Gauges in the text format of Prometheus; for holders of the token, without one for this machine only."""
    if not _may_see_metrics(request):
        return HttpResponse("not for the public\n", status=403, content_type="text/plain")
    now = readiness.current()
    gauges = {
        "baogong_stale_marks": ("Marks whose days wait to be summed", now.pending_marks),
        "baogong_oldest_stale_mark_seconds": ("Age of the oldest mark", now.oldest_mark_seconds),
        "baogong_heartbeat_seconds": ("Time since the schedule last ran", now.heartbeat_seconds),
        "baogong_broker_up": ("1 if the broker answers or none is needed", int(not now.is_broker_away)),
        "baogong_revisions_today": ("Revisions recorded since midnight", readiness.revisions_today()),
    }
    lines = [
        f"# HELP {name} {meaning}\n# TYPE {name} gauge\n{name} {'NaN' if value is None else value}\n"
        for name, (meaning, value) in gauges.items()
    ]
    return HttpResponse("".join(lines), content_type="text/plain; version=0.0.4")


def _may_see_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # asked through a proxy it would look like loopback as well, hence the second question
    return ipaddress.ip_address(client_address(request)).is_loopback and "X-Forwarded-For" not in request.headers
