"""Routes of the REST interface; each storey brings its own."""

from django.urls import include, path, re_path

from coordination.api import views

app_name = "api"

urlpatterns = [
    path("docs/", views.Docs.as_view(), name="docs"),
    path("schema/", views.Schema.as_view(), name="schema"),
    path("v1/", include("enterprises.api.urls")),
    path("v1/", include("supplies.api.urls")),
    re_path(r"", views.Nowhere.as_view(), name="nowhere"),
]
