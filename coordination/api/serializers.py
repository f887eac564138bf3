"""Shapes of tickets, as the schema shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from coordination.choices import (
    AnswerState,
    ClockKind,
    ConfirmMode,
    EscalationRule,
    Obstacle,
    OrderPart,
    OrderState,
    PromiseKind,
    PromiseState,
    ScanState,
    TicketLevel,
    TicketMode,
    TicketNature,
    TicketResult,
    TicketSource,
    TicketState,
    Visibility,
    VisitWay,
)


@extend_schema_field({"type": ["number", "null"], "minimum": 0, "description": "产品的基本单位，每天"})
class Blocked(serializers.Field[object, object, object, object]):
    """Capacity held back."""


@extend_schema_field({"oneOf": [{"type": "number", "minimum": 0}, {"type": "string"}], "description": "如 21万只"})
class BlockedGiven(serializers.Field[object, object, object, object]):
    """Capacity held back, as a client may write it."""


class TicketGiven(serializers.Serializer[object]):
    enterprise = serializers.CharField(help_text="统一社会信用代码")
    category = serializers.CharField(help_text="类别代码，见 categories")
    title = serializers.CharField(max_length=60)
    description = serializers.CharField(max_length=2000)
    object = serializers.CharField(max_length=60, required=False, help_text="涉及对象：路线、卡点、原料、证件或单位")
    impact = serializers.CharField(max_length=500, help_text="影响")
    contact_name = serializers.CharField(max_length=60)
    contact_phone = serializers.CharField(max_length=30)
    product = serializers.CharField(required=False, help_text="产品代码")
    blocked = BlockedGiven(required=False)
    blocked_since = serializers.DateField(required=False)
    hours_to_stop = serializers.IntegerField(required=False, min_value=0, max_value=9999)
    source = serializers.ChoiceField(TicketSource.choices, required=False)  # type: ignore[assignment]
    occurred_at = serializers.DateTimeField(required=False, help_text="补录时的发生时间")
    obstacle = serializers.ChoiceField(Obstacle.choices, required=False, help_text="障碍在哪")
    obstacle_division = serializers.CharField(required=False, help_text="障碍在市内其他县市区时的区划代码")
    obstacle_place = serializers.CharField(required=False, max_length=60, help_text="障碍在外市外省时写哪里")


class NextDesk(serializers.Serializer[object]):
    name = serializers.CharField()
    act = serializers.CharField()


class TicketRow(serializers.Serializer[object]):
    number = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(TicketState.choices)
    state_name = serializers.CharField()
    title = serializers.CharField()
    category = serializers.CharField()
    category_name = serializers.CharField()
    level = serializers.ChoiceField(TicketLevel.choices)
    mode = serializers.ChoiceField(TicketMode.choices)
    enterprise = serializers.CharField()
    enterprise_name = serializers.CharField()
    division = serializers.CharField()
    lead = serializers.CharField(allow_null=True)
    lead_name = serializers.CharField(allow_null=True)
    product = serializers.CharField(allow_null=True)
    blocked = Blocked()
    blocked_since = serializers.DateField(allow_null=True)
    hours_to_stop = serializers.IntegerField(allow_null=True)
    result = serializers.ChoiceField(TicketResult.choices, allow_null=True)
    confirm_mode = serializers.ChoiceField(ConfirmMode.choices, allow_null=True)
    cycle = serializers.IntegerField()
    duplicate_of = serializers.CharField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    replied_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    is_overdue = serializers.BooleanField()
    due_at = serializers.DateTimeField(allow_null=True)
    next = NextDesk(allow_null=True)


class Contact(serializers.Serializer[object]):
    name = serializers.CharField()
    phone = serializers.CharField()


class ClockRow(serializers.Serializer[object]):
    kind = serializers.ChoiceField(ClockKind.choices)
    name = serializers.CharField()
    cycle = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    due_original = serializers.DateTimeField()
    stopped_at = serializers.DateTimeField(allow_null=True)
    paused_at = serializers.DateTimeField(allow_null=True)
    consumed_seconds = serializers.IntegerField(allow_null=True)
    is_overdue = serializers.BooleanField()
    is_provisional = serializers.BooleanField()
    text = serializers.CharField()


class EventRow(serializers.Serializer[object]):
    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    occurred_at = serializers.DateTimeField()
    action = serializers.CharField()
    transition = serializers.CharField(allow_null=True)
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)
    who = serializers.CharField()
    text = serializers.CharField()
    cycle = serializers.IntegerField()
    visibility = serializers.ChoiceField(Visibility.choices, required=False, help_text="企业看不到这一项")
    said = serializers.DictField(required=False, help_text="企业看不到这一项")


class OrderAnswerRow(serializers.Serializer[object]):
    number = serializers.IntegerField()
    state = serializers.ChoiceField(AnswerState.choices)
    text = serializers.CharField()
    evidence = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    reason = serializers.CharField(allow_null=True)


class EscalationRow(serializers.Serializer[object]):
    rule = serializers.ChoiceField(EscalationRule.choices)
    reason = serializers.CharField()
    documents = serializers.CharField(allow_null=True)
    requested_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    returned_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField(allow_null=True)
    owner = serializers.CharField(allow_null=True)
    is_skip = serializers.BooleanField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of the language, so these two are added by name."""
        levels = {name: serializers.ChoiceField(TicketLevel.choices) for name in ("from", "to")}
        return {**levels, **super().get_fields()}


