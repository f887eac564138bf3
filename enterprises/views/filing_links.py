"""The printed door: whoever scans an enterprise's code enters its PIN and may file, nothing else."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from enterprises import filing_links
from enterprises.errors import NotFound, Refused
from enterprises.filing_links import SESSION
from enterprises.models import FilingLink

COOKIE = "filing_door"
"""The token on the device that used it, so that an ended session asks for the PIN and not for a new scan.

Sent to the sign-in page alone, where ended sessions arrive.
"""

COOKIE_PATH = "/accounts/login/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """The page of one link: whose it is, and its PIN. The right PIN leads to ?next= or the enterprise's own page."""
    following = _following(request)
    try:
        link = filing_links.find(token)
        if request.session.get(SESSION) == link.pk:
            return redirect(following)
        shown = {"link": link, "next": following, "login": settings.LOGIN_URL}
        if request.method != "POST":
            return _page(request, link, shown, status=200)
        try:
            account = filing_links.open_with(link, request.POST.get("pin", "")[:40])
        except NotFound:
            raise
        except Refused as refused:
            return _page(request, link, {**shown, "refused": refused}, status=refused.status)
    except NotFound:
        answer = render(request, "accounts/filing_link.html", {"link": None}, status=404)
        answer.delete_cookie(COOKIE, path=COOKIE_PATH)
        return answer
    login(request, account, backend=BACKEND)
    request.session[SESSION] = link.pk
    answer = redirect(following)
    answer.set_cookie(
        COOKIE,
        token,
        expires=link.expires_at,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
        path=COOKIE_PATH,
    )
    return answer


def known_door(request: HttpRequest) -> str | None:
    """The token that this device used before, if its link still opens."""
    token = request.COOKIES.get(COOKIE, "")
    if not token:
        return None
    try:
        filing_links.find(token)
    except NotFound:
        return None
    return token


def _page(request: HttpRequest, link: FilingLink, shown: dict[str, object], *, status: int) -> HttpResponse:
    # a wrong PIN has just changed it
    link.refresh_from_db(fields=["failures", "locked_until"])
    until = link.locked_until
    shown |= {"until": until if until is not None and until > timezone.now() else None}
    shown |= {"is_used_up": filing_links.is_used_up(link)}
    return render(request, "accounts/filing_link.html", shown, status=status)


def _following(request: HttpRequest) -> str:
    """Where to go once inside: an address of this server, or its first page, which leads to the enterprise's own."""
    wanted = (request.POST.get("next") or request.GET.get("next") or "")[:500]
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours and not wanted.startswith("/f/") else "/"
