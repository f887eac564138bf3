"""Numbers of common problems: G-001, G-002 ... The row of "year 0" is the lock under which the next one is given."""

from __future__ import annotations

from coordination.models import TicketNumber


def following() -> str:
    """The next number."""
    TicketNumber.objects.get_or_create(year=0)
    row = TicketNumber.objects.select_for_update().get(year=0)
    row.last += 1
    row.save(update_fields=["last"])
    return f"G-{row.last:03d}"
