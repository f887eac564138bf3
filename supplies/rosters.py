"""Rosters: enterprises within an account's reach, with what each makes, can make and has filed on a day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from enterprises import access
from enterprises.choices import MembershipList
from enterprises.models import Account, Certificate, DivisionFact, Enterprise, Membership, Placement
from enterprises.rules import expiry
from enterprises.rules.division_tree import Tree
from enterprises.rules.names import folded
from supplies import coverage, day_state, products
from supplies.choices import Coverage
from supplies.day_state import Pair
from supplies.frames import asked_day
from supplies.models import ReportingDuty
from supplies.rules.catalogue import Catalogue
from supplies.rules.scales import Scale
from supplies.source_sheets import Chosen, choose

CERTIFICATES = {
    "valid": "有效", "expiring": "即将到期", "pending": "在办", "early": "未生效", "expired": "已过期", "revoked": "吊销",
    "none": "没有证件", "unneeded": "不需要",
}  # fmt: skip
"""States of an enterprise's certificates, the best first: the best one it holds speaks for it."""

STATUSES = {"reported": "已报", "unreported": "未报", **dict(Coverage.choices), "without": "不报送"}
SORTS = {"name", "capacity", "status", "division"}


@dataclass(frozen=True)
class Filters:
    """What the address chooses; empty = no choice. `sort` begins with - for the largest first."""

    search: str = ""
    division: str = ""
    date: str = ""
    product: str = ""
    status: str = ""
    list: str = ""
    certificate: str = ""
    sort: str = "-capacity"


@dataclass(frozen=True)
class Entry:
    """One enterprise of the roster. capacity: what it counts with on the day, thousandths; None = nothing, or not to be seen."""

    pk: int
    uscc: str
    name: str
    initials: str
    sort_key: str
    division: str
    division_name: str
    contact: str
    phone: str
    is_key: bool
    products: tuple[str, ...]
    codes: frozenset[str]
    status: str
    source_day: dt.date | None
    age: int | None
    capacity: int | None
    last_known: int | None
    certificate: str
    days_left: int | None

    @property
    def certificate_word(self) -> str:
        if self.certificate == "expiring" and self.days_left is not None:
            return f"{self.days_left} 天后到期" if self.days_left else "今天到期"
        return CERTIFICATES[self.certificate]


@dataclass(frozen=True)
class Roster:
    """The entries chosen, in order, and what there is to choose from."""

    day: dt.date
    entries: tuple[Entry, ...]
    expected: int
    key_count: int
    capacity: int | None
    grain: str
    key: str
    group_name: str
    products: tuple[str, ...]
    scale: Scale
    shows_capacity: bool
    divisions: tuple[tuple[str, str], ...]
    product_options: tuple[tuple[str, str], ...]


def roster(account: Account, filters: Filters) -> Roster:
    """The roster of what the account may see. Queries do not depend on the number of enterprises.

    Refuses: forbidden (no enterprises:read), invalid_date, future_day, unknown_product, not_found (division).
    """
    access.require(account, "enterprises:read")
    day = asked_day(filters.date, timezone.localdate()) or timezone.localdate()
    tree = DivisionFact.objects.tree(day)
    catalogue = products.catalogue(day)
    chosen = choose_product(catalogue, filters.product)
    shows = access.may(account, "reports:read") or access.may(account, "sources:read")
    everyone = read(account, day, tree, catalogue, chosen, shows_capacity=shows)
    found = narrowed(everyone, filters, tree, chosen)
    given = [e.capacity for e in found if e.capacity is not None]
    owed = {code for entry in everyone for code in entry.codes}
    return Roster(
        day=day,
        entries=tuple(sorted_by(found, filters.sort)),
        expected=sum(e.status in ("on_time", "late", "carried", "stale", "never") for e in everyone),
        key_count=sum(e.is_key for e in everyone),
        capacity=sum(given) if given else None,
        grain=chosen.grain,
        key=chosen.key,
        group_name=chosen.name,
        products=chosen.products,
        scale=chosen.scale,
        shows_capacity=shows,
        divisions=tuple(sorted({(e.division, e.division_name) for e in everyone if e.division})),
        product_options=tuple(options(catalogue, owed)),
    )


def choose_product(catalogue: Catalogue, product: str) -> Chosen:
    """A product group by its code, else a product; nothing chosen: the first group."""
    return (
        choose(catalogue, product, "") if product in catalogue.groups or not product else choose(catalogue, "", product)
    )


def options(catalogue: Catalogue, owed: set[str]) -> Iterable[tuple[str, str]]:
    """Groups and products that somebody owes."""
    for key, name in catalogue.groups.items():
        if any(e.code in owed and e.group == key for e in catalogue.entries.values()):
            yield key, name
    yield from ((e.code, e.name) for e in catalogue.entries.values() if e.code in owed)


