"""Who else of our side has a ticket open: a hint beside the page, never a lock. It lives in the cache and may be lost."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.core.cache import cache

from coordination import access
from coordination.choices import Side
from coordination.models import Ticket
from enterprises.models import Account

SECONDS = 120
MOST = 20


@dataclass(frozen=True)
class Here:
    """Somebody who opened the ticket or wrote on it within two minutes."""

    name: str
    ago: str


def seen(account: Account, ticket: Ticket, sides: frozenset[str]) -> list[Here]:
    """Note that the account is here, if it could do something; gives the others, the latest first.

    The enterprise is neither told nor noted.
    """
    if Side.ENTERPRISE in sides:
        return []
    key, now = f"presence:{ticket.pk}", time.time()
    known: dict[int, tuple[str, float]] = cache.get(key) or {}
    known = {pk: entry for pk, entry in known.items() if now - entry[1] < SECONDS}
    others = sorted((entry for pk, entry in known.items() if pk != account.pk), key=lambda entry: -entry[1])
    if sides & set(access.OURS):
        known[account.pk] = (account.display_name or account.username, now)
        cache.set(key, dict(sorted(known.items(), key=lambda item: -item[1][1])[:MOST]), SECONDS)
    return [Here(name, "刚刚" if now - at < 60 else "1 分钟前") for name, at in others]
