"""Apply a table row by row in one transaction: all of it, or, with every bad row named, nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from enterprises.errors import Refused
from enterprises.facts import Change
from enterprises.files.table import Problem, Row, Table


@dataclass
class Imported:
    """How many rows added, changed, or repeated something; columns that were ignored; what else to know."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    ignored: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    noun: str = "行"

    def count(self, change: Change) -> None:
        setattr(self, change, getattr(self, change) + 1)

    def lines(self) -> list[str]:
        """What to tell the sender."""
        said = [
            f"新增 {self.added} {self.noun}，更改 {self.changed} {self.noun}，没有变化 {self.unchanged} {self.noun}。"
        ]
        if self.ignored:
            said.append(f"没有用到的列：{'、'.join(self.ignored)}。")
        return [*said, *(f"{notice}。" for notice in self.notices)]


class BadRows(Refused):
    """Rows that cannot be taken, each with its place and reason; nothing of the file was stored.

    notices = what else to know of how the file was read.
    """

    code = "bad_rows"

    def __init__(self, problems: list[Problem], notices: Sequence[str] = ()) -> None:
        self.notices = list(notices)
        self.problems = sorted(problems, key=lambda problem: problem.row)
        super().__init__(
            f"共 {len(problems)} 处不能接受，文件没有导入。",
            extra={"rows": [vars(problem) for problem in self.problems]},
        )


def apply(
    table: Table,
    act: Callable[[Row], Change],
    *,
    identity: tuple[str, ...],
    fields: Mapping[str, str] | None = None,
) -> Imported:
    """Do the act for every row; a refusal becomes a problem of its row, and any problem undoes the whole.

    `identity`: columns that name what a row is about; two rows about the same thing that say different things are a
    problem, as it could only be guessed which holds. `fields`: columns by the act's names where these differ.
    Refuses: BadRows.
    """
    done = Imported(ignored=table.ignored, notices=list(table.notices))
    problems = list(table.problems)
    seen: dict[tuple[Any, ...], Row] = {}
    with transaction.atomic():
        for row in table.rows:
            name = tuple(row[key] for key in identity)
            first = seen.setdefault(name, row)
            if first.values != row.values:
                reason = f"与第 {first.number} 行说的是同一条，内容却不同"
                problems.append(Problem(row.number, "", "", reason, "contradicts"))
                continue
            try:
                done.count(act(row))
            except Refused as refused:
                problems += explained(refused, row, table.named, fields or {})
        if problems:
            raise BadRows(problems)
    return done


def explained(refused: Refused, row: Row, named: Mapping[str, str], fields: Mapping[str, str]) -> list[Problem]:
    """A refusal of an act as problems of the row's cells."""
    found = []
    for error in refused.errors:
        key = fields.get(error.field, error.field)
        reason = error.message.rstrip("。")
        found.append(Problem(row.number, named.get(key, ""), row.shown.get(key, ""), reason, error.code))
    return found
