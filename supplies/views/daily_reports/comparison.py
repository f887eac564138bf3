"""What a clerk typed against what somebody stored meanwhile (R6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from enterprises.errors import Refused
from enterprises.models import Account
from supplies.report_sheets import Sheet
from supplies.rules.comparison import Difference, differences


@dataclass(frozen=True)
class Conflict:
    """What was typed against what somebody stored meanwhile."""

    who: str
    number: int | None
    received_at: dt.datetime | None
    differences: list[Difference]


def compare(refused: Refused, sheet: Sheet, account: Account) -> Conflict:
    """The conflict for the page; numbers are those of the refusal, so both sides are in base units."""
    latest = sheet.latest
    author = latest.author if latest is not None else None
    if author is not None and author.pk == account.pk:
        who = "您自己"
    else:
        who = f"您的同事{author}" if author is not None and sheet.is_own else str(author or "有人")
    names = {code: (offer.name, offer.base_unit) for code, offer in sheet.offers.items()}
    ours, theirs = refused.extra.get("yours") or {}, refused.extra.get("latest") or {}
    return Conflict(
        who=who,
        number=latest.number if latest is not None else None,
        received_at=latest.received_at if latest is not None else None,
        differences=differences(ours, theirs, names),
    )
