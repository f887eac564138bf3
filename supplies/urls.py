"""Routes of the middle storey; names, views and templates mirror the addresses."""

from __future__ import annotations

import datetime as dt

from django.urls import include, path, register_converter

from supplies.views import bottlenecks as bottleneck_views
from supplies.views import call_board as call_views
from supplies.views import corrections as correction_views
from supplies.views import coverage as coverage_views
from supplies.views import daily_reports as report_views
from supplies.views import daily_totals as total_views
from supplies.views import data_quality as quality_views
from supplies.views import days as day_views
from supplies.views import enterprises as enterprise_views
from supplies.views import exemptions as exemption_views
from supplies.views import export_profiles as export_views
from supplies.views import filing_links as link_views
from supplies.views import production_lines as line_views
from supplies.views import proposals as proposal_views
from supplies.views import reminders as reminder_views
from supplies.views import reporting_settings as setting_views
from supplies.views import reviews as review_views
from supplies.views import total_changes as change_views
from supplies.views import uploads as upload_views

app_name = "supplies"


class DayConverter:
    """A reporting day in an address: YYYY-MM-DD, a date that exists."""

    regex = r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}"

    @staticmethod
    def to_python(value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    @staticmethod
    def to_url(value: dt.date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

daily_reports = (
    [
        path("", report_views.mine, name="mine"),
        path("board/", call_views.board, name="board"),
        path("board/calls/", call_views.note, name="note_call"),
        path("reminders/", reminder_views.overview, name="reminders"),
        path("reminders/send/", reminder_views.send, name="remind"),
        path("reminders/robots/add/", reminder_views.add_robot, name="add_robot"),
        path("reminders/robots/drop/", reminder_views.drop_robot, name="drop_robot"),
        path("coverage/", coverage_views.coverage, name="coverage"),
        path("quality/", quality_views.quality, name="quality"),
        path("coverage/exempt/", exemption_views.exempt, name="exempt"),
        path("template/", upload_views.template, name="template"),
        path("uploads/", upload_views.new, name="uploads"),
        path("uploads/<int:number>/", upload_views.look, name="upload"),
        path("uploads/<int:number>/problems/", upload_views.problems, name="upload_problems"),
        path("uploads/<int:number>/take/", upload_views.take, name="take_upload"),
        path("review/", review_views.review, name="review"),
        path("review/verify/", review_views.verify_chosen, name="verify_chosen"),
        path("review/<int:number>/", review_views.look, name="look"),
        path("review/<int:number>/verify/", review_views.verify, name="verify"),
        path("review/<int:number>/return/", review_views.send_back, name="send_back"),
        path("<day:day>/", report_views.edit, name="edit"),
        path("<day:day>/draft/", report_views.draft, name="draft"),
        path("<day:day>/receipt/", report_views.receipt, name="receipt"),
        path("<day:day>/revisions/", report_views.revisions, name="revisions"),
    ],
    "daily_reports",
)

daily_totals = (
    [
        path("sources/", total_views.sources, name="sources"),
        path("changes/", change_views.changes, name="changes"),
        path("bottlenecks/", bottleneck_views.look, name="bottlenecks"),
        path("version/", total_views.version, name="version"),
    ],
    "daily_totals",
)
days = (
    [
        path("", day_views.latest, name="latest"),
        path("morning/", day_views.morning, name="morning"),
        path("<day:day>/", day_views.day, name="day"),
        path("exports/", export_views.keep, name="exports"),
        path("exports/drop/", export_views.drop, name="drop_export"),
        path("<day:day>/exports/<int:number>/", export_views.fill, name="export"),
        path("<day:day>/close/", day_views.close, name="close"),
        path("<day:day>/reopen/", day_views.reopen, name="reopen"),
    ],
    "days",
)
enterprises = (
    [
        path("", enterprise_views.list, name="list"),
        path("admit/", link_views.admit, name="admit"),
        path("links/", link_views.links, name="links"),
        path("links/issue/", link_views.issue, name="issue_links"),
        path("links/revoke/", link_views.revoke, name="revoke_link"),
        path("links/switch/", link_views.switch, name="switch_links"),
        path("<str:uscc>/lines/", line_views.lines, name="lines"),
        path("<str:uscc>/", enterprise_views.detail, name="detail"),
    ],
    "enterprises",
)

corrections = (
    [
        path("", correction_views.list, name="list"),
        path("template/", correction_views.template, name="template"),
        path("uploads/<int:number>/", correction_views.look, name="look"),
        path("uploads/<int:number>/take/", correction_views.take, name="take"),
        path("uploads/<int:number>/problems/", correction_views.problems, name="problems"),
        path("<int:number>/", correction_views.block, name="block"),
    ],
    "corrections",
)
reporting_settings = (
    [
        path("", setting_views.list, name="list"),
        path("set/", setting_views.set_rule, name="set"),
    ],
    "reporting_settings",
)
proposals = (
    [
        path("<int:number>/", proposal_views.look, name="look"),
        path("<int:number>/accept/", proposal_views.accept, name="accept"),
        path("<int:number>/decline/", proposal_views.decline, name="decline"),
    ],
    "proposals",
)

urlpatterns = [
    path("daily-reports/", include(daily_reports)),
    path("daily-totals/", include(daily_totals)),
    path("days/", include(days)),
    path("enterprises/", include(enterprises)),
    path("corrections/", include(corrections)),
    path("proposals/", include(proposals)),
    path("settings/", include(reporting_settings)),
]
