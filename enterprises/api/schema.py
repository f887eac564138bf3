"""How the interface describes itself (OpenAPI 3.1): the token, the pages, and the refusals every endpoint may give."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

INTRODUCTION = (
    "每个请求带 `Authorization: Bearer 令牌`。数量是基本单位的数，日期写作 YYYY-MM-DD，时间带时区。"
    "读取可带 If-None-Match。不能接受时回答 problem+json（RFC 9457），errors 逐项写明字段、代码和原因。"
)
TAGS = {
    "reports": "日报",
    "totals": "汇总、来源、报送情况",
    "changes": "变动",
    "enterprises": "企业",
    "products": "物资目录",
    "divisions": "行政区划",
    "tickets": "问题单",
    "open311": "问题单，供其他城市系统读取（Open311 GeoReport v2）",
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "code", "errors", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "稳定的代码"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string", "examples": ["lines[0].capacity"]},
                    "code": {"type": "string", "examples": ["too_many_decimals"]},
                    "message": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string"},
    },
}
_REFUSALS = {
    "400": "正文不是 JSON",
    "401": "没有令牌，或令牌无效",
    "403": "账号或令牌的范围不够",
    "404": "没有，或不在您的范围内",
    "406": "只回答 JSON",
    "409": "与已有内容冲突",
    "413": "正文太大",
    "415": "正文类型不是 application/json",
    "422": "内容不能接受；errors 逐项说明",
    "429": "超过频率上限；见 Retry-After",
    "503": "暂时不可用；见 Retry-After",
}
_FOR_BODIES = {"400", "409", "413", "415"}


class Described(AutoSchema):
    """Describes an operation by what is written for its readers; docstrings are for ours."""

    def get_description(self) -> str:  # type: ignore[override]
        return ""


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "enterprises.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """What all operations have in common is written once; above all, that each may refuse. Called at the end."""
    result["info"]["description"] = INTRODUCTION
    result["tags"] = [{"name": name, "description": description} for name, description in TAGS.items()]
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result.get("paths", {}).values():
        for method, operation in operations.items():
            for status, description in _REFUSALS.items():
                if method != "get" and status == "406":
                    continue
                if method == "get" and status in _FOR_BODIES:
                    continue
                operation["responses"].setdefault(status, {"description": description, "content": content})
            if method == "get":
                operation["responses"]["304"] = {"description": "与 If-None-Match 所说的版本相同"}
    return result


def page_of(row: Any, name: str) -> Any:
    """The shape of one page of rows."""
    return inline_serializer(
        name,
        {
            "count": serializers.IntegerField(),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": row(many=True),
        },
    )


def parameter(name: str, description: str, kind: Any = str, **more: Any) -> OpenApiParameter:
    """A query parameter."""
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **more)


PAGING = [
    parameter("page", "第几页，从 1 起", int),
    parameter("page_size", "每页几行，最多 200", int),
]
