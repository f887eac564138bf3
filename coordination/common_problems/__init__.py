"""Common problems: found, confirmed by a person, told to each member by itself, and settled member by member (2.5)."""

from coordination.common_problems.detection import FEWEST, WITHIN, Candidate, candidates, dismiss
from coordination.common_problems.members import Announced, announce, cover, link, unlink
from coordination.common_problems.orders import dispatch, followed, going_along, of_units, order, turn_order
from coordination.common_problems.problems import begin, close, drop, establish, measure
from coordination.common_problems.reading import find, may_act, may_read, members, of, problems, to_be_told

__all__ = [
    "FEWEST",
    "WITHIN",
    "Announced",
    "Candidate",
    "announce",
    "begin",
    "candidates",
    "close",
    "cover",
    "dismiss",
    "dispatch",
    "drop",
    "establish",
    "find",
    "followed",
    "going_along",
    "link",
    "may_act",
    "may_read",
    "measure",
    "members",
    "of",
    "of_units",
    "order",
    "problems",
    "to_be_told",
    "turn_order",
    "unlink",
]
