"""Logs: one line per event, as JSON or as text, with the number of the request and without personal data."""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

from django.apps import apps

EXTRAS = ("method", "path", "status", "milliseconds", "account", "task")
"""What a log call may add with extra=; `account` is the number of the account, never a name or an address."""

# PostgreSQL quotes the offending row in these lines of its errors
_SECRET_PATH = re.compile(r"(?<![\w-])/f/[^/\s]+")
_DETAIL = re.compile(r"^(DETAIL|CONTEXT|HINT):.*$", re.MULTILINE)


def configuration(*, form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to the error stream, in one form (json, text)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "coordination.logs.JsonFormatter"},
            "text": {"()": "coordination.logs.TextFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "axes": {"level": "ERROR"},  # its warnings name people and addresses
            "celery.app.trace": {"level": "WARNING"},  # a line or two a second about nothing
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "django.security.DisallowedHost": {
                "level": "CRITICAL"
            },  # anybody may ask by a wrong name; it is answered 400
            "django.request": {"level": "ERROR"},  # 4xx answers are in the access line already
            "django.server": {"handlers": [], "propagate": False},
            "waitress.queue": {"level": "ERROR"},
        },
    }


def _request_id() -> str:
    """The number of the request under way; logging is set up before the apps are, hence the late import."""
    if not apps.models_ready:
        return ""
    from enterprises.audit import request_id

    return request_id.get()


def discreet(text: str) -> str:
    """The text without the secret of a filing link.

    >>> discreet("Not Found: /f/AbCdEfGhIjKlMnOpQrStUv/")
    'Not Found: /f/…/'
    """
    return _SECRET_PATH.sub("/f/…", text)


def event(record: logging.LogRecord) -> dict[str, Any]:
    """The parts of one event, absent ones left out."""
    found: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": discreet(record.getMessage()),
        "request_id": _request_id(),
        **{name: getattr(record, name, None) for name in EXTRAS},
    }
    if record.exc_info and record.exc_info[1]:
        found["exception"] = discreet(
            _DETAIL.sub(r"\1: (left out)", "".join(traceback.format_exception(record.exc_info[1])))
        )
    return {name: value for name, value in found.items() if value not in (None, "")}


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for collectors."""

    def format(self, record: logging.LogRecord) -> str:
        """The event as JSON."""
        return json.dumps(event(record), ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """One readable line, for a terminal; an exception follows it."""

    def format(self, record: logging.LogRecord) -> str:
        """The event as text."""
        found = event(record)
        extras = " ".join(f"{name}={found[name]}" for name in EXTRAS if name in found)
        line = f"{found['level']} {found['logger']} {found['message']} {extras}".rstrip()
        return f"{line}\n{found['exception']}" if "exception" in found else line
