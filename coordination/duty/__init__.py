"""The duty roster: fill in a week, take leave, hand a shift over, and ask who is on duty now."""

from coordination.duty.board import Board, board
from coordination.duty.leaves import absences, come_back, is_away, take_leave
from coordination.duty.people import Person, candidates, person
from coordination.duty.places import Place, desks, leads, may_edit, may_read, place, places, running_groups
from coordination.duty.shifts import Now, add, drop, hand_over, handovers, names_of, now, shown
from coordination.duty.weeks import COUNTS, BadCells, Week, fill, week

__all__ = [
    "COUNTS",
    "BadCells",
    "Board",
    "Now",
    "Person",
    "Place",
    "Week",
    "absences",
    "add",
    "board",
    "candidates",
    "come_back",
    "desks",
    "drop",
    "fill",
    "hand_over",
    "handovers",
    "is_away",
    "leads",
    "may_edit",
    "may_read",
    "names_of",
    "now",
    "person",
    "place",
    "places",
    "running_groups",
    "shown",
    "take_leave",
    "week",
]  # fmt: skip
