"""Pure: the line that says who took something out of the house, when, and what of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Asia/Shanghai")
LONGEST = 80
"""Characters of one filter's value."""


def line(
    who: str, at: dt.datetime, *, filters: Mapping[str, str] | None = None, rows: int | None = None,
    snapshot: int | None = None, verb: str = "导出",
) -> str:  # fmt: skip
    """Who, when, which filters, how many rows, and from which frozen statistics.

    >>> at = dt.datetime(2020, 3, 26, 1, 5, tzinfo=dt.UTC)
    >>> line("林岱", at, filters={"状态": "办理中"}, rows=12, snapshot=3)
    '林岱 2020-03-26 09:05 导出，共 12 行；筛选：状态=办理中；统计快照第 3 号'
    >>> line("林岱", at, verb="打印")
    '林岱 2020-03-26 09:05 打印'
    """
    parts = [f"{who} {at.astimezone(HERE):%Y-%m-%d %H:%M} {verb}" + (f"，共 {rows} 行" if rows is not None else "")]
    if filters is not None:
        said = "，".join(f"{name}={value[:LONGEST]}" for name, value in filters.items() if value)
        parts.append(f"筛选：{said or '无'}")
    if snapshot is not None:
        parts.append(f"统计快照第 {snapshot} 号")
    return "；".join(parts)
