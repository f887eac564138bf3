"""The timetable without a broker: due tasks are done in the process of the schedule instead of being published."""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from django.db import close_old_connections

log = logging.getLogger(__name__)


class LocalScheduler(Scheduler):
    """Does due tasks itself, one after another. Tasks are short (a slice of at most a second) and safe to do twice.

    The schedule is kept in memory only: what was missed is found from the database, not from here.
    """

    max_interval = 1
    producer = None  # nothing is published, so no connection is ever made

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Do one task. Its failure is logged and is nobody else's: the loop goes on."""
        close_old_connections()
        try:
            self.app.tasks[entry.task](*entry.args, **entry.kwargs)
        except Exception:
            log.exception("task failed", extra={"task": entry.task})
        finally:
            close_old_connections()
