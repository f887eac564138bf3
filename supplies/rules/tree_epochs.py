"""Pure: the division tree over a span of days, and which reporting unit counts to which division when (R15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from enterprises.rules.division_tree import Node, Tree

DAY = dt.timedelta(days=1)

Nodes = Sequence[str] | Callable[[Tree], Sequence[str]]
"""Divisions asked for: always the same, or chosen from the tree of each day (the children of one)."""


@dataclass(frozen=True)
class NodeSpan:
    """A division as it was from `first` to `last` (None: until further notice)."""

    node: Node
    first: dt.date
    last: dt.date | None


@dataclass(frozen=True)
class Epoch:
    """Days, first and last included, in which the tree does not change."""

    first: dt.date
    last: dt.date
    tree: Tree


@dataclass(frozen=True)
class Share:
    """From `first` to `last` the reporting unit `leaf` counts to the division `node`."""

    node: str
    leaf: str
    first: dt.date
    last: dt.date


def epochs(spans: Iterable[NodeSpan], first: dt.date, last: dt.date) -> list[Epoch]:
    """The trees of the days from `first` to `last`, in their order.

    >>> city, old = Node("T", "市", "city", None, False), Node("T1", "县", "county", "T", True)
    >>> split = dt.date(2020, 2, 5)
    >>> found = epochs([NodeSpan(city, dt.date.min, None), NodeSpan(old, dt.date.min, split - DAY)],
    ...                dt.date(2020, 2, 1), dt.date(2020, 2, 9))
    >>> [(str(e.first), str(e.last), e.tree.leaves("T")) for e in found]
    [('2020-02-01', '2020-02-04', ['T1']), ('2020-02-05', '2020-02-09', [])]
    """
    spans = list(spans)
    changes = {span.first for span in spans} | {span.last + DAY for span in spans if span.last is not None}
    starts = [first, *sorted(day for day in changes if first < day <= last)]
    return [
        Epoch(start, end, Tree.of(s.node for s in spans if s.first <= start and (s.last is None or s.last >= start)))
        for start, end in zip(starts, [*(day - DAY for day in starts[1:]), last], strict=True)
    ]


def chosen(nodes: Nodes, tree: Tree) -> list[str]:
    """Divisions asked for that exist in the tree."""
    return [code for code in (nodes(tree) if callable(nodes) else nodes) if code in tree]


def shares(epochs: Iterable[Epoch], codes: Iterable[str]) -> list[Share]:
    """Which reporting units count to each of the divisions, with adjoining spans joined.

    >>> tree = Tree.of([Node("T", "市", "city", None, False), Node("T1", "县", "county", "T", True)])
    >>> day = dt.date(2020, 2, 3)
    >>> found = shares([Epoch(day, day, tree), Epoch(day + DAY, day + DAY, tree)], ["T"])
    >>> [(s.node, s.leaf, str(s.last)) for s in found]
    [('T', 'T1', '2020-02-04')]
    """
    codes, found = list(codes), dict[tuple[str, str], list[Share]]()
    for epoch in epochs:
        for node in codes:
            for leaf in epoch.tree.leaves(node):
                known = found.setdefault((node, leaf), [])
                if known and known[-1].last + DAY == epoch.first:
                    known.append(Share(node, leaf, known.pop().first, epoch.last))
                else:
                    known.append(Share(node, leaf, epoch.first, epoch.last))
    return [share for known in found.values() for share in known]
