"""Pure: chat pasted from a work group, split into matters, with a guess what each is about and whose it is.

Nothing that was pasted is lost: what is taken for noise is given back too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from coordination.rules import categories
from enterprises.rules.names import folded

MOST = 300
"""Matters of one paste; a day of a busy group has fewer."""
_DAY = (
    r"(?:[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?\s*)?(?:[0-9]{1,2}月[0-9]{1,2}日\s*)?"
    r"(?:(?:星期|周)[一二三四五六日天]\s*)?(?:昨天|今天|前天)?\s*"
)
_CLOCK = _DAY + r"(?:上午|下午|晚上|凌晨|中午|早上)?\s*[0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?"
_HEAD = re.compile(
    rf"^\s*(?P<who>[^\n:：]{{1,40}}?)[:：]?\s+(?P<at>{_CLOCK})\s*$|^\s*(?P<who2>[^\n:：，。,]{{1,40}}?)\s*(?P<at2>{_CLOCK})\s*$"
)
_SAYS = re.compile(
    r"^\s*(?P<who>[^\s:：，。,！？@0-9][^:：，。,！？\n]{0,29}?)\s*(?:：|(?<![0-9]):(?![0-9/]))\s*(?P<text>\S.*)$"
)
_NAME_ONLY = re.compile(r"^\s*(?P<who>[^\s:：，。,！？][^:：，。,！？\n]{0,38}?)\s*[:：]\s*$")
_MOMENT_ONLY = re.compile(rf"^[\s—–-]*(?:{_CLOCK}|(?=.*[0-9]){_DAY})[\s—–-]*$")
_QUOTE = re.compile(r"^[「\"“](?P<who>[^:：」]{1,30})[:：](?P<text>.*?)[」\"”]?$", re.DOTALL)
_RULE = re.compile(r"^[\s\-—–_=·*]{3,}$")
_MEDIA = (
    r"\[(?:图片|照片|视频|语音|文件|位置|名片|链接|小程序|动画表情|聊天记录|转账|红包|[^\[\]\n]{1,8})\]"
    r"(?:\s*[0-9]{1,3}[\"″])?"
)
_THUMBS = "[👍🙏👌🌹💪❤️😊😄]"
_WORD = (
    r"收到|好的?|嗯+|哦+|ok|okay|谢谢?您?|感谢.{0,10}|辛苦了?.{0,6}|明白|知道了|了解|同意|早上好|大家好|以下为新消息|"
    r"—+\s*以上是历史消息\s*—+|.{1,30}(?:撤回了一条消息|加入了群聊|邀请.{1,30}加入了群聊|修改群名为.*|拍了拍.*)"
)
_NOISE = re.compile(
    rf"^(?:{_WORD}|(?:{_THUMBS}|\s)+|{_MEDIA}|@\S{{1,20}})(?:[!！。.~～,，、\s]|收到|谢谢|@\S{{1,20}}|{_THUMBS}|{_MEDIA})*$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^\s*(?:[(（]?[0-9]{1,2}[)）.、．:：]|[一二三四五六七八九十]{1,2}、|[①-⑳])\s*(?P<text>.+)$")
_CHAIN = re.compile(r"^\s*#?接龙\s*|^\s*例[:： ]")
_SAME = re.compile(r"^(?:\+ ?1|同上|一样|我们也是|也是|同样的?问题|我们?公司也.{0,6})[!！。.]*$")
_PHONE = re.compile(r"(?<![0-9])(1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}|0[0-9]{2,3}-?[0-9]{7,8})(?![0-9])")
_UNITS = "只|个|片|套|件|吨|公斤|千克|kg|米|桶|升|瓶|箱|台|辆|车|人|名|万元|元|度|小时|天"
_QUANTITY = re.compile(
    rf"(?<![0-9.])([0-9]+(?:\.[0-9]+)?\s*(?:[多余几])?\s*(?:百|千|万|十万|百万|亿)?\s*(?:{_UNITS}))", re.IGNORECASE
)
_PER_DAY = re.compile(
    r"(?:每天|每日|一天|日)(?:少做|少产|少|损失|影响|减产|停产|压住|做不了)[^0-9]{0,6}([0-9]+(?:\.[0-9]+)?\s*(?:百|千|万|亿)?\s*(?:只|个|片|套|件))"
)
_PLACES = "晋江|石狮|南安|惠安|安溪|永春|德化|鲤城|丰泽|洛江|泉港"
_FORMS = re.compile(rf"(股份)?有限(责任)?公司|集团|公司|厂$|^福建省?|^泉州市?|^({_PLACES})(市|县|区)?")
_COMMON = frozenset(
    {"口罩", "防护", "医疗", "卫生", "服装", "纺织", "消毒", "科技", "实业", "健康", "新材", "无纺", "华南", "中国"}
)
"""Two characters with which names begin and by which nobody is called."""


@dataclass(frozen=True)
class Piece:
    """One matter: who wrote it in the group, when as it is written there, and what; `quote` is what it answers."""

    who: str
    text: str
    at: str = ""
    quote: str = ""


@dataclass
class Chat:
    """The matters of a paste in its order, and the lines that were taken for none."""

    pieces: list[Piece] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Named:
    """An enterprise as it may be spoken of."""

    key: str
    name: str
    initials: str = ""
    contact: str = ""
    phone: str = ""


def read(text: str) -> Chat:
    """Messages of a pasted chat: "name time" lines (phone and PC), "name:" lines, lists of a 接龙, or paragraphs.

    >>> [p.text for p in read("王姐 9:20\\n车在卡点被劝返\\n李: 收到\\n陈工：停电两小时").pieces]
    ['车在卡点被劝返', '停电两小时']
    """
    found = Chat()
    who = at = day = quote = ""
    lines: list[str] = []

    def keep() -> None:
        nonlocal quote
        _keep(found, who, at, quote, lines)
        quote = ""

    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = line.strip().strip("\u200b\ufeff\u2005")
        head = None if _ITEM.match(line) and not _HEAD.match(line) else _HEAD.match(line)
        says, alone = _SAYS.match(line), _NAME_ONLY.match(line)
        quoted = _QUOTE.match(line)
        if not line or _RULE.match(line):
            if quote and not lines:
                continue  # a reply stands below the rule
            keep()
            lines = []
        elif _MOMENT_ONLY.match(line) and any(c.isdigit() for c in line):
            at = day = line.strip("—–- ")
            found.left_out.append(line)
        elif quoted and line[0] in "「":
            keep()
            lines, quote = [], f"{quoted['who']}：{quoted['text'].strip()}"
        elif head:
            keep()
            lines, who, at = [], (head["who"] or head["who2"] or "").strip(), (head["at"] or head["at2"] or "").strip()
        elif alone and not _ITEM.match(line) and len(alone["who"]) <= 24 and not _looks_like_text(alone["who"]):
            keep()
            lines, who, at = [], alone["who"], day
        elif says and not _ITEM.match(line) and len(says["who"]) <= 16 and not _looks_like_text(says["who"]):
            keep()
            who, at, lines = says["who"], day, [says["text"]]
        else:
            lines.append(line)
    keep()
    if len(found.pieces) > MOST:
        found.left_out += [piece.text for piece in found.pieces[MOST:]]
        del found.pieces[MOST:]
    return found


def split(text: str) -> list[Piece]:
    """The matters alone."""
    return read(text).pieces


def _keep(found: Chat, who: str, at: str, quote: str, lines: list[str]) -> None:
    """One message: noise apart, a list into its items, everything else as one matter."""
    said: list[str] = []
    for line in lines:
        (found.left_out if _NOISE.match(line) or _CHAIN.match(line) else said).append(line)
    if quote and not said:
        found.left_out.append(f"「{quote}」")
    if not said:
        return
    who = who.strip()
    items = [line for line in said if _ITEM.match(line)]
    if len(items) >= 2 or (items and any(_CHAIN.match(line) for line in lines)):
        _keep_items(found, who, at, said)
        return
    text = "\n".join(said)
    if _SAME.match(text):
        before = quote or next((f"{p.who}：{p.text}" for p in reversed(found.pieces) if p.who != who), "")
        found.pieces.append(Piece(who, text, at, before))
    else:
        found.pieces.append(Piece(who, text, at, quote))


def _keep_items(found: Chat, who: str, at: str, said: list[str]) -> None:
    """A numbered list: each item is a matter; what stands above the list belongs to all, what stands below an item to it."""
    above: list[str] = []
    items: list[str] = []
    for line in said:
        if (match := _ITEM.match(line)) is not None:
            items.append(match["text"].strip())
        elif items:
            items[-1] += f"\n{line}"
        else:
            above.append(line)
    kept = [item for item in items if not _NOISE.match(item)]
    found.pieces += [Piece(who, item, at, "\n".join(above)) for item in kept]
    found.left_out += [item for item in items if item not in kept]


def _looks_like_text(said: str) -> bool:
    """Whether what stands before a colon is a phrase rather than somebody's name."""
    return (
        bool(
            re.search(
                r"(问题|困难|情况|如下|需要|目前|联系人|联系电话|电话|地址|原因|数量|产能|产品|备注|说明|时间)$", said
            )
        )
        or said.count(" ") > 3
    )


