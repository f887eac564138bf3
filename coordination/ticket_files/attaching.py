"""The rows of files: added in the transaction of the step they came with, shown to more or fewer people later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings

from coordination import access
from coordination.choices import ScanState, Visibility
from coordination.models import Event, Ticket, TicketFile
from coordination.ticket_files import storing
from coordination.ticket_files.storing import Stored
from enterprises import audit
from enterprises.errors import Invalid, NotFound
from enterprises.models import Account

MOST_OF_TICKET = 40


def add(*, ticket: Ticket, event: Event, files: Sequence[Stored], visibility: str, at: dt.datetime) -> list[TicketFile]:
    """Name stored files in a ticket, under its lock.

    Writes: one row each, one audit entry each. Refuses: too_many_files, file_gone.
    """
    if not files:
        return []
    there = TicketFile.objects.filter(ticket=ticket).count()
    if there + len(files) > MOST_OF_TICKET:
        raise Invalid(f"一张单最多 {MOST_OF_TICKET} 个附件，已有 {there} 个。", code="too_many_files", field="files")
    gone = [one.name for one in files if not storing.hold(one)]
    if gone:
        raise Invalid(f"“{gone[0]}”放得太久，请重新选一次。", code="file_gone", field="files")
    scan = ScanState.PENDING if settings.SCANNER else ScanState.UNSCANNED
    assert event.actor is not None
    rows = [
        TicketFile(
            ticket=ticket, event=event, visibility=visibility, actor=event.actor, side=event.side,
            organisation_id=event.organisation_id, added_at=at, scan=scan, **vars(one),
        )
        for one in files
    ]  # fmt: skip
    for row in rows:
        row.save(force_insert=True)
        audit.record(actor=event.actor, act="ticket_file.added", on=row, after=_said(row))
    return rows


def change_visibility(
    *, actor: Account, ticket: Ticket, key: str, visibility: str, sides: frozenset[str]
) -> dict[str, Any]:
    """Show a file to more or to fewer, under the ticket's lock; gives what the event says of it.

    Writes: the row, audit. Refuses: not_found (also for what the actor may not see), unchanged.
    """
    found = TicketFile.objects.select_for_update().filter(ticket=ticket, key=key)
    row = found.filter(access.readable(actor, ticket, sides)).first()
    if row is None:
        raise NotFound("没有找到这个附件。", code="not_found", field="file")
    before = row.visibility
    if visibility == before:
        raise Invalid("可见范围没有变。", code="unchanged", field="visibility")
    row.visibility = visibility
    row.save(update_fields=["visibility"])
    audit.record(
        actor=actor,
        act="ticket_file.visibility",
        on=row,
        before={"visibility": before},
        after={"visibility": visibility},
    )
    labels = dict(Visibility.choices)
    return {"name": row.name, "before": labels[before], "after": labels[visibility]}


def drop(*, actor: Account, ticket: Ticket, keys: Iterable[str]) -> None:
    """Take files off a draft; their bytes go with the next tidying. Call for drafts only: what was submitted stays."""
    for row in TicketFile.objects.filter(ticket=ticket, key__in=list(keys)):
        audit.record(actor=actor, act="ticket_file.dropped", on=row, before=_said(row))
        row.delete()


def _said(row: TicketFile) -> dict[str, Any]:
    return {
        "ticket": str(row.ticket), "name": row.name, "size": row.size, "sha256": row.sha256,
        "original_sha256": row.original_sha256, "visibility": row.visibility,
    }  # fmt: skip
