"""Visits for other people's programs: the log within reach, and logging one."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from coordination import visits
from coordination.api.serializers import VisitGiven, VisitRow
from coordination.choices import VisitWay
from enterprises.api.endpoint import Endpoint
from enterprises.api.schema import PAGING, page_of, parameter
from enterprises.errors import Invalid
from supplies.api.requests import IDEMPOTENCY, key_of

EXAMPLE = {
    "enterprise": "91999911MA00001033",
    "way": "visit",
    "occurred_at": "2020-03-26T15:10:00+08:00",
    "met": "林岱",
    "notes": "两条线都在开\n缺 8 名包装工",
    "promises": [{"kind": "enterprise", "what": "补招 8 名包装工", "due_on": "2020-03-28"}],
    "next_contact_on": "2020-03-30",
}


class Visits(Endpoint):
    """Visits within reach, and the way to log one."""

    abilities = {"GET": ("visits:read",), "POST": ("visits:write",)}
    parameters = ("enterprise", "officer", "division", "way", "from", "to", "search")
    is_paginated = True

    @extend_schema(
        operation_id="visits_list",
        summary="走访",
        tags=["tickets"],
        parameters=[
            parameter("enterprise", "统一社会信用代码"),
            parameter("officer", "走访人用户名"),
            parameter("division", "区划代码，含下级"),
            parameter("way", "方式", enum=VisitWay.values),
            parameter("from", "首日", OpenApiTypes.DATE),
            parameter("to", "末日（含）", OpenApiTypes.DATE),
            parameter("search", "企业、情况、见到谁里的字"),
            *PAGING,
        ],
        responses=page_of(VisitRow, "VisitPage"),
    )
    def get(self, request: Request) -> Response:
        query = self.query
        filters = visits.Filters(
            way=query.choice("way", VisitWay.values),
            first=query.day("from"),
            last=query.day("to"),
            **{name: query.text(name) for name in ("enterprise", "officer", "division", "search")},
        )
        return self.paginated(visits.with_parts(visits.listed(self.account, filters)), visits.described)

    @extend_schema(
        operation_id="visits_record",
        summary="记走访",
        tags=["tickets"],
        parameters=[IDEMPOTENCY],
        request=VisitGiven,
        responses={201: VisitRow},
        examples=[OpenApiExample("走访", value=EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> HttpResponseBase:
        body = self.body()
        if not isinstance(body, dict):
            raise Invalid("请求体应为一个对象。", code="invalid", field="")
        uscc = body.get("enterprise")
        if not isinstance(uscc, str) or not uscc:
            raise Invalid("请写企业的统一社会信用代码。", code="required", field="enterprise")
        fields: dict[str, Any] = {name: value for name, value in body.items() if name != "enterprise"}
        done = visits.record(
            actor=self.account, uscc=uscc, fields=fields, key=key_of(request, body), at=self.received_at
        )
        response = Response(visits.described(visits.whole(done.visit))[0], status=201)
        if done.is_replay:
            response["Idempotency-Replayed"] = "true"
        return response
