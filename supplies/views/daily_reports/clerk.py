"""The clerk's pages: the enterprise's own page with its days, and the form of one day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.models import Account, Enterprise
from supplies import daily_reports, drafts, filing_calendars, products, proposals, reminders, report_sheets
from supplies.choices import Channel
from supplies.daily_reports import Key, OnBehalf, Outcome
from supplies.filing_calendars import Calendar
from supplies.forms import Before, DailyReportForm
from supplies.report_sheets import Sheet
from supplies.rules import moments
from supplies.tasks import hint
from supplies.views.daily_reports.comparison import compare
from supplies.views.daily_reports.countdown import countdown

PAGE = 50


@dataclass(frozen=True)
class Course:
    """One product over the days in view, the oldest first."""

    name: str
    unit: str
    output: list[int | None]
    capacity: list[int | None]

    @property
    def last(self) -> int | None:
        return next((v for v in reversed(self.output) if v is not None), None)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The enterprise's own page; whoever files for several chooses first, the bureau on behalf of whom."""
    account, uscc = _account(request), _uscc(request)
    own = report_sheets.own(account)
    if uscc is None and len(own) != 1:
        return _choose(request, account, own)
    enterprise = _chosen(account, own, uscc)
    calendar = filing_calendars.calendar(enterprise, today=access.today())
    is_own = enterprise in own
    shown = {
        "enterprise": enterprise,
        "calendar": calendar,
        "is_own": is_own,
        "others": [one for one in own if one != enterprise],
        "place": " · ".join(report_sheets.places(enterprise, access.today())[:1]),
        "courses": _courses(calendar),
        "returns": daily_reports.returns(enterprise, calendar.days[-1].day, calendar.days[0].day),
        "may_keep_lines": is_own and access.may(account, "lines:write"),
        "plants": enterprise.lines.count(),
        "proposals": proposals.waiting(enterprise),
        "reminders": reminders.waiting_for(enterprise, _unfiled(calendar)),
        "now": (now := timezone.now()),
        "left": (calendar.today.cut_off_at or now) - now,
    }
    return render(request, "supplies/daily_reports/mine.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, day: dt.date) -> HttpResponse:
    """The form of one day: prefilled from the last report, then judged by the act; 303 to the receipt."""
    came_in = timezone.now()
    if _uscc(request) is None and len(report_sheets.own(_account(request))) != 1:
        return redirect("supplies:daily_reports:mine")
    sheet = report_sheets.sheet(_account(request), uscc=_uscc(request), day=day)
    form = _form(request, sheet)
    refused: Refused | None = None
    if request.method == "POST" and not form.is_half_way and form.is_valid():
        try:
            outcome = _submit(request, sheet, form, came_in)
        except (NotFound, Forbidden):
            raise
        except Refused as error:
            form.refuse(refused := error)
        else:
            drafts.drop(actor=_account(request), enterprise=sheet.enterprise, day=day, until=came_in)
            return _to_receipt(request, sheet, outcome, is_answered=bool(form.confirmations()))
    return _show(request, sheet, form, refused)


def _choose(request: HttpRequest, account: Account, own: list[Enterprise]) -> HttpResponse:
    """Which enterprise: the account's own ones, or those within reach that have filed nothing today."""
    may_on_behalf = access.may(account, "reports:on_behalf")
    if not own and not may_on_behalf:
        raise Forbidden("您的账号不填报日报。")
    search = request.GET.get("search", "").replace("\0", "").strip()[:60]
    unfiled = filing_calendars.unfiled(account, day=access.today(), search=search) if may_on_behalf else own
    page = Paginator(own or unfiled, PAGE).get_page(request.GET.get("page"))
    shown = {"page_obj": page, "is_own": bool(own), "search": search, "today": access.today()}
    return render(request, "supplies/daily_reports/_choose.html", shown)


def _chosen(account: Account, own: list[Enterprise], uscc: str | None) -> Enterprise:
    for enterprise in own:
        if uscc is None or enterprise.uscc == uscc:
            return enterprise
    if not access.may(account, "reports:on_behalf") and not own:
        raise Forbidden("您的账号不填报日报。")
    return access.enterprise(account, uscc or "", "reports:on_behalf")


def _unfiled(calendar: Calendar) -> list[dt.date]:
    """Days of the calendar that are still owed."""
    return [one.day for one in calendar.days if one.state == "missing"]


def _courses(calendar: Calendar) -> list[Course]:
    catalogue = products.catalogue()
    return [
        Course(
            catalogue[code].name,
            catalogue[code].base_unit,
            calendar.course(code, "output"),
            calendar.course(code, "capacity"),
        )
        for code in calendar.products
        if code in catalogue
    ]


def _form(request: HttpRequest, sheet: Sheet) -> DailyReportForm:
    said = sheet.before
    return DailyReportForm(
        request.POST if request.method == "POST" else None,
        offers=sheet.offers,
        owed=sheet.owed.products,
        before=Before(
            revision=said.current or said.previous,
            lines=said.lines,
            compared=said.previous_lines,
            limits=sheet.limits,
            runs=sheet.runs,
            is_of_the_day=said.current is not None,
            questions=sheet.questions,
            copied=sheet.copied,
        ),
        licences=sheet.licences,
        plants=sheet.plants,
        is_own=sheet.is_own,
        is_blank="blank" in request.GET,
    )


def _submit(request: HttpRequest, sheet: Sheet, form: DailyReportForm, came_in: dt.datetime) -> Outcome:
    said, key = form.cleaned_data, form.key()
    outcome = daily_reports.submit(
        actor=_account(request),
        enterprise=sheet.enterprise,
        day=sheet.day,
        form=form.figures(),
        channel=Channel.WEB,
        received_at=came_in,
        based_on=form.based_upon(),
        confirmed=form.confirmations(),
        on_behalf=None if sheet.is_own else OnBehalf(said["caller"], said["behalf_reason"]),
        key=Key(*key) if key is not None else None,
    )
    hint()
    return outcome


def _to_receipt(request: HttpRequest, sheet: Sheet, outcome: Outcome, *, is_answered: bool) -> HttpResponse:
    if outcome.status == 200 and is_answered:
        messages.success(request, "说明已收到，审核人员会看到。")
    elif outcome.status == 200 and not outcome.is_replay:
        messages.info(request, f"与已提交的第 {outcome.revision} 次相同，没有新增修订。")
    asked: dict[str, str | int] = {"enterprise": sheet.enterprise.uscc, "revision": outcome.revision, "done": 1}
    address = reverse("supplies:daily_reports:receipt", args=[sheet.day])
    answer = redirect(f"{address}?{urlencode(asked)}")
    answer.status_code = 303
    return answer


def _show(request: HttpRequest, sheet: Sheet, form: DailyReportForm, refused: Refused | None) -> HttpResponse:
    is_conflict = refused is not None and refused.code == "conflict"
    if is_conflict:
        # somebody was quicker: show what is stored by now
        sheet = report_sheets.sheet(_account(request), uscc=sheet.enterprise.uscc, day=sheet.day)
    shown: dict[str, Any] = {
        "sheet": sheet,
        "form": form,
        "now": timezone.now(),
        "countdown": countdown(sheet.cut_off_at, sheet.day, timezone.now()),
        "conflict": compare(refused, sheet, _account(request)) if refused is not None and is_conflict else None,
        "is_future": sheet.day > access.today(),
        "since": _since(sheet),
        "draft": _draft(request, sheet),
        "returned": daily_reports.returned(sheet.enterprise, sheet.day) if sheet.latest is not None else None,
        "proposals": proposals.waiting(sheet.enterprise, [sheet.day]) if sheet.latest is not None else [],
    }
    status = refused.status if refused is not None else 422 if form.is_bound and form.count else 200
    return render(request, "supplies/daily_reports/edit.html", shown, status=status)


def _draft(request: HttpRequest, sheet: Sheet) -> dict[str, Any] | None:
    """What the account typed last and did not submit, for the page's script; moments in milliseconds."""
    found = drafts.latest(_account(request), sheet.enterprise, sheet.day)
    if found is None:
        return None
    return {"at": int(found.saved_at.timestamp() * 1000), "fields": found.fields, "device": found.device}


def _since(sheet: Sheet) -> str:
    """What the figures are compared with: 昨日, or the day of the last report."""
    if sheet.previous_day is None:
        return ""
    is_yesterday = sheet.day - sheet.previous_day == dt.timedelta(days=1)
    return "昨日" if is_yesterday else moments.short_day(sheet.previous_day, today=access.today())


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user


def _uscc(request: HttpRequest) -> str | None:
    """The enterprise named in the address; nothing that no code contains, for not every database takes it."""
    return request.GET.get("enterprise", "").replace("\0", "") or None
