"""Files of daily reports: the rows of one enterprise and day form one report (R3, R5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas
from django.db import transaction
from django.utils import timezone

from enterprises import files
from enterprises.errors import Conflict, Refused
from enterprises.facts import Change
from enterprises.files import BadRows, Column, Imported, Problem, Row, Table
from enterprises.imports import USCC, by_code
from enterprises.models import Account, Enterprise
from enterprises.rules import cells
from enterprises.rules.names import folded
from supplies import daily_reports, products, reporting_settings
from supplies.choices import GIVEN, STATED, STATED_LABEL, Channel, ProductionState
from supplies.daily_reports import Confirm, Outcome
from supplies.imports.obligations import PRODUCT, written
from supplies.models import DailyReport
from supplies.rules import quantities
from supplies.rules.catalogue import Catalogue
from supplies.rules.figures import PEOPLE, Figures, ProductFigures

HEADS = ("state", "staff_due", "staff_on_duty", "note", "reason", "caller")
"""What a report says once, whichever of its rows says it."""

OF_REPORTS = (
    Column("date", ("日期", "填报日", "填报日期"), cells.day, True),
    USCC,
    Column("name", ("企业名称", "企业", "单位名称")),
    Column("state", ("生产状态", "状态"), cells.text),
    Column("product", PRODUCT),
    Column("capacity", ("日产能", "产能", "当日产能"), cells.whatever, takes_unit=True),
    Column("output", ("当日产量", "产量", "日产量"), cells.whatever, takes_unit=True),
    Column("stock", ("库存", "期末库存"), cells.whatever, takes_unit=True),
    Column("shipped", ("发货", "调出", "发货量"), cells.whatever, takes_unit=True),
    Column("received", ("收货", "入库"), cells.whatever, takes_unit=True),
    Column("used", ("耗用", "消耗"), cells.whatever, takes_unit=True),
    Column(STATED, (STATED_LABEL, "累计产量", "自报累计产量", "累计"), cells.whatever, takes_unit=True),
    Column("unit", ("单位", "计量单位")),
    Column("staff_due", ("应到岗", "应到岗人数"), cells.whatever, takes_unit=True),
    Column("staff_on_duty", ("实到岗", "实到岗人数", "到岗人数"), cells.whatever, takes_unit=True),
    Column("note", ("说明", "备注")),
    Column("confirmation", ("确认说明",)),
    Column("reason", ("更正理由", "更正原因")),
)
LONGEST_REASON = 200


def import_reports(
    *,
    actor: Account | None,
    content: bytes,
    name: str,
    received_at: dt.datetime | None = None,
    replace: bool = False,
    reason: str = "",
    seen: Callable[[list[Row], Outcome, Change], None] | None = None,
) -> Imported:
    """date, uscc, state, product, measures, unit, staff, note, reason; one row per line of a report. All or nothing.

    Takes: received_at for history from before the system went live (administrator): it becomes both moments of every
    report; replace = also make new revisions of reports that came by another channel; reason = why, for rows that do not
    say it themselves; seen = told of every report.
    Gives: how many reports are new, got a new revision, or were so already.
    Refuses: BadFile; BadRows, where a report of another channel would be replaced, and whatever `submit` refuses.
    """
    if received_at is not None:
        # whether a snapshot forbids it depends on the day: `submit` asks again for each report
        reporting_settings.refuse_backdating(
            actor=actor, moment=received_at, field="received_at", day=timezone.localdate() + dt.timedelta(days=1)
        )
    table = files.read(content, name, OF_REPORTS)
    reports = _Reports(actor, table, received_at, replace, reason)
    done = Imported(ignored=table.ignored, notices=list(table.notices), noun="份日报")
    problems = list(table.problems)
    with transaction.atomic():
        for rows in grouped(table):
            try:
                outcome, change = reports.submit(rows)
                done.count(change)
                if seen is not None:
                    seen(rows, outcome, change)
            except BadRows as refused:
                problems += refused.problems
        if problems:
            raise BadRows(problems, table.notices)
    return done


@dataclass(frozen=True)
class Read:
    """One report as its rows say it; `lines` are the rows that name a product, in the order of the form's lines."""

    enterprise: Enterprise
    day: dt.date
    form: Figures
    rows: list[Row]
    lines: list[Row]
    confirmed: tuple[Confirm, ...]
    reason: str
    caller: str


