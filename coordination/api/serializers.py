"""Shapes of tickets, as the schema shows them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from coordination.choices import (
    ClockKind,
    ConfirmMode,
    OrderPart,
    OrderState,
    PromiseKind,
    PromiseState,
    ScanState,
    TicketLevel,
    TicketMode,
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
    impact = serializers.CharField(max_length=500, help_text="影响")
    contact_name = serializers.CharField(max_length=60)
    contact_phone = serializers.CharField(max_length=30)
    product = serializers.CharField(required=False, help_text="产品代码")
    blocked = BlockedGiven(required=False)
    blocked_since = serializers.DateField(required=False)
    hours_to_stop = serializers.IntegerField(required=False, min_value=0, max_value=9999)
    source = serializers.ChoiceField(TicketSource.choices, required=False)  # type: ignore[assignment]
    occurred_at = serializers.DateTimeField(required=False, help_text="补录时的发生时间")


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


class OrderRow(serializers.Serializer[object]):
    organisation = serializers.CharField()
    name = serializers.CharField()
    part = serializers.ChoiceField(OrderPart.choices)
    state = serializers.ChoiceField(OrderState.choices)
    instruction = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
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
    impact = serializers.CharField()
    contact = Contact()
    items = serializers.ListField(child=serializers.CharField(), help_text="待企业补充的材料")
    reply_by = serializers.DateField(allow_null=True)
    satisfaction = serializers.IntegerField(allow_null=True)
    clocks = ClockRow(many=True)
    events = EventRow(many=True)
    attachments = FileRow(many=True)
    orders = OrderRow(many=True, required=False, help_text="企业看不到这一项")
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


class CategoryRow(serializers.Serializer[object]):
    code = serializers.CharField()
    name = serializers.CharField()
    examples = serializers.CharField()
    level = serializers.ChoiceField(TicketLevel.choices)
    lead = serializers.CharField()
    assist = serializers.CharField()
    urgency = serializers.CharField()


class StatisticsRow(serializers.Serializer[object]):
    cut_off = serializers.DateTimeField()
    definition = serializers.IntegerField(help_text="口径版本")
    measures = serializers.DictField(help_text="各项口径见系统说明")
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
