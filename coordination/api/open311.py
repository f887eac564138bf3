"""The read feed for other city systems: GeoReport v2 in shape, our tokens and scopes at the door."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from coordination import open311
from coordination.models import TicketCategory
from enterprises.api.endpoint import LARGEST_PAGE, PAGE_SIZE, Endpoint
from enterprises.api.schema import PAGING, parameter
from enterprises.errors import Invalid, NotFound

READ = ("tickets:read", "orders:read")
MOST = 200
"""Numbers that one question may name."""


class ServiceRow(serializers.Serializer[object]):
    service_code = serializers.CharField()
    service_name = serializers.CharField()
    description = serializers.CharField()
    metadata = serializers.BooleanField()
    type = serializers.CharField()
    keywords = serializers.CharField()
    group = serializers.CharField()


class RequestRow(serializers.Serializer[object]):
    service_request_id = serializers.CharField(help_text="问题单编号")
    status = serializers.ChoiceField(open311.STATUSES)
    status_notes = serializers.CharField()
    service_name = serializers.CharField()
    service_code = serializers.CharField()
    description = serializers.CharField(help_text="标题；像电话的数字已隐去")
    agency_responsible = serializers.CharField(allow_null=True)
    service_notice = serializers.CharField(allow_null=True)
    requested_datetime = serializers.DateTimeField()
    updated_datetime = serializers.DateTimeField()
    expected_datetime = serializers.DateTimeField(allow_null=True)
    address = serializers.CharField(help_text="区县")
    address_id = serializers.CharField()
    zipcode = serializers.CharField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    long = serializers.FloatField(allow_null=True)
    media_url = serializers.URLField(allow_null=True)


class Services(Endpoint):
    """The categories of matters."""

    abilities = {"GET": READ}

    @extend_schema(
        operation_id="open311_services",
        summary="服务类别（Open311）",
        tags=["open311"],
        responses=ServiceRow(many=True),
    )
    def get(self, request: Request) -> Response:
        return Response(open311.services())


class Requests(Endpoint):
    """Tickets within reach, the latest first, as a plain array; the number of all stands in X-Total-Count."""

    abilities = {"GET": READ}
    parameters = ("service_request_id", "service_code", "start_date", "end_date", "status")
    is_paginated = True

    @extend_schema(
        operation_id="open311_requests",
        summary="请求列表（Open311）",
        tags=["open311"],
        parameters=[
            parameter("service_request_id", "编号，可用逗号分开多个"),
            parameter("service_code", "类别代码，可用逗号分开多个"),
            parameter("start_date", "提交时间不早于：日期，或带时区的时间"),
            parameter("end_date", "提交时间不晚于：日期（含当日），或带时区的时间"),
            parameter("status", "open、closed，可用逗号分开"),
            *PAGING,
        ],
        responses=RequestRow(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = open311.Asked(
            numbers=self._several("service_request_id"),
            codes=tuple(
                self.query.choices("service_code", TicketCategory.objects.values_list("code", flat=True))
                if self.query.text("service_code")
                else ()
            ),
            statuses=tuple(self.query.choices("status", open311.STATUSES)),
            start=self._bound("start_date"),
            end=self._bound("end_date", is_end=True),
        )
        found = open311.requests(self.account, asked)
        page, count = self.query.whole("page", default=1), found.count()
        size = min(self.query.whole("page_size", default=PAGE_SIZE), LARGEST_PAGE)
        start = (page - 1) * size
        response = Response([open311.row(self.account, one) for one in found[start : start + size]])
        response["X-Total-Count"] = str(count)
        return response

    def _several(self, name: str) -> tuple[str, ...]:
        found = [word.strip() for word in self.query.text(name).split(",") if word.strip()]
        if len(found) > MOST:
            raise Invalid(f"{name} 最多 {MOST} 个。", code="too_long", field=name)
        return tuple(found)

    def _bound(self, name: str, *, is_end: bool = False) -> dt.datetime | None:
        """A day means its first moment, or its last; a moment itself."""
        text = self.query.text(name)
        if not text or "T" in text or ":" in text:
            return self.query.moment(name)
        day = self.query.day(name)
        assert day is not None
        end = dt.timedelta(days=1) - dt.timedelta.resolution if is_end else dt.timedelta()
        return dt.datetime.combine(day, dt.time(), timezone.get_default_timezone()) + end


class OneRequest(Endpoint):
    """One ticket, as an array of one."""

    abilities = {"GET": READ}

    @extend_schema(
        operation_id="open311_request", summary="一个请求（Open311）", tags=["open311"], responses=RequestRow(many=True)
    )
    def get(self, request: Request, number: str) -> Response:
        found = open311.requests(self.account, open311.Asked(numbers=(number,))).first()
        if found is None:
            raise NotFound("没有找到这张问题单。", field="service_request_id")
        return Response([open311.row(self.account, found)])