class Reading:
    """The reports that the rows of a table make; enterprises are asked for once. Every channel of files reads by it."""

    unknown = "没有登记这家企业"

    def __init__(self, table: Table) -> None:
        self.named, self.units, self.unit = table.named, table.units, table.unit
        self.enterprises = by_code(table)
        self.catalogue = products.catalogue()

    def report(self, rows: list[Row]) -> Read:
        """The report that the rows make; refuses BadRows."""
        enterprise = self.enterprises.get(rows[0]["uscc"])
        if enterprise is None:
            raise BadRows([self.problem(row, "uscc", self.unknown, "unknown_enterprise") for row in rows])
        form, lines, head = self._figures(rows)
        confirmed = tuple(
            Confirm(line.product, row["confirmation"][:500])
            for line, row in zip(form.lines, lines, strict=True)
            if row["confirmation"]
        )
        reason, caller = head.get("reason", "").strip(), head.get("caller", "").strip()
        if len(reason) > LONGEST_REASON:
            row = next(row for row in rows if row["reason"])
            raise BadRows([self.problem(row, "reason", f"最多 {LONGEST_REASON} 字", "too_long")])
        return Read(enterprise, rows[0]["date"], form, rows, lines, confirmed, reason, caller)

    def _figures(self, rows: list[Row]) -> tuple[Figures, list[Row], dict[str, Any]]:
        """The submission, the row of each of its lines, what is said once. Refuses rows that contradict each other."""
        problems: list[Problem] = []
        head: dict[str, Any] = {}
        said: dict[str, str] = {}
        for row in rows:
            for key in HEADS:
                if row[key] is None:
                    continue
                head.setdefault(key, row[key])
                if said.setdefault(key, row.shown[key]) != row.shown[key]:
                    reason = f"与第 {rows[0].number} 行起同一份日报的不同"
                    problems.append(self.problem(row, key, reason, "contradicts"))
        state = _state(head.get("state"))
        if state is None:
            reason = f"可写 {'、'.join(dict(ProductionState.choices).values())}"
            problems += [self.problem(row, "state", reason, "unknown_state") for row in rows if row["state"]]
        lines = [row for row in rows if row["product"] is not None]
        for row in rows:
            stray = next((key for key in GIVEN if row["product"] is None and row[key] is not None), None)
            if stray:
                problems.append(self.problem(row, "product", "有数字却没有写产品", "required"))
            problems += self._unit_problems(row)
        if problems:
            raise BadRows(problems)
        form = Figures(
            state=state or ProductionState.RUNNING,
            lines=tuple(_line(self.catalogue, row, self.units, self.unit) for row in lines),
            note=head.get("note", ""),
            staff_due=quantities.attempt(written, head["staff_due"]) if "staff_due" in head else None,
            staff_on_duty=quantities.attempt(written, head["staff_on_duty"]) if "staff_on_duty" in head else None,
        )
        return form, lines, head

    def _unit_problems(self, row: Row) -> list[Problem]:
        """Heads are counted in heads; a unit stands in one place."""
        found = []
        for key in ("staff_due", "staff_on_duty"):
            if row[key] is not None and self.units.get(key, "人") not in PEOPLE:
                reason = f"人数不能按“{self.units[key]}”计，请写成人"
                found.append(self.problem(row, key, reason, "unknown_unit"))
        told = [unit for key, unit in self.units.items() if key in GIVEN and row[key] is not None]
        other = next((unit for unit in told if row["unit"] and folded(row["unit"]) != folded(unit)), None)
        if other is not None:
            found.append(self.problem(row, "unit", f"表头写的单位是“{other}”，请只留一处", "two_units"))
        return found

    def explained(self, refused: Refused, read: Read) -> list[Problem]:
        """A refusal of the report as problems of its rows."""
        rows, lines, found = read.rows, read.lines, []
        for error in refused.errors:
            row, key = rows[0], error.field
            if error.field.startswith("lines["):
                at, _, key = error.field[len("lines[") :].partition("].")
                row = lines[int(at)] if int(at) < len(lines) else rows[0]
                if key == "unit" and row["unit"] is None:
                    # said by a head: the message names the unit
                    key = next((k for k, unit in self.units.items() if f"“{unit}”" in error.message), key)
            elif key in HEADS:
                row = next((row for row in rows if row[key] is not None), row)
            elif key == "lines":
                key = "product"
            key = {"enterprise": "uscc", "based_on": "date"}.get(key, key)
            reason = error.message.rstrip("。")
            if error.code == "held":
                reason += "数字没错的话，请在“确认说明”列写明原因" if reason.endswith("？") else "，写在“确认说明”列"
            found.append(self.problem(row, key, reason, error.code))
        return found

    def problem(self, row: Row, key: str, reason: str, code: str) -> Problem:
        return Problem(row.number, self.named.get(key, ""), row.shown.get(key, ""), reason, code)


