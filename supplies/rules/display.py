"""How numbers are written on a screen: shortened, in full, with a sign, as a rate. Exact decimals all the way.

Amounts are integers in thousandths of the base unit (1 只 = 1000), the way they are stored (R16), or None for "not
given", which is written as a dash: it is not nought (R3).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

DASH = "—"
MINUS = "\N{MINUS SIGN}"
NO_DUTY = "无义务"

WAN, YI = 10_000, 100_000_000


def full(amount: int | None) -> str:
    """Every digit, groups of three, at most three decimals, no trailing zeros.

    >>> full(2_460_000_000), full(434_470), full(0), full(None), full(-1_500)
    ('2,460,000', '434.47', '0', '—', '−1.5')
    """
    if amount is None:
        return DASH
    return _signed(amount < 0, _grouped(Fraction(abs(amount), 1000), 3))


def short(amount: int | None) -> str:
    """Below 10 000 in full; from 10 000 in 万 with one decimal, from 100 000 000 in 亿 with two; half away from zero.

    What rounds up to the next step takes that step's name: 99 999 999 is 1亿, not 10,000万.

    >>> short(8_650_000_000), short(6_946_000_000), short(30_000_000), short(9_999_999), short(180_000_000_000)
    ('865万', '694.6万', '3万', '9,999.999', '1.8亿')
    >>> short(99_999_999_000), short(19_360_000_000), short(-12_000_000), short(None)
    ('1亿', '1,936万', '−1.2万', '—')
    """
    if amount is None:
        return DASH
    size = Fraction(abs(amount), 1000)
    return _signed(amount < 0, _shortened(size))


def _shortened(size: Fraction) -> str:
    if size < WAN:
        return _grouped(size, 3)
    in_wan = _grouped(size / WAN, 1)
    return in_wan + "万" if size < YI and in_wan != "10,000" else _grouped(size / YI, 2) + "亿"


def is_shortened(amount: int | None) -> bool:
    """True where the short form says less than the full one, so that the full one must be offered too.

    >>> is_shortened(9_999_000), is_shortened(10_000_000), is_shortened(None)
    (False, True, False)
    """
    return amount is not None and abs(amount) >= WAN * 1000


def signed(amount: int | None) -> str:
    """A change, shortened, always with its sign; no change is 0.

    >>> signed(120_000_000), signed(-12_000_000), signed(0), signed(None)
    ('+12万', '−1.2万', '0', '—')
    """
    return "+" + short(amount) if amount is not None and amount > 0 else short(amount)


def percent(rate: Decimal | Fraction | int | None) -> str:
    """A rate (1 = everything) in percent with one decimal, half up; never clamped (R12a); an empty rate is a dash.

    >>> percent(Decimal("0.9327")), percent(Fraction(13, 16)), percent(1), percent(Decimal("1.204")), percent(None)
    ('93.3%', '81.3%', '100.0%', '120.4%', '—')
    """
    if rate is None:
        return DASH
    if isinstance(rate, float):
        raise TypeError("a rate is never a binary float (R16)")
    size = _rounded(abs(Fraction(rate)) * 100, 1)
    return _signed(rate < 0 and size > 0, f"{size:,f}%")


def share(part: int | None, whole: int | None) -> str:
    """What part of the whole, in percent; a dash where either is missing or the whole is nought.

    >>> share(190_000_000, 8_650_000_000), share(97, 104), share(0, 5), share(3, 0), share(None, 5)
    ('2.2%', '93.3%', '0.0%', '—', '—')
    """
    return percent(Fraction(part, whole)) if part is not None and whole else DASH


def coverage(reported: int, expected: int) -> str:
    """A reporting rate with its parts (R12); nothing expected has no rate, neither 0 nor 1.

    >>> coverage(97, 104), coverage(0, 0)
    ('93.3%　97/104', '无义务')
    """
    return f"{share(reported, expected)}\N{IDEOGRAPHIC SPACE}{reported}/{expected}" if expected else NO_DUTY


def _rounded(size: Fraction, places: int) -> Decimal:
    # in whole steps of the last place, so that nothing but integers is ever rounded
    return Decimal(int(size * 10**places * 2 + 1) // 2).scaleb(-places)


def _grouped(size: Fraction, places: int) -> str:
    text = f"{_rounded(size, places):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(is_negative: bool, text: str) -> str:
    return MINUS + text if is_negative else text
