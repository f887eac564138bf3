"""What every test stands on: settings made quick, a database whose history may be wiped between tests, a browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import testcases

from tests import environment, machine, templates

assert environment.ROOT  # importing it is what prepares the run

pytest_plugins = ["tests.cast"]

_sql_flush = DatabaseOperations.sql_flush


def pytest_configure(config: pytest.Config) -> None:
    """Cheap passwords, no disk syncs, plain static files; one test database per worker, in a file on SQLite.

    (In memory it would be shared between threads with other locks than production has.)
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{os.getpid()}-{worker}"
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        options = database["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
        database.setdefault("TEST", {})["NAME"] = str(settings.VAR_DIR / "test.sqlite3")
    DatabaseOperations.sql_flush = _forgetful_flush  # type: ignore[method-assign]
    # our own configuration of the app hides it from the live server, which then would serve collected files only
    testcases._StaticFilesHandler = StaticFilesHandler  # type: ignore[misc]


def _forgetful_flush(self: DatabaseOperations, style: Any, tables: Any, **options: Any) -> list[str]:
    """Wiping the test database includes the tables whose triggers forbid it; post_migrate puts the triggers back."""
    statements = _sql_flush(self, style, tables, **options)
    if not statements:
        return statements
    with self.connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'baogong\\_%' ESCAPE '\\'")
        return [*(f'DROP TRIGGER "{name}"' for (name,) in cursor.fetchall()), *statements]


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """Whether the database is already there: SQLite's is copied from a template of the same migrations."""
    database = settings.DATABASES["default"]
    return database["ENGINE"].endswith("sqlite3") and templates.take(database["TEST"]["NAME"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_keepdb: bool, django_db_blocker: Any) -> None:
    """The first run after a change of migrations leaves the template for the others."""
    if connection.vendor == "sqlite" and not django_db_keepdb:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            templates.keep(cursor)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A running Chromium; skips where there is none."""
    program = os.environ.get("CHROMIUM") or machine.chromium()
    if program is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # its event loop runs in this thread, beside our queries
    with playwright.sync_playwright() as started:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = started.chromium.launch(executable_path=program, args=sandbox)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages of a live server, each in a session of its own: open_page(390, "/accounts/login/").

    At the end of the test no page may have asked another host for anything, nor have had a script fail.
    """
    faults: list[str] = []
    contexts = []

    def open_one(width: int, path: str = "/", *, height: int = 900) -> Any:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            bypass_csp=False,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: _is_foreign(request.url, live_server.url) and faults.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []


def _is_foreign(url: str, home: str) -> bool:
    return not url.startswith((home, "data:", "blob:", "about:"))
