"""The change feed: every report and every day of totals that changed since a cursor."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises.api.endpoint import Endpoint
from enterprises.api.schema import parameter
from supplies import access, change_feed
from supplies.api.reports import heads
from supplies.api.serializers import FeedAnswer
from supplies.change_feed import DAY, REPORT, Cursor
from supplies.daily_reports.description import moment
from supplies.models import DayVersion

USUAL, MOST = 100, 500


class ChangeFeed(Endpoint):
    """Changes in their order, and the cursor to ask with next time; with nothing new the cursor stays the same."""

    abilities = {"GET": ("reports:read", "totals:read")}
    parameters = ("cursor", "kind", "limit")

    @extend_schema(
        operation_id="changes_list",
        summary="变动：自游标以来变了的日报和汇总日",
        tags=["changes"],
        parameters=[
            parameter("cursor", "上次回答里的 cursor；不写 = 从头；now = 从现在起"),
            parameter("kind", "只要其中一种", enum=[DAY, REPORT]),
            parameter("limit", f"最多几条，默认 {USUAL}，至多 {MOST}", int),
        ],
        responses=FeedAnswer,
    )
    def get(self, request: Request) -> Response:
        limit = min(self.query.whole("limit", default=USUAL), MOST)
        kind, begin = self.query.choice("kind", (DAY, REPORT)), change_feed.start(self.query.text("cursor"))
        found = change_feed.after(self.account, begin, kinds={kind} if kind else {DAY, REPORT}, most=limit)
        shown = found[:limit]
        return Response(
            {
                "results": self._rows(shown),
                "cursor": str(shown[-1] if shown else begin),
                "more": len(found) > limit,
            }
        )

    def _rows(self, places: list[Cursor]) -> list[dict[str, Any]]:
        """Each change with what it is about; the reports whole, as they stand now."""
        days = DayVersion.objects.in_bulk([place.key for place in places if place.kind == DAY])
        computed = {day.isoformat(): moment(row.computed_at) for day, row in days.items()}
        numbers = [int(place.key) for place in places if place.kind == REPORT]
        reports = access.reports(self.account).filter(pk__in=numbers).values_list("pk", "head_id")
        latest = dict(reports)
        described = dict(zip(latest, heads([(head,) for head in latest.values()]), strict=True))
        rows: list[dict[str, Any]] = []
        for place in places:
            said: dict[str, Any] = {"kind": place.kind, "version": place.version}
            if place.kind == DAY and place.key in computed:
                address = f"{reverse('api:totals')}?date={place.key}"
                rows.append(said | {"date": place.key, "as_of": computed[place.key], "url": address})
            elif place.kind == REPORT and int(place.key) in described:
                report = described[int(place.key)]
                address = reverse("api:report", args=[place.key])
                rows.append(said | {"date": report["date"], "report": report, "url": address})
        return rows
