"""Quantities: three grammars, one verdict on the value, exact to the thousandth, nothing guessed (R16, R19)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from supplies.rules.quantities import (
    LARGEST,
    Grammar,
    Number,
    Quantity,
    Unreadable,
    attempt,
    convert,
    number,
    read_api,
    read_cell,
    read_text,
    shown,
)
from supplies.rules.suggestions import decimal, nearest, quoted

UNITS = {"只": (1, 1), "个": (1, 1), "吨": (1000, 1), "克": (1, 1000), "盒": (50, 1), "m2": (3, 1)}
amounts = st.integers(0, LARGEST * 1000 - 1)
literals = st.from_regex(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,8})?", fullmatch=True)


def verdict(grammar: Grammar, given: Any, column: str = "") -> int | str:
    """Thousandths of the base unit, or the code of the refusal."""
    try:
        return convert(grammar(given), units=UNITS, base_unit="只", column=column).amount
    except Unreadable as fault:
        return fault.code if fault.message and not fault.message.isascii() else "no reason"


def widened(text: str) -> str:
    """The same in full-width forms."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@given(amounts)
def test_every_storable_amount_reads_back_through_every_channel(amount: int) -> None:
    text = shown(amount)
    assert verdict(read_text, text) == verdict(read_api, text) == amount
    assert verdict(read_text, widened(text)) == amount
    assert verdict(read_cell, float(text)) == verdict(read_cell, Decimal(text)) == amount


@given(literals)
@example("9999999999.999")
@example("9999999999.9990000")
@example("10000000000")
@example("0.0005")
@example("0.00000000")
def test_the_same_value_meets_the_same_verdict_through_every_channel_r19(literal: str) -> None:
    value = Fraction(literal)
    expected: int | str = int(value * 1000)
    if value >= LARGEST:
        expected = "too_large"
    elif (value * 1000).denominator != 1:
        expected = "too_many_decimals"
    assert verdict(read_text, literal) == verdict(read_api, literal) == verdict(read_cell, Decimal(literal)) == expected
    if len(literal.replace(".", "").strip("0")) <= 15:
        assert verdict(read_cell, float(literal)) == expected


@given(literals)
def test_negative_values_are_refused_alike(literal: str) -> None:
    assert verdict(read_text, "-" + literal) == verdict(read_api, "-" + literal) == "negative"
    if Fraction(literal):
        assert verdict(read_cell, -float(literal)) == "negative"


@given(st.text(max_size=60) | st.text("0123456789.,+-eE 万亿千百只w%()/\u3000\u00a0\u200b０９．，", max_size=20))
@example("9" * 1200)
@example("1" + "0" * 4400)
@example("," * 900)
def test_any_text_is_either_read_or_refused_with_a_reason(text: str) -> None:
    for grammar in (read_text, read_api):
        outcome = attempt(grammar, text)
        assert isinstance(outcome, Number | Unreadable)
        if isinstance(outcome, Unreadable):
            assert len(outcome.message) < 200


@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.lists(st.integers())
    | st.dictionaries(st.text(), st.none())
)
def test_any_cell_is_either_read_or_refused_with_a_reason(cell: object) -> None:
    assert isinstance(attempt(read_cell, cell), Number | Unreadable)
    if not isinstance(cell, str):
        assert attempt(read_api, cell).code == "not_a_number"  # type: ignore[union-attr]


@given(st.text("0123456789.,+-eE 万亿千百十一二两四零只wkK约/天_٣①", max_size=16))
def test_what_a_refusal_proposes_can_be_read(text: str) -> None:
    plain = nearest(text, plain_only=True)
    for offer in nearest(text):
        assert isinstance(read_text(offer), Number)
        assert read_text(offer).value == read_text(plain[0]).value
    for offer in plain:
        assert isinstance(read_api(offer), Number)


@given(st.integers(0, 10**9), st.integers(0, 999), st.sampled_from(["", "万", "亿"]), st.sampled_from(["", *UNITS]))
def test_spelling_makes_no_difference(whole: int, decimals: int, scale: str, unit: str) -> None:
    unit = unit if unit != "m2" else ""
    tail = f".{decimals:03}"
    plain = attempt(read_text, f"{whole}{tail}{scale}{unit}")
    assert isinstance(plain, Number)
    for spelled in (
        f"{whole:,}{tail}{scale}{unit}",
        f"  +{whole}{tail} {scale} {unit} ",
        widened(f"{whole:,}{tail}") + f"\u3000{scale}\u00a0{unit}",
        f"{whole}{tail}000{scale}{unit}",
        f"00{whole}{tail}{scale}{unit}",
    ):
        read = read_text(spelled)
        assert (read.value, read.scale, read.unit) == (plain.value, plain.scale, plain.unit)
    assert plain.value == Fraction(f"{whole}{tail}") * {"": 1, "万": 10**4, "亿": 10**8}[scale]


