"""What the pages of tickets show: the board in lanes, the leading line, the way a ticket has come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from coordination import access, report_tickets, ticket_files, tickets
from coordination.choices import Side, TicketState
from coordination.models import Event, Ticket, TicketCategory, WorkOrder
from coordination.rules.transitions import BY_ACTION, OPEN
from coordination.tickets import follow_ups, routing
from coordination.tickets.reading import Card, Page, is_public, who
from enterprises import access as ground_access
from enterprises import workbooks
from enterprises.choices import Role
from enterprises.models import Account, Organisation

LANES = (
    ("待受理", ("submitted",)),
    ("待派工 / 签收", ("accepted", "dispatched")),
    ("办理中", ("handling", "suspended")),
    ("等企业", ("returned", "waiting", "replied")),
)
MOST = 400
"""Open tickets a board shows; beyond that the list is the better tool, and says so."""
WAY = (
    ("submit", "提交", ("T2",)), ("accept", "受理", ("T3",)), ("dispatch", "派工", ("T8", "T11")),
    ("handle", "办理中", ("T9", "T11")), ("reply", "答复企业", ("T16",)), ("confirm", "企业确认", ("T17", "T18")),
)  # fmt: skip
REACHED = {
    "submitted": 1, "returned": 1, "accepted": 2, "dispatched": 3, "handling": 3, "waiting": 3, "suspended": 3, "replied": 5,
    "closed": 6,
}  # fmt: skip
"""How many stations of the way lie behind a ticket in a state."""


@dataclass(frozen=True)
class Held:
    """Capacity held back a day, in thousandths of one base unit; what is of different units is never added."""

    amount: int
    unit: str


@dataclass(frozen=True)
class Lane:
    """One column: its tickets, and the capacity they hold back, each unit by itself."""

    title: str
    cards: list[Card]
    blocked: list[Held]


@dataclass(frozen=True)
class Lead:
    """The leading line of the page."""

    open: int
    blocking: int
    blocked: list[Held]
    overdue: int
    mine: int
    solved: int
    enterprises: int


@dataclass(frozen=True)
class Station:
    """One station of a ticket's way: look is done | now | ''."""

    word: str
    look: str
    at: dt.datetime | None
    note: str


@dataclass(frozen=True)
class Entry:
    """One line of the history as its reader may see it."""

    event: Event
    who: str
    word: str
    icon: str
    is_public: bool
    inward: str
    files: list[ticket_files.Row]


ICONS = {
    "submit": "doc", "accept": "check", "dispatch": "send", "sign": "check", "reply": "send", "confirm": "checks", "rate": "checks",
    "contact": "phone", "escalate": "up", "send_down": "down", "return": "undo", "ask": "q", "refuse": "undo",
    "reopen": "undo", "withdraw": "x", "attach": "clip", "mark_file": "clip", "reject": "x", "message": "send",
    "hand_over": "user",
}  # fmt: skip


WORDS = {"hand_over": "换特派员", "rate": "评价"}
"""What happened outside the table of steps."""


def board(account: Account, filters: tickets.Filters) -> list[Lane]:
    """The lanes of open tickets, in each the most capacity first, and what was closed today."""
    open_ones = tickets.cards(tickets.listed(account, filters).filter(state__in=OPEN)[:MOST], account)
    lanes = []
    for title, states in LANES:
        cards = [card for card in open_ones if card.ticket.state in states]
        lanes.append(Lane(title, cards, _held(cards)))
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    closed = tickets.listed(account, filters).filter(state=TicketState.CLOSED, closed_at__gte=start)
    done = tickets.cards(closed.order_by("-closed_at")[:30], account)
    return [*lanes, Lane("今日办结", done, _held(done))]


def lead(account: Account) -> Lead:
    """Counts for the leading line. Four queries."""
    found = access.tickets(account).filter(state__in=OPEN)
    counts = found.aggregate(n=Count("pk"))
    blocking = found.filter(blocked__gt=0).values("product__base_unit")
    by_unit = blocking.annotate(n=Count("pk"), amount=Sum("blocked")).order_by("-n", "-amount")
    held = [(row["n"], Held(row["amount"], row["product__base_unit"])) for row in by_unit]
    solved = tickets.solved_tickets(account, None, None).aggregate(
        n=Count("pk"), firms=Count("enterprise", distinct=True)
    )
    overdue = tickets.listed(account, tickets.Filters(group="overdue")).count()
    mine = tickets.listed(account, tickets.Filters(group="mine")).count()
    return Lead(
        counts["n"], sum(n for n, _ in held), [one for _, one in held], overdue, mine, solved["n"], solved["firms"]
    )  # fmt: skip


