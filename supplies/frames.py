"""The frame a staff page stands in: which division, which day, as known when, for this account (look: the context bar)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from enterprises import access
from enterprises.errors import Invalid
from enterprises.models import Account, DivisionFact
from enterprises.rules import days
from enterprises.rules.division_tree import Node, Tree
from enterprises.rules.frame import Frame, Place
from supplies import daily_totals, reporting_settings


@dataclass(frozen=True)
class Outlook:
    """What a page looks at. `day` is the one asked for, None = the page's own choice; `cut_off_at` is that of today."""

    tree: Tree
    node: Node
    places: tuple[Place, ...]
    day: dt.date | None
    today: dt.date
    first_day: dt.date | None
    cut_off_at: dt.datetime | None
    as_of: dt.datetime

    @property
    def is_open(self) -> bool:
        """Whether reports for today are still on time somewhere below."""
        return self.cut_off_at is not None and timezone.now() < self.cut_off_at

    @property
    def leading_day(self) -> dt.date:
        """The day asked for; else today once its cut-off has passed, before that the last complete day."""
        if self.day is not None:
            return self.day
        yesterday = self.today - dt.timedelta(days=1)
        if self.is_open and self.first_day is not None and self.first_day <= yesterday:
            return yesterday
        return self.today

    def children(self) -> list[Node]:
        """Divisions below the node that hold reporting units."""
        return [child for child in self.tree.children(self.node.code) if self.tree.leaves(child.code)]

    def frame(self, day: dt.date | None = None) -> Frame:
        place = Place(self.node.code, self.node.name)
        return Frame(place, self.places, day or self.leading_day, self.first_day, self.today, self.as_of)


def outlook(account: Account, *, ability: str, division: str = "", date: str = "") -> Outlook:
    """Read what the address asks for. Nine queries at most.

    Refuses: not_found (a division out of reach), invalid_date, future_day.
    """
    access.require(account, ability)
    today = timezone.localdate()
    day = asked_day(date, today)
    tree = DivisionFact.objects.tree(day or today)
    node = tree[access.division(account, division, ability, tree=tree)]
    settings = reporting_settings.on(today)
    moments = [settings[leaf].cut_off_at for leaf in tree.leaves(node.code) if leaf in settings]
    return Outlook(
        tree=tree,
        node=node,
        places=tuple(reachable(account, ability, tree)),
        day=day,
        today=today,
        first_day=daily_totals.first_day(),
        cut_off_at=max(moments, default=None),
        as_of=daily_totals.complete_until(),
    )


def asked_day(text: str, today: dt.date) -> dt.date | None:
    """The day in the address, None if none is there."""
    if not text:
        return None
    try:
        day = days.iso(text)
    except ValueError as error:
        raise Invalid(f"{error}。", code="invalid_date", field="date") from None
    if day > today:
        raise Invalid("这一天还没有到。", code="future_day", field="date")
    return day


def reachable(account: Account, ability: str, tree: Tree) -> Iterator[Place]:
    """Divisions the account may turn the page to, parents first; those without reporting units are left out."""
    where = access.reach(account, ability)
    tops = tree.tops() if where.everywhere else sorted(where.divisions & set(tree.nodes))
    for top in tops:
        if any(other != top and tree.covers(other, top) for other in tops):
            continue
        start = len(tree.path(top))
        for node in tree.walk(top):
            if tree.leaves(node.code):
                yield Place(node.code, node.name, len(tree.path(node.code)) - start)
