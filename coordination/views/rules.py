"""The rules of time in the browser: working days and hours, time limits, ladders. Everybody at the bureau may look."""

from __future__ import annotations

import calendar as months
import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from coordination import duty
from coordination.choices import Audience, BudgetUnit, ClockKind, LadderAct, TicketMode
from coordination.models import TicketCategory
from coordination.tickets import hours, ladders, policies
from enterprises import access, work_days
from enterprises.choices import WorkDayKind
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound, Refused, reading
from enterprises.models import Account, AuditEntry, WorkDay
from enterprises.rules import days
from enterprises.rules.frame import Frame

PolicyFields = ("kind", "mode", "category", "unit", "amount", "priority", "replaces", "retire")
LadderFields = ("mode", "step", "audience", "act", "open_within")
CALENDAR_ACTS = ("work_day.correct", "work_day.load_year", "work_hours.set")


@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """A year of working days with 调休, and the office hours by season; POST corrects a day, loads a year, sets hours."""
    account = _reader(request)
    refused = None
    if request.method == "POST":
        try:
            messages.success(request, _change_calendar(account, request))
        except (Forbidden, NotFound):
            raise
        except Refused as fault:
            refused = fault
        else:
            return redirect(f"{reverse('coordination:rules:calendar')}?year={_year(request)}")
    return _calendar_page(request, account, refused)


def _change_calendar(account: Account, request: HttpRequest) -> str:
    given = request.POST
    act = given.get("act", "")
    if act == "day":
        with reading("day", "invalid_date"):
            day = days.iso(given.get("day", ""))
        kind = given.get("kind", "")
        if kind not in WorkDayKind.values:
            raise Invalid("请选性质。", code="invalid_choice", field="kind")
        is_working = kind not in (WorkDayKind.WEEKEND, WorkDayKind.HOLIDAY)
        work_days.correct(
            actor=account, day=day, is_working=is_working, kind=kind, document=given.get("document", "").strip()
        )
        return f"{day} 已改为{WorkDayKind(kind).label}。"
    if act == "year":
        said = {name: given.get(name, "") for name in ("rest", "work", "document")}
        changed = work_days.load_year(actor=account, year=_year(request), **said)
        return f"{_year(request)} 年的日历已载入，改动 {changed} 天；暂定的到期时间马上重算。"
    if act == "hours":
        row = hours.set_hours(actor=account, starts_on=given.get("starts_on", ""), text=given.get("text", ""))
        return f"自 {row.starts_on} 起上班时间为 {row.text}。"
    raise NotFound


def _calendar_page(request: HttpRequest, account: Account, refused: Refused | None) -> HttpResponse:
    year = _year(request)
    rows = {row.day: row for row in WorkDay.objects.filter(day__year=year)}
    shown = [(month, _weeks(year, month, rows)) for month in range(1, 13)]
    history = AuditEntry.objects.filter(act__in=CALENDAR_ACTS).select_related("actor").order_by("-at", "-id")[:12]
    context = {
        "frame": Frame(day=None),
        "year": year,
        "years": sorted(
            {*WorkDay.objects.values_list("day__year", flat=True).distinct(), timezone.localdate().year + 1}
        ),
        "is_loaded": bool(rows),
        "months": shown,
        "working": sum(1 for row in rows.values() if row.is_working),
        "hours": hours.hours(),
        "kinds": WorkDayKind.choices,
        "missing": work_days.missing_years(),
        "history": history,
        "may_edit": access.may(account, "settings:write"),
        "day": request.GET.get("day", "")[:10],
        "refused": refused,
        "typed": request.POST if refused is not None else {},
    }
    return render(request, "coordination/rules/calendar.html", context, status=refused.status if refused else 200)


