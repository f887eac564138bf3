"""The shape of a submission: a JSON body becomes typed figures; every fault is named, none stops the reading (R19)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from enterprises.errors import FieldError, Invalid
from enterprises.rules import days
from enterprises.rules.exact_json import JsonNumber
from supplies.choices import GIVEN, DecisionKind, Measure, ProductionState, QuestionCode
from supplies.daily_reports import Confirm, OnBehalf
from supplies.rules.figures import Figures, LimitFigures, ProductFigures
from supplies.rules.line_runs import RunFigures
from supplies.rules.quantities import attempt, read_api

MOST_LINES, MOST_LIMITS, MOST_CONFIRMATIONS, MOST_RUNS = 200, 20, 200, 200
MOST_STRANGERS = 20
"""Unknown fields of one object that are named; the answer to a body of nothing else must not outgrow it."""

REPORT = (
    "enterprise", "date", "state", "staff_due", "staff_on_duty", "note", "limits", "lines", "based_on",
    "confirmations", "on_behalf", "line_states",
)  # fmt: skip


@dataclass(frozen=True)
class Submission:
    """What a body asks for. `enterprise` and `day` are None where they could not be read; faults stand in `form`."""

    enterprise: str | None
    day: dt.date | None
    form: Figures
    based_on: int | None = None
    on_behalf: OnBehalf | None = None
    confirmed: tuple[Confirm, ...] = ()


@dataclass
class _Reader:
    """Reads parts of a body and notes what is wrong with them."""

    faults: list[FieldError] = field(default_factory=list)

    def fault(self, path: str, code: str, message: str) -> None:
        self.faults.append(FieldError(path, code, message))

    def record(self, value: object, path: str, known: Collection[str]) -> dict[str, Any]:
        """An object with known fields only."""
        if not isinstance(value, dict):
            self.fault(path, "invalid_type", "要写成 JSON 对象 { }。")
            return {}
        for name in [name for name in value if name not in known][:MOST_STRANGERS]:
            shown = days.shown(name)
            inner = f"{path}.{shown}" if path else shown
            self.fault(inner, "unknown_field", f"没有“{shown}”这一项；可以写 {'、'.join(known)}。")
        return {name: inner for name, inner in value.items() if name in known}

    def rows(self, value: object, path: str, most: int) -> list[Any]:
        """A list of at most so many rows."""
        if not isinstance(value, list):
            self.fault(path, "invalid_type", "要写成 JSON 数组 [ ]。")
            return []
        if len(value) > most:
            self.fault(path, "too_many", f"最多 {most} 行。")
            return []
        return value

    def text(self, said: dict[str, Any], name: str, path: str, *, longest: int, is_required: bool = False) -> str:
        """A text; empty where it was not given."""
        value, inner = said.get(name), f"{path}.{name}" if path else name
        if name in said and (not isinstance(value, str) or isinstance(value, JsonNumber)):
            self.fault(inner, "invalid_type", "要写成文字。")
            return ""
        value = (value or "").strip()
        if is_required and not value:
            self.fault(inner, "required", "这一项要写。")
        if len(value) > longest:
            self.fault(inner, "too_long", f"最多 {longest} 个字。")
            return ""
        return str(value)

    def day(self, said: dict[str, Any]) -> dt.date | None:
        text = self.text(said, "date", "", longest=30, is_required=True)
        try:
            return days.iso(text) if text else None
        except ValueError as error:
            self.fault("date", "invalid_date", f"{error}。")
            return None

    def number(self, said: dict[str, Any], name: str = "based_on", path: str = "") -> int | None:
        """The number of a revision, where null and absent mean the first submission (R6), or of a line."""
        value = said.get(name)
        if value is None:
            return None
        if isinstance(value, JsonNumber) and re.fullmatch("[0-9]{1,9}", value):
            return int(value)
        hint = "；第一次提交不写" if name == "based_on" else ""
        what = "产线的编号或名称" if path else "修订号"
        self.fault(f"{path}.{name}" if path else name, "invalid_type", f"要写{what}，例如 2{hint}。")
        return None


def submission(body: object) -> Submission:
    """Read a body. Figures that cannot be read, and all other faults, are left for the act to answer together."""
    reader = _Reader()
    said = reader.record(body, "", REPORT)
    enterprise = reader.text(said, "enterprise", "", longest=30, is_required=True)
    day = reader.day(said)
    lines = [_line(reader, row, f"lines[{at}]") for at, row in _numbered(reader, said, "lines", MOST_LINES)]
    limits = [_limit(reader, row, f"limits[{at}]") for at, row in _numbered(reader, said, "limits", MOST_LIMITS)]
    runs = [_run(reader, row, f"line_states[{at}]") for at, row in _numbered(reader, said, "line_states", MOST_RUNS)]
    confirmed = [
        _confirmation(reader, row, f"confirmations[{at}]")
        for at, row in _numbered(reader, said, "confirmations", MOST_CONFIRMATIONS)
    ]
    form = Figures(
        state=reader.text(said, "state", "", longest=20) or ("" if "state" in said else ProductionState.RUNNING.value),
        lines=tuple(lines),
        staff_due=attempt(read_api, said["staff_due"]) if "staff_due" in said else None,
        staff_on_duty=attempt(read_api, said["staff_on_duty"]) if "staff_on_duty" in said else None,
        note=reader.text(said, "note", "", longest=2000),
        limits=tuple(limits),
        runs=tuple(runs),
    )
    based_on, on_behalf = reader.number(said), _on_behalf(reader, said)
    form = form.with_faults(reader.faults)
    return Submission(enterprise or None, day, form, based_on, on_behalf, tuple(confirmed))


@dataclass(frozen=True)
class DecisionAsked:
    """What a body decides on a report."""

    revision: int
    decision: str
    reason: str


def decision(body: object) -> DecisionAsked:
    """Read a decision. Refuses, with every fault of its shape at once."""
    reader = _Reader()
    said = reader.record(body, "", ("revision", "decision", "reason"))
    revision = reader.number(said, "revision")
    if revision is None and "revision" not in {fault.field for fault in reader.faults}:
        reader.fault("revision", "required", "这一项要写。")
    kind = reader.text(said, "decision", "", longest=20, is_required=True)
    if kind and kind not in DecisionKind.values:
        reader.fault("decision", "invalid_choice", f"应为 {'、'.join(DecisionKind.values)} 之一。")
    reason = reader.text(said, "reason", "", longest=500)
    if kind == DecisionKind.RETURNED and not reason and "reason" not in {fault.field for fault in reader.faults}:
        reader.fault("reason", "required", "退回要写理由，企业才知道改什么。")
    if reader.faults:
        raise Invalid.of(reader.faults)
    assert revision is not None
    return DecisionAsked(revision, kind, reason)


def _numbered(reader: _Reader, said: dict[str, Any], name: str, most: int) -> list[tuple[int, Any]]:
    return list(enumerate(reader.rows(said[name], name, most))) if name in said else []


def _line(reader: _Reader, row: object, path: str) -> ProductFigures:
    said = reader.record(row, path, ("product", *GIVEN, "unit"))
    return ProductFigures(
        product=reader.text(said, "product", path, longest=60, is_required=True),
        figures={name: attempt(read_api, said[name]) for name in GIVEN if name in said},
        unit=reader.text(said, "unit", path, longest=30),
    )


def _limit(reader: _Reader, row: object, path: str) -> LimitFigures:
    said = reader.record(row, path, ("reason", "product", "lost"))
    return LimitFigures(
        reason=reader.text(said, "reason", path, longest=30, is_required=True),
        product=reader.text(said, "product", path, longest=60) or None,
        lost=attempt(read_api, said["lost"]) if "lost" in said else None,
    )


def _run(reader: _Reader, row: object, path: str) -> RunFigures:
    """How a production line runs; a JSON number is the line's id, a text its name (or its id in digits)."""
    said = reader.record(row, path, ("line", "state", "reason"))
    line: int | str
    if isinstance(said.get("line"), JsonNumber):
        line = reader.number(said, "line", path) or 0
    else:
        line = reader.text(said, "line", path, longest=100, is_required=True)
    if said.get("reason", "") is None:
        del said["reason"]
    return RunFigures(
        line=line,
        state=reader.text(said, "state", path, longest=20, is_required=True),
        reason=reader.text(said, "reason", path, longest=20),
    )


def _confirmation(reader: _Reader, row: object, path: str) -> Confirm:
    """The answer to a question (R20); one that nobody asked is no fault, as the figure may have been corrected."""
    said = reader.record(row, path, ("product", "measure", "question", "reason"))
    product = reader.text(said, "product", path, longest=60, is_required=True)
    words = {}
    for name, known in (("measure", Measure.values), ("question", QuestionCode.values)):
        words[name] = reader.text(said, name, path, longest=30, is_required=True)
        if words[name] and words[name] not in known:
            reader.fault(f"{path}.{name}", "invalid_choice", f"应为 {'、'.join(known)} 之一。")
    reason = reader.text(said, "reason", path, longest=500, is_required=True)
    return Confirm(product, reason, words["measure"], words["question"])


def _on_behalf(reader: _Reader, said: dict[str, Any]) -> OnBehalf | None:
    if said.get("on_behalf") is None:
        return None
    call = reader.record(said["on_behalf"], "on_behalf", ("caller", "reason"))
    return OnBehalf(
        caller=reader.text(call, "caller", "on_behalf", longest=60, is_required=True),
        reason=reader.text(call, "reason", "on_behalf", longest=200, is_required=True),
    )
