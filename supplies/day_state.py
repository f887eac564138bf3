"""The kernel: the state of a day as known at a moment, computed from revisions and facts alone (R14, R23).

One set-based statement serves the drain (write the totals), reads of an earlier moment (`as_of`), the sources of a
number (R22) and the check of the stored totals. It knows pairs first: what one enterprise says, or owes, about one
product on the day. Totals are sums over pairs.

Kinds of pairs
    reported    the counted report of the day has a line for the product
    carried     no counted report of the day; the latest one within carry_days has a line (R10)
    stale       owed, nothing carries, but there is a counted line on an earlier day (R12)
    never       owed, and there is none at all
    returned    the latest revision of the day is returned: it does not count (R7)
    exempted    a duty covers the day and an exemption suspends it (R2); in no total
    opening     output made before reporting began, on its day (R11)
Pairs without product stand for the report as a whole (duties for state and staff only, reports without lines).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from enterprises.models import DivisionFact
from supplies import reporting_settings
from supplies.models import DailyTotal, ProductFact
from supplies.models.daily_total import COUNTS, GIVEN, SUMS

COLUMNS: tuple[str, ...] = (
    "day", "division_id", "grain", "key", "unit", "licensed", *SUMS, *GIVEN, *COUNTS, "shared",
)  # fmt: skip
"""Columns of a total as the kernel gives them, in order; the names are those of DailyTotal."""

PAIR_COLUMNS: tuple[str, ...] = (
    "enterprise_id", "division_id", "product_id", "kind", "owed", "on_time", "first_received_at", "revision_id",
    "source_day", "capacity", "output", "stock", "shipped", "last_known", "opening", "halted", "licensed", "pool",
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """One enterprise and one product (or None) on the day; figures in thousandths of the base unit."""

    enterprise_id: int
    division_id: str
    product_id: str | None
    kind: str
    owed: bool
    on_time: bool
    first_received_at: dt.datetime | None
    revision_id: int | None
    source_day: dt.date | None
    capacity: int | None
    output: int | None
    stock: int | None
    shipped: int | None
    last_known: int | None
    opening: int | None
    halted: bool
    licensed: bool
    pool: str | None


def believed(alias: str, at: dt.datetime | None) -> str:
    """The rows of a fact table believed at the moment; None = now."""
    if at is None:
        return f"{alias}.known_until IS NULL"
    return f"({alias}.known_at <= %(at)s AND ({alias}.known_until IS NULL OR {alias}.known_until > %(at)s))"


def holds(alias: str, at: dt.datetime | None) -> str:
    """The rows of a fact table that hold on the day, as believed at the moment."""
    span = f"{alias}.starts_on <= %(day)s AND ({alias}.ends_on IS NULL OR {alias}.ends_on >= %(day)s)"
    return f"({believed(alias, at)} AND {span})"


def recorded(alias: str, at: dt.datetime | None) -> str:
    return "1 = 1" if at is None else f"{alias}.recorded_at <= %(at)s"


def latest(revision: str, at: dt.datetime | None) -> str:
    """`revision` is the newest of its report recorded by the moment."""
    return (
        f"{recorded(revision, at)} AND NOT EXISTS (SELECT 1 FROM supplies_revision newer"
        f" WHERE newer.report_id = {revision}.report_id AND newer.number > {revision}.number"
        f" AND {recorded('newer', at)})"
    )


def returned(revision: str, at: dt.datetime | None) -> str:
    """The latest decision on `revision` by the moment returned it (R7)."""
    return (
        f"EXISTS (SELECT 1 FROM supplies_decision said WHERE said.revision_id = {revision}.id"
        f" AND said.kind = 'returned' AND {recorded('said', at)} AND NOT EXISTS (SELECT 1 FROM supplies_decision later"
        f" WHERE later.revision_id = said.revision_id AND later.id > said.id AND {recorded('later', at)}))"
    )


def pairs_cte(at: dt.datetime | None, leaves: str, kinds: str) -> str:
    """The common table expressions that end in `pair`; see the module's text for its kinds."""
    return f"""
WITH leaf(division_id, cut_off_at, carry_from) AS (VALUES {leaves}),
licensing(product_id, kind) AS ({kinds}),
stood AS MATERIALIZED (
  SELECT p.enterprise_id, p.division_id, leaf.cut_off_at, leaf.carry_from
  FROM enterprises_placement p JOIN leaf ON leaf.division_id = p.division_id
  WHERE {holds("p", at)}),
duty AS (
  SELECT d.enterprise_id, d.product_id, EXISTS (
    SELECT 1 FROM supplies_exemption x WHERE x.enterprise_id = d.enterprise_id
    AND (x.product_id IS NULL OR x.product_id = d.product_id) AND {holds("x", at)}) AS exempted
  FROM supplies_reportingduty d WHERE {holds("d", at)}),
owed AS MATERIALIZED (
  SELECT DISTINCT duty.enterprise_id, duty.product_id, stood.division_id
  FROM duty JOIN stood ON stood.enterprise_id = duty.enterprise_id WHERE NOT duty.exempted),
filed AS MATERIALIZED (
  SELECT r.enterprise_id, r.day, r.first_received_at, v.id AS revision_id, v.state,
    CASE WHEN {returned("v", at)} THEN 1 ELSE 0 END AS returned
  FROM supplies_dailyreport r JOIN supplies_revision v ON v.report_id = r.id
  WHERE r.day BETWEEN %(floor)s AND %(day)s AND {latest("v", at)}),
today AS MATERIALIZED (
  SELECT filed.*, stood.division_id,
    CASE WHEN filed.first_received_at < stood.cut_off_at THEN 1 ELSE 0 END AS on_time,
    CASE WHEN filed.state = 'halted' THEN 1 ELSE 0 END AS halted
  FROM filed JOIN stood ON stood.enterprise_id = filed.enterprise_id WHERE filed.day = %(day)s),
counted AS (SELECT * FROM today WHERE returned = 0),
source AS MATERIALIZED (
  SELECT filed.enterprise_id, MAX(filed.day) AS day
  FROM filed JOIN stood ON stood.enterprise_id = filed.enterprise_id
  WHERE filed.returned = 0 AND filed.day < %(day)s AND filed.day >= stood.carry_from
    AND NOT EXISTS (SELECT 1 FROM counted WHERE counted.enterprise_id = filed.enterprise_id)
  GROUP BY filed.enterprise_id),
carrying AS MATERIALIZED (
  SELECT filed.enterprise_id, filed.day, filed.revision_id
  FROM source JOIN filed ON filed.enterprise_id = source.enterprise_id AND filed.day = source.day),
said AS MATERIALIZED (
  SELECT c.enterprise_id, c.division_id, l.product_id, c.revision_id, c.first_received_at, c.on_time, c.halted,
    l.capacity, l.output, l.stock, l.shipped
  FROM counted c JOIN supplies_reportline l ON l.revision_id = c.revision_id),
unsaid AS MATERIALIZED (
  SELECT owed.enterprise_id, owed.product_id, owed.division_id, carrying.revision_id, carrying.day,
    l.id AS line_id, l.capacity, l.stock
  FROM owed
  LEFT JOIN said ON said.enterprise_id = owed.enterprise_id AND said.product_id = owed.product_id
  LEFT JOIN carrying ON carrying.enterprise_id = owed.enterprise_id
  LEFT JOIN supplies_reportline l ON l.revision_id = carrying.revision_id AND l.product_id = owed.product_id
  WHERE owed.product_id IS NOT NULL AND said.enterprise_id IS NULL),
missing AS MATERIALIZED (
  SELECT unsaid.enterprise_id, unsaid.product_id, unsaid.division_id, (
    SELECT l.id FROM supplies_reportline l JOIN supplies_revision v ON v.id = l.revision_id
    WHERE l.enterprise_id = unsaid.enterprise_id AND l.product_id = unsaid.product_id AND l.day < %(day)s
      AND {latest("v", at)} AND NOT {returned("v", at)}
    ORDER BY l.day DESC LIMIT 1) AS last_line_id
  FROM unsaid WHERE unsaid.line_id IS NULL),
known(
  enterprise_id, division_id, product_id, kind, owed, on_time, first_received_at, revision_id, source_day,
  capacity, output, stock, shipped, last_known, opening, halted) AS (
  SELECT said.enterprise_id, said.division_id, said.product_id, 'reported',
    CASE WHEN owed.enterprise_id IS NULL THEN 0 ELSE 1 END, said.on_time, said.first_received_at, said.revision_id,
    {{day}}, said.capacity, said.output, said.stock, said.shipped, {{number}}, {{number}}, said.halted
  FROM said LEFT JOIN owed ON owed.enterprise_id = said.enterprise_id AND owed.product_id = said.product_id
  UNION ALL
  SELECT enterprise_id, division_id, product_id, 'carried', 1, 0, {{moment}}, revision_id, day,
    capacity, {{number}}, stock, {{number}}, capacity, {{number}}, 0
  FROM unsaid WHERE line_id IS NOT NULL
  UNION ALL
  SELECT m.enterprise_id, m.division_id, m.product_id, CASE WHEN l.id IS NULL THEN 'never' ELSE 'stale' END, 1, 0,
    {{moment}}, l.revision_id, l.day, {{number}}, {{number}}, {{number}}, {{number}}, l.capacity, {{number}}, 0
  FROM missing m LEFT JOIN supplies_reportline l ON l.id = m.last_line_id
  UNION ALL
  SELECT t.enterprise_id, t.division_id, l.product_id, 'returned', 0, 0, t.first_received_at, t.revision_id, t.day,
    {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, 0
  FROM today t LEFT JOIN supplies_reportline l ON l.revision_id = t.revision_id WHERE t.returned = 1
  UNION ALL
  SELECT DISTINCT duty.enterprise_id, stood.division_id, duty.product_id, 'exempted', 0, 0, {{moment}}, {{whole}},
    {{nodate}}, {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, 0
  FROM duty JOIN stood ON stood.enterprise_id = duty.enterprise_id WHERE duty.exempted
  UNION ALL
  SELECT d.enterprise_id, stood.division_id, d.product_id, 'opening', 0, 0, {{moment}}, {{whole}}, d.starts_on,
    {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, d.opening_output, 0
  FROM supplies_reportingduty d JOIN stood ON stood.enterprise_id = d.enterprise_id
  WHERE {believed("d", at)} AND d.starts_on = %(day)s AND d.opening_output IS NOT NULL
  UNION ALL
  SELECT c.enterprise_id, c.division_id, {{text}}, 'reported', CASE WHEN owed.enterprise_id IS NULL THEN 0 ELSE 1 END,
    c.on_time, c.first_received_at, c.revision_id, c.day, {{number}}, {{number}}, {{number}}, {{number}}, {{number}},
    {{number}}, c.halted
  FROM counted c LEFT JOIN owed ON owed.enterprise_id = c.enterprise_id AND owed.product_id IS NULL
  UNION ALL
  SELECT owed.enterprise_id, owed.division_id, {{text}}, CASE WHEN carrying.enterprise_id IS NOT NULL THEN 'carried'
    WHEN EXISTS (SELECT 1 FROM supplies_dailyreport r JOIN supplies_revision v ON v.report_id = r.id
      WHERE r.enterprise_id = owed.enterprise_id AND r.day < %(day)s AND {latest("v", at)} AND NOT {returned("v", at)})
    THEN 'stale' ELSE 'never' END, 1, 0, {{moment}}, carrying.revision_id, carrying.day,
    {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, 0
  FROM owed LEFT JOIN counted c ON c.enterprise_id = owed.enterprise_id
  LEFT JOIN carrying ON carrying.enterprise_id = owed.enterprise_id
  WHERE owed.product_id IS NULL AND c.enterprise_id IS NULL),
licence AS MATERIALIZED (
  SELECT DISTINCT c.enterprise_id, cp.product_id
  FROM supplies_certificateproduct cp JOIN enterprises_certificate c ON c.id = cp.certificate_id
  JOIN licensing ON licensing.product_id = cp.product_id AND licensing.kind = c.kind
  WHERE {believed("cp", at)} AND {believed("c", at)} AND c.status = 'valid'
    AND c.valid_from <= %(day)s AND (c.valid_to IS NULL OR c.valid_to >= %(day)s)),
pooled AS MATERIALIZED (
  SELECT m.enterprise_id, m.product_id, m.pool FROM supplies_poolmember m WHERE {holds("m", at)}),
pair AS MATERIALIZED (
  SELECT known.*, CASE WHEN licence.enterprise_id IS NULL THEN 0 ELSE 1 END AS licensed, pooled.pool
  FROM known
  LEFT JOIN licence ON licence.enterprise_id = known.enterprise_id AND licence.product_id = known.product_id
  LEFT JOIN pooled ON pooled.enterprise_id = known.enterprise_id AND pooled.product_id = known.product_id)
"""


