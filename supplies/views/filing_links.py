"""Admitting an enterprise, and the filing links of those that are: hand out, print, revoke, shut."""

from __future__ import annotations

from dataclasses import dataclass

import segno
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises import access, filing_links, registration
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from enterprises.filing_links import Slip
from enterprises.models import Enterprise
from enterprises.rules.frame import Frame
from supplies import admissions, products
from supplies.forms import AdmissionForm

PAGE = 50
MOST_SLIPS = 100

STATES = {
    "live": ("可用", "jade"),
    "locked": ("暂锁", "amber"),
    "used_up": ("已锁死", "coral"),
    "expired": ("已到期", "coral"),
    "revoked": ("已停用", "line"),
    "none": ("没有", "line"),
}
"""How a link stands: the word and the look of its tag."""


@dataclass(frozen=True)
class Printed:
    """One slip on paper: the address in print and as a code."""

    slip: Slip
    address: str
    code: SafeString


@require_http_methods(["GET", "HEAD", "POST"])
def admit(request: HttpRequest) -> HttpResponse:
    """One screen that admits an enterprise; its answer is the slip, which is shown once."""
    account = access.signed_in(request.user)
    access.require(account, "enterprises:write")
    access.require(account, "duties:write")
    catalogue = products.catalogue()
    form = AdmissionForm(
        request.POST if request.method == "POST" else None,
        divisions=admissions.units(account),
        products=[(entry.code, entry.name) for entry in catalogue.entries.values()],
    )
    known: Enterprise | None = None
    if request.method == "POST" and form.is_valid():
        try:
            done = admissions.admit(actor=account, **form.cleaned_data)
        except Conflict as refused:
            known = _known(request, form.cleaned_data["uscc"])
            form.refuse(refused)
        except Forbidden:
            raise
        except Refused as refused:
            form.refuse(refused)
        else:
            if done.slip is not None:
                return _slips(request, [done.slip], admitted=done.enterprise)
            messages.success(request, f"已登记 {done.enterprise.name}；扫码填报已关闭，没有打印填报单。")
            return redirect("supplies:enterprises:detail", done.enterprise.uscc)
    shown = {"form": form, "known": known, "frame": Frame()}
    return render(request, "supplies/enterprises/admit.html", shown, status=422 if form.errors else 200)


@require_safe
def links(request: HttpRequest) -> HttpResponse:
    """Who has a filing link and how it stands, of the enterprises the account registers; ?search=, ?state=."""
    account = access.signed_in(request.user)
    access.require(account, "enterprises:write")
    search = request.GET.get("search", "").replace("\0", "").strip()[:60]
    wanted = request.GET.get("state", "")
    wanted = wanted if wanted in STATES else ""
    condition = access.placed(account, "enterprises:write", enterprise="pk")
    found = Enterprise.objects.search(search).filter(condition)
    counts = dict.fromkeys(STATES, 0) | filing_links.tally(found)
    listed = filing_links.with_states(found).filter(link_state=wanted) if wanted else found
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    standings = filing_links.standings(page.object_list)
    shown = {
        "page_obj": page,
        "rows": [(one, standings[one.pk], *STATES[standings[one.pk].state]) for one in page.object_list],
        "search": search,
        "state": wanted,
        "states": [(state, f"{word} {counts[state]}") for state, (word, _) in STATES.items() if counts[state]],
        "live": counts["live"] + counts["locked"],
        "are_on": filing_links.are_on(),
        "may_switch": access.may(account, "accounts:write"),
        "frame": Frame(),
    }
    return render(request, "supplies/enterprises/links.html", shown)


@require_POST
def issue(request: HttpRequest) -> HttpResponse:
    """New links for the enterprises chosen; answers with their slips, which are shown once."""
    account = access.signed_in(request.user)
    access.require(account, "enterprises:write")
    codes = list(dict.fromkeys(request.POST.getlist("enterprise")))
    if not codes:
        messages.warning(request, "请先勾选企业。")
        return redirect("supplies:enterprises:links")
    if len(codes) > MOST_SLIPS:
        raise Invalid(f"一次最多打印 {MOST_SLIPS} 张。", code="too_many", field="enterprise")
    chosen = list(
        access.enterprises(account, "enterprises:write").filter(uscc__in=[c.replace("\0", "") for c in codes])
    )
    if len(chosen) != len(codes):
        raise NotFound("没有找到这家企业。", field="enterprise")
    try:
        slips = [filing_links.issue(actor=account, enterprise=one) for one in chosen]
    except Forbidden as refused:
        messages.error(request, str(refused))
        return redirect("supplies:enterprises:links")
    return _slips(request, slips)


@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End one enterprise's link at once."""
    account = access.signed_in(request.user)
    access.require(account, "enterprises:write")
    enterprise = access.enterprise(account, request.POST.get("enterprise", "").replace("\0", ""), "enterprises:write")
    if filing_links.revoke(actor=account, enterprise=enterprise):
        messages.success(request, f"已停用 {enterprise.name} 的填报码，正在用它的手机已退出。")
    else:
        messages.info(request, f"{enterprise.name} 没有可停用的填报码。")
    return redirect("supplies:enterprises:links")


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Shut all links of the installation, or open them again; the administrator's."""
    is_on = request.POST.get("is_on") == "1"
    filing_links.switch(actor=access.signed_in(request.user), is_on=is_on)
    messages.success(request, "扫码填报已开启。" if is_on else "扫码填报已关闭，所有填报码都不能用了。")
    return redirect("supplies:enterprises:links")


def _known(request: HttpRequest, uscc: str) -> Enterprise | None:
    """The enterprise that has the code already, if the reader may see it."""
    mine = access.enterprises(access.signed_in(request.user))
    return mine.filter(uscc=registration.normal_code(uscc)).first()


def _slips(request: HttpRequest, slips: list[Slip], *, admitted: Enterprise | None = None) -> HttpResponse:
    shown = {"printed": [_printed(request, slip) for slip in slips], "admitted": admitted, "frame": Frame()}
    return render(request, "supplies/enterprises/slips.html", shown)


def _printed(request: HttpRequest, slip: Slip) -> Printed:
    address = request.build_absolute_uri(reverse("filing_links:enter", args=[slip.token]))
    code = segno.make(address, error="m").svg_inline(omitsize=True, border=2)
    return Printed(slip, address, SafeString(code))
