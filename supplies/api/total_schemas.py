"""What the totals' endpoints take and give, for the OpenAPI description."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from enterprises import workbooks
from supplies import sources, total_tables
from supplies.choices import Coverage
from supplies.models.daily_total import COUNTS
from supplies.rules.selection import BASES, BY

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
NUMBER: Schema = {"type": ["number", "null"], "description": "基本单位；无人填报为 null，不是 0"}


def maybe(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def record(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields)}


def rows(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


DESCRIPTIONS: dict[str, tuple[Any, str]] = {
    "date": (OpenApiTypes.DATE, "填报日；与 from、to 二选一"),
    "from": (OpenApiTypes.DATE, "时段首日：存量取末日，流量累加，家数为家日"),
    "to": (OpenApiTypes.DATE, "时段末日"),
    "product": (str, "产品代码，可用逗号分开"),
    "category": (str, "类别代码；不带 by=product 时每个基本单位一行"),
    "division": (str, "区划代码；默认是令牌能看到的最高一级"),
    "by": (str, "细分维度，可用逗号分开；division 为下级"),
    "licensed": (bool, "只算持证产能，所有字段同此口径"),
    "basis": (str, "current 当前，closed 最近终报，flash 最近初报"),
    "as_of": (OpenApiTypes.DATETIME, "按当时所知回答，要带时区；将来的时刻等于现在"),
    "format": (str, "同一张表的文件形式"),
    "measure": (str, "只看这个数字的来源"),
    "status": (str, "只看这种状态"),
    "page": (int, "第几页"),
    "page_size": (int, "每页行数，最多 200"),
}
CHOICES = {
    "basis": BASES, "format": ("json", "csv", "xlsx"), "measure": sources.MEASURES, "status": Coverage.values,
}  # fmt: skip


def parameters(*names: str) -> list[OpenApiParameter]:
    """The query parameters of these names."""
    found = []
    for name in names:
        kind, description = DESCRIPTIONS[name]
        if name == "by":
            description += f"：{'、'.join(BY)}"
        found.append(OpenApiParameter(name, kind, description=description, enum=CHOICES.get(name)))
    return found


QUERY = record(
    date=maybe(DAY), **{"from": maybe(DAY)}, to=maybe(DAY), division=TEXT, division_name=TEXT, product=rows(TEXT),
    category=maybe(TEXT), by=rows({"type": "string", "enum": list(BY)}), licensed=FLAG, basis=TEXT, as_of=MOMENT,
    provisional=FLAG, pending={**WHOLE, "description": "还没有重新汇总的天数"},
)  # fmt: skip
"""The question as it was understood."""

SPECIAL: dict[str, Schema] = {
    "date": maybe(DAY), "from": DAY, "to": DAY, "division": TEXT, "division_name": TEXT, "product": maybe(TEXT),
    "product_name": maybe(TEXT), "category": TEXT, "unit": TEXT, "shared_capacity": FLAG, "closed": FLAG,
    "changed_since_close": FLAG, "questions_open": WHOLE, "enterprises": WHOLE, "stock_enterprises": WHOLE,
    "shipped_enterprises": WHOLE, **dict.fromkeys(COUNTS, WHOLE),
}  # fmt: skip
_FIELDS = {name: SPECIAL.get(name, NUMBER) for name in total_tables.COLUMNS}
TOTAL_ROW: Schema = {
    **record(**_FIELDS), "required": [name for name in _FIELDS if name not in ("from", "to")],
}  # fmt: skip

_FOUR = dict.fromkeys(("capacity", "output", "stock", "shipped"), NUMBER)
SOURCE_ROW = record(
    enterprise=TEXT, name=TEXT, division=TEXT, division_name=TEXT, date=DAY, report=maybe(WHOLE),
    revision=maybe(WHOLE), product=TEXT, category=TEXT, unit=TEXT, **_FOUR,
    kind={"type": "string", "enum": ["report", "carried", "opening"]}, age=WHOLE,
    counts={**FLAG, "description": "产能是否计入合计"}, received_at=maybe(MOMENT),
)  # fmt: skip
COVERAGE_ROW = record(
    enterprise=TEXT, name=TEXT, division=TEXT, division_name=TEXT,
    status={"type": "string", "enum": list(Coverage.values)}, first_received_at=maybe(MOMENT),
    source_date=maybe(DAY), age=maybe(WHOLE), halted=FLAG,
    last_known=maybe(rows(record(category=TEXT, unit=TEXT, capacity=NUMBER))),
)  # fmt: skip


def paged(row: Schema, **more: Schema) -> Schema:
    return record(**more, count=WHOLE, next=maybe(TEXT), previous=maybe(TEXT), results=rows(row))


TOTALS: dict[Any, Any] = {
    (200, "application/json"): OpenApiResponse(record(query=QUERY, rows=rows(TOTAL_ROW)), description="汇总表"),
    (200, "text/csv"): OpenApiTypes.STR,
    (200, workbooks.CONTENT_TYPE): OpenApiTypes.BINARY,
}
SOURCES: dict[Any, Any] = {
    200: OpenApiResponse(
        paged(SOURCE_ROW, query=QUERY, sums=rows(record(category=TEXT, unit=TEXT, **_FOUR))), description="来源"
    ),
}
_NAMED = ("date", "division", "division_name", "product", "category", "as_of", "provisional", "pending")
COVERAGE: dict[Any, Any] = {
    200: OpenApiResponse(
        paged(
            COVERAGE_ROW,
            query=record(**{name: QUERY["properties"][name] for name in _NAMED}),
            counts=record(**dict.fromkeys(Coverage.values, WHOLE)),
        ),
        description="报送情况",
    ),
}
