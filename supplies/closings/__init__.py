"""Closing days: freeze their totals, close and open them again, and ask what was frozen (R13)."""

from supplies.closings import snapshots
from supplies.closings.closing import close, reopen
from supplies.closings.state import Closure, closures, is_closed
from supplies.closings.timetable import close_due, due

__all__ = ["Closure", "close", "close_due", "closures", "due", "is_closed", "reopen", "snapshots"]