def phones(text: str) -> list[str]:
    """Telephone numbers in a text, each once.

    >>> phones("找张三 138 0000 0000 或 0595-85880000")
    ['13800000000', '0595-85880000']
    """
    return list(
        dict.fromkeys(re.sub(r"(?<=[0-9]) (?=[0-9])", "", found).replace(" ", "") for found in _PHONE.findall(text))
    )


def quantities(text: str) -> list[str]:
    """Amounts with their units, as they are written.

    >>> quantities("缺熔喷布 2 吨、工人20名，每天少做10万只")
    ['2 吨', '20名', '10万只']
    """
    return list(dict.fromkeys(found.strip() for found in _QUANTITY.findall(_PHONE.sub(" ", text))))


def per_day(text: str) -> str:
    """What is not made a day, where the text says so.

    >>> per_day("车进不来，每天少做10万只"), per_day("缺布 2 吨")
    ('10万只', '')
    """
    found = _PER_DAY.search(text)
    return found.group(1).strip() if found else ""


def is_likely(piece: Piece) -> bool:
    """Whether a message speaks of a difficulty at all: a known word, an amount, or somebody saying "me too"."""
    said = f"{piece.text} {piece.quote}"
    return category(said) != "OTHER" or bool(
        re.search(r"缺|没有|不够|困难|问题|帮忙|协调|求助|急|停产|怎么办|解决", said)
    )


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
    return _named(text, [Named(key, name) for key, name in names])