TOTALS = """,
cell(grain, key, unit, only_licensed, code) AS (
  SELECT 'product', p.code, p.base_unit, n.n, p.code FROM supplies_product p CROSS JOIN once n
  UNION ALL SELECT 'category', p.category_id, p.base_unit, n.n, p.code FROM supplies_product p CROSS JOIN once n
  UNION ALL SELECT 'group', p.group_id, p.base_unit, n.n, p.code FROM supplies_product p CROSS JOIN once n
    WHERE p.group_id IS NOT NULL),
figure AS (
  SELECT cell.grain, cell.key, cell.unit, cell.only_licensed, pair.*
  FROM pair JOIN cell ON cell.code = pair.product_id AND cell.only_licensed <= pair.licensed
  WHERE pair.kind <> 'exempted'
  UNION ALL
  SELECT 'all', '', '', 0, pair.* FROM pair WHERE pair.kind NOT IN ('exempted', 'opening')),
shared_once AS (
  -- R17a: within one enterprise and cell, a pool counts with its largest member
  SELECT grain, key, unit, only_licensed, division_id, enterprise_id,
    MAX(capacity) AS capacity, MAX(CASE WHEN kind = 'carried' THEN capacity END) AS capacity_carried,
    SUM(output) AS output, SUM(opening) AS opening, SUM(stock) AS stock,
    SUM(CASE WHEN kind = 'carried' THEN stock END) AS stock_carried, SUM(shipped) AS shipped,
    SUM(CASE WHEN kind = 'reported' AND capacity IS NOT NULL THEN output END) AS utilisation_output,
    MAX(CASE WHEN kind = 'reported' AND output IS NOT NULL THEN capacity END) AS utilisation_capacity,
    MAX(last_known) AS last_known, MAX(owed) AS owed, MAX(on_time) AS on_time, MAX(halted) AS halted,
    MAX(CASE WHEN kind = 'reported' THEN 1 ELSE 0 END) AS reported,
    MAX(CASE WHEN kind = 'carried' THEN 1 ELSE 0 END) AS carried,
    MAX(CASE WHEN kind = 'stale' THEN 1 ELSE 0 END) AS stale,
    MAX(CASE WHEN kind = 'returned' THEN 1 ELSE 0 END) AS returned,
    MAX(CASE WHEN pool IS NULL OR kind IN ('returned', 'opening') THEN 0 ELSE 1 END) AS shared
  FROM figure
  GROUP BY grain, key, unit, only_licensed, division_id, enterprise_id, COALESCE('@' || pool, product_id)),
one AS (
  SELECT grain, key, unit, only_licensed, division_id, enterprise_id,
    CASE WHEN grain <> 'all' THEN SUM(capacity) END AS capacity,
    CASE WHEN grain <> 'all' THEN SUM(capacity_carried) END AS capacity_carried,
    CASE WHEN grain <> 'all' THEN SUM(output) END AS output,
    CASE WHEN grain <> 'all' THEN SUM(opening) END AS opening,
    CASE WHEN grain <> 'all' THEN SUM(stock) END AS stock,
    CASE WHEN grain <> 'all' THEN SUM(stock_carried) END AS stock_carried,
    CASE WHEN grain <> 'all' THEN SUM(shipped) END AS shipped,
    CASE WHEN grain <> 'all' THEN SUM(utilisation_output) END AS utilisation_output,
    CASE WHEN grain <> 'all' THEN SUM(utilisation_capacity) END AS utilisation_capacity,
    CASE WHEN grain <> 'all' AND MAX(reported) = 0 THEN SUM(last_known) END AS last_known,
    MAX(owed) AS owed, MAX(on_time) AS on_time, MAX(halted) AS halted, MAX(reported) AS reported,
    MAX(carried) AS carried, MAX(stale) AS stale, MAX(returned) AS returned,
    CASE WHEN grain <> 'all' THEN MAX(shared) ELSE 0 END AS shared
  FROM shared_once GROUP BY grain, key, unit, only_licensed, division_id, enterprise_id)
SELECT {day}, division_id, grain, key, unit, (only_licensed = 1), {sums}, {given}, {counts}, {shared}
FROM one GROUP BY division_id, grain, key, unit, only_licensed
"""

