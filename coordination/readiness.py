"""Readiness: is the database there, does the schedule run, are the totals up to date?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

from coordination.models import Job
from enterprises.models import StaleMark
from supplies.models import Revision

SCHEDULE_LATE = dt.timedelta(seconds=15)
TOTALS_BEHIND = dt.timedelta(seconds=30)
HEARTBEAT = "beat"


@dataclass(frozen=True)
class Readiness:
    """What /readyz and /metrics tell: pending marks, age of the oldest in seconds, seconds since the heartbeat."""

    pending_marks: int
    oldest_mark_seconds: float
    heartbeat_seconds: float | None
    is_broker_away: bool

    @property
    def degraded(self) -> list[str]:
        """What does not work as it should; empty when all is well."""
        late = self.heartbeat_seconds is None or self.heartbeat_seconds > SCHEDULE_LATE.total_seconds()
        behind = self.oldest_mark_seconds > TOTALS_BEHIND.total_seconds()
        found = {"broker": self.is_broker_away, "schedule_late": late, "totals_behind": behind}
        return [name for name, is_so in found.items() if is_so]


def beat(*, now: dt.datetime | None = None) -> None:
    """Say that the schedule runs. Writes: one row of Job."""
    Job.objects.update_or_create(kind=HEARTBEAT, period="", defaults={"done_at": now or timezone.now()})


def database_answers() -> None:
    """Ask the database for anything; raises its error when it is away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def current(*, now: dt.datetime | None = None) -> Readiness:
    """The state of this moment. Raises DatabaseError when the database is away."""
    now = now or timezone.now()
    oldest = StaleMark.objects.order_by("created_at").values_list("created_at", flat=True).first()
    heartbeat = Job.objects.filter(kind=HEARTBEAT, period="").values_list("done_at", flat=True).first()
    return Readiness(
        pending_marks=StaleMark.objects.count(),
        oldest_mark_seconds=(now - oldest).total_seconds() if oldest else 0.0,
        heartbeat_seconds=(now - heartbeat).total_seconds() if heartbeat else None,
        is_broker_away=_is_broker_away(),
    )


def revisions_today(*, now: dt.datetime | None = None) -> int:
    """How many revisions were recorded since midnight."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return Revision.objects.filter(recorded_at__gte=midnight).count()


def _is_broker_away() -> bool:
    if not settings.REDIS_URL:
        return False
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.3, socket_timeout=1) as broker:
            broker.ping()
    except (RedisError, OSError):
        return True
    return False