def _held(cards: list[Card]) -> list[Held]:
    """The capacity some tickets hold back, the unit that most of them count in first."""
    found: dict[str, list[int]] = {}
    for card in cards:
        if card.ticket.blocked and card.ticket.product is not None:
            found.setdefault(card.ticket.product.base_unit, []).append(card.ticket.blocked)
    ordered = sorted(found.items(), key=lambda pair: (-len(pair[1]), -sum(pair[1])))
    return [Held(sum(amounts), unit) for unit, amounts in ordered]


@dataclass(frozen=True)
class Holding:
    """What open tickets hold back somewhere: how many do, how much, and the largest of them."""

    count: int
    held: list[Held]
    cards: list[Card]
    open: int
    overdue: int


def holding(account: Account, leaves: list[str], *, most: int = 3) -> Holding:
    """The tickets of some units, for the overview. Eight queries at most."""
    found = tickets.listed(account, tickets.Filters(group="open")).filter(division__in=leaves)
    counts = found.aggregate(n=Count("pk"), late=Count("pk", filter=Q(due__lt=timezone.now())))
    by_unit = (
        access.tickets(account)
        .filter(state__in=OPEN, blocked__gt=0, division__in=leaves)
        .values("product__base_unit")
        .annotate(n=Count("pk"), amount=Sum("blocked"))
        .order_by("-n", "-amount")
    )
    rows = list(by_unit)
    return Holding(
        sum(row["n"] for row in rows), [Held(row["amount"], row["product__base_unit"]) for row in rows],
        tickets.cards(found.filter(blocked__gt=0)[:most], account), counts["n"], counts["late"],
    )  # fmt: skip


@dataclass(frozen=True)
class Check:
    """A list beside the tickets in hand, and how many wait on it."""

    name: str
    word: str
    count: int
    may: bool


def checks(account: Account) -> list[Check]:
    """What the desk or the officer looks after besides: about nine queries; nothing for enterprises and units."""
    reads = ground_access.may(account, "tickets:read") and Role.ENTERPRISE not in ground_access.roles(account)
    raises = reads and ground_access.may(account, "tickets:raise")
    calls = reads and (ground_access.may(account, "tickets:desk") or ground_access.may(account, "tickets:supervise"))
    return [
        Check("troubles", "日报困难未成单", len(report_tickets.unraised(account)) if raises else 0, raises),
        Check("contradictions", "办结了仍受制约", len(tickets.contradicted(account)) if reads else 0, reads),
        Check("callbacks", "待回访", follow_ups.to_call(account).count() if calls else 0, calls),
    ]


def groups(account: Account) -> list[tuple[str, str]]:
    """The lists one asks for most, by role."""
    own = ground_access.roles(account)
    words = [("mine", "轮到我办"), ("open", "在办"), ("overdue", "超期"), ("waiting", "等企业"), ("blocking", "压产能")]
    if Role.ENTERPRISE in own:
        words = [("mine", "轮到我"), ("open", "在办")]
    return [*words, ("solved", "已解决"), ("closed", "已办结")]


def filter_choices(account: Account) -> dict[str, list[tuple[str, str]]]:
    """Choices of the list's filters; three queries."""
    tree = access.tree_of(account)
    units = (
        ground_access.leaves(account, "tickets:read", tree=tree) if ground_access.may(account, "tickets:read") else ()
    )
    codes = [node.code for node in tree.nodes.values() if node.is_reporting] if units is None else sorted(units)
    orders = WorkOrder.objects.filter(ticket__in=access.tickets(account))
    return {
        "categories": list(TicketCategory.objects.values_list("code", "name")),
        "divisions": [(code, tree[code].name) for code in codes if code in tree],
        "organisations": list(
            Organisation.objects.filter(pk__in=orders.values("organisation")).values_list("code", "name")
        ),
    }


