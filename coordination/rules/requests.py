"""Pure: what people write when they ask for help, made into what a ticket needs; nothing they wrote is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass

from supplies.rules import quantities
from supplies.rules.quantities import Unreadable

LONGEST_HEADLINE = 24
IMPACTS: tuple[tuple[str, str], ...] = (
    ("stopped", "已经停产"), ("stopping", "马上要停产"), ("less", "产量减少"), ("late", "交不了货"), ("none", "暂时没有影响"),
)  # fmt: skip
"""What a matter does to production, in one tap."""
_GREETING = re.compile(
    r"^(?:(?:各位|尊敬的?)?(?:领导|同志|专班|工作人员|指挥部|老师)?(?:们)?(?:您好|你好|好)?|紧急求助|求助|急|报告)[,，、:：!！。.\s]+"
)
_END = re.compile(r"[。！？!?；;\n]")
_ABOUT = re.compile(r"^(?:大概|大约|大致|约莫|约|差不多|将近|近)?\s*(?P<number>[0-9].*?)\s*(?:左右|上下|多)?$")
_VAGUE = re.compile(
    r"大概|大约|大致|约|差不多|将近|左右|上下|来[万吨只件个套]|不到|至少|最多|以上|以下"
    r"|[几多两]|[一二三四五六七八九十百千]|(?<=[0-9万千百])[-~—～至到]"
)


def headline(text: str) -> str:
    """The first thing said, as a title; greetings are left out, a long sentence ends at its last comma.

    >>> headline("领导您好，我们一辆拉熔喷布的货车在省界被劝返，司机有健康码，没有通行证。布料只够两天")
    '我们一辆拉熔喷布的货车在省界被劝返'
    """
    said = _GREETING.sub("", text.strip())
    first = next((part.strip() for part in _END.split(said) if part.strip()), "")
    if len(first) <= LONGEST_HEADLINE:
        return first
    start = first[:LONGEST_HEADLINE]
    cut = max(start.rfind("，"), start.rfind(","))
    return start[:cut] if cut >= 6 else f"{start[:-1]}…"


@dataclass(frozen=True)
class Amount:
    """What was written for an amount: as it goes into the figure, and as it is told in words beside it."""

    figure: str
    words: str = ""


def amount(text: str) -> Amount:
    """ "约3万" is the figure 3万 and stays 约3万 in words; "大概两三吨" is words only. What is neither is left to be refused.

    >>> amount("21万"), amount("约3万只"), amount("大概两三吨")
    (Amount(figure='21万', words=''), Amount(figure='3万只', words='约3万只'), Amount(figure='', words='大概两三吨'))
    """
    said = text.strip()
    about = _ABOUT.fullmatch(said)
    if about is not None and about["number"] != said and _is_read(about["number"]):
        return Amount(about["number"], said)
    if not said or _is_read(said):
        return Amount(said)
    return Amount("", said) if _VAGUE.search(said) else Amount(said)


def impact(kind: str, words: str, lost: str = "") -> str:
    """One sentence of what was tapped and what was written.

    >>> impact("stopping", "布料只够两天", "大概两三吨"), impact("", "", "")
    ('马上要停产，布料只够两天；每天少做大概两三吨', '')
    """
    chosen = dict(IMPACTS).get(kind, "")
    said = "，".join(part for part in (chosen, words.strip()) if part)
    return "；".join(part for part in (said, f"每天少做{lost}" if lost else "") if part)


def parted(said: str) -> tuple[str, str]:
    """The tap and the words that made an impact.

    >>> parted("马上要停产，布料只够两天"), parted("两条线要停")
    (('stopping', '布料只够两天'), ('', '两条线要停'))
    """
    for kind, word in IMPACTS:
        if said == word or said.startswith(f"{word}，"):
            return kind, said[len(word) + 1 :]
    return "", said


def _is_read(text: str) -> bool:
    try:
        quantities.read_text(text)
    except Unreadable:
        return False
    return True
