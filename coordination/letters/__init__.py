"""Official letters: draft them, have them signed by another, send, remind, and keep what came back."""

from coordination.letters.drafting import amend, draft, proposal
from coordination.letters.paper import paper
from coordination.letters.reading import (
    Filters,
    Row,
    find,
    listed,
    may_draft,
    may_read,
    of_problem,
    overdue,
    row,
    shown,
)
from coordination.letters.sheets import XLSX, workbook
from coordination.letters.turning import turn, warn

__all__ = [
    "XLSX",
    "Filters",
    "Row",
    "amend",
    "draft",
    "find",
    "listed",
    "may_draft",
    "may_read",
    "of_problem",
    "overdue",
    "paper",
    "proposal",
    "row",
    "shown",
    "turn",
    "warn",
    "workbook",
]
