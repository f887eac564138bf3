"""Tags that open a number to its sources, with the filters of the page it stands on (R22)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone

from enterprises.models import EVER
from supplies.rules import moments
from supplies.templatetags.baogong import num

register = template.Library()


@register.simple_tag(takes_context=True)
def traced(
    context: template.Context, quantity: Any, measure: str, unit: str = "", per_day: bool = False, **options: Any
) -> str:
    """A quantity (exact, amount, unit) that opens over this page if the reader may see sources, else plain.

    The page's context holds `trace` = {division, date, may}. options: group, product, division, size, form, extra.
    unit: what to write instead of the quantity's own; "-" for none. per_day adds 每日: 只/日.
    """
    filters = {name: options.pop(name) for name in ("group", "product", "division", "date") if options.get(name)}
    trace = context.get("trace") or {}
    href = ""
    if trace.get("may") and quantity.exact is not None:
        asked = {"division": trace["division"], "date": trace["date"], **filters, "measure": measure}
        href = f"{reverse('supplies:daily_totals:sources')}?{urlencode(asked)}"
    written = {"": quantity.unit, "-": ""}.get(unit, unit)
    made: str = num(
        quantity.amount, written + "/日" if per_day and written else written, href=href, drawer=bool(href), **options
    )
    return made


@register.simple_tag(takes_context=True)
def turned_to(context: template.Context, **filters: Any) -> str:
    """The address of this page with other filters; the page number is dropped."""
    query = context["request"].GET.copy()
    for name, value in {"page": "", **filters}.items():
        query.pop(name, None)
        if value:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.filter
def fall(amount: int | None) -> int | None:
    """The size of a decrease, for a sentence that says 减少."""
    return None if amount is None else abs(amount)


# --- places in a small drawing, whole units of its box -------------------------------------------------------------------
@register.filter
def times(number: int, size: int) -> int:
    return number * size


@register.filter
def plus(number: int, more: int) -> int:
    return number + more


@register.filter
def part_of(percent: int, height: int) -> int:
    """The height of a bar of so many percent; what is there is seen."""
    return max(2, percent * height // 100)


@register.filter
def top_of(percent: int, foot: int) -> int:
    """Where a bar of at most 50 units begins that stands on `foot`."""
    return foot - part_of(percent, 50)


@register.filter
def since(day: dt.date) -> str:
    """The first day of a fact; nothing for one that holds since ever."""
    return "" if day <= EVER else moments.short_day(day, today=timezone.localdate())
