"""Handovers: everything an officer has in hand goes to a named successor on a day, with a list that both can see."""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from coordination import officers
from coordination.choices import OrderState, TicketState
from coordination.models import DutyShift, GroupMember, OfficerHandover, Ticket, WorkOrder
from coordination.rules.transitions import OPEN
from coordination.tickets.acting import hand_over
from enterprises import access, attachments, audit, holdings
from enterprises.choices import Role
from enterprises.errors import Conflict, Invalid, NotFound, Refused
from enterprises.holdings import Holding, Keeper, Taking
from enterprises.models import Account, DivisionFact, Post

log = logging.getLogger(__name__)
FURTHEST = dt.timedelta(days=60)


@dataclass(frozen=True)
class Group:
    """Things of one kind, in the order in which they go over; `is_movable` where a handover can take them along."""

    kind: str
    word: str
    is_movable: bool
    things: list[Holding]


def in_hand(account: Account, giver: Account) -> list[Group]:
    """What an officer has in hand, by kind, as far as it lies within the account's reach."""
    found = []
    mine = _reach(account)
    for keeper in holdings.keepers():
        things = [one for one in keeper.held(giver, None) if not one.is_warning and mine.covers(one)]
        if things:
            found.append(Group(keeper.kind, keeper.word, keeper.pass_on is not None, things))
    return found


def arrange(
    *,
    actor: Account,
    giver: Account,
    taker: Account,
    day: dt.date,
    names: Collection[str] | None = None,
    reason: str = "",
    at: dt.datetime | None = None,
) -> OfficerHandover:
    """Hand over on a day: today at once, later when the day begins. names None = everything there is then.

    Writes: handover, what passes on, audit `officer.hand_over`.
    Refuses: forbidden, not_found, same_officer, no_officer, invalid_date, planned_already, nothing_to_hand, too_long.
    """
    at = at or timezone.now()
    today = timezone.localtime(at).date()
    access.require(actor, "officers:write")
    giver, taker = _giver(actor, giver), officers.find(actor, taker.username)
    if giver.pk == taker.pk:
        raise Invalid("接手的要是另一位特派员。", code="same_officer", field="taker")
    if not today <= day <= today + FURTHEST:
        raise Invalid(f"交接日应从今天起，在 {FURTHEST.days} 天以内。", code="invalid_date", field="day")
    if len(reason) > 200:
        raise Invalid("事由最长 200 个字。", code="too_long", field="reason")
    with transaction.atomic():
        _lock(giver, taker)
        if not attachments.is_officer(taker, day):
            raise Invalid(f"{taker} 那天没有特派员岗位。", code="no_officer", field="taker")
        if OfficerHandover.objects.filter(giver=giver, done_at=None, cancelled_at=None).exists():
            raise Conflict(f"{giver} 已有一份定了日子的交接，先取消它。", code="planned_already", field="day")
        kept = sorted(set(names)) if names is not None else None
        row = OfficerHandover.objects.create(
            giver=giver, taker=taker, actor=actor, day=day, reason=reason, names=kept, created_at=at
        )
        if day <= today:
            _carry_out(row, at)
        elif not _chosen(row):
            raise Invalid("没有可交接的，或者一项也没有选。", code="nothing_to_hand", field="names")
        else:
            said = {"taker": taker.username, "day": str(day)}
            audit.record(actor=actor, act="officer.plan_handover", on=giver, after=said)
    return row


def cancel(*, actor: Account, number: int, at: dt.datetime | None = None) -> OfficerHandover:
    """Call a planned handover off. Writes: handover, audit. Refuses: forbidden, not_found, done_already (409)."""
    access.require(actor, "officers:write")
    row = find(actor, number)
    with transaction.atomic():
        locked = OfficerHandover.objects.select_for_update().get(pk=row.pk)
        if locked.done_at is not None or locked.cancelled_at is not None:
            raise Conflict("这份交接已经办完或取消了。", code="done_already")
        locked.cancelled_at = at or timezone.now()
        locked.save(update_fields=["cancelled_at"])
        audit.record(actor=actor, act="officer.cancel_handover", on=locked.giver, after={"handover": locked.pk})
    return locked


