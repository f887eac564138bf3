"""The duty roster in the browser: who is on duty now, a week as a grid, leaves, handing over, a file."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coordination import duty, imports, words
from coordination.duty import Place
from coordination.models import Ticket
from coordination.rules.transitions import OPEN
from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.files import BadFile, BadRows
from enterprises.rules import days
from enterprises.rules.frame import Frame

MOST_BYTES = 2_000_000


@require_safe
def now(request: HttpRequest) -> HttpResponse:
    """Who can be called at this moment, place by place."""
    account = access.signed_in(request.user)
    found = duty.board(account)
    urgent = Ticket.objects.filter(mode__in=("urgent", "emergency"), state__in=OPEN)
    context = {
        "frame": Frame(day=None),
        "board": found,
        "mine": [one for one in found.rostered if one.shift is not None and one.shift.account_id == account.pk],
        "is_urgent": urgent.exists(),
        "may_import": access.may(account, "tickets:desk"),
    }
    return render(request, "coordination/duty/now.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def roster(request: HttpRequest, code: str) -> HttpResponse:
    """A week of a place; POST saves the grid, all of it or, with each bad cell named, nothing."""
    account = access.signed_in(request.user)
    place = duty.place(account, code)
    if request.method != "POST":
        return _grid(request, place)
    texts, seen = _sent(request, "who-"), _sent(request, "seen-")
    try:
        changed = duty.fill(
            actor=account, place=place, first=_first(request), count=_count(request), texts=texts, seen=seen
        )
    except duty.BadCells as refused:
        faults = {error.field: error.message for error in refused.errors}
        typed = {key: (text, faults.get(key, "")) for key, text in texts.items()}
        return _grid(request, place, typed, refused)
    messages.success(request, f"已保存，改了 {changed} 个班。" if changed else "没有改动。")
    return redirect(_week_address(request, place))


@require_POST
def act(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """One act on a place's roster; refused, the page says why and keeps what was typed."""
    account = access.signed_in(request.user)
    place = duty.place(account, code)
    try:
        said = _act(request, place, act)
    except Forbidden:
        raise
    except Refused as refused:
        return _grid(request, place, refused=refused, act=act)
    messages.success(request, said)
    return redirect(_week_address(request, place))


def _act(request: HttpRequest, place: Place, act: str) -> str:
    account, given = access.signed_in(request.user), request.POST
    if act == "add":
        duty.add(
            actor=account,
            place=place,
            part=given.get("part", ""),
            who=given.get("who", ""),
            starts_at=words.moment(given.get("starts_at"), "starts_at", "上班时间"),
            ends_at=words.moment(given.get("ends_at"), "ends_at", "下班时间"),
        )
        return "已排上。"
    if act == "drop":
        duty.drop(actor=account, place=place, number=_number(given.get("shift", "")))
        return "已撤下。"
    if act == "hand-over":
        made = duty.hand_over(actor=account, place=place, part=given.get("part", ""), note=given.get("note", ""))
        return f"已交班给 {duty.shown(made.taken)}。"
    if act == "leave":
        said = {name: given.get(name, "") for name in ("who", "starts_on", "ends_on", "reason")}
        duty.take_leave(actor=account, place=place, **said)
        return "已登记请假，这几天不会通知本人。"
    if act == "back":
        duty.come_back(actor=account, place=place, number=_number(given.get("absence", "")))
        return "已销假。"
    raise NotFound


@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest) -> HttpResponse:
    """Take a roster in from a file, all of it or nothing."""
    account = access.signed_in(request.user)
    access.require(account, "tickets:desk")
    problems, fault = [], ""
    sent = request.FILES.get("file") if request.method == "POST" else None
    if sent is not None and (sent.size or 0) <= MOST_BYTES:
        try:
            done = imports.import_roster(actor=account, content=sent.read(), name=sent.name or "")
        except BadRows as refused:
            problems, fault = refused.problems, str(refused.message)
        except BadFile as refused:
            fault = str(refused)
        else:
            messages.success(request, "".join(done.lines()))
            return redirect("coordination:duty:now")
    elif request.method == "POST":
        fault = "请选一个不超过 2 兆的 CSV 或 XLSX 文件。"
    shown = {"frame": Frame(day=None), "fault": fault, "problems": problems[:200]}
    return render(request, "coordination/duty/file.html", shown, status=422 if fault else 200)


def _grid(
    request: HttpRequest,
    place: Place,
    typed: dict[str, tuple[str, str]] | None = None,
    refused: Refused | None = None,
    act: str = "",
) -> HttpResponse:
    account = access.signed_in(request.user)
    week = duty.week(place, _first(request), _count(request), typed)
    on_duty = duty.now(place=place).of(division=place.division, organisation=place.organisation)
    may_edit = duty.may_edit(account, place)
    context = {
        "frame": Frame(day=None),
        "place": place,
        "week": week,
        "counts": [(n, f"{24 // n} 小时一班") for n in duty.COUNTS],
        "people": duty.candidates(place) if may_edit else [],
        "absences": duty.absences(place),
        "handovers": duty.handovers(place)[:5],
        "on_duty": on_duty,
        "may_edit": may_edit,
        "may_hand_over": on_duty is not None and (may_edit or on_duty.account_id == account.pk),
        "is_mine": any(person.account == account for person in duty.candidates(place)),
        "refused": refused,
        "act": act,
        "typed": request.POST if act else {},
        "query": urlencode({"week": week.first.isoformat(), "shifts": week.count}),
    }
    return render(request, "coordination/duty/roster.html", context, status=refused.status if refused else 200)


def _first(request: HttpRequest) -> dt.date:
    """Monday of the week asked for; of this week where none is."""
    try:
        day = days.iso(request.GET.get("week", "")[:10])
    except ValueError:
        day = timezone.localdate()
    return day - dt.timedelta(days=day.weekday())


def _count(request: HttpRequest) -> int:
    text = request.GET.get("shifts", "2")
    return int(text) if text in ("1", "2", "3") else 2


def _sent(request: HttpRequest, prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): str(value) for key, value in request.POST.items() if key.startswith(prefix)}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _week_address(request: HttpRequest, place: Place) -> str:
    query = urlencode({"week": _first(request).isoformat(), "shifts": _count(request)})
    return f"{reverse('coordination:duty:roster', args=[place.code])}?{query}"
