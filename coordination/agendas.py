"""What is a desk's to do now, in order: of a unit that handles, of a county or the city that takes in and supervises."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from coordination import access, tickets
from coordination.choices import OrderPart, OrderState, TicketLevel, TicketState
from coordination.models import Event, WorkOrder
from coordination.rules.transitions import OPEN
from coordination.tickets.reading import Card
from enterprises import access as ground_access
from enterprises.choices import Role
from enterprises.models import Account

MOST = 400
"""Open tickets that are looked at, the most pressing first."""
ASKED = {"propose_reject": "reject", "propose_suspend": "suspend", "ask_extension": "extend"}
"""What is asked for, and the step that grants it."""
ASKED_WORDS = {"propose_reject": "提请不予受理", "propose_suspend": "申请挂账", "ask_extension": "申请延期"}


@dataclass(frozen=True)
class Matter:
    """A ticket with what a desk has to know of it: orders alive, those of one's own unit, what was asked for."""

    card: Card
    orders: tuple[WorkOrder, ...]
    own: tuple[WorkOrder, ...]
    asked: str
    is_ours: bool

    @property
    def state(self) -> str:
        return self.card.ticket.state

    @property
    def due_at(self) -> dt.datetime | None:
        return self.card.clock.due_at if self.card.clock is not None else None

    def has(self, *states: str, own: bool = False) -> bool:
        return any(order.state in states for order in (self.own if own else self.orders))


@dataclass(frozen=True)
class Group:
    """One kind of thing to do; the nearest due first."""

    key: str
    title: str
    hint: str
    matters: list[Matter]

    @property
    def overdue(self) -> int:
        return sum(matter.card.is_overdue for matter in self.matters)


@dataclass(frozen=True)
class Figures:
    """A unit's month: tickets received, those signed by themselves, tickets due and answered in time, solved."""

    received: int
    signed_late: int
    due: int
    met: int
    solved: int


@dataclass(frozen=True)
class Agenda:
    """The groups that are not empty, in order; `waiting` = matters that wait for somebody else."""

    groups: list[Group]
    waiting: int
    figures: Figures | None

    @property
    def count(self) -> int:
        return sum(len(group.matters) for group in self.groups)

    @property
    def overdue(self) -> int:
        return sum(group.overdue for group in self.groups)

    @property
    def today(self) -> int:
        """Things whose time runs out before midnight."""
        end = timezone.localtime().replace(hour=23, minute=59, second=59)
        now = timezone.now()
        dues = [m.due_at for group in self.groups for m in group.matters if m.due_at is not None]
        return sum(now <= due <= end for due in dues)


WITH_ENTERPRISE = (TicketState.RETURNED, TicketState.WAITING, TicketState.REPLIED)

Rule = tuple[str, str, str, Callable[[Matter], bool]]


def _handling(matter: Matter) -> bool:
    return matter.state == TicketState.HANDLING and matter.has(OrderState.HANDLING, own=True)


def _is_again(matter: Matter) -> bool:
    """Handled again: the enterprise was not content, or the desk sent the answer back."""
    return matter.card.ticket.cycle > 1 or any(order.refusals for order in matter.own)


UNIT: tuple[Rule, ...] = (
    ("sign", "先签收", "不签到时会自动签收，时限照算", lambda m: m.has(OrderState.AWAITING, own=True)),
    ("again", "退回重办的", "企业不认可，或反馈没有通过", lambda m: _handling(m) and _is_again(m)),
    ("late", "已经超期", "答复企业，或申请延期", lambda m: _handling(m) and m.card.is_overdue),
    (
        "assist",
        "协办待反馈",
        "主办要等您的反馈才能答复企业",
        lambda m: any(o.part == OrderPart.ASSIST and o.state == OrderState.HANDLING for o in m.own),
    ),
    ("handle", "正在办理", "快到期的在前", _handling),
)
DESK: tuple[Rule, ...] = (
    ("take", "待受理", "受理、退回补正，或提请不予受理", lambda m: m.is_ours and m.state == TicketState.SUBMITTED),
    ("dispatch", "待派工", "派给承办单位，或直接办理", lambda m: m.is_ours and m.state == TicketState.ACCEPTED),
    ("returning", "退单待核", "核准退单，或驳回", lambda m: m.is_ours and m.has(OrderState.RETURNING)),
    ("review", "反馈待审核", "协办单位已反馈", lambda m: m.is_ours and m.has(OrderState.ANSWERED)),
    ("asked", "待批的申请", "延期、挂账、不予受理", lambda m: bool(m.asked)),
    ("own", "自己直接办理的", "答复企业", lambda m: m.is_ours and m.state == TicketState.HANDLING and not m.orders),
    ("late", "超期未办的", "催承办单位", lambda m: m.is_ours and m.card.is_overdue and m.state not in WITH_ENTERPRISE),
    (
        "counties",
        "县市区超时没受理",
        "请县市区马上受理",
        lambda m: not m.is_ours and m.state == TicketState.SUBMITTED and m.card.is_overdue,
    ),
)