def carry_out_due(now: dt.datetime | None = None) -> int:
    """Carry out what was planned for today or earlier; gives how many. What cannot be done says why on its page."""
    now = now or timezone.now()
    due = OfficerHandover.objects.filter(done_at=None, cancelled_at=None, day__lte=timezone.localtime(now).date())
    done = 0
    for number in list(due.order_by("day", "pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = OfficerHandover.objects.select_for_update().filter(pk=number, done_at=None, cancelled_at=None).first()
            if row is None:
                continue
            try:
                with transaction.atomic():
                    _lock(row.giver, row.taker)
                    if not attachments.is_officer(row.taker, row.day):
                        raise Invalid(f"{row.taker} 已没有特派员岗位。", code="no_officer")
                    _carry_out(row, now)
                    done += 1
            except Refused as refused:
                if row.trouble != str(refused)[:300]:
                    row.trouble = str(refused)[:300]
                    row.save(update_fields=["trouble"])
                    log.warning("handover not carried out", extra={"handover": row.pk, "code": refused.code})
    return done


def listed(account: Account) -> QuerySet[OfficerHandover]:
    """Handovers the account may read: its own as giver or taker, and those of officers within its reach."""
    condition = Q(giver=account) | Q(taker=account) | Q(actor=account)
    if access.may(account, "officers:read"):
        seen = officers.everyone(account).values("pk")
        condition |= Q(giver__in=seen) | Q(taker__in=seen)
    return OfficerHandover.objects.filter(condition).select_related("giver", "taker", "actor")


def find(account: Account, number: int) -> OfficerHandover:
    """One of them; refuses not_found for any other."""
    found = listed(account).filter(pk=number).first()
    if found is None:
        raise NotFound("没有找到这份交接。", field="handover")
    return found


def items(row: OfficerHandover) -> list[tuple[str, list[str]]]:
    """The list by kind: what went over, or while it is planned, what would go over now."""
    if row.done_at is not None:
        said = [(item["word"], item["what"]) for item in row.items]
    else:
        words = {keeper.kind: keeper.word for keeper in holdings.keepers()}
        said = [(words[kind], one.what) for kind, things in _chosen(row).items() for one in things]
    found: dict[str, list[str]] = {}
    for word, what in said:
        found.setdefault(word, []).append(what)
    return list(found.items())


def _giver(actor: Account, giver: Account) -> Account:
    """Whose things are handed over: an officer within reach, or anybody who still has something within it."""
    found = officers.everyone(actor).filter(pk=giver.pk).first()
    if found is None and not in_hand(actor, giver):
        raise NotFound("没有找到这位特派员。", field="officer")
    return giver


def _lock(*people: Account) -> None:
    """Always in the same order, so that two handovers never wait for each other."""
    list(Account.objects.select_for_update().filter(pk__in=[one.pk for one in people]).order_by("pk"))


def _chosen(row: OfficerHandover) -> dict[str, list[Holding]]:
    """What goes over, by kind, in the order of the kinds."""
    mine = _reach(row.actor)
    found: dict[str, list[Holding]] = {}
    for keeper in holdings.keepers():
        if keeper.pass_on is None:
            continue
        things = [one for one in keeper.held(row.giver, None) if not one.is_warning and mine.covers(one)]
        if row.names is not None:
            things = [one for one in things if one.name in row.names]
        if things:
            found[keeper.kind] = things
    return found


def _carry_out(row: OfficerHandover, at: dt.datetime) -> None:
    chosen = _chosen(row)
    if not chosen:
        raise Invalid("没有可交接的，或者一项也没有选。", code="nothing_to_hand", field="names")
    taking = Taking(row.actor, row.giver, row.taker, row.day)
    for keeper in holdings.keepers():
        things = chosen.get(keeper.kind, [])
        if keeper.pass_on is not None and things:
            if keeper.kind != attachments.KIND:
                _let_reach(taking, things)
            keeper.pass_on(taking, [one.key for one in things])
    words = {keeper.kind: keeper.word for keeper in holdings.keepers()}
    row.items = [
        {"kind": kind, "word": words[kind], "what": one.what} for kind, things in chosen.items() for one in things
    ]
    row.done_at, row.trouble = at, ""
    row.save(update_fields=["items", "done_at", "trouble"])
    said = {"taker": row.taker.username, "day": str(row.day), "things": len(row.items), "handover": row.pk}
    audit.record(actor=row.actor, act="officer.hand_over", on=row.giver, after=said)


def _let_reach(taking: Taking, things: Iterable[Holding]) -> None:
    """Whoever takes something over is attached to its enterprise, unless he reaches it already."""
    reached = attachments.reached(taking.taker, taking.day)
    for enterprise in sorted({one.enterprise for one in things if one.enterprise is not None} - reached):
        key = {"account_id": taking.taker.pk, "enterprise_id": enterprise, "division_id": None}
        attachments.hold(taking.actor, key, taking.day, None, reason="交接")


@dataclass(frozen=True)
class _Reach:
    """Which things somebody may hand over."""

    everything: bool
    enterprises: frozenset[int]
    divisions: frozenset[str]

    def covers(self, one: Holding) -> bool:
        if self.everything:
            return True
        return one.enterprise in self.enterprises or one.division in self.divisions


def _reach(account: Account | None) -> _Reach:
    if account is None:
        return _Reach(True, frozenset(), frozenset())
    tree = DivisionFact.objects.tree(access.today())
    where = access.reach(account, "officers:read")
    if where.everywhere or access.reaches_all(account, "officers:read", tree=tree):
        return _Reach(True, frozenset(), frozenset())
    units = access.leaves(account, "officers:read", tree=tree) or frozenset()
    plants = frozenset(access.enterprises(account, "officers:read").values_list("pk", flat=True))
    return _Reach(False, plants, units | where.divisions)


def _tickets_held(account: Account, beyond: dt.date | None) -> Iterable[Holding]:
    """Open tickets that an officer follows up for the enterprise."""
    rows = Ticket.objects.filter(officer=account, state__in=OPEN).select_related("enterprise").order_by("number")
    for row in rows:
        yield Holding(
            "ticket", str(row.pk), f"问题单 {row.number} {row.title}（{row.enterprise.name}）", row.enterprise_id
        )


def _pass_tickets(taking: Taking, keys: Collection[str]) -> None:
    numbers = [int(key) for key in keys]
    rows = Ticket.objects.select_for_update().filter(officer=taking.giver, state__in=OPEN, pk__in=numbers)
    for row in rows.order_by("pk"):
        hand_over(row, taking.actor, taking.taker, timezone.now())


def _orders_held(account: Account, beyond: dt.date | None) -> Iterable[Holding]:
    """A warning for each unit that has open work orders and nobody but this account to see them."""
    day = (beyond or access.today()) + (dt.timedelta(days=1) if beyond is not None else dt.timedelta(0))
    posts = Post.objects.believed().on(max(day, access.today())).filter(role=Role.DEPARTMENT, account__is_active=True)
    people: dict[int, set[int]] = defaultdict(set)
    for unit, person in posts.values_list("organisation_id", "account_id"):
        people[unit].add(person)
    mine = Post.objects.believed().on(access.today()).filter(account=account, role=Role.DEPARTMENT)
    for unit, name in (
        mine.values_list("organisation_id", "organisation__name").distinct().order_by("organisation__code")
    ):
        if people[unit] - {account.pk}:
            continue
        alive = WorkOrder.objects.filter(
            organisation=unit, state__in=[OrderState.AWAITING, OrderState.HANDLING, OrderState.RETURNING],
            ticket__state__in=OPEN - {TicketState.SUBMITTED},
        )  # fmt: skip
        if count := alive.count():
            what = f"{name}还有 {count} 张没办完的派工单，此后没有账号能看到，请尽快给该单位再开一个账号。"
            yield Holding("order", str(unit), what, is_warning=True)


def _shifts_held(account: Account, beyond: dt.date | None) -> Iterable[Holding]:
    """Shifts of the roster that are still to come; the roster's own page gives them to somebody else."""
    rows = DutyShift.objects.filter(account=account, dropped_at=None, ends_at__gt=timezone.now()).order_by(
        "starts_at", "pk"
    )
    for row in rows.select_related("organisation"):
        since = timezone.localtime(row.starts_at)
        place = f"{row.organisation.name} " if row.organisation is not None else ""
        what = f"{place}{since.month}月{since.day}日 {since:%H:%M} 起的值班"
        yield Holding("shift", str(row.pk), what, division=row.division_id)


def _groups_held(account: Account, beyond: dt.date | None) -> Iterable[Holding]:
    """A warning for each working group that loses its leader."""
    rows = GroupMember.objects.filter(account=account, ends_on=None, is_leader=True).select_related(
        "group__organisation"
    )
    for row in rows:
        yield Holding("group", str(row.pk), f"{row.group}的负责人要另定。", is_warning=True)


TICKETS = Keeper("ticket", "问题单", frozenset({Role.LIAISON}), _tickets_held, _pass_tickets, order=2)
ORDERS = Keeper("order", "派工单", frozenset({Role.DEPARTMENT}), _orders_held)
SHIFTS = Keeper("shift", "值班", frozenset(), _shifts_held)
GROUPS = Keeper("group", "专班", frozenset(), _groups_held)
