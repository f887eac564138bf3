"""A proposed correction before its enterprise: old and new side by side, one tap to accept, a word to decline."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused
from supplies import closings, products, proposals
from supplies.rules.comparison import beside
from supplies.tasks import hint


@require_safe
def look(request: HttpRequest, number: int) -> HttpResponse:
    """What the enterprise said and what is proposed; who may answer for the enterprise answers here."""
    return _look(request, number)


@require_POST
def accept(request: HttpRequest, number: int) -> HttpResponse:
    """Take the proposed figures over as the enterprise's own revision."""
    revision = request.POST.get("revision", "")
    try:
        if not (revision.isascii() and revision.isdigit() and len(revision) < 9):
            raise NotFound("没有这次修订。", field="revision")
        done = proposals.accept(actor=access.signed_in(request.user), number=number, revision=int(revision))
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        return _look(request, number, refused=refused)
    hint()
    made = done.revision.number if done.revision is not None else ""
    messages.success(request, f"已接受，记为您的第 {made} 次修订。")
    return redirect("supplies:proposals:look", number)


@require_POST
def decline(request: HttpRequest, number: int) -> HttpResponse:
    """Leave the figures as they are, with a word why."""
    word = request.POST.get("word", "").replace("\0", "")
    try:
        proposals.decline(actor=access.signed_in(request.user), number=number, word=word)
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        return _look(request, number, refused=refused)
    messages.success(request, "已告知工信部门：不改。您的数字没有变。")
    return redirect("supplies:proposals:look", number)


def _look(request: HttpRequest, number: int, *, refused: Refused | None = None) -> HttpResponse:
    account = access.signed_in(request.user)
    standing = proposals.own(account, number)
    one = standing.correction
    names = {e.code: (e.name, e.base_unit) for e in products.catalogue(one.day).entries.values()}
    shown = {
        "standing": standing,
        "one": one,
        # what would change stands first: a phone shows a few rows at once
        "rows": sorted(beside(standing.proposed, standing.now, names), key=lambda row: row.ours == row.theirs),
        "may_answer": proposals.may_answer(account, one),
        "is_closed": standing.state == "waiting" and closings.is_closed(one.enterprise_id, one.day),
        "is_returned": standing.now["review"] == "returned",
        "refused": refused,
        "word": request.POST.get("word", ""),
    }
    return render(request, "supplies/proposals/look.html", shown, status=refused.status if refused else 200)
