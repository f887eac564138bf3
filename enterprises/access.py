"""Who sees and does what: the one place that is asked, and it is closed unless opened.

A post gives its holder the abilities of its role within its scope on the days it holds. An API token cuts them down to
its scopes. What an account may not see does not exist for it: NotFound, the same answer as for a missing thing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from enterprises.choices import Role, TokenScope
from enterprises.errors import Forbidden, NotFound
from enterprises.models import Account, Attachment, DivisionFact, Enterprise, Placement, Post
from enterprises.rules.division_tree import Tree

READ_FIGURES = {"enterprises:read", "reports:read", "totals:read", "coverage:read", "sources:read"}
TICKET_DESK = {"tickets:read", "tickets:raise", "tickets:desk"}
OFFICERS_DESK = {"officers:read", "officers:write", "visits:read", "visits:write"}
BUREAU = READ_FIGURES | {"enterprises:write", "lines:write", "duties:write", "reports:on_behalf", "reports:review"}

ROLES: dict[str, frozenset[str]] = {
    Role.ADMIN: frozenset(
        READ_FIGURES
        | {"tickets:read"}
        | {"enterprises:write", "lines:write", "duties:write", "settings:write", "accounts:write", "audit:read"}
        | {"officers:read", "officers:write", "visits:read"}
    ),
    Role.CITY: frozenset(BUREAU | TICKET_DESK | OFFICERS_DESK | {"settings:write", "days:close", "tickets:supervise"}),
    Role.COUNTY: frozenset(BUREAU | TICKET_DESK | OFFICERS_DESK),
    Role.LEADER: frozenset(READ_FIGURES | {"tickets:read", "tickets:supervise", "officers:read", "visits:read"}),
    Role.AUDITOR: frozenset(READ_FIGURES | {"audit:read", "tickets:read", "officers:read", "visits:read"}),
    Role.PROVINCE: frozenset({"totals:read", "coverage:read", "enterprises:read"}),
    Role.DEPARTMENT: frozenset({"totals:read", "orders:read", "orders:handle"}),
    Role.LIAISON: frozenset(
        {"enterprises:read", "reports:read", "reports:on_behalf", "tickets:read", "tickets:raise"}
        | {"visits:read", "visits:write"}
    ),
    Role.ENTERPRISE: frozenset(
        {"enterprises:read", "lines:write", "reports:read", "reports:write", "tickets:read", "tickets:raise"}
    ),
}
"""Abilities of each role. Seeing sources is a right of its own (R22); a role that is not here may do nothing."""

SCOPES: dict[str, frozenset[str]] = {
    TokenScope.REPORTS_WRITE: frozenset({"reports:write", "reports:on_behalf"}),
    TokenScope.REPORTS_READ: frozenset({"reports:read", "coverage:read", "enterprises:read"}),
    TokenScope.REPORTS_REVIEW: frozenset({"reports:review"}),
    TokenScope.DAYS_CLOSE: frozenset({"days:close"}),
    TokenScope.TOTALS_READ: frozenset({"totals:read", "coverage:read", "enterprises:read"}),
    TokenScope.SOURCES_READ: frozenset({"sources:read", "enterprises:read"}),
    TokenScope.TICKETS_READ: frozenset({"tickets:read", "orders:read", "visits:read"}),
    TokenScope.TICKETS_WRITE: frozenset(
        {"tickets:raise", "tickets:desk", "tickets:supervise", "orders:handle", "visits:write"}
    ),
}
"""Abilities that a token's scope lets through; an account's own abilities bound them."""


@dataclass(frozen=True)
class Held:
    """One post in force today: a role, and the one thing it is limited to."""

    role: str
    division: str | None = None
    enterprise: int | None = None


@dataclass(frozen=True)
class Reach:
    """Where an ability holds: everywhere, in divisions (with all below), at single enterprises. Empty = nowhere."""

    everywhere: bool = False
    divisions: frozenset[str] = frozenset()
    enterprises: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.divisions) or bool(self.enterprises)


def today() -> dt.date:
    return timezone.localdate()


def held(account: Account) -> list[Held]:
    """Posts in force today, attachments included. Two queries, kept on the account for the request."""
    known: list[Held] | None = getattr(account, "_held", None)
    if known is None:
        known = []
        if account.is_active:
            day = today()
            posts = Post.objects.believed().on(day).filter(account=account).select_related("organisation")
            for post in posts:
                # a post limited to a category of goods opens nothing until something is limited by category
                if post.category_id is not None:
                    continue
                division = post.organisation.division_id if post.organisation else post.division_id
                known.append(Held(post.role, division, post.enterprise_id))
            if any(h.role == Role.LIAISON for h in known):
                attachments = Attachment.objects.believed().on(day).filter(account=account)
                known += [Held(Role.LIAISON, a.division_id, a.enterprise_id) for a in attachments]
        account._held = known  # type: ignore[attr-defined]
    return known


def signed_in(user: Any) -> Account:
    """The account behind a request; refuses (forbidden) a request without one."""
    if not isinstance(user, Account):
        raise Forbidden
    return user


def roles(account: Any) -> frozenset[str]:
    """Roles the account holds today; none for anonymous."""
    return frozenset(h.role for h in held(account)) if isinstance(account, Account) else frozenset()


def abilities(account: Any) -> frozenset[str]:
    """What the account may do somewhere, within the scopes of the token it came with (account.token_scopes)."""
    if not isinstance(account, Account):
        return frozenset()
    able: frozenset[str] = frozenset().union(*(ROLES.get(h.role, frozenset()) for h in held(account)))
    scopes: Iterable[str] | None = getattr(account, "token_scopes", None)
    if scopes is not None:
        able &= frozenset().union(*(SCOPES.get(s, frozenset()) for s in scopes))
    return able


def may(account: Any, ability: str) -> bool:
    return ability in abilities(account)


def require(account: Any, ability: str) -> None:
    """Refuse (forbidden) an account that has the ability nowhere."""
    if not may(account, ability):
        raise Forbidden


def reach(account: Any, ability: str) -> Reach:
    """Where the account has the ability."""
    if not may(account, ability):
        return Reach()
    mine = [h for h in held(account) if ability in ROLES.get(h.role, frozenset())]
    return Reach(
        everywhere=any(h.role == Role.ADMIN for h in mine),
        divisions=frozenset(h.division for h in mine if h.division is not None),
        enterprises=frozenset(h.enterprise for h in mine if h.enterprise is not None),
    )


def leaves(account: Any, ability: str, *, tree: Tree | None = None) -> frozenset[str] | None:
    """Codes of the reporting units in which the account has the ability; None = everywhere."""
    where = reach(account, ability)
    if where.everywhere:
        return None
    if not where.divisions:
        return frozenset()
    tree = tree or DivisionFact.objects.tree(today())
    return frozenset(leaf for code in where.divisions for leaf in tree.leaves(code))


def reaches_all(account: Any, ability: str, *, tree: Tree | None = None) -> bool:
    """Whether the account has the ability in every reporting unit there is today; a province above a city adds none."""
    tree = tree or DivisionFact.objects.tree(today())
    mine = leaves(account, ability, tree=tree)
    every = {node.code for node in tree.nodes.values() if node.is_reporting}
    return mine is None or (bool(mine) and every <= mine)


def placed(account: Any, ability: str, *, enterprise: str = "enterprise", day: str | None = None) -> Q:
    """The condition that a row's enterprise is within reach.

    `enterprise` is the row's path to the enterprise's id ('pk' for enterprises themselves). With `day` (the row's date
    field) the enterprise must have stood in reach on that day; without, on any day believed now.
    """
    where = reach(account, ability)
    if where.everywhere:
        return Q()
    condition = Q(**{f"{enterprise}__in": where.enterprises}) if where.enterprises else Q(pk__in=())
    units = leaves(account, ability)
    if units:
        stood = Placement.objects.believed().filter(division__in=units, enterprise=OuterRef(enterprise))
        if day is not None:
            stood = stood.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef(day)), starts_on__lte=OuterRef(day))
        condition |= Q(Exists(stood))
    return condition


def enterprises(account: Any, ability: str = "enterprises:read") -> QuerySet[Enterprise]:
    """Enterprises within reach of the ability."""
    return Enterprise.objects.filter(placed(account, ability, enterprise="pk"))


def enterprise(account: Any, uscc: str, ability: str = "enterprises:read") -> Enterprise:
    """One enterprise within reach, by its code; refuses not_found alike for a foreign and a missing one."""
    found = enterprises(account, ability).filter(uscc=uscc).first()
    if found is None:
        raise NotFound("没有找到这家企业。", code="not_found", field="enterprise")
    return found


def division(account: Any, code: str | None, ability: str, *, tree: Tree) -> str:
    """The division asked for, or the highest one the account reaches; refuses not_found for any other.

    Without reach over a common top (two counties), the first of them.
    """
    where = reach(account, ability)
    tops = tree.tops() if where.everywhere else sorted(where.divisions & set(tree.nodes))
    if not code:
        if not tops:
            raise NotFound("没有可看的行政区划。", code="no_divisions", field="division")
        return tops[0]
    if code not in tree or not any(tree.covers(top, code) for top in tops):
        raise NotFound("没有找到这个行政区划。", field="division")
    return code


def require_at(account: Account | None, enterprise: Enterprise, ability: str) -> None:
    """Refuse an account that has the ability nowhere (forbidden), or not where the enterprise stands today (not_found).

    None is the operator at the command line, who may do everything.
    """
    if account is None:
        return
    require(account, ability)
    where = reach(account, ability)
    if where.everywhere or enterprise.pk in where.enterprises:
        return
    stands = Placement.objects.believed().on(today()).filter(enterprise=enterprise)
    if not stands.filter(division__in=leaves(account, ability) or ()).exists():
        raise NotFound("没有找到这家企业。", field="enterprise")


def require_in(account: Account | None, code: str, ability: str) -> None:
    """Refuse an account that has the ability nowhere (forbidden), or not in this division (not_found)."""
    if account is None:
        return
    require(account, ability)
    division(account, code, ability, tree=DivisionFact.objects.tree(today()))
