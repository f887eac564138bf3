"""Two ways to keep the timetable: do what is due here (without a broker), or publish it (with one).

Both keep the schedule in memory only: what was missed is found from the database, not from here.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from django.db import close_old_connections
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


class LocalScheduler(Scheduler):
    """Does due tasks itself, one after another. Tasks are short (a slice of at most a second) and safe to do twice."""

    max_interval = 1
    producer = None  # no connection is made beforehand: the loop would wait for a broker that is away

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.failing: set[str] = set()
        super().__init__(*args, **kwargs)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Do one task. Its failure is logged (once with its trace) and is nobody else's: the loop goes on."""
        close_old_connections()
        try:
            self.app.tasks[entry.task](*entry.args, **entry.kwargs)
            self.failing.discard(entry.task)
        except Exception as error:
            first = entry.task not in self.failing
            log.error("task failed: %s", type(error).__name__, exc_info=first, extra={"task": entry.task})
            self.failing.add(entry.task)
        finally:
            close_old_connections()


class PublishingScheduler(LocalScheduler):
    """Publishes due tasks for the workers; while the broker is away it does them itself."""

    broker_is_away = False

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Publish one task, or do it."""
        try:
            self.app.tasks[entry.task].apply_async(entry.args, entry.kwargs, retry=False, **entry.options)
        except (OperationalError, OSError) as error:
            if not self.broker_is_away:
                log.warning("broker is away, doing tasks here: %s", type(error).__name__)
            self.broker_is_away = True
            super().apply_entry(entry)
            return
        except Exception as error:  # not the broker's fault: said, and the loop goes on
            log.error("task not published: %s", type(error).__name__, exc_info=True, extra={"task": entry.task})
            return
        if self.broker_is_away:
            log.warning("broker is back")
        self.broker_is_away = False