class _Reports(Reading):
    """The reports of an ordinary file, filed one by one; latest revisions are asked for once."""

    def __init__(
        self, actor: Account | None, table: Table, received_at: dt.datetime | None, replace: bool, reason: str
    ) -> None:
        super().__init__(table)
        self.actor = actor
        self.recorded_at = received_at
        self.received_at = received_at or timezone.now()
        self.replace, self.reason = replace, reason
        heads = DailyReport.objects.filter(
            day__in={row["date"] for row in table.rows},
            enterprise__in=list(self.enterprises.values()),
            head__isnull=False,
        )
        self.heads = {
            (enterprise, day): (number, channel)
            for enterprise, day, number, channel in heads.values_list(
                "enterprise_id", "day", "head__number", "head__channel"
            )
        }

    def submit(self, rows: list[Row]) -> tuple[Outcome, Change]:
        """File the report that the rows make; refuses BadRows."""
        read = self.report(rows)
        number, channel = self.heads.get((read.enterprise.pk, read.day), (None, None))
        may_replace = self.replace or channel in (None, Channel.FILE)
        try:
            outcome = daily_reports.submit(
                actor=self.actor,
                enterprise=read.enterprise,
                day=read.day,
                form=read.form,
                channel=Channel.FILE,
                received_at=self.received_at,
                recorded_at=self.recorded_at,
                based_on=number if may_replace else None,
                confirmed=read.confirmed,
                change_reason=read.reason or self.reason,
            )
        except Refused as refused:
            raise BadRows(self._other_channel(refused, read, channel) or self.explained(refused, read)) from None
        if outcome.status == 200:
            return outcome, "unchanged"
        return outcome, "changed" if number is not None else "added"

    def _other_channel(self, refused: Refused, read: Read, channel: str | None) -> list[Problem]:
        """What to say where the report came by another channel, and was not to be replaced."""
        if not isinstance(refused, Conflict) or refused.code != Conflict.code:
            return []
        label = Channel(channel).label if channel else "别处"
        reason = f"这一天已有{label}提交的日报，数字不同；确要替换请加 --replace"
        return [self.problem(read.rows[0], "date", reason, "other_channel")]


def grouped(table: Table) -> Iterable[list[Row]]:
    """Rows by report, earlier days first, so that a figure is judged by those before it; else in the file's order.

    A report of which a row could not be read is left out: it would be judged for what it lacks.
    """
    spoiled = {(row["date"], row["uscc"]) for row in table.spoiled}
    listed = [row for row in table.rows if (row["date"], row["uscc"]) not in spoiled]
    if not listed:
        return
    frame = pandas.DataFrame({"day": [r["date"] for r in listed], "uscc": [r["uscc"] for r in listed]})
    frame["first"] = frame.groupby(["day", "uscc"], sort=False)["uscc"].transform(lambda group: group.index[0])
    for _, group in frame.sort_values(["day", "first"], kind="stable").groupby(["day", "first"], sort=False):
        yield [listed[at] for at in group.index]


def _state(said: str | None) -> str | None:
    """The production state of a word, Chinese or English; running where nothing is said; None for another word."""
    if said is None:
        return ProductionState.RUNNING
    try:
        return {"停产": ProductionState.HALTED.value}.get(said) or cells.one_of(dict(ProductionState.choices))(said)
    except ValueError:
        return None


def _line(catalogue: Catalogue, row: Row, units: dict[str, str], unit: str) -> ProductFigures:
    entry = catalogue.find(row["product"])
    given = {key: quantities.attempt(written, row[key]) for key in GIVEN if row[key] is not None}
    return ProductFigures(
        product=entry.code if entry else row["product"], figures=given, unit=row["unit"] or unit, units=units
    )
