"""Who sees which tickets, what an account is to a ticket, and what of it may be read."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from coordination.choices import OrderPart, OrderState, Side, TicketLevel, TicketState, Visibility
from coordination.models import Event, GroupMember, Member, ProblemOrder, Promise, Ticket, Visit, WorkOrder
from enterprises import access
from enterprises.choices import Role
from enterprises.errors import Forbidden, NotFound
from enterprises.models import Account, DivisionFact, Organisation, Post
from enterprises.rules.division_tree import Tree

ALIVE = (OrderState.AWAITING, OrderState.HANDLING, OrderState.RETURNING, OrderState.ANSWERED, OrderState.DONE)
"""Orders that let their unit see and work on the ticket."""
BEFORE_ACCEPTANCE = (TicketState.DRAFT, TicketState.SUBMITTED, TicketState.RETURNED)
OURS = (Side.LIAISON, Side.DESK, Side.HANDLER, Side.HEAD, Side.ASSIST, Side.SUPERVISOR)
"""Sides whose word to the enterprise is ours."""


def organisations(account: Account) -> frozenset[int]:
    """Units in whose name the account works today, working groups included, a county's officer in its desk's.

    Two queries, kept for the request.
    """
    known: frozenset[int] | None = getattr(account, "_organisations", None)
    if known is None:
        known = frozenset()
        if account.is_active:
            posts = Post.objects.believed().on(access.today()).filter(account=account)
            mine = Q(pk__in=posts.filter(role=Role.DEPARTMENT).values("organisation"))
            counties = [post.division for post in access.held(account) if post.role == Role.COUNTY]
            mine |= Q(code__in=counties, code=F("division"))
            known = frozenset(Organisation.objects.filter(mine).values_list("pk", flat=True)) | groups(account)
        account._organisations = known  # type: ignore[attr-defined]
    return known


def membership(account: Account) -> QuerySet[GroupMember]:
    """The account's places in the working groups of today."""
    today = access.today()
    begun = GroupMember.objects.filter(account=account, starts_on__lte=today, group__starts_on__lte=today)
    begun = begun.filter(Q(ends_on=None) | Q(ends_on__gte=today))
    return begun.filter(Q(group__ends_on=None) | Q(group__ends_on__gte=today))


def groups(account: Account) -> frozenset[int]:
    """Working groups, as units, in which the account is today. One query, kept for the request."""
    known: frozenset[int] | None = getattr(account, "_groups", None)
    if known is None:
        found = membership(account).values_list("group__organisation_id", flat=True) if account.is_active else ()
        known = frozenset(found)
        account._groups = known  # type: ignore[attr-defined]
    return known


def may_handle(account: Account, ability: str = "orders:handle") -> bool:
    """Whether orders of the account's units are its to read or to handle: by its post, at a county's desk, or in a group.

    A token keeps to its scopes; membership adds none.
    """
    if access.may(account, ability) or access.may(account, "tickets:desk"):
        return True
    scopes = getattr(account, "token_scopes", None)
    if scopes is not None and not any(ability in access.SCOPES.get(scope, frozenset()) for scope in scopes):
        return False
    return bool(groups(account))


def heads(organisation: int) -> frozenset[int]:
    """Accounts that lead a unit today; none where it has no leader. One query."""
    posts = Post.objects.believed().on(access.today()).filter(organisation=organisation, is_lead=True)
    return frozenset(posts.filter(account__is_active=True).values_list("account", flat=True))


def tree_of(account: Account) -> Tree:
    """Today's divisions, read once for the request."""
    known: Tree | None = getattr(account, "_tree", None)
    if known is None:
        known = DivisionFact.objects.tree(access.today())
        account._tree = known  # type: ignore[attr-defined]
    return known


def may_see_some(account: Account) -> bool:
    """Whether there is a desk for the account at all."""
    return bool(access.abilities(account) & {"tickets:read", "orders:read"}) or may_handle(account, "orders:read")


