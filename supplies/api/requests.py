"""What writing endpoints share: the idempotency key of a request, and its answer (R6)."""

from __future__ import annotations

import hashlib
import re

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises.errors import Invalid
from enterprises.rules import exact_json
from supplies.request_keys import Answered, Key

VISIBLE = re.compile(r"[\x21-\x7e]{1,200}")

IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="重发同一份时用同一个键，七天内只算一次"
)


def key_of(request: Request, body: object) -> Key | None:
    """The key with a digest of what is asked: the same values in any spelling of JSON are the same body."""
    text = request.headers.get("Idempotency-Key")
    if text is None:
        return None
    return Key(visible(text, "Idempotency-Key"), digest(request.path, body))


def visible(text: str, field: str) -> str:
    """The key, if it is one; refuses invalid_key."""
    if not VISIBLE.fullmatch(text):
        raise Invalid(f"{field} 应为 1 到 200 个可见的 ASCII 字符。", code="invalid_key", field=field)
    return text


def digest(path: str, body: object) -> str:
    """What a POST asks for; equal for the same values."""
    said = f"POST {path}\n{exact_json.dumps(body, sort_keys=True)}"
    return hashlib.sha256(said.encode()).hexdigest()


def answered(done: Answered) -> Response:
    """The answer, marked where it was given before."""
    response = Response(done.answer, status=done.status)
    if done.is_replay:
        response["Idempotency-Replayed"] = "true"
    return response
