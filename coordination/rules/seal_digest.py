"""Pure: the digest of a day's records: every row as canonical JSON, in order, hanging on the digest before."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any


def digest(previous: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over the previous digest and a line for each row.

    >>> digest("", [{"b": 1, "a": "甲"}]) == digest("", [{"a": "甲", "b": 1}])
    True
    >>> digest("", [{"a": 1}, {"a": 2}]) == digest("", [{"a": 2}, {"a": 1}])
    False
    """
    total = hashlib.sha256(previous.encode())
    for row in rows:
        total.update(b"\n" + line(row).encode())
    return total.hexdigest()


def line(row: Mapping[str, Any]) -> str:
    """A row on one line, the same on every database.

    >>> line({"at": dt.datetime(2020, 3, 26, 1, 0, tzinfo=dt.UTC), "who": None})
    '{"at":"2020-03-26T01:00:00.000000Z","who":null}'
    """
    return json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"cannot be sealed: {type(value).__name__}")
