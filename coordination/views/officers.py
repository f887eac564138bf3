"""Liaison officers in the browser: who looks after whom, one officer, attaching, ending, handing over, statistics."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coordination import handovers, officer_forms, officer_statistics, officers, ticket_boards
from coordination.models import OfficerHandover
from enterprises import access, attachments
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.models import Account, Attachment
from enterprises.rules.frame import Frame
from enterprises.workbooks import CONTENT_TYPE


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Everybody's load, and the enterprises nobody looks after; ?division= narrows."""
    account = _reader(request)
    division = request.GET.get("division", "")[:20]
    context = {
        "frame": Frame(day=None),
        "board": officers.board(account, division),
        "division": division,
        "choices": ticket_boards.filter_choices(account),
        "handovers": handovers.listed(account).filter(done_at=None, cancelled_at=None),
        "may_lead": access.may(account, "officers:write"),
        "people": officers.everyone(account).order_by("username"),
    }
    return render(request, "coordination/officers/board.html", context)


@require_safe
def person(request: HttpRequest, username: str) -> HttpResponse:
    """One officer: what he is attached to and was, what he has in hand."""
    account = _reader(request)
    officer = officers.find(account, username)
    may_lead = access.may(account, "officers:write")
    theirs = handovers.listed(account).filter(cancelled_at=None)
    context = {
        "frame": Frame(day=None),
        "page": officers.profile(account, officer),
        "officer": officer,
        "handovers": [one for one in theirs[:200] if officer.pk in (one.giver_id, one.taker_id)][:10],
        "may_lead": may_lead,
        "enterprises": officer_forms.enterprises(account) if may_lead else (),
        "choices": ticket_boards.filter_choices(account),
        "today": timezone.localdate(),
    }
    return render(request, "coordination/officers/person.html", context)


@require_POST
def attach(request: HttpRequest) -> HttpResponse:
    """Attach an officer to an enterprise or an area."""
    account = access.signed_in(request.user)
    officer = officers.find(account, request.POST.get("officer", ""))
    try:
        given = officer_forms.attachment(account, request.POST)
        row = attachments.attach(actor=account, officer=officer, **given)
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        messages.error(request, f"没有挂上：{refused}")
    else:
        messages.success(request, f"{officer} 已挂钩{row.enterprise.name if row.enterprise else '这个片区'}。")
    return _back(request, officer)


@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End an attachment with a day; where something is in hand there, the way leads to the handover."""
    account = access.signed_in(request.user)
    row = Attachment.objects.believed().filter(pk=number).select_related("account", "enterprise").first()
    if row is None:
        raise NotFound("没有找到这条挂钩，也许刚被改过。")
    try:
        day = officer_forms.day(request.POST, "ends_on")
        attachments.end(actor=account, attachment=row, ends_on=day, reason=request.POST.get("reason", "")[:500])
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        messages.error(request, str(refused))
        if refused.code == "still_holds":
            return redirect("coordination:officers:handover", row.account.username)
    else:
        messages.success(request, "挂钩已结束。")
    return _back(request, row.account)


@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: HttpRequest, username: str) -> HttpResponse:
    """Everything an officer has in hand, and to whom it goes on which day."""
    account = access.signed_in(request.user)
    access.require(account, "officers:write")
    giver = officer_forms.giver(account, username)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            row = handovers.arrange(actor=account, giver=giver, **officer_forms.handover(account, request.POST))
            messages.success(request, "已交接。" if row.done_at else "已定下，到那天自动交接。")
            return redirect("coordination:officers:handed", row.pk)
        except Forbidden:
            raise
        except Refused as found:
            refused = found
    context = {
        "frame": Frame(day=None),
        "giver": giver,
        "groups": handovers.in_hand(account, giver),
        "people": officers.everyone(account).exclude(pk=giver.pk).order_by("username"),
        "planned": _planned(account, giver).first(),
        "today": timezone.localdate(),
        "post": request.POST,
        "names": request.POST.getlist("names"),
        "refused": refused,
    }
    return render(request, "coordination/officers/handover.html", context, status=refused.status if refused else 200)


@require_safe
def handed(request: HttpRequest, number: int) -> HttpResponse:
    """The list of a handover, for both sides, on the screen and on paper."""
    account = access.signed_in(request.user)
    row = handovers.find(account, number)
    may_lead = access.may(account, "officers:write")
    is_planned = row.done_at is None and row.cancelled_at is None
    context = {
        "frame": Frame(day=None),
        "row": row,
        "items": handovers.items(row),
        "left": handovers.in_hand(account, row.giver) if row.done_at and may_lead else [],
        "may_cancel": may_lead and is_planned,
        "may_lead": access.may(account, "officers:read"),
    }
    return render(request, "coordination/officers/handed.html", context)


@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Call a planned handover off."""
    row = handovers.find(access.signed_in(request.user), number)
    try:
        handovers.cancel(actor=access.signed_in(request.user), number=number)
        messages.success(request, "这份交接已取消。")
    except Forbidden:
        raise
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("coordination:officers:handed", row.pk)


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """What officers did in a period, by officer or by county; format=xlsx gives both."""
    account = _reader(request)
    asked = officer_forms.period(request.GET)
    found = officer_statistics.measure(account, asked)
    if request.GET.get("format") == "xlsx":
        name = f'attachment; filename="officers-{asked.first}-{asked.last}.xlsx"'
        headers = {"Content-Type": CONTENT_TYPE, "Content-Disposition": name}
        return HttpResponse(officer_statistics.workbook(found), headers=headers)
    query = request.GET.copy()
    query["format"] = "xlsx"
    context = {
        "frame": Frame(day=None),
        "asked": asked,
        "found": found,
        "is_by_county": request.GET.get("by") == "division",
        "export": f"?{query.urlencode()}",
        "choices": ticket_boards.filter_choices(account),
    }
    return render(request, "coordination/officers/statistics.html", context)


def _reader(request: HttpRequest) -> Account:
    account = access.signed_in(request.user)
    access.require(account, "officers:read")
    return account


def _planned(account: Account, giver: Account) -> QuerySet[OfficerHandover]:
    return handovers.listed(account).filter(giver=giver, done_at=None, cancelled_at=None)


def _back(request: HttpRequest, officer: Account) -> HttpResponse:
    if request.POST.get("back") == "board":
        return redirect("coordination:officers:board")
    return redirect("coordination:officers:person", officer.username)
