"""Calls to be made: a notice that nobody opened in time, an order of an emergency that nobody signed (K3, 2.4)."""

from __future__ import annotations

import datetime as dt
import time

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from coordination import access, duty, words
from coordination.choices import CallResult
from coordination.models import CallAttempt, CallTask, Clock, Notice, Ticket
from coordination.rules.transitions import OPEN
from coordination.tickets import calendar, notices
from coordination.tickets.notices import Desk
from enterprises import access as ground_access
from enterprises import audit
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account, Organisation, Post
from enterprises.rules.division_tree import Tree

SLICE = 0.5


def fall_back(at: dt.datetime) -> int:
    """Write a call for every notice that nobody opened in time, the earliest first. Gives how many are new."""
    began, written = time.monotonic(), 0
    while time.monotonic() - began < SLICE:
        with transaction.atomic():
            late = Notice.objects.filter(open_by__lte=at, opened_at=None, call=None, ticket__state__in=OPEN)
            notice = late.select_related("ticket", "account", "shift").order_by("open_by", "id").first()
            if notice is None:
                break
            desk = Desk("", "", division=notice.division_id, organisation=notice.organisation_id)
            name, phone = _whom(notice, desk, at)
            assert notice.open_by is not None
            _, is_new = CallTask.objects.get_or_create(
                key=f"notice:{notice.pk}",
                defaults={
                    "ticket": notice.ticket, "notice": notice, "name": name, "phone": phone, "reason": notice.text,
                    "division_id": notices.desk_division(notice.ticket, calendar.tree()), "due_at": notice.open_by,
                    "created_at": at,
                },
            )  # fmt: skip
            written += is_new
    return written


def unsigned(ticket: Ticket, clock: Clock, at: dt.datetime) -> None:
    """In an emergency nobody signs for the unit: its duty officer is phoned (clock C)."""
    unit = clock.order.organisation_id if clock.order is not None else ticket.lead_id
    name, phone = _at(Desk("", "", organisation=unit), at)
    CallTask.objects.get_or_create(
        key=f"clock:{clock.pk}",
        defaults={
            "ticket": ticket, "division_id": notices.desk_division(ticket, calendar.tree()), "name": name, "phone": phone,
            "reason": f"应急派工单没有在时限内签收：{ticket.title}", "due_at": clock.due_at, "created_at": at,
        },
    )  # fmt: skip


def waiting(account: Account) -> QuerySet[CallTask]:
    """Calls that the account's desk has to make, the longest due first; what was opened meanwhile needs none."""
    open_ones = CallTask.objects.filter(done_at=None, ticket__state__in=OPEN)
    open_ones = open_ones.exclude(notice__opened_at__isnull=False)
    found = open_ones.filter(division__in=_desks(account)).select_related("ticket__enterprise")
    return found.prefetch_related("attempts").order_by("due_at", "id")


def of(account: Account, ticket: Ticket) -> list[CallTask]:
    """Calls about one ticket, for those at the bureau's side."""
    if not duty.may_read(account):
        return []
    return list(CallTask.objects.filter(ticket=ticket).select_related("notice").prefetch_related("attempts__actor"))


def whereabouts(ticket: Ticket, tree: Tree) -> list[tuple[Notice, str]]:
    """To whom warnings and urgent messages about a ticket went, the newest first; not what its enterprise was told."""
    found = Notice.objects.filter(ticket=ticket, enterprise=None)
    found = found.exclude(is_warning=False, shift=None, account=None)
    rows = found.select_related("account", "organisation", "shift").order_by("-created_at", "-id")[:20]
    told = []
    for one in rows:
        if one.account is not None:
            name = str(one.account)
        elif one.organisation is not None:
            name = one.organisation.name
        else:
            code = one.division_id or ""
            name = f"{tree[code].name if code in tree else code}受理派工岗"
        told.append((one, name))
    return told


def log_call(*, actor: Account, number: int, result: str, note: str = "") -> None:
    """Say what came of a call; reached, the task is done.

    Writes: attempt, task, audit `call_task.log`. Refuses: not_found, invalid_choice (result), done_already.
    """
    if result not in CallResult.values:
        raise Invalid("请选打通了没有。", code="invalid_choice", field="result")
    note = words.line(note, "note", "说了什么", 300, is_required=False)
    with transaction.atomic():
        mine = CallTask.objects.filter(pk=number, division__in=_desks(actor))
        task = mine.select_for_update(of=("self",)).first()
        if task is None:
            raise NotFound("没有这个电话。", field="call")
        if task.done_at is not None:
            raise Conflict("这个电话已经打通了。", code="done_already")
        now = timezone.now()
        CallAttempt.objects.create(task=task, result=result, note=note, at=now, actor=actor)
        if result == CallResult.REACHED:
            task.done_at = now
            task.save(update_fields=["done_at"])
        audit.record(actor=actor, act="call_task.log", on=task, after={"result": result})


def _desks(account: Account) -> list[str]:
    """Divisions whose calls the account makes. Empty for those without a desk."""
    tree = access.tree_of(account)
    reach = ground_access.reach(account, "tickets:desk").divisions
    return [node.code for code in reach if code in tree for node in tree.walk(code)]


def require_desk(account: Account) -> None:
    if not ground_access.may(account, "tickets:desk"):
        raise Forbidden


def _whom(notice: Notice, desk: Desk, at: dt.datetime) -> tuple[str, str]:
    if notice.shift is not None:
        return notice.shift.name, notice.shift.phone
    if notice.account is not None:
        return str(notice.account), notice.account.phone
    return _at(desk, at)


def _at(desk: Desk, at: dt.datetime) -> tuple[str, str]:
    """Whoever is on duty there now; else a head of the unit with a phone; else the desk, whose number nobody wrote down."""
    shift = duty.now(at).of(division=desk.division, organisation=desk.organisation)
    if shift is not None:
        return shift.name, shift.phone
    if desk.organisation is not None:
        posts = Post.objects.believed().on(ground_access.today()).filter(organisation=desk.organisation)
        posts = posts.filter(account__is_active=True).exclude(Q(account__phone="")).select_related("account")
        head = posts.order_by("-is_lead", "account__username").first()
        name = Organisation.objects.values_list("name", flat=True).get(pk=desk.organisation)
        return (f"{name} {head.account}", head.account.phone) if head is not None else (name, "")
    tree = calendar.tree()
    code = desk.division or ""
    return f"{tree[code].name if code in tree else code}受理派工岗", ""
