"""Routes of the ground storey."""

from __future__ import annotations

from django.urls import path

from enterprises.views import accounts as account_views

accounts = (
    [
        path("login/", account_views.login, name="login"),
        path("logout/", account_views.logout, name="logout"),
        path("password/", account_views.password, name="password"),
    ],
    "accounts",
)
