"""Pure: the transition table of tickets as data (tickets.md 2.2), and the steps that leave the state as it is.

A row says from where to where, whose it is, what must be given, who may read it, what the enterprise is told, and which
clocks it moves. Nothing else in the code knows which state follows which. Guards are named here and written in
coordination.tickets.guards.
"""

from __future__ import annotations

from dataclasses import dataclass

from coordination.choices import (
    SAYABLE,
    CallBack,
    ClockKind,
    EscalationRule,
    Obstacle,
    RejectReason,
    ReturnReason,
    Satisfaction,
    Side,
    TicketLevel,
    TicketMode,
    TicketNature,
    TicketResult,
    TicketState,
    UrgentReason,
    Visibility,
)

S, K = TicketState, ClockKind
ENTERPRISE, LIAISON, DESK, HANDLER = Side.ENTERPRISE, Side.LIAISON, Side.DESK, Side.HANDLER
SUPERVISOR, ASSIST, HEAD, SYSTEM = Side.SUPERVISOR, Side.ASSIST, Side.HEAD, Side.SYSTEM

TERMINAL = frozenset({S.CLOSED, S.REJECTED, S.WITHDRAWN, S.DUPLICATE})
OPEN = frozenset(set(TicketState) - TERMINAL - {S.DRAFT})
ACTIVE = frozenset({S.ACCEPTED, S.DISPATCHED, S.HANDLING})
ORDERED = frozenset({S.DISPATCHED, S.HANDLING, S.WAITING, S.SUSPENDED})
"""States in which units work on their orders."""
LONG_TEXT, SHORT_TEXT = 2000, 200


@dataclass(frozen=True)
class Field:
    """One thing that is given with a step.

    kind: text, choice, items (list of short texts), organisation, organisations, division, category, ticket, day, flag.
    `is_more` stands folded on the page.
    """

    name: str
    word: str
    kind: str = "text"
    is_required: bool = True
    longest: int = LONG_TEXT
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    is_more: bool = False
    is_rating: bool = False
    """A rating: kept in an event of its own, which the units that did the work do not read (2.7)."""


@dataclass(frozen=True)
class Step:
    """One row of the table. `target` None leaves the state; `code` is its number in tickets.md, empty for mere steps."""

    action: str
    word: str
    sources: frozenset[str]
    target: str | None
    sides: frozenset[str]
    code: str = ""
    fields: tuple[Field, ...] = ()
    guards: tuple[str, ...] = ()
    visibility: str = Visibility.UNITS
    says: str = ""
    start: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()
    resume: tuple[str, ...] = ()
    is_main: bool = False
    effect: str = ""
    is_bulk: bool = False
    """May be taken for many tickets at once: nothing that is given depends on the single ticket."""
    is_curt: bool = False
    """What is given stays among the units: the enterprise reads `says` alone."""
    takes_files: bool = False

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)


def _step(
    code: str,
    action: str,
    word: str,
    sources: set[str] | frozenset[str],
    target: str | None,
    sides: set[str],
    **more: object,
) -> Step:
    return Step(action, word, frozenset(sources), target, frozenset(sides), code=code, **more)  # type: ignore[arg-type]


