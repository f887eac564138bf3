"""The table of transitions as docs/tickets.md shows it; run as a module it prints it."""

from __future__ import annotations

from coordination.choices import Side, TicketState
from coordination.rules.transitions import STEPS


def table() -> str:
    """One line per step, in the table's order."""
    lines = [
        "| step | word | from | to | who | fields (optional in brackets) |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for step in STEPS:
        code = f" {step.code}" if step.code else ""
        sources = ", ".join(state for state in TicketState.values if state in step.sources)
        sides = ", ".join(side for side in Side.values if side in step.sides)
        fields = ", ".join(field.name if field.is_required else f"[{field.name}]" for field in step.fields)
        target = step.target or ("as before the merge" if step.action == "unmerge" else "–")
        lines.append(f"| `{step.action}`{code} | {step.word} | {sources} | {target} | {sides} | {fields or '–'} |")
    return "\n".join(lines)
