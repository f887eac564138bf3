"""Starting, stopping, pausing clocks; what they say when their time comes (tickets.md 2.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from coordination.choices import BudgetUnit, ClockKind
from coordination.models import Clock, ClockPolicy, DueChange, Escalation, Event, Pause, Ticket, WorkOrder
from coordination.rules import deadlines
from coordination.rules.deadlines import Budget, Due
from coordination.rules.working_time import Calendar, UnknownDay
from coordination.tickets import calendar

REMINDER_DAYS = {50: 2, 80: 4}
"""On which working days after the answer the enterprise is reminded, in the place of percents."""


class Clockwork:
    """The clocks of one ticket under its lock; `calendar` is that of the moment."""

    def __init__(self, ticket: Ticket, calendar: Calendar) -> None:
        self.ticket, self.calendar = ticket, calendar
        self.clocks = list(Clock.objects.filter(ticket=ticket).prefetch_related("pauses")) if ticket.pk else []

    def running(
        self, kind: str, *, order: WorkOrder | None = None, escalation: Escalation | None = None
    ) -> Clock | None:
        """The clock that runs: the ticket's own, or that of one of its orders, of a level that is asked."""
        owner = (order.pk if order else None, escalation.pk if escalation else None)
        alive = (c for c in self.clocks if c.kind == kind and c.stopped_at is None)
        return next((c for c in alive if (c.order_id, c.escalation_id) == owner), None)

    def of(self, kind: str, *, cycle: int | None = None) -> list[Clock]:
        return [c for c in self.clocks if c.kind == kind and cycle in (None, c.cycle)]

    def start(
        self, kind: str, at: dt.datetime, *, order: WorkOrder | None = None, escalation: Escalation | None = None
    ) -> Clock:
        """Start a clock unless one of its kind runs. A further cycle has half the budget of the first (K8)."""
        if (held := self.running(kind, order=order, escalation=escalation)) is not None:
            return held
        policy = policy_for(kind, self.ticket)
        budget = self._budget(kind, policy)
        due = deadlines.due(self.calendar, at, budget)
        clock = Clock(
            ticket=self.ticket, order=order, escalation=escalation, kind=kind, number=len(self.of(kind)) + 1,
            cycle=self.ticket.cycle, policy=policy, policy_version=policy.version, mode=self.ticket.mode,
            unit=budget.unit, amount=budget.amount, start_at=at,
            due_original=due.at, due_at=due.at, is_provisional=due.is_provisional,
        )  # fmt: skip
        schedule(clock, self.calendar)
        clock.save(force_insert=True)
        self.clocks.append(clock)
        return clock

    def _budget(self, kind: str, policy: ClockPolicy) -> Budget:
        """What the policy grants; a further cycle has half of what the first one was granted (K8)."""
        first = next(iter(self.of(kind, cycle=1)), None)
        if kind != ClockKind.RESOLVE or self.ticket.cycle == 1 or first is None:
            return Budget(policy.amount, policy.unit)
        if (first.policy_id, first.policy_version) == (policy.pk, policy.version):
            return deadlines.reopened(Budget(first.amount - first.extension, first.unit))
        return deadlines.reopened(Budget(policy.amount, policy.unit))

    def stop(self, kinds: Iterable[str], at: dt.datetime) -> None:
        """Stop all that run of these kinds, those of orders and levels included."""
        for kind in kinds:
            for clock in self.of(kind):
                if clock.stopped_at is None:
                    self.end(clock, at)

    def end(self, clock: Clock | None, at: dt.datetime) -> None:
        """Stop one clock, if it runs."""
        if clock is None or clock.stopped_at is not None:
            return
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

    def extend(self, kind: str, days: int, at: dt.datetime) -> Clock:
        """So many working days more for the clock that runs; what was granted at first stays."""
        clock = self.running(kind)
        assert clock is not None
        clock.amount += days
        clock.extension += days
        due = deadlines.due(self.calendar, clock.start_at, budget_of(clock), spans(clock))
        move(clock, due.at, at, "extension")
        clock.is_provisional = due.is_provisional
        schedule(clock, self.calendar)
        clock.save()
        return clock

    def wake(self, clock: Clock) -> None:
        """A stopped clock goes on as if it had never stopped."""
        schedule(clock, self.calendar)
        clock.save()

    def swap(self, at: dt.datetime) -> list[dict[str, str]]:
        """Category, mode or the policies themselves changed: same starts and pauses, the new budgets (K5).

        What was extended stays extended. Who would be late by the new budget has four working hours from now. Gives
        which clocks moved, from when to when.
        """
        moved = []
        for clock in self.clocks:
            if clock.stopped_at is not None:
                continue
            policy = policy_for(clock.kind, self.ticket)
            if policy.pk == clock.policy_id and policy.version == clock.policy_version:
                continue
            before, budget = clock.due_at, budget_under(policy, clock)
            due = due_under(self.calendar, clock, budget, at)
            clock.policy, clock.policy_version, clock.mode = policy, policy.version, self.ticket.mode
            clock.extension = clock.extension if budget.unit == BudgetUnit.WORKING_DAYS else 0
            clock.unit, clock.amount = budget.unit, budget.amount
            move(clock, due.at, at, "policy")
            clock.is_provisional = due.is_provisional
            if clock.paused_at is None:
                schedule(clock, self.calendar)
            clock.save()
            moved.append({"kind": clock.kind, "before": before.isoformat(), "after": clock.due_at.isoformat()})
        return moved

    def settle(self) -> int:
        """The calendar reaches further than when these clocks were started: their due times are no longer provisional (K1)."""
        settled = 0
        for clock in self.clocks:
            if clock.stopped_at is not None or not clock.is_provisional:
                continue
            plain = deadlines.due(self.calendar, clock.start_at, budget_of(clock))
            due = deadlines.due(self.calendar, clock.start_at, budget_of(clock), spans(clock))
            if due.is_provisional:
                continue
            if clock.due_original == clock.due_at:
                clock.due_original = plain.at
            clock.due_at, clock.is_provisional = due.at, False
            schedule(clock, self.calendar)
            clock.save()
            settled += 1
        return settled

    def _end_pause(self, clock: Clock, at: dt.datetime) -> None:
        for pause in clock.pauses.all():
            if pause.to_at is None:
                pause.to_at = at
                pause.save(update_fields=["to_at"])
        fresh(clock)
        clock.paused_at = None
        due = deadlines.due(self.calendar, clock.start_at, budget_of(clock), spans(clock))
        move(clock, max(due.at, clock.due_at), at, "pause")
        clock.is_provisional = due.is_provisional
        schedule(clock, self.calendar)