def read(
    account: Account, day: dt.date, tree: Tree, catalogue: Catalogue, chosen: Chosen, *, shows_capacity: bool
) -> list[Entry]:
    """Everyone within reach."""
    rows = list(access.enterprises(account))
    ids = {row.pk for row in rows}
    pairs: dict[int, list[Pair]] = defaultdict(list)
    for pair in day_state.pairs(day):
        if pair.enterprise_id in ids and pair.kind not in ("opening", "returned"):
            pairs[pair.enterprise_id].append(pair)
    placed = dict(Placement.objects.believed().on(day).values_list("enterprise_id", "division_id"))
    key = set(
        Membership.objects.believed().on(day).filter(list=MembershipList.KEY).values_list("enterprise_id", flat=True)
    )
    owed: dict[int, list[str]] = defaultdict(list)
    for enterprise, code in ReportingDuty.objects.believed().on(day).values_list("enterprise_id", "product_id"):
        if code is not None:
            owed[enterprise].append(code)
    held: dict[int, list[expiry.Validity]] = defaultdict(list)
    for c in Certificate.objects.believed():
        validity = expiry.on(day, valid_from=c.valid_from, valid_to=c.valid_to, status=c.status)
        held[c.enterprise_id].append(validity)
    return [
        entry(
            row, day, tree, placed.get(row.pk, ""), row.pk in key, owed[row.pk], held[row.pk], pairs[row.pk],
            catalogue, chosen, shows_capacity,
        )
        for row in rows
    ]  # fmt: skip


def entry(
    row: Enterprise, day: dt.date, tree: Tree, division: str, is_key: bool, owed: list[str],
    held: list[expiry.Validity], pairs: list[Pair], catalogue: Catalogue, chosen: Chosen, shows_capacity: bool,
) -> Entry:  # fmt: skip
    codes = [code for code in catalogue.entries if code in owed]
    state = str(coverage.status(pairs)) if pairs else "without"
    days = [p.source_day for p in pairs if p.source_day is not None and p.kind in ("reported", "carried", "stale")]
    source_day = max(days, default=None)
    certificate, days_left = best(held, any(catalogue[code].certificate_kinds for code in codes))
    mine = [p for p in pairs if p.product_id in chosen.products]
    return Entry(
        pk=row.pk,
        uscc=row.uscc,
        name=row.name,
        initials=row.initials.lower(),
        sort_key=row.sort_key,
        division=division,
        division_name=tree[division].name if division in tree else "",
        contact=row.contact_name,
        phone=row.contact_phone,
        is_key=is_key,
        products=tuple(catalogue[code].name for code in codes),
        codes=frozenset(codes),
        status=state,
        source_day=source_day,
        age=(day - source_day).days if source_day is not None else None,
        capacity=pooled((p, p.capacity) for p in mine) if shows_capacity else None,
        last_known=pooled((p, p.last_known) for p in mine) if shows_capacity else None,
        certificate=certificate,
        days_left=days_left,
    )


def pooled(figures: Iterable[tuple[Pair, int | None]]) -> int | None:
    """The sum over products, of each pool only the largest (R17a); None if nothing was given."""
    largest: dict[str, int] = {}
    for pair, amount in figures:
        if amount is not None:
            key = f"@{pair.pool}" if pair.pool is not None else pair.product_id or ""
            largest[key] = max(largest.get(key, 0), amount)
    return sum(largest.values()) if largest else None


def best(held: list[expiry.Validity], is_needed: bool) -> tuple[str, int | None]:
    """The best certificate's state and how many days it still covers."""
    if not held:
        return ("none" if is_needed else "unneeded"), None
    order = list(CERTIFICATES)
    found = min(held, key=lambda v: (order.index(v.state), -(v.days_left or 0)))
    return found.state, found.days_left


def narrowed(everyone: list[Entry], filters: Filters, tree: Tree, chosen: Chosen) -> list[Entry]:
    """The entries that every filter lets through."""
    wanted = folded(filters.search)
    states = {"reported": ("on_time", "late", "unexpected"), "unreported": ("carried", "stale", "never")}
    within = set(tree.leaves(filters.division)) if filters.division else set()
    return [
        e
        for e in everyone
        if (not wanted or wanted in folded(e.name) or wanted in e.uscc.casefold() or wanted in e.initials)
        and (not filters.division or e.division in within)
        and (not filters.product or e.codes & set(chosen.products))
        and (not filters.status or e.status in states.get(filters.status, (filters.status,)))
        and (not filters.list or e.is_key == (filters.list == "key"))
        and (not filters.certificate or e.certificate == filters.certificate)
    ]


def sorted_by(found: list[Entry], sort: str) -> list[Entry]:
    """In the order asked for; an unknown order is that of names."""
    name, is_down = sort.lstrip("-"), sort.startswith("-")
    by_name = sorted(found, key=lambda e: (e.sort_key, e.uscc), reverse=is_down and name == "name")
    if name == "capacity":
        return sorted(by_name, key=lambda e: (e.capacity is None, (e.capacity or 0) * (-1 if is_down else 1)))
    if name == "status":
        order = list(STATUSES)
        return sorted(by_name, key=lambda e: order.index(e.status), reverse=is_down)
    if name == "division":
        return sorted(by_name, key=lambda e: e.division, reverse=is_down)
    return by_name