EXPECTED_AS = {
    "expected": "owed = 1",
    "reported": "owed = 1 AND reported = 1",
    "on_time": "owed = 1 AND reported = 1 AND on_time = 1",
    "late": "owed = 1 AND reported = 1 AND on_time = 0",
    "carried": "owed = 1 AND reported = 0 AND carried = 1",
    "stale": "owed = 1 AND reported = 0 AND carried = 0 AND stale = 1",
    "never": "owed = 1 AND reported = 0 AND carried = 0 AND stale = 0",
    "unexpected": "owed = 0 AND reported = 1",
    "halted": "reported = 1 AND halted = 1",
    "returned": "returned = 1",
}
"""R12 over one enterprise in one cell: reported, else its best class. The parts make the whole without clamping."""

GIVEN_AS = {
    "capacity_given": "capacity", "output_given": "output", "stock_given": "stock", "shipped_given": "shipped",
    "utilisation_given": "utilisation_capacity",
}  # fmt: skip


def typed(expression: str, kind: str) -> str:
    """A cast where PostgreSQL needs to be told a type; SQLite has none to tell."""
    return f"CAST({expression} AS {kind})" if connection.vendor == "postgresql" else expression


def prepared(day: dt.date, at: dt.datetime | None) -> tuple[str, dict[str, Any]] | None:
    """The expressions up to `pair`, and their parameters; None where no reporting unit stands on the day."""
    units = reporting_settings.on(day, at)
    if not units:
        return None
    moment, date = connection.ops.adapt_datetimefield_value, connection.ops.adapt_datefield_value
    params: dict[str, Any] = {"day": date(day), "at": moment(at) if at is not None else None}
    rows, floor = [], day
    for number, (code, unit) in enumerate(sorted(units.items())):
        carry_from = day - dt.timedelta(days=unit.carry_days)
        floor = min(floor, carry_from)
        params |= {f"c{number}": code, f"m{number}": moment(unit.cut_off_at), f"d{number}": date(carry_from)}
        rows.append(
            f"({typed(f'%(c{number})s', 'varchar')}, {typed(f'%(m{number})s', 'timestamptz')},"
            f" {typed(f'%(d{number})s', 'date')})"
        )
    params["floor"] = date(floor)
    kinds = []
    facts = ProductFact.objects.believed(at).on(day).values_list("product_id", "certificate_kinds")
    for number, (product, kind) in enumerate((p, k) for p, listed in facts for k in listed):
        params |= {f"p{number}": product, f"k{number}": kind}
        kinds.append(f"({typed(f'%(p{number})s', 'varchar')}, {typed(f'%(k{number})s', 'varchar')})")
    licensing = f"VALUES {', '.join(kinds)}" if kinds else "SELECT '', '' WHERE 1 = 0"
    cte = pairs_cte(at, ", ".join(rows), licensing)
    blanks = {
        "{day}": typed("%(day)s", "date"),
        "{number}": typed("NULL", "bigint"),
        "{whole}": typed("NULL", "bigint"),
        "{moment}": typed("NULL", "timestamptz"),
        "{nodate}": typed("NULL", "date"),
        "{text}": typed("NULL", "varchar"),
    }
    for blank, value in blanks.items():
        cte = cte.replace(blank, value)
    return cte, params


