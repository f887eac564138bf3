"""Pure: figures that somebody proposes to an enterprise, kept exactly until it accepts or declines them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from enterprises.rules.exact_json import dumps
from supplies.choices import GIVEN, ProductionState
from supplies.rules.figures import MADE, Figures, LimitFigures, ProductFigures
from supplies.rules.line_runs import OPEN, RunFigures
from supplies.rules.quantities import Number, number, shown

Kept = dict[str, Any]
"""A report's figures as they are stored: amounts in thousandths of the base unit, so that JSON holds them exactly."""

HEADS = ("state", "staff_due", "staff_on_duty", "note")


def kept(report: Mapping[str, Any]) -> Kept:
    """The figures of a described report (its amounts in base units), without how they were typed.

    >>> kept({"state": "running", "lines": [{"product": "M", "unit": "只", "output": 5}]})["lines"]
    [{'product': 'M', 'unit': '只', 'output': 5000}]
    """
    lines = [
        {"product": line["product"], "unit": line["unit"]}
        | {m: int(line[m] * 1000) for m in GIVEN if line.get(m) is not None}
        for line in report["lines"]
    ]
    limits = [
        {"reason": one["reason"], "product": one["product"], "lost": None if one["lost"] is None else int(one["lost"] * 1000)}
        for one in report.get("limits", ())
    ]  # fmt: skip
    runs = [dict(run) for run in report.get("line_states", ())]
    return {name: report.get(name) for name in HEADS} | {"lines": lines, "limits": limits, "line_states": runs}


def fingerprint(figures: Kept) -> str:
    """Equal where the figures are; their order does not matter (R6)."""
    parts = {name: sorted(figures[name], key=dumps) for name in ("lines", "limits", "line_states")}
    return hashlib.sha256(dumps(figures | parts, sort_keys=True).encode()).hexdigest()


def told(figures: Kept) -> dict[str, Any]:
    """The same as a described report: amounts in base units again.

    >>> told({"state": "running", "lines": [{"product": "M", "unit": "只", "output": 5000}], "limits": []})["lines"]
    [{'product': 'M', 'unit': '只', 'output': 5}]
    """
    lines = [
        {name: number(said) if name in GIVEN else said for name, said in line.items()} for line in figures["lines"]
    ]
    limits = [{**one, "lost": None if one["lost"] is None else number(one["lost"])} for one in figures["limits"]]
    return figures | {"lines": lines, "limits": limits}


def form(figures: Kept) -> Figures:
    """What whoever accepts the figures submits: each in the base unit of its product."""
    return Figures(
        state=figures["state"],
        lines=tuple(
            ProductFigures(line["product"], {m: _reading(line[m]) for m in GIVEN if m in line}, unit=line["unit"])
            for line in figures["lines"]
        ),
        staff_due=None if figures["staff_due"] is None else _reading(figures["staff_due"] * 1000),
        staff_on_duty=None if figures["staff_on_duty"] is None else _reading(figures["staff_on_duty"] * 1000),
        note=figures["note"] or "",
        limits=tuple(
            LimitFigures(one["reason"], one["product"], None if one["lost"] is None else _reading(one["lost"]))
            for one in figures["limits"]
        ),
        runs=tuple(RunFigures(run["line"], run["state"], run["reason"] or "") for run in figures["line_states"]),
    )


def completed(said: Figures, before: Kept, *, says_state: bool) -> Figures:
    """What a correction says, and for all that it does not say what stood before: a correction is no new report.

    A halt takes over neither capacity nor output (R3). The lines said come first, in their order.
    """
    state = said.state if says_state else before["state"]
    taken = [m for m in GIVEN if state != ProductionState.HALTED or m not in MADE]
    known = {line["product"]: line for line in before["lines"]}
    lines = [_filled(line, known.get(line.product), taken) for line in said.lines]
    rest = [line for code, line in known.items() if code not in {line.product for line in said.lines}]
    old = form(before)
    return replace(
        said,
        state=state,
        lines=(*lines, *(_filled(ProductFigures(line["product"], {}), line, taken) for line in rest)),
        staff_due=said.staff_due or old.staff_due,
        staff_on_duty=said.staff_on_duty or old.staff_on_duty,
        note=said.note or old.note,
        limits=said.limits or old.limits,
        runs=tuple(run for run in old.runs if state != ProductionState.HALTED or run.state not in OPEN),
    )


def _filled(line: ProductFigures, before: Mapping[str, Any] | None, taken: Iterable[str]) -> ProductFigures:
    """A line with the measures it does not give as they stood before, in the base unit."""
    if before is None:
        return line
    old = {m: before[m] for m in taken if m in before and m not in line.figures}
    return replace(
        line,
        figures={**line.figures, **{m: _reading(amount) for m, amount in old.items()}},
        units={**line.units, **dict.fromkeys(old, before["unit"])},
    )


def _reading(thousandths: int) -> Number:
    return Number(shown(thousandths), Fraction(thousandths, 1000))
