"""Daily reports for other people's programs: file, read, look back (R3-R6)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises import access as ground_access
from enterprises.api.endpoint import Endpoint
from enterprises.api.schema import PAGING, page_of, parameter
from enterprises.errors import Invalid, NotFound
from enterprises.models import Account, Enterprise
from supplies import access, daily_reports, tasks
from supplies.api import shapes
from supplies.api.requests import IDEMPOTENCY, answered, key_of
from supplies.api.serializers import DecisionGiven, DecisionRow, ReportGiven, ReportRow
from supplies.choices import Channel, Review
from supplies.daily_reports import Key, Outcome
from supplies.models import Revision

EXAMPLE = {
    "enterprise": "91999911MA00001033",
    "date": "2020-03-27",
    "state": "running",
    "lines": [
        {"product": "MASK_SURG", "capacity": 48, "output": "46.5", "stock": 120, "unit": "万只"},
        {"product": "MAT_SB", "stock": "434.47"},
    ],
}


class Reports(Endpoint):
    """Daily reports within reach, each as of its latest revision; and the way to file one."""

    abilities = {"GET": ("reports:read",), "POST": ("reports:write", "reports:on_behalf")}
    parameters = ("date", "from", "to", "enterprise", "review")
    write_parameters = ("dry_run",)
    is_paginated = True

    @extend_schema(
        operation_id="reports_list",
        summary="日报",
        tags=["reports"],
        parameters=[
            parameter("date", "填报日", OpenApiTypes.DATE),
            parameter("from", "填报日不早于", OpenApiTypes.DATE),
            parameter("to", "填报日不晚于", OpenApiTypes.DATE),
            parameter("enterprise", "统一社会信用代码"),
            parameter("review", "审核状态", enum=Review.values),
            *PAGING,
        ],
        responses=page_of(ReportRow, "ReportPage"),
    )
    def get(self, request: Request) -> Response:
        found = daily_reports.reports_with_review(access.reports(self.account))
        if (day := self.query.day("date")) is not None:
            found = found.filter(day=day)
        if (first := self.query.day("from")) is not None:
            found = found.filter(day__gte=first)
        if (last := self.query.day("to")) is not None:
            found = found.filter(day__lte=last)
        if uscc := self.query.text("enterprise"):
            found = found.filter(enterprise=ground_access.enterprise(self.account, uscc, "reports:read"))
        if review := self.query.choice("review", Review.values):
            found = found.filter(review=review)  # type: ignore[misc]  # annotated
        return self.paginated(found.order_by("-day", "enterprise__sort_key", "pk").values_list("head_id"), heads)

    @extend_schema(
        operation_id="reports_submit",
        summary="提交日报",
        tags=["reports"],
        parameters=[
            parameter("dry_run", "true：照样回答，不保存", bool),
            IDEMPOTENCY,
        ],
        request=ReportGiven,
        responses={201: ReportRow, 200: ReportRow},
        examples=[OpenApiExample("两种产品", value=EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> HttpResponseBase:
        body, dry_run = self.body(), self.query.flag("dry_run")
        outcome = file_one(self.account, body, at=self.received_at, key=key_of(request, body), dry_run=dry_run)
        if outcome.status == 201 and not dry_run:
            tasks.hint()
        response = Response(outcome.answer, status=outcome.status)
        if outcome.is_replay:
            response["Idempotency-Replayed"] = "true"
        if outcome.report_id is not None:
            response["Location"] = reverse("api:report", args=[outcome.report_id])
        return response


class OneReport(Endpoint):
    """A report as of its latest revision."""

    abilities = {"GET": ("reports:read",)}

    @extend_schema(operation_id="reports_read", summary="一份日报", tags=["reports"], responses=ReportRow)
    def get(self, request: Request, number: int) -> Response:
        report = access.report(self.account, number)
        return Response(heads([(report.head_id,)])[0])


class Decisions(Endpoint):
    """Verify the latest revision of a report, or return it (R7)."""

    abilities = {"POST": ("reports:review",)}

    @extend_schema(
        operation_id="reports_decide",
        summary="核实或退回",
        tags=["reports"],
        parameters=[IDEMPOTENCY],
        request=DecisionGiven,
        responses={201: DecisionRow, 200: DecisionRow},
    )
    def post(self, request: Request, number: int) -> Response:
        body = self.body()
        report = access.report_to_review(self.account, number)
        asked = shapes.decision(body)
        done = daily_reports.decide(
            actor=self.account,
            report=report,
            revision=asked.revision,
            decision=asked.decision,
            reason=asked.reason,
            key=key_of(request, body),
        )
        if done.status == 201 and not done.is_replay:
            tasks.hint()
        return answered(done)


class Revisions(Endpoint):
    """Every revision of a report, the first one first (R5)."""

    abilities = {"GET": ("reports:read",)}
    is_paginated = True

    @extend_schema(
        operation_id="reports_revisions_list",
        summary="一份日报的各次修订",
        tags=["reports"],
        parameters=PAGING,
        responses=page_of(ReportRow, "RevisionPage"),
    )
    def get(self, request: Request, number: int) -> Response:
        report = access.report(self.account, number)
        found = daily_reports.with_review(Revision.objects.filter(report=report))
        return self.paginated(found.select_related("report__enterprise").order_by("number"), daily_reports.describe)


def heads(rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Revisions by their ids (each in a tuple), described in the order given."""
    numbers = [number for (number,) in rows]
    found = daily_reports.with_review(Revision.objects.filter(pk__in=numbers)).select_related("report__enterprise")
    by_number = {revision.pk: revision for revision in found}
    return daily_reports.describe([by_number[number] for number in numbers])


def file_one(account: Account, body: object, *, at: dt.datetime, key: Key | None, dry_run: bool) -> Outcome:
    """Submit what a body says; refuses as the act does, and what is no report at all. Hints are the caller's."""
    asked = shapes.submission(body)
    enterprise = Enterprise.objects.filter(uscc=asked.enterprise or "").first()
    if asked.enterprise is not None and enterprise is None:
        raise NotFound("没有找到这家企业。", field="enterprise")
    if enterprise is None or asked.day is None:
        _refuse(account, asked, enterprise)
    assert enterprise is not None
    assert asked.day is not None
    return daily_reports.submit(
        actor=account,
        enterprise=enterprise,
        day=asked.day,
        form=asked.form,
        channel=Channel.API,
        received_at=at,
        based_on=asked.based_on,
        on_behalf=asked.on_behalf,
        confirmed=asked.confirmed,
        key=key,
        dry_run=dry_run,
    )


def _refuse(account: Account, asked: shapes.Submission, enterprise: Enterprise | None) -> None:
    """A body that does not say whose or which day it is; a foreign enterprise stays hidden all the same."""
    if enterprise is not None:
        division = access.division_on(enterprise, ground_access.today())
        is_called = asked.on_behalf is not None
        access.permit_filing(account, enterprise=enterprise, division=division, on_behalf=is_called)
    raise Invalid.of(asked.form.faults)
