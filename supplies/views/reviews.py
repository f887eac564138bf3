"""Reviewing: the queue of the day, one report at a time, verify, return, and many at once (R7)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.models import Account
from supplies import daily_reports, frames, review_queues, total_previews
from supplies.access import report_to_review
from supplies.choices import DecisionKind
from supplies.frames import Outlook
from supplies.review_queues import QUESTIONS, STATES, Queue
from supplies.tasks import hint

FILTERS = ("division", "questions", "review")
COMMON = ("单位可能填错，请核对", "产量高于产能，请说明或更正", "库存对不上，请核对", "与昨日相差太大，请说明或更正")
"""Reasons that reviewers give most."""
PAIR = re.compile(r"([0-9]{1,15}):([0-9]{1,8})")


@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """The queue of ?date= (default: today) in ?division=, of ?review= and ?questions=."""
    outlook, queue = _queue(request, request.GET.get("date", ""))
    return render(request, "supplies/daily_reports/review.html", _shown(outlook, queue))


@require_safe
def look(request: HttpRequest, number: int) -> HttpResponse:
    """One report beside the day before, with the queue it stands in."""
    return _one(request, number)


@require_POST
def verify(request: HttpRequest, number: int) -> HttpResponse:
    """Verify the revision that was looked at, and go straight on to the next."""
    return _decide(request, number, DecisionKind.VERIFIED, "")


@require_http_methods(["GET", "HEAD", "POST"])
def send_back(request: HttpRequest, number: int) -> HttpResponse:
    """Return a report with a reason; before that, say what the total becomes without it."""
    if request.method != "POST":
        return _one(request, number, is_returning=True)
    common, said = request.POST.get("common", "").strip(), request.POST.get("reason", "").strip()
    reason = "。".join(dict.fromkeys(part.rstrip("。") for part in (common, said) if part))
    return _decide(request, number, DecisionKind.RETURNED, reason)


@require_POST
def verify_chosen(request: HttpRequest) -> HttpResponse:
    """Verify the ticked reports, each by a decision of its own, and say which could not be."""
    account = access.signed_in(request.user)
    pairs = [(int(m[1]), int(m[2])) for text in request.POST.getlist("chosen") if (m := PAIR.fullmatch(text))]
    try:
        done = daily_reports.verify_each(actor=account, chosen=pairs)
    except (NotFound, Forbidden):
        raise
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(_address("supplies:daily_reports:review", request))
    hint()
    verified = sum(1 for one in done if one.refused is None)
    if verified:
        messages.success(request, f"已核实 {verified} 份。")
    for one in done:
        if one.refused is not None:
            messages.warning(request, f"{one.report.enterprise.name}没有核实：{one.refused}")
    if not done:
        messages.warning(request, "没有勾选日报。")
    return redirect(_address("supplies:daily_reports:review", request))


def _decide(request: HttpRequest, number: int, decision: DecisionKind, reason: str) -> HttpResponse:
    account = access.signed_in(request.user)
    report = report_to_review(account, number)
    _, queue = _queue(request, report.day.isoformat())
    following = queue.after(number)
    said = request.POST.get("revision", "")
    try:
        done = daily_reports.decide(
            actor=account,
            report=report,
            revision=int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0,
            decision=decision,
            reason=reason,
        )
    except (NotFound, Forbidden):
        raise
    except Refused as refused:
        return _one(request, number, is_returning=decision == DecisionKind.RETURNED, refused=refused, reason=reason)
    hint()
    name = report.enterprise.name
    if decision == DecisionKind.RETURNED:
        text = f"已退回{name}，不计入合计，直到再次提交。"
        if done.answer["closed"]:
            text += "这一天已终报，企业要改须先重新开放。"
        messages.warning(request, text)
    else:
        messages.success(request, f"已核实{name}。")
    if following is None:
        return redirect(_address("supplies:daily_reports:review", request, date=report.day.isoformat()))
    return redirect(_address("supplies:daily_reports:look", request, following.number))


def _one(
    request: HttpRequest, number: int, *, is_returning: bool = False, refused: Refused | None = None, reason: str = ""
) -> HttpResponse:
    account: Account = access.signed_in(request.user)
    page = review_queues.reviewed(account, number)
    outlook, queue = _queue(request, page.report.day.isoformat())
    place, before, after = queue.place(number)
    standing = next((d for d in page.decisions if d.revision_id == page.head.pk), None)
    preview = None
    if is_returning and (standing is None or standing.kind != DecisionKind.RETURNED):
        preview = total_previews.without(node=outlook.node.code, day=page.report.day, revision=page.head.pk)
    context = {
        **_shown(outlook, queue),
        "page": page,
        "standing": standing,
        "division_name": outlook.tree[page.division].name if page.division and page.division in outlook.tree else "",
        "place": place,
        "before": before,
        "after": after,
        "is_returning": is_returning,
        "preview": preview,
        "common": COMMON,
        "refused": refused,
        "reason": reason,
        "keep": _keep(request),
    }
    return render(request, "supplies/daily_reports/look.html", context, status=refused.status if refused else 200)


def _queue(request: HttpRequest, date: str) -> tuple[Outlook, Queue]:
    account = access.signed_in(request.user)
    outlook = frames.outlook(
        account, ability="reports:review", division=request.GET.get("division", ""), date=date
    )  # fmt: skip
    asked = {name: request.GET.get(name, "") for name in ("review", "questions")}
    return outlook, review_queues.queue(outlook, account, **asked)


def _shown(outlook: Outlook, queue: Queue) -> dict[str, Any]:
    return {
        "outlook": outlook,
        "frame": outlook.frame(queue.day),
        "queue": queue,
        "states": [(key, word, queue.tally[key]) for key, word in STATES.items()],
        "question_options": list(QUESTIONS.items()),
        "plain": sum(1 for entry in queue.entries if not entry.questions and entry.review == "submitted"),
    }


def _keep(request: HttpRequest) -> str:
    """The filters of the queue, to be carried along from report to report."""
    kept = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


def _address(route: str, request: HttpRequest, *args: int, date: str = "") -> str:
    kept = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    date = date or ("" if args else request.GET.get("date", ""))
    kept |= {"date": date} if date else {}
    return reverse(route, args=args) + (f"?{urlencode(kept)}" if kept else "")
