"""Tasks drain; a hint never makes anybody wait and never fails."""

import datetime as dt
import time

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from supplies import tasks
from supplies.models import RequestKey


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(tasks, "_resting_until", 0.0)


def test_a_hint_without_a_broker_does_nothing(settings, monkeypatch):
    settings.REDIS_URL = ""
    monkeypatch.setattr(tasks.refresh_daily_totals, "apply_async", lambda **_: pytest.fail("published"))
    tasks.hint()


def test_a_hint_to_a_dead_broker_is_lost_quickly_and_quietly(settings, monkeypatch):
    calls = []

    def refused(**options):
        calls.append(options)
        raise tasks.OperationalError("connection refused")

    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(tasks.refresh_daily_totals, "apply_async", refused)
    began = time.monotonic()
    for _ in range(50):
        tasks.hint()
    assert time.monotonic() - began < 0.5
    assert len(calls) == 1
    assert calls[0]["retry"] is False


@pytest.mark.django_db
def test_the_drain_may_run_with_nothing_to_do():
    tasks.refresh_daily_totals()


@pytest.mark.django_db
def test_keys_live_seven_days():
    """R6, details: keys belong to the account and live 7 days."""
    account = get_user_model().objects.create(username="machine")
    for key, days in {"old": 8, "young": 6}.items():
        at = timezone.now() - dt.timedelta(days=days)
        RequestKey.objects.create(actor=account, key=key, body_sha256="0" * 64, status=201, answer={}, created_at=at)
    tasks.tidy()
    assert list(RequestKey.objects.values_list("key", flat=True)) == ["young"]
