"""Pure: chat pasted from a work group, split into matters, with a guess what each is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from coordination.rules import categories
from enterprises.rules.names import folded

MOST, LONGEST = 50, 500
_DAY = r"(?:[0-9]{4}[-/年][0-9]{1,2}[-/月][0-9]{1,2}日?\s+)?(?:[0-9]{1,2}月[0-9]{1,2}日\s*)?"
_CLOCK = _DAY + r"(?:上午|下午|晚上|凌晨|中午)?\s*[0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?"
_HEAD = re.compile(
    rf"^\s*(?P<who>[^\n:：]{{1,24}}?)\s+{_CLOCK}\s*$|^\s*(?P<who2>[^\n:：，。,]{{1,24}}?)\s*{_CLOCK}\s*$"
)
_SAYS = re.compile(r"^\s*(?P<who>[^\s:：，。,0-9]{1,16})\s*[:：]\s*(?P<text>\S.*)$")
_NOISE = re.compile(r"^(收到|好的?|ok|谢谢|👍|\[.{1,6}\]|@所有人)[!！。.]*$", re.IGNORECASE)
_PLACES = "晋江|石狮|南安|惠安|安溪|永春|德化|鲤城|丰泽|洛江|泉港"
_FORMS = re.compile(rf"(股份)?有限(责任)?公司|集团|公司|厂$|^福建省?|^泉州市?|^({_PLACES})(市|县|区)?")


@dataclass(frozen=True)
class Piece:
    """One matter: who wrote it in the group, and what."""

    who: str
    text: str


def split(text: str) -> list[Piece]:
    """Messages of a pasted chat: "name time" lines, "name: words" lines, or paragraphs; noise is left out.

    >>> [p.text for p in split("王姐 9:20\\n车在卡点被劝返\\n李: 收到\\n陈工：停电两小时")]
    ['车在卡点被劝返', '停电两小时']
    """
    found: list[Piece] = []
    who = ""
    lines: list[str] = []

    def keep() -> None:
        said = "\n".join(line for line in lines if not _NOISE.fullmatch(line)).strip()
        if said:
            found.append(Piece(who.strip(), said[:LONGEST]))

    for line in [*text.replace("\r\n", "\n").split("\n"), ""]:
        head, says = _HEAD.match(line), _SAYS.match(line)
        if head or says or not line.strip():
            keep()
            lines = []
            if head:
                who = head["who"] or head["who2"] or ""
            elif says:
                who, lines = says["who"], [says["text"]]
        else:
            lines.append(line.strip())
    keep()
    return found[:MOST]


def category(text: str) -> str:
    """The category a text is probably about; OTHER where no word is known.

    >>> category("货车在高速口被劝返"), category("今天天气很好")
    ('PASS_CITY', 'OTHER')
    """
    return next(iter(categories.guesses(text)), "OTHER")


def core(name: str) -> str:
    """What people call an enterprise: its name without place and legal form.

    >>> core("晋江甲口罩有限公司"), core("福建省南安乙防护用品有限公司")
    ('甲口罩', '乙防护用品')
    """
    kept = folded(name)
    while (shorter := _FORMS.sub("", kept)) != kept:
        kept = shorter
    return kept


def enterprise(text: str, names: Iterable[tuple[str, str]]) -> str | None:
    """The key of the enterprise a text names: the longest name or core (two characters at least, its first four do)
    found in it; None where none is, or two are equally likely.

    >>> enterprise("甲口罩的车被拦了", [("A", "晋江甲口罩有限公司"), ("B", "南安乙防护用品有限公司")])
    'A'
    """
    said = folded(text)
    best: dict[int, set[str]] = {}
    for key, name in names:
        full, short = folded(name), core(name)
        for form in (full, short, short[:4]):
            if len(form) >= 2 and form in said:
                best.setdefault(len(form), set()).add(key)
                break
    if not best:
        return None
    likely = best[max(best)]
    return next(iter(likely)) if len(likely) == 1 else None
