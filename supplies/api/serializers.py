"""Shapes of reports and products, as the schema shows them. What a client sends is read by shapes.py."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from supplies.choices import (
    Channel,
    DecisionKind,
    LimitReason,
    LineRunState,
    Measure,
    ProductionState,
    QuestionCode,
    Review,
    Stage,
)


@extend_schema_field({"type": ["number", "null"], "minimum": 0, "description": "基本单位的数；null = 没有填，不是 0"})
class Amount(serializers.Field[Any, Any, Any, Any]):
    """An exact number of base units."""


@extend_schema_field(
    {
        "oneOf": [
            {"type": "number", "minimum": 0, "exclusiveMaximum": 10**10},
            {"type": "string", "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?$"},
        ],
        "description": "不写指数；没有就不写这一项",
    }
)
class GivenAmount(serializers.Field[Any, Any, Any, Any]):
    """A quantity as a client may send it."""


class ReportLineGiven(serializers.Serializer[object]):
    product = serializers.CharField(help_text="产品代码")
    capacity = GivenAmount(required=False, help_text="日产能")
    output = GivenAmount(required=False)
    stock = GivenAmount(required=False)
    shipped = GivenAmount(required=False)
    received = GivenAmount(required=False)
    used = GivenAmount(required=False)
    cumulative_stated = GivenAmount(required=False, help_text="企业自报的累计产量：只比对，不进合计")
    unit = serializers.CharField(required=False, help_text="整行的单位，例如 万只；默认是产品的基本单位")


class LimitGiven(serializers.Serializer[object]):
    reason = serializers.ChoiceField(LimitReason.choices)
    product = serializers.CharField(required=False)
    lost = GivenAmount(required=False, help_text="影响的日产能，产品的基本单位")


@extend_schema_field({"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "maxLength": 100}]})
class LineReference(serializers.Field[Any, Any, Any, Any]):
    """A production line by its id or its name."""


class LineStateGiven(serializers.Serializer[object]):
    line = LineReference(help_text="产线的编号（企业资料里的 lines）或名称")
    state = serializers.ChoiceField(LineRunState.choices)
    reason = serializers.ChoiceField(LimitReason.choices, required=False, allow_null=True)


class ConfirmationGiven(serializers.Serializer[object]):
    product = serializers.CharField()
    measure = serializers.ChoiceField(Measure.choices)
    question = serializers.ChoiceField(QuestionCode.choices)
    reason = serializers.CharField()


class OnBehalfShape(serializers.Serializer[object]):
    caller = serializers.CharField(max_length=60, help_text="企业来电人")
    reason = serializers.CharField(max_length=200)


class ReportGiven(serializers.Serializer[object]):
    enterprise = serializers.CharField(help_text="统一社会信用代码")
    date = serializers.DateField()
    state = serializers.ChoiceField(ProductionState.choices, required=False, default=ProductionState.RUNNING.value)
    staff_due = GivenAmount(required=False)
    staff_on_duty = GivenAmount(required=False)
    note = serializers.CharField(required=False, max_length=2000)
    limits = LimitGiven(many=True, required=False)
    line_states = LineStateGiven(many=True, required=False, help_text="今天各条线开没开；不进合计")
    lines = ReportLineGiven(many=True, required=False)
    based_on = serializers.IntegerField(required=False, allow_null=True, min_value=0, help_text="依据的修订号")
    confirmations = ConfirmationGiven(many=True, required=False)
    on_behalf = OnBehalfShape(required=False, allow_null=True)


class BatchItem(ReportGiven):
    key = serializers.CharField(required=False, max_length=200, help_text="这一份自己的幂等键，与单份提交通用")


class BatchGiven(serializers.Serializer[object]):
    reports = BatchItem(many=True, help_text="1 到 500 份")


class EnteredShape(serializers.Serializer[object]):
    text = serializers.CharField(help_text="填写原文")
    unit = serializers.CharField()


class ReportLineRow(serializers.Serializer[object]):
    product = serializers.CharField()
    capacity = Amount()
    output = Amount()
    stock = Amount()
    shipped = Amount()
    received = Amount()
    used = Amount()
    cumulative_stated = Amount(help_text="企业自报的累计产量，原样保存")
    unit = serializers.CharField(help_text="基本单位")
    entered = serializers.DictField(child=EnteredShape(), help_text="各项的填写原文")


class LimitRow(serializers.Serializer[object]):
    reason = serializers.ChoiceField(LimitReason.choices)
    product = serializers.CharField(allow_null=True)
    lost = Amount()


class LineStateRow(serializers.Serializer[object]):
    line = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(LineRunState.choices)
    reason = serializers.ChoiceField(LimitReason.choices, allow_null=True)


class DecisionGiven(serializers.Serializer[object]):
    revision = serializers.IntegerField(min_value=1, help_text="看过的是第几次修订")
    decision = serializers.ChoiceField(DecisionKind.choices)
    reason = serializers.CharField(required=False, max_length=500, help_text="退回时必填")


class DecisionRow(serializers.Serializer[object]):
    id = serializers.IntegerField()
    report = serializers.IntegerField()
    enterprise = serializers.CharField()
    date = serializers.DateField()
    revision = serializers.IntegerField()
    decision = serializers.ChoiceField(DecisionKind.choices)
    review = serializers.ChoiceField(Review.choices)
    reason = serializers.CharField()
    as_of = serializers.DateTimeField()
    closed = serializers.BooleanField(help_text="当日已终报：企业要先获重新开放才能改")


class AnswerRow(serializers.Serializer[object]):
    reason = serializers.CharField()


class QuestionRow(serializers.Serializer[object]):
    product = serializers.CharField()
    measure = serializers.ChoiceField(Measure.choices)
    question = serializers.ChoiceField(QuestionCode.choices)
    seen = Amount()
    expected = Amount()
    proposed = Amount()
    confirmation = AnswerRow(allow_null=True, help_text="null：还没有确认")


class ReportRow(serializers.Serializer[object]):
    id = serializers.IntegerField(allow_null=True, help_text="null：试提交的第一次")
    enterprise = serializers.CharField()
    date = serializers.DateField()
    revision = serializers.IntegerField()
    based_on = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(ProductionState.choices)
    staff_due = serializers.IntegerField(allow_null=True)
    staff_on_duty = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    limits = LimitRow(many=True)
    line_states = LineStateRow(many=True)
    review = serializers.ChoiceField(Review.choices)
    on_time = serializers.BooleanField(allow_null=True)
    first_received_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    channel = serializers.ChoiceField(Channel.choices)
    on_behalf = OnBehalfShape(allow_null=True)
    lines = ReportLineRow(many=True)
    questions = QuestionRow(many=True)
    closed = serializers.BooleanField()


class ProductRow(serializers.Serializer[object]):
    code = serializers.CharField()
    name = serializers.CharField()
    category = serializers.CharField()
    category_name = serializers.CharField()
    stage = serializers.ChoiceField(Stage.choices)
    base_unit = serializers.CharField()
    display_unit = serializers.CharField()
    units = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="单位 → [分子, 分母]：一个单位等于多少基本单位",
    )
    required = serializers.ListField(  # type: ignore[assignment]
        child=serializers.ChoiceField(Measure.choices), help_text="必填指标"
    )
    certificate_kinds = serializers.ListField(child=serializers.CharField(), help_text="哪些证照算持证")


class BatchRow(serializers.Serializer[object]):
    index = serializers.IntegerField(help_text="第几份，从 0 起")
    status = serializers.IntegerField(help_text="这一份单独提交会得到的状态码")
    replayed = serializers.BooleanField()
    report = ReportRow(required=False)
    problem = serializers.DictField(required=False, help_text="没有接受的：问题详情（RFC 9457），字段从这一份算起")


class BatchAnswer(serializers.Serializer[object]):
    results = BatchRow(many=True)
    stored = serializers.IntegerField(help_text="新存的份数")
    repeated = serializers.IntegerField(help_text="与已有相同、或重发的份数")
    refused = serializers.IntegerField(help_text="没有接受的份数")


class FeedRow(serializers.Serializer[object]):
    kind = serializers.ChoiceField([("day", "汇总日"), ("report", "日报"), ("total", "一格汇总")])
    version = serializers.IntegerField()
    date = serializers.DateField()
    url = serializers.CharField(help_text="再读一次的地址")
    as_of = serializers.DateTimeField(required=False, help_text="汇总日：截至何时")
    report = ReportRow(required=False, help_text="日报：现在的样子；closed 随汇总日而变，不另作一条")
    division = serializers.CharField(required=False, help_text="一格汇总：区划代码，各级都有")
    product = serializers.CharField(required=False, help_text="一格汇总：产品代码")
    row = serializers.DictField(required=False, allow_null=True, help_text="一格汇总：/totals/ 的那一行；null = 没有了")


class FeedAnswer(serializers.Serializer[object]):
    results = FeedRow(many=True)
    cursor = serializers.CharField(help_text="下次从这里读起")
    more = serializers.BooleanField(help_text="true：马上再读，还有")
