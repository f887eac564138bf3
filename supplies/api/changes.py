"""The change feed: every report, every day of totals, every single total that changed since a cursor."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises.api.endpoint import Endpoint
from enterprises.api.schema import parameter
from supplies import access, change_feed, total_feed
from supplies.api.reports import heads
from supplies.api.serializers import FeedAnswer
from supplies.change_feed import DAY, REPORT, TOTAL, Cursor
from supplies.daily_reports.description import moment
from supplies.models import DayVersion
from supplies.total_feed import Place

USUAL, MOST = 100, 500
PATIENCE = {"now": 10.0}
"""Seconds for bringing single totals up to date before an answer; whoever begins with "now" wants all behind it."""


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
            parameter(
                "kind",
                "只要其中一种。不写 = day 和 report；total = 逐格给出变了的汇总：日期、区划（各级都有）、产品和 /totals/ 的那一行，"
                "row 为 null 表示这一格没有了。类别和持证口径按 day 的地址再读",
                enum=[DAY, REPORT, TOTAL],
            ),
            parameter("limit", f"最多几条，默认 {USUAL}，至多 {MOST}", int),
        ],
        responses=FeedAnswer,
    )
    def get(self, request: Request) -> Response:
        limit = min(self.query.whole("limit", default=USUAL), MOST)
        kind, cursor = self.query.choice("kind", (DAY, REPORT, TOTAL)), self.query.text("cursor")
        is_told = kind != TOTAL or total_feed.tell(seconds=PATIENCE.get(cursor, 1.0))
        begin = change_feed.start(cursor)
        found = change_feed.after(self.account, begin, kinds={kind} if kind else set(change_feed.USUAL), most=limit)
        shown = change_feed.answered(found, limit)
        return Response(
            {
                "results": self._totals(shown) if kind == TOTAL else self._rows(shown),
                "cursor": str(shown[-1] if shown else begin),
                "more": len(found) > len(shown) or not is_told,
            }
        )

    def _totals(self, places: list[Cursor]) -> list[dict[str, Any]]:
        """Each single total that changed with its row as it is now; null = it is not there any more."""
        known = total_feed.read(self.account, [Place.of(place.key) for place in places])
        rows = []
        for place in places:
            cell = Place.of(place.key)
            if cell in known:
                said = {"kind": TOTAL, "version": place.version, "date": cell.day.isoformat()}
                said |= {"division": cell.division, "product": cell.product, "row": known[cell]}
                address = f"{reverse('api:totals')}?date={cell.day}&division={cell.division}&product={cell.product}"
                rows.append(said | {"url": address})
        return rows

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
