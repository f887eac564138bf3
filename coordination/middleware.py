"""What happens around every request: its number and log line, the end of its session, no caching."""

from __future__ import annotations

import ipaddress
import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from coordination import logs, setup
from enterprises import audit, filing_links
from enterprises.choices import TokenScope
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.filing_links import SESSION as FILING_SESSION

Answerer = Callable[[HttpRequest], HttpResponse]

access_log = logging.getLogger("coordination.access")
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_UNLOGGED = ("/healthz", "/readyz", "/metrics", "/static/")


def client_address(request: HttpRequest) -> str:
    """The address of the client: what the outermost trusted proxy saw, and nothing that a client wrote itself."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    if settings.PROXY_COUNT and len(hops) >= settings.PROXY_COUNT:
        try:
            return str(ipaddress.ip_address(hops[-settings.PROXY_COUNT]))
        except ValueError:
            pass
    return str(request.META.get("REMOTE_ADDR", ""))


class RequestIdMiddleware:
    """Gives the request a number: in the answer, in every log line, in the audit. Writes the access line."""

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        number = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        numbered, came_in = audit.request_id.set(number), audit.principal.set("session")
        started = time.monotonic()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = number
            if not request.path.startswith(_UNLOGGED):
                self._log(request, response, started)
            return response
        finally:
            audit.request_id.reset(numbered)
            audit.principal.reset(came_in)

    @staticmethod
    def _log(request: HttpRequest, response: HttpResponse, started: float) -> None:
        # the path without its query, which may hold what people searched for; the account's number, not its name
        access_log.info(
            "request",
            extra={
                "method": request.method,
                "path": logs.discreet(request.path),
                "status": response.status_code,
                "milliseconds": round((time.monotonic() - started) * 1000),
                "account": request.META.get("ACCOUNT_ID"),
            },
        )


class SessionLimitMiddleware:
    """Ends a signed-in session that was idle too long or is too old; stands after the authentication middleware.

    Writes the session at most once a minute, so that reading pages does not mean writing.
    """

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            self._limit(request)
        response = self.get_response(request)
        # for the access line: asked here, where the session has been read already
        request.META.setdefault("ACCOUNT_ID", request.session.get(SESSION_KEY))
        return response

    @staticmethod
    def _limit(request: HttpRequest) -> None:
        session, now = request.session, int(time.time())
        seen = session.get("seen_at", now)
        if now - seen > settings.IDLE_SECONDS or now - session.get("started_at", now) > settings.SESSION_COOKIE_AGE:
            logout(request)
            return
        session.setdefault("started_at", now)
        if now - seen >= 60 or "seen_at" not in session:
            session["seen_at"] = now


class FilingLinkMiddleware:
    """Bounds a session that a filing link opened: filing pages only, and only while the link lives.

    Closed unless opened: a route that is not in FILING is forbidden, whatever its view would allow. The account's
    abilities are cut down to filing as a token's are, so that a page shows nothing beyond it either.
    """

    FILING = frozenset(
        {
            "coordination:dashboard:home",
            "accounts:logout",
            "accounts:login",
            "filing_links:enter",
            "healthz",
            "supplies:daily_reports:mine",
            "supplies:daily_reports:edit",
            "supplies:daily_reports:draft",
            "supplies:daily_reports:receipt",
            "supplies:daily_reports:revisions",
            "supplies:proposals:look",
            "supplies:proposals:accept",
            "supplies:proposals:decline",
        }
    )
    """Routes that are open to whoever came in by a link."""

    SCOPES = frozenset({TokenScope.REPORTS_WRITE, TokenScope.REPORTS_READ})

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, arguments: object, named: object
    ) -> HttpResponseBase | None:
        """Nothing for other sessions; a session whose link has ended is signed out and led to the sign-in page."""
        if SESSION_KEY not in request.session or FILING_SESSION not in request.session:
            return None
        link = filing_links.session_link(request.session[FILING_SESSION])
        if link is None or link.account_id != request.user.pk:
            logout(request)
            return redirect_to_login(request.get_full_path())
        request.user.token_scopes = self.SCOPES  # type: ignore[attr-defined]
        audit.principal.set(f"link:{link.pk}")
        route = request.resolver_match.view_name if request.resolver_match is not None else ""
        if route not in self.FILING:
            raise PermissionDenied("填报码只能用来填报日报。")
        return None


class NoStoreMiddleware:
    """Keeps answers out of caches: no store, unless the view set an ETag or its own rule."""

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        rule = "private, no-cache" if response.has_header("ETag") else "private, no-store"
        response.setdefault("Cache-Control", rule)
        return response


class RefusalMiddleware:
    """A refusal that a page did not answer itself becomes 404, 403 or 400 with the page of that number."""

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    @staticmethod
    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Nothing for what is no refusal. Where there are no divisions yet the first page says what to do."""
        if isinstance(exception, NotFound) and exception.code == "no_divisions" and not setup.is_begun():
            return redirect("/")
        if isinstance(exception, NotFound):
            raise Http404(str(exception)) from exception
        if isinstance(exception, Forbidden):
            raise PermissionDenied(str(exception)) from exception
        if isinstance(exception, Refused):
            raise BadRequest(str(exception)) from exception
        return None


class StorableTextMiddleware:
    """No database keeps the character NUL, and nobody types it: pages of the liaison desk take words without it.

    Where figures and facts are given it is refused with its field instead: nothing is guessed there (R16).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        rooms = request.resolver_match.namespaces if request.resolver_match else []
        if "coordination" not in rooms or "dashboard" in rooms:
            return
        if any(isinstance(value, str) and "\0" in value for value in kwargs.values()):
            raise Http404
        request.GET = _without_nul(request.GET)  # type: ignore[assignment]
        if request.method == "POST":
            request.POST = _without_nul(request.POST)  # type: ignore[assignment]


def _without_nul(given: QueryDict) -> QueryDict:
    if not any("\0" in str(value) for _, values in given.lists() for value in values):
        return given
    cleaned = given.copy()
    for name, values in given.lists():
        cleaned.setlist(name, [str(value).replace("\0", "") for value in values])
    return cleaned
