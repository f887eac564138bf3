"""Pure: how quantities are written and read, and how they become exact thousandths of the base unit (R16, R19).

Three grammars, one verdict on the value: text (forms, CSV, text cells), the API's JSON, numeric cells. What cannot be
read exactly is refused with the nearest text that could be; nothing is guessed and nothing passes through a binary
float. Quantities are stored as integers: 434.47 kg = 434470 thousandths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from enterprises.rules.names import folded
from supplies.rules.catalogue import Factor
from supplies.rules.suggestions import nearest, quoted

SCALES = {"": 1, "万": 10**4, "亿": 10**8}
LARGEST = 10**10
"""First value that is too large, in base units: eleven integer digits (R19)."""

_LONGEST = 25
"""Digits before or after the point that no factor can bring back within the limits; spares huge integers."""

_SPACES = "\t\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}\N{THIN SPACE}"
_FOLD = str.maketrans(
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, _SPACES), " ")
    | {ord("\N{MINUS SIGN}"): "-"}
)
_TEXT = re.compile(
    r" *(?P<sign>[+-]?) *(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<decimals>[0-9]+))?"
    r" *(?P<scale>[万亿]?) *(?P<unit>(?:[^\W\d_]+(?:\([^\W\d_]+\))?)?) *"
)
_JSON = re.compile(r"(?P<sign>-?)(?P<whole>0|[1-9][0-9]*)(?:\.(?P<decimals>[0-9]+))?")
_LOOSE = frozenset({"w", "W", "k", "K", "百", "千", "十", "百万", "千万", "萬", "億"})
"""Endings that look like a unit and mean a power of ten."""
_THOUSANDS = "十百千"


class Unreadable(ValueError):
    """A quantity that cannot be accepted: a stable code, and a message that shows what could."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Number:
    """What was written: `value` with 万 or 亿 already in it, and the unit written behind it, if any."""

    text: str
    value: Fraction
    scale: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Quantity:
    """`amount` thousandths of the base unit; one `unit` is num / den base units."""

    amount: int
    unit: str
    num: int
    den: int


Reading = Number | Unreadable
Grammar = Callable[[Any], Number]


def attempt(grammar: Grammar, given: Any) -> Reading:
    """Read by a grammar; the refusal as a value, so that all faults of a submission are answered at once.

    >>> attempt(read_text, "约48万").message
    '读不出“约48万”。请写成 48万 或 480000。'
    """
    try:
        return grammar(given)
    except Unreadable as fault:
        return fault


def read_text(text: str) -> Number:
    """Forms, CSV and text cells: sign, digits with or without groups of three, decimals, 万 or 亿, unit.

    >>> read_text(" １，２３４．５ 万 只 ")
    Number(text='１，２３４．５ 万 只', value=Fraction(12345000, 1), scale='万', unit='只')
    >>> [attempt(read_text, text).code for text in ("-5", "-0", "48.", "1e3", "48万/天", "1 234")]
    ['negative', 'negative', 'not_a_number', 'not_a_number', 'not_a_number', 'not_a_number']
    """
    found = _TEXT.fullmatch(text.translate(_FOLD)) if len(text) <= 1000 else None
    if found is None or found["unit"] in _LOOSE:
        raise unreadable(text)
    value = _value(found["sign"], found["whole"].replace(",", ""), found["decimals"] or "")
    return Number(text.strip(), value * SCALES[found["scale"]], found["scale"], found["unit"])


def read_api(given: object) -> Number:
    """JSON numbers by their literal, without exponent, or strings of ASCII digits with an optional point.

    >>> read_api("48.50").value, read_api("0.5").value
    (Fraction(97, 2), Fraction(1, 2))
    >>> [attempt(read_api, given).code for given in ("1e3", "-0", "４８", ".5", "007", True, None)]
    ['not_a_number', 'negative', 'not_a_number', 'not_a_number', 'not_a_number', 'not_a_number', 'not_a_number']
    """
    if not isinstance(given, str):
        raise Unreadable("not_a_number", '要写数字，例如 480000 或 "434.47"；没有就不写这一项。')
    found = _JSON.fullmatch(given)
    if found is None:
        raise unreadable(given, plain_only=True)
    return Number(str(given), _value(found["sign"], found["whole"], found["decimals"] or ""))


def read_cell(given: object) -> Number:
    """Numeric cells: the shortest decimal of at most 15 significant digits, as the spreadsheet shows it.

    >>> read_cell(0.1 + 0.2).text, read_cell(434.47).value, read_cell(480000.0).text
    ('0.3', Fraction(43447, 100), '480000')
    """
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
        raise Unreadable("not_a_number", "这一格不是数字。")
    shown_as = Decimal(given) if isinstance(given, int) else Decimal(format(given, ".15g"))
    if not shown_as.is_finite():
        raise Unreadable("not_a_number", "这一格不是数字。")
    if shown_as.adjusted() > _LONGEST:
        raise _too_large()
    text = f"{shown_as:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return _negative_nought(text) or Number(text, _value(*_split(text)))


