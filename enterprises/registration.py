"""Registration: admit an enterprise, amend what is known of it, place it on a reporting unit, keep its lists.

Every act locks the enterprise's row first, so that two of them about one enterprise come one after the other.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from enterprises import access, audit, facts
from enterprises.choices import EnterpriseKind, EnterpriseStatus, MembershipList, StartKind
from enterprises.errors import Conflict, Invalid, NotFound, reading
from enterprises.models import (
    EVER,
    Account,
    Division,
    DivisionFact,
    Enterprise,
    EnterpriseFact,
    Membership,
    Placement,
)
from enterprises.rules import credit_code, names, pinyin

CONTACT = {
    "contact_name": ("联系人", 50),
    "contact_phone": ("联系电话", 30),
    "contact_email": ("联系邮箱", 254),
    "address": ("地址", 300),
}


@dataclass(frozen=True)
class Particulars:
    """What may be said of an enterprise; None = leave as it is (for a new one: the default)."""

    name: str | None = None
    kind: str | None = None
    status: str | None = None
    start_kind: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    contact_email: str | None = None
    address: str | None = None


def admit(
    *,
    actor: Account | None,
    uscc: str,
    division: str,
    particulars: Particulars,
    from_date: dt.date = EVER,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> Enterprise:
    """Admit an enterprise under its credit code, standing on a reporting unit since ever or from `from_date` on.

    Writes: enterprise, its fact and placement, stale marks, audit `enterprise.admit`.
    Refuses: invalid_uscc, enterprise_exists (409), required (name), invalid_choice, and what `place` refuses.
    """
    uscc = normal_code(uscc)
    if actor is not None:
        access.require_in(actor, division, "enterprises:write")
    said = _checked(particulars)
    if not said.get("name"):
        raise Invalid("缺少企业名称。", code="required", field="name")
    _refuse_no_unit(division, from_date)
    told: dict[str, Any] = {"actor": actor, "known_at": known_at, "reason": reason}
    with transaction.atomic():
        dated: dict[str, Any] = {name: said[name] for name in ("name", "status", "start_kind") if name in said}
        sort_key, initials = pinyin.keys(said["name"])
        own = {name: said[name] for name in ("name", "kind", *CONTACT) if name in said}
        enterprise, is_new = Enterprise.objects.get_or_create(
            uscc=uscc, defaults={**own, "sort_key": sort_key, "initials": initials}
        )
        if not is_new:
            raise Conflict("这个统一社会信用代码已经登记。", code="enterprise_exists", field="uscc")
        key = {"enterprise_id": enterprise.pk, "starts_on": from_date}
        facts.add(EnterpriseFact, values={**key, **dated}, **told)
        facts.add(Placement, values={**key, "division_id": division}, **told)
        audit.record(actor=actor, act="enterprise.admit", on=enterprise, after={"uscc": uscc, **_told(said)})
    return enterprise


def amend(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    particulars: Particulars,
    from_date: dt.date = EVER,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> bool:
    """Amend what is known of an enterprise; name, status and kind of start change from `from_date` on (R15).

    Gives whether anything changed. Writes: enterprise, its fact, audit `enterprise.amend`. Refuses: invalid_choice.
    """
    access.require_at(actor, enterprise, "enterprises:write")
    said = _checked(particulars)
    with transaction.atomic():
        enterprise = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        before = {name: getattr(enterprise, name, None) for name in said}
        changed = _describe(actor, enterprise, said, from_date, known_at, reason)
        if changed:
            audit.record(actor=actor, act="enterprise.amend", on=enterprise, before=_told(before), after=_told(said))
    return changed


def place(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    division: str,
    starts_on: dt.date = EVER,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> facts.Believed[Placement]:
    """Let an enterprise stand on a reporting unit from a day on; earlier days stay where they were (R15).

    Writes: placement, stale marks, audit `enterprise.place`.
    Refuses: not_found, not_leaf (not a reporting unit), division_not_on_day, forbidden.
    """
    access.require_at(actor, enterprise, "enterprises:write")
    if actor is not None:
        access.require_in(actor, division, "enterprises:write")
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        done = _place(actor, enterprise, division, starts_on, known_at, reason)
        if done.change != "unchanged":
            said = {"division": division, "starts_on": str(starts_on)}
            audit.record(actor=actor, act="enterprise.place", on=enterprise, after=said)
    return done


def enlist(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    list_name: str,
    starts_on: dt.date = EVER,
    ends_on: dt.date | None = None,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> facts.Believed[Membership]:
    """Put an enterprise on a list (key, chain, positive) for a span of days.

    Writes: membership, audit `enterprise.enlist`. Refuses: invalid_choice, invalid_span, overlap.
    """
    access.require_at(actor, enterprise, "enterprises:write")
    _refuse_other(list_name, MembershipList.values, "名单", "list")
    refuse_span(starts_on, ends_on)
    key = {"enterprise_id": enterprise.pk, "list": list_name}
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        facts.refuse_overlap(Membership, key=key, starts_on=starts_on, ends_on=ends_on, message="与已有的名单期间重叠")
        done = facts.record(
            Membership,
            actor=actor,
            identity={**key, "starts_on": starts_on},
            values={"ends_on": ends_on},
            known_at=known_at,
            reason=reason,
        )
        if done.change != "unchanged":
            said = {"list": list_name, "starts_on": str(starts_on), "ends_on": ends_on and str(ends_on)}
            audit.record(actor=actor, act="enterprise.enlist", on=enterprise, after=said)
    return done


def normal_code(text: str) -> str:
    """The normal form of a credit code; refuses invalid_uscc."""
    with reading("uscc", "invalid_uscc"):
        return credit_code.normal(text)


def refuse_span(starts_on: dt.date, ends_on: dt.date | None) -> None:
    """Refuse (invalid_span) a span that ends before it starts."""
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("截止日期早于起始日期。", code="invalid_span", field="ends_on")


def _checked(said: Particulars) -> dict[str, str]:
    """What was said, cleaned; what was left out is not in it."""
    found = {name: value for name, value in vars(said).items() if value is not None}
    with reading("name"):
        if "name" in found:
            found["name"] = names.clean(found["name"], what="企业名称", longest=200)
    for name, (what, longest) in CONTACT.items():
        if name in found:
            with reading(name):
                found[name] = names.clean(found[name], what=what, longest=longest)
    if found.get("contact_email"):
        try:
            validate_email(found["contact_email"])
        except ValidationError:
            raise Invalid("联系邮箱写得不对。", code="invalid_email", field="contact_email") from None
    if found.get("name") == "":
        raise Invalid("缺少企业名称。", code="required", field="name")
    _refuse_other(found.get("kind", EnterpriseKind.PRODUCER), EnterpriseKind.values, "类型", "kind")
    _refuse_other(found.get("status", EnterpriseStatus.ACTIVE), EnterpriseStatus.values, "状态", "status")
    _refuse_other(found.get("start_kind", ""), ["", *StartKind.values], "投产方式", "start_kind")
    return found


def _told(said: dict[str, Any]) -> dict[str, Any]:
    """What the audit keeps: that a person's name or number changed, not which it is."""
    return {name: "…" if name in CONTACT and value else value for name, value in said.items()}


