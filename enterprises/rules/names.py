"""Pure: names and other short texts as they may be stored, and as they may be searched."""

from __future__ import annotations

import unicodedata

HIDING = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Characters that cannot be seen or turn the direction of writing; none belongs into a name."""


def clean(text: str, *, what: str, longest: int) -> str:
    """The text in one normal form, without outer spaces and runs of them; raises ValueError with a reason for people.

    Width is kept: names carry both kinds of parentheses.

    >>> clean("  福建　甲 公司 ", what="名称", longest=20)
    '福建 甲 公司'
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    hidden = next((c for c in text if unicodedata.category(c) in HIDING), None)
    if hidden is not None:
        raise ValueError(f"{what}里有看不见的字符 U+{ord(hidden):04X}，请删去重填")
    if len(text) > longest:
        raise ValueError(f"{what}最长 {longest} 个字，现有 {len(text)} 个")
    return text


def folded(text: str) -> str:
    """A text for comparing: compatibility forms folded, no spaces, no case.

    >>> folded("KN95口罩 （非医用）"), folded("㎡"), folded("ＫＧ")
    ('kn95口罩(非医用)', 'm2', 'kg')
    """
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
