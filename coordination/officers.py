"""Liaison officers: who looks after whom, how much each has in hand, which enterprises nobody looks after."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from coordination import access as desk_access
from coordination import promises, tickets, visits
from coordination.choices import PromiseState
from coordination.models import Promise, Ticket, Visit
from coordination.rules.transitions import OPEN
from coordination.rules.visits import STALE_DAYS
from coordination.tickets.reading import Card
from enterprises import access, attachments
from enterprises.choices import Role
from enterprises.errors import NotFound
from enterprises.models import Account, Attachment, Enterprise, Placement, Post
from enterprises.rules.division_tree import Tree

RECENT = dt.timedelta(days=30)


def everyone(account: Account) -> QuerySet[Account]:
    """Liaison officers whom the account may see: those at work within its reach, and those attached to nothing."""
    access.require(account, "officers:read")
    day = access.today()
    posts = Post.objects.believed().on(day).filter(account=OuterRef("pk"), role=Role.LIAISON)
    found = Account.objects.filter(Exists(posts), is_active=True)
    where = access.reach(account, "officers:read")
    if where.everywhere or access.reaches_all(account, "officers:read"):
        return found
    held = Attachment.objects.believed().filter(Q(ends_on=None) | Q(ends_on__gte=day), account=OuterRef("pk"))
    units = access.leaves(account, "officers:read") or frozenset()
    placed = Placement.objects.believed().on(day).filter(division__in=units)
    here = held.filter(Q(division__in=units | where.divisions) | Q(enterprise__in=placed.values("enterprise")))
    return found.filter(Exists(here) | ~Exists(held))


def find(account: Account, username: str) -> Account:
    """One of them by user name; refuses not_found for any other."""
    found = everyone(account).filter(username=username).first()
    if found is None:
        raise NotFound("没有找到这位特派员。", field="officer")
    return found


@dataclass(frozen=True)
class Load:
    """What one officer has in hand. `own` = enterprises he himself is attached to, `area` = those of his areas beyond them."""

    officer: Account
    own: int
    area: int
    areas: tuple[str, ...]
    visits: int
    last_at: dt.datetime | None
    promises: int
    overdue: int
    tickets: int

    @property
    def enterprises(self) -> int:
        return self.own + self.area


@dataclass(frozen=True)
class Gap:
    """An enterprise nobody looks after."""

    enterprise: Enterprise
    division: str
    place: str


@dataclass(frozen=True)
class Board:
    """The officers within reach, the busiest first, and the gaps. `by_area` = enterprises that only an area covers."""

    loads: list[Load]
    gaps: list[Gap]
    enterprises: int
    by_area: int

    @property
    def overdue(self) -> int:
        return sum(load.overdue for load in self.loads)


def board(account: Account, division: str = "") -> Board:
    """Who looks after the enterprises of a division (default: of all within reach). Queries do not depend on rows."""
    day, tree = access.today(), desk_access.tree_of(account)
    within = access.enterprises(account, "officers:read")
    people = list(everyone(account).order_by("username"))
    placed = dict(Placement.objects.believed().on(day).values_list("enterprise_id", "division_id"))
    leaves = set(tree.leaves(division)) if division in tree else set()
    plants = {one.pk: one for one in within if one.pk in placed and (not division or placed[one.pk] in leaves)}
    looked_after = attachments.responsible(day, plants)
    own: Counter[int] = Counter()
    area: Counter[int] = Counter()
    for rows in looked_after.values():
        for row in rows:
            (own if row.enterprise_id is not None else area)[row.account_id] += 1
    areas: dict[int, set[str]] = defaultdict(set)
    held = Attachment.objects.believed().on(day).filter(account__in=people, division__isnull=False)
    for officer, code in held.values_list("account_id", "division_id"):
        areas[officer].add(tree[code].name if code in tree else code)
    counts = _counts(people)
    loads = [
        Load(one, own[one.pk], area[one.pk], tuple(sorted(areas[one.pk])), *counts[one.pk])
        for one in people
        if not division or own[one.pk] or area[one.pk]
    ]
    loads.sort(key=lambda load: (-load.overdue, -load.enterprises, load.officer.username))
    gaps = [
        Gap(plants[pk], placed[pk], tree[placed[pk]].name if placed[pk] in tree else placed[pk])
        for pk, rows in looked_after.items()
        if not rows
    ]
    gaps.sort(key=lambda gap: (gap.division, gap.enterprise.sort_key))
    by_area = sum(1 for rows in looked_after.values() if rows and rows[0].enterprise_id is None)
    return Board(loads, gaps, len(plants), by_area)


def _counts(people: list[Account]) -> dict[int, tuple[int, dt.datetime | None, int, int, int]]:
    """Visits of the last month and the last one, open and overdue promises, open tickets, by officer. Three queries."""
    since = timezone.now() - RECENT
    seen = Visit.objects.filter(officer__in=people).values("officer")
    visited = {
        row["officer"]: (row["n"], row["last"])
        for row in seen.annotate(n=Count("pk", filter=Q(occurred_at__gte=since)), last=Max("occurred_at")).order_by()
    }
    open_ones = Promise.objects.filter(owner__in=people, state=PromiseState.OPEN).values("owner")
    late = Count("pk", filter=Q(due_on__lt=access.today()))
    promised = {
        row["owner"]: (row["n"], row["late"]) for row in open_ones.annotate(n=Count("pk"), late=late).order_by()
    }
    followed = Ticket.objects.filter(officer__in=people, state__in=OPEN).values("officer")
    ticketed = {row["officer"]: row["n"] for row in followed.annotate(n=Count("pk")).order_by()}
    return {
        one.pk: (*visited.get(one.pk, (0, None)), *promised.get(one.pk, (0, 0)), ticketed.get(one.pk, 0))
        for one in people
    }


@dataclass(frozen=True)
class Spell:
    """One attachment: to what, on which days; when is now, later or past."""

    row: Attachment
    place: str
    when: str
    is_ours: bool


@dataclass(frozen=True)
class Profile:
    """One officer: the attachments there were and are, what is in hand, the latest visits."""

    officer: Account
    spells: list[Spell]
    promises: list[Promise]
    tickets: list[Card]
    visits: list[Visit]

    @property
    def held(self) -> list[Spell]:
        return [spell for spell in self.spells if spell.when != "past"]

    @property
    def past(self) -> list[Spell]:
        return [spell for spell in self.spells if spell.when == "past"]


def profile(account: Account, officer: Account) -> Profile:
    """What one may know of an officer: all his attachments, and of his work what lies within one's reach."""
    day, tree = access.today(), desk_access.tree_of(account)
    rows = Attachment.objects.believed().filter(account=officer).select_related("enterprise")
    theirs = set(access.enterprises(account, "officers:write").values_list("pk", flat=True))
    units = access.leaves(account, "officers:write", tree=tree)
    spells = []
    for row in rows.order_by("enterprise__sort_key", "division_id", "-starts_on"):
        is_ours = row.enterprise_id in theirs if row.enterprise_id else _is_within(tree, row.division_id, units)
        spells.append(Spell(row, _place(tree, row), _when(row, day), is_ours))
    owned = desk_access.promises(account).filter(owner=officer, state=PromiseState.OPEN)
    followed = desk_access.tickets(account).filter(officer=officer, state__in=OPEN)
    related = followed.select_related("enterprise", "category", "lead", "division", "product")
    seen = visits.listed(account, visits.Filters(officer=officer.username))
    return Profile(
        officer, spells, list(owned.select_related("enterprise", "visit", "owner")),
        tickets.cards(related.order_by("submitted_at"), account), list(visits.with_parts(seen)[:10]),
    )  # fmt: skip


