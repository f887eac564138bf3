"""The draft of one day's form: saved by the page's script while somebody types, forgotten when told."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_http_methods

from enterprises import access
from enterprises.errors import Invalid
from supplies import drafts, report_sheets

LARGEST = 256 * 1024
"""Bytes of a draft; a form of all products is a tenth of it."""


@require_http_methods(["POST", "DELETE"])
def draft(request: HttpRequest, day: dt.date) -> JsonResponse:
    """POST [[name, text], ...]: {"saved_at": moment}. DELETE: {}. 400 with the reason for what is no draft."""
    account = access.signed_in(request.user)
    uscc = request.GET.get("enterprise", "").replace("\0", "") or None
    enterprise = report_sheets.fillable(account, uscc)
    if request.method == "DELETE":
        drafts.drop(actor=account, enterprise=enterprise, day=day)
        return JsonResponse({})
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        raise Invalid("草稿太大，没有保存。", code="too_large")
    device = request.headers.get("X-Device", "")
    kept = drafts.save(actor=account, enterprise=enterprise, day=day, body=request.body, device=device)
    return JsonResponse({"saved_at": int(kept.saved_at.timestamp() * 1000)})
