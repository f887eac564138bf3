"""Pure: questions about figures in plain Chinese, for clerks and for those who review (R20)."""

from __future__ import annotations

from fractions import Fraction

from supplies.choices import Measure, QuestionCode
from supplies.rules.display import full, percent, short


def asked(*, product: str, unit: str, measure: str, code: str, seen: int, expected: int | None) -> str:
    """What is odd about a figure, in one sentence; figures in thousandths of the base unit `unit`.

    >>> asked(product="口罩", unit="只", measure="output", code="over_capacity", seen=504_000_000, expected=480_000_000)
    '口罩产量 50.4万只，高于产能 48万只（105.0%）'
    >>> asked(product="口罩", unit="只", measure="output", code="unchanged", seen=5_000, expected=None)
    '口罩产量和库存连续 7 天没有变化（产量 5只）'
    """
    label = Measure(measure).label.replace("当日", "")
    figure, held = f"{short(seen)}{unit}", f"{short(expected)}{unit}"
    if code == QuestionCode.OVER_CAPACITY:
        share = f"（{_share(seen, expected)}）" if expected else ""
        return f"{product}{label} {figure}，高于产能 {held}{share}"
    if code == QuestionCode.BALANCE:
        return f"{product}库存 {figure}，按昨日库存＋产量－发货应为 {full(expected)} {unit}"
    if code == QuestionCode.UNCHANGED:
        return f"{product}产量和库存连续 7 天没有变化（产量 {figure}）"
    times = "相差百倍以上" if code == QuestionCode.MAGNITUDE else "相差八倍以上"
    return f"{product}{label} {figure}，与近 7 次中位数 {held}{times}"


def _share(part: int, whole: int) -> str:
    return percent(Fraction(part, whole))
