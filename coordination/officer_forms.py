"""Reading what the pages of officers send."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from coordination import handovers, officers
from coordination.officer_statistics import Period
from enterprises import access
from enterprises.errors import Invalid, NotFound
from enterprises.models import Account
from enterprises.rules import days

MOST = 2000


def enterprises(account: Account) -> tuple[tuple[str, str], ...]:
    """Enterprises to choose from, by code."""
    found = access.enterprises(account, "officers:write").order_by("sort_key", "pk")
    return tuple(found.values_list("uscc", "name")[:MOST])


def attachment(account: Account, post: QueryDict) -> dict[str, Any]:
    """An enterprise or an area, and days. Refuses not_found, invalid_date."""
    uscc = post.get("enterprise", "").strip()
    found = access.enterprise(account, uscc if uscc.isalnum() else "", "officers:write") if uscc else None
    return {
        "enterprise": found,
        "division": post.get("division", "")[:20] or None,
        "starts_on": day(post, "starts_on") if post.get("starts_on") else None,
        "ends_on": day(post, "ends_on") if post.get("ends_on") else None,
    }


def day(given: QueryDict, name: str) -> dt.date:
    """A day of a form; refuses invalid_date, required."""
    text = given.get(name, "")
    if not text:
        raise Invalid("请选日期。", code="required", field=name)
    try:
        return days.written(text)
    except ValueError as error:
        raise Invalid(f"{error}。", code="invalid_date", field=name) from None


def giver(account: Account, username: str) -> Account:
    """Whose things are handed over: an officer within reach, or whoever still has something there though he left."""
    found: Account | None = Account.objects.filter(username=username).first()
    known = found is not None and (
        officers.everyone(account).filter(pk=found.pk).exists() or handovers.in_hand(account, found)
    )
    if found is None or not known:
        raise NotFound("没有找到这位特派员。")
    return found


def handover(account: Account, post: QueryDict) -> dict[str, Any]:
    """To whom, on which day, what. Refuses required, not_found, invalid_date."""
    if not post.get("taker"):
        raise Invalid("请选由谁接手。", code="required", field="taker")
    return {
        "taker": officers.find(account, post.get("taker", "")),
        "day": day(post, "day"),
        "names": None if post.get("all") else post.getlist("names")[:5000],
        "reason": post.get("reason", "").strip(),
    }


def period(query: QueryDict) -> Period:
    """?from= to ?to= (default: the last 30 days), ?division=. Refuses invalid_date."""
    today = timezone.localdate()
    last = day(query, "to") if query.get("to") else today
    first = day(query, "from") if query.get("from") else last - dt.timedelta(days=29)
    if last < first:
        raise Invalid("末日不能早于首日。", code="invalid_date", field="to")
    return Period(first, last, query.get("division", "")[:20])
