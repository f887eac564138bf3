"""Tags and filters of the look: numbers, days, provenance, icons. The forms themselves are rules (supplies.rules)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.forms import BoundField
from django.http import QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from supplies.rules import display, moments, sparkline
from supplies.rules.provenance import Provenance

register = template.Library()

# --- numbers: integers in thousandths of the base unit, None = not given ---------------------------------------------
register.filter("short", display.short)
register.filter("full", display.full)
register.filter("signed", display.signed)


@register.filter
def percent(rate: Decimal | Fraction | int | None) -> str:
    return display.percent(rate)


@register.filter
def share(part: int | None, whole: int | None) -> str:
    """{{ carried|share:capacity }} gives 2.2%."""
    return display.share(part, whole)


@register.simple_tag
def num(
    amount: int | None,
    unit: str = "",
    size: str = "",
    href: str = "",
    form: str = "short",
    extra: str = "",
    drawer: bool = False,
) -> str:
    """A number with its unit; with href it opens to its sources (R22). The full value is always at hand.

    size: "", md, lg, xl. form: short or full. extra: further classes. drawer: open over this page.
    """
    shown = display.full(amount) if form == "full" else display.short(amount)
    if amount is None:
        return format_html('<span class="num t-3 {}">{}</span>', extra, shown)
    whole = display.full(amount)
    classes = " ".join(filter(None, ["num", f"num-{size}" if size else "", "src" if href else "", extra]))
    tail = format_html('<span class="u">{}</span>', unit) if unit else ""
    exact = f"{whole} {unit}".strip()
    if href:
        spoken = f"{shown}{unit}" + (f"（{exact}）" if shown != whole else "") + "，查看来源"
        return format_html(
            '<a class="{}" href="{}"{} title="{} · 查看来源" aria-label="{}">{}{}</a>',
            *(classes, href, mark_safe(" data-drawer") if drawer else "", exact, spoken, shown, tail),
        )
    if shown == whole:
        return format_html('<span class="{}">{}{}</span>', classes, shown, tail)
    return format_html(
        '<span class="{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span>{}</span>',
        *(classes, exact, shown, whole, tail),
    )


@register.simple_tag
def delta(amount: int | None, unit: str = "", since: str = "较昨日") -> str:
    """A change against an earlier day: sign and word, never an arrow alone; nothing where there is no earlier day."""
    if amount is None:
        return ""
    if amount == 0:
        return format_html('<span class="delta">{}持平</span>', since.replace("较", "与"))
    return format_html(
        '<span class="delta {}" title="{}{} {}">{}{} {}</span>',
        *("up" if amount > 0 else "down", "+" if amount > 0 else "", display.full(amount), unit),
        *(display.signed(amount), unit, since),
    )


@register.simple_tag
def rate(reported: int, expected: int, size: str = "", href: str = "") -> str:
    """A reporting rate beside its parts (R12); nothing expected: 无义务."""
    if not expected:
        return format_html('<span class="t-3">{}</span>', display.NO_DUTY)
    parts = format_html('<span class="t-3 fs-12">{}/{}</span>', reported, expected)
    figure = display.share(reported, expected).rstrip("%")
    classes = "num" + (f" num-{size}" if size else "") + (" src" if href else "")
    if href:
        return format_html(
            '<a class="{}" href="{}" aria-label="{}%，{}/{}，查看来源">{}<span class="u">%</span></a> {}',
            *(classes, href, figure, reported, expected, figure, parts),
        )
    return format_html('<span class="{}">{}<span class="u">%</span></span> {}', classes, figure, parts)


# --- days and moments ------------------------------------------------------------------------------------------------
@register.filter
def zh_day(day: dt.date | None) -> str:
    """3月27日 周五; the year only outside the current one."""
    return moments.zh_day(day, today=timezone.localdate())


@register.filter
def short_day(day: dt.date | None) -> str:
    """3月27日."""
    return moments.short_day(day, today=timezone.localdate())


@register.filter
def clock(moment: dt.datetime | dt.time | None) -> str:
    """18:20."""
    return moments.clock(moment)


@register.filter
def stamp(moment: dt.datetime | None) -> str:
    """3月27日 18:20."""
    return moments.stamp(moment, today=timezone.localdate())


@register.filter
def exact_stamp(moment: dt.datetime | None) -> str:
    """3月27日 18:20:07, for receipts."""
    return moments.stamp(moment, today=timezone.localdate(), with_seconds=True)


@register.filter
def moment(instant: dt.datetime | None) -> str:
    """18:20 today, 3月26日 18:20 on another day."""
    is_today = instant is not None and timezone.localdate(instant) == timezone.localdate()
    return moments.clock(instant) if is_today else stamp(instant)


@register.filter
def span(length: dt.timedelta) -> str:
    """2 小时 14 分."""
    return moments.span(length)


# --- provenance: the grammar of the look -----------------------------------------------------------------------------
@register.inclusion_tag("includes/prov.html")
def prov(on_time: int, late: int, carried: int, stale: int, never: int, size: str = "") -> dict[str, Any]:
    """The bar under a total; size="lg" under heroes."""
    return {"prov": Provenance(on_time, late, carried, stale, never), "size": size}


@register.inclusion_tag("includes/units.html")
def units(on_time: int, late: int, carried: int, stale: int, never: int) -> dict[str, Any]:
    """One square, one enterprise."""
    prov = Provenance(on_time, late, carried, stale, never)
    return {"prov": prov, "squares": [s.mark for s in prov.segments() for _ in range(s.count)]}


@register.inclusion_tag("includes/keys.html")
def keys(
    on_time: int = 1, late: int = 1, carried: int = 1, stale: int = 1, never: int = 1, *, bare: bool = False
) -> Any:
    """The legend, only states that occur, with their counts; {% keys bare=True %} shows all five words."""
    return {"prov": Provenance(on_time, late, carried, stale, never), "bare": bare}


STATUS = {
    # coverage of an enterprise (R12)
    "on_time": ("brand", "check", "按时"),
    "late": ("amber", "clock", "迟报"),
    "carried": ("hat", "", "沿用"),
    "stale": ("sta", "", "失效"),
    "never": ("mis", "", "从未报"),
    "exempted": ("line", "", "豁免"),
    "unexpected": ("line", "", "无义务"),
    # a report (R7)
    "submitted": ("brand", "send", "已提交"),
    "verified": ("jade", "check", "已核实"),
    "returned": ("coral", "undo", "已退回"),
    "missing": ("line", "", "未报"),
    # production
    "running": ("jade", "check", "正常生产"),
    "partial": ("amber", "warn", "部分生产"),
    "halted": ("coral", "x", "停产"),
    "preparing": ("line", "clock", "筹备投产"),
    "maintenance": ("amber", "gear", "检修"),
    # certificates and enterprises
    "valid": ("jade", "check", "有效"),
    "expiring": ("amber", "clock", "即将到期"),
    "pending": ("line", "clock", "在办"),
    "expired": ("coral", "warn", "已过期"),
    "revoked": ("coral", "x", "吊销"),
    "key": ("line", "", "重点"),
    "closed": ("line", "lock", "已封账"),
}
"""What each state looks like: class, icon, word. Never a colour without a word."""


@register.inclusion_tag("includes/status_badge.html")
def status(state: str, note: str = "", word: str = "") -> dict[str, str]:
    """A tag with icon and word: {% status "carried" note="2 天" %}. An unknown state shows as itself, neutral."""
    look, icon_name, usual = STATUS.get(str(state), ("line", "", str(state)))
    return {"look": look, "icon_name": icon_name, "word": word or usual, "note": note}


# --- drawings --------------------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """One icon of static/img/icons.svg beside the word that says it; size: "", s, l, xl."""
    classes = f"i i-{size}" if size else "i"
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        *(classes, static("img/icons.svg"), name),
    )


@register.simple_tag
def mark() -> SafeString:
    """The mark: solid, hatched, hollow."""
    return format_html(
        '<svg class="sign" aria-hidden="true" focusable="false"><use href="{}#mark"></use></svg>',
        static("img/icons.svg"),
    )


@register.inclusion_tag("includes/spark.html")
def spark(values: Sequence[int | None], days: str = "", width: int = 92, height: int = 26) -> dict[str, Any]:
    """A course over days as a small line; None leaves a gap. `days` says which days, for readers: 近 14 天."""
    known = [v for v in values if v is not None]
    ends = f"，由 {display.short(known[0])} 到 {display.short(known[-1])}" if known else "，没有数"
    return {
        "line": sparkline.draw(values, width=width, height=height),
        "label": f"{days or f'近 {len(values)} 天'}走势{ends}",
    }


@register.inclusion_tag("includes/meter.html")
def meter(part: int | None, whole: int | None, look: str = "") -> dict[str, Any]:
    """A share as a thin bar, bounded to its box; the number stands beside it. look: "", warn, over."""
    full_parts = min(1000, max(0, 1000 * part // whole)) if part is not None and whole else 0
    return {"percent": f"{full_parts // 10}.{full_parts % 10}", "look": look}


# --- addresses: every filter lives in the address --------------------------------------------------------------------
def _turned(query: QueryDict, **changes: str | None) -> str:
    turned = query.copy()
    for name, value in changes.items():
        turned.pop(name, None)
        if value is not None:
            turned[name] = value
    turned.pop("page", None)
    return "?" + turned.urlencode()


@register.inclusion_tag("includes/chip.html", takes_context=True)
def chip(context: template.Context, name: str, label: str, options: Iterable[tuple[Any, str]]) -> dict[str, Any]:
    """A filter of a list. options: (value, word) pairs. Chosen: a pill with a cross that takes it out again."""
    query: QueryDict = context["request"].GET
    chosen = query.get(name, "")
    pairs = [(str(value), str(word)) for value, word in options]
    return {
        "label": label,
        "word": dict(pairs).get(chosen, chosen),
        "is_chosen": bool(chosen),
        "without": _turned(query, **{name: None}),
        "items": [(_turned(query, **{name: value}), word) for value, word in pairs],
    }


@register.inclusion_tag("includes/sort_head.html", takes_context=True)
def sort_head(
    context: template.Context, name: str, label: str, default: str = "", right: bool = False
) -> dict[str, Any]:
    """A table head that sorts: `sort=name`, `sort=-name`. Figures begin with the largest, words with the first."""
    query: QueryDict = context["request"].GET
    current = query.get("sort") or default
    if current.lstrip("-") != name:
        order, then = "", f"-{name}" if right else name
    else:
        order, then = ("descending", name) if current.startswith("-") else ("ascending", f"-{name}")
    return {"label": label, "order": order, "right": right, "href": _turned(query, sort=then)}


# --- forms -----------------------------------------------------------------------------------------------------------
CONTROLS = {"select": "form-select", "selectmultiple": "form-select", "checkbox": "form-check-input"}


@register.simple_tag
def control(field: BoundField, extra: str = "") -> SafeString:
    """The input of a form field in our classes; its help and errors are announced by Django's own attributes."""
    kind = getattr(field.field.widget, "input_type", "text") or "text"
    classes = [CONTROLS.get(kind, "form-control"), "is-invalid" if field.errors else "", extra]
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.inclusion_tag("includes/field.html")
def field(bound: BoundField, label: str = "") -> dict[str, Any]:
    """A labelled input with its hint and its errors under it."""
    is_box = getattr(bound.field.widget, "input_type", "") == "checkbox"
    return {"field": bound, "label": label or bound.label, "is_box": is_box}
