"""Error pages: a plain Chinese page for people, problem details (RFC 9457) for programs, never a trace."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import TemplateDoesNotExist, loader
from django.utils import timezone
from django.views.decorators.csrf import requires_csrf_token

from enterprises import audit
from enterprises.errors import Refused

RETRY_SECONDS = 5
TITLES = {
    400: ("bad_request", "请求无法理解，请返回上一页重试。"),
    403: ("forbidden", "您的账号没有这项权限。"),
    404: ("not_found", "没有找到这个页面。"),
    429: ("locked", "登录失败次数过多，请十五分钟后再试。"),
    500: ("error", "系统出错了，已经记录。您填写的内容没有提交成功，请稍后再试。"),
    503: ("unavailable", "系统暂时不可用，请稍等几秒再试。"),
}


def answer(request: HttpRequest, status: int, *, message: str = "") -> HttpResponse:
    """The error as a page or, under /api/, as problem details. Asks neither session nor database."""
    code, usual = TITLES[status]
    message = message or usual
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": message,
            "status": status,
            "detail": message,
            "code": code,
            "errors": [{"field": "", "code": code, "message": message}],
            "request_id": audit.request_id.get(),
        }
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    return HttpResponse(_page(status, message), status=status)


def _page(status: int, message: str) -> str:
    context = {"status": status, "message": message, "number": audit.request_id.get(), "now": timezone.now()}
    try:
        return loader.render_to_string([f"{status}.html", "error.html"], context)
    except TemplateDoesNotExist:
        head = f'<!doctype html><html lang="zh-hans"><meta charset="utf-8"><title>{status}</title>'
        return f"{head}<p>{message}</p></html>"


def _reason(exception: Exception) -> str:
    """What one of our acts said; nothing of what frameworks say in English."""
    return str(exception.__cause__) if isinstance(exception.__cause__, Refused) else ""


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, with the reason where an act of ours refused."""
    return answer(request, 400, message=_reason(exception))


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return answer(request, 403)


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return answer(request, 404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 when it is the database that is away, too busy or too slow, for then trying again helps."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError) and "no such" not in str(error):
        response = answer(request, 503)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    return answer(request, 500)


@login_not_required
@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was open longer than its sign-in, or came from elsewhere."""
    return answer(request, 403, message="页面停留过久或来源不明，没有提交。请返回上一页刷新后再提交。")


def locked_out(request: HttpRequest, original: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """429 for a person and address that failed to sign in too often."""
    response = answer(request, 429)
    response["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME * 3600))
    return response
