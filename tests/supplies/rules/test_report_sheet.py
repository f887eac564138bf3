"""The clerk's rows: what a figure looks like in the unit last used, what typed text means, what changed."""

from __future__ import annotations

import pytest

from supplies.rules.report_sheet import Offer, Typed

MASK = Offer("M", "口罩", "只", "万只", ("capacity",), {"只": (1, 1), "个": (1, 1), "箱": (2000, 1)}, ("箱",))
CLOTH = Offer("F", "无纺布", "千克", "吨", ("stock",), {"千克": (1, 1), "吨": (1000, 1), "克": (1, 1000)})


@pytest.mark.parametrize(
    "offer, amount, unit, typed",
    [
        (MASK, 578_000_000, "万只", ("57.8", "万只")),
        (MASK, 578_000_000, "只", ("57.8", "万只")),
        (MASK, 578_000_000, "", ("57.8", "万只")),
        (MASK, 96_000, "只", ("96", "只")),
        (MASK, 0, "万只", ("0", "万只")),
        (MASK, 60_000_000, "箱", ("30", "箱")),
        (MASK, 60_000_000, "盒", ("60000", "只")),
        (MASK, 123_456_789, "万只", ("123456.789", "只")),
        (CLOTH, 12_500_000, "吨", ("12.5", "吨")),
        (CLOTH, 12_500_000, "千克", ("12.5", "吨")),
        (CLOTH, 500_000, "千克", ("500", "千克")),
        (MASK, None, "箱", ("", "箱")),
        (MASK, None, "盒", ("", "万只")),
    ],
)
def test_a_stored_amount_is_written_as_it_was_typed_and_always_exactly(offer, amount, unit, typed):
    written = offer.written(amount, unit)
    assert (written.text, written.unit) == typed
    assert offer.amount(written) == amount


@pytest.mark.parametrize(
    "text, unit, amount",
    [
        ("48", "万只", 480_000_000),
        ("48万", "只", 480_000_000),
        ("48万", "万只", None),
        ("约48", "只", None),
        (" ", "只", None),
    ],
)
def test_typed_text_is_read_by_the_grammar_of_every_channel(text, unit, amount):
    assert MASK.amount(Typed(text, unit)) == amount


def test_a_row_says_what_changed_and_whether_it_is_asked_for():
    row = MASK.row("capacity", Typed("70", "万只"), 680_000_000)
    assert (row.change, row.is_required, row.name) == (20_000_000, True, "M-capacity")
    assert MASK.row("stock", Typed("70", "万只"), None).change is None
    assert MASK.row("stock", Typed("x", ""), 5).typed.unit == "万只"


def test_a_unit_that_came_in_is_offered_again_even_if_it_is_unknown():
    assert MASK.choices("盒") == ("万只", "只", "箱", "盒")
