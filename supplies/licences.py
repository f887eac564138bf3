"""Licences: which certificate of an enterprise counts for which of its products (R18).

A licence is named by enterprise, kind, number and product. Each product of one certificate number may have a period of
its own; certificates of the same period are one row with several products.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from enterprises import access, audit, certificates, facts
from enterprises.choices import CertificateStatus
from enterprises.errors import NotFound
from enterprises.models import Account, Certificate, Enterprise
from supplies.models import CertificateProduct, Product


def file(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    product: str | None,
    kind: str,
    number: str,
    valid_from: dt.date,
    valid_to: dt.date | None,
    status: str = CertificateStatus.VALID,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> facts.Change:
    """Believe that a certificate counts for a product (None: for none) over a period; a changed one is a new version.

    Writes: certificate, its product, stale marks, audit `certificate.file` and `licence.file`.
    Refuses: unknown_product, and what enterprises.certificates.file refuses.
    """
    access.require_at(actor, enterprise, "enterprises:write")
    if product is not None and not Product.objects.filter(pk=product).exists():
        raise NotFound(f"目录里没有产品 {product}。", code="unknown_product", field="product")
    kind, number = certificates.named(kind=kind, number=number)
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        earlier = _believed(enterprise, product, kind, number)
        certificate = certificates.file(
            actor=actor,
            enterprise=enterprise,
            kind=kind,
            number=number,
            valid_from=valid_from,
            valid_to=valid_to,
            status=status,
            known_at=known_at,
            reason=reason,
        ).row
        if earlier == [certificate]:
            return "unchanged"
        if product is not None:
            identity = {"certificate_id": certificate.pk, "product_id": product}
            facts.record(
                CertificateProduct, actor=actor, identity=identity, values={}, known_at=known_at, reason=reason
            )
        for other in earlier:
            if other != certificate:
                _part(actor, other, product, known_at)
        said = {"kind": kind, "number": number, "product": product, "status": status}
        audit.record(actor=actor, act="licence.file", on=certificate, after=said)
    return "changed" if earlier else "added"


def withdraw(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    product: str | None,
    kind: str,
    number: str,
    known_at: dt.datetime | None = None,
) -> bool:
    """Take back that a certificate counts for a product; without any product left the certificate goes too.

    Gives whether there was one. Writes: as `file`; audit `licence.withdraw`.
    """
    access.require_at(actor, enterprise, "enterprises:write")
    kind, number = certificates.named(kind=kind, number=number)
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        earlier = _believed(enterprise, product, kind, number)
        for certificate in earlier:
            _part(actor, certificate, product, known_at)
            said = {"kind": kind, "number": number, "product": product}
            audit.record(actor=actor, act="licence.withdraw", on=certificate, before=said)
    return bool(earlier)


def _believed(enterprise: Enterprise, product: str | None, kind: str, number: str) -> list[Certificate]:
    """Believed certificates of this number that count for the product, or, for None, for no product."""
    links = CertificateProduct.objects.believed()
    rows = Certificate.objects.believed().filter(enterprise=enterprise, kind=kind, number=number).order_by("id")
    if product is None:
        return list(rows.exclude(pk__in=links.values("certificate_id")))
    return list(rows.filter(pk__in=links.filter(product_id=product).values("certificate_id")))


def _part(actor: Account | None, certificate: Certificate, product: str | None, known_at: dt.datetime | None) -> None:
    if product is not None:
        identity = {"certificate_id": certificate.pk, "product_id": product}
        facts.withdraw(CertificateProduct, identity=identity, known_at=known_at)
    if not CertificateProduct.objects.believed().filter(certificate=certificate).exists():
        certificates.cease(actor=actor, certificate=certificate, known_at=known_at)
