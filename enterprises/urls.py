"""Routes of the ground storey."""

from __future__ import annotations

from django.urls import path

from enterprises.views import accounts as account_views
from enterprises.views import filing_links as link_views

accounts = (
    [
        path("login/", account_views.login, name="login"),
        path("logout/", account_views.logout, name="logout"),
        path("password/", account_views.password, name="password"),
    ],
    "accounts",
)

filing_links = ([path("<str:token>/", link_views.enter, name="enter")], "filing_links")
