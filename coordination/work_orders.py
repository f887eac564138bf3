"""Work orders over all tickets: a unit's list in the order of their dates, and how often units sent theirs back (2.6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from coordination import access
from coordination.choices import OrderState
from coordination.models import Clock, WorkOrder
from enterprises import access as ground_access
from enterprises.choices import Role
from enterprises.errors import Forbidden
from enterprises.models import Account

ALIVE = (OrderState.AWAITING, OrderState.HANDLING, OrderState.RETURNING, OrderState.ANSWERED)
WITHIN = dt.timedelta(days=90)
"""Over how long the rate of returns is published."""


@dataclass(frozen=True)
class Filters:
    """What the list shows; empty = all that is alive. state may also be `all`."""

    state: str = ""
    organisation: str = ""
    part: str = ""


@dataclass(frozen=True)
class Returns:
    """How many orders a unit received, asked to send back, and was let send back."""

    code: str
    name: str
    received: int
    asked: int
    sent_back: int
    signed_late: int

    @property
    def rate(self) -> int:
        """Percent asked of those received."""
        return round(100 * self.asked / self.received) if self.received else 0


def may_read(account: Account) -> bool:
    """Our side; enterprises read of orders only who leads."""
    return access.may_see_some(account) and ground_access.roles(account) != {Role.ENTERPRISE}


def _within(account: Account) -> QuerySet[WorkOrder]:
    """Orders of tickets within reach; of a department its own only."""
    if not may_read(account):
        raise Forbidden
    found = WorkOrder.objects.filter(ticket__in=access.tickets(account))
    if ground_access.roles(account) == {Role.DEPARTMENT}:
        found = found.filter(organisation__in=access.organisations(account))
    return found


def listed(account: Account, filters: Filters) -> QuerySet[WorkOrder]:
    """What is due first; refuses forbidden."""
    found = _within(account)
    if filters.state in OrderState.values:
        found = found.filter(state=filters.state)
    elif filters.state != "all":
        found = found.filter(state__in=ALIVE)
    if filters.organisation:
        found = found.filter(organisation__code=filters.organisation)
    if filters.part:
        found = found.filter(part=filters.part)
    running = Clock.objects.filter(order=OuterRef("pk"), stopped_at=None)
    found = found.annotate(sign_by=Subquery(running.values("due_at")[:1]))
    found = found.select_related("ticket__enterprise", "organisation")
    return found.order_by(F("sign_by").asc(nulls_last=True), F("due_on").asc(nulls_last=True), "-created_at", "-id")


def returns(account: Account, *, now: dt.datetime | None = None) -> list[Returns]:
    """By unit, over the last three months, the highest rate first. One query."""
    since = (now or timezone.now()) - WITHIN
    rows = (
        _within(account)
        .filter(created_at__gte=since)
        .order_by()
        .values_list("organisation__code", "organisation__name")
        .annotate(
            received=Count("pk"),
            asked=Count("pk", filter=Q(return_asked_at__isnull=False)),
            back=Count("pk", filter=Q(state=OrderState.SENT_BACK)),
            late=Count("pk", filter=Q(is_signed_by_system=True)),
        )
    )
    found = [Returns(*row) for row in rows]
    return sorted(found, key=lambda one: (-one.rate, -one.received, one.code))


def is_readable(account: Account, order: WorkOrder) -> bool:
    """Whether the account may read the words of an order that is confidential."""
    if not order.is_confidential or order.organisation_id in access.organisations(account):
        return True
    return bool(ground_access.abilities(account) & {"tickets:desk", "tickets:supervise"})