def convert(
    number: Number, *, units: Mapping[str, Factor], base_unit: str, column: str = "", places: int = 3
) -> Quantity:
    """The quantity in base units, exactly, within the limits of R19.

    `units`: the product's units and the enterprise's packs by folded name; `column`: what the unit column says (只,
    万只, 亿, 箱), it holds for the whole row; `places`: decimals allowed after conversion.

    >>> units = {"只": (1, 1), "个": (1, 1), "盒": (50, 1)}
    >>> convert(read_text("48"), units=units, base_unit="只", column="万只")
    Quantity(amount=480000000, unit='万只', num=10000, den=1)
    >>> convert(read_text("1.8亿个"), units=units, base_unit="只").amount
    180000000000
    """
    unit, num, den = _unit(number, units, base_unit, column)
    value = number.value * num / den
    if value >= LARGEST:
        raise _too_large()
    if (value * 10**places).denominator != 1:
        raise Unreadable("too_many_decimals", _decimals_message(places, base_unit))
    return Quantity(int(value * 1000), unit, num, den)


def number(amount: int) -> int | Decimal:
    """Thousandths as an exact number of base units.

    >>> number(480_000_000), number(434_470)
    (480000, Decimal('434.47'))
    """
    return amount // 1000 if amount % 1000 == 0 else (Decimal(amount) / 1000).normalize()


def shown(amount: int) -> str:
    """Thousandths as plain text that every grammar reads back.

    >>> shown(480_000_000), shown(434_470)
    ('480000', '434.47')
    """
    return str(number(amount))


def unreadable(text: str, *, plain_only: bool = False) -> Unreadable:
    """The refusal of a text, with the nearest texts that could be read."""
    if not text.strip():
        return Unreadable("not_a_number", "没有填数字。")
    offers = nearest(text, plain_only=plain_only) or (["480000"] if plain_only else ["48万", "480000"])
    return Unreadable("not_a_number", f"读不出“{quoted(text)}”。请写成 {' 或 '.join(offers)}。")


def _value(sign: str, whole: str, decimals: str) -> Fraction:
    """The value of its digits; refuses a minus sign, and digits beyond any limit without making a number of them."""
    whole, decimals = whole.lstrip("0"), decimals.rstrip("0")
    if sign == "-":
        raise Unreadable("negative", "不能是负数。" if whole or decimals else "0 前面不要写负号。")
    if len(whole) > _LONGEST:
        raise _too_large()
    if len(decimals) > _LONGEST:
        raise Unreadable("too_many_decimals", "小数位太多，最多 3 位。")
    return Fraction(int(whole + decimals or "0"), 10 ** len(decimals))


def _split(text: str) -> tuple[str, str, str]:
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, decimals = digits.partition(".")
    return sign, whole, decimals


def _negative_nought(text: str) -> Number | None:
    # a cell that holds minus nought shows 0, and cells are judged as what they show
    return Number("0", Fraction(0)) if text == "-0" else None


def _unit(number: Number, units: Mapping[str, Factor], base_unit: str, column: str) -> tuple[str, int, int]:
    """The unit that holds for a number, and its factor."""
    column = column.strip()
    scale, rest = _column(column, units)
    if number.unit:
        same_whole = folded(column) == folded(number.scale + number.unit)
        if column and not same_whole and (scale or folded(rest) != folded(number.unit)):
            raise _two_units(number, column)
        return (number.unit, *_factor(number.unit, units, base_unit, number))
    if number.scale and scale:
        raise _two_units(number, column)
    num, den = _factor(rest, units, base_unit, None) if rest else units.get(folded(base_unit), (1, 1))
    return column or base_unit, num * SCALES[scale], den


def _column(column: str, units: Mapping[str, Factor]) -> tuple[str, str]:
    """万 or 亿 at the head of a unit column, and the unit behind it; a unit of the catalogue wins as a whole."""
    if folded(column) not in units and column[:1] in ("万", "亿"):
        return column[0], column[1:].strip()
    return "", column


def _factor(unit: str, units: Mapping[str, Factor], base_unit: str, said: Number | None) -> Factor:
    factor = units.get(folded(unit))
    if factor is not None:
        return factor
    if said is not None and unit[0] in _THOUSANDS and folded(unit.lstrip(_THOUSANDS)) in units:
        raise unreadable(said.text)
    known = dict.fromkeys([base_unit, "万" + base_unit, *units])
    raise Unreadable(
        "unknown_unit",
        f"单位“{quoted(unit)}”没有登记换算。可以写 {'、'.join(list(known)[:8])}；箱、盒等包装要先登记每箱数量。",
    )


def _two_units(number: Number, column: str) -> Unreadable:
    said = number.unit or number.scale
    return Unreadable("two_units", f"数字里写了“{quoted(said)}”，单位又是“{quoted(column)}”，请只留一个。")


def _too_large() -> Unreadable:
    return Unreadable("too_large", "数字太大，换算后要小于 100 亿。")


def _decimals_message(places: int, base_unit: str) -> str:
    return f"换算成{base_unit}后最多 {places} 位小数。" if places else f"{base_unit}数要写整数。"
