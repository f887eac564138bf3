"""The root table of routes; each storey brings its own."""

from django.urls import URLPattern, URLResolver, include, path

from coordination.views import dashboard as dashboard_views
from coordination.views import health
from enterprises.admin import site
from enterprises.urls import accounts, filing_links

handler400 = "coordination.views.errors.bad_request"
handler403 = "coordination.views.errors.permission_denied"
handler404 = "coordination.views.errors.page_not_found"
handler500 = "coordination.views.errors.server_error"

dashboard = ([path("", dashboard_views.home, name="home")], "dashboard")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(([path("", include(dashboard))], "coordination"))),
    path("accounts/", include(accounts)),
    path("f/", include(filing_links)),
    path("api/", include("coordination.api.urls")),
    path("supplies/", include("supplies.urls")),
    path("admin/", site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
