"""What the liaison officers of the demonstration city saw and heard: a talk with every enterprise every few days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from coordination.rules.demonstration import LAST, TODAY, dice
from coordination.rules.demonstration.makers import MOVE, Maker
from coordination.rules.demonstration.troubles import Trouble


@dataclass(frozen=True)
class Word:
    """A promise: of what kind, what, due on which story day, and what became of it: kept, broken, moved, open."""

    kind: str
    what: str
    due: int
    fate: str
    who: str = ""


@dataclass(frozen=True)
class Talk:
    """One talk: with whom, when (story day, minute), how, what was seen, what was promised, when to be in touch again.

    `trouble` = place of the trouble that came of it.
    """

    maker: int
    day: int
    minute: int
    way: str
    notes: str
    words: tuple[Word, ...]
    again: int
    trouble: int | None = None


SEEN: tuple[str, ...] = (
    "{n} 条线都在开，夜班也排上了", "{n} 条线在开，一条在调试", "无纺布够用 {n} 天", "耳带够用 {n} 天，供应商说能续上",
    "在岗 {n} 人，缺 {m} 名包装工", "成品库存不多，当天做当天走", "熔喷布只够 {n} 天", "检测报告还没有拿到", "电够用，变压器有余量",
    "车间消毒记录齐全", "新到 {m} 台焊接机，等师傅来装", "员工健康码都是绿码", "包装袋紧，供应商要预付款", "物流正常，下午三点发车",
    "工人情绪稳定，食堂分餐", "仓库漏雨，已让他们挪货",
)  # fmt: skip
PROMISED: tuple[tuple[str, str, str], ...] = (
    ("enterprise", "把 {n} 号线开起来", ""), ("enterprise", "补招 {m} 名包装工", ""), ("enterprise", "交齐应急备案材料", ""),
    ("enterprise", "每天 16 点前报数", ""), ("officer", "问清通行证怎么续", ""), ("officer", "帮忙对接无纺布供应商", ""),
    ("officer", "把检测排队的事报上去", ""), ("unit", "派人来看变压器", "供电公司"), ("unit", "答复贴息贷款资格", "财政局"),
    ("unit", "送来健康监测表", "街道办"),
)  # fmt: skip


def talks(makers: Sequence[Maker], troubles: Sequence[Trouble]) -> list[Talk]:
    """All talks up to the living day, in order. A quarter of the troubles were first heard of on one."""
    chance = dice(910)
    found: list[Talk] = []
    for maker in makers:
        found += _course(chance, maker)
    moved = {maker.number for maker in makers if maker.part == "moved"}
    for place, trouble in enumerate(troubles):
        if heard_on_a_visit(place, trouble) and trouble.maker not in moved:
            minute = max(485, trouble.minute - chance.choice((20, 35, 50, 90, 140)))
            way = chance.choice(("visit", "visit", "phone"))
            found.append(Talk(trouble.maker, trouble.day, minute, way, trouble.text, (), trouble.day + 2, place))
    return sorted(found, key=lambda one: (one.day, one.minute, one.maker))


def heard_on_a_visit(place: int, trouble: Trouble) -> bool:
    """Whether the officer raises it, and not the enterprise itself."""
    return place % 4 == 1 and trouble.state != "returned"


def _course(chance: Random, maker: Maker) -> list[Talk]:
    """The regular talks with one enterprise; some have not been seen for a while."""
    stops = LAST - 11 if maker.number % 13 == 6 else TODAY
    day, found = maker.joins + chance.randrange(0, 4), []
    while day <= stops:
        after = day + chance.choice((4, 5, 5, 6, 7, 8))
        way = chance.choice(("visit", "visit", "visit", "visit", "phone", "phone", "video"))
        lines = chance.sample(SEEN, chance.choice((1, 2, 2, 3)))
        notes = "\n".join(_said(chance, line) for line in lines)
        words = () if maker.part == "moved" and day < MOVE else _words(chance, maker.number, day)
        found.append(Talk(maker.number, day, chance.randrange(510, 1020), way, notes, words, after))
        day = after
    return found


def _words(chance: Random, number: int, day: int) -> tuple[Word, ...]:
    """What was promised on a talk: often nothing."""
    if chance.random() > 0.34:
        return ()
    kind, what, who = chance.choice(PROMISED)
    due = day + chance.choice((0, 1, 2, 2, 3, 5))
    roll, fate = chance.random(), "open"
    if due < LAST:
        fate = "kept" if roll < 0.8 else "moved" if roll < 0.9 else "broken"
        # a few have no end yet
        fate = "open" if due >= LAST - 3 and number % 6 == 2 else fate
    return (Word(kind, _said(chance, what), due, fate, who),)


def _said(chance: Random, words: str) -> str:
    return words.format(n=chance.randrange(2, 6), m=chance.choice((3, 4, 6, 8)))
