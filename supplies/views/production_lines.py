"""The production lines of one enterprise: look, add, say anew how one stands."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from enterprises import access, production_lines
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.models import Account, Enterprise
from enterprises.production_lines import Standing
from enterprises.rules.frame import Frame
from supplies.forms import ProductionLineForm


@require_http_methods(["GET", "HEAD", "POST"])
def lines(request: HttpRequest, uscc: str) -> HttpResponse:
    """All lines with a form each, and one for a new line; 303 back to them."""
    account = access.signed_in(request.user)
    enterprise = _enterprise(account, uscc)
    standing = production_lines.standing([enterprise], access.today()).get(enterprise.pk, [])
    sent: ProductionLineForm | None = None
    if request.method == "POST":
        meant = next((one for one in standing if str(one.pk) == request.POST.get("line")), None)
        sent = ProductionLineForm(request.POST, line=meant, today=access.today())
    if sent is not None and sent.is_valid():
        try:
            production_lines.keep(actor=account, enterprise=enterprise, **sent.cleaned_data)
        except (Forbidden, NotFound):
            raise
        except Refused as refused:
            sent.refuse(refused)
        else:
            messages.success(request, f"已记下产线“{sent.cleaned_data['name'].strip()}”。")
            answer = redirect("supplies:enterprises:lines", enterprise.uscc)
            answer.status_code = 303
            return answer
    return _page(request, enterprise, standing, sent)


def _enterprise(account: Account, uscc: str) -> Enterprise:
    """The enterprise whose lines the account keeps today; refuses forbidden, not_found."""
    access.require(account, "lines:write")
    enterprise = access.enterprise(account, uscc if uscc.isalnum() else "", "lines:write")
    access.require_at(account, enterprise, "lines:write")
    return enterprise


def _page(
    request: HttpRequest, enterprise: Enterprise, standing: list[Standing], sent: ProductionLineForm | None
) -> HttpResponse:
    """The page; a form that was refused stands in its place with what was typed."""
    today = access.today()
    place = sent.standing.pk if sent is not None and sent.standing is not None else None
    shown = {
        "enterprise": enterprise,
        "forms": [sent if one.pk == place else ProductionLineForm(line=one, today=today) for one in standing],
        "fresh": sent if sent is not None and place is None else ProductionLineForm(today=today),
        "frame": Frame(),
        "reads_profile": access.may(request.user, "enterprises:write"),
    }
    return render(request, "supplies/enterprises/lines.html", shown, status=422 if sent is not None else 200)
