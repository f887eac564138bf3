"""The only error shape of the API: problem details (RFC 9457) with a list of {field, code, message}."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.views import set_rollback

from enterprises import audit
from enterprises.errors import FieldError, Forbidden, Invalid, NotFound, Refused
from enterprises.rules import exact_json

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 5

TITLES = {
    400: "请求无法理解",
    401: "需要令牌",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种请求方法",
    406: "不支持要求的格式",
    409: "与已有内容冲突",
    413: "正文太大",
    415: "正文类型不支持",
    422: "内容不能接受",
    429: "请求太频繁",
    503: "暂时不可用",
    507: "存储已满",
}
MESSAGES = {
    "authentication_failed": "令牌无效、已过期或已吊销。",
    "method_not_allowed": "这个地址不支持这种请求方法。",
    "not_acceptable": "这里只回答 JSON。",
    "not_authenticated": "请在 Authorization 里带上 Bearer 令牌。",
    "not_found": "没有找到。",
    "parse_error": "正文读不出来。",
    "permission_denied": "您的账号没有这项权限。",
    "throttled": "请求太频繁，请稍后再试。",
    "unsupported_media_type": "正文要用 application/json（UTF-8）。",
}
"""Chinese for what the framework says; what we raise ourselves brings its own words."""


def handler(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """The answer to an exception; None for a bug, which stays loud."""
    answer = _answer(exc)
    if answer is not None:
        set_rollback()
    return answer


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[FieldError] | None = None,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """Problem details. `errors` defaults to the one reason without a field."""
    body = details(status, code, detail, errors=errors or [FieldError("", code, detail)], extra=extra)
    return HttpResponse(exact_json.dumps(body), status=status, content_type=CONTENT_TYPE, headers=headers)


def details(
    status: int, code: str, detail: str, *, errors: list[FieldError], extra: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The body of problem details, for an answer of its own or as part of a larger one."""
    return {
        "type": "about:blank",
        "title": TITLES.get(status, HTTPStatus(status).phrase),
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [{"field": e.field, "code": e.code, "message": e.message} for e in errors],
        "request_id": audit.request_id.get(),
        **(extra or {}),
    }


def refusal(refused: Refused) -> dict[str, Any]:
    """Problem details of one refusal."""
    return details(refused.status, refused.code, refused.message, errors=refused.errors, extra=refused.extra)


def _answer(exc: Exception) -> HttpResponse | None:
    if isinstance(exc, Refused):
        return problem(exc.status, exc.code, exc.message, errors=exc.errors, extra=exc.extra)
    if isinstance(exc, exceptions.APIException):
        return _framework(exc)
    if isinstance(exc, Http404):
        return _answer(NotFound())
    if isinstance(exc, PermissionDenied):
        return _answer(Forbidden())
    if isinstance(exc, RequestDataTooBig):
        return problem(413, "too_large", TITLES[413] + "。")
    if isinstance(exc, SuspiciousOperation):
        return problem(400, "bad_request", TITLES[400] + "。")
    if isinstance(exc, DataError):
        return _answer(Invalid())
    # a missing table is a bug of ours; everything else that ails a database passes
    if isinstance(exc, OperationalError | InterfaceError) and "no such" not in str(exc):
        detail = "系统暂时不可用，请稍后用同一个 Idempotency-Key 再试；已经成功的不会做两次。"
        return problem(503, "unavailable", detail, headers={"Retry-After": str(RETRY_SECONDS)})
    return None


def _framework(exc: exceptions.APIException) -> HttpResponse:
    """DRF's own exceptions; what we raised with words of our own keeps them."""
    codes = exc.get_codes()
    code = codes if isinstance(codes, str) else "invalid"
    detail = MESSAGES.get(code) or str(exc.detail)
    headers = {}
    if (challenge := getattr(exc, "auth_header", None)) is not None:
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    return problem(exc.status_code, code, detail, headers=headers)
