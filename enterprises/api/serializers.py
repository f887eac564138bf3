"""Shapes of the ground storey's answers, as the schema shows them."""

from __future__ import annotations

from rest_framework import serializers

from enterprises.choices import (
    CertificateStatus,
    DivisionLevel,
    EnterpriseKind,
    EnterpriseStatus,
    LineState,
    MembershipList,
)


class CertificateRow(serializers.Serializer[object]):
    kind = serializers.CharField(help_text="证照类型")
    number = serializers.CharField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True, help_text="含当日；null = 长期")
    status = serializers.ChoiceField(CertificateStatus.choices)


class EnterpriseRow(serializers.Serializer[object]):
    uscc = serializers.CharField(help_text="统一社会信用代码")
    name = serializers.CharField()
    kind = serializers.ChoiceField(EnterpriseKind.choices)
    status = serializers.ChoiceField(EnterpriseStatus.choices, help_text="当日状态")
    division = serializers.CharField(allow_null=True, help_text="当日所在填报单位")
    division_name = serializers.CharField(allow_null=True)
    lists = serializers.ListField(child=serializers.ChoiceField(MembershipList.choices), help_text="当日所在名单")


class LineRow(serializers.Serializer[object]):
    id = serializers.IntegerField(help_text="日报 line_states 里的 line")
    name = serializers.CharField()
    state = serializers.ChoiceField(LineState.choices, allow_null=True, help_text="当日状态；null：这一天还没有登记")
    expected_on = serializers.DateField(allow_null=True, help_text="预计投产")


class EnterpriseSheet(EnterpriseRow):
    certificates = CertificateRow(many=True)
    lines = LineRow(many=True)


class DivisionRow(serializers.Serializer[object]):
    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.ChoiceField(DivisionLevel.choices)
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    is_reporting = serializers.BooleanField(help_text="企业只落在填报单位上")
