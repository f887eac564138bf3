"""Tasks of the middle storey: the drain of the totals, and the hint that calls it early."""

from __future__ import annotations

import datetime as dt
import logging
import time

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from supplies import closings, daily_totals, drafts, reminders, uploads
from supplies.models import RequestKey

log = logging.getLogger(__name__)
KEYS_LIVE = dt.timedelta(days=7)
REST_SECONDS = 5
_resting_until = 0.0


@shared_task
def refresh_daily_totals() -> None:
    """Sum the days that wait; doing it twice or side by side changes nothing."""
    daily_totals.drain()


@shared_task
def close_due() -> None:
    """Close the next day whose set time has come; one at a time (R13)."""
    closings.close_due()


@shared_task
def remind_due() -> None:
    """Write the reminders whose set time has come."""
    reminders.plan_due()


@shared_task
def send_reminders() -> None:
    """Send a few of the messages that wait; no longer than a run may take."""
    reminders.drain()


@shared_task
def complete_snapshots() -> None:
    """Write the snapshots whose makers died; what was known at their moments is the same for ever (R13)."""
    closings.snapshots.freeze_missing()


@shared_task
def tidy() -> None:
    """Delete idempotency keys, drafts and uploads past their seven days (R6)."""
    uploads.tidy()
    drafts.tidy()
    RequestKey.objects.filter(created_at__lt=timezone.now() - KEYS_LIVE).delete()


def hint() -> None:
    """Ask for a drain at once. For edges, after the act; may be lost: the timetable drains every second anyway.

    Never raises, and costs next to nothing: without a broker it does nothing, a dead one is left alone for a while.
    """
    global _resting_until
    if not settings.REDIS_URL or time.monotonic() < _resting_until:
        return
    try:
        refresh_daily_totals.apply_async(retry=False, expires=5)
    except (OperationalError, OSError) as error:
        _resting_until = time.monotonic() + REST_SECONDS
        log.warning("no hint sent: %s", type(error).__name__)
