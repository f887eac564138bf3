"""Tickets for other people's programs: raise, read, act, count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from coordination import tickets
from coordination.api.serializers import (
    ActionGiven,
    ActionRow,
    BulkGiven,
    BulkRow,
    CategoryRow,
    StatisticsRow,
    TicketGiven,
    TicketInFull,
    TicketRow,
)
from coordination.choices import ConfirmMode, TicketLevel, TicketState
from coordination.models import TicketCategory
from coordination.tickets.reading import GROUPS
from enterprises.api.endpoint import Endpoint
from enterprises.api.schema import PAGING, page_of, parameter
from enterprises.errors import Invalid
from enterprises.rules.exact_json import JsonNumber
from supplies.api.requests import IDEMPOTENCY, key_of

READ = ("tickets:read", "orders:read")
WRITE = ("tickets:raise", "tickets:desk", "tickets:supervise", "orders:handle")
FILTERS = ("group", "state", "category", "division", "organisation", "enterprise", "level", "search", "sort")
NUMBERS, FLAGS = (
    ("blocked", "hours_to_stop", "satisfaction", "days"),
    ("contacted", "solved", "is_confidential", "is_mandatory"),
)
EXAMPLE = {
    "enterprise": "91999911MA00001033",
    "category": "PASS_CITY",
    "title": "熔喷布货车被劝返",
    "description": "货车在外市高速口被劝返，没有通行证，布料只够两天。",
    "impact": "两条线要停",
    "contact_name": "林岱",
    "contact_phone": "13800000000",
    "product": "MASK_SURG",
    "blocked": "21万只",
}


class Tickets(Endpoint):
    """Tickets within reach, and the way to raise one."""

    abilities = {"GET": READ, "POST": ("tickets:raise",)}
    parameters = FILTERS
    is_paginated = True

    @extend_schema(
        operation_id="tickets_list",
        summary="问题单",
        tags=["tickets"],
        parameters=[
            parameter(
                "group", "哪些：在办、轮到我、等企业、超期、压产能、已办结、已解决", enum=[*GROUPS, "mine", "overdue"]
            ),
            parameter("state", "状态", enum=TicketState.values),
            parameter("category", "类别代码"),
            parameter("division", "区划代码，含下级"),
            parameter("organisation", "承办单位代码"),
            parameter("enterprise", "统一社会信用代码"),
            parameter("level", "层级", enum=TicketLevel.values),
            parameter(
                "search", "标题、情况、对象、编号、企业（名称、首字母、代码）、您能看到的经过里的字；空格分开的要都有"
            ),
            parameter("sort", "new：新的在前；不写按办理次序", enum=["new"]),
            *PAGING,
        ],
        responses=page_of(TicketRow, "TicketPage"),
    )
    def get(self, request: Request) -> Response:
        query = self.query
        filters = tickets.Filters(
            group=query.choice("group", [*GROUPS, "mine", "overdue"]),
            state=query.choice("state", TicketState.values),
            level=query.choice("level", TicketLevel.values),
            sort=query.choice("sort", ["new"]),
            **{name: query.text(name) for name in ("category", "division", "organisation", "enterprise", "search")},
        )
        found = tickets.listed(self.account, filters, now=self.received_at)
        return self.paginated(found, lambda rows: tickets.described(self.account, rows, now=self.received_at))

    @extend_schema(
        operation_id="tickets_raise",
        summary="提交问题单",
        tags=["tickets"],
        parameters=[IDEMPOTENCY],
        request=TicketGiven,
        responses={201: TicketInFull},
        examples=[OpenApiExample("通行证", value=EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> HttpResponseBase:
        body = _object(self.body())
        fields = _texts({name: value for name, value in body.items() if name != "enterprise"})
        uscc = body.get("enterprise")
        if not isinstance(uscc, str) or not uscc:
            raise Invalid("请写企业的统一社会信用代码。", code="required", field="enterprise")
        done = tickets.raise_ticket(
            actor=self.account, uscc=uscc, fields=fields, key=key_of(request, body), at=self.received_at
        )
        ticket = tickets.find(self.account, str(done.ticket))
        row = tickets.described_in_full(self.account, ticket, now=self.received_at)
        response = Response(row, status=201)
        response["Location"] = reverse("api:ticket", args=[str(ticket)])
        if done.is_replay:
            response["Idempotency-Replayed"] = "true"
        return response


class OneTicket(Endpoint):
    """A ticket with its clocks, orders, what happened, and the steps that are the caller's."""

    abilities = {"GET": READ}

    @extend_schema(operation_id="tickets_read", summary="一张问题单", tags=["tickets"], responses=TicketInFull)
    def get(self, request: Request, number: str) -> Response:
        ticket = tickets.find(self.account, number)
        return Response(tickets.described_in_full(self.account, ticket, now=self.received_at))


class Actions(Endpoint):
    """One step of the table of transitions."""

    abilities = {"POST": WRITE}

    @extend_schema(
        operation_id="tickets_act",
        summary="办理一步",
        tags=["tickets"],
        parameters=[IDEMPOTENCY],
        request=ActionGiven,
        responses={200: ActionRow},
    )
    def post(self, request: Request, number: str, action: str) -> Response:
        body = _object(self.body())
        ticket = tickets.find(self.account, number)
        version = body.pop("expected_version", None)
        if version is not None and not (isinstance(version, JsonNumber) and version.isdigit() and len(version) < 10):
            raise Invalid("expected_version 应为整数。", code="invalid_number", field="expected_version")
        done = tickets.act(
            actor=self.account,
            ticket=ticket,
            action=action,
            fields=_texts(body),
            expected_version=int(version) if version is not None else None,
            key=key_of(request, {**body, "expected_version": version}),
            at=self.received_at,
        )
        response = Response({"number": done.number, "version": done.version, "state": done.state})
        if done.is_replay:
            response["Idempotency-Replayed"] = "true"
        return response