def way(page: Page) -> list[Station]:
    """The six stations from submission to confirmation, with when each was reached in this cycle."""
    ticket, at = page.card.ticket, {}
    for event in page.events:
        for key, _, transitions in WAY:
            if event.transition in transitions:
                at[key] = event.occurred_at
    reached = REACHED.get(ticket.state, 0)
    stations = []
    for index, (key, word, _) in enumerate(WAY):
        look = "done" if index < reached else ("now" if index == reached else "")
        note = ""
        if look == "now" and page.card.desk is not None:
            note = page.card.desk.name
        stations.append(Station(word, look, at.get(key) if look == "done" else None, note))
    return stations


def history(page: Page) -> list[Entry]:
    """What happened, the latest first; drafts left out."""
    found = []
    for event in reversed(page.events):
        if event.action == "draft":
            continue
        step = BY_ACTION.get(event.action)
        found.append(
            Entry(
                event, who(event, is_enterprise=page.is_enterprise), step.word if step else WORDS.get(event.action, event.action),
                ICONS.get(event.action, "info"), is_public(event),
                "" if page.is_enterprise or step is None or not step.is_curt else _inward(event),
                [row for row in page.files if row.file.event_id == event.pk],
            )
        )  # fmt: skip
    return found


def files(page: Page) -> list[tuple[ticket_files.Row, str]]:
    """The files of a ticket, each with who added it as the reader may know it."""
    return [(row, who(row.file, is_enterprise=page.is_enterprise)) for row in page.files]


def _inward(event: Event) -> str:
    """What a curt step said among the units."""
    return "；".join(str(event.said[name]) for name in ("instruction", "reason") if event.said.get(name))


def changed(extra: Mapping[str, Any]) -> str:
    """What was done to a ticket meanwhile, and when: "09:30 受理派工岗 受理"."""
    last = extra.get("changed")
    if not last:
        return ""
    step, at = BY_ACTION.get(last["action"]), dt.datetime.fromisoformat(last["at"])
    return f"{timezone.localtime(at):%H:%M} {Side(last['side']).label}{step.word if step else last['action']}"


def place(ticket: Ticket, account: Account) -> str:
    """The name of the county where the obstacle lies."""
    tree, code = access.tree_of(account), ticket.obstacle_division_id or ""
    return tree[code].name if code in tree else code


def proposal(page: Page) -> routing.Proposal | None:
    """Where the matter belongs, for the desk that takes it in or gives it on."""
    if Side.DESK not in page.sides or page.card.ticket.state not in ("submitted", "accepted"):
        return None
    return routing.propose(page.card.ticket)


HEADS = (
    "编号", "标题", "类别", "状态", "层级", "缓急", "企业", "统一社会信用代码", "区县", "牵头单位", "产品", "压住产能（每天）",
    "提交时间", "受理时间", "答复时间", "办结时间", "结果", "确认方式", "满意度", "办理轮次",
)  # fmt: skip


def workbook(account: Account, found: QuerySet[Ticket], *, mark: str) -> bytes:
    """All tickets of a list as XLSX, in its order; `mark` says who took it out, when, and what of it."""
    tree = access.tree_of(account)
    rated = access.may_read_ratings(account)
    rows: list[list[Any]] = []
    for t in found.iterator(chunk_size=500):
        place = tree[t.division_id].name if t.division_id in tree else t.division_id
        moments = [
            timezone.localtime(m) if m is not None else None
            for m in (t.submitted_at, t.accepted_at, t.replied_at, t.closed_at)
        ]
        rows.append(
            [
                str(t), t.title, t.category.name, t.get_state_display(), t.get_level_display(), t.get_mode_display(),
                t.enterprise.name, t.enterprise.uscc, place, t.lead.name if t.lead else None, t.product_id,
                workbooks.amount(t.blocked), *moments, t.get_result_display() or None,
                t.get_confirm_mode_display() or None, t.satisfaction if rated else None, t.cycle,
            ]
        )  # fmt: skip
    return workbooks.workbook("问题单", HEADS, rows, notes=[mark, "按屏幕上的筛选和次序"], mark=mark)


def _local(moment: dt.datetime | None) -> dt.datetime | None:
    return timezone.localtime(moment) if moment is not None else None
