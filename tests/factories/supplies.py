"""Duties, exemptions, pools, packs, licences and settings for tests; known since LONG_AGO unless told otherwise."""

from __future__ import annotations

import datetime as dt
from typing import Any

from enterprises.models import EVER, Certificate, Enterprise
from supplies.models import (
    CertificateProduct,
    Exemption,
    PoolMember,
    ReportingDuty,
    ReportingSetting,
    UnitFactor,
)
from tests.factories import enterprises
from tests.factories.enterprises import LONG_AGO


def duty(
    enterprise: Enterprise,
    product: str | None,
    *,
    starts_on: dt.date = EVER,
    ends_on: dt.date | None = None,
    opening: int | None = None,
    known_at: dt.datetime = LONG_AGO,
) -> ReportingDuty:
    """`opening` in thousandths of the base unit."""
    return ReportingDuty.objects.create(
        enterprise=enterprise,
        product_id=product,
        starts_on=starts_on,
        ends_on=ends_on,
        opening_output=opening,
        known_at=known_at,
    )


def exemption(
    enterprise: Enterprise,
    product: str | None = None,
    *,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    known_at: dt.datetime = LONG_AGO,
) -> Exemption:
    return Exemption.objects.create(
        enterprise=enterprise, product_id=product, starts_on=starts_on, ends_on=ends_on, known_at=known_at
    )


def pool(enterprise: Enterprise, *products: str, name: str = "一号线", starts_on: dt.date = EVER) -> list[PoolMember]:
    return [
        PoolMember.objects.create(
            enterprise=enterprise, pool=name, product_id=product, starts_on=starts_on, known_at=LONG_AGO
        )
        for product in products
    ]


def pack(
    enterprise: Enterprise, product: str, unit: str, num: int, den: int = 1, *, starts_on: dt.date = EVER
) -> UnitFactor:
    return UnitFactor.objects.create(
        enterprise=enterprise, product_id=product, unit=unit, num=num, den=den, starts_on=starts_on, known_at=LONG_AGO
    )


def licence(enterprise: Enterprise, product: str, **certificate: Any) -> Certificate:
    """A certificate that counts for a product."""
    made = enterprises.certificate(enterprise, **certificate)
    CertificateProduct.objects.create(certificate=made, product_id=product, known_at=made.known_at)
    return made


def setting(
    name: str,
    value: str,
    *,
    division: str | None = None,
    starts_on: dt.date = EVER,
    known_at: dt.datetime = LONG_AGO,
) -> ReportingSetting:
    return ReportingSetting.objects.create(
        name=name, value=value, division_id=division, starts_on=starts_on, known_at=known_at
    )
