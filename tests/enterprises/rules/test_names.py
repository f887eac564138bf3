"""Names: one normal form, nothing hidden; found by sound."""

from __future__ import annotations

import pytest

from enterprises.rules import names, pinyin


def test_keeps_width_and_takes_outer_spaces():
    assert names.clean("　福建（甲）(乙)  公司\n", what="名称", longest=20) == "福建（甲）(乙) 公司"


@pytest.mark.parametrize("text", ["甲\u202e乙", "甲\u200b乙", "甲\x00", "\ud800", "甲\u2066"])
def test_refuses_characters_that_hide(text):
    with pytest.raises(ValueError, match=r"看不见的字符 U\+"):
        names.clean(text, what="名称", longest=20)


def test_refuses_what_is_too_long():
    with pytest.raises(ValueError, match="最长 3 个字，现有 4 个"):
        names.clean("甲乙丙丁", what="名称", longest=3)


def test_sound_and_initials_fit_their_columns():
    sound, initials = pinyin.keys("晋江庄" * 100)
    assert sound.startswith("jinjiangzhuang")
    assert initials.startswith("jjz")
    assert (len(sound), len(initials)) == (pinyin.LONGEST_KEY, pinyin.LONGEST_INITIALS)
