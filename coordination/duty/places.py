"""Places where somebody is on duty, and who keeps their rosters."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from coordination import access
from coordination.models import WorkingGroup
from enterprises import access as ground_access
from enterprises.choices import DivisionLevel, Role
from enterprises.errors import Forbidden, NotFound
from enterprises.models import Account, Division, Organisation, Post

READERS = frozenset({Role.CITY, Role.COUNTY, Role.LEADER, Role.DEPARTMENT, Role.LIAISON, Role.AUDITOR, Role.ADMIN})
"""Whose work it is to know who can be called."""


@dataclass(frozen=True)
class Place:
    """Where somebody is on duty: the desk of a division, or a unit (a working group is one). `code` stands in addresses."""

    code: str
    name: str
    division: str | None = None
    organisation: int | None = None
    is_group: bool = False

    @property
    def at(self) -> dict[str, str | int | None]:
        """The place as a filter of rows."""
        return {"division_id": self.division, "organisation_id": self.organisation}


def may_read(account: Account) -> bool:
    """Everybody at the bureau's side; enterprises never."""
    return bool(ground_access.roles(account) & READERS) or bool(access.groups(account))


def places(account: Account) -> list[Place]:
    """Divisions with a desk, running groups, units. Refuses forbidden."""
    if not may_read(account):
        raise Forbidden
    tree = access.tree_of(account)
    levels = (DivisionLevel.CITY, DivisionLevel.COUNTY, DivisionLevel.ZONE)
    found = [
        Place(f"d-{node.code}", f"{node.name}值班室", division=node.code)
        for top in tree.tops()
        for node in tree.walk(top)
        if node.level in levels and (node.is_reporting or node.level == DivisionLevel.CITY)
    ]
    running = {group.organisation_id for group in running_groups()}
    known = WorkingGroup.objects.values_list("organisation_id", flat=True)
    units = Organisation.objects.filter(Q(pk__in=running) | ~Q(pk__in=known)).order_by("code")
    rows = [Place(f"o-{u.code}", u.name, organisation=u.pk, is_group=u.pk in running) for u in units]
    return [*found, *sorted(rows, key=lambda place: not place.is_group)]


def running_groups() -> QuerySet[WorkingGroup]:
    """Working groups of today."""
    today = ground_access.today()
    return WorkingGroup.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)


def place(account: Account, code: str) -> Place:
    """One place by its code in addresses; refuses forbidden, not_found."""
    found = next((one for one in places(account) if one.code == code), None)
    if found is None:
        raise NotFound("没有这个值班单位。", field="place")
    return found


def may_edit(account: Account, place: Place) -> bool:
    """The desk of the division or of one above it; a unit's or a group's leader for the own one."""
    tree = access.tree_of(account)
    reach = ground_access.reach(account, "tickets:desk").divisions
    if place.division is not None:
        return any(tree.covers(code, place.division) for code in reach)
    unit = Organisation.objects.get(pk=place.organisation or 0)
    if any(tree.covers(code, unit.division_id) for code in reach):
        return True
    return unit.pk in leads(account)


def desks(account: Account) -> frozenset[str]:
    """Divisions whose desk the account sits at."""
    roles = (Role.CITY, Role.COUNTY, Role.LEADER)
    held = ground_access.held(account)
    return frozenset(post.division for post in held if post.role in roles and post.division is not None)


def leads(account: Account) -> frozenset[int]:
    """Units and groups that the account leads today."""
    posts = Post.objects.believed().on(ground_access.today()).filter(account=account, is_lead=True)
    groups = access.membership(account).filter(is_leader=True)
    found = {*posts.values_list("organisation_id", flat=True), *groups.values_list("group__organisation_id", flat=True)}
    return frozenset(one for one in found if one is not None)


def require(actor: Account, place: Place) -> None:
    if not may_edit(actor, place):
        raise Forbidden


def lock(place: Place) -> None:
    """One editor of a place's roster at a time."""
    if place.division is not None:
        Division.objects.select_for_update().get(pk=place.division)
    else:
        Organisation.objects.select_for_update().get(pk=place.organisation or 0)