def tickets(account: Account) -> QuerySet[Ticket]:
    """Tickets within reach: an enterprise's own, those of the enterprises of a division, those a unit has orders of.

    A draft is its author's alone.
    """
    if not may_see_some(account):
        raise Forbidden
    condition = Q(pk__in=())
    where = access.reach(account, "tickets:read")
    if where.everywhere:
        condition = Q()
    else:
        if where.enterprises:
            condition |= Q(enterprise__in=where.enterprises)
        units = access.leaves(account, "tickets:read", tree=tree_of(account))
        if units:
            condition |= Q(division__in=units)
        if may_handle(account, "orders:read"):
            orders = WorkOrder.objects.filter(
                ticket=OuterRef("pk"), organisation__in=organisations(account), state__in=ALIVE
            )
            condition |= Q(Exists(orders)) | Q(Exists(_going_along(account, OuterRef("pk"))))
    return Ticket.objects.filter(condition).exclude(~Q(raised_by=account), state=TicketState.DRAFT)


def _going_along(account: Account, ticket: Any) -> QuerySet[Member]:
    """The hold that a common problem has on a ticket whose order lies with the account's units."""
    orders = ProblemOrder.objects.filter(
        problem=OuterRef("problem"), organisation__in=organisations(account), state__in=ALIVE
    )
    return Member.objects.filter(Exists(orders), ticket=ticket, unlinked_at=None)


def ticket(account: Account, number: str) -> Ticket:
    """One ticket within reach, by its number (draft-ID before it has one); refuses not_found for any other."""
    found = tickets(account).select_related(
        "enterprise", "category", "lead", "division", "product", "duplicate_of", "officer"
    )
    if number.startswith("draft-"):
        text = number.removeprefix("draft-")
        one = (
            found.filter(pk=int(text), number=None).first()
            if text.isascii() and text.isdigit() and len(text) < 10
            else None
        )
    else:
        one = found.filter(number=number).first()
    if one is None:
        raise NotFound("没有找到这张问题单。", field="number")
    return one


def sides(account: Account | None, ticket: Ticket, orders: list[WorkOrder]) -> frozenset[str]:
    """What the account is to the ticket today. None is the system.

    A county's desk decides on what is at county level, and takes in everything of its own; above that it assists.
    """
    if account is None:
        return frozenset({Side.SYSTEM})
    able, found = access.abilities(account), set()
    for post in access.held(account):
        covers = post.enterprise == ticket.enterprise_id or (
            post.division is not None and tree_of(account).covers(post.division, ticket.division_id)
        )
        if not covers:
            continue
        if post.role == Role.ENTERPRISE and "tickets:raise" in able:
            found.add(Side.ENTERPRISE)
        elif post.role == Role.LIAISON and "tickets:raise" in able:
            found.add(Side.LIAISON)
        elif post.role in (Role.CITY, Role.COUNTY) and "tickets:desk" in able:
            is_ours = post.role == Role.CITY or ticket.level == TicketLevel.COUNTY or ticket.state in BEFORE_ACCEPTANCE
            found.add(Side.DESK if is_ours else Side.ASSIST)
        if post.role in (Role.CITY, Role.LEADER) and "tickets:supervise" in able:
            found.add(Side.SUPERVISOR)
    if may_handle(account):
        mine = organisations(account)
        found |= _by_orders(account, mine, orders)
        if mine and Side.HANDLER not in found and _going_along(account, ticket.pk).exists():
            found.add(Side.HANDLER)
    return frozenset(found or {Side.READER})


def _by_orders(account: Account, mine: frozenset[int], orders: list[WorkOrder]) -> set[Side]:
    """What the account's units were asked for, and whether it leads one of them."""
    found: set[Side] = set()
    for order in orders:
        if order.organisation_id in mine and order.state in ALIVE:
            found.add(Side.HANDLER if order.part == OrderPart.LEAD else Side.ASSIST)
            if account.pk in heads(order.organisation_id):
                found.add(Side.HEAD)
    return found


def is_enterprise(mine: frozenset[str]) -> bool:
    """Whether only the enterprise's side reads."""
    return Side.ENTERPRISE in mine and not mine - {Side.ENTERPRISE}


def may_be(account: Account) -> frozenset[str]:
    """What the account could be to some ticket, by its roles."""
    found: set[str] = set()
    roles, able = access.roles(account), access.abilities(account)
    if "tickets:raise" in able:
        found |= {Side.ENTERPRISE} if Role.ENTERPRISE in roles else set()
        found |= {Side.LIAISON} if Role.LIAISON in roles else set()
    if "tickets:desk" in able:
        found |= {Side.DESK, Side.ASSIST}
    if "tickets:supervise" in able:
        found.add(Side.SUPERVISOR)
    if "orders:handle" in able or groups(account):
        found |= {Side.HANDLER, Side.ASSIST}
    return frozenset(found)


