"""Reporting duties: who owes what report from when to when, who is exempted, which products share a capacity.

Every act locks the enterprise's row, refuses spans that overlap another of the same key, and marks its days stale.
"""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from django.db import transaction

from enterprises import access, audit, facts
from enterprises.errors import Invalid, NotFound, reading
from enterprises.models import EVER, Account, Enterprise, Placement
from enterprises.registration import refuse_span
from enterprises.rules import names
from supplies.models import Exemption, PoolMember, Product, ReportingDuty, UnitFactor

A_DAY = dt.timedelta(days=1)
Withdrawable = TypeVar("Withdrawable", ReportingDuty, Exemption, PoolMember, UnitFactor)


def assign(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    product: str | None,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    opening_output: int | None = None,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> facts.Believed[ReportingDuty]:
    """Let an enterprise owe reports about a product, or about state and staff only (product None), for a span of days.

    Takes: opening_output in thousandths of the base unit, made before `starts_on` and counted from that day on (R11).
    Writes: duty, stale marks, audit `reporting_duty.assign`.
    Refuses: unknown_product, invalid_span, not_placed, overlap, second_opening, opening_without_product.
    """
    access.require_at(actor, enterprise, "duties:write")
    refuse_span(starts_on, ends_on)
    _refuse_unknown(product)
    if opening_output is not None and product is None:
        raise Invalid("没有产品就没有期初累计产量。", code="opening_without_product", field="opening_output")
    key = {"enterprise_id": enterprise.pk, "product_id": product}
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        _refuse_not_placed(enterprise, starts_on, ends_on)
        facts.refuse_overlap(
            ReportingDuty, key=key, starts_on=starts_on, ends_on=ends_on, message="与已有的报送任务重叠"
        )
        if opening_output is not None:
            _refuse_second_opening(enterprise, product, starts_on)
        done = facts.record(
            ReportingDuty,
            actor=actor,
            identity={**key, "starts_on": starts_on},
            values={"ends_on": ends_on, "opening_output": opening_output},
            known_at=known_at,
            reason=reason,
        )
        if done.change != "unchanged":
            said = {"product": product, **_span(starts_on, ends_on), "opening_output": opening_output}
            audit.record(actor=actor, act="reporting_duty.assign", on=enterprise, after=said)
    return done


def exempt(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    product: str | None,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    approver: str = "",
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> facts.Believed[Exemption]:
    """Suspend the duties of an enterprise for a product, or for all (product None), for a span of days (R2).

    Writes: exemption, stale marks, audit `reporting_duty.exempt`. Refuses: unknown_product, invalid_span, overlap.
    """
    access.require_at(actor, enterprise, "duties:write")
    refuse_span(starts_on, ends_on)
    _refuse_unknown(product)
    with reading("approver"):
        approver = names.clean(approver, what="批准人", longest=60)
    with reading("reason"):
        reason = names.clean(reason, what="事由", longest=500)
    key = {"enterprise_id": enterprise.pk, "product_id": product}
    identity = {**key, "starts_on": starts_on}
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        facts.refuse_overlap(Exemption, key=key, starts_on=starts_on, ends_on=ends_on, message="与已有的豁免重叠")
        # the reason is part of what an exemption says: another one makes a new version
        stated = Exemption.objects.believed().filter(**facts.lookup(identity)).exclude(reason=reason)
        restated = facts.withdraw(Exemption, identity={"pk": stated[0].pk}, known_at=known_at) if stated else None
        done = facts.record(
            Exemption,
            actor=actor,
            identity=identity,
            values={"ends_on": ends_on, "approver": approver},
            known_at=known_at,
            reason=reason,
        )
        if done.change != "unchanged":
            said = {"product": product, **_span(starts_on, ends_on), "approver": approver, "reason": reason}
            audit.record(actor=actor, act="reporting_duty.exempt", on=enterprise, after=said)
    return facts.Believed(done.row, "changed") if restated else done


def share(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    pool: str,
    product: str,
    starts_on: dt.date = EVER,
    ends_on: dt.date | None = None,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> facts.Believed[PoolMember]:
    """Let a product share its capacity with the others of an enterprise's pool for a span of days (R17a).

    A product is in one pool at a time. Writes: pool member, stale marks, audit `capacity_pool.share`.
    Refuses: required (pool), unknown_product, invalid_span, overlap.
    """
    access.require_at(actor, enterprise, "duties:write")
    refuse_span(starts_on, ends_on)
    _refuse_unknown(product)
    with reading("pool"):
        pool = names.clean(pool, what="共用产能组", longest=60)
    if not pool:
        raise Invalid("缺少共用产能组的名称。", code="required", field="pool")
    key = {"enterprise_id": enterprise.pk, "product_id": product}
    identity = {**key, "pool": pool, "starts_on": starts_on}
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        facts.refuse_overlap(
            PoolMember,
            key=key,
            own={"pool": pool},
            starts_on=starts_on,
            ends_on=ends_on,
            message="一个产品同时只能在一个共用产能组里",
        )
        done = facts.record(
            PoolMember, actor=actor, identity=identity, values={"ends_on": ends_on}, known_at=known_at, reason=reason
        )
        if done.change != "unchanged":
            said = {"pool": pool, "product": product, **_span(starts_on, ends_on)}
            audit.record(actor=actor, act="capacity_pool.share", on=enterprise, after=said)
    return done


def withdraw(
    *, actor: Account | None, fact: Withdrawable, known_at: dt.datetime | None = None, reason: str = ""
) -> None:
    """Take back a duty, an exemption, a pool member or a pack: from now on it was never so; earlier answers stay.

    Writes: the fact, stale marks, audit `reporting_duty.withdraw`. Refuses: known_at_early, forbidden.
    """
    enterprise = fact.enterprise
    if enterprise is None:
        raise Invalid("目录里的单位不在这里撤回。", code="not_a_pack", field="withdrawn")
    access.require_at(actor, enterprise, "duties:write")
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        facts.withdraw(type(fact), identity={"pk": fact.pk}, known_at=known_at)
        said = {"fact": fact._meta.model_name, "product": fact.product_id, **_span(fact.starts_on, fact.ends_on)}
        audit.record(actor=actor, act="reporting_duty.withdraw", on=enterprise, before=said, after={"reason": reason})


def _span(starts_on: dt.date, ends_on: dt.date | None) -> dict[str, str | None]:
    return {"starts_on": str(starts_on), "ends_on": str(ends_on) if ends_on else None}


def _refuse_unknown(product: str | None) -> None:
    if product is not None and not Product.objects.filter(pk=product).exists():
        raise NotFound(f"目录里没有产品 {product}。", code="unknown_product", field="product")


def _refuse_not_placed(enterprise: Enterprise, starts_on: dt.date, ends_on: dt.date | None) -> None:
    """Refuse (not_placed) unless the enterprise stands somewhere on every day of the span (R15)."""
    reached = starts_on
    for row in Placement.objects.believed().filter(enterprise=enterprise).order_by("starts_on"):
        if row.starts_on <= reached and (row.ends_on is None or row.ends_on >= reached):
            if row.ends_on is None or (ends_on is not None and row.ends_on >= ends_on):
                return
            reached = row.ends_on + A_DAY
    raise Invalid(f"企业在 {reached} 没有落在任何填报单位上。", code="not_placed", field="starts_on")


def _refuse_second_opening(enterprise: Enterprise, product: str | None, starts_on: dt.date) -> None:
    others = ReportingDuty.objects.believed().filter(enterprise=enterprise, product_id=product)
    other = others.filter(opening_output__isnull=False).exclude(starts_on=starts_on).first()
    if other is not None:
        raise Invalid(
            f"这家企业这种产品已有期初累计产量（{other.starts_on}），只能有一个。",
            code="second_opening",
            field="opening_output",
        )
