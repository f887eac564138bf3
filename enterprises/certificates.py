"""Certificates: file one that an enterprise holds, and cease to believe one.

Which products a certificate counts for lies upstairs: supplies.licences files certificates together with their
products, and is what edges and files call. A certificate that counts for none may be filed here.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from enterprises import access, audit, facts
from enterprises.choices import CertificateStatus
from enterprises.errors import Invalid, reading
from enterprises.models import Account, Certificate, Enterprise
from enterprises.rules import names


def file(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    kind: str,
    number: str,
    valid_from: dt.date,
    valid_to: dt.date | None,
    status: str = CertificateStatus.VALID,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> facts.Believed[Certificate]:
    """Believe that an enterprise holds a certificate of this period and status; one already believed is found again.

    A certificate of the same number with another period is another row: it may count for other products.
    Writes: certificate, stale marks, audit `certificate.file`.
    Refuses: required, invalid_span, invalid_status.
    """
    access.require_at(actor, enterprise, "enterprises:write")
    kind, number = named(kind=kind, number=number)
    if status not in CertificateStatus.values:
        raise Invalid(f"状态应为 {'、'.join(CertificateStatus.values)} 之一。", code="invalid_status", field="status")
    if valid_to is not None and valid_to < valid_from:
        raise Invalid("有效期至早于有效期自。", code="invalid_span", field="valid_to")
    identity = {
        "enterprise_id": enterprise.pk,
        "kind": kind,
        "number": number,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "status": status,
    }
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        done = facts.record(Certificate, actor=actor, identity=identity, values={}, known_at=known_at, reason=reason)
        if done.change != "unchanged":
            said = {"kind": kind, "number": number, "from": str(valid_from), "status": status}
            said["to"] = str(valid_to or "")
            audit.record(actor=actor, act="certificate.file", on=done.row, after=said)
    return done


def cease(*, actor: Account | None, certificate: Certificate, known_at: dt.datetime | None = None) -> None:
    """Cease to believe a certificate: it was wrong, or another version took its place. Audit `certificate.cease`."""
    access.require_at(actor, certificate.enterprise, "enterprises:write")
    with transaction.atomic():
        facts.withdraw(Certificate, identity={"pk": certificate.pk}, known_at=known_at)
        audit.record(actor=actor, act="certificate.cease", on=certificate)


def named(*, kind: str, number: str) -> tuple[str, str]:
    """Kind and number as they are stored; refuses required and invalid."""
    with reading("kind"):
        kind = names.clean(kind, what="证照类型", longest=50)
    with reading("number"):
        number = names.clean(number, what="证号", longest=100)
    for value, what, field in ((kind, "证照类型", "kind"), (number, "证号", "number")):
        if not value:
            raise Invalid(f"缺少{what}。", code="required", field=field)
    return kind, number
