"""Production refuses to start with settings that are unsafe or missing."""

from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model

from coordination import checks


@pytest.fixture
def production(settings):
    """Settings as production wants them."""
    settings.PRODUCTION, settings.DEMO, settings.DEBUG = True, False, False
    settings.SECRET_KEY = "k3-" + "abcdefghijklmnopqrstuvwxyz" * 2
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["baogong.example.org", *settings.LOOPBACK]
    settings.ENV = {**settings.ENV, "WEB_PROCESSES": 1}
    return settings


def codes(found):
    return [message.id.removeprefix("coordination.") for message in found]


def test_accepts_production_as_it_should_be(production):
    assert checks.production_settings() == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("DEBUG", True, "E001"),
        ("SECRET_KEY", "short", "E002"),
        ("SECRET_KEY", "", "E002"),
        ("SECRET_KEY", "a" * 60, "E002"),
        ("SECRET_KEY", "django-insecure-abcdefghijklmnopqrstuvwxyz0123456789abcdefghij", "E002"),
        ("SECURE_SSL_REDIRECT", False, "E003"),
        ("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"], "E004"),
        ("ALLOWED_HOSTS", ["*"], "E004"),
        ("DEMO", True, "E005"),
    ],
)
def test_refuses(production, name, value, code):
    setattr(production, name, value)
    assert codes(checks.production_settings()) == [code]


def test_refuses_several_web_processes_on_one_sqlite_file(production, monkeypatch):
    production.ENV = {**production.ENV, "WEB_PROCESSES": 2}
    monkeypatch.setattr(checks, "connection", SimpleNamespace(vendor="sqlite"))
    assert codes(checks.production_settings()) == ["E007"]
    monkeypatch.setattr(checks, "connection", SimpleNamespace(vendor="postgresql"))
    assert checks.production_settings() == []


def test_a_laptop_may_do_all_that(settings):
    settings.PRODUCTION, settings.DEBUG = False, True
    assert checks.production_settings() == []


@pytest.mark.django_db
def test_refuses_demonstration_accounts_outside_demonstration_mode(settings, capsys):
    get_user_model().objects.create(username="city", is_demonstration=True)
    settings.DEMO = False
    with pytest.raises(SystemExit) as ended:
        checks.refuse_unsafe_start()
    assert ended.value.code == 1
    assert "coordination.E006" in capsys.readouterr().err
    settings.DEMO = True
    checks.refuse_unsafe_start()


@pytest.mark.django_db
def test_refuses_another_isolation_level(monkeypatch, settings):
    settings.DEMO = True
    monkeypatch.setattr(checks, "_isolation", lambda: "repeatable read")
    assert codes(checks.stored_state()) == ["E008"]


def test_a_database_that_is_away_is_not_judged(monkeypatch, settings):
    def away() -> bool:
        raise checks.DatabaseError

    settings.DEMO = False
    monkeypatch.setattr(checks, "_has_demonstration_accounts", away)
    assert checks.stored_state() == []
