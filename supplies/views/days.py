"""The state of a day, closing it and opening it again (R13)."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises import access, work_days
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.rules import days as written
from supplies import closings, day_sheets, export_profiles, frames, morning_sheets
from supplies.choices import SnapshotKind

WORKS = {
    "flash": "冻结此刻的全部合计和来源，编号存档；不锁填报，之后照常交、照常改。",
    "final": "冻结此刻的全部合计和来源，并封账：之后首次补报只在补报期内收，修订须重新开放。",
}
UNTIL = dt.timedelta(hours=24)
"""How long a reopening lasts where nothing else is said."""


@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    """The day that is to be closed next: yesterday; ?date= turns to another one."""
    return _day(request, access.today() - dt.timedelta(days=1))


@require_safe
def day(request: HttpRequest, day: dt.date) -> HttpResponse:
    """The state of a day; ?date= turns to another one."""
    return _day(request, day)


@require_safe
def morning(request: HttpRequest) -> HttpResponse:
    """What changed overnight and what runs out this week, of ?division= after ?date= (default: yesterday)."""
    account = access.signed_in(request.user)
    place = {name: request.GET.get(name, "") for name in ("division", "date")}
    outlook = frames.outlook(account, ability="sources:read", **place)
    sheet = morning_sheets.sheet(outlook, account)
    shown = {"frame": outlook.frame(sheet.day), "outlook": outlook, "sheet": sheet}
    return render(request, "supplies/days/morning.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, day: dt.date) -> HttpResponse:
    """Say what ?kind=flash or final freezes and who is still missing; POST does it, once."""
    account = access.signed_in(request.user)
    access.require(account, "days:close")
    kind = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    if kind not in SnapshotKind.values:
        raise NotFound("没有这种封账。")
    refused: Refused | None = None
    if request.method == "POST":
        try:
            since = day_sheets.moment(request.POST.get("since", ""), "since")
            done = closings.close(actor=account, day=day, kind=kind, unless_since=since)
        except (NotFound, Forbidden):
            raise
        except Refused as error:
            refused = error
        else:
            label = SnapshotKind(kind).label
            text = f"{day.month}月{day.day}日{label}第 {done.answer['number']} 号已存。"
            messages.success(request, text)
            return redirect("supplies:days:day", day)
    outlook = frames.outlook(account, ability="coverage:read", date=day.isoformat())
    shown = {
        "frame": outlook.frame(),
        "outlook": outlook,
        "sheet": day_sheets.sheet(outlook, account, day),
        "kind": kind,
        "label": SnapshotKind(kind).label,
        "works": WORKS[kind],
        "since": timezone.now().isoformat(),
        "refused": refused,
    }
    return render(request, "supplies/days/close.html", shown, status=refused.status if refused else 200)


@require_POST
def reopen(request: HttpRequest, day: dt.date) -> HttpResponse:
    """Open a closed day again for one enterprise until a moment, with a reason."""
    account = access.signed_in(request.user)
    access.require(account, "days:close")
    said = {name: request.POST.get(name, "").replace("\0", "") for name in ("enterprise", "reason", "until")}
    try:
        until = day_sheets.moment(said["until"], "until")
        enterprise = access.enterprise(account, said["enterprise"], "days:close")
        closings.reopen(actor=account, day=day, enterprise=enterprise, reason=said["reason"], until=until)
    except Forbidden:
        raise
    except Refused as refused:
        return _day(request, day, refused=refused, said=said)
    messages.success(request, f"已为{enterprise.name}重新开放 {day.month}月{day.day}日。")
    return redirect("supplies:days:day", day)


def _day(
    request: HttpRequest, day: dt.date, *, refused: Refused | None = None, said: dict[str, str] | None = None
) -> HttpResponse:
    account = access.signed_in(request.user)
    asked = request.GET.get("date", "")
    if asked and asked != day.isoformat():
        try:
            return redirect("supplies:days:day", written.iso(asked))
        except ValueError:
            raise NotFound("没有这一天。") from None
    division = request.GET.get("division", "")
    outlook = frames.outlook(account, ability="coverage:read", division=division, date=day.isoformat())
    may_close = access.may(account, "days:close")
    sheet = day_sheets.sheet(outlook, account, day)
    shown = {
        "frame": outlook.frame(),
        "outlook": outlook,
        "sheet": sheet,
        "may_close": may_close,
        "may_trace": access.may(account, "sources:read"),
        "profiles": list(export_profiles.profiles()) if sheet.last_final or sheet.last_flash else [],
        "missing_years": work_days.missing_years() if may_close else [],
        "may_set": access.may(account, "settings:write"),
        "choices": day_sheets.reopenable(account, day) if may_close and sheet.closure is not None else [],
        "refused": refused,
        "said": said or {"until": timezone.localtime(timezone.now() + UNTIL).strftime("%Y-%m-%dT%H:%M")},
    }
    return render(request, "supplies/days/day.html", shown, status=refused.status if refused else 200)
