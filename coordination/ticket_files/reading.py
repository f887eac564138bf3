"""Files as a reader may know them: closed unless opened, and asked anew at each download."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from coordination import access
from coordination.choices import ScanState, Visibility
from coordination.models import Ticket, TicketFile, WorkOrder
from coordination.rules.file_kinds import KINDS, Kind
from coordination.ticket_files import storing
from enterprises import audit
from enterprises.errors import Conflict, NotFound
from enterprises.models import Account


@dataclass(frozen=True)
class Row:
    """One file in a list. `why_closed` says why it cannot be had now; empty where it can."""

    file: TicketFile
    kind: Kind
    why_closed: str
    is_enterprise: bool

    @property
    def is_public(self) -> bool:
        return self.file.visibility == Visibility.ENTERPRISE

    @property
    def can_be_looked_at(self) -> bool:
        """Whether the browser may show it: only pictures we made ourselves."""
        return self.kind.is_picture and not self.why_closed


def listed(account: Account, ticket: Ticket, sides: frozenset[str]) -> list[Row]:
    """What the account may know of, in the order in which it came. One query."""
    found = TicketFile.objects.filter(ticket=ticket).filter(access.readable(account, ticket, sides))
    is_enterprise = access.is_enterprise(sides)
    return [_row(one, is_enterprise) for one in found.select_related("actor", "organisation", "event")]


def given(account: Account, ticket: Ticket, key: str) -> tuple[TicketFile, Path]:
    """One file to be downloaded, with where it lies; who had it stands in the audit.

    Refuses: not_found alike for a missing file and one the account may not know of; not_scanned, infected.
    """
    orders = list(WorkOrder.objects.filter(ticket=ticket))
    sides = access.sides(account, ticket, orders)
    found = TicketFile.objects.filter(ticket=ticket, key=key).filter(access.readable(account, ticket, sides)).first()
    if found is None:
        raise NotFound("没有找到这个附件。", field="file")
    row = _row(found, access.is_enterprise(sides))
    if row.why_closed:
        code = "infected" if found.scan == ScanState.INFECTED else "not_scanned"
        raise Conflict(f"“{found.name}”{row.why_closed}。", code=code, field="file")
    place = storing.path(found.key)
    if not place.is_file():
        raise NotFound("这个附件的文件不在存储里，请联系管理员。", code="file_missing", field="file")
    audit.record(actor=account, act="ticket_file.given", on=found)
    return found, place


def described(rows: list[Row]) -> list[dict[str, Any]]:
    """Files as REST rows; to the enterprise nothing of who may see them and how they were looked into."""
    return [_described(row) for row in rows]


def _described(row: Row) -> dict[str, Any]:
    file = row.file
    said: dict[str, Any] = {
        "key": file.key, "name": file.name, "kind": row.kind.word, "content_type": row.kind.content_type,
        "size": file.size, "sha256": file.sha256, "seq": file.event.seq,
        "added_at": timezone.localtime(file.added_at).isoformat(),
        "url": reverse("api:ticket_file", args=[str(file.ticket), file.key]), "is_available": not row.why_closed,
    }  # fmt: skip
    if row.is_enterprise:
        return said
    return said | {"visibility": file.visibility, "scan": file.scan, "original_sha256": file.original_sha256}


def _row(file: TicketFile, is_enterprise: bool) -> Row:
    why = ""
    if file.scan == ScanState.INFECTED:
        why = "查出病毒，已封存"
    elif settings.SCANNER and file.scan != ScanState.CLEAN and is_enterprise:
        why = "正在检查，请过几分钟再来"
    return Row(file, KINDS[file.kind], why, is_enterprise)
