"""Why a total changed between two moments, for other people's programs (R13)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises.api.query import Query
from enterprises.api.schema import parameter
from enterprises.errors import Forbidden, Invalid
from supplies import closings, total_changes, total_tables
from supplies.api import total_schemas as schemas
from supplies.api.selections import FILTERS, filters
from supplies.api.totals import TotalsEndpoint, moment
from supplies.choices import SnapshotKind
from supplies.models import Product
from supplies.rules.total_changes import CAUSES, FIGURES, Side
from supplies.total_changes import Change, Decomposition
from supplies.total_rows import Words, base
from supplies.total_tables import Scope

COUNTED = ("expected", "reported")
NUMBERS = schemas.record(
    **{name: schemas.WHOLE if name in COUNTED else schemas.NUMBER for name in FIGURES},
)
SIDE = schemas.record(
    kind=schemas.TEXT, division=schemas.maybe(schemas.TEXT), revision=schemas.maybe(schemas.WHOLE),
    date=schemas.maybe(schemas.DAY), **{name: schemas.NUMBER for name in FIGURES if name not in COUNTED},
)  # fmt: skip
SOURCE = schemas.record(
    enterprise=schemas.TEXT, name=schemas.TEXT, causes={"type": "object"}, difference={"type": "object"},
    **{"from": SIDE, "to": SIDE},
)  # fmt: skip
PART = schemas.record(cause={"type": "string", "enum": list(CAUSES)}, label=schemas.TEXT, **{
    name: schemas.WHOLE if name in COUNTED else schemas.NUMBER for name in FIGURES
})  # fmt: skip
ROW = schemas.record(
    product=schemas.TEXT, product_name=schemas.TEXT, unit=schemas.TEXT, difference=NUMBERS, parts=schemas.rows(PART),
    **{"from": NUMBERS, "to": NUMBERS},
)  # fmt: skip
ROW["properties"]["sources"] = schemas.rows(SOURCE)
QUERY = schemas.record(
    date=schemas.DAY, division=schemas.TEXT, division_name=schemas.TEXT, provisional=schemas.FLAG,
    **{"from": schemas.MOMENT, "to": schemas.MOMENT},
)  # fmt: skip
ANSWER = OpenApiResponse(schemas.record(query=QUERY, rows=schemas.rows(ROW)))


@dataclass(frozen=True)
class Moments:
    """The two moments compared; `now` None = now."""

    was: dt.datetime
    now: dt.datetime | None


class Changes(TotalsEndpoint):
    """The difference of a day's figures between two moments, with its parts and who made them."""

    abilities = {"GET": ("totals:read",)}
    parameters = ("date", *FILTERS, "from", "to")

    @extend_schema(
        operation_id="totals_changes_list",
        summary="数字为何变了",
        tags=["totals"],
        parameters=[
            *schemas.parameters("date", *FILTERS),
            parameter("from", "final（默认）、flash，或带时区的时刻", OpenApiTypes.STR),
            parameter("to", "now（默认），或带时区的时刻", OpenApiTypes.STR),
        ],
        responses=ANSWER,
    )
    def get(self, request: Request) -> HttpResponseBase:
        day = self.query.required_day("date")
        asked = filters(self.query, day, day)
        moments = _moments(self.query, day)
        version = f"{total_tables.fingerprint(request.user, asked)} {moments}"

        def build() -> HttpResponseBase:
            scope = total_tables.settle(request.user, asked)
            if settings.SMALL_CELL and not scope.traces:
                raise Forbidden("一处变化可能出自单个企业，您没有查看来源的权限。")
            found = total_changes.between(
                node=scope.node, day=day, was_at=moments.was, now_at=moments.now, products=scope.codes
            )
            return Response({"query": _query(day, scope, moments), "rows": _rows(found, day, scope, moments)})

        return self.marked(self.unless_modified(version, build), moments.now)


def _moments(query: Query, day: dt.date) -> Moments:
    """Read `from` and `to`. Refuses invalid_moment, not_closed, reversed."""
    text = query.text("from") or SnapshotKind.FINAL.value
    if text in SnapshotKind.values:
        frozen = closings.snapshots.latest(text, day, day).get(day)
        if frozen is None:
            label = SnapshotKind(text).label
            raise Invalid(f"{day} 没有{label}，from 请写带时区的时刻。", code="not_closed", field="from")
        was = frozen.as_of
    else:
        was = query.moment("from") or timezone.now()
    now = None if query.text("to") in ("", "now") else query.moment("to")
    if now is not None and now < was:
        raise Invalid("from 不能晚于 to。", code="reversed", field="from")
    return Moments(was, now)


def _query(day: dt.date, scope: Scope, moments: Moments) -> dict[str, Any]:
    now = moments.now or timezone.now()
    return {
        "date": day.isoformat(),
        "division": scope.node,
        "division_name": scope.name,
        "from": moment(moments.was),
        "to": moment(now),
        "provisional": now > timezone.now() - total_tables.LAST_MINUTE,
    }


def _rows(found: list[Decomposition], day: dt.date, scope: Scope, moments: Moments) -> list[dict[str, Any]]:
    """Rows by product in the catalogue's order; who changed what only for those who may see sources (R22)."""
    words = Words.of([], scope.products, moments.now)
    order = {code: (p.order, code) for code, p in scope.products.items()}
    return [
        _row(one, scope.products[one.product], words.product(one.product, day), traces=scope.traces)
        for one in sorted(found, key=lambda one: order[one.product])
    ]


def _row(one: Decomposition, product: Product, name: str, *, traces: bool) -> dict[str, Any]:
    grown = {figure: (one.now[figure] or 0) - (one.was[figure] or 0) for figure in FIGURES}
    row: dict[str, Any] = {
        "product": product.code,
        "product_name": name,
        "unit": product.base_unit,
        "from": _numbers(one.was),
        "to": _numbers(one.now),
        "difference": _numbers(grown),
        "parts": [
            {"cause": code, "label": CAUSES[code], **_numbers({name: part.get(name, 0) for name in FIGURES})}
            for code, part in one.parts.items()
        ],
    }
    if traces:
        row["sources"] = [_source(change) for change in one.changes]
    return row


def _source(change: Change) -> dict[str, Any]:
    return {
        "enterprise": change.uscc,
        "name": change.name,
        "causes": change.causes,
        "difference": _numbers(change.differences),
        "from": _side(change.was, change.was_revision),
        "to": _side(change.now, change.now_revision),
    }


def _side(side: Side, revision: int | None) -> dict[str, Any]:
    said = {name: side.figure(name) for name in FIGURES if name not in COUNTED}
    return {
        "kind": side.kind,
        "division": side.unit,
        "revision": revision,
        "date": side.source_day.isoformat() if side.source_day is not None else None,
        **_numbers(said),
    }


def _numbers(figures: dict[str, Any]) -> dict[str, Any]:
    """Quantities in base units; counts as they are."""
    return {name: value if name in COUNTED else base(value) for name, value in figures.items()}
