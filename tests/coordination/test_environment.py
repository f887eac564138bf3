"""The environment is read strictly, and a wrong value is told in one line."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from coordination import environment
from coordination.environment import Variable

ROOT = Path(__file__).resolve().parents[2]


def value(reads, text, monkeypatch, *, default=None, is_secret=False):
    monkeypatch.setenv("A_NAME", text)
    row = Variable("A_NAME", reads, default, "everybody", "for tests", is_secret)
    return environment.read([row], Path("no such file"))["A_NAME"]


@pytest.mark.parametrize(
    ("reads", "text", "expected"),
    [
        (environment.flag, "1", True),
        (environment.flag, "off", False),
        (environment.flag, "YES", True),
        (environment.listing, "a, b,,c", ["a", "b", "c"]),
        (environment.whole(1, 65535), "8123", 8123),
        (environment.one_of("json", "text"), "JSON", "json"),
        (environment.rate, "600/min", "600/min"),
        (environment.redis, "redis://:secret@host:6379/0", "redis://:secret@host:6379/0"),
        (
            environment.hosts,
            "a.example, .b.example,192.0.2.7,[::1],*",
            ["a.example", ".b.example", "192.0.2.7", "[::1]", "*"],
        ),
        (environment.address, "0.0.0.0", "0.0.0.0"),
        (environment.address, "::", "::"),
        (environment.origins, "https://*.a.example:8443", ["https://*.a.example:8443"]),
        (environment.origins, "https://a.example, http://b.example:81", ["https://a.example", "http://b.example:81"]),
    ],
)
def test_reads(reads, text, expected, monkeypatch):
    assert value(reads, text, monkeypatch) == expected


@pytest.mark.parametrize(
    ("reads", "text"),
    [
        (environment.flag, "maybe"),
        (environment.whole(1, 65535), "abc"),
        (environment.whole(1, 65535), "0"),
        (environment.whole(1, 65535), "65536"),
        (environment.whole(1, 65535), "８０００"),
        (environment.whole(1, 65535), "-1"),
        (environment.one_of("json", "text"), "xml"),
        (environment.rate, "600"),
        (environment.rate, "0/min"),
        (environment.redis, "http://host"),
        (environment.redis, "redis://"),
        (environment.redis, "redis://host:port/0"),
        (environment.redis, "redis://host:99999/0"),
        (environment.redis, "redis://host/name"),
        (environment.redis, "redis://[::1"),
        (environment.hosts, "https://a.example"),
        (environment.hosts, "a.example:8000"),
        (environment.hosts, "*.a.example"),
        (environment.address, "http://a.example"),
        (environment.address, "a b"),
        (environment.origins, "https://["),
        (environment.origins, "a.example"),
        (environment.origins, "https://a.example/path"),
        (environment.database, "mysql://u:p@h/n"),
        (environment.database, "postgres://u:p@h:5432"),
        (environment.database, "postgres://u:p@h:port/n"),
        (environment.database, "postgres://u:p@[::1/n"),
        (environment.database, "sqlite:///"),
        (environment.folder, "/proc/nothing/here"),
    ],
)
def test_refuses_in_one_line_that_names_the_variable(reads, text, monkeypatch):
    with pytest.raises(SystemExit) as told:
        value(reads, text, monkeypatch)
    assert f"A_NAME={text}" in str(told.value)
    assert "\n" not in str(told.value)


def test_never_shows_a_wrong_secret(monkeypatch):
    with pytest.raises(SystemExit) as told:
        value(environment.database, "mysql://u:hidden-word@h/n", monkeypatch, is_secret=True)
    assert "hidden-word" not in str(told.value)


def test_blank_means_not_given(monkeypatch):
    assert value(environment.flag, "  ", monkeypatch, default=True) is True


def test_the_process_wins_over_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("A_NAME=from-file\nB_NAME=from-file\n")
    monkeypatch.setenv("A_NAME", "from-process")
    monkeypatch.delenv("B_NAME", raising=False)
    rows = [Variable(name, environment.text, "", "everybody", "for tests") for name in ("A_NAME", "B_NAME")]
    assert environment.read(rows, tmp_path / ".env") == {"A_NAME": "from-process", "B_NAME": "from-file"}
    monkeypatch.delenv("B_NAME")


def test_the_kept_secret_is_made_once_and_only_for_its_owner(tmp_path):
    first = environment.kept_secret(tmp_path / "secret_key")
    assert len(first) >= 50
    assert environment.kept_secret(tmp_path / "secret_key") == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_sqlite_is_told_to_keep_what_it_has_acknowledged():
    tuned = environment.tune_database(environment.database("sqlite:////tmp/x.sqlite3"), seconds=15)
    assert tuned["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in tuned["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in tuned["OPTIONS"]["init_command"]


def test_postgresql_statements_end_in_time_at_read_committed():
    tuned = environment.tune_database(environment.database("postgres://u:p@h/n?sslmode=require"), seconds=7)
    assert "statement_timeout=7000" in tuned["OPTIONS"]["options"]
    assert "lock_timeout=5000" in tuned["OPTIONS"]["options"]
    assert tuned["OPTIONS"]["sslmode"] == "require"
    assert tuned["OPTIONS"]["isolation_level"].name == "READ_COMMITTED"
    assert tuned["CONN_HEALTH_CHECKS"] is True


@pytest.mark.parametrize(
    ("name", "text"), [("PORT", "abc"), ("DATABASE_URL", "mysql://x/y"), ("DEBUG", "maybe"), ("MODE", "prod")]
)
def test_a_command_with_a_wrong_setting_ends_with_one_line_and_no_trace(name, text, tmp_path):
    given = {**os.environ, name: text, "BAOGONG_VAR": str(tmp_path)}
    ended = subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, env=given, capture_output=True, text=True)
    assert ended.returncode != 0
    assert len(ended.stderr.strip().splitlines()) == 1
    assert name in ended.stderr
