"""Corrections of past days in blocks: send a file, look at what it would do, take it in, read the block for ever."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises import access
from enterprises.errors import Forbidden, Invalid, NotFound, Refused
from enterprises.files import BadFile
from enterprises.rules.frame import Frame
from enterprises.workbooks import CONTENT_TYPE
from supplies import correction_blocks, products, uploads
from supplies.choices import UploadPurpose
from supplies.correction_blocks import NotTaken, Preview, Weighed
from supplies.models import CorrectionBlock, Upload
from supplies.rules.comparison import Difference, differences
from supplies.tasks import hint

PAGE = 50
SHOWN = 200
"""Reports on the page of a look; the workbook has them all."""
ONCE = {"reason": 200, "caller": 60}
"""What is said once for the whole file, and how long it may be."""


@dataclass(frozen=True)
class Shown:
    """A report of the file with the figures that it would change, and what came in since it was looked at."""

    one: Weighed
    differences: list[Difference]
    since: list[Difference]


@require_http_methods(["GET", "HEAD", "POST"])
def list(request: HttpRequest) -> HttpResponse:
    """The blocks within reach, and for who may send one the form; 303 to the look at it."""
    account = access.signed_in(request.user)
    fault = ""
    if request.method == "POST":
        try:
            return _see(_receive(request))
        except Forbidden:
            raise
        except Refused as refused:
            fault = str(refused)
    page = Paginator(correction_blocks.blocks(account), PAGE).get_page(request.GET.get("page"))
    may_send = access.may(account, "reports:review")
    shown = {
        "page_obj": page,
        "fault": fault,
        "said": request.POST,
        "may_send": may_send,
        "uploads": uploads.recent(account, UploadPurpose.CORRECTIONS) if may_send else [],
        "frame": Frame(),
    }
    return render(request, "supplies/corrections/list.html", shown, status=422 if fault else 200)


@require_safe
def look(request: HttpRequest, number: int) -> HttpResponse:
    """What taking the file in would do; once taken, its block."""
    upload = _upload(request, number)
    if upload.done_at is not None:
        return _to_block(upload)
    return _look(request, upload, correction_blocks.look(actor=access.signed_in(request.user), upload=upload))


@require_POST
def take(request: HttpRequest, number: int) -> HttpResponse:
    """Take the file in; what has changed since it was looked at is shown beside what it was."""
    account, upload = access.signed_in(request.user), _upload(request, number)
    try:
        block = correction_blocks.take(
            actor=account, upload=upload, seen=_seen(request), in_part=request.POST.get("in_part") == "on"
        )
    except NotTaken as refused:
        return _look(request, upload, refused.preview, refused=refused)
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        if refused.code == "already_taken":
            return _to_block(upload)
        messages.error(request, str(refused))
        return _see(upload)
    hint()
    messages.success(request, f"更正第 {block.pk} 批已提交。")
    return redirect("supplies:corrections:block", block.pk)


@require_safe
def problems(request: HttpRequest, number: int) -> HttpResponse:
    """The same table with a column that says what is wrong in each row."""
    upload = _upload(request, number)
    found = correction_blocks.look(actor=access.signed_in(request.user), upload=upload)
    try:
        return _workbook(uploads.marked(upload, found.problems), f"problems-{number}.xlsx")
    except BadFile as refused:
        raise Invalid(refused.message, code=refused.code, field="file") from None


@require_safe
def block(request: HttpRequest, number: int) -> HttpResponse:
    """What became of each row of a block, and what the enterprises answered; ?format=xlsx as a workbook."""
    sheet = correction_blocks.block(access.signed_in(request.user), number)
    if request.GET.get("format") == "xlsx":
        return _workbook(correction_blocks.workbook_of(sheet), f"corrections-{number}.xlsx")
    shown = {"sheet": sheet, "may_review": access.may(request.user, "reports:review"), "frame": Frame()}
    return render(request, "supplies/corrections/block.html", shown)


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """An empty workbook to fill in."""
    access.require(request.user, "reports:review")
    return _workbook(correction_blocks.template(), "corrections.xlsx")


def _receive(request: HttpRequest) -> Upload:
    sent = request.FILES.get("file")
    name, content = (sent.name or "", sent.read()) if sent is not None else ("粘贴.csv", b"")
    text = request.POST.get("pasted", "")
    if sent is None and text.strip():
        content = uploads.pasted(text)
    once: dict[str, Any] = {key: request.POST.get(key, "").replace("\0", "").strip() for key in ONCE}
    for key, most in ONCE.items():
        if len(once[key]) > most:
            raise Invalid(f"最多 {most} 字。", code="too_long", field=key)
    return uploads.receive(
        actor=access.signed_in(request.user),
        name=name,
        content=content,
        purpose=UploadPurpose.CORRECTIONS,
        **once,
        returns=request.POST.get("returns") == "on",
    )


def _upload(request: HttpRequest, number: int) -> Upload:
    account = access.signed_in(request.user)
    access.require(account, "reports:review")
    return uploads.own(account, number, UploadPurpose.CORRECTIONS)


def _seen(request: HttpRequest) -> dict[str, str]:
    """What the page showed when the button was pressed; nothing readable = nothing was looked at."""
    try:
        said = json.loads(request.POST.get("seen", ""))
    except (ValueError, RecursionError):
        return {}
    return {str(key): str(value) for key, value in said.items()} if isinstance(said, dict) else {}


def _look(request: HttpRequest, upload: Upload, preview: Preview, *, refused: NotTaken | None = None) -> HttpResponse:
    names = {e.code: (e.name, e.base_unit) for e in products.catalogue().entries.values()}
    rows = [
        Shown(one, differences(one.proposed, one.now, names), differences(one.now, one.then, names) if one.then else [])
        for one in preview.reports[:SHOWN]
    ]
    shown = {
        "upload": upload,
        "preview": preview,
        "rows": rows,
        "more": len(preview.reports) - len(rows),
        "seen": json.dumps(preview.seen),
        "refused": refused,
        "may_reopen": access.may(request.user, "days:close"),
        "frame": Frame(),
    }
    return render(request, "supplies/corrections/look.html", shown, status=409 if refused else 200)


def _to_block(upload: Upload) -> HttpResponse:
    found = CorrectionBlock.objects.filter(upload=upload.pk).values_list("pk", flat=True)
    return redirect("supplies:corrections:block", found[0])


def _see(upload: Upload) -> HttpResponse:
    answer = redirect(reverse("supplies:corrections:look", args=[upload.pk]))
    answer.status_code = 303
    return answer


def _workbook(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Type": CONTENT_TYPE, "Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, headers=headers)
