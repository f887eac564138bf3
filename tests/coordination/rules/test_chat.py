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


PHONE_COPY = """———— 2020-02-12 ————

晋江-甲口罩-林岱  08:31
@市工信局小陈 早上好，我们厂熔喷布只剩 300 公斤，明天下午就断了，能不能帮忙协调 2 吨？联系人 13800000001

市工信局小陈  08:33
收到，我问一下
[微笑]

南安 乙防护 吴经理  08:40
[图片]
[图片]
车在金淘高速口被劝返，司机说要通行证🙏

晋江丙消毒—王厂  08:41
+1

"小李"邀请"老周"加入了群聊
———— 2020-02-13 ————

市工信局小陈  09:00
@所有人 请各企业 10:00 前把困难接龙
"""

PC_COPY = """林岱:
昨天说的通行证还没有下来
现在两台车停在省界

吴经理:
「林岱：昨天说的通行证还没有下来」
- - - - - - - - - - - - - - -
我们也是

陈会计:
贷款到期了，想办续贷：能不能找担保
电话 0595-85880000
"""

CHAIN = """市工信局小陈 2020/2/13 9:05:11
#接龙
请写企业和困难
例 XX公司 缺什么
1. 甲口罩 缺耳带线 20 万条，每天少做10万只
2. 乙防护 缺包装工20人
夜班也缺
3、丙消毒 收到
4. 丙消毒 酒精桶没有货
"""


def test_the_phones_copy_with_dates_pictures_and_mentions() -> None:
    found = chat.read(PHONE_COPY)
    assert [(p.who, p.at, p.text[:9]) for p in found.pieces] == [
        ("晋江-甲口罩-林岱", "08:31", "@市工信局小陈 早"), ("市工信局小陈", "08:33", "收到，我问一下"),
        ("南安 乙防护 吴经理", "08:40", "车在金淘高速口被劝"), ("晋江丙消毒—王厂", "08:41", "+1"),
        ("市工信局小陈", "09:00", "@所有人 请各企业"),
    ]  # fmt: skip
    assert [chat.is_likely(p) for p in found.pieces] == [True, False, True, True, True]
    assert "被劝返" in found.pieces[3].quote  # what "+1" agrees with
    assert found.left_out.count("[图片]") == 2
    assert chat.phones(found.pieces[0].text) == ["13800000001"]
    assert chat.quantities(found.pieces[0].text) == ["300 公斤", "2 吨"]


def test_the_pcs_copy_with_a_reply() -> None:
    found = chat.read(PC_COPY)
    assert [(p.who, p.text) for p in found.pieces] == [
        ("林岱", "昨天说的通行证还没有下来\n现在两台车停在省界"), ("吴经理", "我们也是"),
        ("陈会计", "贷款到期了，想办续贷：能不能找担保\n电话 0595-85880000"),
    ]  # fmt: skip
    assert found.pieces[1].quote == "林岱：昨天说的通行证还没有下来"
    assert chat.category(found.pieces[2].text) == "FINANCE"


def test_a_list_of_the_group_is_a_matter_for_each_of_its_lines() -> None:
    found = chat.read(CHAIN)
    assert [p.text for p in found.pieces] == [
        "甲口罩 缺耳带线 20 万条，每天少做10万只", "乙防护 缺包装工20人\n夜班也缺", "丙消毒 收到", "丙消毒 酒精桶没有货",
    ]  # fmt: skip
    assert found.pieces[0].quote == "请写企业和困难"
    assert chat.per_day(found.pieces[0].text) == "10万只"


@pytest.mark.parametrize("pasted", [PASTED, PHONE_COPY, PC_COPY, CHAIN])
def test_nothing_pasted_is_lost(pasted: str) -> None:
    found = chat.read(pasted)
    kept = "\n".join([*found.left_out, *(f"{p.who} {p.at} {p.text} {p.quote}" for p in found.pieces)])
    for line in pasted.splitlines():
        if line.startswith("李工"):
            continue  # who said nothing but "received"
        for word in line.replace("—", " ").replace("「", " ").replace("」", " ").replace("：", " ").split():
            bare = word.strip(":：-@#").lstrip("0123456789.、")
            assert bare in kept, line


NAMED = [
    chat.Named("A", "晋江甲口罩有限公司", "jjjkzyxgs", "林岱", "13800000001"),
    chat.Named("B", "南安乙防护用品有限公司", "nayfhypyxgs", "吴成"),
    chat.Named("C", "晋江丙消毒用品有限公司", "jjbxdypyxgs"),
]


@pytest.mark.parametrize(
    ("who", "text", "quote", "key"),
    [
        ("晋江-甲口罩-林岱", "我们的车被拦了", "", "A"), ("路人", "乙防护的车被拦了", "", "B"),
        ("晋江-甲口罩-林岱", "乙防护也一样，车被拦了", "", "B"), ("会计", "急！找 138 0000 0001", "", "A"),
        ("林岱", "我们的车被拦了", "", "A"), ("jjbx-王", "缺桶", "", "C"), ("老吴", "nayf 缺人", "", "B"),
        ("老周", "大家好", "", None), ("老周", "同上", "丙消毒：没有酒精桶", "C"), ("老周", "甲口罩和丙消毒都缺人", "", None),
    ],
)  # fmt: skip
def test_whose_matter_it_is(who: str, text: str, quote: str, key: str | None) -> None:
    assert chat.whose(chat.Piece(who, text, quote=quote), NAMED) == key
