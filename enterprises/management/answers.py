"""How commands answer people: refusals as plain lines, and what was done on whose authority."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.dateparse import parse_datetime

from enterprises import audit
from enterprises.errors import Invalid, Refused
from enterprises.files import BadRows
from enterprises.rules import days


class Act(BaseCommand):
    """A command that does one act of the operator: refusals end it with exit code 1 and a line each, never a trace."""

    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with self._refusals(), as_operator(self.__module__.rpartition(".")[2]):
            self.act(**options)

    def act(self, **options: Any) -> None:
        raise NotImplementedError

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except BadRows as refused:
            self._say([*map(str, refused.problems), refused.message])
        except Refused as refused:
            self._say([error.message for error in refused.errors])
        except OSError as error:
            self._say([f"读不到文件 {error.filename or ''}：{error.strerror}。"])

    def _say(self, lines: list[str]) -> None:
        for line in lines:
            self.stderr.write(line)
        raise SystemExit(1)


@contextmanager
def as_operator(command: str) -> Iterator[None]:
    """Let the audit say that the acts within came by a command."""
    token = audit.principal.set(f"command:{command}")
    try:
        yield
    finally:
        audit.principal.reset(token)


def a_day(text: str, *, field: str = "") -> dt.date:
    """A day given to a command; refuses invalid."""
    try:
        return days.written(text)
    except ValueError as error:
        raise Invalid(f"{error}。", field=field) from None


def a_moment(text: str | None, *, field: str) -> dt.datetime | None:
    """A moment given to a command, with its offset; refuses moment_offset."""
    if text is None:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid("时间要带时区，例如 2020-03-27T09:00:00+08:00。", code="moment_offset", field=field)
    return found