def _weeks(year: int, month: int, rows: dict[dt.date, WorkDay]) -> list[list[tuple[dt.date, WorkDay | None] | None]]:
    """The weeks of a month from Monday on; None where a day is another month's."""
    weeks = months.Calendar(0).monthdatescalendar(year, month)
    return [[(day, rows.get(day)) if day.month == month else None for day in week] for week in weeks]


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """Time limits. POST shows which running tickets would change; confirmed, it is saved and they get new due times."""
    account = _reader(request)
    change, effects, refused = None, [], None
    given = {name: request.POST.get(name, "")[:40] for name in PolicyFields}
    if request.method == "POST":
        access.require(account, "settings:write")
        try:
            change = policies.read(given)
            if request.POST.get("confirmed"):
                shown = request.POST.get("shown", "")
                count = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 8 else -1
                moved = policies.save(actor=account, change=change, shown=count)
                messages.success(request, f"已保存，{moved} 个时限按新规定重算。")
                return redirect("coordination:rules:limits")
        except (Forbidden, NotFound):
            raise
        except Refused as fault:
            refused = fault
        if change is not None and (refused is None or isinstance(refused, Conflict)):
            effects = policies.preview(change)
    context = {
        "frame": Frame(day=None),
        "policies": [(one, policies.amount_words(one.amount, one.unit)) for one in policies.policies()],
        "clocks": ClockKind.choices,
        "modes": TicketMode.choices,
        "units": BudgetUnit.choices,
        "categories": TicketCategory.objects.all(),
        "change": change,
        "change_words": _words(change) if change is not None else "",
        "effects": effects,
        "given": given,
        "may_edit": access.may(account, "settings:write"),
        "refused": refused,
    }
    return render(request, "coordination/rules/limits.html", context, status=refused.status if refused else 200)


def _words(change: policies.Change) -> str:
    """A change as one says it."""
    scope = change.category.name if change.category is not None else "各类"
    head = f"{ClockKind(change.kind).label}（{TicketMode(change.mode).label}，{scope}）"
    if change.is_retired:
        return f"撤销{head}的单独规定，改用适用各类的那一条"
    return f"{head}改为 {policies.amount_words(change.amount, change.unit)}"


@require_http_methods(["GET", "HEAD", "POST"])
def ladder(request: HttpRequest) -> HttpResponse:
    """The ladders; POST adds a step."""
    account = _reader(request)
    refused = None
    typed = {name: request.POST.get(name, "") for name in LadderFields}
    if request.method == "POST":
        try:
            ladders.set_step(actor=account, **typed)
        except Forbidden:
            raise
        except Refused as fault:
            refused = fault
        else:
            messages.success(request, "已加上，之后到这一档的都照办。")
            return redirect("coordination:rules:ladder")
    known = [(50, "用到 50%"), (80, "用到 80%"), (100, "到期"), *((100 + n, f"超期第 {n} 个") for n in range(1, 31))]
    context = {
        "frame": Frame(day=None),
        "ladders": [
            (label, [(row, ladders.word(row)) for row in ladders.steps(mode)]) for mode, label in TicketMode.choices
        ],
        "modes": TicketMode.choices,
        "steps": known,
        "audiences": Audience.choices,
        "acts": LadderAct.choices,
        "typed": typed,
        "may_edit": access.may(account, "settings:write"),
        "refused": refused,
    }
    return render(request, "coordination/rules/ladder.html", context, status=refused.status if refused else 200)


@require_POST
def drop_step(request: HttpRequest, number: int) -> HttpResponse:
    """Take a step off its ladder."""
    ladders.drop_step(actor=access.signed_in(request.user), number=number)
    messages.success(request, "已撤下。")
    return redirect("coordination:rules:ladder")


def _reader(request: HttpRequest) -> Account:
    account = access.signed_in(request.user)
    if not duty.may_read(account):
        raise Forbidden
    return account


def _year(request: HttpRequest) -> int:
    text = request.POST.get("year") or request.GET.get("year", "")
    this: dt.date = timezone.localdate()
    is_year = text.isascii() and text.isdigit() and len(text) == 4
    return int(text) if is_year and 2020 <= int(text) <= this.year + 2 else this.year
