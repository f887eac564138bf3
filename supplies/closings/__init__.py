"""Closing days: freeze their totals, close and open them again, and ask what was frozen (R13)."""

from supplies.closings.state import Closure, closures, is_closed

__all__ = ["Closure", "closures", "is_closed"]
