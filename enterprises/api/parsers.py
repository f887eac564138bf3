"""Reads a JSON body strictly: one meaning per key, numbers as they stand, nothing that cannot be stored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from enterprises.api.query import UNSTORABLE
from enterprises.errors import FieldError, Invalid
from enterprises.rules import exact_json

LARGEST = 1_000_000
"""Bytes of a body; a report of sixty products has about ten thousand."""

DEEPEST = 32


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = f"正文太大，最多 {LARGEST // 1000} KB。"


class StrictJSONParser(BaseParser):
    """application/json in UTF-8. Numbers come as JsonNumber, so that huge and odd ones are judged by their field.

    Refuses: too_large (413), unsupported charset (415), not_json, duplicate_key, too_deep (400), invalid_text (422).
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        charset = re.search(r"charset=[\"']?([\w-]+)", media_type or "", re.IGNORECASE)
        if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
            raise UnsupportedMediaType(media_type or "")
        raw = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise TooLarge
        return read(raw)


def read(raw: bytes) -> Any:
    """The value of a body."""
    try:
        value = exact_json.read(raw.decode())
    except exact_json.DuplicateKey as error:
        shown = UNSTORABLE.sub("?", error.key)[:40]
        raise ParseError(f"JSON 里“{shown}”写了两次。", code="duplicate_key") from None
    except RecursionError:
        raise ParseError("JSON 嵌套太深。", code="too_deep") from None
    except ValueError:
        raise ParseError("正文不是 JSON（UTF-8）。", code="not_json") from None
    faults = []
    for path, depth, text in walk(value):
        if depth > DEEPEST:
            raise ParseError("JSON 嵌套太深。", code="too_deep")
        if text is not None and UNSTORABLE.search(text):
            faults.append(FieldError(UNSTORABLE.sub("?", path), "invalid_text", "文字里有不能保存的字符。"))
    if faults:
        raise Invalid.of(faults[:20])
    return value


def walk(value: Any) -> Iterator[tuple[str, int, str | None]]:
    """Every value with its path and depth, and the text to look at: keys and strings."""
    waiting: list[tuple[str, int, Any]] = [("", 0, value)]
    while waiting:
        path, depth, at = waiting.pop()
        yield path, depth, at if isinstance(at, str) else None
        if isinstance(at, dict):
            for key, below in at.items():
                inner = f"{path}.{key}" if path else key
                yield inner, depth, key
                waiting.append((inner, depth + 1, below))
        elif isinstance(at, list):
            waiting += [(f"{path}[{number}]", depth + 1, below) for number, below in enumerate(at)]
