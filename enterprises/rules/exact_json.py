"""Pure: JSON that never passes through a binary float (R16): Decimals go out as numbers, numbers come as literals."""

from __future__ import annotations

import json
import re
import secrets
from decimal import Decimal
from typing import Any

_MARK = secrets.token_hex(8)
"""Nobody outside knows it, so no text of a client can pass for a marked number."""

_MARKED = re.compile(rf'"{_MARK}([-.0-9]+)"')


class JsonNumber(str):
    """A number of a JSON text as it stood there: digits, sign, point, exponent; also NaN and Infinity."""

    __slots__ = ()


class DuplicateKey(ValueError):
    """An object of the text has the same key twice, so that nobody can say which value is meant."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def dumps(value: Any, *, sort_keys: bool = False) -> str:
    """JSON text, compact, with Decimals as exact numbers. Floats are refused: they were never exact.

    >>> dumps({"a": Decimal("434.470"), "b": [1, None, True, "中"]})
    '{"a":434.47,"b":[1,null,true,"中"]}'
    >>> dumps(Decimal("1E+3")), dumps(JsonNumber("1.50"))
    ('1000', '"1.50"')
    """
    text = json.dumps(
        value, default=_marked, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=sort_keys
    )
    return _MARKED.sub(r"\1", text) if _MARK in text else text


def plain(value: Decimal) -> str:
    """The decimal without exponent and without trailing zeros.

    >>> plain(Decimal("1.500")), plain(Decimal("1E+3")), plain(Decimal("0.000"))
    ('1.5', '1000', '0')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def loads(text: str) -> Any:
    """A stored answer read back: numbers with a point become Decimal.

    >>> loads(dumps({"a": Decimal("434.47"), "b": 3}))
    {'a': Decimal('434.47'), 'b': 3}
    """
    return json.loads(text, parse_float=Decimal)


def read(text: str) -> Any:
    """A client's text: every number as JsonNumber, whatever its size. Raises ValueError for what is not JSON.

    >>> read('{"a": 1e999, "b": [-0, NaN]}')
    {'a': '1e999', 'b': ['-0', 'NaN']}
    """
    return json.loads(
        text,
        parse_int=JsonNumber,
        parse_float=JsonNumber,
        parse_constant=JsonNumber,
        object_pairs_hook=_single,
    )


def _single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise DuplicateKey(key)
        found[key] = value
    return found


def _marked(value: Any) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return f"{_MARK}{plain(value)}"
    raise TypeError(f"no JSON for {type(value).__name__}")
