"""What every page of the shell knows: who is signed in, and which pages the account may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, is_valid_path, reverse

from enterprises import access
from enterprises.choices import Role


@dataclass(frozen=True)
class Entry:
    """One word of the rail; `is_last` ones stand at its foot."""

    word: str
    icon: str
    href: str
    is_current: bool
    is_last: bool = False


BUREAU = {Role.ADMIN, Role.CITY, Role.COUNTY, Role.LEADER, Role.AUDITOR, Role.PROVINCE, Role.LIAISON, Role.DEPARTMENT}

# word, icon, route or address, ability asked for, whom it is for, at the foot
RAIL = [
    ("总览", "home", "/", "totals:read", BUREAU, False),
    ("填报", "inbox", "supplies:daily_reports:coverage", "coverage:read", BUREAU, False),
    ("企业", "factory", "enterprises:enterprises:list", "enterprises:read", BUREAU, False),
    ("今日日报", "inbox", "supplies:daily_reports:today", "reports:write", {Role.ENTERPRISE}, False),
    ("我的企业", "factory", "enterprises:enterprises:list", "enterprises:read", {Role.ENTERPRISE}, False),
    ("接口", "code", "/api/docs/", "totals:read", BUREAU, True),
    ("管理", "gear", "/admin/", "accounts:write", {Role.ADMIN}, True),
]


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell` for base.html: entries of the rail, the account's name and roles, where the search box leads."""
    account = getattr(request, "user", None)
    if account is None or not account.is_authenticated:
        return {"shell": {"entries": [], "search_href": ""}}
    able, roles = access.abilities(account), access.roles(account)
    name = account.display_name or account.username
    return {
        "shell": {
            "entries": _entries(request.path, able, roles),
            "search_href": _address("enterprises:enterprises:list")
            if roles & BUREAU and "enterprises:read" in able
            else "",
            "name": name,
            "initial": name[:1].upper(),
            "roles": "、".join(label for role, label in Role.choices if role in roles),
        }
    }


def _entries(path: str, able: frozenset[str], roles: frozenset[str]) -> list[Entry]:
    """The rail of an account; the entry with the longest address that begins the path is the current one."""
    offered = [
        (word, icon, _address(route), is_last)
        for word, icon, route, ability, whom, is_last in RAIL
        if ability in able and roles & whom
    ]
    offered = [entry for entry in offered if entry[2]]
    within = [href for _, _, href, _ in offered if path == href or (href != "/" and path.startswith(href))]
    current = max(within, key=len, default=None)
    return [Entry(word, icon, href, href == current, is_last) for word, icon, href, is_last in offered]


def _address(route: str) -> str:
    """The address of a route; empty where this installation has no such page, so that no link is dead."""
    if route.startswith("/"):
        return route if is_valid_path(route) else ""
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""
