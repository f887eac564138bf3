"""The table of variables is the one place: examples and containers name nothing that it does not know."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
NAMES = [variable.name for variable in settings.VARIABLES]
ONLY_COMPOSE = {"POSTGRES_PASSWORD", "SITE_ADDRESS"}


def seen(**given: str) -> dict[str, object]:
    """Some settings as a fresh process with these variables has them."""
    program = (
        "import json; from coordination import settings as s; "
        "print(json.dumps({n: getattr(s, n) for n in ['MODE', 'PRODUCTION', 'DEMO', 'DEBUG', 'ALLOWED_HOSTS', "
        "'SESSION_COOKIE_SECURE', 'PROXY_COUNT']}))"
    )
    blank = dict.fromkeys(NAMES, "")
    process = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, **blank, "BAOGONG_VAR": str(settings.VAR_DIR), **given},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(process.stdout)


def test_the_table_is_in_order_and_says_everything():
    assert sorted(NAMES) == NAMES
    assert [variable.name for variable in settings.VARIABLES if not (variable.needed_by and variable.meaning)] == []


def test_the_example_names_every_variable():
    named = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named - ONLY_COMPOSE == set(NAMES)


def test_compose_names_only_what_the_table_knows():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert set(compose["x-app"]["environment"]) <= set(NAMES)


def test_a_laptop_needs_nothing_and_answers_only_itself():
    found = seen()
    assert found["MODE"] == "local"
    assert found["DEMO"] is True
    assert found["DEBUG"] is False
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]


@pytest.mark.parametrize(
    "given", [{"ALLOWED_HOSTS": "baogong.example.org"}, {"HTTPS": "1"}, {"HOST": "0.0.0.0"}, {"MODE": "production"}]
)
def test_whatever_can_be_reached_from_elsewhere_is_production(given):
    found = seen(**given)
    assert found["PRODUCTION"] is True
    assert found["DEMO"] is False


def test_a_laptop_may_say_that_it_listens_on_its_network():
    found = seen(MODE="local", HOST="0.0.0.0")
    assert found["PRODUCTION"] is False
    assert "*" in found["ALLOWED_HOSTS"]


def test_behind_tls_cookies_are_secure_and_one_proxy_is_trusted():
    found = seen(HTTPS="1")
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["PROXY_COUNT"] == 1


def test_the_timetable_is_in_order_and_names_real_tasks():
    from coordination.celery import app

    app.loader.import_default_modules()
    assert sorted(settings.CELERY_BEAT_SCHEDULE) == list(settings.CELERY_BEAT_SCHEDULE)
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