def _refuse_other(value: str, allowed: list[str], what: str, field: str) -> None:
    if value not in allowed:
        raise Invalid(f"{what}应为 {'、'.join(v for v in allowed if v)} 之一。", code="invalid_choice", field=field)


def _describe(
    actor: Account | None,
    enterprise: Enterprise,
    said: dict[str, str],
    from_date: dt.date,
    known_at: dt.datetime | None,
    reason: str,
) -> bool:
    """Record the dated part as a fact, the rest on the enterprise; gives whether anything changed."""
    rows = EnterpriseFact.objects.believed().filter(enterprise=enterprise).order_by("starts_on")
    held: Any = rows.filter(starts_on__lte=from_date).last() or rows.first()
    values = {
        "name": said.get("name", held.name if held else enterprise.name),
        "status": said.get("status", held.status if held else EnterpriseStatus.ACTIVE),
        "start_kind": said.get("start_kind", held.start_kind if held else ""),
        "successor_id": held.successor_id if held else None,
    }
    is_same = held is not None and all(getattr(held, name) == value for name, value in values.items())
    is_same = is_same and held.starts_on <= from_date
    if not is_same:
        facts.step(
            EnterpriseFact,
            actor=actor,
            key={"enterprise_id": enterprise.pk},
            starts_on=from_date,
            values=values,
            known_at=known_at,
            reason=reason,
        )
    current: Any = EnterpriseFact.objects.believed().on(access.today()).filter(enterprise=enterprise).first()
    wanted = {name: said[name] for name in ("kind", *CONTACT) if name in said}
    wanted["name"] = str(current.name if current else values["name"])
    wanted["sort_key"], wanted["initials"] = pinyin.keys(wanted["name"])
    differing = [name for name, value in wanted.items() if getattr(enterprise, name) != value]
    if differing:
        for name in differing:
            setattr(enterprise, name, wanted[name])
        enterprise.save(update_fields=differing)
    return not is_same or bool(differing)


def _place(
    actor: Account | None,
    enterprise: Enterprise,
    division: str,
    starts_on: dt.date,
    known_at: dt.datetime | None,
    reason: str,
) -> facts.Believed[Placement]:
    _refuse_no_unit(division, starts_on)
    return facts.step(
        Placement,
        actor=actor,
        key={"enterprise_id": enterprise.pk},
        starts_on=starts_on,
        values={"division_id": division},
        known_at=known_at,
        reason=reason,
    )


def _refuse_no_unit(division: str, starts_on: dt.date) -> None:
    """Refuse a division on which no enterprise can stand from the day on (R15)."""
    unit = Division.objects.filter(pk=division).first()
    if unit is None:
        raise NotFound(f"没有区划 {division}。", field="division")
    if not unit.is_reporting:
        raise Invalid(f"{division} 不是填报单位，企业只落在区县或功能区上。", code="not_leaf", field="division")
    if starts_on != EVER and not DivisionFact.objects.believed().on(starts_on).filter(division=unit).exists():
        raise Invalid(f"区划 {division} 在 {starts_on} 还没有或已撤销。", code="division_not_on_day", field="division")