def policy_for(kind: str, ticket: Ticket) -> ClockPolicy:
    """The first policy by priority that fits the ticket; there is always one that fits all (a system check sees to it)."""
    found = fitting(calendar.policies(), kind, ticket)
    if found is None:
        raise LookupError(f"no clock policy for {kind} {ticket.mode}")
    return found


def fitting(policies: Iterable[ClockPolicy], kind: str, ticket: Ticket) -> ClockPolicy | None:
    """The first of some policies, in their order, that fits."""
    fits = (one for one in policies if one.kind == kind and one.mode == ticket.mode)
    return next((one for one in fits if one.category_id in (None, ticket.category_id)), None)


def budget_under(policy: ClockPolicy, clock: Clock) -> Budget:
    """What a policy grants a running clock: half of it in a further cycle (K8), and what was granted in addition (K7)."""
    budget = Budget(policy.amount, policy.unit)
    if clock.kind == ClockKind.RESOLVE and clock.cycle > 1:
        budget = deadlines.reopened(budget)
    if clock.extension and clock.unit == budget.unit == BudgetUnit.WORKING_DAYS:
        budget = Budget(budget.amount + clock.extension, budget.unit)
    return budget


def due_under(calendar: Calendar, clock: Clock, budget: Budget, at: dt.datetime) -> Due:
    """When a running clock is due with another budget. One that would be past gets four working hours from now (K5)."""
    found = deadlines.due(calendar, clock.start_at, budget, spans(clock))
    if found.at > at:
        return found
    mercy = deadlines.due(calendar, at, Budget(240, BudgetUnit.WORKING_MINUTES))
    return Due(max(found.at, mercy.at), mercy.is_provisional)


def move(clock: Clock, due_at: dt.datetime, at: dt.datetime, reason: str) -> None:
    """Set another due time and note the change, so that statistics of an earlier moment find the one it had."""
    if due_at != clock.due_at:
        DueChange.objects.create(clock=clock, at=at, due_before=clock.due_at, due_at=due_at, reason=reason)
        clock.due_at = due_at


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
    """Set when a clock speaks next; not at all while it is paused, or beyond the calendar until that is extended."""
    if clock.paused_at is not None:
        clock.next_step_at = None
        return
    step = deadlines.following(clock.step)
    if clock.is_provisional and step >= deadlines.DUE:
        clock.next_step_at = None  # nothing is overdue on a calendar that ends before it (K1)
        return
    try:
        clock.next_step_at = _reminder_at(clock, calendar, step) or deadlines.step_at(
            calendar, clock.start_at, clock.due_at, step, is_elapsed=is_elapsed(clock)
        )
    except UnknownDay:
        clock.next_step_at = None if clock.is_provisional else clock.due_at


def _reminder_at(clock: Clock, calendar: Calendar, step: int) -> dt.datetime | None:
    """When the enterprise is reminded to confirm: when offices open on the second and the fourth working day (2.7)."""
    day = REMINDER_DAYS.get(step)
    if clock.kind != ClockKind.CONFIRM or clock.unit != BudgetUnit.WORKING_DAYS or day is None or day >= clock.amount:
        return None
    return calendar.segments(calendar.close_of(clock.start_at, day).date())[0][0]
