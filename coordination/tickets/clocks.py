"""Starting, stopping, pausing clocks; what they say when their time comes (tickets.md 2.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from coordination.choices import BudgetUnit, ClockKind
from coordination.models import Clock, ClockPolicy, Event, Pause, Ticket
from coordination.rules import deadlines
from coordination.rules.deadlines import Budget
from coordination.rules.working_time import Calendar, UnknownDay
from coordination.tickets import calendar


class Clockwork:
    """The clocks of one ticket under its lock; `calendar` is that of the moment."""

    def __init__(self, ticket: Ticket, calendar: Calendar) -> None:
        self.ticket, self.calendar = ticket, calendar
        self.clocks = list(Clock.objects.filter(ticket=ticket).prefetch_related("pauses")) if ticket.pk else []

    def running(self, kind: str) -> Clock | None:
        return next((c for c in self.clocks if c.kind == kind and c.stopped_at is None), None)

    def of(self, kind: str, *, cycle: int | None = None) -> list[Clock]:
        return [c for c in self.clocks if c.kind == kind and cycle in (None, c.cycle)]

    def start(self, kind: str, at: dt.datetime) -> Clock:
        """Start a clock unless one of its kind runs. A further cycle has half the budget of the first (K8)."""
        if (held := self.running(kind)) is not None:
            return held
        policy = policy_for(kind, self.ticket)
        budget = Budget(policy.amount, policy.unit)
        if kind == ClockKind.RESOLVE and self.ticket.cycle > 1:
            first = self.of(kind)[0] if self.of(kind) else None
            budget = deadlines.reopened(Budget(first.amount, first.unit) if first else budget)
        due = deadlines.due(self.calendar, at, budget)
        clock = Clock(
            ticket=self.ticket, kind=kind, number=len(self.of(kind)) + 1, cycle=self.ticket.cycle, policy=policy,
            policy_version=policy.version, mode=self.ticket.mode, unit=budget.unit, amount=budget.amount, start_at=at,
            due_original=due.at, due_at=due.at, is_provisional=due.is_provisional,
        )  # fmt: skip
        schedule(clock, self.calendar)
        clock.save(force_insert=True)
        self.clocks.append(clock)
        return clock

    def stop(self, kinds: Iterable[str], at: dt.datetime) -> None:
        for kind in kinds:
            clock = self.running(kind)
            if clock is None:
                continue
            if clock.paused_at is not None:
                self._end_pause(clock, at)
            clock.stopped_at, clock.next_step_at = at, None
            used = deadlines.consumed(self.calendar, clock.start_at, at, budget_of(clock), spans(clock))
            clock.consumed_seconds = int(used.total_seconds())
            clock.save()

    def pause(self, kinds: Iterable[str], at: dt.datetime, event: Event, reason: str) -> None:
        for kind in kinds:
            clock = self.running(kind)
            if clock is None or clock.paused_at is not None:
                continue
            Pause.objects.create(clock=clock, from_at=at, reason=reason[:200], event=event)
            clock.paused_at, clock.next_step_at = at, None
            clock.save()
            fresh(clock)

    def resume(self, kinds: Iterable[str], at: dt.datetime) -> None:
        for kind in kinds:
            clock = self.running(kind)
            if clock is not None and clock.paused_at is not None:
                self._end_pause(clock, at)
                clock.save()

    def restart(self, kind: str, at: dt.datetime) -> None:
        """A public message ends one span of feedback and begins the next (G)."""
        clock = self.running(kind)
        if clock is not None and clock.paused_at is None:
            self.stop((kind,), at)
            self.start(kind, at)

    def extend(self, kind: str, days: int) -> Clock:
        """So many working days more for the clock that runs; what was granted at first stays."""
        clock = self.running(kind)
        assert clock is not None
        clock.amount += days
        due = deadlines.due(self.calendar, clock.start_at, budget_of(clock), spans(clock))
        clock.due_at, clock.is_provisional = due.at, due.is_provisional
        schedule(clock, self.calendar)
        clock.save()
        return clock

    def wake(self, clock: Clock) -> None:
        """A stopped clock goes on as if it had never stopped."""
        schedule(clock, self.calendar)
        clock.save()

    def swap(self, at: dt.datetime) -> None:
        """Category or mode were corrected: same starts and pauses, the new policy's budgets (K5)."""
        for clock in self.clocks:
            if clock.stopped_at is not None:
                continue
            policy = policy_for(clock.kind, self.ticket)
            if policy.pk == clock.policy_id and policy.version == clock.policy_version:
                continue
            clock.policy, clock.policy_version, clock.mode = policy, policy.version, self.ticket.mode
            clock.unit, clock.amount = policy.unit, policy.amount
            found = deadlines.due(self.calendar, clock.start_at, budget_of(clock), spans(clock))
            mercy = deadlines.due(self.calendar, at, Budget(240, BudgetUnit.WORKING_MINUTES)).at
            clock.due_at = found.at if found.at > at else mercy
            clock.is_provisional = found.is_provisional
            schedule(clock, self.calendar)
            clock.save()

    def _end_pause(self, clock: Clock, at: dt.datetime) -> None:
        for pause in clock.pauses.all():
            if pause.to_at is None:
                pause.to_at = at
                pause.save(update_fields=["to_at"])
        fresh(clock)
        clock.paused_at = None
        due = deadlines.due(self.calendar, clock.start_at, budget_of(clock), spans(clock))
        clock.due_at, clock.is_provisional = max(due.at, clock.due_at), due.is_provisional
        schedule(clock, self.calendar)


def policy_for(kind: str, ticket: Ticket) -> ClockPolicy:
    """The first policy by priority that fits the ticket; there is always one that fits all (a system check sees to it)."""
    fits = (one for one in calendar.policies() if one.kind == kind and one.mode == ticket.mode)
    found = next((one for one in fits if one.category_id in (None, ticket.category_id)), None)
    if found is None:
        raise LookupError(f"no clock policy for {kind} {ticket.mode}")
    return found


def budget_of(clock: Clock) -> Budget:
    return Budget(clock.amount, clock.unit)


def is_elapsed(clock: Clock) -> bool:
    return clock.unit == BudgetUnit.ELAPSED_MINUTES


def spans(clock: Clock) -> list[tuple[dt.datetime, dt.datetime]]:
    """Pauses that have ended, first to last."""
    return [(p.from_at, p.to_at) for p in clock.pauses.all() if p.to_at is not None]


def fresh(clock: Clock) -> None:
    """Forget what was read of a clock's pauses before."""
    getattr(clock, "_prefetched_objects_cache", {}).pop("pauses", None)


def schedule(clock: Clock, calendar: Calendar) -> None:
    """Set when a clock speaks next; not at all beyond the calendar, until it is extended."""
    step = deadlines.following(clock.step)
    try:
        clock.next_step_at = deadlines.step_at(
            calendar, clock.start_at, clock.due_at, step, is_elapsed=is_elapsed(clock)
        )
    except UnknownDay:
        clock.next_step_at = None if clock.is_provisional else clock.due_at
