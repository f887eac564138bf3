"""A common problem's own way: established, begun, its measure written, closed; or found to be none. No member is touched."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from coordination.choices import ProblemState
from coordination.common_problems import members, numbers, reading
from coordination.models import CommonProblem, TicketCategory
from enterprises import audit
from enterprises.errors import Conflict, Invalid
from enterprises.models import Account


def establish(
    *, actor: Account, title: str, category: str, numbers: Iterable[str], lead: str = "", cause: str = "",
    object: str = "",
) -> CommonProblem:  # fmt: skip
    """Say that some tickets have one cause (立项). The tickets themselves stay as they are.

    Writes: common problem, members, audit `problem.establish`. Refuses: forbidden, required, too_long, invalid_choice,
    not_found (a ticket), linked_already.
    """
    reading.require(actor)
    title = reading.text(title, "title", "标题", 60)
    cause = reading.text(cause, "cause", "原因", 500, is_required=False)
    about = reading.text(object, "object", "涉及对象", 60, is_required=False)
    found = TicketCategory.objects.filter(pk=category).first()
    if found is None:
        raise Invalid("没有这个问题类别。", code="invalid_choice", field="category")
    unit = reading.unit(lead)
    chosen = list(dict.fromkeys(numbers))
    with transaction.atomic():
        now = timezone.now()
        made = CommonProblem.objects.create(
            number=_number(), title=title, category=found, object=about, lead=unit, cause=cause, considered=chosen,
            raised_by=actor, created_at=now,
        )  # fmt: skip
        for number in chosen:
            members.hang(actor, made, number, now)
        audit.record(actor=actor, act="problem.establish", on=made, after={"title": title, "tickets": chosen})
    return made


def begin(*, actor: Account, problem: CommonProblem, lead: str = "") -> None:
    """Somebody takes it in hand (办理中): a unit or a task force. Refuses: forbidden, required (lead), wrong_state."""
    reading.require(actor)
    with transaction.atomic():
        locked = reading.locked(problem)
        if locked.state != ProblemState.ESTABLISHED:
            raise Conflict(f"这个共性问题已在“{locked.get_state_display()}”。", code="wrong_state")
        locked.lead = reading.unit(lead, is_required=locked.lead is None) or locked.lead
        locked.state = ProblemState.HANDLING
        locked.save(update_fields=["lead", "state"])
        audit.record(
            actor=actor, act="problem.begin", on=locked, after={"lead": locked.lead.code if locked.lead else ""}
        )


def measure(*, actor: Account, problem: CommonProblem, text: str, is_resolving: bool = True) -> None:
    """Say what was done about the cause (措施已出); no member is answered by this. `is_resolving` False: the risk is
    borne, or nothing can be done; then members are informed and none is answered as solved.

    Refuses: forbidden, required, problem_closed.
    """
    reading.require(actor)
    said = reading.text(text, "measure", "措施", 1000)
    with transaction.atomic():
        locked = reading.locked(problem)
        locked.measure, locked.is_resolving, locked.state = said, is_resolving, ProblemState.MEASURED
        locked.save(update_fields=["measure", "is_resolving", "state"])
        after = {"measure": said, "is_resolving": is_resolving}
        audit.record(actor=actor, act="problem.measure", on=locked, after=after)


def close(*, actor: Account, problem: CommonProblem) -> None:
    """Close it (验收销号) when no member is open any more; it never closes a member.

    Refuses: forbidden, members_open, orders_open; without a measure it is dropped instead.
    """
    _end(actor, problem, "", is_close=True)


def drop(*, actor: Account, problem: CommonProblem, reason: str) -> None:
    """Say that it is none after all (不成立). Refuses: forbidden, required, members_open, orders_open."""
    _end(actor, problem, reading.text(reason, "reason", "理由", 500), is_close=False)


def _end(actor: Account, problem: CommonProblem, reason: str, *, is_close: bool) -> None:
    reading.require(actor)
    with transaction.atomic():
        locked = reading.locked(problem)
        waiting = reading.to_be_told(locked)
        if waiting:
            raise Conflict(f"还有 {len(waiting)} 张单没有办结；办结或解除关联后再销号。", code="members_open")
        if locked.orders.exclude(state__in=["done", "cancelled"]).exists():
            raise Conflict("共性问题的派工单还没有完成；完成或撤销后再销号。", code="orders_open")
        locked.state = ProblemState.CLOSED if is_close and locked.measure else ProblemState.DROPPED
        locked.closed_at = timezone.now()
        locked.save(update_fields=["state", "closed_at"])
        act = "problem.close" if is_close else "problem.drop"
        audit.record(actor=actor, act=act, on=locked, after={"state": locked.state, "reason": reason})


def _number() -> str:
    return numbers.following()
