"""Pure: two described reports side by side, in words: what one says differently from the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from supplies.choices import STATED, STATED_LABEL, LimitReason, LineRunState, Measure, ProductionState
from supplies.rules import display

Names = Mapping[str, tuple[str, str]]
"""Product code to name and base unit."""


@dataclass(frozen=True)
class Difference:
    """One thing that two versions say differently, in words."""

    label: str
    ours: str
    theirs: str


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any], names: Names) -> list[Difference]:
    """Where two described reports differ."""
    return [one for one in beside(ours, theirs, names) if one.ours != one.theirs]


def beside(ours: Mapping[str, Any], theirs: Mapping[str, Any], names: Names) -> list[Difference]:
    """Everything that either of two described reports says, in the order of the form."""
    said, stored = spoken(ours, names), spoken(theirs, names)
    labels = list(dict.fromkeys([*said, *stored]))
    return [Difference(label, said.get(label, display.DASH), stored.get(label, display.DASH)) for label in labels]


def spoken(report: Mapping[str, Any], names: Names) -> dict[str, str]:
    """A described report as words under labels, in the order of the form."""
    state = report.get("state", "")
    found = {"生产状态": str(dict(ProductionState.choices).get(state, state))} if state else {}
    for line in report.get("lines", ()):
        name, unit = names.get(line["product"], (line["product"], line.get("unit", "")))
        for key, label in (*Measure.choices, (STATED, STATED_LABEL)):
            if line.get(key) is not None:
                found[f"{name} {label}（{unit}）"] = display.full(_thousandths(line[key]))
    for key, label in (("staff_due", "应到岗"), ("staff_on_duty", "实到岗"), ("note", "说明")):
        if report.get(key) not in (None, ""):
            found[label] = str(report[key])
    for limit in report.get("limits", ()):
        lost, product = limit.get("lost"), limit.get("product")
        words = f"{display.full(_thousandths(lost))} {names.get(product, ('', ''))[1]}/日" if lost is not None else "有"
        found[f"困难：{dict(LimitReason.choices).get(limit['reason'], limit['reason'])}"] = words
    for run in report.get("line_states", ()):
        reason = f"（{LimitReason(run['reason']).label}）" if run["reason"] else ""
        found[f"产线 {run['name']}"] = f"{LineRunState(run['state']).label}{reason}"
    return found


def _thousandths(value: int | Decimal | str) -> int:
    return int(Decimal(str(value)) * 1000)
