"""The liaison officer's day: what is his to do now, in the order in which it matters."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from coordination import handovers, officers, tickets, visits
from coordination.choices import PromiseKind, PromiseState, TicketState
from coordination.models import OfficerHandover, Promise, Visit
from coordination.officers import Stale
from coordination.rules.visits import STALE_DAYS
from coordination.tickets.reading import Card
from enterprises import access
from enterprises.models import Account, Enterprise
from supplies import reporting_settings
from supplies.rosters import Entry, Filters, roster

FILED = ("on_time", "late", "unexpected")
OWING = ("carried", "stale", "never")
WAITING = (TicketState.RETURNED, TicketState.WAITING, TicketState.REPLIED)
SOON = dt.timedelta(days=3)
LATELY = dt.timedelta(days=7)


@dataclass(frozen=True)
class Desk:
    """Those who still owe today's report first; then tickets that wait for the officer's side, promises, next contacts,
    enterprises long not visited; then what is done.
    """

    day: dt.date
    cut_off_at: dt.datetime | None
    left: dt.timedelta | None
    owing: tuple[Entry, ...]
    filed: tuple[Entry, ...]
    others: tuple[Entry, ...]
    waiting: list[Card]
    promises: list[Promise]
    contacts: list[Promise]
    stale: list[Stale]
    visits: list[Visit]
    taken: list[OfficerHandover]

    @property
    def count(self) -> int:
        return len(self.owing) + len(self.filed) + len(self.others)

    @property
    def due(self) -> int:
        """Promises due today or overdue."""
        return sum(promise.due_on <= self.day for promise in self.promises)

    @property
    def contacts_due(self) -> int:
        return sum(promise.due_on <= self.day for promise in self.contacts)

    @property
    def stale_days(self) -> int:
        return STALE_DAYS


def desk(account: Account) -> Desk:
    """What the officer has to do today. Queries do not depend on rows. Refuses: forbidden (no enterprises:read)."""
    day = timezone.localdate()
    mine = officers.mine(account)
    entries = [entry for entry in roster(account, Filters(sort="name")).entries if entry.pk in mine]
    settings = reporting_settings.on(day)
    cut_offs = [settings[e.division].cut_off_at for e in entries if e.division in settings]
    cut_off = min(cut_offs, default=None)
    left = cut_off - timezone.now() if cut_off is not None else None
    owned = Promise.objects.filter(owner=account, state=PromiseState.OPEN, due_on__lte=day + SOON)
    promised = list(owned.select_related("enterprise", "visit", "owner"))
    plants = list(Enterprise.objects.filter(pk__in=mine))
    return Desk(
        day=day,
        cut_off_at=cut_off,
        left=left if left is not None and left > dt.timedelta(0) else None,
        owing=tuple(sorted((e for e in entries if e.status in OWING), key=lambda e: -(e.last_known or 0))),
        filed=tuple(e for e in entries if e.status in FILED),
        others=tuple(e for e in entries if e.status not in OWING and e.status not in FILED),
        waiting=_waiting(account, mine),
        promises=[one for one in promised if one.kind != PromiseKind.CONTACT],
        contacts=[one for one in promised if one.kind == PromiseKind.CONTACT],
        stale=officers.stale(plants, day),
        visits=_visits(account, day) if access.may(account, "visits:read") else [],
        taken=_taken(account, day),
    )


def _waiting(account: Account, mine: dict[int, str]) -> list[Card]:
    """Tickets at which the enterprise's side is to do something: of the officer's enterprises, or followed up by him."""
    found = tickets.listed(account, tickets.Filters()).filter(state__in=WAITING)
    rows = [ticket for ticket in found[:200] if ticket.enterprise_id in mine or ticket.officer_id == account.pk]
    return tickets.cards(rows, account)


def _visits(account: Account, day: dt.date) -> list[Visit]:
    """The officer's own talks of today."""
    found = visits.listed(account, visits.Filters(officer=account.username, first=day, last=day))
    return list(visits.with_parts(found))


def _taken(account: Account, day: dt.date) -> list[OfficerHandover]:
    """What others handed to him lately, and what is planned to come or to go."""
    found = handovers.listed(account).filter(cancelled_at=None)
    return [one for one in found.filter(day__gte=day - LATELY)[:10] if account.pk in (one.giver_id, one.taker_id)]
