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

from supplies import reporting_settings
from supplies.models import DailyTotal, ProductFact
from supplies.models.daily_total import COUNTS, GIVEN, SUMS

COLUMNS: tuple[str, ...] = (
    "day", "division_id", "grain", "key", "unit", "licensed", *SUMS, *GIVEN, *COUNTS, "questions_open", "shared",
)  # fmt: skip
"""Columns of a total as the kernel gives them, in order; the names are those of DailyTotal."""

PAIR_COLUMNS: tuple[str, ...] = (
    "enterprise_id", "division_id", "product_id", "kind", "owed", "on_time", "first_received_at", "revision_id",
    "source_day", "capacity", "output", "stock", "shipped", "last_known", "opening", "halted", "licensed", "pool",
    "questions",
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
    questions: int


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


def returned(revision: str, at: dt.datetime | None, *, supposing: bool = False) -> str:
    """The latest decision on `revision` by the moment returned it (R7); `supposing`: or it is %(supposed)s."""
    supposed = f"{revision}.id = %(supposed)s OR " if supposing else ""
    return (
        f"({supposed}EXISTS (SELECT 1 FROM supplies_decision said WHERE said.revision_id = {revision}.id"
        f" AND said.kind = 'returned' AND {recorded('said', at)} AND NOT EXISTS (SELECT 1 FROM supplies_decision later"
        f" WHERE later.revision_id = said.revision_id AND later.id > said.id AND {recorded('later', at)})))"
    )


def open_questions(line: str, at: dt.datetime | None) -> str:
    """How many questions about a line of a revision nobody had answered by the moment (R20)."""
    return (
        f"(SELECT COUNT(*) FROM supplies_question q WHERE q.revision_id = {line}.revision_id"
        f" AND q.product_id = {line}.product_id AND NOT EXISTS (SELECT 1 FROM supplies_confirmation answer"
        f" WHERE answer.question_id = q.id AND {recorded('answer', at)}))"
    )


def stands(enterprise: str, at: dt.datetime | None) -> str:
    """Joins the reporting unit on which `enterprise` stands on the day, with its settings (`leaf`)."""
    return (
        f"JOIN enterprises_placement p ON p.enterprise_id = {enterprise} AND {holds('p', at)}"
        f" JOIN leaf ON leaf.division_id = p.division_id"
    )


def pairs_cte(at: dt.datetime | None, leaves: str, kinds: str, *, supposing: bool = False) -> str:
    """The common table expressions that end in `pair`; see the module's text for its kinds.

    What is owed, said, returned, opened, licensed and pooled about one enterprise and product is laid side by side
    (`claim`) by grouping, not by joining: neither database has to guess the size of what it would have to join.
    """
    return f"""
WITH leaf(division_id, cut_off_at, carry_from) AS (VALUES {leaves}),
licensing(product_id, kind) AS ({kinds}),
filed AS MATERIALIZED (
  -- the latest revision of every report of the day and of the days it may carry from
  SELECT r.enterprise_id, leaf.division_id, r.day, r.first_received_at, v.id AS revision_id,
    CASE WHEN v.state = 'halted' THEN 1 ELSE 0 END AS halted,
    CASE WHEN r.first_received_at < leaf.cut_off_at THEN 1 ELSE 0 END AS on_time,
    CASE WHEN {returned("v", at, supposing=supposing)} THEN 1 ELSE 0 END AS returned
  FROM supplies_dailyreport r JOIN supplies_revision v ON v.report_id = r.id {stands("r.enterprise_id", at)}
  WHERE r.day BETWEEN %(floor)s AND %(day)s AND r.day >= leaf.carry_from AND {latest("v", at)}),
speaking AS MATERIALIZED (
  -- the counted report that speaks for the enterprise: the day's own, else the latest that carries (R10)
  SELECT * FROM (
    SELECT filed.*, ROW_NUMBER() OVER (PARTITION BY enterprise_id ORDER BY day DESC) AS age
    FROM filed WHERE returned = 0) AS ranked
  WHERE age = 1),
claim AS MATERIALIZED (
  SELECT enterprise_id, MAX(division_id) AS division_id, product_id, MAX(owed) AS owed, MAX(exempted) AS exempted,
    MAX(said) AS said, MAX(on_time) AS on_time, MAX(first_received_at) AS first_received_at,
    MAX(revision_id) AS revision_id, MAX(source_day) AS source_day, MAX(capacity) AS capacity, MAX(output) AS output,
    MAX(stock) AS stock, MAX(shipped) AS shipped, MAX(halted) AS halted, MAX(returned_id) AS returned_id,
    MAX(returned_at) AS returned_at, MAX(opening) AS opening, MAX(licensed) AS licensed, MAX(pool) AS pool,
    MAX(questions) AS questions
  FROM (
    SELECT duty.enterprise_id, duty.division_id, duty.product_id, 1 - duty.exempted AS owed, duty.exempted, 0 AS said,
      0 AS on_time, {{moment}} AS first_received_at, {{number}} AS revision_id, {{nodate}} AS source_day,
      {{number}} AS capacity, {{number}} AS output, {{number}} AS stock, {{number}} AS shipped, 0 AS halted,
      {{number}} AS returned_id, {{moment}} AS returned_at, {{number}} AS opening, 0 AS licensed, {{text}} AS pool,
      0 AS questions
    FROM (
      SELECT d.enterprise_id, leaf.division_id, d.product_id, CASE WHEN EXISTS (
        SELECT 1 FROM supplies_exemption x WHERE x.enterprise_id = d.enterprise_id
        AND (x.product_id IS NULL OR x.product_id = d.product_id) AND {holds("x", at)}) THEN 1 ELSE 0 END AS exempted
      FROM supplies_reportingduty d {stands("d.enterprise_id", at)} WHERE {holds("d", at)}) AS duty
    UNION ALL
    SELECT s.enterprise_id, s.division_id, l.product_id, 0, 0, 1, s.on_time, s.first_received_at, s.revision_id, s.day,
      l.capacity, l.output, l.stock, l.shipped, s.halted, NULL, NULL, NULL, 0, NULL, {open_questions("l", at)}
    FROM speaking s JOIN supplies_reportline l ON l.revision_id = s.revision_id
    UNION ALL
    SELECT s.enterprise_id, s.division_id, NULL, 0, 0, 1, s.on_time, s.first_received_at, s.revision_id, s.day,
      NULL, NULL, NULL, NULL, s.halted, NULL, NULL, NULL, 0, NULL, 0
    FROM speaking s
    UNION ALL
    SELECT f.enterprise_id, f.division_id, l.product_id, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0,
      f.revision_id, f.first_received_at, NULL, 0, NULL, 0
    FROM filed f LEFT JOIN supplies_reportline l ON l.revision_id = f.revision_id
    WHERE f.returned = 1 AND f.day = %(day)s
    UNION ALL
    SELECT d.enterprise_id, leaf.division_id, d.product_id, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0,
      NULL, NULL, d.opening_output, 0, NULL, 0
    FROM supplies_reportingduty d {stands("d.enterprise_id", at)}
    WHERE {believed("d", at)} AND d.starts_on = %(day)s AND d.opening_output IS NOT NULL
    UNION ALL
    SELECT c.enterprise_id, NULL, cp.product_id, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0,
      NULL, NULL, NULL, 1, NULL, 0
    FROM supplies_certificateproduct cp JOIN enterprises_certificate c ON c.id = cp.certificate_id
    JOIN licensing ON licensing.product_id = cp.product_id AND licensing.kind = c.kind
    WHERE {believed("cp", at)} AND {believed("c", at)} AND c.status = 'valid'
      AND c.valid_from <= %(day)s AND (c.valid_to IS NULL OR c.valid_to >= %(day)s)
    UNION ALL
    SELECT m.enterprise_id, NULL, m.product_id, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0,
      NULL, NULL, NULL, 0, m.pool, 0
    FROM supplies_poolmember m WHERE {holds("m", at)}) AS side_by_side
  GROUP BY enterprise_id, product_id),
missing AS MATERIALIZED (
  SELECT claim.*, CASE WHEN product_id IS NOT NULL THEN (
      SELECT l.id FROM supplies_reportline l JOIN supplies_revision v ON v.id = l.revision_id
      WHERE l.enterprise_id = claim.enterprise_id AND l.product_id = claim.product_id AND l.day < %(day)s
        AND {latest("v", at)} AND NOT {returned("v", at, supposing=supposing)}
      ORDER BY l.day DESC LIMIT 1) END AS last_line_id,
    CASE WHEN product_id IS NULL THEN (
      SELECT v.id FROM supplies_dailyreport r JOIN supplies_revision v ON v.report_id = r.id
      WHERE r.enterprise_id = claim.enterprise_id AND r.day < %(day)s AND {latest("v", at)}
        AND NOT {returned("v", at, supposing=supposing)}
      ORDER BY r.day DESC LIMIT 1) END AS last_revision_id
  FROM claim WHERE owed = 1 AND said = 0),
pair(
  enterprise_id, division_id, product_id, kind, owed, on_time, first_received_at, revision_id, source_day,
  capacity, output, stock, shipped, last_known, opening, halted, licensed, pool, questions) AS MATERIALIZED (
  SELECT enterprise_id, division_id, product_id, 'reported', owed, on_time, first_received_at, revision_id, source_day,
    capacity, output, stock, shipped, {{number}}, {{number}}, halted, licensed, pool, questions
  FROM claim WHERE said = 1 AND source_day = %(day)s
  UNION ALL
  SELECT enterprise_id, division_id, product_id, 'carried', 1, 0, {{moment}}, revision_id, source_day,
    capacity, {{number}}, stock, {{number}}, capacity, {{number}}, 0, licensed, pool, 0
  FROM claim WHERE said = 1 AND source_day < %(day)s AND owed = 1
  UNION ALL
  SELECT m.enterprise_id, m.division_id, m.product_id,
    CASE WHEN l.id IS NULL AND m.last_revision_id IS NULL THEN 'never' ELSE 'stale' END, 1, 0, {{moment}},
    COALESCE(l.revision_id, m.last_revision_id), l.day, {{number}}, {{number}}, {{number}}, {{number}}, l.capacity,
    {{number}}, 0, m.licensed, m.pool, 0
  FROM missing m LEFT JOIN supplies_reportline l ON l.id = m.last_line_id
  UNION ALL
  SELECT enterprise_id, division_id, product_id, 'returned', 0, 0, returned_at, returned_id, {{day}},
    {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, 0, licensed, pool, 0
  FROM claim WHERE returned_id IS NOT NULL
  UNION ALL
  SELECT enterprise_id, division_id, product_id, 'exempted', 0, 0, {{moment}}, {{number}}, {{nodate}},
    {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, 0, licensed, pool, 0
  FROM claim WHERE exempted = 1 AND owed = 0
  UNION ALL
  SELECT enterprise_id, division_id, product_id, 'opening', 0, 0, {{moment}}, {{number}}, {{day}},
    {{number}}, {{number}}, {{number}}, {{number}}, {{number}}, opening, 0, licensed, pool, 0
  FROM claim WHERE opening IS NOT NULL)
"""


TOLD: dict[str, str] = {
    "capacity": "capacity",
    "capacity_carried": "CASE WHEN kind = 'carried' THEN capacity END",
    "output": "output",
    "opening": "opening",
    "stock": "stock",
    "stock_carried": "CASE WHEN kind = 'carried' THEN stock END",
    "shipped": "shipped",
    "utilisation_output": "CASE WHEN kind = 'reported' AND capacity IS NOT NULL THEN output END",
    "utilisation_capacity": "CASE WHEN kind = 'reported' AND output IS NOT NULL THEN capacity END",
    "last_known": "CASE WHEN kind IN ('carried', 'stale') THEN last_known END",
    "questions": "questions",
}
"""What a pair adds to each sum. In a sum over products the levels of a pool's members are taken once (R17a)."""

ONCE_IN_A_POOL = ("capacity", "capacity_carried", "utilisation_capacity", "last_known")

FLAGS: dict[str, str] = {
    "owed": "owed",
    "on_time": "on_time",
    "halted": "halted",
    "reported": "CASE WHEN kind = 'reported' THEN 1 ELSE 0 END",
    "carried": "CASE WHEN kind = 'carried' THEN 1 ELSE 0 END",
    "stale": "CASE WHEN kind = 'stale' THEN 1 ELSE 0 END",
    "returned": "CASE WHEN kind = 'returned' THEN 1 ELSE 0 END",
    "shared": "CASE WHEN pool IS NULL OR kind IN ('returned', 'opening') THEN 0 ELSE 1 END",
}
"""What a pair says about its enterprise in a cell; an enterprise counts once however many products it has there."""


def listed(columns: dict[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in columns.items())


def totals_cte() -> str:
    """The expressions from `pair` to `one`: what one enterprise adds to one cell (R12b).

    A cell of one product needs no grouping by enterprise: its pairs are its enterprises. Cells of several products do,
    and within them pools before that.
    """
    names = [*TOLD, *FLAGS]
    cell = "grain, key, unit, only_licensed, division_id, enterprise_id"
    largest = {n: f"MAX({n})" if n in ONCE_IN_A_POOL or n in FLAGS else f"SUM({n})" for n in names}
    summed = {n: f"MAX({n})" if n in FLAGS else f"SUM({n})" for n in names}
    # the last known capacity is that of the unreported: nothing where the enterprise reported in the cell
    summed["last_known"] = "CASE WHEN MAX(reported) = 0 THEN SUM(last_known) END"
    nothing = {n: typed("NULL", "bigint") for n in TOLD} | {"questions": "SUM(questions)"}
    present = {n: f"MAX({n})" for n in FLAGS} | {"shared": "0"}
    return f""",
once(n) AS (VALUES (0), (1)),
told AS (
  SELECT enterprise_id, division_id, product_id, kind, licensed, pool, {listed(TOLD | FLAGS)}
  FROM pair WHERE kind <> 'exempted'),
figure AS MATERIALIZED (
  SELECT cell.grain, cell.key, cell.unit, once.n AS only_licensed, told.* FROM told
  JOIN (
    SELECT 'category' AS grain, category_id AS key, base_unit AS unit, code FROM supplies_product
    UNION ALL SELECT 'group', group_id, base_unit, code FROM supplies_product WHERE group_id IS NOT NULL
  ) AS cell ON cell.code = told.product_id
  JOIN once ON once.n <= told.licensed),
one AS (
  SELECT 'product' AS grain, p.code AS key, p.base_unit AS unit, once.n AS only_licensed, division_id, enterprise_id,
    {", ".join(names)}
  FROM told JOIN supplies_product p ON p.code = told.product_id JOIN once ON once.n <= told.licensed
  UNION ALL
  SELECT {cell}, {listed(summed)} FROM (
    SELECT {cell}, {", ".join(names)} FROM figure WHERE pool IS NULL
    UNION ALL
    SELECT {cell}, {listed(largest)} FROM figure WHERE pool IS NOT NULL GROUP BY {cell}, pool) AS shared_once
  GROUP BY {cell}
  UNION ALL
  SELECT 'all', '', '', 0, division_id, enterprise_id, {listed(nothing)}, {listed(present)}
  FROM told WHERE kind <> 'opening' GROUP BY division_id, enterprise_id)
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


def prepared(day: dt.date, at: dt.datetime | None, *, without: int | None = None) -> tuple[str, dict[str, Any]] | None:
    """The expressions up to `pair`, and their parameters; None where no reporting unit stands on the day.

    `without`: a revision (by id) supposed to be returned.
    """
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
    cte = pairs_cte(at, ", ".join(rows), licensing, supposing=without is not None)
    params["supposed"] = without
    blanks = {
        "{day}": typed("%(day)s", "date"),
        "{number}": typed("NULL", "bigint"),
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
    columns = [
        *(f"CAST(SUM({sources[name]}) AS bigint)" for name in SUMS),
        *(f"CAST(COUNT({GIVEN_AS[name]}) AS integer)" for name in GIVEN),
        *(f"CAST(SUM(CASE WHEN {EXPECTED_AS[name]} THEN 1 ELSE 0 END) AS integer)" for name in COUNTS),
    ]
    return (
        f"{cte}{totals_cte()} SELECT {typed('%(day)s', 'date')}, division_id, grain, key, unit, (only_licensed = 1),"
        f" {', '.join(columns)}, CAST(SUM(questions) AS integer), (MAX(shared) = 1)"
        " FROM one GROUP BY division_id, grain, key, unit, only_licensed"
    )


def totals(day: dt.date, at: dt.datetime | None = None, *, without: int | None = None) -> list[dict[str, Any]]:
    """Totals of the day's reporting units as known at `at` (None: now), by COLUMNS; nothing is stored.

    `without`: a revision supposed to be returned, for who wants to know beforehand what a return would do.
    """
    ready = prepared(day, at, without=without)
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
        cursor.execute(f"INSERT INTO supplies_dailytotal ({', '.join(COLUMNS)}) " + totals_sql(cte), params)
        return int(cursor.rowcount)


def repeat(day: dt.date, first: dt.date, last: dt.date) -> None:
    """Store the totals of `day` again for each day from first to last, in place of theirs: quiet days are alike."""
    DailyTotal.objects.filter(day__range=(first, last))._raw_delete(DailyTotal.objects.db)
    adapt = connection.ops.adapt_datefield_value
    days = [first + dt.timedelta(days=offset) for offset in range((last - first).days + 1)]
    params: dict[str, Any] = {f"d{number}": adapt(at) for number, at in enumerate(days)}
    rows = ", ".join(f"({typed(f'%(d{number})s', 'date')})" for number in range(len(days)))
    others = ", ".join(f"t.{column}" for column in COLUMNS[1:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO supplies_dailytotal ({', '.join(COLUMNS)}) WITH again(day) AS (VALUES {rows})"
            f" SELECT again.day, {others} FROM supplies_dailytotal t CROSS JOIN again WHERE t.day = %(day)s",
            params | {"day": adapt(day)},
        )


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
