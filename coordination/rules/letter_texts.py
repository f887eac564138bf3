"""Pure: the first words of an official letter, from what is known of the matter; people go on from there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

OPEN_MARK = "【"
"""Begins what a person still has to write; a letter with one in it cannot be signed."""
ASKS = {
    "PASS_CITY": "对该企业运输车辆凭有效通行证予以放行，并告知沿途卡点",
    "PASS_PROV": "对该企业运输车辆凭有效通行证予以放行，并告知沿途卡点",
    "LOGISTICS": "协调货运车辆承运该企业的原料和产品",
    "RAW_LOCAL": "协调辖区供货企业优先保障该企业所需原料",
    "RAW_OUT": "协调辖区供货企业优先保障该企业所需原料，并放行运输车辆",
    "MAT_SPEC": "协调辖区加工企业按该企业所需规格供货",
    "EQUIP_TRANSIT": "协调放行滞留在贵地的生产设备，并为运输和安装人员提供便利",
    "EQUIP_TECH": "协调设备厂家派员调试，并为其出行提供便利",
    "STERILISE": "协调辖区灭菌机构承接该企业产品的灭菌",
    "SUPPORT_CHAIN": "协调该企业的配套厂尽快复工供货",
    "STAFF_TRAVEL": "协助该企业在贵地的员工返岗",
    "SALES": "协调该企业产品的调拨和收储",
    "TAX_CUSTOMS": "协助办理该企业的相关手续",
}
"""What is usually asked for, by category."""


@dataclass(frozen=True)
class Matter:
    """What a letter is about. `name` is the enterprise, or "我市 3 家企业" where there are several."""

    name: str
    title: str
    description: str
    category: str
    uscc: str = ""
    product: str = ""
    impact: str = ""
    blocked: str = ""
    hours_to_stop: int | None = None


def title(matter: Matter) -> str:
    """The title of the letter, at most 100 characters.

    >>> title(Matter("甲公司", "熔喷布货车被劝返", "", "PASS_CITY"))
    '关于商请协调解决甲公司熔喷布货车被劝返问题的函'
    """
    return f"关于商请协调解决{matter.name}{matter.title.rstrip('。！？')[:50]}问题的函"[-100:]


def body(matter: Matter, reply_by: dt.date | None = None) -> str:
    """The body, one paragraph a line: who, what is blocked, what is asked, until when."""
    code = f"（统一社会信用代码 {matter.uscc}）" if matter.uscc else ""
    made = f"，承担{matter.product}的生产任务" if matter.product else ""
    intro = f"{matter.name}{code}是我市应急物资保供企业{made}" if matter.uscc else f"{matter.name}"
    said = " ".join(matter.description.split())
    lines = [f"{intro}。近日反映：{_sentence(said)}" if matter.uscc else f"近日，{intro}反映：{_sentence(said)}"]
    if harm := _harm(matter):
        lines.append(harm)
    asked = ASKS.get(matter.category, "【请写明需要对方协调的具体事项】")
    lines += [
        "为保障应急物资生产供应，现商请贵单位协助以下事项：",
        f"一、{asked}。",
        "二、明确一名联系人，便于两地对接。",
    ]
    if reply_by is not None:
        lines.append(f"请于{reply_by.month}月{reply_by.day}日前将办理情况函复我局。")
    lines.append("专此函达，请予支持为盼。")
    return "\n".join(lines)


def _harm(matter: Matter) -> str:
    parts = []
    if matter.impact:
        parts.append(matter.impact.strip().rstrip("。；"))
    if matter.blocked:
        parts.append(f"每日影响产能{matter.blocked}")
    if matter.hours_to_stop is not None:
        parts.append(f"如不解决，预计 {matter.hours_to_stop} 小时内停产")
    return f"受此影响，{'；'.join(parts)}。" if parts else ""


def _sentence(text: str) -> str:
    """A text that ends as a sentence does.

    >>> _sentence("没有通行证"), _sentence("布料只够两天！")
    ('没有通行证。', '布料只够两天！')
    """
    return text if text.endswith(("。", "！", "？", "”")) else f"{text.rstrip('，；、.')}。"


def number(prefix: str, year: int, serial: int | None) -> str:
    """The reference number as GB/T 9704 writes it; without a serial, room for it.

    >>> number("泉工信函", 2020, 12), number("泉工信函", 2020, None)
    ('泉工信函〔2020〕12号', '泉工信函〔2020〕　号')
    """
    return f"{prefix}〔{year}〕{serial if serial is not None else '　'}号"
