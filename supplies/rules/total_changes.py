"""Pure: why a figure of a day is not what it was at an earlier moment, enterprise by enterprise (R13)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

CAUSES: dict[str, str] = {
    "arrived": "新到日报",
    "supplementary": "终报后补报",
    "revised": "修订",
    "returned": "退回",
    "moved": "企业迁移",
    "joined": "新增应报",
    "left": "不再应报",
    "facts": "证照、规则等其他事实",
}
"""Every difference has exactly one cause; the parts add up to the difference."""

FIGURES = ("capacity", "output", "stock", "shipped", "expected", "reported")


@dataclass(frozen=True)
class Side:
    """What one enterprise says about one product of the day at one of the two moments.

    unit: where it stands (None: nowhere, or nothing is known of it); inside: whether that counts to the division.
    kind: reported, carried, stale, never, or "" where there is neither report nor duty. report and returned: the
    revisions of the day's own report that count, or were returned. revision and source_day: what speaks for it.
    Figures in thousandths, None = not in the sum.
    """

    unit: str | None = None
    inside: bool = False
    kind: str = ""
    owed: bool = False
    report: int | None = None
    returned: int | None = None
    revision: int | None = None
    source_day: dt.date | None = None
    capacity: int | None = None
    output: int | None = None
    stock: int | None = None
    shipped: int | None = None

    def figure(self, name: str) -> int | None:
        """What it adds to a figure of the division; None = nothing."""
        if not self.inside:
            return None
        if name == "expected":
            return int(self.owed)
        if name == "reported":
            return int(self.owed and self.kind == "reported")
        if self.kind not in ("reported", "carried"):
            return None
        value: int | None = getattr(self, name)
        return value


def differences(was: Side, now: Side) -> dict[str, int]:
    """By how much each figure grew; only those that changed. A figure that nobody gave counts as nothing."""
    grown = {name: (now.figure(name) or 0) - (was.figure(name) or 0) for name in FIGURES}
    return {name: by for name, by in grown.items() if by}


def cause(was: Side, now: Side, figure: str, *, is_supplementary: bool) -> str:
    """The one cause of a difference.

    >>> came = Side("T1", True, "reported", True, report=7, revision=7, output=5)
    >>> cause(Side("T1", True, "never", True), came, "output", is_supplementary=False)
    'arrived'
    >>> cause(came, Side("T2", False, "reported", True, report=7, revision=7, output=5), "output", is_supplementary=False)
    'moved'
    """
    if was.unit is not None and now.unit is not None and was.inside != now.inside:
        return "moved"
    if figure == "expected":
        return "joined" if now.owed else "left"
    if was.report != now.report:
        return _of_reports(was, now, is_supplementary=is_supplementary)
    if was.report is None:
        if was.owed != now.owed:
            return "joined" if now.owed else "left"
        if was.revision != now.revision:
            return _of_sources(was.source_day, now.source_day)
    elif figure == "reported" and was.owed != now.owed:
        return "joined" if now.owed else "left"
    return "facts"


def _of_reports(was: Side, now: Side, *, is_supplementary: bool) -> str:
    """The day's own report came, was revised, or was returned."""
    if now.report is None:
        return "returned" if now.returned is not None else "moved"  # a report only vanishes with its place
    if was.report is not None:
        return "revised"
    if was.returned is not None:
        return "returned" if was.returned == now.report else "revised"
    return "supplementary" if is_supplementary else "arrived"


def _of_sources(was: dt.date | None, now: dt.date | None) -> str:
    """An earlier day's report, which carries to the day, came, was revised, or was returned."""
    if was == now:
        return "revised"
    if now is not None and (was is None or now > was):
        return "arrived"
    return "returned"