def has_one(account: Account) -> bool:
    """Whether there is a desk at which things are to do."""
    return ground_access.may(account, "orders:handle") or ground_access.may(account, "tickets:desk")


def agenda(account: Account) -> Agenda:
    """What is the account's to do now, each matter once, under the first group that fits. Queries do not depend on rows.

    Refuses: forbidden (no desk).
    """
    is_unit = ground_access.may(account, "orders:handle") and not ground_access.may(account, "tickets:desk")
    rules = UNIT if is_unit else DESK
    groups: dict[str, list[Matter]] = defaultdict(list)
    waiting = 0
    for matter in _matters(account):
        key = next((key for key, _, _, fits in rules if fits(matter)), None)
        if key is None:
            waiting += 1
        else:
            groups[key].append(matter)
    far = timezone.now() + dt.timedelta(days=36500)
    found = [
        Group(key, title, hint, sorted(groups[key], key=lambda m: (m.due_at or far, m.card.ticket.pk)))
        for key, title, hint, _ in rules
        if groups[key]
    ]
    return Agenda(found, waiting, _figures(account) if is_unit else None)


def _matters(account: Account) -> list[Matter]:
    rows = list(tickets.listed(account, tickets.Filters()).filter(state__in=OPEN)[:MOST])
    alive: dict[int, list[WorkOrder]] = defaultdict(list)
    for order in WorkOrder.objects.filter(ticket__in=rows, state__in=access.ALIVE).order_by("pk"):
        alive[order.ticket_id].append(order)
    units, asked = access.organisations(account), _asked([row.pk for row in rows])
    found = []
    for card in tickets.cards(rows, account):
        orders = tuple(alive[card.ticket.pk])
        own = tuple(order for order in orders if order.organisation_id in units)
        found.append(Matter(card, orders, own, asked.get(card.ticket.pk, ""), _is_ours(account, card)))
    return found


def _is_ours(account: Account, card: Card) -> bool:
    """Whether a ticket lies on the account's own desk: the county's, above county level the city's."""
    ticket = card.ticket
    at_county = ticket.level == TicketLevel.COUNTY or ticket.state in access.BEFORE_ACCEPTANCE
    return at_county == (Role.CITY not in ground_access.roles(account))


def _asked(numbers: list[int]) -> dict[int, str]:
    """What is asked for and not decided yet, in words, by ticket. One query."""
    found: dict[int, dict[str, bool]] = defaultdict(dict)
    wanted = [*ASKED, *ASKED.values()]
    rows = (
        Event.objects.filter(ticket__in=numbers).filter(Q(action__in=wanted) | ~Q(after="")).order_by("ticket", "seq")
    )
    for ticket, action, after in rows.values_list("ticket_id", "action", "after"):
        if action in ASKED:
            found[ticket][action] = True
        elif after or action in ASKED.values():
            found[ticket].clear()  # decided, or overtaken by a turn
    return {ticket: "、".join(ASKED_WORDS[one] for one in asked) for ticket, asked in found.items() if asked}


def _figures(account: Account) -> Figures:
    """The month so far of the account's units."""
    now = timezone.localtime()
    first = now.date().replace(day=1)
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    mine = WorkOrder.objects.filter(organisation__in=access.organisations(account), created_at__gte=start)
    late = Count("ticket", filter=Q(is_signed_by_system=True), distinct=True)
    counts = mine.aggregate(n=Count("ticket", distinct=True), late=late)
    measured = tickets.measure(account, tickets.Period(first, now.date(), now)).values
    punctual = measured["punctual"]
    return Figures(counts["n"], counts["late"], punctual["due"], punctual["met"], measured["solved"])
