"""Pure: how an enterprise's production lines run on a day, as said and as stored. It changes no total."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from enterprises.errors import FieldError
from enterprises.rules.names import folded
from supplies.choices import LimitReason, LineRunState
from supplies.rules.suggestions import quoted

OPEN = (LineRunState.RUNNING, LineRunState.PARTIAL)
"""A line that makes goods today."""


@dataclass(frozen=True)
class RunFigures:
    """What was said of one line: its number or its name, how it runs, and a reason where one was given."""

    line: int | str
    state: str
    reason: str = ""


@dataclass(frozen=True)
class Run:
    """What is stored of one line."""

    line: int
    name: str
    state: str
    reason: str = ""


def check(
    given: Iterable[RunFigures], *, known: Mapping[int, str], is_halted: bool, faults: list[FieldError]
) -> tuple[Run, ...]:
    """The runs that can be stored; faults are added to `faults`, each with its field.

    `known`: the enterprise's lines of the day, names by number. On the day of a halt no line runs.
    """
    numbers = {folded(name): number for number, name in known.items()}
    found: dict[int, Run] = {}
    for at, one in enumerate(given):
        path = f"line_states[{at}]"
        number = _number(one.line, known, numbers)
        if one.state not in LineRunState.values:
            words = "、".join(LineRunState.values)
            faults.append(FieldError(f"{path}.state", "unknown_state", f"没有这种开线情况。可以写 {words}。"))
        elif is_halted and one.state in OPEN:
            message = "全线停产的一天没有在开的产线；有线在开就把生产状态改为部分生产。"
            faults.append(FieldError(f"{path}.state", "halted_with_running_line", message))
        if one.reason and one.reason not in LimitReason.values:
            words = "、".join(LimitReason.values)
            faults.append(FieldError(f"{path}.reason", "unknown_reason", f"没有这种原因。可以写 {words}。"))
        if number is None:
            known_names = "、".join(list(known.values())[:5]) or "这一天还没有登记产线"
            message = f"没有产线“{quoted(str(one.line))}”。已登记的：{known_names}。"
            faults.append(FieldError(f"{path}.line", "unknown_line", message))
        elif number in found:
            faults.append(FieldError(f"{path}.line", "duplicate_line", f"产线“{known[number]}”写了两次。"))
        else:
            found[number] = Run(number, known[number], one.state, one.reason)
    return tuple(found.values())


def _number(said: int | str, known: Mapping[int, str], numbers: Mapping[str, int]) -> int | None:
    """The line meant: a number is its number, a text first of all its name."""
    if isinstance(said, str):
        if (named := numbers.get(folded(said))) is not None:
            return named
        said = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0
    return said if said in known else None