TEXT = Field("text", "说明")
REASON = Field("reason", "理由", longest=500)
YES_NO = (("yes", "是"), ("no", "否"))
ANSWERS = (
    Field("contacted", "是否联系到您", "choice", is_required=False, choices=YES_NO, is_rating=True),
    Field("solved", "问题是否解决", "choice", choices=(("yes", "是"), ("partly", "部分"), ("no", "否"))),
    Field("satisfaction", "满意度", "choice", is_required=False, choices=tuple(Satisfaction.choices), is_rating=True),
    Field("comment", "意见", is_required=False, longest=500, hint="没有解决或不满意的，请写原因", is_rating=True),
    Field("evidence", "代录凭证", is_required=False, longest=500, hint="通话记录或签字照片的编号"),
)
"""Three separate answers, none filled in beforehand; the evidence is for whoever answers in the enterprise's place."""
PUBLIC = Visibility.ENTERPRISE
RUNNING_CLOCKS = tuple(ClockKind.values)
ORGANISATION = Field("organisation", "哪个单位的派工单", "organisation", is_required=False)
LEVELS = tuple(TicketLevel.choices)
DAYS = Field("days", "延几个工作日", "choice", choices=tuple((str(n), f"{n} 天") for n in range(1, 16)))
WHY = Field("reason", "理由（告诉企业）", longest=500)
ORDER_FIELDS = (
    Field("basis", "依据", is_required=False, longest=SHORT_TEXT, is_more=True),
    Field("evidence", "要交的凭证", is_required=False, longest=SHORT_TEXT, is_more=True),
    Field("contact", "联系人", is_required=False, longest=60, is_more=True),
    Field(
        "is_confidential", "保密", "flag", is_required=False, choices=(("yes", "是"), ("no", "否")), is_more=True,
        hint="办理要求只给承办单位和受理派工岗看",
    ),
)  # fmt: skip
"""What an order says besides its instruction (2.6)."""
OBSTACLE_FIELDS = (
    Field("obstacle", "障碍在哪", "choice", is_required=False, choices=tuple(Obstacle.choices)),
    Field("obstacle_division", "哪个县市区", "division", is_required=False, is_more=True),
    Field("obstacle_place", "哪个省市", is_required=False, longest=60, is_more=True),
)
REPLY_FIELDS = (
    Field("text", "答复"),
    Field("result", "办理结果", "choice", choices=tuple(TicketResult.choices)),
    Field("evidence", "依据或凭证", is_required=False, longest=500),
)
REJECT_FIELDS = (
    Field("reason_code", "哪一种", "choice", choices=tuple(RejectReason.choices)),
    Field("reason", "理由", longest=500),
    Field("elsewhere", "可到何处办理", longest=SHORT_TEXT),
)