class BulkActions(Endpoint):
    """One step for many tickets, each in its own transaction."""

    abilities = {"POST": WRITE}

    @extend_schema(
        operation_id="tickets_act_on_many",
        summary="多张单办同一步",
        tags=["tickets"],
        parameters=[IDEMPOTENCY],
        request=BulkGiven,
        responses={200: BulkRow},
    )
    def post(self, request: Request, action: str) -> Response:
        body = _object(self.body())
        chosen, fields = _chosen(body.get("tickets")), body.get("fields", {})
        if not isinstance(fields, Mapping):
            raise Invalid("fields 要是一个对象。", code="invalid", field="fields")
        for name in body:
            if name not in ("tickets", "fields"):
                raise Invalid("没有这一项。", code="unknown_field", field=name[:60])
        outcome = tickets.act_on_many(
            actor=self.account,
            chosen=chosen,
            action=action,
            fields=_texts(fields),
            key=key_of(request, body),
            at=self.received_at,
        )
        done = [{"number": one.number, "version": one.version, "state": one.state} for one in outcome.done]
        failed = [
            {
                "number": one.number,
                "status": one.refused.status,
                "code": one.refused.code,
                "message": str(one.refused),
                "errors": [{"field": e.field, "code": e.code, "message": e.message} for e in one.refused.errors],
            }
            for one in outcome.failed
        ]
        return Response({"done": done, "failed": failed})


class Categories(Endpoint):
    """The list of categories with their usual level and unit."""

    abilities = {"GET": READ}

    @extend_schema(
        operation_id="tickets_categories", summary="问题类别", tags=["tickets"], responses=CategoryRow(many=True)
    )
    def get(self, request: Request) -> Response:
        names = ("code", "name", "examples", "level", "lead", "assist", "urgency")
        return Response(list(TicketCategory.objects.values(*names)))


class Statistics(Endpoint):
    """The measures of a period, as they were defined, with the tickets they count."""

    abilities = {"GET": READ}
    parameters = ("from", "to", "cut_off", "division", "category", "unit", "headline", "by", "lists")

    @extend_schema(
        operation_id="tickets_statistics",
        summary="统计",
        tags=["tickets"],
        parameters=[
            parameter("from", "首日", OpenApiTypes.DATE, required=True),
            parameter("to", "末日（含）", OpenApiTypes.DATE, required=True),
            parameter(
                "cut_off", "按这一时刻所知计数，例如 2020-03-31T18:00:00+08:00；不写为现在", OpenApiTypes.DATETIME
            ),
            parameter("division", "区划代码，含下级"),
            parameter("category", "类别代码"),
            parameter("unit", "截止时主办单位的代码"),
            parameter("headline", "“已解决”计入哪些确认方式，逗号分隔；不写为 enterprise,proxy,callback"),
            parameter("by", "分列：区县、类别、主办单位、月", enum=[*tickets.BY]),
            parameter("lists", "true：附各项所数的单号", bool),
        ],
        responses=StatisticsRow,
    )
    def get(self, request: Request) -> Response:
        first, last = self.query.required_day("from"), self.query.required_day("to")
        if last < first:
            raise Invalid("末日不能早于首日。", code="invalid_date", field="to")
        cut_off = min(self.query.moment("cut_off") or self.received_at, self.received_at)
        headline = self.query.choices("headline", ConfirmMode.values)
        filters = {name: self.query.text(name) for name in ("division", "category", "unit")}
        count = tickets.count(
            self.account, tickets.Period(first, last, cut_off), **filters,
            headline=headline or tickets.HEADLINE,
        )  # fmt: skip
        found, by = count.whole(), self.query.choice("by", [*tickets.BY])
        answer: dict[str, Any] = {
            "from": first.isoformat(),
            "to": last.isoformat(),
            "cut_off": timezone.localtime(cut_off).isoformat(),
            "definition": tickets.DEFINITION,
            "measures": found.values,
        }
        if by:
            answer["parts"] = [
                {"key": part.key, "name": part.name, "measures": part.measures.values}
                | ({"lists": part.measures.ids} if self.query.flag("lists") else {})
                for part in count.parts(by)
            ]
        if self.query.flag("lists"):
            answer["lists"] = found.ids
        return Response(answer)


def _chosen(given: Any) -> list[tickets.Chosen]:
    """[{"number": …, "expected_version": …}, …]"""
    if not isinstance(given, list):
        raise Invalid("tickets 要是一个列表。", code="invalid", field="tickets")
    chosen = []
    for one in given:
        number, version = (one.get("number"), one.get("expected_version")) if isinstance(one, Mapping) else (None, None)
        if not isinstance(number, str):
            raise Invalid("每张单要写 number。", code="required", field="tickets")
        if version is not None and not (isinstance(version, JsonNumber) and version.isdigit() and len(version) < 10):
            raise Invalid("expected_version 应为整数。", code="invalid_number", field="tickets")
        chosen.append(tickets.Chosen(number, int(version) if version is not None else None))
    return chosen


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise Invalid("正文要是一个对象。", code="invalid", field="")
    return dict(body)


def _texts(body: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers and truth values, where a field takes them, as the texts that forms give; everything else as it is."""
    words = {True: "yes", False: "no"}
    return {
        name: str(value) if name in NUMBERS and isinstance(value, JsonNumber)
        else words[value] if name in FLAGS and isinstance(value, bool)
        else value
        for name, value in body.items()
    }  # fmt: skip
