"""The rules by competence in the browser: what they say, how often people decided otherwise, and mending them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from coordination import routing_rules
from coordination.choices import EscalationRule, Obstacle, TicketLevel
from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.models import Account
from enterprises.rules.frame import Frame

PAGE_SIZE = 30
NAMES = ("obstacle", "hours", "level", "lead", "decided_by", "text", "needs_letter", "is_on")


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Rules in their order, and below what was decided otherwise; ?rule= shows one rule's."""
    return _page(request, access.signed_in(request.user))


@require_POST
def change(request: HttpRequest, number: int) -> HttpResponse:
    """One rule written anew; refused, the page comes back with what was typed."""
    account = access.signed_in(request.user)
    typed = {name: request.POST.get(name, "") for name in NAMES}
    try:
        routing_rules.change(actor=account, number=number, fields=typed)
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        return _page(request, account, (number, typed, refused))
    messages.success(request, "规则已改，以后受理的单按新规则建议。")
    return redirect("coordination:tickets:routing_rules")


def _page(
    request: HttpRequest, account: Account, attempt: tuple[int, dict[str, str], Refused] | None = None
) -> HttpResponse:
    found = routing_rules.rules(account)
    rule = request.GET.get("rule", "")
    overrides = Paginator(routing_rules.overrides(account, rule), PAGE_SIZE).get_page(request.GET.get("page"))
    fired, overridden = routing_rules.by_category(account)
    context = {
        "frame": Frame(day=None),
        "rules": found,
        "by_category": {"fired": fired, "overridden": overridden},
        "page_obj": overrides,
        "rule": rule,
        "names": dict(EscalationRule.choices),
        "codes": list(EscalationRule.choices),
        "levels": TicketLevel.choices,
        "obstacles": Obstacle.choices,
        "may_change": routing_rules.may_change(account),
        "number": attempt[0] if attempt else None,
        "typed": attempt[1] if attempt else None,
        "errors": {e.field: e.message for e in attempt[2].errors} if attempt else {},
    }
    status = attempt[2].status if attempt else 200
    return render(request, "coordination/tickets/routing_rules.html", context, status=status)
