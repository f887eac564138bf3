"""Without a broker the schedule does due tasks itself, and goes on whatever happens to one of them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from coordination.schedule import LocalScheduler, PublishingScheduler

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def app():
    """A Celery app of the test's own, with a timetable of two tasks, one of which always fails."""
    app = Celery("test", broker="redis://127.0.0.1:1/0", set_as_current=False)
    app.done = []

    @app.task(name="fails", shared=False)
    def fails():
        app.done.append("fails")
        raise RuntimeError("it always does")

    @app.task(name="works", shared=False)
    def works(what):
        app.done.append(what)

    app.conf.beat_schedule = {
        "fails": {"task": "fails", "schedule": 0.01},
        "works": {"task": "works", "schedule": 0.01, "args": ("worked",)},
    }
    return app


def ticks(scheduler, seconds=0.3):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(max(0.0, min(scheduler.tick(), 0.02)))


@pytest.mark.django_db
def test_does_due_tasks_in_its_own_process_without_any_broker(app):
    ticks(LocalScheduler(app=app))
    assert app.done.count("worked") >= 3


@pytest.mark.django_db
def test_a_task_that_fails_does_not_stop_the_others(app):
    ticks(LocalScheduler(app=app))
    assert app.done.count("fails") >= 3
    assert app.done.count("worked") >= 3


@pytest.mark.django_db
def test_a_task_that_keeps_failing_is_told_with_its_trace_once(app, caplog):
    ticks(LocalScheduler(app=app))
    told = [record for record in caplog.records if record.getMessage() == "task failed: RuntimeError"]
    assert len(told) >= 3
    assert [bool(record.exc_info) for record in told][:3] == [True, False, False]


@pytest.mark.django_db
def test_with_a_broker_that_is_away_tasks_are_done_here(app, caplog):
    app.conf.broker_transport_options = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
    ticks(PublishingScheduler(app=app), 1.0)
    assert app.done.count("worked") >= 2
    assert [r.getMessage() for r in caplog.records].count("broker is away, doing tasks here: OperationalError") == 1


@pytest.mark.django_db
def test_with_a_broker_tasks_are_published_and_not_done_here(app, monkeypatch):
    published = []
    monkeypatch.setattr(app.tasks["works"], "apply_async", lambda *args, **options: published.append(args))
    app.conf.beat_schedule.pop("fails")
    ticks(PublishingScheduler(app=app))
    assert len(published) >= 3
    assert app.done == []


@pytest.mark.django_db
def test_a_task_that_cannot_be_published_is_no_outage(app, monkeypatch, caplog):
    def refuse(*args, **options):
        raise TypeError("not a task of ours")

    monkeypatch.setattr(app.tasks["fails"], "apply_async", refuse)
    monkeypatch.setattr(app.tasks["works"], "apply_async", lambda *args, **options: app.done.append("published"))
    ticks(PublishingScheduler(app=app))
    said = {record.getMessage() for record in caplog.records}
    assert said == {"task not published: TypeError"}
    assert set(app.done) == {"published"}


def test_every_entry_of_the_timetable_names_a_task_that_exists():
    from coordination.celery import app as ours

    ours.loader.import_default_modules()
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert named - set(ours.tasks) == set()


def test_looks_at_the_clock_at_least_every_second(app):
    assert LocalScheduler(app=app).max_interval <= 1


@pytest.mark.slow
def test_the_process_ends_on_sigterm_and_leaves_no_file(tmp_path):
    given = {**os.environ, "DATABASE_URL": "", "REDIS_URL": "", "BAOGONG_VAR": str(tmp_path), "LOG_LEVEL": "INFO"}
    command = [sys.executable, "-m", "celery", "--workdir", str(ROOT), "-A", "coordination", "-q", "beat"]
    process = subprocess.Popen(command, cwd=tmp_path, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    # its database is empty, so the first due task tells that the loop runs
    assert any("task failed" in line.decode() for line in process.stdout)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    process.stdout.close()
    assert [path.name for path in tmp_path.iterdir() if "beat" in path.name] == []
