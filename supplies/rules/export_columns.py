"""Pure: the column map of a receiver's sheet, written as lines of `head = field`, and the values it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

QUANTITIES = {
    "capacity": "日产能",
    "capacity_licensed": "持证日产能",
    "capacity_carried": "日产能中沿用",
    "output": "当日产量",
    "output_cumulative": "累计产量",
    "stock": "库存",
    "shipped": "发货",
    "last_known_of_unreported": "未报企业最近日产能",
}
"""Sums, in the base unit; `/10000` after the field gives 万."""

PLAIN = {
    "number": "行号",
    "date": "日期",
    "division": "区划名称",
    "division_code": "区划代码",
    "name": "产品（类别、产品组）名称",
    "code": "产品（类别、产品组）代码",
    "unit": "单位",
    "expected": "应报家数",
    "reported": "已报家数",
    "on_time": "按时家数",
    "late": "迟报家数",
    "carried": "沿用家数",
    "stale": "失效家数",
    "never": "从未报家数",
    "unreported": "未报家数",
    "snapshot": "快照序号",
    "as_of": "截至时间",
}
"""Counts and words; an empty field is an empty column."""

DIVISORS = ("1000", "10000", "1000000", "100000000")
LINE = re.compile(r"(?P<head>[^=＝]{1,60})[=＝](?P<field>[a-z_ ]{0,40})(?:/(?P<by>[0-9]{1,9}))?")
MOST = 60
THOUSAND = 1000


def parse(text: str) -> list[list[str]]:
    """Columns as [head, field, divisor]; raises ValueError naming the line.

    >>> parse("日产能（万只） = capacity/10000\\n\\n备注 =")
    [['日产能（万只）', 'capacity', '10000'], ['备注', '', '1']]
    """
    found: list[list[str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        matched = LINE.fullmatch(line.strip())
        head = matched["head"].strip() if matched else ""
        if matched is None or not head:
            raise ValueError(f"第 {number} 行应写作 列名 = 字段，如 日产能（万只） = capacity/10000")
        field, by = matched["field"].strip(), matched["by"] or "1"
        if field and field not in QUANTITIES and field not in PLAIN:
            raise ValueError(f"第 {number} 行：没有字段 {field}")
        if by != "1" and (field not in QUANTITIES or by not in DIVISORS):
            raise ValueError(f"第 {number} 行：只有数量可以除以 {'、'.join(DIVISORS)}")
        if head in {one[0] for one in found}:
            raise ValueError(f"第 {number} 行：列名 {head} 重复")
        found.append([head, field, by])
    if not found:
        raise ValueError("至少要有一列")
    if len(found) > MOST:
        raise ValueError(f"最多 {MOST} 列")
    return found


def written(columns: list[list[str]]) -> str:
    """Columns as lines again.

    >>> written([["日产能（万只）", "capacity", "10000"], ["备注", "", "1"]])
    '日产能（万只） = capacity/10000\\n备注 = '
    """
    return "\n".join(f"{head} = {field}" + (f"/{by}" if by != "1" else "") for head, field, by in columns)


def value(field: str, by: str, said: Mapping[str, Any]) -> Any:
    """One cell; a quantity stands in `said` in thousandths and comes out exact.

    >>> value("capacity", "10000", {"capacity": 8_650_000_000}), value("capacity", "1", {"capacity": None})
    (Decimal('865'), None)
    >>> value("stock", "10000", {"stock": 434_470})
    Decimal('0.043447')
    """
    if not field:
        return None
    if field not in QUANTITIES:
        return said[field]
    amount = said[field]
    if amount is None:
        return None
    exact = Decimal(amount) / (THOUSAND * int(by))
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize()
