"""Fictional names, people and credit codes of the demonstration city; the divisions are the real ones.

No company bears these names: each brand is put together from two characters, and the codes carry the division
9999xx, which does not exist.
"""

from __future__ import annotations

from itertools import product

from coordination.rules.demonstration import dice
from enterprises.rules.credit_code import check_character

PROVINCE, CITY = ("350000", "福建省"), ("350500", "泉州市")

COUNTIES: dict[str, str] = {
    "350502": "鲤城区", "350503": "丰泽区", "350504": "洛江区", "350505": "泉港区", "350521": "惠安县",
    "350524": "安溪县", "350525": "永春县", "350526": "德化县", "350581": "石狮市", "350582": "晋江市",
    "350583": "南安市",
}  # fmt: skip
SILENT_COUNTY = ("350527", "金门县")
ZONES: dict[str, str] = {"3505K1": "泉州经济技术开发区", "3505K2": "泉州台商投资区"}
UNITS: dict[str, str] = COUNTIES | ZONES
"""The 13 reporting units by code."""

SHARES: dict[str, int] = {
    "350582": 24, "350581": 15, "350583": 14, "350521": 11, "350502": 6, "350503": 6, "350504": 5, "350505": 5,
    "3505K1": 5, "350524": 4, "3505K2": 4, "350525": 3, "350526": 2,
}  # fmt: skip
"""How many of the 104 enterprises stand in each unit on day 0."""

BRANDS = [a + b for a, b in product("澜屿砚栎翎岫汀皓珩霁", "衡葭沅笙澈苒棠蘅昀骞枳")]
SURNAMES, GIVEN = (
    "林陈黄吴王李张蔡许郑庄洪",
    ("志明", "秀兰", "建国", "丽华", "文斌", "雅婷", "国强", "晓燕", "振东", "美玲"),
)

TRADES: dict[str, tuple[str, ...]] = {
    "mask": ("卫生用品", "防护用品", "医用敷料", "护理用品"),
    "converted": ("服饰", "鞋材", "纸品", "纺织", "无纺制品", "箱包"),
    "suit": ("服装", "防护科技", "制衣"),
    "disinfect": ("消毒科技", "日化"),
    "melt": ("新材料", "无纺布"),
    "gloves": ("乳胶制品",),
    "eye": ("光学护具",),
    "thermometer": ("电子仪器",),
    "wipes": ("日用品",),
    "machine": ("智能机械", "自动化设备"),
}
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(number: int) -> str:
    """A credit code for the enterprise of that number: right in both check characters (GB 11714, GB 32100), nobody's.

    >>> credit_code(1)
    '91999902MA0000015K'
    """
    body = f"MA{number:06}"
    rest = 11 - sum(int(c, 36) * w for c, w in zip(body, BODY_WEIGHTS, strict=True)) % 11
    code = f"919999{number % 13 + 1:02}{body}{'X' if rest == 10 else rest % 11}"
    return code + check_character(code)


def brands() -> list[str]:
    """Brands in a mixed order, always the same."""
    mixed = list(BRANDS)
    dice(4).shuffle(mixed)
    return mixed


def company(brand: str, trade: str, division: str) -> str:
    """The full name: place, brand, trade."""
    place = "泉州" if division in ZONES else UNITS[division][:2]
    return f"{place}{brand}{trade}有限公司"


def person(number: int) -> str:
    """The name of a person nobody is.

    >>> person(0), person(25)
    ('林志明', '陈雅婷')
    """
    return SURNAMES[number % len(SURNAMES)] + GIVEN[number * 7 // 5 % len(GIVEN)]


def phone(number: int) -> str:
    """A telephone number that cannot be called; the enterprises' begin at 1.

    >>> phone(7)
    '19900000007'
    """
    return f"1990000{number:04}"
