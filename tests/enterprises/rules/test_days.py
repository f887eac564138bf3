"""Which texts are days: the forms of the fine print, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest

from enterprises.rules import days


@pytest.mark.parametrize(
    "text", ["2020-02-28", "2020/2/28", "2020-2-28", "2020年2月28日", "２０２０／２／２８", " 2020/02/28 "]
)
def test_reads_days_of_forms_and_files(text):
    assert days.written(text) == dt.date(2020, 2, 28)


@pytest.mark.parametrize(
    "text",
    [
        "20200228", "2020-W09-5", "28/2/2020", "2020.2.28", "2020-02-30", "2020年2月", "2020-2/28", "2月28日", "",
        "43889", "2020-02-28 08:00", "0020-02-28", "١٩٩٩-02-28", "明天", "2020年2-28",
    ],
)  # fmt: skip
def test_refuses_everything_else(text):
    with pytest.raises(ValueError, match=r"日期|没有这一天|年份"):
        days.written(text)


@pytest.mark.parametrize("text", ["2020-2-28", "2020/02/28", "2020-02-28T00:00", "２０２０-02-28", " 2020-02-28"])
def test_the_api_reads_one_form_only(text):
    assert days.iso("2020-02-28") == dt.date(2020, 2, 28)
    with pytest.raises(ValueError, match="2020-02-28"):
        days.iso(text)


def test_a_refusal_repeats_neither_long_nor_hidden_text():
    with pytest.raises(ValueError, match="…") as refused:
        days.written("9" * 500 + "\u202e")
    assert len(str(refused.value)) < 160
    assert "\u202e" not in str(refused.value)
