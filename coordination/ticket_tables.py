"""What every database has before the first ticket: the list of categories, and a time limit for every case."""

from __future__ import annotations

import csv
from pathlib import Path

from coordination.choices import (
    Audience,
    BudgetUnit,
    ClockKind,
    EscalationRule,
    LadderAct,
    Obstacle,
    TicketLevel,
    TicketMode,
    UrgentReason,
)
from coordination.models import ClockPolicy, LadderStep, RoutingRule, TicketCategory

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
    ClockKind.RULING: {N: (4 * HOUR, W), U: (4 * HOUR, W), E: (4 * HOUR, M)},
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

RULES: tuple[dict[str, object], ...] = (
    {"code": EscalationRule.L4, "obstacle": Obstacle.OTHER_PROVINCE, "level": TicketLevel.PROVINCE, "needs_letter": True,
     "decided_by": "市级受理派工岗", "text": "需外省配合，发公函；特派员每个反馈周期向企业报告进展"},
    {"code": EscalationRule.L3, "obstacle": Obstacle.OTHER_CITY, "level": TicketLevel.PROVINCE,
     "decided_by": "市级受理派工岗", "text": "需省内其他城市配合，由市里备好申请表报省"},
    {"code": EscalationRule.L7, "obstacle": Obstacle.POLICY, "level": TicketLevel.PROVINCE,
     "decided_by": "市级受理派工岗", "text": "需中央或省里的政策，报政策建议；单可以解释说明办结，政策事项继续跟踪"},
    {"code": EscalationRule.L2, "obstacle": Obstacle.SIBLING, "level": TicketLevel.CITY,
     "decided_by": "市级受理派工岗", "text": "需市内其他县市区配合，市里派工给它，只能就事实提出异议"},
    {"code": EscalationRule.L1, "obstacle": Obstacle.OWN_COUNTY, "level": TicketLevel.COUNTY,
     "decided_by": "县级受理派工岗", "text": "本县市区的单位能决定"},
    {"code": EscalationRule.L8, "hours": 24, "urgent_reason": UrgentReason.STOPPING,
     "decided_by": "受理派工岗", "text": "24 小时内要停产，按紧急办，抄送专班，层级不变"},
    {"code": EscalationRule.L8, "category_id": "SAFETY", "urgent_reason": UrgentReason.SAFETY,
     "decided_by": "受理派工岗", "text": "安全风险，按紧急办，抄送专班，层级不变"},
)  # fmt: skip
"""Rules by competence a database begins with (2.4); the bureau changes the rows. Without an obstacle the category says."""


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
    if not RoutingRule.objects.exists():
        RoutingRule.objects.bulk_create(RoutingRule(priority=10 * n, **row) for n, row in enumerate(RULES, 1))
