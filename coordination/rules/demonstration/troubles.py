"""What stopped the enterprises of the demonstration city, and how far each matter has come: 118 were solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from coordination.rules.demonstration import LAST, dice
from coordination.rules.demonstration.makers import Maker

SOLVED = 118
"""Problems solved by the last story day, as published."""


@dataclass(frozen=True)
class Trouble:
    """One matter: whose, what, when it was submitted (story day, minute of the day), how far it has come, in days.

    `state` is the state it has reached on the last story day; `blocked` units a day it held back, 0 = not said.
    """

    maker: int
    category: str
    title: str
    text: str
    impact: str
    day: int
    minute: int
    state: str
    days: int
    blocked: int = 0
    satisfaction: int = 0
    is_refused: bool = False


KINDS: tuple[tuple[str, int, tuple[tuple[str, str, str], ...]], ...] = (
    ("PASS_CITY", 26, (
        ("送货车辆在邻县卡点被劝返", "两辆送口罩的厢式货车在县界卡点被劝返，司机有健康码，没有市里的通行证。", "当天的货出不了厂"),
        ("拉无纺布的货车进不了城", "从石狮拉无纺布的货车在高速口排了四小时，最后被劝返。", "无纺布只够一天半"),
    )),
    ("PASS_PROV", 14, (
        ("外省熔喷布运输车缺通行证", "从外省拉熔喷布的 9.6 米货车在省界被拦，要应急运输通行证。", "熔喷布余量三天"),
    )),
    ("SUPPORT_CHAIN", 20, (
        ("耳带供应厂没有复工", "做耳带的配套厂还没批复工，其他家要预付全款。", "两条线等耳带"),
        ("包装袋厂停产", "印刷包装袋的厂没有复工，白袋也买不到。", "成品装不了箱"),
    )),
    ("LICENSE", 16, (
        ("医用口罩应急备案", "产品已按标准生产，应急备案材料交了三天没有答复。", "医用口罩不能出厂"),
        ("注册证增加规格", "平面型要增加儿童规格，不知道交哪些材料。", "儿童口罩生产线闲着"),
    )),
    ("TEST", 14, (("样品送检排队", "过滤效率和细菌检测排到十天以后。", "不能放行销售"),)),
    ("LABOUR", 9, (("夜班缺工二十人", "夜班要开第二条线，缺包装工二十人。", "一条线只开白班"),)),
    ("RAW_LOCAL", 8, (("无纺布到货比约定少一半", "纺粘无纺布供应商限量，每天只给三吨。", "产能只能开六成"),)),
    ("EQUIP_TECH", 6, (("耳带焊接机缺调试师傅", "新到两台耳带焊接机，厂家师傅隔离在外省。", "两台机器没有开"),)),
    ("FINANCE", 3, (("采购原料周转资金不足", "原料要现款，想申请贴息贷款。", "下周原料款没有着落"),)),
    ("POWER", 2, (("车间增容", "新上三条线，变压器容量不够。", "只能错峰开线"),)),
)  # fmt: skip
"""Category, how many were solved, and what enterprises wrote."""

LIVING: tuple[tuple[str, int, str], ...] = (
    ("submitted", 5, ""), ("returned", 1, ""), ("accepted", 3, ""), ("dispatched", 4, ""), ("handling", 11, ""),
    ("waiting", 3, ""), ("replied", 4, ""),
)  # fmt: skip
"""How many are under way in each state on the last story day."""


AT_TRANSPORT = {("dispatched", 1), ("dispatched", 2), ("handling", 4), ("handling", 5)}
"""Which of them lie with the unit whose account a visitor may take."""


def troubles(makers: Sequence[Maker]) -> list[Trouble]:
    """The matters in the order of their submission."""
    chance = dice(900)
    found: list[Trouble] = []
    for category, count, words in KINDS:
        for _ in range(count):
            title, text, impact = chance.choice(words)
            days = chance.choice((1, 1, 2, 2, 3, 4, 6))
            day = chance.randrange(3, LAST - 2 - days)
            found.append(
                Trouble(
                    _maker(chance, makers, day), category, title, text, impact, day, chance.randrange(510, 1000), "closed", days,
                    satisfaction=chance.choice((5, 5, 5, 4, 4, 3)), is_refused=chance.random() < 0.06,
                )
            )  # fmt: skip
    kinds = [kind for kind, count, _ in KINDS for _ in range(count)]
    words_of = {kind: words for kind, _, words in KINDS}
    for state, count, _ in LIVING:
        for number in range(count):
            category = chance.choice(kinds)
            if (state, number) in AT_TRANSPORT:
                category = "PASS_CITY"
            title, text, impact = chance.choice(words_of[category])
            late = state == "handling" and number < 3
            day = LAST - (
                18 if late else {"submitted": 0, "returned": 1, "accepted": 0}.get(state, chance.randrange(1, 6))
            )
            minute = chance.randrange(510, 720)
            if state == "dispatched" and (state, number) in AT_TRANSPORT:
                day, minute = LAST, 925  # given on at the end of the day: there is time to sign
            found.append(
                Trouble(
                    _maker(chance, makers, day), category, title, text, impact, day, minute, state, 1,
                    blocked=chance.choice((0, 0, 20_000, 30_000, 60_000, 120_000)),
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.day, one.minute, one.maker))


def _maker(chance: Random, makers: Sequence[Maker], day: int) -> int:
    """Somebody who was there by then."""
    there = [maker.number for maker in makers if maker.joins <= day]
    return chance.choice(there)
