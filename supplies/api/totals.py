"""Totals, the sources behind a number, and coverage, for other people's programs (R12, R14, R22)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises import workbooks
from enterprises.api.endpoint import Endpoint
from supplies import closings, coverage, daily_totals, sources, total_tables
from supplies.api import total_schemas as schemas
from supplies.api.selections import DAYS, FILTERS, PARAMETERS, filters, selection
from supplies.choices import Coverage, SnapshotKind
from supplies.coverage import Standing
from supplies.rules.csv_tables import csv_table
from supplies.rules.selection import Selection
from supplies.sources import Source
from supplies.total_tables import Scope, Table, base

FORMATS = ("json", "csv", "xlsx")


class JsonFirst(DefaultContentNegotiation):
    """`format` is a parameter of ours here; whatever a client accepts, refusals are JSON."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class TotalsEndpoint(Endpoint):
    """An answer from totals: marked with the moment it holds for, and not computed twice for one client."""

    content_negotiation_class = JsonFirst

    def marked(self, response: HttpResponseBase, at: dt.datetime | None) -> HttpResponseBase:
        """The answer with `Totals-As-Of`: everything recorded up to that moment is in."""
        response["Totals-As-Of"] = moment(at or daily_totals.complete_until())
        response["Cache-Control"] = "private, no-cache"
        return response