class OrderRow(serializers.Serializer[object]):
    number = serializers.CharField()
    organisation = serializers.CharField()
    name = serializers.CharField()
    part = serializers.ChoiceField(OrderPart.choices)
    state = serializers.ChoiceField(OrderState.choices)
    is_mandatory = serializers.BooleanField()
    is_confidential = serializers.BooleanField()
    is_binding = serializers.BooleanField(help_text="不得退单")
    instruction = serializers.CharField(allow_null=True, help_text="保密的只给承办单位和受理派工岗")
    basis = serializers.CharField(required=False, allow_null=True)
    evidence = serializers.CharField(required=False, allow_null=True)
    contact = serializers.CharField(required=False, allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    sign_by = serializers.DateTimeField(allow_null=True)
    refusals = serializers.IntegerField()
    return_code = serializers.CharField(allow_null=True)
    return_reason = serializers.CharField(required=False, allow_null=True)
    answers = OrderAnswerRow(many=True, required=False)
    signed_at = serializers.DateTimeField(allow_null=True)
    is_signed_by_system = serializers.BooleanField()
    done_at = serializers.DateTimeField(allow_null=True)


class FileRow(serializers.Serializer[object]):
    key = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="字节")
    sha256 = serializers.CharField()
    seq = serializers.IntegerField(help_text="随哪一条经过来的")
    added_at = serializers.DateTimeField()
    url = serializers.CharField(help_text="下载的地址")
    is_available = serializers.BooleanField(help_text="现在能否下载")
    visibility = serializers.ChoiceField(Visibility.choices, required=False, help_text="企业看不到这一项")
    scan = serializers.ChoiceField(ScanState.choices, required=False, help_text="企业看不到这一项")
    original_sha256 = serializers.CharField(required=False, help_text="企业看不到这一项")


class FilesGiven(serializers.Serializer[object]):
    files = serializers.ListField(child=serializers.FileField(), max_length=10)
    text = serializers.CharField(required=False, max_length=500)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    expected_version = serializers.IntegerField(required=False, min_value=1)


class TicketInFull(TicketRow):
    description = serializers.CharField()
    object = serializers.CharField(help_text="涉及对象")
    impact = serializers.CharField()
    contact = Contact()
    items = serializers.ListField(child=serializers.CharField(), help_text="待企业补充的材料")
    reply_by = serializers.DateField(allow_null=True)
    satisfaction = serializers.IntegerField(allow_null=True, required=False, help_text="承办单位看不到这一项")
    nature = serializers.ChoiceField(TicketNature.choices)
    clocks = ClockRow(many=True)
    events = EventRow(many=True)
    attachments = FileRow(many=True)
    orders = OrderRow(many=True, required=False, help_text="企业看不到这一项")
    escalations = EscalationRow(many=True, required=False, help_text="企业看不到这一项")
    obstacle = serializers.CharField(required=False, allow_null=True, help_text="企业看不到这一项")
    obstacle_division = serializers.CharField(required=False, allow_null=True)
    obstacle_place = serializers.CharField(required=False, allow_null=True)
    rule = serializers.CharField(required=False, allow_null=True)
    needs_letter = serializers.BooleanField(required=False)
    supervision = serializers.IntegerField(required=False)
    actions = serializers.ListField(child=serializers.CharField(), help_text="您现在可以办的")


