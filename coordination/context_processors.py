"""What every page of the shell knows: who is signed in, and which pages the account may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, is_valid_path, reverse
from django.utils import timezone

from enterprises import access, filing_links
from enterprises.choices import Role


@dataclass(frozen=True)
class Entry:
    """One word of the rail; `is_last` ones stand at its foot."""

    word: str
    icon: str
    href: str
    is_current: bool
    is_last: bool = False


BUREAU = frozenset(Role.values) - {Role.ENTERPRISE}
CLERK = frozenset({Role.ENTERPRISE})
DAY_KEEPERS = frozenset({Role.CITY, Role.COUNTY, Role.LEADER, Role.AUDITOR})

DESKS = frozenset({Role.CITY, Role.COUNTY, Role.LEADER, Role.LIAISON, Role.AUDITOR})


@dataclass(frozen=True)
class Offer:
    """An entry before it is known who asks: the ability and one of the roles it takes.

    `is_daily` routes ask a day; `is_by_link` ones are open to a session that a filing link opened.
    """

    word: str
    icon: str
    route: str
    ability: str
    roles: frozenset[str] = BUREAU
    is_daily: bool = False
    is_last: bool = False
    is_by_link: bool = False


RAIL = [
    Offer("总览", "home", "/", "totals:read", BUREAU - {Role.DEPARTMENT}),
    Offer("今天", "home", "/", "reports:on_behalf", frozenset({Role.LIAISON})),
    Offer("填报", "inbox", "supplies:daily_reports:coverage", "coverage:read"),
    Offer("催报", "phone", "supplies:daily_reports:board", "coverage:read", frozenset({Role.CITY, Role.COUNTY})),
    Offer("审核", "checks", "supplies:daily_reports:review", "reports:review", frozenset({Role.CITY, Role.COUNTY})),
    Offer("代报", "inbox", "supplies:daily_reports:mine", "reports:on_behalf", frozenset({Role.LIAISON})),
    Offer("走访", "place", "coordination:visits:list", "visits:write", frozenset({Role.LIAISON})),
    Offer("问题单", "ticket", "coordination:tickets:list", "tickets:read"),
    Offer("问题单", "ticket", "coordination:tickets:list", "orders:read", frozenset({Role.DEPARTMENT})),
    Offer("值班", "clock", "coordination:duty:now", "tickets:read", DESKS),
    Offer("值班", "clock", "coordination:duty:now", "orders:read", frozenset({Role.DEPARTMENT})),
    Offer("企业", "factory", "supplies:enterprises:list", "enterprises:read"),
    Offer("特派员", "user", "coordination:officers:board", "officers:read"),
    Offer("瓶颈", "warn", "supplies:daily_totals:bottlenecks", "sources:read", DAY_KEEPERS),
    Offer("封账", "lock", "supplies:days:latest", "coverage:read", DAY_KEEPERS),
    Offer("今日日报", "inbox", "supplies:daily_reports:edit", "reports:write", CLERK, is_daily=True, is_by_link=True),
    Offer("表格填报", "doc", "supplies:daily_reports:uploads", "reports:write", CLERK),
    Offer("问题单", "ticket", "coordination:tickets:list", "tickets:read", CLERK),
    Offer("我的企业", "factory", "supplies:daily_reports:mine", "reports:write", CLERK, is_by_link=True),
    Offer("接口", "code", "/api/docs/", "totals:read", is_last=True),
    Offer("管理", "gear", "/admin/", "accounts:write", frozenset({Role.ADMIN}), is_last=True),
]
"""The rail from top to foot."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell` for base.html: entries of the rail, the account's name and roles, where the search box leads."""
    account = getattr(request, "user", None)
    if account is None or not account.is_authenticated:
        return {"shell": {"entries": [], "search_href": ""}}
    able, roles = access.abilities(account), access.roles(account)
    by_link = filing_links.SESSION in getattr(request, "session", ())
    name = account.display_name or account.username
    return {
        "shell": {
            "entries": _entries(request.path, able, roles, by_link=by_link),
            "is_by_link": by_link,
            "search_href": _address("supplies:enterprises:list")
            if roles & BUREAU and "enterprises:read" in able
            else "",
            "name": name,
            "initial": name[:1].upper(),
            "roles": "、".join(label for role, label in Role.choices if role in roles),
        }
    }


def _entries(path: str, able: frozenset[str], roles: frozenset[str], *, by_link: bool) -> list[Entry]:
    """The rail of an account; the entry with the longest address that begins the path is the current one."""
    offers = [offer for offer in RAIL if offer.ability in able and roles & offer.roles]
    if by_link:
        offers = [offer for offer in offers if offer.is_by_link]
    offered = [(offer, _address(offer.route, is_daily=offer.is_daily)) for offer in offers]
    within = [href for _, href in offered if href and (path == href or (href != "/" and path.startswith(href)))]
    current = max(within, key=len, default=None)
    return [Entry(offer.word, offer.icon, href, href == current, offer.is_last) for offer, href in offered if href]


def _address(route: str, *, is_daily: bool = False) -> str:
    """The address of a route; empty where this installation has no such page, so that no link is dead."""
    if route.startswith("/"):
        return route if is_valid_path(route) else ""
    try:
        return reverse(route, args=[timezone.localdate()] if is_daily else [])
    except NoReverseMatch:
        return ""
