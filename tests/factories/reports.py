"""Daily reports for tests that look at them from outside: rows as `submit` leaves them, without its questions."""

from __future__ import annotations

import datetime as dt

from enterprises.models import Enterprise, StaleMark
from supplies import daily_totals
from supplies.models import DailyReport, ReportLine, Revision

HERE = dt.timezone(dt.timedelta(hours=8))

Said = tuple[int | None, int | None, int | None]


def at(day: dt.date, hour: float) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), HERE) + dt.timedelta(hours=hour)


def report(
    enterprise: Enterprise, day: dt.date, lines: dict[str, Said], *, hour: float = 9, state: str = "running"
) -> Revision:
    """One more revision of (enterprise, day), received at `hour` of it; lines = {product: (capacity, output, stock)} in base units."""
    moment = at(day, hour)
    filed, _ = DailyReport.objects.get_or_create(enterprise=enterprise, day=day, defaults={"first_received_at": moment})
    number = filed.revisions.count() + 1
    revision = Revision.objects.create(
        report=filed, number=number, received_at=moment, recorded_at=moment, channel="web", based_on=number - 1 or None,
        state=state, figures_sha256="0" * 64,
    )  # fmt: skip
    ReportLine.objects.bulk_create(
        ReportLine(
            revision=revision, enterprise=enterprise, day=day, product_id=product,
            **{
                name: None if n is None else n * 1000
                for name, n in zip(("capacity", "output", "stock"), said, strict=True)
            },
        )
        for product, said in lines.items()
    )  # fmt: skip
    DailyReport.objects.filter(pk=filed.pk).update(head=revision)
    StaleMark.objects.create(from_day=day, to_day=None, cause="report")
    return revision


def summed() -> None:
    """Drain what waits, so that the pages show it."""
    daily_totals.refresh_all()
