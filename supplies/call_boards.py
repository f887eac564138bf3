"""The board of the unreported: whom to call, by last known capacity, what was promised, and the text for the work group."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.utils import timezone

from enterprises import access
from enterprises.models import Account
from supplies import calls, filing_progress
from supplies.filing_progress import Line, Progress
from supplies.frames import Outlook
from supplies.models import Call


@dataclass(frozen=True)
class Entry:
    """One enterprise to call; `call` = what was noted last; is_overdue = what it promised has passed."""

    line: Line
    call: Call | None
    may_note: bool
    is_overdue: bool


@dataclass(frozen=True)
class Board:
    """The unreported of a day in a division: those nobody has reached first, each by last known capacity."""

    progress: Progress
    entries: tuple[Entry, ...]
    text: str

    @property
    def promised(self) -> int:
        return sum(e.call is not None and e.call.promised_at is not None and not e.is_overdue for e in self.entries)


def board(outlook: Outlook, account: Account, *, group: str = "", product: str = "", place: str = "") -> Board:
    """The board of the outlook's division and leading day. The caller has asked for coverage:read.

    Takes: place = name of the division as the text says it. Queries do not depend on rows.
    Refuses: unknown_product, unknown_group.
    """
    found = filing_progress.progress(outlook, account, group=group, product=product, status="unreported")
    said, now = calls.latest(found.day), timezone.now()
    theirs = set(access.enterprises(account, "reports:on_behalf").values_list("pk", flat=True))
    entries = [
        Entry(
            line=line,
            call=(call := said.get(line.standing.enterprise_id)),
            may_note=line.standing.enterprise_id in theirs,
            is_overdue=call is not None and call.promised_at is not None and call.promised_at <= now,
        )
        for line in found.lines
    ]
    # a stable sort keeps the order by capacity within those to call and those who have promised
    entries.sort(key=lambda e: e.call is not None and e.call.promised_at is not None and not e.is_overdue)
    return Board(found, tuple(entries), text_of(found, outlook.node.name, now))


def text_of(found: Progress, place: str, now: dt.datetime) -> str:
    """The list as text for a work group: no figures of single enterprises, only who is missing where."""
    if not found.lines:
        return ""
    by_unit: dict[str, list[str]] = defaultdict(list)
    for line in found.lines:
        by_unit[line.standing.division_name].append(line.standing.name)
    at = timezone.localtime(now)
    head = f"【{place}一日一报】{found.day.month}月{found.day.day}日应报 {found.counts.expected} 家，"
    head += f"截至 {at:%H:%M} 未报 {len(found.lines)} 家，请尽快填报："
    units = [f"{unit}（{len(names)} 家）：{'、'.join(names)}" for unit, names in by_unit.items()]
    tail = f"截止时间 {timezone.localtime(found.cut_off_at):%H:%M}，" if found.cut_off_at is not None else ""
    return "\n".join([head, *units, f"{tail}打开填报链接或登录即可填报，1 分钟完成。"])
