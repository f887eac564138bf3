"""Outputs, shipments and openings of many days, as known at a moment: what flows and cumulatives are made of (R9, R11).

One set-based statement over revisions and facts. What was made counts where its enterprise stood on that day, an
opening where it stood on the opening's day (R15); with `licensed` only what was licensed on its own day (R18).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from supplies.day_state import believed, latest, returned, typed
from supplies.models import ProductFact
from supplies.rules.tree_epochs import Share

KEYS = {"product": "product.code", "category": "product.category_id", "group": "product.group_id"}
"""What names the cell of a product in each grain."""

Cell = tuple[str, str, str]
"""Division, key and unit of a cell."""


@dataclass(frozen=True)
class Output:
    """An opening (no revision), or what one report says of a day's output and shipments; thousandths or None."""

    kind: str
    enterprise_id: int
    division: str
    day: dt.date
    product_id: str
    revision_id: int | None
    output: int | None
    shipped: int | None


def values(rows: Iterable[tuple[Any, ...]], kinds: tuple[str, ...], name: str, params: dict[str, Any]) -> str:
    """The rows of a VALUES list; their parameters are added to `params` under names that begin with `name`."""
    lines = []
    for number, row in enumerate(rows):
        params |= {f"{name}{number}_{column}": value for column, value in enumerate(row)}
        cells = (typed(f"%({name}{number}_{column})s", kind) for column, kind in enumerate(kinds))
        lines.append(f"({', '.join(cells)})")
    return f"VALUES {', '.join(lines)}" if lines else f"SELECT {', '.join(['NULL'] * len(kinds))} WHERE 1 = 0"


def share_values(shares: Iterable[Share], params: dict[str, Any]) -> str:
    """Columns node, leaf, first_day, last_day."""
    date = connection.ops.adapt_datefield_value
    rows = ((share.node, share.leaf, date(share.first), date(share.last)) for share in shares)
    return values(rows, ("varchar", "varchar", "date", "date"), "share", params)


def among(column: str, wanted: Collection[Any] | None, name: str, params: dict[str, Any]) -> str:
    """The condition that the column is one of the wanted values; None = any, empty = none."""
    if wanted is None:
        return "1 = 1"
    params |= {f"{name}{number}": value for number, value in enumerate(wanted)}
    return f"{column} IN ({', '.join(f'%({name}{n})s' for n in range(len(wanted))) or 'NULL'})"


def statement(
    *, shares: list[Share], since: dt.date, until: dt.date, at: dt.datetime | None, grain: str,
    keys: Collection[str] | None, licensed: bool,
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    """Common table expressions that end in `part`: one row per opening or output that counts to a division."""
    date, moment = connection.ops.adapt_datefield_value, connection.ops.adapt_datetimefield_value
    params: dict[str, Any] = {"since": date(since), "until": date(until), "at": moment(at) if at is not None else None}
    licensing = "SELECT NULL, NULL, NULL, NULL WHERE 1 = 0"
    licence = "1 = 1"
    if licensed:
        rows = [
            (fact.product_id, kind, date(fact.starts_on), date(fact.ends_on or dt.date.max))
            for fact in ProductFact.objects.believed(at)
            for kind in fact.certificate_kinds
        ]
        licensing = values(rows, ("varchar", "varchar", "date", "date"), "kind", params)
        licence = f"""EXISTS (
          SELECT 1 FROM supplies_certificateproduct cp JOIN enterprises_certificate c ON c.id = cp.certificate_id
          JOIN licensing ON licensing.product_id = cp.product_id AND licensing.kind = c.kind
            AND made.day BETWEEN licensing.first_day AND licensing.last_day
          WHERE c.enterprise_id = made.enterprise_id AND cp.product_id = made.product_id
            AND {believed("cp", at)} AND {believed("c", at)} AND c.status = 'valid'
            AND c.valid_from <= made.day AND (c.valid_to IS NULL OR c.valid_to >= made.day))"""
    return (
        f"""
WITH share(node, leaf, first_day, last_day) AS ({share_values(shares, params)}),
licensing(product_id, kind, first_day, last_day) AS ({licensing}),
wanted AS (
  SELECT product.code, {KEYS[grain]} AS key, product.base_unit AS unit FROM supplies_product product
  WHERE {KEYS[grain]} IS NOT NULL AND {among(KEYS[grain], keys, "key", params)}),
made(kind, enterprise_id, day, product_id, revision_id, output, shipped) AS (
  SELECT 'report', r.enterprise_id, r.day, l.product_id, v.id, l.output, l.shipped
  FROM supplies_dailyreport r JOIN supplies_revision v ON v.report_id = r.id
  JOIN supplies_reportline l ON l.revision_id = v.id
  WHERE r.day BETWEEN %(since)s AND %(until)s AND {latest("v", at)} AND NOT {returned("v", at)}
  UNION ALL
  SELECT 'opening', d.enterprise_id, d.starts_on, d.product_id, {typed("NULL", "bigint")}, d.opening_output,
    {typed("NULL", "bigint")}
  FROM supplies_reportingduty d
  WHERE {believed("d", at)} AND d.starts_on BETWEEN %(since)s AND %(until)s AND d.opening_output IS NOT NULL),
part AS (
  SELECT share.node, share.leaf, wanted.key, wanted.unit, made.*
  FROM made JOIN wanted ON wanted.code = made.product_id
  JOIN enterprises_placement p ON p.enterprise_id = made.enterprise_id AND {believed("p", at)}
    AND p.starts_on <= made.day AND (p.ends_on IS NULL OR p.ends_on >= made.day)
  JOIN share ON share.leaf = p.division_id AND made.day BETWEEN share.first_day AND share.last_day
  WHERE {licence})
""",
        params,
    )


def sums(
    *, shares: list[Share], until: dt.date, at: dt.datetime | None, grain: str,
    keys: Collection[str] | None = None, licensed: bool = False,
) -> dict[Cell, int]:  # fmt: skip
    """Cumulative output of each cell up to and including `until`, in thousandths."""
    cte, params = statement(
        shares=shares, since=dt.date.min, until=until, at=at, grain=grain, keys=keys, licensed=licensed
    )
    total = "CAST(COALESCE(SUM(output), 0) AS bigint)"
    with connection.cursor() as cursor:
        cursor.execute(f"{cte} SELECT node, key, unit, {total} FROM part GROUP BY node, key, unit", params)
        return {(node, key, unit): made for node, key, unit, made in cursor.fetchall()}


def parts(
    *, shares: list[Share], since: dt.date = dt.date.min, until: dt.date, at: dt.datetime | None,
    products: Collection[str] | None = None, licensed: bool = False,
) -> list[Output]:  # fmt: skip
    """The reports and openings of the days whose outputs and shipments make a sum, the latest first."""
    cte, params = statement(
        shares=shares, since=since, until=until, at=at, grain="product", keys=products, licensed=licensed
    )
    columns = "kind, enterprise_id, leaf, day, product_id, revision_id, output, shipped"
    order = "day DESC, leaf, enterprise_id, product_id, kind"
    with connection.cursor() as cursor:
        cursor.execute(f"{cte} SELECT {columns} FROM part ORDER BY {order}", params)
        rows = cursor.fetchall()
    return [
        Output(kind, enterprise, leaf, as_day(day), product, revision, output, shipped)
        for kind, enterprise, leaf, day, product, revision, output, shipped in rows
    ]


def as_day(value: dt.date | str) -> dt.date:
    """SQLite gives days of derived columns as text."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value
