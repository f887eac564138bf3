"""What looks alike: the same category and the same object, from several enterprises within a fortnight. A person decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from coordination import access
from coordination.choices import ProblemState
from coordination.common_problems import numbers, reading
from coordination.models import CommonProblem, Member, Ticket, TicketCategory
from coordination.rules.transitions import OPEN
from enterprises import audit
from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import Account
from enterprises.rules.names import folded

FEWEST, WITHIN = 3, dt.timedelta(days=14)
"""So many enterprises with the same matter within so long suggest a common cause."""


@dataclass(frozen=True)
class Candidate:
    """Open tickets of one category about one object from several enterprises; a person decides whether they have one
    cause. Without an object (`object` empty) they are of one kind only: a weaker hint.
    """

    category: TicketCategory
    object: str
    tickets: list[Ticket]
    enterprises: int

    @property
    def key(self) -> str:
        return f"{self.category.pk}-{self.tickets[0].pk}"


def candidates(account: Account, *, now: dt.datetime | None = None) -> list[Candidate]:
    """What several enterprises have in common and no problem holds yet; what was looked at and dismissed only comes
    back with another ticket. Same objects first, then the most enterprises. Refuses forbidden.
    """
    if not reading.may_read(account):
        raise Forbidden
    since = (now or timezone.now()) - WITHIN
    held = Member.objects.filter(ticket=OuterRef("pk"), unlinked_at=None)
    found = access.tickets(account).filter(~Exists(held), state__in=OPEN, submitted_at__gte=since)
    alike: dict[tuple[str, str], list[Ticket]] = {}
    for ticket in found.select_related("category", "enterprise").order_by("category__order", "submitted_at", "pk"):
        alike.setdefault((ticket.category_id, key_of(ticket.object)), []).append(ticket)
    dismissed = _dismissed()
    listed = [
        Candidate(held[0].category, held[0].object, held, len({one.enterprise_id for one in held}))
        for key, held in alike.items()
        if not {one.number for one in held} <= dismissed.get(key, set())
    ]
    enough = (one for one in listed if one.enterprises >= FEWEST)
    return sorted(enough, key=lambda one: (not one.object, -one.enterprises))


def key_of(object: str) -> str:
    """An object as it is compared: without spaces, in one width and case."""
    return folded("".join(object.split()))


def dismiss(*, actor: Account, category: str, object: str, numbers_: Iterable[str], reason: str) -> CommonProblem:
    """Say that what looks alike has not one cause (不成立); it is kept with its list, and nothing hangs on it.

    Writes: common problem, audit `problem.dismiss`. Refuses: forbidden, required, invalid_choice, not_found.
    """
    reading.require(actor)
    said = reading.text(reason, "reason", "理由", 500)
    found = TicketCategory.objects.filter(pk=category).first()
    if found is None:
        raise Invalid("没有这个问题类别。", code="invalid_choice", field="category")
    about = reading.text(object, "object", "涉及对象", 60, is_required=False)
    listed = list(dict.fromkeys(numbers_))
    known = set(access.tickets(actor).filter(number__in=listed).values_list("number", flat=True))
    if not listed or known != set(listed):
        raise NotFound("没有这张问题单。", field="tickets")
    with transaction.atomic():
        now = timezone.now()
        made = CommonProblem.objects.create(
            number=numbers.following(), title=f"{about or found.name}（不成立）"[:60], category=found, object=about,
            state=ProblemState.DROPPED, cause=said, considered=listed, raised_by=actor, created_at=now, closed_at=now,
        )  # fmt: skip
        audit.record(actor=actor, act="problem.dismiss", on=made, after={"tickets": listed, "reason": said})
    return made


def _dismissed() -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    rows = CommonProblem.objects.filter(state=ProblemState.DROPPED).exclude(considered=[])
    for category, about, listed in rows.values_list("category_id", "object", "considered"):
        found.setdefault((category, key_of(about)), set()).update(listed)
    return found
