"""What changed since: reports, days of totals and single totals in the one order in which the drain let them be seen (R14, R21).

Every object stands in the order once, at its latest change; so whoever comes back after a year reads each once. Versions
are given under the drain's lock, which is held until its transaction is over: whoever sees a version sees all before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast

from enterprises import access as ground
from enterprises.errors import Invalid
from enterprises.models import Account
from supplies import access, daily_totals, total_feed
from supplies.models import DayVersion, ReportVersion, ToldTotal
from supplies.total_feed import Place

DAY, REPORT, TOTAL = "day", "report", "total"
ABILITIES = {DAY: "totals:read", REPORT: "reports:read", TOTAL: "totals:read"}
USUAL = frozenset({DAY, REPORT})
"""Told where no kind is asked for; single totals are asked for by name, for they say in detail what a day says."""
LAST = "~"
"""Sorts after every kind: a cursor behind all that has its version."""

CURSOR = re.compile(r"([0-9]{1,18})\.(day|report|total|~|)\.([^\x00-\x20]{0,80})")


@dataclass(frozen=True)
class Cursor:
    """A place in the order: behind the object `key` of `kind` at `version`; by default before everything."""

    version: int = 0
    kind: str = ""
    key: str = ""

    def __str__(self) -> str:
        return f"{self.version}.{self.kind}.{self.key}"


def start(text: str) -> Cursor:
    """The place that a text names: empty = before everything, "now" = behind everything. Refuses invalid_cursor."""
    newest = daily_totals.newest_version()
    if text == "now":
        return Cursor(newest, LAST)
    found = CURSOR.fullmatch(text) if text else None
    if text and (found is None or int(found[1]) > newest):
        message = "游标不是这里给出的，或系统已恢复到更早的时候。请不带 cursor 从头读起。"
        raise Invalid(message, code="invalid_cursor", field="cursor")
    return Cursor(int(found[1]), found[2], found[3]) if found is not None else Cursor()


def after(account: Account, cursor: Cursor, *, kinds: set[str], most: int) -> list[Cursor]:
    """The next changes within reach, in order: `most` and one more if there are more. One statement, one moment."""
    parts = [
        rows.filter(_behind(cursor, kind)).values_list("version", "kind", "name")
        for kind, rows in (
            (DAY, _rows(DayVersion.objects.all(), DAY, "day")),
            (REPORT, _rows(ReportVersion.objects.filter(report__in=access.reports(account)), REPORT, "report_id")),
        )
        if kind in kinds and ground.may(account, ABILITIES[kind])
    ]
    if TOTAL in kinds and ground.may(account, ABILITIES[TOTAL]):
        told, reach = ToldTotal.objects.all(), total_feed.divisions(account)
        told = told if reach is None else told.filter(division__in=reach)
        parts.append(_rows(told, TOTAL, "cell").filter(_behind(cursor, TOTAL)).values_list("version", "kind", "name"))
    if REPORT in kinds and cursor.version == 0 and ground.may(account, ABILITIES[REPORT]):
        # reports from before the first drain, and such as wait for it, stand at the beginning
        unseen = access.reports(account).filter(changed__isnull=True).annotate(version=Value(0))
        behind = _rows(unseen, REPORT, "pk").filter(_behind(cursor, REPORT))
        parts.append(behind.values_list("version", "kind", "name"))
    if not parts:
        return []
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return [Cursor(*row) for row in rows.order_by("version", "kind", "name")[: most + 1]]


def answered(places: list[Cursor], most: int) -> list[Cursor]:
    """As many of the next changes as one answer holds: its single totals lie near each other, so that it is read at once."""
    return total_feed.within(places[:most], lambda place: Place.of(place.key).day if place.kind == TOTAL else None)


def _rows(rows: QuerySet[Any], kind: str, key: str) -> QuerySet[Any]:
    found: QuerySet[Any] = rows.annotate(kind=Value(kind, CharField()), name=Cast(F(key), CharField()))
    return found


def _behind(cursor: Cursor, kind: str) -> Q:
    later = Q(version__gt=cursor.version)
    if kind > cursor.kind:
        return later | Q(version=cursor.version)
    return later | Q(version=cursor.version, name__gt=cursor.key) if kind == cursor.kind else later
