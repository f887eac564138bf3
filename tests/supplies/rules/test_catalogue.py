"""The project's own table of products keeps its promises (R3, R16, R17)."""

from __future__ import annotations

import re

import pytest

from supplies.products import CATEGORIES, GROUPS, TABLE
from supplies.rules import catalogue

ENTRIES = catalogue.read(TABLE.read_text(encoding="utf-8").splitlines())
BY_CODE = {entry.code: entry for entry in ENTRIES}


def test_has_66_products_without_flaws():
    assert len(ENTRIES) == len(BY_CODE) == 66
    assert catalogue.flaws(ENTRIES) == []
    assert {e.category for e in ENTRIES} == set(CATEGORIES)
    assert {e.group for e in ENTRIES} - {None} == set(GROUPS)


def test_has_one_base_unit_per_category_and_kind_of_quantity_r16():
    kinds = {"千克": "weight", "瓶": "bottles", "包": "packs", "件": "pieces", "平方米": "area", "米": "length"}
    found: dict[tuple[str, str], set[str]] = {}
    for entry in ENTRIES:
        kind = "cases" if entry.category == "drug" and entry.base_unit == "件" else kinds.get(entry.base_unit, "pieces")
        found.setdefault((entry.category, kind), set()).add(entry.base_unit)
    assert [key for key, units in found.items() if len(units) > 1] == []


def test_intermediate_goods_and_materials_are_in_no_category_of_finished_goods_r17():
    stages: dict[str, set[str]] = {}
    for entry in ENTRIES:
        stages.setdefault(entry.category, set()).add(entry.stage)
    assert stages.pop("material") == {"material", "intermediate"}
    assert set().union(*stages.values()) == {"finished"}


def test_has_no_pack_and_no_density_among_its_units_r16():
    packs = re.compile(r"盒|箱|卷|桶|升|毫升")
    for entry in ENTRIES:
        for unit in entry.units:
            assert not packs.search(unit) or (unit, entry.base_unit) == ("500毫升瓶", "瓶"), (entry.code, unit)
        if entry.base_unit == "瓶":
            assert "吨" not in entry.units, "tonnes of bottles are struck"
    assert "米" not in BY_CODE["MAT_EARLOOP"].units
    assert "米" not in BY_CODE["MAT_SUITFAB"].units


@pytest.mark.parametrize(
    ("code", "unit", "factor"),
    [
        ("MASK_SURG", "个", (1, 1)), ("MASK_SURG", "片", (1, 1)), ("SUIT_STERILE", "套", (1, 1)),
        ("SHOECOVER", "双", (2, 1)), ("SHOECOVER", "只", (1, 1)), ("GLOVE_SURG", "双", (2, 1)),
        ("GOGGLES", "副", (1, 1)), ("ALC_IND", "吨", (1000, 1)), ("MAT_PP", "吨", (1000, 1)),
        ("MAT_MELT", "克", (1, 1000)), ("EQ_MELT", "条", (1, 1)), ("DIS_HAND_LIQ", "500毫升瓶", (1, 1)),
    ],
)  # fmt: skip
def test_accepts_former_units_and_physical_units_exactly_r16(code, unit, factor):
    assert BY_CODE[code].units[unit] == factor


def test_flaws_names_what_is_wrong():
    good = BY_CODE["MASK_SURG"]
    twin = catalogue.Entry(**{**good.__dict__, "code": "X", "base_unit": "千克", "required": ("stock",)})
    assert len(catalogue.flaws([good, twin])) == 4


def test_finds_by_code_and_by_name_whatever_the_width():
    known = catalogue.Catalogue.of(ENTRIES)
    for text in ("MASK_KN95", "mask_kn95", "KN95口罩 (非医用)", "ＫＮ９５口罩（非医用）"):
        assert known.find(text).code == "MASK_KN95"
    assert known.find("口罩") is None
