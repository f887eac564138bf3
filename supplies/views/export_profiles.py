"""Export profiles: the list with its form, and a day's sheet filled from its snapshot."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.rules.frame import Frame
from enterprises.workbooks import CONTENT_TYPE
from supplies import export_profiles, frames
from supplies.choices import Grain
from supplies.models import ExportProfile
from supplies.rules import export_columns

EXAMPLE = "序号 = number\n物资名称 = name\n计量单位 = unit\n日产能 = capacity\n当日产量 = output\n累计产量 = output_cumulative\n备注 ="


@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest) -> HttpResponse:
    """Profiles, and the form of ?profile= or of a new one."""
    account = access.signed_in(request.user)
    access.require(account, "settings:write")
    chosen = _profile(number) if (number := request.GET.get("profile")) else None
    said: dict[str, Any] = {
        "name": chosen.name if chosen else "",
        "grain": chosen.grain if chosen else Grain.PRODUCT.value,
        "by_unit": chosen.by_unit if chosen else False,
        "columns": export_columns.written(chosen.columns) if chosen else EXAMPLE,
    }
    refused: Refused | None = None
    if request.method == "POST":
        said = {name: request.POST.get(name, "").replace("\0", "")[:20000] for name in ("name", "grain", "columns")}
        said["by_unit"] = request.POST.get("by_unit") == "1"
        try:
            kept = export_profiles.save(actor=account, profile=chosen, **said)
        except (Forbidden, NotFound):
            raise
        except Refused as error:
            refused = error
        else:
            messages.success(request, f"导出格式 {kept.name} 已保存。")
            return redirect("supplies:days:exports")
    shown = {
        "profiles": export_profiles.profiles(),
        "chosen": chosen,
        "said": said,
        "refused": refused,
        "grains": Grain.choices,
        "fields": [*export_columns.QUANTITIES.items(), *export_columns.PLAIN.items()],
        "frame": Frame(),
    }
    return render(request, "supplies/days/exports.html", shown, status=refused.status if refused else 200)


@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    """Take a profile away."""
    account = access.signed_in(request.user)
    access.require(account, "settings:write")
    profile = _profile(request.POST.get("profile", ""))
    export_profiles.drop(actor=account, profile=profile)
    messages.success(request, f"导出格式 {profile.name} 已删除。")
    return redirect("supplies:days:exports")


@require_safe
def fill(request: HttpRequest, day: dt.date, number: int) -> HttpResponse:
    """A profile filled from the day's latest final, else flash snapshot, for ?division=."""
    account = access.signed_in(request.user)
    outlook = frames.outlook(
        account, ability="sources:read", division=request.GET.get("division", ""), date=day.isoformat()
    )
    profile = _profile(str(number))
    snapshot = export_profiles.newest(day)
    book = export_profiles.fill(profile, snapshot, outlook.node.code)
    name = f"{profile.name}-{day}-{outlook.node.name}.xlsx"
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(book, headers={"Content-Type": CONTENT_TYPE, "Content-Disposition": disposition or ""})


def _profile(number: str) -> ExportProfile:
    found: ExportProfile | None = None
    if number.isascii() and number.isdigit() and len(number) < 10:
        found = export_profiles.profiles().filter(pk=int(number)).first()
    if found is None:
        raise NotFound("没有这个导出格式。", field="profile")
    return found
