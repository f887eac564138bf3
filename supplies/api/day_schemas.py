"""Shapes of closing and reopening in the description of the interface."""

from rest_framework import serializers

from supplies.choices import SnapshotKind


class ClosingGiven(serializers.Serializer[object]):
    kind = serializers.ChoiceField(SnapshotKind.choices)


class ClosingRow(serializers.Serializer[object]):
    id = serializers.IntegerField()
    date = serializers.DateField()
    kind = serializers.ChoiceField(SnapshotKind.choices)
    as_of = serializers.DateTimeField(help_text="截至的时刻：此后的变动不在快照里")
    number = serializers.IntegerField(help_text="当日第几次")
    digest = serializers.CharField(help_text="全部数字的 SHA-256")


class ReopeningGiven(serializers.Serializer[object]):
    enterprise = serializers.CharField(help_text="统一社会信用代码")
    reason = serializers.CharField(max_length=500)
    until = serializers.DateTimeField(help_text="开放到何时，不含该时刻")


class ReopeningRow(serializers.Serializer[object]):
    id = serializers.IntegerField()
    date = serializers.DateField()
    kind = serializers.CharField(help_text="reopen")
    as_of = serializers.DateTimeField()
    enterprise = serializers.CharField()
    reason = serializers.CharField()
    until = serializers.DateTimeField()