class ActionGiven(serializers.Serializer[object]):
    """What a step needs depends on the step; refusals name the fields."""

    expected_version = serializers.IntegerField(min_value=1, help_text="看到的版本")
    text = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)


class ActionRow(serializers.Serializer[object]):
    number = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(TicketState.choices)


class BulkTicket(serializers.Serializer[object]):
    number = serializers.CharField()
    expected_version = serializers.IntegerField(min_value=1, help_text="看到的版本")


class BulkGiven(serializers.Serializer[object]):
    tickets = BulkTicket(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`fields` is a word of the library, so it is added by name."""
        return {**super().get_fields(), "fields": serializers.DictField(required=False, help_text="这一步要填的")}


class BulkFailed(serializers.Serializer[object]):
    number = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    message = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`errors` is a word of the library, so it is added by name."""
        return {**super().get_fields(), "errors": serializers.ListField(child=serializers.DictField())}


class BulkRow(serializers.Serializer[object]):
    done = ActionRow(many=True)
    failed = BulkFailed(many=True)


class CategoryRow(serializers.Serializer[object]):
    code = serializers.CharField()
    name = serializers.CharField()
    examples = serializers.CharField()
    level = serializers.ChoiceField(TicketLevel.choices)
    lead = serializers.CharField()
    assist = serializers.CharField()
    urgency = serializers.CharField()


class ShareRow(serializers.Serializer[object]):
    """So many of so many; both lists are named `…_met` and `…_due`."""

    met = serializers.IntegerField()
    due = serializers.IntegerField()
    rate = serializers.CharField(allow_null=True, help_text="四位小数；没有分母时为空")


class LengthRow(serializers.Serializer[object]):
    count = serializers.IntegerField(help_text="所数张数")
    median_seconds = serializers.IntegerField(allow_null=True, help_text="工作时间，秒")
    p90_seconds = serializers.IntegerField(allow_null=True, required=False)
    median_natural_seconds = serializers.IntegerField(allow_null=True, required=False, help_text="自然时间，秒")
    median_natural_days = serializers.CharField(allow_null=True, required=False)
    p90_natural_days = serializers.CharField(allow_null=True, required=False)


class ReworkRow(serializers.Serializer[object]):
    tickets = serializers.IntegerField()
    times = serializers.IntegerField()
    answered = serializers.IntegerField()
    rate = serializers.CharField(allow_null=True)


class SatisfactionRow(serializers.Serializer[object]):
    content = serializers.IntegerField(help_text="满意及以上")
    rated = serializers.IntegerField()
    rate = serializers.CharField(allow_null=True)
    response_rate = serializers.CharField(allow_null=True, help_text="已评价 ÷ 办结")


class CommonRow(serializers.Serializer[object]):
    problems = serializers.IntegerField()
    tickets = serializers.IntegerField()
    enterprises = serializers.IntegerField()


class MeasuresRow(serializers.Serializer[object]):
    """Measures of 2.8; a count named x has its numbers in lists.x."""

    received = serializers.IntegerField(help_text="本期收到")
    recorded_later = serializers.IntegerField(help_text="其中补录")
    raised_by_liaison = serializers.IntegerField(help_text="其中特派员提交")
    accepted = serializers.IntegerField(help_text="本期受理")
    rejected = serializers.IntegerField(help_text="本期不予受理")
    withdrawn = serializers.IntegerField(help_text="本期企业撤回")
    closed = serializers.IntegerField(help_text="截止时已办结，最后确认在本期")
    closed_partial = serializers.IntegerField()
    closed_explained = serializers.IntegerField()
    closed_unsolved = serializers.IntegerField()
    closing = ShareRow(help_text="办结率：本期收到的、截止时已办结")
    solved = serializers.IntegerField(help_text="已解决，按 headline 所列的确认方式")
    solved_all = serializers.IntegerField(help_text="已解决，不论确认方式")
    solved_by = serializers.DictField(child=serializers.IntegerField(), help_text="已解决，按确认方式")
    headline = serializers.ListField(child=serializers.ChoiceField(ConfirmMode.choices))
    solved_enterprises = serializers.IntegerField(help_text="solved 涉及几家（统一社会信用代码）")
    unverified = serializers.IntegerField(help_text="solved 中没有代码、待核的")
    solving = ShareRow(help_text="解决率：本期办结中已解决")
    contact = ShareRow(help_text="响应率")
    first_contact = LengthRow(help_text="提交到首次联系")
    punctual = ShareRow(help_text="按期办结率，首轮，延期后的时限")
    punctual_original = ShareRow(help_text="同上，原定时限")
    punctual_whole = ShareRow(help_text="全程按期：各轮都按期")
    duration = LengthRow(help_text="办理时长：受理到最后一次答复，去暂停，各轮相加")
    in_hand_duration = LengthRow(help_text="在办的，受理到截止")
    reworked = ReworkRow(help_text="重办：答复后 20 个工作日内")
    rebound = ShareRow(help_text="反弹：办结后 30 天内同企业同类别同对象再提")
    satisfaction = SatisfactionRow()
    sent_back = ShareRow(help_text="本期退单 ÷ 本期派工")
    extended = ShareRow(help_text="本期延期 ÷ 本期受理")
    escalated = serializers.IntegerField(help_text="本期提级")
    letters = serializers.IntegerField(help_text="本期发出公函（份）")
    suspended_in = serializers.IntegerField(help_text="本期挂账")
    suspended = serializers.IntegerField(help_text="期末挂账")
    in_hand = serializers.IntegerField(help_text="期末在办")
    overdue = serializers.IntegerField(help_text="期末超期在办")
    trials = serializers.IntegerField(help_text="测试和演练，各项都不计")
    common = CommonRow(help_text="期末共性问题，不与单相加")


class PartRow(serializers.Serializer[object]):
    key = serializers.CharField()
    name = serializers.CharField()
    measures = MeasuresRow()
    lists = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)


