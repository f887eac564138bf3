"""Two versions of a report side by side: what a clerk typed and what is stored (R6), or a revision and the one before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from enterprises.errors import Refused
from enterprises.models import Account
from supplies.choices import STATED, STATED_LABEL, LimitReason, LineRunState, Measure, ProductionState
from supplies.report_sheets import Sheet
from supplies.rules import display


@dataclass(frozen=True)
class Difference:
    """One thing that two versions say differently, in words."""

    label: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Conflict:
    """What was typed against what somebody stored meanwhile."""

    who: str
    number: int | None
    received_at: dt.datetime | None
    differences: list[Difference]


def compare(refused: Refused, sheet: Sheet, account: Account) -> Conflict:
    """The conflict for the page; numbers are those of the refusal, so both sides are in base units."""
    latest = sheet.latest
    author = latest.author if latest is not None else None
    if author is not None and author.pk == account.pk:
        who = "您自己"
    else:
        who = f"您的同事{author}" if author is not None and sheet.is_own else str(author or "有人")
    names = {code: (offer.name, offer.base_unit) for code, offer in sheet.offers.items()}
    ours, theirs = refused.extra.get("yours") or {}, refused.extra.get("latest") or {}
    return Conflict(
        who=who,
        number=latest.number if latest is not None else None,
        received_at=latest.received_at if latest is not None else None,
        differences=differences(ours, theirs, names),
    )


def differences(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], names: Mapping[str, tuple[str, str]]
) -> list[Difference]:
    """Where two described reports differ; `names`: product code to name and base unit."""
    said, stored = spoken(ours, names), spoken(theirs, names)
    labels = list(dict.fromkeys([*said, *stored]))
    pairs = [(label, said.get(label, display.DASH), stored.get(label, display.DASH)) for label in labels]
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]


def spoken(report: Mapping[str, Any], names: Mapping[str, tuple[str, str]]) -> dict[str, str]:
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
