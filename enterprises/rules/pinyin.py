"""Pure: how a name is sorted and found by its sound."""

from __future__ import annotations

import unicodedata

LONGEST_KEY, LONGEST_INITIALS = 400, 200


def keys(name: str) -> tuple[str, str]:
    """Full pinyin (for sorting and searching) and initials (for searching) of a name, lower case, without spaces.

    >>> keys("泉州Ａ甲口罩（福建）")
    ('quanzhouajiakouzhaofujian', 'qzajkzfj')
    """
    # imported here: its tables take half a second to load, and few processes ever need them
    from pypinyin import Style, lazy_pinyin

    plain = "".join(c for c in unicodedata.normalize("NFKC", name) if c.isalnum())
    sound = "".join(lazy_pinyin(plain)).lower()
    initials = "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER)).lower()
    return sound[:LONGEST_KEY], initials[:LONGEST_INITIALS]
