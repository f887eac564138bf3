"""Data quality at a glance."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from enterprises import access
from supplies import data_quality, frames

PAGE = 50


@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """The fortnight up to ?date= (default: the leading day) in ?division=; those with most to look at first."""
    place = {name: request.GET.get(name, "") for name in ("division", "date")}
    outlook = frames.outlook(access.signed_in(request.user), ability="sources:read", **place)
    found = data_quality.quality(outlook)
    page = Paginator(found.rows, PAGE).get_page(request.GET.get("page"))
    shown = {
        "frame": outlook.frame(found.last),
        "outlook": outlook,
        "page": found,
        "page_obj": page,
        "unlike": found.unlike[:PAGE],
    }
    # thousandths, as every course is drawn
    shown["courses"] = [
        (word, getattr(found.whole, name), [None if n is None else n * 1000 for n in getattr(found, name)], hint)
        for name, word, hint in COURSES
    ]
    return render(request, "supplies/daily_reports/quality.html", shown)


COURSES = (
    ("copied", "整份照抄", "与前一天的每个数都相同的日报"),
    ("questions", "疑点", "提交时问到的疑点，不论是否已说明"),
    ("mismatched", "累计对不上", "企业自报的累计产量，与期初加历次产量算出的不同；只比对，合计仍用系统算的"),
    ("unbalanced", "库存对不上", "昨日库存 + 产量 − 发货（材料：+ 收货 − 耗用）与今日库存相差超过 2%"),
)
"""What is drawn: the field, its word, and what it means."""
