"""Pure: a ticket as it stood at a moment, told from what had happened until then and from nothing later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from coordination.choices import ConfirmMode, TicketNature, TicketState
from coordination.rules.transitions import TERMINAL

CLOSING = ("T17", "T18")
AGAIN = ("T19", "T20")


@dataclass(slots=True)
class Happening:
    """One event: which step, when, in which cycle, to which state, what was said."""

    action: str
    transition: str
    at: dt.datetime
    cycle: int
    after: str
    said: dict[str, Any]


@dataclass(slots=True)
class Run:
    """One run of the clock of handling (E) or of first contact (D), as it stood at the cut-off."""

    cycle: int
    start_at: dt.datetime
    due_original: dt.datetime
    due_at: dt.datetime
    stopped_at: dt.datetime | None
    paused_since: dt.datetime | None
    pauses: list[tuple[dt.datetime, dt.datetime]] = field(default_factory=list)

    def is_waiting(self) -> bool:
        """Whether it stood still before it was due: then it is not due yet, whatever the clock shows."""
        return self.stopped_at is None and self.paused_since is not None and self.paused_since <= self.due_at


@dataclass(slots=True)
class History:
    """A ticket at the cut-off. `state` is exact for ended, suspended and replied ones; all others are "handling"."""

    number: str
    uscc: str
    enterprise: int
    category: str
    division: str
    unit: str
    thing: str
    raised_as: str
    submitted_at: dt.datetime
    accepted_at: dt.datetime | None
    is_recorded_later: bool
    happened: list[Happening] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    contact: Run | None = None
    state: str = TicketState.HANDLING
    result: str = ""
    confirm_mode: str = ""
    satisfaction: int | None = None
    closed_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    nature: str = TicketNature.REAL
    excused: frozenset[int] = frozenset()

    @property
    def is_open(self) -> bool:
        return self.state not in TERMINAL

    @property
    def is_closed(self) -> bool:
        return self.state == TicketState.CLOSED

    def times(self, *transitions: str) -> list[Happening]:
        """What happened under these numbers of the table, in order."""
        return [one for one in self.happened if one.transition in transitions]

    def fold(self, events: Iterable[Happening]) -> None:
        """Take in what happened, in order: state, result, by whom it was confirmed, the last rating, judgements."""
        excused: set[int] = set()
        for one in events:
            self.happened.append(one)
            if one.after:
                self.state, self.ended_at = one.after, one.at
            if one.transition in CLOSING:
                self.closed_at, self.satisfaction = one.at, None
            elif one.transition in AGAIN:
                self.result, self.confirm_mode, self.satisfaction, self.closed_at = "", "", None, None
            if ((result := one.said.get("result")) and one.transition in (*CLOSING, "T23")) or one.action == "revise":
                self.result = str(result or self.result)
                self.confirm_mode = str(one.said.get("confirm_mode") or self.confirm_mode)
            if one.action == "rate":
                grade = one.said.get("satisfaction")
                self.satisfaction = int(grade) if grade else None
            elif one.action == "mark":
                self.nature = str(one.said.get("nature") or TicketNature.REAL)
            elif one.action == "excuse":
                excused.add(int(one.said["refused"]))
            elif one.action == "restore":
                excused.discard(int(one.said["refused"]))
        self.excused = frozenset(excused)

    def run(self, cycle: int) -> Run | None:
        return next((one for one in self.runs if one.cycle == cycle), None)

    def is_on_time(self, cycle: int, due: dt.datetime) -> bool:
        """Whether the last answer of a cycle came by then and was not refused, or refused for no good reason (K8)."""
        answers = [one.at for one in self.happened if one.transition == "T16" and one.cycle == cycle]
        if not answers or answers[-1] > due:
            return False
        # a refusal opens the next cycle and carries its number
        refused = any(one.transition == "T19" and one.cycle == cycle + 1 for one in self.happened)
        return not refused or cycle in self.excused

    def is_whole_on_time(self, cut_off: dt.datetime) -> bool:
        """Whether every cycle after the first was on time, or is still within its time."""
        for run in self.runs:
            if run.cycle == 1 or (run.stopped_at is None and (run.is_waiting() or run.due_at > cut_off)):
                continue
            if not self.is_on_time(run.cycle, run.due_at):
                return False
        return True


BY_SOMEBODY = (ConfirmMode.ENTERPRISE, ConfirmMode.CALLBACK, ConfirmMode.PROXY)
"""Confirmed by a person's word; silence is counted apart."""
