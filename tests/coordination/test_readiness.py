"""What is degraded: the schedule when its heartbeat is late, the totals when marks wait, the broker when it is away."""

import datetime as dt

import pytest
from django.utils import timezone

from coordination import readiness, tasks
from coordination.models import Job
from enterprises.models import StaleMark

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(settings):
    settings.REDIS_URL = ""
    return timezone.now()


def after(now, **delta):
    return readiness.current(now=now + dt.timedelta(**delta)).degraded


def test_nothing_is_degraded_right_after_a_heartbeat(now):
    readiness.beat(now=now)
    assert after(now, seconds=14) == []


def test_the_schedule_is_late_without_a_heartbeat_or_with_an_old_one(now):
    assert after(now) == ["schedule_late"]
    readiness.beat(now=now)
    assert after(now, seconds=16) == ["schedule_late"]


def test_beating_again_keeps_one_row(now):
    tasks.beat()
    tasks.beat()
    assert Job.objects.filter(kind="beat").count() == 1


def test_totals_are_behind_when_a_mark_waits_longer_than_half_a_minute(now):
    readiness.beat(now=now)
    day = dt.date(2020, 3, 1)
    mark = StaleMark.objects.create(from_day=day, to_day=day, cause="test")
    StaleMark.objects.filter(pk=mark.pk).update(created_at=now - dt.timedelta(seconds=31))
    assert after(now) == ["totals_behind"]
    assert readiness.current(now=now).pending_marks == 1


def test_a_broker_that_does_not_answer_is_told(now, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    readiness.beat(now=now)
    assert after(now) == ["broker"]
