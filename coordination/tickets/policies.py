"""Clock policies: change one, and see beforehand what becomes of the tickets that run (K5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from coordination.choices import BudgetUnit, ClockKind, TicketMode
from coordination.models import Clock, ClockPolicy, Ticket, TicketCategory
from coordination.rules import deadlines
from coordination.rules.transitions import TERMINAL
from coordination.tickets import calendar, clocks
from coordination.tickets.clocks import Clockwork
from enterprises import access, audit
from enterprises.errors import Conflict, Invalid, NotFound
from enterprises.models import Account

MOST = {BudgetUnit.WORKING_DAYS: 250, BudgetUnit.WORKING_MINUTES: 100_000, BudgetUnit.ELAPSED_MINUTES: 500_000}


@dataclass(frozen=True)
class Change:
    """A new policy, in place of another where `replaces` names one. `is_retired`: that one is only taken away."""

    kind: str
    mode: str
    category: TicketCategory | None
    priority: int
    unit: str
    amount: int
    replaces: ClockPolicy | None = None
    is_retired: bool = False


@dataclass(frozen=True)
class Effect:
    """A running clock whose due time would move. `is_merciful`: the new one is past, so it gets four working hours."""

    ticket: Ticket
    clock: Clock
    before: dt.datetime
    after: dt.datetime
    is_merciful: bool

    @property
    def kind(self) -> str:
        return ClockKind(self.clock.kind).label


def policies() -> list[ClockPolicy]:
    """Policies in force, by clock and mode in the order in which they are tried."""
    modes = list(TicketMode.values)
    found = ClockPolicy.objects.filter(is_on=True).select_related("category")
    return sorted(found, key=lambda one: (one.kind, modes.index(one.mode), one.priority, one.pk))


def amount_words(amount: int, unit: str) -> str:
    """An amount as one says it: whole hours as hours.

    >>> amount_words(240, "working_minutes"), amount_words(30, "elapsed_minutes"), amount_words(10, "working_days")
    ('4 工作小时', '30 分钟（昼夜连续）', '10 工作日')
    """
    if unit != BudgetUnit.WORKING_DAYS and amount % 60 == 0:
        return f"{amount // 60} {'工作小时' if unit == BudgetUnit.WORKING_MINUTES else '小时（昼夜连续）'}"
    return f"{amount} {BudgetUnit(unit).label}"


def read(given: dict[str, str]) -> Change:
    """A change as a form gives it. Refuses: not_found (replaces), changed_meanwhile, invalid_choice, invalid_number,
    catch_all_exists, needs_catch_all.
    """
    replaces = _replaced(given)
    if given.get("retire"):
        if replaces is None:
            raise NotFound("没有这条规定。", field="replaces")
        if replaces.category_id is None:
            raise Invalid(
                "每个时限在每种缓急下都要有一条适用各类的规定，不能撤销。", code="needs_catch_all", field="retire"
            )
        return Change(
            replaces.kind,
            replaces.mode,
            replaces.category,
            replaces.priority,
            replaces.unit,
            replaces.amount,
            replaces,
            True,
        )
    kind = replaces.kind if replaces else _chosen(given, "kind", ClockKind.values)
    mode = replaces.mode if replaces else _chosen(given, "mode", TicketMode.values)
    unit = _chosen(given, "unit", BudgetUnit.values)
    amount = _whole(given, "amount", 1, MOST[BudgetUnit(unit)])
    priority = _whole(given, "priority", 1, 999)
    category = replaces.category if replaces else _category(given)
    others = ClockPolicy.objects.filter(kind=kind, mode=mode, category=category, is_on=True)
    if replaces is None and others.exists():
        raise Conflict("这个时限已经有一条同样范围的规定，请改那一条。", code="catch_all_exists", field="category")
    return Change(kind, mode, category, priority, unit, amount, replaces)


def preview(change: Change, *, at: dt.datetime | None = None) -> list[Effect]:
    """What the change would do to the clocks that run. A fixed number of queries."""
    at = at or timezone.now()
    new = ClockPolicy(
        kind=change.kind, mode=change.mode, category=change.category, priority=change.priority, unit=change.unit,
        amount=change.amount, version=(change.replaces.version + 1) if change.replaces else 1,
    )  # fmt: skip
    held = [one for one in calendar.policies() if change.replaces is None or one.pk != change.replaces.pk]
    held += [] if change.is_retired else [new]
    held.sort(key=lambda one: (one.priority, one.pk or 2**62))
    running = _running(change)
    known = calendar.load(at, since=min((clock.start_at for clock in running), default=at))
    found = []
    for clock in running:
        policy = clocks.fitting(held, clock.kind, clock.ticket)
        if policy is None or (policy.pk == clock.policy_id and policy.version == clock.policy_version):
            continue
        budget = clocks.budget_under(policy, clock)
        due = clocks.due_under(known, clock, budget, at)
        plain = deadlines.due(known, clock.start_at, budget, clocks.spans(clock))
        if due.at != clock.due_at:
            found.append(Effect(clock.ticket, clock, clock.due_at, due.at, plain.at <= at))
    return found


def save(*, actor: Account, change: Change, shown: int, at: dt.datetime | None = None) -> int:
    """Let the change hold, and give the running clocks their new due times. Gives how many moved.

    Takes: `shown` = how many the sender saw; were it others by now, nothing is done.
    Writes: policy (a new version, the old one switched off), clocks, audit `clock_policy.set` or `.retire`.
    Refuses: forbidden, changed_meanwhile.
    """
    access.require(actor, "settings:write")
    at = at or timezone.now()
    with transaction.atomic():
        # whoever changes policies waits for the other
        list(ClockPolicy.objects.select_for_update().filter(kind=change.kind, mode=change.mode).order_by("pk"))
        old = change.replaces
        if old is not None and not ClockPolicy.objects.filter(pk=old.pk, is_on=True, version=old.version).exists():
            raise Conflict("这条规定刚被别人改过，请再看一遍。", code="changed_meanwhile")
        effects = preview(change, at=at)
        if len(effects) != shown:
            raise Conflict("会受影响的单刚有变化，请再看一遍。", code="changed_meanwhile")
        if old is not None:
            ClockPolicy.objects.filter(pk=old.pk).update(is_on=False)
        made = None if change.is_retired else ClockPolicy.objects.create(
            kind=change.kind, mode=change.mode, category=change.category, priority=change.priority, unit=change.unit,
            amount=change.amount, version=old.version + 1 if old is not None else 1,
        )  # fmt: skip
        for number in sorted({clock.ticket_id for clock in _running(change)}):
            ticket = Ticket.objects.select_for_update(of=("self",)).select_related("category").get(pk=number)
            Clockwork(ticket, calendar.load(at, since=ticket.submitted_at or at)).swap(at)
        said = {
            "kind": change.kind, "mode": change.mode, "category": change.category.pk if change.category else None,
            "priority": change.priority, "unit": change.unit, "amount": change.amount,
            "moved": [
                {"ticket": one.ticket.number, "clock": one.clock.kind, "before": one.before.isoformat(),
                 "after": one.after.isoformat(), "merciful": one.is_merciful}
                for one in effects
            ],
        }  # fmt: skip
        before = (
            {"unit": old.unit, "amount": old.amount, "priority": old.priority, "version": old.version} if old else None
        )
        act = "clock_policy.retire" if change.is_retired else "clock_policy.set"
        on = made if made is not None else old
        assert on is not None
        audit.record(actor=actor, act=act, on=on, before=before, after=said)
    return len(effects)


def _running(change: Change) -> list[Clock]:
    found = Clock.objects.filter(kind=change.kind, ticket__mode=change.mode, stopped_at=None)
    found = found.exclude(ticket__state__in=TERMINAL)
    if change.category is not None:
        found = found.filter(ticket__category=change.category)
    return list(
        found.select_related("ticket__enterprise", "policy").prefetch_related("pauses").order_by("due_at", "pk")
    )


def _replaced(given: dict[str, str]) -> ClockPolicy | None:
    text = given.get("replaces", "")
    if not text:
        return None
    found = ClockPolicy.objects.select_related("category").filter(
        pk=int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    ).first()  # fmt: skip
    if found is None:
        raise NotFound("没有这条规定。", field="replaces")
    if not found.is_on:
        raise Conflict("这条规定刚被别人改过，请再看一遍。", code="changed_meanwhile")
    return found


def _chosen(given: dict[str, str], field: str, known: list[str]) -> str:
    if given.get(field) not in known:
        raise Invalid("请从列表里选。", code="invalid_choice", field=field)
    return given[field]


def _category(given: dict[str, str]) -> TicketCategory | None:
    code = given.get("category", "")
    if not code:
        return None
    found = TicketCategory.objects.filter(pk=code).first()
    if found is None:
        raise Invalid("没有这个类别。", code="invalid_choice", field="category")
    return found


def _whole(given: dict[str, str], field: str, least: int, most: int) -> int:
    text = given.get(field, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 8 and least <= int(text) <= most):
        raise Invalid(f"应为 {least} 到 {most} 的整数。", code="invalid_number", field=field)
    return int(text)
