"""What makes a statement, and when two say the same (R3, R6). What is refused is told with the act's tests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises.errors import FieldError, Refused
from supplies.choices import Measure
from supplies.rules.figures import Figures, LimitLine, Line, Owed, ProductFigures, Statement, Terms, check
from supplies.rules.quantities import attempt, read_text

TERMS = {
    "M": Terms("口罩", "只", ("capacity", "output"), {"只": (1, 1), "盒": (50, 1)}),
    "F": Terms("布", "千克", ("stock",), {"千克": (1, 1), "吨": (1000, 1)}),
}

lines = st.lists(
    st.builds(
        Line,
        st.sampled_from(["A", "B", "C", "D"]),
        st.dictionaries(st.sampled_from(Measure.values), st.integers(0, 3)),
    ),
    max_size=4,
    unique_by=lambda line: line.product,
)
limits = st.lists(
    st.builds(
        LimitLine, st.sampled_from(["labour", "other"]), st.sampled_from([None, "A"]), st.sampled_from([None, 0, 5])
    ),
    max_size=3,
)
staff = st.sampled_from([None, 0, 1])
statements = st.builds(
    Statement, st.sampled_from(["running", "partial"]), lines.map(tuple), staff, staff, st.sampled_from(["", "x"]),
    limits.map(tuple),
)  # fmt: skip


def meaning(said: Statement) -> object:
    """What a statement says, without the order in which it says it."""
    told = {line.product: {m: line.amounts.get(m) for m in Measure.values} for line in said.lines}
    return said.state, said.staff_due, said.staff_on_duty, said.note, told, sorted(map(str, said.limits))


@given(statements, statements)
def test_fingerprints_are_equal_exactly_where_statements_say_the_same_r6(one: Statement, other: Statement) -> None:
    assert (one.fingerprint() == other.fingerprint()) == (meaning(one) == meaning(other))


@given(statements, st.randoms())
def test_order_and_spelling_leave_the_fingerprint_alone_r6(said: Statement, chance: object) -> None:
    shuffled = sorted(said.lines, key=lambda _: chance.random())  # type: ignore[attr-defined]
    typed = [Line(row.product, row.amounts, {m: {"text": "x"} for m in row.amounts}) for row in shuffled]
    again = Statement(said.state, tuple(typed), said.staff_due, said.staff_on_duty, said.note, said.limits[::-1])
    assert again.fingerprint() == said.fingerprint()


def row(product: str, unit: str = "", **figures: str) -> ProductFigures:
    return ProductFigures(product, {m: attempt(read_text, text) for m, text in figures.items()}, unit)


def test_a_fingerprint_stays_the_same_for_ever() -> None:
    """It is stored with every revision; another way to make it would turn equal figures into new revisions."""
    said = Statement("running", (Line("M", {"capacity": 1}),), 3, None, "说明", (LimitLine("other"),))
    assert said.fingerprint() == "35d3ad4a6fbb9bcaaa4ad012071e2154f688e50e6d0b7f8d247efb4e023fa48e"


def test_a_unit_of_a_single_measure_wins_over_the_column() -> None:
    given_row = ProductFigures("M", row("M", capacity="2", output="3").figures, "盒", {"output": "万只"})
    line = check(Figures(lines=(given_row,)), owed=Owed(), terms=TERMS).lines[0]
    assert line.amounts == {"capacity": 100_000, "output": 30_000_000}
    assert line.entered["output"] == {"text": "3", "unit": "万只", "num": 10_000, "den": 1}


def refusal(figures: Figures, owed: Owed) -> tuple[str, list[tuple[str, str]]]:
    with pytest.raises(Refused) as caught:
        check(figures, owed=owed, terms=TERMS)
    return caught.value.code, [(e.field, e.code) for e in caught.value.errors]


def test_an_unknown_unit_of_a_row_is_told_once() -> None:
    figures = Figures(lines=(row("M", "桶", capacity="1", output="2"),))
    assert refusal(figures, Owed()) == ("unknown_unit", [("lines[0].unit", "unknown_unit")])


def test_what_follows_from_a_fault_of_shape_is_not_said_again() -> None:
    broken = Figures(lines=(ProductFigures("", {}),)).with_faults(
        [FieldError("lines[0].product", "required", "要写。")]
    )
    faults = [("lines[0].product", "required"), ("lines", "missing_line")]
    assert refusal(broken, Owed(("F",))) == ("invalid", faults)