def whose(piece: Piece, known: list[Named]) -> str | None:
    """The enterprise a message is of: named in it, else by the sender's remark, a telephone number, or the sender.

    What is quoted is somebody else's.
    """
    by_phone = {
        one.key for one in known for said in phones(piece.text) if one.phone and _digits(one.phone) == _digits(said)
    }
    return (
        _named(piece.text, known)
        or (next(iter(by_phone)) if len(by_phone) == 1 else None)
        or _named(piece.who, known)
        or _by_contact(piece.who, known)
        or _named(piece.quote, known)
    )


def _named(text: str, known: list[Named]) -> str | None:
    said = folded(text)
    letters = set(re.findall(r"[a-z]{3,}", said))
    best: dict[int, set[str]] = {}
    for one in known:
        full, short = folded(one.name), core(one.name)
        for form in (full, short, short[:4], short[:3], short[:2]):
            if len(form) >= 2 and form in said and form not in _COMMON:
                best.setdefault(len(form), set()).add(one.key)
                break
        else:
            if letters & _initials(one, full, short):
                best.setdefault(1, set()).add(one.key)
    if not best:
        return None
    likely = best[max(best)]
    return next(iter(likely)) if len(likely) == 1 else None


def _initials(one: Named, full: str, short: str) -> set[str]:
    """By which letters an enterprise may be called: those of its whole name, of its core, and of place and core."""
    letters = one.initials.casefold()
    place = full.find(short)
    if not letters or len(letters) != len(full) or place < 0:
        return {letters} if len(letters) >= 3 else set()
    forms = {letters, letters[place : place + len(short)], letters[: place + len(short)]}
    for start in (0, place):
        forms |= {letters[start : start + length] for length in (3, 4, 5)}
    return {form for form in forms if len(form) >= 3}


def _by_contact(who: str, known: list[Named]) -> str | None:
    parts = {part for part in re.split(r"[-—_·\s()（）]+", who) if len(part) >= 2}
    found = {one.key for one in known if one.contact and one.contact in parts}
    return next(iter(found)) if len(found) == 1 else None


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
