"""Chat of a work group as people paste it."""

from __future__ import annotations

import pytest

from coordination.rules import chat

PASTED = """王姐(甲口罩) 9:20
我们甲口罩拉熔喷布的车在外省省界被拦了
布只够两天

李工 2020年3月26日 上午 9:25
收到
陈厂长：乙防护夜班缺包装工二十人
@所有人
林总 10:02
变压器容量不够，想增容
[玫瑰]
"""


def test_a_chat_becomes_its_matters() -> None:
    found = chat.split(PASTED)
    assert [(p.who, p.text) for p in found] == [
        ("王姐(甲口罩)", "我们甲口罩拉熔喷布的车在外省省界被拦了\n布只够两天"),
        ("陈厂长", "乙防护夜班缺包装工二十人"),
        ("林总", "变压器容量不够，想增容"),
    ]
    assert [chat.category(p.text) for p in found] == ["PASS_PROV", "LABOUR", "POWER"]


def test_enterprises_are_guessed_by_name_and_never_between_two() -> None:
    names = [("A", "晋江甲口罩有限公司"), ("B", "南安乙防护用品有限公司"), ("C", "石狮乙防护科技有限公司")]
    assert chat.enterprise("我们甲口罩的车", names) == "A"
    assert chat.enterprise("乙防护用品缺人", names) == "B"
    assert chat.enterprise("乙防护用品、乙防护科技都缺人", names) is None
    assert chat.enterprise("大家好", names) is None


@pytest.mark.parametrize("text", ["", "\n\n\n", "收到", "：：：", "9:20", "a" * 30000, "张三 9:20\n" * 500])
def test_odd_text_never_breaks(text: str) -> None:
    assert len(chat.split(text)) <= chat.MOST
