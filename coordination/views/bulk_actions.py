"""One step for many tickets in the browser: chosen on the list, filled in once, answered ticket by ticket."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from coordination import bulk_forms, tickets
from enterprises import access
from enterprises.errors import Refused
from enterprises.rules.frame import Frame


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """The form for the tickets chosen; with `go` the step itself. What was refused stays chosen, with what was typed."""
    account = access.signed_in(request.user)
    form = bulk_forms.read(account, request.POST)
    outcome, problem, status = None, "", 200
    if request.POST.get("go") and form.step is not None:
        try:
            outcome = tickets.act_on_many(
                actor=account, chosen=form.chosen, action=form.step.action, fields=form.given, key=form.key
            )
        except Refused as refused:
            problem, status = str(refused), refused.status
        else:
            form = bulk_forms.left(account, form, outcome)
    context = {"frame": Frame(day=None), "form": form, "outcome": outcome, "problem": problem}
    return render(request, "coordination/tickets/bulk.html", context, status=status)
