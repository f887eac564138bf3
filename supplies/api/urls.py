"""Routes of the middle storey's endpoints."""

from django.urls import path

from supplies.api import changes, days, products, report_batches, reports, total_changes, totals

urlpatterns = [
    path("changes/", changes.ChangeFeed.as_view(), name="changes"),
    path("coverage/", totals.CoverageList.as_view(), name="coverage"),
    path("days/<str:date>/close/", days.Closing.as_view(), name="close"),
    path("days/<str:date>/reopen/", days.Reopening.as_view(), name="reopen"),
    path("products/", products.Products.as_view(), name="products"),
    path("products/<str:code>/", products.OneProduct.as_view(), name="product"),
    path("reports/", reports.Reports.as_view(), name="reports"),
    path("reports/batch/", report_batches.Batch.as_view(), name="report_batch"),
    path("reports/<int:number>/", reports.OneReport.as_view(), name="report"),
    path("reports/<int:number>/decisions/", reports.Decisions.as_view(), name="decisions"),
    path("reports/<int:number>/revisions/", reports.Revisions.as_view(), name="revisions"),
    path("totals/", totals.Totals.as_view(), name="totals"),
    path("totals/changes/", total_changes.Changes.as_view(), name="total_changes"),
    path("totals/sources/", totals.Sources.as_view(), name="sources"),
]
