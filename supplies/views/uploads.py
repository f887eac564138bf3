"""Uploads: send a workbook of daily reports, look at what it would do, take it in; or get it back with what is wrong."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises import access
from enterprises.errors import Forbidden, Invalid, NotFound, Refused
from enterprises.files import BadFile
from enterprises.workbooks import CONTENT_TYPE
from supplies import products, uploads
from supplies.rules.comparison import differences
from supplies.tasks import hint

SHOWN = 200
"""Rows of a list on the page; the workbook has them all."""


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The page to send a file or paste a table; 303 to the look at it."""
    account = access.signed_in(request.user)
    access.require(account, "reports:write")
    fault, text = "", request.POST.get("pasted", "")
    if request.method == "POST":
        sent = request.FILES.get("file")
        name, content = (sent.name or "", sent.read()) if sent is not None else ("粘贴.csv", b"")
        if sent is None and text.strip():
            content = uploads.pasted(text)
        try:
            upload = uploads.receive(
                actor=account,
                name=name,
                content=content,
                replaces=request.POST.get("replaces") == "on",
                reason=request.POST.get("reason", "").replace("\0", "").strip()[:200],
            )
        except Forbidden:
            raise
        except Refused as refused:
            fault = str(refused)
        else:
            return _see(upload.pk)
    shown = {
        "fault": fault,
        "pasted": text,
        "reason": request.POST.get("reason", ""),
        "uploads": uploads.recent(account),
    }
    return render(request, "supplies/uploads/new.html", shown, status=422 if fault else 200)


@require_safe
def look(request: HttpRequest, number: int) -> HttpResponse:
    """What taking the file in would do, or did."""
    account = access.signed_in(request.user)
    upload = uploads.own(account, number)
    preview = uploads.look(actor=account, upload=upload) if upload.done_at is None else None
    names = {e.code: (e.name, e.base_unit) for e in products.catalogue().entries.values()}
    seen = preview.reports[:SHOWN] if preview is not None else []
    rows = [(one, differences(one.now, one.before, names) if one.change == "changed" else []) for one in seen]
    shown = {"upload": upload, "preview": preview, "rows": rows, "most": SHOWN}
    return render(request, "supplies/uploads/look.html", shown)


@require_POST
def take(request: HttpRequest, number: int) -> HttpResponse:
    """Take the file in; whatever has changed meanwhile is shown by looking again."""
    account = access.signed_in(request.user)
    upload = uploads.own(account, number)
    try:
        done = uploads.take(actor=account, upload=upload)
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done.lines()[0])
        hint()
    return _see(number)


@require_safe
def problems(request: HttpRequest, number: int) -> HttpResponse:
    """The same table with a column that says what is wrong in each row."""
    account = access.signed_in(request.user)
    upload = uploads.own(account, number)
    try:
        book = uploads.marked(upload, uploads.look(actor=account, upload=upload).problems)
    except BadFile as refused:
        raise Invalid(refused.message, code=refused.code, field="file") from None
    return _workbook(book, f"problems-{number}.xlsx")


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """A workbook to fill in, with the account's own enterprises and products."""
    day = timezone.localdate()
    book = uploads.template(actor=access.signed_in(request.user), day=day)
    return _workbook(book, f"daily-report-{day}.xlsx")


def _see(number: int) -> HttpResponse:
    answer = redirect("supplies:daily_reports:upload", number=number)
    answer.status_code = 303
    return answer


def _workbook(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Type": CONTENT_TYPE, "Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, headers=headers)
