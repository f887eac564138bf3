"""For machines: healthz asks nobody, readyz fails only without the database, metrics are not for the public."""

import pytest
from django.db import OperationalError

from coordination import readiness


def test_healthz_asks_no_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_readyz_is_200_and_says_what_is_degraded(client, settings):
    settings.REDIS_URL = ""
    assert client.get("/readyz").json() == {"status": "degraded", "degraded": ["schedule_late"]}
    readiness.beat()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "degraded": []})


def test_readyz_is_503_without_the_database(client, monkeypatch):
    def away():
        raise OperationalError("connection refused")

    monkeypatch.setattr(readiness, "database_answers", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "down", "degraded": ["database"]}
    assert answer["Retry-After"]


@pytest.mark.django_db
def test_metrics_are_gauges_in_the_form_of_prometheus(client):
    readiness.beat()
    lines = client.get("/metrics").content.decode().splitlines()
    assert "baogong_stale_marks 0" in lines
    assert "# TYPE baogong_revisions_today gauge" in lines


@pytest.mark.django_db
def test_metrics_answer_this_machine_only(client):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


@pytest.mark.django_db
def test_metrics_answer_the_holder_of_the_token_from_anywhere(client, settings):
    settings.METRICS_TOKEN = "a-token"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-token"}, REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 200
