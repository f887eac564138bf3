"""Where a total comes from: how many enterprises reported, are carried, are stale, never reported (R12)."""

from __future__ import annotations

from dataclasses import dataclass

from supplies.rules.display import NO_DUTY

WIDTH = 10_000
"""Widths of a bar's segments sum to about this many pixels; the bar shrinks them in proportion to what it has."""


@dataclass(frozen=True)
class Segment:
    """One present state in a bar or a legend: its class in the style sheet, its word, its count of enterprises."""

    mark: str
    word: str
    count: int
    width: int


@dataclass(frozen=True)
class Provenance:
    """Counts of expected enterprises, each in exactly one state; expected is their sum."""

    on_time: int
    late: int
    carried: int
    stale: int
    never: int

    @property
    def reported(self) -> int:
        return self.on_time + self.late

    @property
    def unreported(self) -> int:
        return self.carried + self.stale + self.never

    @property
    def expected(self) -> int:
        return self.reported + self.unreported

    def segments(self) -> list[Segment]:
        """The states that occur, always in the same order: on time, late, carried, stale, never.

        >>> [(s.word, s.count, s.width) for s in Provenance(3, 0, 1, 0, 0).segments()]
        [('按时', 3, 7500), ('沿用', 1, 2500)]
        """
        states = [
            ("rep", "按时", self.on_time),
            ("late", "迟报", self.late),
            ("car", "沿用", self.carried),
            ("sta", "失效", self.stale),
            ("mis", "从未报", self.never),
        ]
        return [
            Segment(mark, word, count, max(1, WIDTH * count // self.expected)) for mark, word, count in states if count
        ]

    def sentence(self) -> str:
        """What a reader hears instead of the bar.

        >>> Provenance(91, 6, 4, 1, 2).sentence()
        '应报 104：已报 97（其中迟报 6），沿用 4，失效 1，从未报 2'
        >>> Provenance(0, 0, 0, 0, 0).sentence()
        '无义务'
        """
        if not self.expected:
            return NO_DUTY
        late = f"（其中迟报 {self.late}）" if self.late else ""
        return (
            f"应报 {self.expected}：已报 {self.reported}{late}，"
            f"沿用 {self.carried}，失效 {self.stale}，从未报 {self.never}"
        )
