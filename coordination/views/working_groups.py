"""Working groups in the browser: all of them, and one with its people, tickets and common problems."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coordination import access as ticket_access
from coordination import common_problems, duty, tickets, working_groups
from coordination.choices import GroupKind
from coordination.models import WorkingGroup
from coordination.rules.transitions import OPEN
from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.rules.frame import Frame

GIVEN = ("name", "kind", "division", "leader", "starts_on", "task")


@require_http_methods(["GET", "HEAD", "POST"])
def list(request: HttpRequest) -> HttpResponse:
    """All groups; POST sets one up. Refused, the page keeps what was typed."""
    account = access.signed_in(request.user)
    typed = {name: request.POST.get(name, "") for name in GIVEN}
    refused = None
    if request.method == "POST":
        try:
            made = working_groups.establish(actor=account, **typed)
        except Forbidden:
            raise
        except Refused as fault:
            refused = fault
        else:
            messages.success(request, f"已设立 {made}，可以接派工单了。")
            return redirect("coordination:groups:detail", made.organisation.code)
    tree = ticket_access.tree_of(account)
    mine = access.reach(account, "tickets:desk").divisions
    context = {
        "frame": Frame(day=None),
        "groups": working_groups.groups(account)[:200],
        "today": access.today(),
        "kinds": GroupKind.choices,
        "divisions": [tree[node.code] for code in sorted(mine) if code in tree for node in tree.walk(code)],
        "typed": typed,
        "refused": refused,
    }
    return render(request, "coordination/groups/list.html", context, status=refused.status if refused else 200)


@require_safe
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One group."""
    return _page(request, working_groups.find(access.signed_in(request.user), code))


@require_POST
def act(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """One act on a group; refused, the page says why and keeps what was typed."""
    account = access.signed_in(request.user)
    group = working_groups.find(account, code)
    number = request.POST.get("member", "")
    member = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    try:
        if act == "join":
            made = working_groups.join(
                actor=account, group=group, who=request.POST.get("who", ""), part=request.POST.get("part", "")
            )
            messages.success(request, f"{made.name} 已加入。")
        elif act == "leave":
            working_groups.leave(actor=account, group=group, number=member)
        elif act == "lead":
            working_groups.lead(actor=account, group=group, number=member)
        elif act == "dissolve":
            working_groups.dissolve(actor=account, group=group)
        else:
            raise NotFound
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        return _page(request, group, refused)
    return redirect("coordination:groups:detail", code)


def _page(request: HttpRequest, group: WorkingGroup, refused: Refused | None = None) -> HttpResponse:
    account = access.signed_in(request.user)
    place = working_groups.place(group)
    may_see = ticket_access.may_see_some(account)
    found = working_groups.tickets(account, group).filter(state__in=OPEN)[:100] if may_see else []
    is_over = group.ends_on is not None and group.ends_on < access.today()
    context = {
        "frame": Frame(day=None),
        "group": group,
        "members": working_groups.members(group),
        "cards": tickets.cards(found, account),
        "problems": working_groups.problems(group),
        "may_read_problems": common_problems.may_read(account),
        "on_duty": duty.now(place=place).of(organisation=group.organisation_id),
        "place": place,
        "is_over": is_over,
        "may_edit": working_groups.may_edit(account, group) and not is_over,
        "refused": refused,
        "typed": request.POST if refused is not None else {},
    }
    return render(request, "coordination/groups/detail.html", context, status=refused.status if refused else 200)
