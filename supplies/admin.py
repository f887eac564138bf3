"""The administrator's view of catalogue, duties, settings and closings; settings are set by their act."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from enterprises.admin import ActForm, Acting, Shown, site
from supplies import reporting_settings
from supplies.models import (
    DayEvent,
    Exemption,
    PoolMember,
    Product,
    ReportingDuty,
    ReportingSetting,
    Snapshot,
    UnitFactor,
)


class NewSetting(ActForm):
    class Meta:
        model = ReportingSetting
        fields = ("name", "value", "division", "starts_on", "reason")

    def act(self, said: dict[str, Any]) -> ReportingSetting:
        division = said["division"].pk if said["division"] else None
        done = reporting_settings.set_rule(
            actor=self.actor,
            name=said["name"],
            value=said["value"],
            division=division,
            starts_on=said["starts_on"],
            reason=said["reason"],
        )
        return done.row


@admin.register(ReportingSetting, site=site)
class ReportingSettingAdmin(Acting):
    form = NewSetting
    list_display = ("name", "value", "division", "starts_on", "known_at", "actor")
    list_filter = ("name",)
    list_select_related = ("division", "actor")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(known_until=None)


@admin.register(Product, site=site)
class ProductAdmin(Shown):
    list_display = ("code", "category", "group", "stage", "base_unit")
    list_filter = ("category", "stage")
    search_fields = ("code", "facts__name")


@admin.register(ReportingDuty, site=site)
class ReportingDutyAdmin(Shown):
    list_display = ("enterprise", "product", "starts_on", "ends_on", "known_at", "known_until")
    search_fields = ("enterprise__name", "enterprise__uscc", "product__code")
    list_select_related = ("enterprise", "product")


@admin.register(Exemption, site=site)
class ExemptionAdmin(Shown):
    list_display = ("enterprise", "product", "starts_on", "ends_on", "reason", "known_until")
    search_fields = ("enterprise__name", "enterprise__uscc")
    list_select_related = ("enterprise", "product")


@admin.register(PoolMember, site=site)
class PoolMemberAdmin(Shown):
    list_display = ("enterprise", "pool", "product", "starts_on", "ends_on", "known_until")
    search_fields = ("enterprise__name", "pool")
    list_select_related = ("enterprise", "product")


@admin.register(UnitFactor, site=site)
class UnitFactorAdmin(Shown):
    list_display = ("product", "enterprise", "unit", "num", "den", "starts_on", "known_until")
    search_fields = ("product__code", "enterprise__name", "unit")
    list_select_related = ("product", "enterprise")


@admin.register(DayEvent, site=site)
class DayEventAdmin(Shown):
    list_display = ("day", "kind", "enterprise", "until", "reason", "actor", "recorded_at")
    list_filter = ("kind",)
    list_select_related = ("enterprise", "actor")
    date_hierarchy = "day"


@admin.register(Snapshot, site=site)
class SnapshotAdmin(Shown):
    list_display = ("day", "kind", "number", "as_of", "digest")
    list_filter = ("kind",)
    date_hierarchy = "day"
