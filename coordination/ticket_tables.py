"""What every database has before the first ticket: the list of categories, and a time limit for every case."""

from __future__ import annotations

import csv
from pathlib import Path

from coordination.choices import Audience, BudgetUnit, ClockKind, LadderAct, TicketMode
from coordination.models import ClockPolicy, LadderStep, TicketCategory

TABLE = Path(__file__).with_name("ticket_categories.csv")
N, U, E = TicketMode.NORMAL, TicketMode.URGENT, TicketMode.EMERGENCY
W, D, M = BudgetUnit.WORKING_MINUTES, BudgetUnit.WORKING_DAYS, BudgetUnit.ELAPSED_MINUTES
HOUR, DAY = 60, 24 * 60
LIMITS: dict[str, dict[str, tuple[int, str]]] = {
    ClockKind.ACCEPT: {N: (4 * HOUR, W), U: (1 * HOUR, W), E: (30, M)},
    ClockKind.DISPATCH: {N: (4 * HOUR, W), U: (1 * HOUR, W), E: (30, M)},
    ClockKind.SIGN: {N: (4 * HOUR, W), U: (1 * HOUR, W), E: (30, M)},
    ClockKind.CONTACT: {N: (1, D), U: (2 * HOUR, W), E: (1 * HOUR, M)},
    ClockKind.RESOLVE: {N: (10, D), U: (3, D), E: (3 * DAY, M)},
    ClockKind.CONFIRM: {N: (5, D), U: (3, D), E: (2 * DAY, M)},
    ClockKind.FEEDBACK: {N: (3, D), U: (1, D), E: (8 * HOUR, M)},
}
"""Time limits by clock and mode (tickets.md 2.3); the bureau changes the rows, not this table."""

TELL, URGE, ORDER, PUBLISH = LadderAct.TELL, LadderAct.URGE, LadderAct.ORDER, LadderAct.PUBLISH
HANDLER, LEADER, SUPERVISOR, GROUP = Audience.HANDLER, Audience.LEADER, Audience.SUPERVISOR, Audience.GROUP
BY_DAYS = (
    (80, HANDLER, TELL), (100, HANDLER, TELL), (100, LEADER, TELL), (101, SUPERVISOR, URGE), (103, LEADER, ORDER),
    (105, GROUP, PUBLISH),
)  # fmt: skip
BY_HOURS = (
    (50, HANDLER, TELL), (100, HANDLER, TELL), (100, LEADER, TELL), (101, SUPERVISOR, URGE), (102, LEADER, ORDER),
    (102, GROUP, TELL),
)  # fmt: skip
LADDERS = {N: (BY_DAYS, 120), U: (BY_DAYS, 60), E: (BY_HOURS, 15)}
"""Who hears of the resolving clock at which step (tickets.md 2.4), and in how many minutes it must be opened."""


def load() -> None:
    """Add what is missing; rows that are there stay as the bureau has them. Running it again changes nothing."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = [TicketCategory(order=order, **row) for order, row in enumerate(csv.DictReader(lines))]
    TicketCategory.objects.bulk_create(rows, ignore_conflicts=True)
    known = set(ClockPolicy.objects.filter(category=None).values_list("kind", "mode"))
    ClockPolicy.objects.bulk_create(
        ClockPolicy(kind=kind, mode=mode, amount=amount, unit=unit)
        for kind, modes in LIMITS.items()
        for mode, (amount, unit) in modes.items()
        if (kind, mode) not in known
    )
    begun = set(LadderStep.objects.values_list("mode", flat=True))
    LadderStep.objects.bulk_create(
        LadderStep(mode=mode, step=step, audience=audience, act=act, open_within=minutes)
        for mode, (rows, minutes) in LADDERS.items()
        for step, audience, act in rows
        if mode not in begun
    )
