"""Dated settings of reporting: what holds now and since when, what is to hold from which day on, and setting one."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from enterprises import access
from enterprises.errors import Invalid, NotFound, Refused, reading
from enterprises.rules import days
from enterprises.rules.frame import Frame
from supplies import reporting_settings
from supplies.choices import SettingName
from supplies.rules.reporting_settings import HINTS
from supplies.tasks import hint

EARLIEST = dt.date(2000, 1, 1)
LONGEST_REASON = 500
SAID = ("name", "value", "starts_on", "division", "reason")


@require_safe
def list(request: HttpRequest) -> HttpResponse:
    """Every setting with what holds today, for all units and for single divisions."""
    return _list(request, {"name": request.GET.get("name", ""), "starts_on": access.today().isoformat()})


@require_POST
def set_rule(request: HttpRequest) -> HttpResponse:
    """Let a value hold from a day on, for all units or a division with all below; 303 back to the list."""
    said = {name: request.POST.get(name, "").replace("\0", "").strip() for name in SAID}
    try:
        done = reporting_settings.set_rule(
            actor=access.signed_in(request.user),
            name=_name(said["name"]),
            value=said["value"],
            starts_on=_day(said["starts_on"]),
            division=said["division"] or None,
            reason=_reason(said["reason"]),
        )
    except NotFound:
        raise
    except Refused as refused:
        return _list(request, said, refused)
    hint()
    word = "本来就是这样" if done.change == "unchanged" else "已设定"
    label = SettingName(done.row.name).label
    messages.success(request, f"{word}：{label}，自 {done.row.starts_on} 起。")
    answer = redirect("supplies:reporting_settings:list")
    answer.status_code = 303
    return answer


def _list(request: HttpRequest, said: dict[str, str], refused: Refused | None = None) -> HttpResponse:
    account = access.signed_in(request.user)
    shown = {
        "settings": reporting_settings.overview(account),
        "places": reporting_settings.places(account),
        "said": said,
        "refused": refused,
        "today": access.today(),
        "frame": Frame(),
    }
    status = refused.status if refused is not None else 200
    return render(request, "supplies/reporting_settings/list.html", shown, status=status)


def _name(text: str) -> str:
    """One of the settings of this page; the day the system went live is not among them."""
    if text not in HINTS:
        raise Invalid("请选择要改哪一项。", code="invalid_setting", field="name")
    return text


def _day(text: str) -> dt.date:
    if not text:
        raise Invalid("请填写从哪天起。", code="required", field="starts_on")
    with reading("starts_on", "invalid_date"):
        day = days.iso(text)
    if day < EARLIEST:
        raise Invalid(f"日期不能早于 {EARLIEST}。", code="invalid_date", field="starts_on")
    return day


def _reason(text: str) -> str:
    if not text:
        raise Invalid("请写明理由，以后查得到为什么改。", code="required", field="reason")
    if len(text) > LONGEST_REASON:
        raise Invalid(f"理由最多 {LONGEST_REASON} 字。", code="too_long", field="reason")
    return text
