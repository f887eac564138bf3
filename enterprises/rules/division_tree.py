"""Pure: the tree of divisions on one day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Node:
    """A division as it was on the day: its name, its parent's code, whether enterprises stand on it."""

    code: str
    name: str
    level: str
    parent: str | None
    is_reporting: bool


@dataclass(frozen=True)
class Tree:
    """The divisions of one day. A node whose parent is not in the tree is a top."""

    nodes: dict[str, Node]
    below: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Iterable[Node]) -> Tree:
        """Build the tree; children are in the order of their codes.

        >>> tree = Tree.of([Node("35", "省", "province", None, False), Node("3505", "市", "city", "35", False),
        ...                 Node("350582", "县", "county", "3505", True)])
        >>> tree.leaves("35"), tree.tops(), tree.children("35")[0].name
        (['350582'], ['35'], '市')
        """
        by_code = {node.code: node for node in sorted(nodes, key=lambda n: n.code)}
        below: dict[str, list[str]] = {}
        for node in by_code.values():
            if node.parent in by_code and node.parent is not None:
                below.setdefault(node.parent, []).append(node.code)
        return cls(by_code, below)

    def __contains__(self, code: object) -> bool:
        return code in self.nodes

    def __getitem__(self, code: str) -> Node:
        return self.nodes[code]

    def children(self, code: str) -> list[Node]:
        return [self.nodes[c] for c in self.below.get(code, [])]

    def tops(self) -> list[str]:
        return [n.code for n in self.nodes.values() if n.parent is None or n.parent not in self.nodes]

    def walk(self, code: str) -> Iterator[Node]:
        """The node and all below it, parents first."""
        if code in self.nodes:
            yield self.nodes[code]
            for child in self.below.get(code, []):
                yield from self.walk(child)

    def leaves(self, code: str) -> list[str]:
        """Codes of the reporting units at or below `code`, in order."""
        return sorted(n.code for n in self.walk(code) if n.is_reporting)

    def path(self, code: str) -> list[Node]:
        """From the node itself up to its top."""
        found: list[Node] = []
        at: str | None = code
        while at is not None and at in self.nodes and len(found) <= len(self.nodes):
            found.append(self.nodes[at])
            at = self.nodes[at].parent
        return found

    def covers(self, above: str, code: str) -> bool:
        """Whether `code` is `above` or lies below it."""
        return any(node.code == above for node in self.path(code))

    def common_top(self, codes: Iterable[str]) -> str | None:
        """The lowest node that covers all of `codes`; None if there is none."""
        paths = [[n.code for n in reversed(self.path(c))] for c in codes if c in self.nodes]
        if not paths:
            return None
        top = None
        for level in zip(*paths, strict=False):
            if len(set(level)) > 1:
                break
            top = level[0]
        return top
