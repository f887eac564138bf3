"""Common problems in the browser: what looks alike, what was confirmed, and its members."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from coordination import access as ticket_access
from coordination import common_problems, letters, tickets
from coordination.models import CommonProblem
from coordination.rules.transitions import OPEN
from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.models import Account, Organisation
from enterprises.rules.frame import Frame

ACTS = ("begin", "link", "unlink", "announce", "measure", "cover", "dispatch", "close", "drop")


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """All common problems, and the matters that look alike."""
    account = access.signed_in(request.user)
    context = {
        "frame": Frame(day=None),
        "problems": common_problems.problems(account)[:200],
        "candidates": common_problems.candidates(account),
        "units": Organisation.objects.all(),
        "may_act": common_problems.may_act(account),
    }
    return render(request, "coordination/tickets/problems.html", context)


@require_POST
def establish(request: HttpRequest) -> HttpResponse:
    """Confirm that the ticked tickets have one cause."""
    account = access.signed_in(request.user)
    try:
        made = common_problems.establish(
            actor=account,
            title=request.POST.get("title", ""),
            category=request.POST.get("category", "")[:20],
            lead=request.POST.get("lead", "")[:40],
            cause=request.POST.get("cause", ""),
            object=request.POST.get("object", ""),
            numbers=[number[:20] for number in request.POST.getlist("tickets")[:200]],
        )
    except Forbidden:
        raise
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("coordination:tickets:problems")
    messages.success(request, f"已立项，编号 {made.number}。")
    return redirect("coordination:tickets:problem", made.number)


@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Say that what looks alike has not one cause."""
    try:
        common_problems.dismiss(
            actor=access.signed_in(request.user),
            category=request.POST.get("category", "")[:20],
            object=request.POST.get("object", ""),
            numbers_=[number[:20] for number in request.POST.getlist("listed")[:200]],
            reason=request.POST.get("reason", ""),
        )
    except Forbidden:
        raise
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "已记为不成立；有新的企业提出同一件事时会再列出来。")
    return redirect("coordination:tickets:problems")


@require_safe
def problem(request: HttpRequest, number: str) -> HttpResponse:
    """One common problem with its members, for those who read the whole city's tickets."""
    return _page(request, number)


@require_POST
def turn(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """One step of a common problem. Refused, the page says why and keeps what was typed."""
    account = access.signed_in(request.user)
    found = common_problems.find(account, number)
    if act not in ACTS:
        raise NotFound
    if act == "announce" and request.POST.get("preview"):
        return _page(request, number, is_preview=True)
    try:
        said = _turn(request, found, act)
    except Forbidden:
        raise
    except Refused as refused:
        return _page(request, number, refused)
    messages.success(request, said)
    return redirect("coordination:tickets:problem", number)


def _turn(request: HttpRequest, found: CommonProblem, act: str) -> str:
    account, given = access.signed_in(request.user), request.POST
    number = given.get("ticket", "")[:20]
    if act == "begin":
        common_problems.begin(actor=account, problem=found, lead=given.get("lead", "")[:40])
        return "已开始办理。"
    if act == "link":
        common_problems.link(actor=account, problem=found, number=number)
        return "已关联。"
    if act == "unlink":
        common_problems.unlink(actor=account, problem=found, number=number, reason=given.get("reason", ""))
        return "已解除关联，单独办理。"
    if act == "announce":
        done = common_problems.announce(actor=account, problem=found, text=given.get("text", ""))
        for ticket, reason in done.failed:
            messages.warning(request, f"{ticket.number} 没有通知到：{reason}")
        return f"已通知 {done.told} 家。"
    if act == "dispatch":
        names = ("organisation", "instruction", "due_on")
        made = common_problems.dispatch(actor=account, problem=found, **{name: given.get(name, "") for name in names})
        return f"已派工，编号 {made.number}；关联的单随它办理，不再单独派工。"
    return _settle(found, account, act, given, number)


def _settle(found: CommonProblem, account: Account, act: str, given: QueryDict, number: str) -> str:
    if act == "measure":
        common_problems.measure(
            actor=account, problem=found, text=given.get("measure", ""), is_resolving=given.get("is_resolving") != "no"
        )
        return "措施已记下，请逐家说明是否管用。"
    if act == "cover":
        is_covered = given.get("covered") == "yes"
        common_problems.cover(
            actor=account, problem=found, number=number, is_covered=is_covered, sentence=given.get("sentence", ""),
            result=given.get("result", "") or "solved",
        )  # fmt: skip
        return "已答复这家企业。" if is_covered else "已转为单独办理。"
    if act == "drop":
        common_problems.drop(actor=account, problem=found, reason=given.get("reason", ""))
        return "已记为不成立。"
    common_problems.close(actor=account, problem=found)
    return "已销号。"


@require_safe
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The order of a common problem, for its unit and the city's desk."""
    return _order(request, number)


@require_POST
def turn_order(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """One step of the order."""
    account = access.signed_in(request.user)
    found = common_problems.order(account, number)
    try:
        common_problems.turn_order(actor=account, order=found, action=act, text=request.POST.get("text", ""))
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        return _order(request, number, refused)
    messages.success(request, "已记下。")
    return redirect("coordination:tickets:problem_order", number)


def _order(request: HttpRequest, number: str, refused: Refused | None = None) -> HttpResponse:
    account = access.signed_in(request.user)
    found = common_problems.order(account, number)
    context = {
        "frame": Frame(day=None),
        "order": found,
        "is_ours": found.organisation_id in ticket_access.organisations(account),
        "may_act": common_problems.may_act(account),
        "may_read": common_problems.may_read(account),
        "rows": tickets.cards(common_problems.going_along(account, found), account),
        "refused": refused,
        "typed": request.POST if refused is not None else {},
    }
    status = refused.status if refused is not None else 200
    return render(request, "coordination/tickets/problem_order.html", context, status=status)


def _page(
    request: HttpRequest, number: str, refused: Refused | None = None, *, is_preview: bool = False
) -> HttpResponse:
    account = access.signed_in(request.user)
    found = common_problems.find(account, number)
    held = common_problems.members(found)
    cards = {card.ticket.pk: card for card in tickets.cards([member.ticket for member in held], account)}
    context = {
        "frame": Frame(day=None),
        "problem": found,
        "members": [(member, cards[member.ticket_id], member.ticket.state in OPEN) for member in held],
        "notices": found.notices.select_related("actor")[:50],
        "may_act": common_problems.may_act(account) and found.closed_at is None,
        "letters": letters.of_problem(found),
        "may_write": found.closed_at is None and letters.may_draft(account, None),
        "cause": f"problem={found.number}",
        "orders": found.orders.select_related("organisation"),
        "units": Organisation.objects.all(),
        "told": common_problems.to_be_told(found) if is_preview else [],
        "is_preview": is_preview,
        "refused": refused,
        "typed": request.POST if refused is not None or is_preview else {},
    }
    return render(
        request, "coordination/tickets/problem.html", context, status=refused.status if refused is not None else 200
    )