STEPS: tuple[Step, ...] = (
    _step(
        "T2", "submit", "提交", {S.DRAFT}, S.SUBMITTED, {ENTERPRISE, LIAISON, DESK}, guards=("is_complete",),
        visibility=PUBLIC, start=(K.ACCEPT,), effect="number", is_main=True,
        takes_files=True,
    ),
    _step(
        "T3", "accept", "受理", {S.SUBMITTED}, S.ACCEPTED, {DESK}, visibility=PUBLIC, is_main=True,
        says="您的问题已受理。", effect="accept", stop=(K.ACCEPT,), start=(K.DISPATCH, K.CONTACT, K.RESOLVE, K.FEEDBACK),
        guards=("urgent_has_reason",), is_bulk=True,
        fields=(
            Field("category", "类别", "category", is_required=False),
            *OBSTACLE_FIELDS,
            Field("level", "层级", "choice", is_required=False, choices=LEVELS),
            Field("mode", "缓急", "choice", is_required=False, choices=tuple(TicketMode.choices)),
            Field("urgent_reason", "紧急事由", "choice", is_required=False, choices=tuple(UrgentReason.choices)),
            Field("lead", "牵头单位", "organisation", is_required=False),
            Field(
                "override_reason", "与建议不同的理由", is_required=False, longest=500,
                hint="层级或牵头单位与上面的建议不同时必填，用来改进规则",
            ),
            Field("text", "告诉企业", is_required=False, hint="不写则告知“已受理”"),
        ),
    ),
    _step(
        "T4", "return", "退回补正", {S.SUBMITTED}, S.RETURNED, {DESK}, visibility=PUBLIC, pause=(K.ACCEPT,),
        effect="ask_items", says="请补充材料。",
        fields=(Field("items", "要补的材料", "items", hint="一次写全，每行一项"), Field("text", "说明", is_required=False)),
        takes_files=True,
    ),
    _step(
        "T5", "amend", "补正提交", {S.RETURNED}, S.SUBMITTED, {ENTERPRISE, LIAISON}, visibility=PUBLIC, is_main=True,
        resume=(K.ACCEPT,), effect="answer_items", guards=("every_item_answered",),
        fields=(Field("answers", "逐项答复", "items"), Field("text", "说明", is_required=False)),
        takes_files=True,
    ),
    _step(
        "", "propose_reject", "提请不予受理", {S.SUBMITTED}, None, {DESK},
        fields=REJECT_FIELDS,
    ),
    _step(
        "T6", "reject", "批准不予受理", {S.SUBMITTED}, S.REJECTED, {SUPERVISOR}, visibility=PUBLIC, stop=(K.ACCEPT,),
        guards=("reject_was_proposed",), says="您的问题不予受理。如有异议，可以申诉。",
        fields=REJECT_FIELDS,
    ),
    _step(
        "", "appeal", "申诉", {S.REJECTED}, None, {ENTERPRISE, LIAISON},
        visibility=PUBLIC, effect="appeal", guards=("something_to_appeal",), fields=(REASON,),
    ),
    _step(
        "", "uphold", "维持不予受理", {S.REJECTED}, None, {SUPERVISOR}, visibility=PUBLIC,
        effect="uphold", guards=("is_appealed", "another_person_decided"), fields=(WHY,),
    ),
    _step(
        "T6", "overturn", "申诉成立，恢复受理", {S.REJECTED}, S.SUBMITTED, {SUPERVISOR}, visibility=PUBLIC, start=(K.ACCEPT,),
        effect="overturn", guards=("is_appealed", "another_person_decided"), says="申诉成立，已恢复受理。", fields=(WHY,),
    ),
    _step(
        "T7", "merge", "并单", {S.SUBMITTED, S.ACCEPTED}, S.DUPLICATE, {DESK}, visibility=PUBLIC, is_curt=True, effect="merge",
        stop=RUNNING_CLOCKS, says="与您的另一个问题合并办理。",
        fields=(Field("target", "并入哪一单", "ticket"), Field("reason", "理由", is_required=False, longest=500)),
    ),
    _step(
        "T8", "dispatch", "派工", {S.ACCEPTED}, S.DISPATCHED, {DESK}, visibility=PUBLIC, is_curt=True, is_main=True,
        stop=(K.DISPATCH,), effect="dispatch", says="已交{lead}办理。", is_bulk=True,
        fields=(
            Field("lead", "主办单位", "organisation", is_required=False),
            Field("assist", "协办单位", "organisations", is_required=False),
            Field("inform", "送阅单位", "organisations", is_required=False, is_more=True),
            Field("instruction", "办理要求", longest=1000),
            Field("due_on", "要求办结日", "day", is_required=False),
            *ORDER_FIELDS,
            Field("override_reason", "换了牵头单位的理由", is_required=False, longest=500, is_more=True),
        ),
        guards=("has_lead", "due_day_is_to_come"),
        takes_files=True,
    ),
    _step(
        "T9", "sign", "签收", {S.DISPATCHED}, S.HANDLING, {HANDLER, SYSTEM}, visibility=PUBLIC, is_main=True,
        effect="sign", says="{lead}已签收，正在办理。", is_bulk=True,
    ),
    _step(
        "", "sign_order", "签收派工单", {S.ACCEPTED} | ORDERED, None, {HANDLER, ASSIST, SYSTEM}, effect="sign_order",
        fields=(ORGANISATION,), is_bulk=True,
    ),
    _step(
        "", "add_assist", "增派协办", ORDERED, None, {DESK}, effect="add_assist", guards=("due_day_is_to_come",),
        fields=(
            Field("assist", "协办单位", "organisations"),
            Field("instruction", "办理要求", longest=1000),
            Field("due_on", "要求办结日", "day", is_required=False),
            Field(
                "is_mandatory", "必须完成", "flag", is_required=False, choices=(("yes", "是"), ("no", "否，送阅")),
            ),
            *ORDER_FIELDS,
        ),
    ),
    _step(
        "", "cancel_order", "撤销协办", {S.ACCEPTED} | ORDERED, None, {DESK}, effect="cancel_order",
        fields=(Field("organisation", "哪个单位的派工单", "organisation"), REASON),
    ),
    _step(
        "", "ask_send_back", "申请退单", {S.DISPATCHED, S.HANDLING}, None, {HANDLER, ASSIST}, effect="ask_send_back",
        guards=("within_signing_time", "may_send_back"),
        fields=(
            Field("reason_code", "退单原因", "choice", choices=tuple(ReturnReason.choices)),
            Field("reason", "说明", longest=500),
            Field("should_have", "应由哪个单位办", longest=SHORT_TEXT, hint="写单位的名称"),
        ),
    ),
    _step(
        "T10", "take_back", "核准退单", {S.DISPATCHED, S.HANDLING}, S.ACCEPTED, {DESK, SUPERVISOR}, effect="take_back",
        start=(K.DISPATCH,), guards=("send_back_is_asked", "second_return_is_the_supervisors"), fields=(REASON,),
    ),
    _step(
        "", "release_order", "核准协办退单", {S.DISPATCHED, S.HANDLING}, None, {DESK}, effect="release_order",
        fields=(ORGANISATION, REASON),
    ),
    _step(
        "", "keep_order", "驳回退单", {S.DISPATCHED, S.HANDLING}, None, {DESK, SUPERVISOR}, effect="keep_order",
        guards=("second_return_is_the_supervisors",), fields=(ORGANISATION, REASON),
    ),
    _step(
        "", "dispute", "提请裁定", {S.DISPATCHED, S.HANDLING}, None, {DESK, HANDLER, ASSIST}, effect="dispute",
        guards=("no_dispute_is_open",),
        fields=(Field("units", "哪些单位有争议", "organisations"), Field("reason", "争议是什么", longest=500)),
    ),
    _step(
        "", "settle_dispute", "裁定主办", {S.DISPATCHED, S.HANDLING}, None, {SUPERVISOR}, effect="settle_dispute",
        fields=(Field("lead", "由谁主办", "organisation"), REASON),
    ),
    _step(
        "T11", "handle", "直接办理", {S.ACCEPTED}, S.HANDLING, {DESK}, visibility=PUBLIC, stop=(K.DISPATCH,),
        says="正在办理。", effect="take_over", is_bulk=True,
    ),
    _step(
        "", "part", "转为单独派工", {S.HANDLING}, S.ACCEPTED, {DESK}, start=(K.DISPATCH,), guards=("has_no_order",),
    ),
    _step(
        "T12", "ask", "请企业补充", {S.HANDLING}, S.WAITING, {HANDLER, LIAISON, DESK}, visibility=PUBLIC,
        pause=(K.RESOLVE, K.FEEDBACK), effect="ask_items", guards=("asked_at_most_twice",),
        fields=(
            Field("text", "问题"),
            Field("items", "要补的材料", "items", hint="每行一项"),
            Field("reply_by", "请在何日前答复", "day"),
        ),
        takes_files=True,
    ),
    _step(
        "T13", "supply", "补充材料", {S.WAITING}, S.HANDLING, {ENTERPRISE, LIAISON}, visibility=PUBLIC, is_main=True,
        resume=(K.RESOLVE, K.FEEDBACK), effect="answer_items", guards=("every_item_answered",),
        fields=(Field("answers", "逐项答复", "items"), Field("text", "说明", is_required=False)),
        takes_files=True,
    ),
    _step(
        "T13", "go_on", "不等补充，恢复办理", {S.WAITING}, S.HANDLING, {HANDLER, DESK}, visibility=PUBLIC,
        resume=(K.RESOLVE, K.FEEDBACK), guards=("nudged_twice",), effect="clear_items", says="已恢复办理。",
        fields=(REASON,),
    ),
    _step(
        "", "propose_suspend", "申请挂账", {S.HANDLING}, None, {HANDLER, DESK},
        guards=("head_speaks", "review_day_is_near"),
        fields=(
            Field("reason", "理由", longest=500), Field("basis", "依据", longest=SHORT_TEXT),
            Field("review_on", "复查日期", "day"), Field("next_step", "下一步", longest=SHORT_TEXT),
        ),
    ),
    _step(
        "T14", "suspend", "批准挂账", {S.HANDLING}, S.SUSPENDED, {SUPERVISOR}, visibility=PUBLIC, pause=(K.RESOLVE,),
        guards=("suspend_was_proposed", "review_day_is_near"), effect="suspend", says="暂缓办理。",
        fields=(Field("reason", "理由", longest=500), Field("review_on", "复查日期", "day")),
    ),
    _step(
        "T15", "resume", "恢复办理", {S.SUSPENDED}, S.HANDLING, {HANDLER, SUPERVISOR, DESK, SYSTEM}, visibility=PUBLIC,
        resume=(K.RESOLVE,), effect="clear_review", says="已恢复办理。", is_bulk=True,
    ),
    _step(
        "", "propose_reply", "报负责人审核答复", {S.HANDLING}, None, {HANDLER}, effect="propose_reply", is_main=True,
        guards=("unit_has_head", "orders_are_done"), fields=REPLY_FIELDS,
    ),
    _step(
        "T16", "reply", "答复企业", {S.HANDLING}, S.REPLIED, {HANDLER, DESK}, visibility=PUBLIC, is_main=True,
        stop=(K.RESOLVE, K.FEEDBACK), start=(K.CONFIRM,), effect="reply",
        guards=("head_speaks", "another_reviewer", "orders_are_done"), fields=REPLY_FIELDS, takes_files=True,
    ),
    _step(
        "T17", "confirm", "确认", {S.REPLIED}, S.CLOSED, {ENTERPRISE, LIAISON, DESK}, visibility=PUBLIC, is_main=True,
        stop=RUNNING_CLOCKS, effect="confirm", guards=("proxy_has_evidence", "poor_has_comment"),
        fields=ANSWERS, takes_files=True,
    ),
    _step(
        "", "revise", "修改评价", {S.CLOSED}, None, {ENTERPRISE, LIAISON}, visibility=PUBLIC, effect="revise",
        guards=("rating_is_fresh", "proxy_has_evidence", "poor_has_comment"), fields=ANSWERS,
    ),
    _step(
        "", "follow_up", "回答是否反弹", {S.CLOSED}, None, {ENTERPRISE, LIAISON, DESK}, visibility=PUBLIC,
        effect="follow_up", guards=("follow_up_is_due",),
        fields=(
            Field("rebounded", "问题是否又出现", "choice", choices=YES_NO),
            Field("text", "情况", is_required=False, longest=500),
        ),
        takes_files=True,
    ),
    _step(
        "", "call_back", "记录回访", {S.CLOSED, S.WITHDRAWN}, None, {DESK, SUPERVISOR}, visibility=Visibility.OWN_UNIT,
        fields=(
            Field("outcome", "回访结果", "choice", choices=tuple(CallBack.choices)),
            Field("text", "企业怎么说", longest=500),
        ),
    ),
    _step(
        "K8", "excuse", "认定重办要求不合理", OPEN | {S.CLOSED}, None, {SUPERVISOR}, visibility=PUBLIC, effect="excuse",
        guards=("refusal_is_unjudged",), fields=(Field("reason", "理由（告诉企业）", longest=500),),
    ),
    _step(
        "", "contest", "对认定申诉", OPEN | {S.CLOSED}, None, {ENTERPRISE, LIAISON}, visibility=PUBLIC,
        guards=("refusal_was_excused",), fields=(REASON,),
    ),
    _step(
        "", "restore", "撤销认定", OPEN | {S.CLOSED}, None, {SUPERVISOR}, visibility=PUBLIC, effect="restore",
        guards=("refusal_was_excused",), fields=(REASON,),
    ),
    _step(
        "", "mark", "标注测试或演练", frozenset(TicketState) - {S.DRAFT}, None, {DESK, SUPERVISOR}, effect="mark",
        fields=(Field("nature", "性质", "choice", choices=tuple(TicketNature.choices)), REASON),
    ),
    _step(
        "T18", "confirm_silently", "视同确认", {S.REPLIED}, S.CLOSED, {SYSTEM}, visibility=PUBLIC, stop=RUNNING_CLOCKS,
        effect="confirm_silently", says="确认期已满，视同确认。还没有解决的，可以重新办理。",
    ),
    _step(
        "T19", "refuse", "没有解决，请重办", {S.REPLIED}, S.HANDLING, {ENTERPRISE, LIAISON, DESK}, visibility=PUBLIC,
        stop=(K.CONFIRM,), start=(K.RESOLVE, K.FEEDBACK), effect="new_cycle",
        fields=(Field("text", "还有什么没有解决"),),
        takes_files=True,
    ),
    _step(
        "T20", "reopen", "重新办理", {S.CLOSED}, S.HANDLING, {ENTERPRISE, LIAISON, DESK, SUPERVISOR}, visibility=PUBLIC,
        start=(K.RESOLVE, K.FEEDBACK), effect="new_cycle", guards=("within_reopening_time",), fields=(REASON,),
        takes_files=True,
    ),
    _step(
        "T21", "withdraw", "撤回", {
            S.SUBMITTED, S.RETURNED, S.ACCEPTED, S.DISPATCHED, S.HANDLING, S.WAITING, S.SUSPENDED,
        }, S.WITHDRAWN, {ENTERPRISE, DESK}, visibility=PUBLIC, stop=RUNNING_CLOCKS, effect="withdraw",
        guards=("desk_names_caller",),
        fields=(
            REASON,
            Field("caller", "企业来电人", is_required=False, longest=60, hint="代企业撤回时必填"),
            Field("verified", "怎样核实的", is_required=False, longest=SHORT_TEXT, hint="如：回拨登记的电话"),
        ),
    ),
    _step(
        "T22", "escalate", "提级", ACTIVE, None, {DESK, SUPERVISOR}, visibility=PUBLIC, is_curt=True, effect="escalate",
        guards=("goes_up", "no_level_is_asked", "skip_is_the_supervisors"), says="已提请{level}协调。", is_bulk=True,
        fields=(
            Field("level", "提到", "choice", choices=LEVELS[1:]),
            Field("rule", "依据", "choice", choices=tuple(
                one for one in EscalationRule.choices if one[0] in ("L2", "L3", "L4", "L7", "other")
            )),
            REASON,
            Field("documents", "材料", is_required=False, longest=300, is_more=True),
        ),
    ),
    _step(
        "", "accept_level", "接办", ACTIVE, None, {DESK}, effect="accept_level", guards=("level_is_asked",),
        fields=(
            Field("lead", "之后的主办单位", "organisation", is_required=False, hint="不选则主办不变"),
            Field("instruction", "给它的办理要求", is_required=False, longest=1000),
            Field("reason", "说明", is_required=False, longest=500),
        ),
    ),
    _step(
        "T22", "send_down", "退回下级", ACTIVE, None, {DESK}, effect="send_down", guards=("goes_down",),
        fields=(
            Field("level", "退到", "choice", choices=LEVELS[:2]),
            REASON, Field("owner", "下级经办人", longest=60),
        ),
    ),
    _step(
        "K5", "reclassify", "更正类别或缓急", ACTIVE | {S.WAITING, S.SUSPENDED}, None, {DESK}, effect="reclassify",
        guards=("urgent_has_reason",),
        fields=(
            Field("category", "类别", "category", is_required=False),
            Field("mode", "缓急", "choice", is_required=False, choices=tuple(TicketMode.choices)),
            Field("urgent_reason", "紧急事由", "choice", is_required=False, choices=tuple(UrgentReason.choices)),
            REASON,
        ),
    ),
    _step(
        "", "ask_extension", "申请延期", {S.HANDLING}, None, {HANDLER}, guards=("head_speaks", "extension_is_in_time"),
        effect="ask_extension", fields=(DAYS, WHY),
    ),
    _step(
        "K7", "extend", "批准延期", {S.HANDLING}, None, {DESK, SUPERVISOR}, visibility=PUBLIC, effect="extend",
        guards=("extension_was_asked",), says="办理延期。", fields=(DAYS, WHY),
    ),
    _step(
        "", "refuse_extension", "不同意延期", {S.HANDLING}, None, {DESK, SUPERVISOR}, effect="refuse_extension",
        guards=("extension_is_waiting",), fields=(REASON,),
    ),
    _step(
        "T23", "correct", "更正结果", {S.CLOSED}, S.CLOSED, {SUPERVISOR}, visibility=PUBLIC, effect="correct",
        says="办理结果已更正。",
        fields=(Field("result", "更正为", "choice", choices=tuple(TicketResult.choices)), REASON),
    ),
    _step(
        "T24", "unmerge", "撤销并单", {S.DUPLICATE}, None, {DESK}, visibility=PUBLIC, is_curt=True, effect="unmerge",
        says="已恢复单独办理。", fields=(REASON,),
    ),
    _step(
        "", "message", "发消息", (OPEN | {S.CLOSED}) - {S.DRAFT}, None,
        {ENTERPRISE, LIAISON, DESK, HANDLER, ASSIST, SUPERVISOR}, effect="message", is_bulk=True,
        fields=(
            Field("text", "内容"),
            Field("visibility", "谁能看到", "choice", is_required=False, choices=SAYABLE),
        ),
        takes_files=True,
    ),
    _step(
        "", "attach", "补附件", (OPEN | {S.CLOSED}) - {S.DRAFT}, None,
        {ENTERPRISE, LIAISON, DESK, HANDLER, ASSIST, SUPERVISOR}, effect="attach", guards=("has_files",),
        fields=(
            Field("text", "说明", is_required=False, longest=500),
            Field("visibility", "谁能看到", "choice", is_required=False, choices=SAYABLE),
        ),
        takes_files=True,
    ),
    _step(
        "", "mark_file", "改附件可见范围", (OPEN | TERMINAL) - {S.DRAFT}, None, {DESK}, effect="mark_file",
        fields=(
            Field("file", "附件", longest=32),
            Field("visibility", "谁能看到", "choice", choices=SAYABLE),
        ),
    ),
    _step(
        "", "contact", "记录联系", OPEN, None, {LIAISON, DESK, HANDLER, ASSIST}, stop=(K.CONTACT,), is_bulk=True,
        fields=(
            Field("way", "方式", "choice", choices=(("call", "电话"), ("visit", "走访"))),
            Field("text", "谈了什么", longest=500),
        ),
        takes_files=True,
    ),
    _step(
        "", "answer_order", "协办反馈", ORDERED, None, {ASSIST}, effect="answer_order",
        fields=(
            Field("text", "反馈"),
            Field("evidence", "凭证", is_required=False, longest=500),
            Field(
                "result", "建议结果", "choice", is_required=False, choices=tuple(TicketResult.choices), is_more=True
            ),
        ),
        takes_files=True,
    ),
    _step("", "pass_answer", "审核通过，报受理派工岗", ORDERED, None, {HEAD}, effect="pass_answer"),
    _step("", "return_answer", "退回经办人重写", ORDERED, None, {HEAD}, effect="return_answer", fields=(REASON,)),
    _step(
        "", "approve_order", "反馈通过", ORDERED, None, {DESK, SUPERVISOR}, effect="approve_order",
        guards=("third_review_is_the_supervisors",), fields=(Field("organisation", "协办单位", "organisation"),),
    ),
    _step(
        "", "refuse_order", "反馈退回重办", ORDERED, None, {DESK, SUPERVISOR}, effect="refuse_order",
        guards=("third_review_is_the_supervisors",), fields=(Field("organisation", "协办单位", "organisation"), REASON),
    ),
)  # fmt: skip
"""The table. Where an action stands twice, its sources do not overlap."""

BY_ACTION = {step.action: step for step in STEPS}


def possible(state: str, sides: frozenset[str]) -> tuple[Step, ...]:
    """Steps that somebody on these sides may try from a state, in the table's order."""
    return tuple(step for step in STEPS if state in step.sources and step.sides & sides and step.action != "submit")


def rank(level: str) -> int:
    """How high a level is: county 0, city 1, province 2.

    >>> rank("city")
    1
    """
    return [one.value for one in TicketLevel].index(level)
