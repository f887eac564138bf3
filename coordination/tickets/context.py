"""One step under way: what guards look at and effects change, before it is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from coordination.choices import OrderPart, OrderState
from coordination.models import Ticket, WorkOrder
from coordination.rules.transitions import Step
from coordination.ticket_files import Stored
from coordination.tickets.clocks import Clockwork
from enterprises.models import Account

UNFINISHED = (OrderState.AWAITING, OrderState.HANDLING, OrderState.RETURNING, OrderState.ANSWERED)


@dataclass
class Turn:
    """A ticket under its lock, who turns it by which step, and what was given.

    `text`, `visibility` and `said` go into the event; effects may change them. `sides` are all the actor's; `copies` are
    further notices: (division | organisation, its key, what to say).
    """

    ticket: Ticket
    step: Step
    actor: Account | None
    side: str
    values: dict[str, Any]
    at: dt.datetime
    clockwork: Clockwork
    orders: list[WorkOrder]
    text: str = ""
    visibility: str = ""
    target: str | None = None
    said: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    organisation_id: int | None = None
    files: tuple[Stored, ...] = ()
    sides: frozenset[str] = frozenset()
    copies: list[tuple[str, int | str, str]] = field(default_factory=list)

    def lead(self) -> WorkOrder | None:
        """The lead order that is alive."""
        return next((o for o in self.orders if o.part == OrderPart.LEAD and o.state in UNFINISHED), None)

    def tell_division(self, code: str, text: str) -> None:
        self.copies.append(("division", code, text))

    def tell_unit(self, organisation: int, text: str) -> None:
        self.copies.append(("organisation", organisation, text))
