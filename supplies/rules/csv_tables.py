"""Pure: a table as CSV that spreadsheet programs open rightly and that no text in it can make compute."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

BOM = "\ufeff"
"""Tells spreadsheet programs that the file is UTF-8."""

COMPUTING = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A text that begins like this would be taken for a formula; an apostrophe before it makes it a text again."""


def csv_table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The text of the file, lines ended as RFC 4180 says.

    >>> csv_table(["a", "b"], [["=1+1", Decimal("434.470")], [None, True], ["x,y", -5]])
    '\\ufeffa,b\\r\\n\\'=1+1,434.47\\r\\n,true\\r\\n"x,y",-5\\r\\n'
    """
    stream = io.StringIO()
    stream.write(BOM)
    writer = csv.writer(stream)
    writer.writerow(heads)
    writer.writerows([cell(value) for value in row] for row in rows)
    return stream.getvalue()


def cell(value: Any) -> str:
    """One value as the file holds it: numbers exact and without exponent, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(COMPUTING) else text