@given(literals, st.sampled_from(sorted(UNITS)), st.sampled_from(["", "万", "亿"]))
def test_conversion_is_exact_and_what_was_typed_gives_the_amount_again_r5(literal: str, unit: str, scale: str) -> None:
    try:
        done = convert(read_text(literal), units=UNITS, base_unit="只", column=scale + unit)
    except Unreadable:
        return
    num, den = UNITS[unit]
    assert done.amount * den == Fraction(literal) * 1000 * num * {"": 1, "万": 10**4, "亿": 10**8}[scale]
    assert read_text(literal).value * done.num / done.den * 1000 == done.amount


@given(amounts)
def test_an_exact_number_is_whole_where_the_amount_is(amount: int) -> None:
    exact = number(amount)
    assert Fraction(exact) * 1000 == amount
    assert isinstance(exact, int) == (amount % 1000 == 0)


@pytest.mark.parametrize(
    "text, column, expected",
    [
        ("48", "万只", Quantity(480_000_000, "万只", 10_000, 1)),
        ("48", "万", Quantity(480_000_000, "万", 10_000, 1)),
        ("0.1", "亿个", Quantity(10_000_000_000, "亿个", 10**8, 1)),
        ("48万", "只", Quantity(480_000_000, "只", 1, 1)),
        ("48万只", "万只", Quantity(480_000_000, "只", 1, 1)),
        ("48只", "只", Quantity(48_000, "只", 1, 1)),
        ("434.47 吨", "", Quantity(434_470_000, "吨", 1000, 1)),
        ("5克", "", Quantity(5, "克", 1, 1000)),
        ("3", "盒", Quantity(150_000, "盒", 50, 1)),
        ("2", "㎡", Quantity(6_000, "㎡", 3, 1)),
        ("7", "", Quantity(7_000, "只", 1, 1)),
    ],
)
def test_units_in_the_text_and_in_the_column_r16(text: str, column: str, expected: Quantity) -> None:
    assert convert(read_text(text), units=UNITS, base_unit="只", column=column) == expected


@pytest.mark.parametrize(
    "text, column, code",
    [
        ("48个", "只", "two_units"),
        ("48万", "万只", "two_units"),
        ("48只", "万只", "two_units"),
        ("48箱", "", "unknown_unit"),
        ("48", "箱", "unknown_unit"),
        ("48", "万箱", "unknown_unit"),
        ("48", "千只", "unknown_unit"),
        ("5千只", "", "not_a_number"),
        ("5千米", "", "unknown_unit"),
        ("0.5克", "", "too_many_decimals"),
        ("100", "亿只", "too_large"),
        ("10000001", "吨", "too_large"),
    ],
)
def test_refuses_units_that_do_not_fit_r16(text: str, column: str, code: str) -> None:
    assert verdict(read_text, text, column) == code


@pytest.mark.parametrize(
    "cell, value",
    [
        (0.1 + 0.2, "0.3"),
        (1234567.891, "1234567.891"),
        (1e21 / 1e15, "1000000"),
        (-0.0, "0"),
        (5, "5"),
        (2.675, "2.675"),
        (9999999999.999, "9999999999.999"),
        (123456789012345678, "123456789012345678"),
    ],
)
def test_cells_say_what_the_spreadsheet_shows(cell: float, value: str) -> None:
    assert read_cell(cell).value == Fraction(value)


@pytest.mark.parametrize(
    "text, message",
    [
        ("约48万", "读不出“约48万”。请写成 48万 或 480000。"),
        ("四十万", "读不出“四十万”。请写成 40万 或 400000。"),
        ("1亿2000万", "读不出“1亿2000万”。请写成 1.2亿 或 120000000。"),
        ("48w", "读不出“48w”。请写成 48万 或 480000。"),
        ("1 234", "读不出“1 234”。请写成 1234。"),
        ("1_000", "读不出“1_000”。请写成 1000。"),
        ("٤٨", "读不出“٤٨”。请写成 48。"),
        ("很多", "读不出“很多”。请写成 48万 或 480000。"),
        ("\u202e48", "读不出“48”。请写成 48。"),
        (" ", "没有填数字。"),
    ],
)
def test_a_refusal_shows_what_would_be_accepted_r16(text: str, message: str) -> None:
    outcome = attempt(read_text, text)
    assert isinstance(outcome, Unreadable)
    assert outcome.message == message


def test_the_api_is_offered_plain_numbers_only() -> None:
    outcome = attempt(read_api, "48万")
    assert isinstance(outcome, Unreadable)
    assert outcome.message == "读不出“48万”。请写成 480000。"


@given(st.text(max_size=200))
def test_what_is_quoted_is_short_and_stays_on_its_line(text: str) -> None:
    said = quoted(text)
    assert len(said) <= 21
    assert said.isprintable() or any(c.isspace() for c in said)
    assert "\n" not in said


@given(st.decimals(0, 10**12, places=6))
def test_a_decimal_is_written_in_full(value: Decimal) -> None:
    assert Fraction(decimal(Fraction(value))) == Fraction(value)
    assert "e" not in decimal(Fraction(value)).lower()
