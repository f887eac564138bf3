"""What the statistics of tickets show: numbers with the lists they open, tables by part, and both as a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from coordination import tickets
from coordination.choices import ConfirmMode
from coordination.rules.ticket_measures import Measures
from coordination.tickets.statistics import Count, Part, Period
from enterprises import workbooks

HOURS = 3600
BY_WORDS = (("division", "按县市区"), ("category", "按类别"), ("unit", "按承办单位"), ("month", "按月"))
FILTER = {"division": "division", "category": "category", "unit": "unit"}

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("收到", "count", "received"), ("受理", "count", "accepted"), ("不予受理", "count", "rejected"),
    ("办结", "count", "closed"), ("办结率", "share", "closing"), ("已解决", "count", "solved"),
    ("涉及企业", "plain", "solved_enterprises"), ("解决率", "share", "solving"), ("视同确认", "mode", "silent"),
    ("响应率", "share", "contact"), ("首次联系中位（工作小时）", "hours", "first_contact.median_seconds"),
    ("按期办结率", "share", "punctual"), ("原定时限按期率", "share", "punctual_original"),
    ("全程按期率", "share", "punctual_whole"), ("办理时长中位（工作小时）", "hours", "duration.median_seconds"),
    ("办理时长 P90（工作小时）", "hours", "duration.p90_seconds"), ("办理时长中位（自然日）", "plain", "duration.median_natural_days"),
    ("所数张数", "list", "timed"), ("重办率", "again", "reworked"), ("反弹率", "share", "rebound"),
    ("满意率", "content", "satisfaction"), ("评价回收率", "rated", "satisfaction"), ("退单率", "share", "sent_back"),
    ("延期率", "share", "extended"), ("提级（本期）", "count", "escalated"), ("公函（本期）", "letters", "letters"),
    ("挂账（期末）", "count", "suspended"),
    ("在办（期末）", "count", "in_hand"), ("在办时长中位（工作小时）", "hours", "in_hand_duration.median_seconds"),
    ("超期在办（期末）", "count", "overdue"),
)  # fmt: skip
"""Head, how it reads, and which measure; every number that counts tickets opens its list."""


@dataclass(frozen=True)
class Cell:
    """A number as it is read, and the list that it opens."""

    text: str
    opens: str = ""


@dataclass(frozen=True)
class Row:
    """A part of the whole with its numbers; `query` narrows the page to it."""

    name: str
    query: dict[str, str]
    cells: list[Cell]


@dataclass(frozen=True)
class Named:
    """One list behind a number."""

    name: str
    word: str
    count: int


def named(ids: dict[str, list[str]]) -> list[Named]:
    """The lists that a count keeps, in their order; what an earlier definition did not have is left out."""
    return [Named(name, word, len(ids[name])) for name, word in tickets.NAMED if name in ids]


def rows(count: Count, by: str, whole: Measures) -> list[Row]:
    """A row for each part, and the whole at the end."""
    parts = [_row(part, by) for part in count.parts(by)]
    return [*parts, Row("合计", {}, cells(whole))]


def cells(measures: Measures) -> list[Cell]:
    return [_cell(measures, kind, name) for _, kind, name in COLUMNS]


def heads() -> list[str]:
    return [head for head, _, _ in COLUMNS]


def medians(values: dict[str, Any]) -> dict[str, str]:
    """Lengths of time as hours, where the count has them."""
    known = {
        "first_contact": ("first_contact", "median_seconds"), "duration": ("duration", "median_seconds"),
        "first_contact_natural": ("first_contact", "median_natural_seconds"),
        "duration_p90": ("duration", "p90_seconds"), "in_hand": ("in_hand_duration", "median_seconds"),
    }  # fmt: skip
    return {name: hours(values.get(measure, {}).get(key)) for name, (measure, key) in known.items()}


def headline_words(modes: list[str]) -> str:
    """Which confirmations the headline counts, as it is printed beside it."""
    words = dict(ConfirmMode.choices)
    return "、".join(words[mode] for mode in modes if mode in words)


def hours(seconds: int | None) -> str:
    """Working seconds as hours with one decimal, half up.

    >>> hours(63000), hours(None)
    ('17.5', '—')
    """
    if seconds is None:
        return "—"
    tenths = (seconds * 20 + HOURS) // (2 * HOURS)
    return f"{tenths // 10}.{tenths % 10}"


def workbook(count: Count, by: str, *, mark: str) -> bytes:
    """Table and lists: the first sheet has every measure by part; numbers of tickets stand behind their measure. `mark`
    says who took it out and when."""
    found = count.whole()
    period: Period = count.period
    at = timezone.localtime(period.cut_off)
    table = [[row.name, *(_plain(cell) for cell in row.cells)] for row in (rows(count, by, found) if by else [])]
    if not table:
        table = [["合计", *(_plain(cell) for cell in cells(found))]]
    lists = [[f"{one.word}（{one.count} 张）", "、".join(found.ids[one.name])[:32000]] for one in named(found.ids)]
    notes = [
        mark,
        f"{period.first:%Y-%m-%d} 至 {period.last:%Y-%m-%d}，截止 {at:%Y-%m-%d %H:%M}，口径第 {tickets.DEFINITION} 版",
        f"“已解决”计入：{headline_words(found.values['headline'])}",
        *(f"{word} {numbers}" for word, numbers in lists),
    ]
    return workbooks.workbook("问题单统计", ["范围", *heads()], table, notes=notes, mark=mark)


def _row(part: Part, by: str) -> Row:
    period = part.period
    span = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    query = span if by == "month" else {FILTER[by]: part.key}
    return Row(part.name, query if part.key else {}, cells(part.measures))


def _cell(measures: Measures, kind: str, name: str) -> Cell:
    values, ids = measures.values, measures.ids
    if kind == "count":
        return Cell(str(values[name]), name if values[name] else "")
    if kind == "plain":
        value = _deep(values, name)
        return Cell("—" if value is None else str(value))
    if kind == "mode":
        number = values["solved_by"][name]
        return Cell(str(number), f"solved_by_{name}" if number else "")
    if kind == "letters":
        return Cell(str(values[name]), name if values[name] else "")
    if kind == "list":
        return Cell(str(len(ids[name])), name if ids[name] else "")
    if kind == "hours":
        return Cell(hours(_deep(values, name)))
    return _rate(values[name], kind, name)


def _rate(value: dict[str, Any], kind: str, name: str) -> Cell:
    upper, lower, opens = {
        "share": ("met", "due", f"{name}_met"), "again": ("tickets", "answered", "reworked"),
        "content": ("content", "rated", "content"), "rated": ("rated", "", "rated"),
    }[kind]  # fmt: skip
    part, whole = value[upper], value.get(lower)
    share = value["response_rate"] if kind == "rated" else value["rate"]
    if share is None:
        return Cell("—")
    text = f"{percent(share)}（{part}/{whole}）" if whole is not None else percent(share)
    return Cell(text, opens if part else "")


def percent(share: str) -> str:
    """A fraction of 1 with four decimals as percent with one, half up.

    >>> percent("0.5833"), percent("1.0000")
    ('58.3%', '100.0%')
    """
    tenths = (int(share.replace(".", "")) + 5) // 10
    return f"{tenths // 10}.{tenths % 10}%"


def _deep(values: dict[str, Any], name: str) -> Any:
    for part in name.split("."):
        values = values[part]
    return values


def _plain(cell: Cell) -> int | str:
    return int(cell.text) if cell.text.isdigit() else cell.text