class Totals(TotalsEndpoint):
    """The table of totals."""

    abilities = {"GET": ("totals:read",)}
    parameters = (*PARAMETERS, "format")

    @extend_schema(
        operation_id="totals_list", summary="汇总", tags=["totals"],
        parameters=schemas.parameters(*PARAMETERS, "format"), responses=schemas.TOTALS,
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponseBase:
        asked, form = selection(self.query), self.query.choice("format", FORMATS) or "json"
        version = total_tables.fingerprint(request.user, asked)

        def build() -> HttpResponseBase:
            return FILES[form](total_tables.table(request.user, asked))

        return self.marked(self.unless_modified(version, build), asked.as_of)


class Sources(TotalsEndpoint):
    """The enterprises and revisions whose sum a number is."""

    abilities = {"GET": ("sources:read",)}
    parameters = (*PARAMETERS, "measure")
    is_paginated = True

    @extend_schema(
        operation_id="totals_sources_list", summary="数字的来源", tags=["totals"],
        parameters=schemas.parameters(*PARAMETERS, "measure", "page", "page_size"), responses=schemas.SOURCES,
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponseBase:
        asked, measure = selection(self.query), self.query.choice("measure", sources.MEASURES)
        version = total_tables.fingerprint(request.user, asked, "sources:read")

        def build() -> HttpResponseBase:
            scope = total_tables.settle(request.user, asked, "sources:read")
            found = behind(asked, scope, measure)
            response = self.paginated(found, lambda page: [source_row(source) for source in page])
            query = total_tables.echo(asked, scope, scope.at or daily_totals.complete_until())
            sums = [{**vars(s), **{name: base(getattr(s, name)) for name in FIGURES}} for s in sources.sums(found)]
            response.data = {"query": {**query, "measure": measure or None}, "sums": sums, **response.data}
            return response

        return self.marked(self.unless_modified(version, build), asked.as_of)


class CoverageList(TotalsEndpoint):
    """Where each enterprise stands on a day."""

    abilities = {"GET": ("coverage:read",)}
    parameters = ("date", *FILTERS, "status", "as_of")
    is_paginated = True

    @extend_schema(
        operation_id="coverage_list", summary="报送情况", tags=["totals"],
        parameters=schemas.parameters("date", *FILTERS, "status", "as_of", "page", "page_size"),
        responses=schemas.COVERAGE,
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponseBase:
        day = self.query.required_day("date")
        asked, status = filters(self.query, day, day), self.query.choice("status", Coverage.values)
        version = total_tables.fingerprint(request.user, asked, "coverage:read")

        def build() -> HttpResponseBase:
            scope = total_tables.settle(request.user, asked, "coverage:read")
            found = coverage.on(node=scope.node, day=day, products=scope.codes, at=scope.at)
            counts = Counter(standing.status for standing in found)
            chosen = [standing for standing in found if status in ("", standing.status)]
            response = self.paginated(chosen, lambda page: [standing_row(s, scope.traces) for s in page])
            query = total_tables.echo(asked, scope, scope.at or daily_totals.complete_until())
            named = ("date", "division", "division_name", "product", "category", "as_of", "provisional", "pending")
            response.data = {
                "query": {name: query[name] for name in named},
                "counts": {name: counts[name] for name in Coverage.values},
                **response.data,
            }
            return response

        return self.marked(self.unless_modified(version, build), asked.as_of)


def behind(asked: Selection, scope: Scope, measure: str) -> list[Source]:
    """Sources of a question, of today's figures or of those that were frozen."""
    common: dict[str, Any] = {"node": scope.node, "products": scope.codes, "licensed": asked.licensed}
    pooling = "product" not in asked.by
    if asked.basis != "current":
        kind = SnapshotKind.FINAL if asked.basis == "closed" else SnapshotKind.FLASH
        frozen = closings.snapshots.latest(kind, asked.first, asked.last, scope.at)
        moments = {day: snapshot.as_of for day, snapshot in frozen.items()}
        if measure == "output_cumulative":
            last = max(moments, default=None)
            return sources.cumulative(day=last, at=moments[last], **common) if last is not None else []
        found = sources.frozen(moments, pooling=pooling, **common)
    elif measure == "output_cumulative":
        return sources.cumulative(day=asked.last, at=scope.at, **common)
    else:
        found = sources.behind(first=asked.first, last=asked.last, at=scope.at, pooling=pooling, **common)
    return sources.only(found, measure) if measure else found


FIGURES = ("capacity", "output", "stock", "shipped")


def source_row(source: Source) -> dict[str, Any]:
    """One source as the API gives it, figures in base units."""
    return {
        "enterprise": source.uscc,
        "name": source.name,
        "division": source.division,
        "division_name": source.division_name,
        "date": source.day.isoformat(),
        "report": source.report_id,
        "revision": source.revision,
        "product": source.product_id,
        "category": source.category,
        "unit": source.unit,
        **{name: base(getattr(source, name)) for name in FIGURES},
        "kind": source.kind,
        "age": source.age,
        "counts": source.counts,
        "received_at": moment(source.received_at) if source.received_at is not None else None,
    }


def standing_row(standing: Standing, traces: bool) -> dict[str, Any]:
    """One enterprise's standing as the API gives it; figures only for those who may see sources (R22)."""
    first = standing.first_received_at
    known = [
        {"category": last.category, "unit": last.unit, "capacity": base(last.capacity)} for last in standing.last_known
    ]
    return {
        "enterprise": standing.uscc,
        "name": standing.name,
        "division": standing.division,
        "division_name": standing.division_name,
        "status": standing.status,
        "first_received_at": moment(first) if first is not None else None,
        "source_date": standing.source_day.isoformat() if standing.source_day is not None else None,
        "age": standing.age,
        "halted": standing.halted,
        "last_known": known if traces else None,
    }


def moment(at: dt.datetime) -> str:
    """A moment in Asia/Shanghai, with its offset."""
    return timezone.localtime(at).isoformat()


def as_json(table: Table) -> HttpResponseBase:
    return Response({"query": table.query, "rows": table.rows})


def as_csv(table: Table) -> HttpResponseBase:
    text = csv_table(total_tables.COLUMNS, ([row.get(name) for name in total_tables.COLUMNS] for row in table.rows))
    return file(text.encode(), "text/csv; charset=utf-8", "csv", table)


def as_xlsx(table: Table) -> HttpResponseBase:
    def cells(row: dict[str, Any]) -> list[Any]:
        days = {name: dt.date.fromisoformat(row[name]) for name in DAYS if row.get(name)}
        return [days.get(name, row.get(name)) for name in total_tables.COLUMNS]

    notes = [f"{name}: {value}" for name, value in table.query.items()]
    book = workbooks.workbook("totals", total_tables.COLUMNS, map(cells, table.rows), notes=notes)
    return file(book, workbooks.CONTENT_TYPE, "xlsx", table)


def file(content: bytes, kind: str, ending: str, table: Table) -> HttpResponseBase:
    name = f"totals-{table.query['division']}-{table.query['date'] or table.query['to']}.{ending}"
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


FILES = {"json": as_json, "csv": as_csv, "xlsx": as_xlsx}
