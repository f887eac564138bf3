"""Moments of knowledge: what is written takes its moment while it holds the lock that a closing waits for (R13, R14).

A snapshot says what the system knew at a moment, for ever. So no writer may commit, after that moment was taken, a row
that claims to have been known before: writers share a lock from before their moment until they have committed, and a
closing takes it alone. SQLite has one writer at a time anyway, whose transactions begin as writers.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone

LOCK = 20200123
"""Number of the advisory lock (PostgreSQL)."""


def moment() -> dt.datetime:
    """The moment of a writing transaction; it is held open to a closing until the transaction ends."""
    _lock("pg_advisory_xact_lock_shared")
    return timezone.now()


def closing_moment() -> dt.datetime:
    """A moment after all writers under way have ended and before any other begins. Holds until the transaction ends."""
    _lock("pg_advisory_xact_lock")
    return timezone.now()


def _lock(function: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [LOCK])