def totals_sql(cte: str) -> str:
    """The statement that gives the totals of the day's reporting units, in the order of COLUMNS."""
    sources = {name: "last_known" if name == "last_known_of_unreported" else name for name in SUMS}
    return cte + ", once(n) AS (VALUES (0), (1))" + TOTALS.format(
        day=typed("%(day)s", "date"),
        sums=", ".join(f"CAST(SUM({sources[name]}) AS bigint)" for name in SUMS),
        given=", ".join(f"CAST(COUNT({GIVEN_AS[name]}) AS integer)" for name in GIVEN),
        counts=", ".join(f"CAST(SUM(CASE WHEN {EXPECTED_AS[n]} THEN 1 ELSE 0 END) AS integer)" for n in COUNTS),
        shared="(MAX(shared) = 1)",
    )


def totals(day: dt.date, at: dt.datetime | None = None) -> list[dict[str, Any]]:
    """Totals of the day's reporting units as known at `at` (None: now), by COLUMNS; nothing is stored."""
    ready = prepared(day, at)
    if ready is None:
        return []
    cte, params = ready
    with connection.cursor() as cursor:
        cursor.execute(totals_sql(cte), params)
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row["day"], row["licensed"], row["shared"] = day, bool(row["licensed"]), bool(row["shared"])
    return rows


