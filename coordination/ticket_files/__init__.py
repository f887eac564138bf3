"""Files that come with tickets: received with distrust, kept outside the web root, given to whoever may see them."""

from coordination.ticket_files.attaching import add, change_visibility, drop
from coordination.ticket_files.reading import Row, described, given, listed
from coordination.ticket_files.scanning import scan_in_background, scan_next
from coordination.ticket_files.storing import MOST_AT_ONCE, Received, Stored, StoreFull, check, discard, receive, tidy

__all__ = [
    "MOST_AT_ONCE",
    "Received",
    "Row",
    "StoreFull",
    "Stored",
    "add",
    "change_visibility",
    "check",
    "described",
    "discard",
    "drop",
    "given",
    "listed",
    "receive",
    "scan_in_background",
    "scan_next",
    "tidy",
]
