"""Exempting an enterprise from the list of who has reported: its days and a reason (R2)."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from enterprises import access
from enterprises.errors import Forbidden, Invalid, NotFound, Refused, reading
from enterprises.rules import days
from supplies import reporting_duties
from supplies.tasks import hint
from supplies.views.addresses import way_back


@require_POST
def exempt(request: HttpRequest) -> HttpResponse:
    """Suspend one enterprise's duties, all or of one product, on the days given; back to the list."""
    account = access.signed_in(request.user)
    access.require(account, "duties:write")
    names = ("enterprise", "product", "starts_on", "ends_on", "approver", "reason")
    said = {name: request.POST.get(name, "").replace("\0", "").strip() for name in names}
    enterprise = access.enterprise(account, said["enterprise"], "duties:write")
    try:
        if not said["reason"]:
            raise Invalid("请写明豁免事由。", code="required", field="reason")
        starts_on, ends_on = _day(said["starts_on"], "starts_on"), _day(said["ends_on"], "ends_on")
        reporting_duties.exempt(
            actor=account,
            enterprise=enterprise,
            product=said["product"] or None,
            starts_on=starts_on,
            ends_on=ends_on,
            approver=said["approver"],
            reason=said["reason"],
        )
        hint()
        messages.success(request, f"已豁免 {enterprise.name}（{starts_on} 至 {ends_on}），期间不催报、不进报送率。")
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        messages.error(request, f"{enterprise.name}没有豁免：{refused}")
    return redirect(way_back(request, "supplies:daily_reports:coverage"))


def _day(text: str, field: str) -> dt.date:
    if not text:
        raise Invalid("请填写豁免的起止日期。", code="required", field=field)
    with reading(field, "invalid_date"):
        return days.iso(text)
