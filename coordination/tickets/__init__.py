"""Tickets: raise them, turn them, read them. One code path writes state, event, clocks and notices together."""

from coordination.tickets.acting import Done, act
from coordination.tickets.aftermath import aftermath, contradicted
from coordination.tickets.bulk import Chosen, Outcome, act_on_many
from coordination.tickets.differences import since
from coordination.tickets.emergencies import declare, end, may_declare
from coordination.tickets.notices import opened, unopened
from coordination.tickets.opening import draft, raise_ticket, similar
from coordination.tickets.reading import Filters, cards, described, described_in_full, find, listed, page, sides_of
from coordination.tickets.statistics import (
    BY,
    DEFINITION,
    HEADLINE,
    NAMED,
    Period,
    count,
    freeze,
    measure,
    snapshot,
    snapshots,
    solved_tickets,
)
from coordination.tickets.ticking import tick

__all__ = [
    "BY",
    "DEFINITION",
    "HEADLINE",
    "NAMED",
    "Chosen",
    "Done",
    "Filters",
    "Outcome",
    "Period",
    "act",
    "act_on_many",
    "aftermath",
    "cards",
    "contradicted",
    "count",
    "declare",
    "described",
    "described_in_full",
    "draft",
    "end",
    "find",
    "freeze",
    "listed",
    "may_declare",
    "measure",
    "opened",
    "page",
    "raise_ticket",
    "sides_of",
    "similar",
    "since",
    "snapshot",
    "snapshots",
    "solved_tickets",
    "tick",
    "unopened",
]
