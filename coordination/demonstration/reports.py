"""The daily reports of the demonstration city: headers, revisions, lines, limits, in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db.models import OuterRef, Subquery

from coordination.demonstration.people import Accounts
from coordination.rules.demonstration import LAST, figures
from coordination.rules.demonstration.calendar import Calendar
from coordination.rules.demonstration.figures import Course, Figures
from coordination.rules.demonstration.filings import Filing, Filings
from coordination.rules.demonstration.makers import HALT, Maker
from enterprises.models import Account, ProductionLine
from supplies.choices import STATED, Channel, LimitReason, LineRunState, ProductionState
from supplies.models import DailyReport, Limit, LineRun, Product, ReportLine, Revision
from supplies.rules.figures import LimitLine, Line, Statement
from supplies.rules.line_runs import Run

SINCE = LAST - 13
"""First day on which some say how each line runs, and what they think they have made in all."""
TRIED = 2
"""Days before its start on which a line is tried out."""
UNCOUNTED = 12_000
"""Pieces made on trial that two enterprises count and nobody else does."""
CAUSES = (LimitReason.MATERIAL, LimitReason.LABOUR, LimitReason.LOGISTICS, LimitReason.EQUIPMENT)
WORDS = {
    LimitReason.MATERIAL: "熔喷布到货不足", LimitReason.LABOUR: "部分员工尚在返岗途中",
    LimitReason.LOGISTICS: "原料车在途受阻", LimitReason.EQUIPMENT: "焊接头更换",
}  # fmt: skip


def lay(
    calendar: Calendar,
    makers: Sequence[Maker],
    keys: dict[int, int],
    accounts: Accounts,
    filed: Filings,
    course: Course,
) -> int:
    """Store everything filed; gives the number of reports. What is recorded was recorded as it was received."""
    by_number, units = {m.number: m for m in makers}, dict(Product.objects.values_list("code", "base_unit"))
    order = sorted(filed, key=lambda cell: (cell[1], filed[cell].received, cell[0]))
    stored = DailyReport.objects.bulk_create(
        DailyReport(
            enterprise_id=keys[number],
            day=calendar.day(day),
            first_received_at=calendar.moment(filed[number, day].received),
        )
        for number, day in order
    )
    told: list[tuple[Revision, Statement]] = []
    plants = {(line.enterprise_id, line.name): line.pk for line in ProductionLine.objects.all()}
    made: dict[tuple[int, str], int] = {}
    for report, (number, day) in zip(stored, order, strict=True):
        maker, filing = by_number[number], filed[number, day]
        said = course.of(maker, day)
        runs, stated = _runs(maker, day, filing, keys[number], plants), _stated(maker, day, said, made)
        versions = [said] if len(filing.moments) == 1 else [figures.as_first_filed(said, number, day), said]
        for place, (at, version) in enumerate(zip(filing.moments, versions, strict=True), 1):
            statement = _statement(maker, day, filing, version, units, stated, runs)
            header = _header(maker, day, filing, accounts)
            revision = Revision(
                report=report, number=place, based_on=place - 1 or None, received_at=calendar.moment(at),
                recorded_at=calendar.moment(at), state=statement.state, staff_due=statement.staff_due,
                staff_on_duty=statement.staff_on_duty, note=statement.note, figures_sha256=statement.fingerprint(),
                **header,
            )  # fmt: skip
            told.append((revision, statement))
    Revision.objects.bulk_create(revision for revision, _ in told)
    newest = Revision.objects.filter(report=OuterRef("pk")).order_by("-number").values("pk")[:1]
    DailyReport.objects.update(head=Subquery(newest))
    ReportLine.objects.bulk_create(line for revision, statement in told for line in _lines(revision, statement))
    Limit.objects.bulk_create(
        Limit(revision=revision, reason=one.reason, product_id=one.product, lost=one.lost)
        for revision, statement in told
        for one in statement.limits
    )
    LineRun.objects.bulk_create(
        LineRun(revision=revision, line_id=run.line, state=run.state, reason=run.reason)
        for revision, statement in told
        for run in statement.runs
    )
    return len(stored)


def _header(maker: Maker, day: int, filing: Filing, accounts: Accounts) -> dict[str, Any]:
    """Who filed, which way, and for whom."""
    author: Account = accounts.clerks[maker.number]
    said: dict[str, Any] = {"author": author, "channel": filing.channel}
    if filing.channel == Channel.ON_BEHALF:
        said |= {
            "author": accounts.officer(maker, day),
            "caller": author.display_name,
            "behalf_reason": "企业网络中断，电话报数",
        }
    return said


def _runs(
    maker: Maker, day: int, filing: Filing, enterprise: int, plants: dict[tuple[int, str], int]
) -> tuple[Run, ...]:
    """How the lines ran, of those that say so: what limits capacity stops the last line or half of the only one."""
    if day < SINCE or (maker.number % 2 and maker.part != "clerk") or (maker.part == "halted" and day in HALT):
        return ()
    found = []
    for place, line in enumerate(maker.lines[:1] if maker.pool else maker.lines, 1):
        name = f"{place}号线"
        if line.starts - TRIED > day or (enterprise, name) not in plants:
            continue
        state = LineRunState.DEBUGGING if line.starts > day else LineRunState.RUNNING
        found.append(Run(plants[enterprise, name], name, state.value))
    running = [at for at, run in enumerate(found) if run.state == LineRunState.RUNNING]
    if filing.limited and running:
        state = LineRunState.STOPPED if len(running) > 1 else LineRunState.PARTIAL
        found[running[-1]] = replace(found[running[-1]], state=state.value, reason=_cause(maker, day).value)
    return tuple(found)


def _stated(maker: Maker, day: int, said: dict[str, Figures], made: dict[tuple[int, str], int]) -> dict[str, int]:
    """The cumulatives that some state, by product; `made` grows with every report, the earlier days first."""
    stated = {}
    for product, one in said.items():
        if one.output is None:
            continue
        total = made.get((maker.number, product), maker.openings.get(product) or 0) + one.output
        made[maker.number, product] = total
        if day >= SINCE and maker.number % 9 == 4:
            stated[product] = total + (UNCOUNTED if maker.number % 27 == 4 else 0)
    return stated


def _cause(maker: Maker, day: int) -> LimitReason:
    return CAUSES[(maker.number + day) % len(CAUSES)]


def _statement(
    maker: Maker,
    day: int,
    filing: Filing,
    said: dict[str, Figures],
    units: dict[str, str],
    stated: dict[str, int],
    runs: tuple[Run, ...],
) -> Statement:
    """What the report says, in the form in which every report is stored."""
    is_halted = maker.part == "halted" and day in HALT
    capacity = {p: f.capacity for p, f in said.items() if f.capacity}
    state = ProductionState.HALTED if is_halted else ProductionState.RUNNING
    note = ""
    limits: tuple[LimitLine, ...] = ()
    if filing.limited and capacity and not is_halted:
        state, cause = ProductionState.PARTIAL, _cause(maker, day)
        product, whole = max(capacity.items(), key=lambda pair: (pair[1] or 0, pair[0]))
        lost = (whole or 0) * 3 // 10 // 10 * 10 * 1000
        note, limits = WORDS[cause], (LimitLine(cause.value, product, lost),)
    elif is_halted:
        note = "供电线路检修，全线停产"
    elif any((f.output or 0) > (f.capacity or 0) for f in said.values() if f.capacity):
        note = "加班赶制，产量超出日产能"
    due = 12 + sum(max(2, (c or 0) * (9 if p.startswith("SUIT") else 1) // 2500) for p, c in capacity.items())
    present = due * min(99, 62 + day + (maker.number * 7 + day * 3) % 9) // 100
    lines = tuple(_line(product, one, units[product], stated.get(product)) for product, one in said.items())
    return Statement(state.value, lines, due, 2 if is_halted else present, note, limits, runs)


def _line(product: str, said: Figures, unit: str, stated: int | None) -> Line:
    given = {measure: whole for measure, whole in {**asdict(said), STATED: stated}.items() if whole is not None}
    typed = {measure: {"text": str(whole), "unit": unit, "num": 1, "den": 1} for measure, whole in given.items()}
    return Line(product, {measure: whole * 1000 for measure, whole in given.items()}, typed)


def _lines(revision: Revision, statement: Statement) -> list[ReportLine]:
    report = revision.report
    return [
        ReportLine(
            revision=revision, enterprise_id=report.enterprise_id, day=report.day, product_id=line.product,
            entered=line.entered, **line.amounts,
        )
        for line in statement.lines
    ]  # fmt: skip
