"""Pure: the steps of an official letter as data: from, to, whose, what is given. Effects stand in coordination.letters."""

from __future__ import annotations

from coordination.choices import LetterResult, LetterState, LetterWay, Side
from coordination.rules.transitions import Field, Step

L = LetterState
DESK, SIGNER = frozenset({Side.DESK}), frozenset({Side.SUPERVISOR})
WAYS = tuple(LetterWay.choices)
REASON = Field("reason", "理由", longest=500)

CONTENT = (
    Field("organ", "发文机关", longest=40),
    Field("prefix", "机关代字", longest=16, hint="文号由“代字〔年〕序号”组成，签发时取号"),
    Field("addressee", "主送", longest=200, hint="写全称，几个机关用“、”隔开"),
    Field("copies", "抄送", is_required=False, longest=200),
    Field("title", "标题", longest=100),
    Field("body", "正文", longest=5000, hint="一行一段；“一、”“（一）”“1.”开头的自动按层次排字"),
    Field("attachments", "附件", "items", is_required=False, hint="每行一份的名称"),
    Field("contact", "联系人和电话", is_required=False, longest=100),
    Field("reply_by", "请对方何日前函复", "day", is_required=False),
)
"""What a letter says; all of it can be changed until it is signed."""
DRAFTING = Step("draft", "拟公函", frozenset(), L.DRAFT, DESK, fields=CONTENT)
AMENDING = Step("amend", "保存修改", frozenset({L.DRAFT}), None, DESK, fields=CONTENT)

STEPS: tuple[Step, ...] = (
    Step("submit", "送签", frozenset({L.DRAFT}), L.AWAITING, DESK, is_main=True),
    Step(
        "sign", "签发", frozenset({L.AWAITING}), L.SIGNED, SIGNER, is_main=True,
        fields=(Field("dated", "成文日期", "day", is_required=False, hint="不写就是今天"),),
    ),
    Step("send_back", "退回修改", frozenset({L.AWAITING}), L.DRAFT, SIGNER, fields=(REASON,)),
    Step(
        "send", "登记发出", frozenset({L.SIGNED}), L.SENT, DESK, is_main=True,
        fields=(
            Field("sent_on", "发出日期", "day"),
            Field("way", "方式", "choice", choices=WAYS),
            Field("note", "说明", is_required=False, longest=200, hint="收件人、单号"),
            Field("reply_by", "请对方何日前函复", "day", is_required=False),
            Field("tell", "告诉企业", "choice", is_required=False, choices=(("yes", "告诉“已去函协调”"), ("no", "不告诉"))),
        ),
    ),
    Step(
        "reply", "登记回函", frozenset({L.SENT}), L.ANSWERED, DESK, is_main=True,
        fields=(
            Field("replied_on", "回函日期", "day"),
            Field("result", "结果", "choice", choices=tuple(LetterResult.choices)),
            Field("text", "回函内容", longest=2000),
            Field("number", "回函文号", is_required=False, longest=60),
        ),
    ),
    Step(
        "remind", "催函", frozenset({L.SENT}), None, DESK,
        fields=(
            Field("text", "催函内容", longest=1000),
            Field("way", "方式", "choice", choices=WAYS),
            Field("due_on", "请何日前函复", "day"),
        ),
    ),
    Step("close", "办结", frozenset({L.SENT, L.ANSWERED}), L.CLOSED, DESK, fields=(Field("note", "办结说明", longest=500),)),
    Step("drop", "作废", frozenset({L.DRAFT, L.AWAITING}), L.DROPPED, DESK, fields=(REASON,)),
)  # fmt: skip
"""The table; a number once given is never taken back, so only what has none can be dropped."""
BY_ACTION = {step.action: step for step in STEPS}


def possible(state: str, sides: frozenset[str]) -> tuple[Step, ...]:
    """Steps that somebody on these sides may take from a state.

    >>> [step.action for step in possible("awaiting", frozenset({"supervisor"}))]
    ['sign', 'send_back']
    """
    return tuple(step for step in STEPS if state in step.sources and step.sides & sides)
