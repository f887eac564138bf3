"""The demonstration city as pure data: who makes what, who files when, and figures that add up to the published ones.

Days are offsets from story day 0, moments are seconds from its midnight in Asia/Shanghai, quantities are whole base
units. Nothing here knows the calendar, the clock or the database, and chance comes from fixed seeds only: the same
story every time, wherever it is laid.
"""

from random import Random

LAST = 53
"""The last story day; its figures are the published ones."""

TODAY = 54
"""The living day after the story, laid only where the story ends on the eve of the moment of seeding."""

MIDDLE = 29
"""The day in the middle whose figures are published too."""

SEED = 20200203


def dice(number: int) -> Random:
    """Chance that always falls the same way; each part of the story has its own."""
    return Random(SEED * 10_000 + number)
