"""Closing days: freeze their totals, close and open them again, and ask what was frozen (R13)."""

from supplies.closings import snapshots
from supplies.closings.closing import close, reopen
from supplies.closings.state import Closure, closures, is_closed

__all__ = ["Closure", "close", "closures", "is_closed", "reopen", "snapshots"]
