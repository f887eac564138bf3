"""Routes of the ground storey's endpoints."""

from django.urls import path

from enterprises.api import views

urlpatterns = [
    path("divisions/", views.Divisions.as_view(), name="divisions"),
    path("enterprises/", views.Enterprises.as_view(), name="enterprises"),
    path("enterprises/<str:uscc>/", views.OneEnterprise.as_view(), name="enterprise"),
]
