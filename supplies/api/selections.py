"""Which totals an address asks for: its parameters as a Selection."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from enterprises.api.query import Query
from enterprises.errors import Invalid
from supplies.rules.selection import BASES, BY, Selection

LONGEST_SPAN = 3660
"""Most days of one question: ten years."""

EARLIEST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
"""Before it nobody knew anything."""

DAYS = ("date", "from", "to")
FILTERS = ("product", "category", "division")
PARAMETERS = (*DAYS, *FILTERS, "by", "licensed", "basis", "as_of")


def selection(query: Query) -> Selection:
    """Read PARAMETERS. Refuses, besides what reading each refuses: required, date_and_span, reversed, span_too_long."""
    first, last, is_span = span(query)
    return replace(
        filters(query, first, last),
        is_span=is_span,
        by=frozenset(query.choices("by", BY)),
        licensed=query.flag("licensed"),
        basis=query.choice("basis", BASES) or "current",
    )


def filters(query: Query, first: dt.date, last: dt.date) -> Selection:
    """Read FILTERS and as_of, for the given days."""
    as_of = query.moment("as_of")
    return Selection(
        first,
        last,
        products=products(query),
        category=query.text("category"),
        division=query.text("division"),
        as_of=max(as_of, EARLIEST) if as_of is not None else None,
    )


def products(query: Query) -> tuple[str, ...]:
    """Codes separated by commas; whether they exist is for the catalogue to say. Refuses unknown_product."""
    text = query.text("product")
    codes = tuple(dict.fromkeys(code.strip() for code in text.split(","))) if text else ()
    if "" in codes:
        raise Invalid("product 应为产品代码，几个之间用一个逗号分开。", code="unknown_product", field="product")
    return codes


def span(query: Query) -> tuple[dt.date, dt.date, bool]:
    """The first and the last day, and whether they were given as a span."""
    day, first, last = (query.day(name) for name in DAYS)
    if day is not None:
        if first is not None or last is not None:
            raise Invalid("date 和 from、to 只能用一种。", code="date_and_span", field="date")
        return day, day, False
    if first is None and last is None:
        raise Invalid("要写 date，或者 from 和 to，例如 date=2020-03-27。", code="required", field="date")
    for name, given in (("from", first), ("to", last)):
        if given is None:
            raise Invalid(f"from 和 to 要一起写，缺 {name}。", code="required", field=name)
    assert first is not None
    assert last is not None
    if first > last:
        raise Invalid("from 不能晚于 to。", code="reversed", field="from")
    if (last - first).days >= LONGEST_SPAN:
        raise Invalid(f"一次最多查询 {LONGEST_SPAN} 天。", code="span_too_long", field="from")
    return first, last, True
