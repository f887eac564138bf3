"""Admissions: a new enterprise in one act, from its credit code to the slip its clerk files with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from enterprises import access, filing_links, registration
from enterprises.errors import Invalid
from enterprises.filing_links import Slip
from enterprises.models import Account, DivisionFact, Enterprise
from enterprises.registration import Particulars
from supplies import reporting_duties


@dataclass(frozen=True)
class Admission:
    """The enterprise, and its slip; None where links are shut."""

    enterprise: Enterprise
    slip: Slip | None


def admit(
    *,
    actor: Account | None,
    uscc: str,
    name: str,
    division: str,
    products: Iterable[str] = (),
    contact_name: str = "",
    contact_phone: str = "",
    contact_email: str = "",
    starts_on: dt.date | None = None,
    reason: str = "",
) -> Admission:
    """Admit an enterprise, let it owe reports about its products from a day on (default: today), and issue its link.

    Without products it owes state and staff. All or nothing. Writes: what registration.admit, reporting_duties.assign
    and filing_links.issue write. Refuses: what they refuse; required (contact_phone: nobody could remind it).
    """
    if not contact_phone.strip():
        raise Invalid("请填写联系电话。", code="required", field="contact_phone")
    particulars = Particulars(
        name=name, contact_name=contact_name, contact_phone=contact_phone, contact_email=contact_email
    )
    begins = starts_on or access.today()
    with transaction.atomic():
        enterprise = registration.admit(
            actor=actor, uscc=uscc, division=division, particulars=particulars, reason=reason
        )
        for product in dict.fromkeys(products) or (None,):
            reporting_duties.assign(
                actor=actor, enterprise=enterprise, product=product, starts_on=begins, reason=reason
            )
        slip = filing_links.issue(actor=actor, enterprise=enterprise) if filing_links.are_on() else None
    return Admission(enterprise, slip)


def units(account: Account) -> list[tuple[str, str]]:
    """Reporting units (code, name) in which the account admits enterprises, in the order of their codes."""
    tree = DivisionFact.objects.tree(access.today())
    mine = access.leaves(account, "enterprises:write", tree=tree)
    return [
        (node.code, node.name)
        for node in tree.nodes.values()
        if node.is_reporting and (mine is None or node.code in mine)
    ]
