"""Pure: a question about a figure as it stands beside the figure's field: what is odd, the likely value, the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from supplies.choices import QuestionCode
from supplies.rules.display import full, short
from supplies.rules.question_words import asked
from supplies.rules.suggestions import decimal

REASONS = ("新线投产", "设备检修", "订单集中", "原料不足", "复工复产", "盘点调整")
"""Short answers to choose from."""
LONGEST = 500


@dataclass(frozen=True)
class Card:
    """One question: `name` of its field, amounts in thousandths of the base unit `unit`, and the answer so far.

    is_held: nothing is stored until it is confirmed or corrected (R20).
    """

    name: str
    product: str
    unit: str
    measure: str
    code: str
    seen: int
    expected: int | None = None
    proposed: int | None = None
    chosen: tuple[str, ...] = ()
    reason: str = ""
    is_held: bool = False

    @property
    def title(self) -> str:
        """The question in a few words.

        >>> Card("M-output", "口罩", "只", "output", "magnitude", 48_000, 500_000_000, 480_000_000).title
        '是不是 48万 只？'
        """
        return f"是不是 {self.likely}？" if self.proposed is not None else "请核对这个数"

    @property
    def likely(self) -> str:
        return f"{exact(self.proposed or 0)} {self.unit}"

    @property
    def said(self) -> str:
        return f"{exact(self.seen)} {self.unit}"

    @property
    def text(self) -> str:
        """What is odd about the figure.

        >>> Card("M-output", "口罩", "只", "output", "magnitude", 48_000, 500_000_000).text
        '您填的是 48 只，以往多在 50万 只上下，相差百倍以上。'
        """
        if self.code == QuestionCode.MAGNITUDE:
            return f"您填的是 {self.said}，以往多在 {short(self.expected)} {self.unit}上下，相差百倍以上。"
        sentence = asked(
            product=self.product,
            unit=self.unit,
            measure=self.measure,
            code=self.code,
            seen=self.seen,
            expected=self.expected,
        )
        return sentence + "。"

    @property
    def use(self) -> str:
        """Value of the button that puts the likely value in."""
        return f"use:{self.name}:{self.proposed}"

    @property
    def choices(self) -> list[tuple[str, bool]]:
        return [(word, word in self.chosen) for word in REASONS]

    @property
    def is_answered(self) -> bool:
        return bool(answer(self.chosen, self.reason))


def exact(amount: int) -> str:
    """An amount in 万 where four decimals say all of it, else in full: what a button puts in is not rounded.

    >>> exact(24_500_000), exact(578_000_000), exact(48_000), exact(24_500_500)
    ('2.45万', '57.8万', '48', '24,500.5')
    """
    in_wan = Fraction(amount, 10_000_000)
    if in_wan < 1 or (in_wan * 10_000).denominator != 1:
        return full(amount)
    return f"{decimal(in_wan)}万"


def answer(chosen: Iterable[str], typed: str) -> str:
    """The reason that chosen words and typed text make together; empty = none given.

    >>> answer(["设备检修"], " 只开一台 "), answer([], " ")
    ('设备检修，只开一台', '')
    """
    words = [word for word in REASONS if word in chosen]
    return "，".join([*words, *filter(None, [typed.strip()])])[:LONGEST]