def write(day: dt.date) -> int:
    """Replace the stored totals of the day by the computed ones. Gives the number of rows. Call in a transaction."""
    DailyTotal.objects.filter(day=day)._raw_delete(DailyTotal.objects.db)
    ready = prepared(day, None)
    if ready is None:
        return 0
    cte, params = ready
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO supplies_dailytotal ({', '.join(COLUMNS)}) " + totals_sql(cte), params
        )
        return int(cursor.rowcount)


def pairs(
    day: dt.date,
    at: dt.datetime | None = None,
    *,
    divisions: Iterable[str] | None = None,
    products: Iterable[str] | None = None,
    enterprises: Iterable[int] | None = None,
) -> list[Pair]:
    """The pairs of the day within the given reporting units, products (those without product stay out) or enterprises."""
    ready = prepared(day, at)
    if ready is None:
        return []
    cte, params = ready
    where = ["1 = 1"]
    for column, wanted in (("division_id", divisions), ("product_id", products), ("enterprise_id", enterprises)):
        if wanted is not None:
            names = []
            for number, value in enumerate(wanted):
                params[f"{column}{number}"] = value
                names.append(f"%({column}{number})s")
            where.append(f"pair.{column} IN ({', '.join(names) or 'NULL'})")
    with connection.cursor() as cursor:
        cursor.execute(f"{cte} SELECT {', '.join(PAIR_COLUMNS)} FROM pair WHERE {' AND '.join(where)}", params)
        found = cursor.fetchall()
    return [read_pair(row) for row in found]


def read_pair(row: tuple[Any, ...]) -> Pair:
    """One row as a Pair; SQLite gives days and moments as text."""
    values = dict(zip(PAIR_COLUMNS, row, strict=True))
    for name in ("owed", "on_time", "halted", "licensed"):
        values[name] = bool(values[name])
    if isinstance(values["source_day"], str):
        values["source_day"] = dt.date.fromisoformat(values["source_day"])
    if isinstance(values["first_received_at"], str):
        moment = dt.datetime.fromisoformat(values["first_received_at"])
        values["first_received_at"] = moment.replace(tzinfo=dt.UTC)
    return Pair(**values)
