"""Courses: what single enterprises said over the last days, for the small lines beside their names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import F

from supplies.models import PoolMember, ReportLine

SPARK_DAYS = 14


def capacities(
    *, enterprises: Collection[int], products: Collection[str], until: dt.date, days: int = SPARK_DAYS
) -> dict[int, list[int | None]]:
    """Reported capacity of each enterprise over `products`, one value per day up to `until`; None = not reported.

    Latest revisions only; members of a pool count once, with the largest (R17a). Returned reports leave a gap only in
    the totals, not here. Two queries.
    """
    first = until - dt.timedelta(days=days - 1)
    pools = {
        (m.enterprise_id, m.product_id): m.pool
        for m in PoolMember.objects.believed().on(until).filter(enterprise__in=enterprises, product__in=products)
    }
    lines = ReportLine.objects.filter(
        enterprise__in=enterprises, product__in=products, day__range=(first, until), capacity__isnull=False
    ).filter(revision=F("revision__report__head"))
    said: dict[tuple[int, dt.date], dict[str, int]] = {}
    for enterprise, day, product, capacity in lines.values_list("enterprise_id", "day", "product_id", "capacity"):
        shares = said.setdefault((enterprise, day), {})
        key = f"@{pools[enterprise, product]}" if (enterprise, product) in pools else product
        shares[key] = max(shares.get(key, 0), capacity or 0)
    span = [first + dt.timedelta(days=n) for n in range(days)]
    return {enterprise: [total(said.get((enterprise, day))) for day in span] for enterprise in enterprises}


def total(shares: dict[str, int] | None) -> int | None:
    """What the lines of one day make together; None where there are none."""
    return sum(shares.values()) if shares else None


def by_product(
    *, enterprise: int, products: Collection[str], until: dt.date, days: int = SPARK_DAYS
) -> dict[str, list[int | None]]:
    """Reported capacity of one enterprise, each product by itself, one value per day up to `until`. One query."""
    first = until - dt.timedelta(days=days - 1)
    lines = ReportLine.objects.filter(
        enterprise=enterprise, product__in=products, day__range=(first, until), revision=F("revision__report__head")
    )
    said = {(code, day): capacity for code, day, capacity in lines.values_list("product_id", "day", "capacity")}
    return {code: [said.get((code, first + dt.timedelta(days=n))) for n in range(days)] for code in products}