def _is_within(tree: Tree, code: str | None, units: frozenset[str] | None) -> bool:
    return units is None or (code is not None and code in tree and set(tree.leaves(code)) <= units)


def _place(tree: Tree, row: Attachment) -> str:
    if row.enterprise is not None:
        return row.enterprise.name
    code = str(row.division_id)
    return f"片区：{tree[code].name if code in tree else code}"


def _when(row: Attachment, day: dt.date) -> str:
    if row.ends_on is not None and row.ends_on < day:
        return "past"
    return "later" if row.starts_on > day else "now"


def mine(account: Account) -> dict[int, str]:
    """Enterprises that an officer looks after today, by id with the code of their unit. Five queries."""
    day = access.today()
    reached = attachments.reached(account, day)
    looked_after = attachments.responsible(day, reached)
    placed = dict(
        Placement.objects.believed().on(day).filter(enterprise__in=reached).values_list("enterprise_id", "division_id")
    )
    own = [pk for pk, rows in looked_after.items() if any(row.account_id == account.pk for row in rows)]
    return {pk: placed.get(pk, "") for pk in own}


@dataclass(frozen=True)
class EnterpriseCard:
    """One enterprise as its officer needs it at hand: whom to call, what is promised, what is open, what was seen last."""

    enterprise: Enterprise
    place: str
    officers: list[Attachment]
    promises: list[Promise]
    tickets: list[Card]
    visits: list[Visit]
    visit_count: int

    @property
    def last(self) -> Visit | None:
        return self.visits[0] if self.visits else None


def card(account: Account, uscc: str) -> EnterpriseCard:
    """The card of an enterprise within reach; refuses not_found for any other. A fixed number of queries."""
    access.require(account, "visits:read")
    found = access.enterprise(account, uscc if uscc.isalnum() else "", "visits:read")
    day, tree = access.today(), desk_access.tree_of(account)
    placed = Placement.objects.believed().on(day).filter(enterprise=found)
    code: str = placed.values_list("division_id", flat=True).first() or ""
    seen = visits.listed(account, visits.Filters(enterprise=found.uscc))
    open_ones = desk_access.tickets(account).filter(enterprise=found, state__in=OPEN)
    related = open_ones.select_related("enterprise", "category", "lead", "division", "product")
    return EnterpriseCard(
        found, tree[code].name if code in tree else "", attachments.responsible(day, [found.pk])[found.pk],
        promises.of_enterprise(account, found), tickets.cards(related.order_by("submitted_at"), account),
        list(visits.with_parts(seen)[:8]), seen.count(),
    )  # fmt: skip


@dataclass(frozen=True)
class Stale:
    """An enterprise that was not visited for long; days None = never."""

    enterprise: Enterprise
    last_at: dt.datetime | None
    days: int | None


def stale(plants: list[Enterprise], day: dt.date) -> list[Stale]:
    """Of some enterprises those without a visit in STALE_DAYS, never visited first. One query; calls do not count."""
    rows = Visit.objects.filter(enterprise__in=plants, way="visit").values("enterprise").annotate(at=Max("occurred_at"))
    last = {row["enterprise"]: row["at"] for row in rows.order_by()}
    found = []
    for plant in plants:
        at = last.get(plant.pk)
        days = (day - timezone.localtime(at).date()).days if at is not None else None
        if days is None or days >= STALE_DAYS:
            found.append(Stale(plant, at, days))
    return sorted(found, key=lambda one: (one.days is not None, -(one.days or 0), one.enterprise.sort_key))
