"""Receivers of work orders: departments, and the desk of a county where a matter needs a sibling county (L2)."""

from __future__ import annotations

from dataclasses import dataclass

from coordination import access
from coordination.tickets import calendar
from enterprises.choices import OrganisationKind
from enterprises.models import Division, Organisation


@dataclass(frozen=True)
class Receiver:
    """Who may receive an order, by the code one writes and the name one reads."""

    code: str
    name: str


def receivers() -> list[Receiver]:
    """Units first, then the counties. Two queries."""
    units = [Receiver(one.code, one.name) for one in Organisation.objects.order_by("code")]
    known = {one.code for one in units}
    tree = calendar.tree()
    counties = [node for node in tree.nodes.values() if node.is_reporting and node.code not in known]
    return [*units, *(Receiver(node.code, desk_name(node.name)) for node in sorted(counties, key=lambda n: n.code))]


def named(code: str) -> Organisation | None:
    """The unit of a code; a county's own code means its desk, which is made when it is first needed."""
    found = Organisation.objects.filter(code=code).first()
    if found is not None or not Division.objects.filter(code=code, is_reporting=True).exists():
        return found
    return county_desk(code)


def county_desk(code: str) -> Organisation:
    """The desk of a county as a receiver of orders; its officers act in its name."""
    tree = calendar.tree()
    name = desk_name(tree[code].name if code in tree else code)
    fields = {"name": name, "kind": OrganisationKind.TASK_FORCE, "division_id": code}
    return Organisation.objects.get_or_create(code=code, defaults=fields)[0]


def desk_name(county: str) -> str:
    return f"{county}受理派工岗"


def is_county_desk(unit: Organisation) -> bool:
    return unit.code == unit.division_id


def heads(unit: int) -> frozenset[int]:
    """Accounts that lead a unit today; none where it has no leader."""
    return access.heads(unit)
