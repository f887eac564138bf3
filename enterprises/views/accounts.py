"""Signing in and out, and changing one's password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode

from enterprises import accounts, audit
from enterprises.accounts import DEMONSTRATION_WORD
from enterprises.choices import Role
from enterprises.forms import ChangePasswordForm, SignInForm
from enterprises.views.filing_links import known_door

DEMONSTRATION_ORDER = [
    Role.CITY,
    Role.COUNTY,
    Role.ENTERPRISE,
    Role.LIAISON,
    Role.DEPARTMENT,
    Role.LEADER,
    Role.PROVINCE,
    Role.AUDITOR,
    Role.ADMIN,
]


@dataclass(frozen=True)
class DemonstrationAccount:
    """One identity to try: what to sign in as, in which role, and whose it is."""

    username: str
    role: str
    name: str


class SignIn(LoginView):
    """The sign-in page. The session gets a new key; where to go next must lie on this server."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        audit.record(actor=form.get_user(), act="account.sign_in", on=form.get_user())
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = demonstration_accounts() if settings.DEMO else []
        return super().get_context_data(
            demonstration_accounts=shown, demonstration_word=DEMONSTRATION_WORD if shown else "", **kwargs
        )


class ChangePassword(PasswordChangeView):
    """The account's own password; other sessions of the account end."""

    template_name = "accounts/password.html"
    form_class = ChangePasswordForm
    success_url = "/"

    def form_valid(self, form: Any) -> HttpResponse:
        accounts.set_password(actor=form.user, account=form.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, "密码已修改，其他地方的登录已退出。")
        return HttpResponseRedirect(self.get_success_url())


def demonstration_accounts() -> list[DemonstrationAccount]:
    """The demonstration city's identities, one per role, in the order of the sign-in page."""
    first: dict[str, DemonstrationAccount] = {}
    for account in accounts.demonstration_accounts().order_by("pk").prefetch_related("posts"):
        for post in account.posts.all():
            shown = DemonstrationAccount(account.username, Role(post.role).label, account.display_name)
            first.setdefault(post.role, shown)
    return [first[role] for role in DEMONSTRATION_ORDER if role in first]


@login_not_required
def login(request: HttpRequest) -> HttpResponseBase:
    """Sign in. A device that files by link is led to its PIN when its session has ended; ?account stays here."""
    if request.method == "GET" and "account" not in request.GET and not request.user.is_authenticated:
        token = known_door(request)
        if token is not None:
            address = reverse("filing_links:enter", args=[token])
            following = request.GET.get("next", "")
            return HttpResponseRedirect(f"{address}?{urlencode({'next': following})}" if following else address)
    return SignIn.as_view()(request)


def logout(request: HttpRequest) -> HttpResponseBase:
    """Sign out; by POST only, so that no foreign page can do it."""
    return LogoutView.as_view()(request)


def password(request: HttpRequest) -> HttpResponseBase:
    """Change one's password."""
    return ChangePassword.as_view()(request)