class StatisticsRow(serializers.Serializer[object]):
    cut_off = serializers.DateTimeField()
    definition = serializers.IntegerField(help_text="口径版本")
    measures = MeasuresRow()
    parts = PartRow(many=True, required=False, help_text="写了 by 才有")
    lists = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)
    to = serializers.DateField()

    def get_fields(self) -> dict[str, serializers.Field[object, object, object, object]]:
        """`from` is a word of the language and cannot be an attribute."""
        return {**super().get_fields(), "from": serializers.DateField()}


class PromiseGiven(serializers.Serializer[object]):
    kind = serializers.ChoiceField(
        [one for one in PromiseKind.choices if one[0] != PromiseKind.CONTACT],
        required=False,
        help_text="默认 enterprise",
    )
    who = serializers.CharField(required=False, max_length=60, help_text="姓名或单位")
    what = serializers.CharField(max_length=200)
    due_on = serializers.DateField()


class VisitGiven(serializers.Serializer[object]):
    enterprise = serializers.CharField(help_text="统一社会信用代码")
    way = serializers.ChoiceField(VisitWay.choices)
    met = serializers.CharField(max_length=60, help_text="见到谁")
    notes = serializers.CharField(max_length=2000, help_text="情况，一行一条")
    occurred_at = serializers.DateTimeField(required=False, help_text="默认现在；不早于 60 天前")
    next_contact_on = serializers.DateField(required=False)
    promises = PromiseGiven(many=True, required=False)
    tickets = serializers.ListField(child=serializers.CharField(), required=False, help_text="谈到的问题单号")


class PromiseRow(serializers.Serializer[object]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(PromiseKind.choices)
    who = serializers.CharField()
    what = serializers.CharField()
    due_on = serializers.DateField()
    state = serializers.ChoiceField(PromiseState.choices)
    owner = serializers.CharField(help_text="跟进人用户名")


class VisitRow(serializers.Serializer[object]):
    id = serializers.IntegerField()
    enterprise = serializers.CharField()
    enterprise_name = serializers.CharField()
    division = serializers.CharField()
    officer = serializers.CharField()
    officer_name = serializers.CharField()
    way = serializers.ChoiceField(VisitWay.choices)
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    met = serializers.CharField()
    facts = serializers.ListField(child=serializers.CharField())
    promises = PromiseRow(many=True)
    tickets = serializers.ListField(child=serializers.CharField())
