"""Routes of the REST interface; each storey brings its own."""

from django.urls import include, path, re_path

from coordination.api import open311, ticket_files, tickets, views, visits

app_name = "api"

urlpatterns = [
    path("docs/", views.Docs.as_view(), name="docs"),
    path("schema/", views.Schema.as_view(), name="schema"),
    path("v1/tickets/", tickets.Tickets.as_view(), name="tickets"),
    path("v1/tickets/categories/", tickets.Categories.as_view(), name="ticket_categories"),
    path("v1/tickets/statistics/", tickets.Statistics.as_view(), name="ticket_statistics"),
    path("v1/tickets/actions/<str:action>/", tickets.BulkActions.as_view(), name="ticket_bulk_action"),
    path("v1/tickets/<str:number>/", tickets.OneTicket.as_view(), name="ticket"),
    path("v1/tickets/<str:number>/attachments/", ticket_files.Files.as_view(), name="ticket_files"),
    path("v1/tickets/<str:number>/attachments/<str:key>/", ticket_files.OneFile.as_view(), name="ticket_file"),
    path("v1/tickets/<str:number>/actions/<str:action>/", tickets.Actions.as_view(), name="ticket_action"),
    path("open311/v2/services.json", open311.Services.as_view(), name="open311_services"),
    path("open311/v2/requests.json", open311.Requests.as_view(), name="open311_requests"),
    path("open311/v2/requests/<str:number>.json", open311.OneRequest.as_view(), name="open311_request"),
    path("v1/visits/", visits.Visits.as_view(), name="visits"),
    path("v1/", include("enterprises.api.urls")),
    path("v1/", include("supplies.api.urls")),
    re_path(r"", views.Nowhere.as_view(), name="nowhere"),
]
