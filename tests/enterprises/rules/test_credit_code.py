"""GB 32100: what is a code, what is wrong with one, and what is proposed but never done silently."""

from __future__ import annotations

import pytest

from enterprises.rules import credit_code

FICTIONAL = [
    "91999902MA7X00001C", "91999903MA7X00002X", "91999904MA7X00003F", "91999905MA7X000041", "91999906MA7X00005J",
    "91999907MA7X000064", "91999908MA7X00007M", "91999909MA7X000087", "91999910MA7X00009P", "91999911MA7X00010B",
    "91999912MA7X00011W", "91999901MA7X000122",
]  # fmt: skip


@pytest.mark.parametrize("code", [*FICTIONAL, "91350100M000100Y43"])
def test_accepts_codes_with_a_right_check_character(code):
    assert credit_code.normal(code) == code


@pytest.mark.parametrize(
    "text",
    [
        "91350100m000100y43", " 91350100 M000100Y43 ", "91350100-M000100Y-43", "９１３５０１００Ｍ０００１００Ｙ４３",
        "91350100\u2011M000100Y43", "91350100　M000100Y43",
    ],
)  # fmt: skip
def test_folds_width_case_spaces_and_hyphens(text):
    assert credit_code.normal(text) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("91350100M000100Y4Z", "不会有字母 Z"),
        ("91350100M000100Y44", "校验不符"),
        ("91350100M000100Y4", "18 位，现为 17 位"),
        ("", "由数字和大写字母组成"),
        ("9135010AM000100Y43", "第 3 至 8 位应为数字"),
        ("91350100M000100Y4①", "由数字和大写字母组成"),
        ("91350100M000100\u200bY43", "由数字和大写字母组成"),
        ("91350100M000100\u202eY43", "由数字和大写字母组成"),
        ("٩1350100M000100Y43", "由数字和大写字母组成"),
        ("91350100M000100Y43\x00", "由数字和大写字母组成"),
        ("9.13501E+17", "由数字和大写字母组成"),
        ("无", "由数字和大写字母组成"),
    ],
)
def test_says_what_is_wrong(text, reason):
    with pytest.raises(ValueError, match=reason):
        credit_code.normal(text)


def test_proposes_what_was_meant_only_where_the_check_character_agrees():
    with pytest.raises(ValueError, match="是否为 91350100M000100Y43"):
        credit_code.normal("9135O1OOMOOO1OOY43")
    with pytest.raises(ValueError, match=r"不会有字母 O$"):
        credit_code.normal("9135O100M000100Y44")


def test_reads_nothing_else_off_a_code():
    """R15: registered elsewhere, or under an abolished division, is no fault."""
    body = "91410183MA3X00001"
    assert credit_code.normal(body + credit_code.check_character(body))
