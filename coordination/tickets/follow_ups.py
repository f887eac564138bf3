"""What is asked after the end: whether a solved matter came back, and the calls to enterprises by sample (2.7)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from coordination import access
from coordination.choices import ConfirmMode, TicketMode, TicketResult, TicketState
from coordination.models import Event, Notice, Ticket
from coordination.rules.working_time import Calendar, UnknownDay
from coordination.tickets import calendar, notices
from enterprises.models import Account

AFTER = 20
"""Working days after the closing on which the enterprise is asked whether the matter came back."""
ASKED_FOR = (
    "PASS_LOCAL", "PASS_CITY", "PASS_PROV", "LOGISTICS", "EQUIP_TRANSIT", "POWER", "COAL_GAS", "FINANCE", "FUND",
)  # fmt: skip
"""Transport, energy and funds: what is settled for once and easily comes back."""
SAMPLED = "7"
"""Last digit of the numbers that are called by sample: one in ten, the same ones whoever looks."""
POOR = 2


def is_due(ticket: Ticket, known: Calendar, at: dt.datetime) -> bool:
    """Whether the question stands: solved long enough ago, in a category that comes back, not answered yet."""
    if ticket.state != TicketState.CLOSED or ticket.result != TicketResult.SOLVED or ticket.closed_at is None:
        return False
    if ticket.category_id not in ASKED_FOR:
        return False
    try:
        if at < known.close_of(ticket.closed_at, AFTER):
            return False
    except UnknownDay:
        return False
    return not Event.objects.filter(ticket=ticket, action="follow_up", cycle=ticket.cycle).exists()


def ask(at: dt.datetime, *, most: int = 20) -> int:
    """Ask the enterprises whose day has come; each once per cycle. Gives how many were asked."""
    known, asked = calendar.load(at), 0
    since = at - dt.timedelta(days=90)
    told = Notice.objects.filter(
        ticket=OuterRef("pk"), key__startswith="follow_up:", created_at__gte=OuterRef("closed_at")
    )
    found = Ticket.objects.filter(
        ~Exists(told), state=TicketState.CLOSED, result=TicketResult.SOLVED, category__in=ASKED_FOR,
        closed_at__gte=since, closed_at__lt=at - dt.timedelta(days=AFTER),
    )  # fmt: skip
    for ticket in found.select_related("enterprise").order_by("closed_at", "id")[:most]:
        if is_due(ticket, known, at):
            desk = notices.Desk(ticket.enterprise.name, "", enterprise=ticket.enterprise_id)
            notices.warn(
                ticket, f"follow_up:{ticket.pk}:{ticket.cycle}", f"请回答问题是否又出现：{ticket.title}", at, [desk]
            )
            asked += 1
    return asked


def to_call(account: Account) -> QuerySet[Ticket]:
    """Ended tickets whose enterprises are to be called and have not been, the earliest first.

    All that were withdrawn, handled day and night, or left somebody dissatisfied; one in ten of those confirmed by
    silence or by proxy.
    """
    called = Event.objects.filter(ticket=OuterRef("pk"), action="call_back", cycle=OuterRef("cycle"))
    return access.tickets(account).filter(~Exists(called), sampled()).order_by("closed_at", "id")


def sampled() -> Q:
    closed = Q(state=TicketState.CLOSED)
    poor = Q(satisfaction__lte=POOR) | Q(result=TicketResult.UNSOLVED)
    sample = Q(confirm_mode__in=[ConfirmMode.SILENT, ConfirmMode.PROXY], number__endswith=SAMPLED)
    return Q(state=TicketState.WITHDRAWN) | closed & (poor | Q(mode=TicketMode.EMERGENCY) | sample)


def why(ticket: Ticket) -> str:
    """Why this enterprise is called."""
    if ticket.state == TicketState.WITHDRAWN:
        return "企业撤回"
    if (ticket.satisfaction or 5) <= POOR or ticket.result == TicketResult.UNSOLVED:
        return "不满意或没有解决"
    return "应急单" if ticket.mode == TicketMode.EMERGENCY else f"抽查：{ticket.get_confirm_mode_display()}"