def readable(account: Account, ticket: Ticket, mine: frozenset[str]) -> Q:
    """The condition on events and files that the account may read: an allow-list, closed unless opened."""
    if is_enterprise(mine):
        return Q(visibility__in=[Visibility.ENTERPRISE, Visibility.RATING])
    condition = Q(visibility__in=[Visibility.ENTERPRISE, Visibility.UNITS]) | Q(actor=account)
    units = organisations(account)
    if units:
        condition |= Q(visibility=Visibility.OWN_UNIT, organisation__in=units)
    roles = access.roles(account)
    if may_read_ratings(account):
        condition |= Q(visibility=Visibility.RATING)
    if Role.DEPARTMENT not in roles and roles & {Role.CITY, Role.COUNTY, Role.LEADER, Role.AUDITOR}:
        condition |= Q(visibility=Visibility.OWN_UNIT, organisation=None)
    if roles & {Role.CITY, Role.LEADER, Role.AUDITOR} or _has_group(account, ticket):
        condition |= Q(visibility=Visibility.TASK_FORCE)
    return condition


def _has_group(account: Account, ticket: Ticket) -> bool:
    """Whether a group the account is in leads the ticket or has an order of it, or leads its common problem."""
    mine = groups(account)
    if not mine:
        return False
    if ticket.lead_id in mine or ticket.memberships.filter(unlinked_at=None, problem__lead__in=mine).exists():
        return True
    return WorkOrder.objects.filter(ticket=ticket, organisation__in=mine, state__in=ALIVE).exists()


def may_read_ratings(account: Account) -> bool:
    """Whether what enterprises answer about the work is shown: never to the units that do the work (2.7)."""
    return Role.DEPARTMENT not in access.roles(account)


def searchable(account: Account) -> Q:
    """The condition on events whose words a search may find: what the account reads of every ticket within its reach.

    Stricter than `readable` where a right hangs on the single ticket: a hit alone would tell what was said.
    """
    roles = access.roles(account)
    if Role.ENTERPRISE in roles:
        return Q(visibility__in=[Visibility.ENTERPRISE, Visibility.RATING])
    condition = Q(visibility__in=[Visibility.ENTERPRISE, Visibility.UNITS]) | Q(actor=account)
    if units := organisations(account):
        condition |= Q(visibility=Visibility.OWN_UNIT, organisation__in=units)
    if may_read_ratings(account):
        condition |= Q(visibility=Visibility.RATING)
    if Role.DEPARTMENT not in roles and roles & {Role.CITY, Role.COUNTY, Role.LEADER, Role.AUDITOR}:
        condition |= Q(visibility=Visibility.OWN_UNIT, organisation=None)
    if roles & {Role.CITY, Role.LEADER, Role.AUDITOR}:
        condition |= Q(visibility=Visibility.TASK_FORCE)
    return condition


def events(account: Account, ticket: Ticket, mine: frozenset[str]) -> QuerySet[Event]:
    """What the account may read of a ticket's history, in order."""
    return Event.objects.filter(ticket=ticket).filter(readable(account, ticket, mine)).order_by("seq")


def visits(account: Account) -> QuerySet[Visit]:
    """Visits to enterprises within reach, whoever made them: whoever takes over reads what came before."""
    access.require(account, "visits:read")
    return Visit.objects.filter(access.placed(account, "visits:read"))


def visit(account: Account, number: int) -> Visit:
    """One visit within reach; refuses not_found for any other."""
    found = visits(account).filter(pk=number).select_related("officer", "enterprise", "division").first()
    if found is None:
        raise NotFound("没有找到这次走访。", field="visit")
    return found


def promises(account: Account) -> QuerySet[Promise]:
    """Promises about enterprises within reach, and those one follows up oneself."""
    access.require(account, "visits:read")
    where = access.placed(account, "visits:read")
    # an empty condition lets everything through, but not when it is or-ed
    return Promise.objects.filter(where | Q(owner=account) if where else Q())


def promise(account: Account, number: int) -> Promise:
    """One promise within reach; refuses not_found for any other."""
    found = promises(account).filter(pk=number).select_related("enterprise", "owner", "visit").first()
    if found is None:
        raise NotFound("没有找到这件约定。", field="promise")
    return found
