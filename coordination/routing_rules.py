"""The rules by competence as the bureau keeps them, and where people decided otherwise, so that they can be mended (2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from coordination import access, common_problems
from coordination.choices import Obstacle, TicketLevel
from coordination.models import RoutingOverride, RoutingRule
from coordination.tickets import given
from enterprises import access as ground_access
from enterprises import audit
from enterprises.errors import FieldError, Forbidden, Invalid, NotFound
from enterprises.models import Account

TEXTS = {"lead": ("牵头单位", 50), "decided_by": ("由谁决定", 100), "text": ("说明", 200)}


@dataclass(frozen=True)
class Rule:
    """A rule with how often it fired and how often people decided otherwise."""

    row: RoutingRule
    fired: int
    overridden: int


def may_read(account: Account) -> bool:
    return common_problems.may_read(account) or may_change(account)


def may_change(account: Account) -> bool:
    return ground_access.may(account, "settings:write")


def rules(account: Account) -> list[Rule]:
    """In the order in which they are tried. Three queries. Refuses forbidden."""
    if not may_read(account):
        raise Forbidden
    fired = dict(_count(access.tickets(account).exclude(rule="").exclude(accepted_at=None).order_by()))
    otherwise = dict(_count(overrides(account).order_by()))
    rows = RoutingRule.objects.select_related("category").order_by("priority")
    return [Rule(row, fired.get(row.code, 0), otherwise.get(row.code, 0)) for row in rows]


def by_category(account: Account) -> tuple[int, int]:
    """How often no rule fired and the category spoke, and how often people decided otherwise then."""
    fired = access.tickets(account).filter(rule="category").count()
    return fired, overrides(account).filter(rule="category").count()


def _count(found: QuerySet[Any]) -> list[tuple[str, int]]:
    return list(found.values_list("rule").annotate(n=Count("pk")))


def overrides(account: Account, rule: str = "") -> QuerySet[RoutingOverride]:
    """Decisions that differ from what a rule proposed, on tickets within reach, the latest first."""
    if not may_read(account):
        raise Forbidden
    found = RoutingOverride.objects.filter(ticket__in=access.tickets(account))
    if rule:
        found = found.filter(rule=rule)
    return found.select_related("ticket__enterprise", "proposed_lead", "chosen_lead", "actor")


def change(*, actor: Account, number: int, fields: Mapping[str, Any]) -> RoutingRule:
    """Write one rule anew; what was accepted by it before stays as it was.

    Writes: rule with its next version, audit `routing_rule.change` with before and after. Refuses: forbidden, not_found,
    each field's fault.
    """
    if not may_change(actor):
        raise Forbidden
    with transaction.atomic():
        row = RoutingRule.objects.select_for_update().filter(pk=number).first()
        if row is None:
            raise NotFound("没有这条规则。")
        values, faults = _read(fields)
        if faults:
            raise Invalid.of(faults)
        before = {name: getattr(row, name) for name in values}
        if before == values:
            return row
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        audit.record(actor=actor, act="routing_rule.change", on=row, before=before, after=values)
    return row


def _read(fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[FieldError]]:
    values: dict[str, Any] = {}
    faults: list[FieldError] = []
    for name, (word, longest) in TEXTS.items():
        try:
            values[name] = given.text(fields.get(name), word, longest) or ""
        except ValueError as fault:
            code, _, message = str(fault).partition("|")
            faults.append(FieldError(name, code, message))
        else:
            if not values[name] and name != "lead":
                faults.append(FieldError(name, "required", f"请填写{word}。"))
    for name, allowed, word in (("level", TicketLevel.values, "层级"), ("obstacle", Obstacle.values, "障碍在哪")):
        values[name] = str(fields.get(name) or "")
        if values[name] and values[name] not in allowed:
            faults.append(FieldError(name, "invalid_choice", f"没有这个{word}。"))
    hours = str(fields.get("hours") or "").strip()
    if hours and not (hours.isascii() and hours.isdigit() and len(hours) < 5):
        faults.append(FieldError("hours", "invalid_number", "小时数应为 0 到 9999 的整数。"))
    else:
        values["hours"] = int(hours) if hours else None
    for name in ("needs_letter", "is_on"):
        values[name] = fields.get(name) in ("yes", "on", True)
    return values, faults
