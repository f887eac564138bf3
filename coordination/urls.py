"""The root table of routes; each storey brings its own."""

from django.urls import URLPattern, URLResolver, include, path

from coordination.views import bulk_actions, health
from coordination.views import common_problems as problem_views
from coordination.views import dashboard as dashboard_views
from coordination.views import deliveries as delivery_views
from coordination.views import duty as duty_views
from coordination.views import emergencies as emergency_views
from coordination.views import escalations as escalation_views
from coordination.views import letters as letter_views
from coordination.views import officers as officer_views
from coordination.views import routing_rules as routing_views
from coordination.views import rules as rule_views
from coordination.views import seals as seal_views
from coordination.views import supervision as supervision_views
from coordination.views import ticket_checks as check_views
from coordination.views import ticket_files as file_views
from coordination.views import ticket_prints as print_views
from coordination.views import ticket_statistics as statistics_views
from coordination.views import tickets as ticket_views
from coordination.views import unsent as unsent_views
from coordination.views import visits as visit_views
from coordination.views import work_orders as order_views
from coordination.views import working_groups as group_views
from enterprises.admin import site
from enterprises.urls import accounts, filing_links

handler400 = "coordination.views.errors.bad_request"
handler403 = "coordination.views.errors.permission_denied"
handler404 = "coordination.views.errors.page_not_found"
handler500 = "coordination.views.errors.server_error"

dashboard = ([path("", dashboard_views.home, name="home")], "dashboard")

seals = ([path("", seal_views.list, name="list")], "seals")

tickets = (
    [
        path("", ticket_views.list, name="list"),
        path("new/", ticket_views.new, name="new"),
        path("unsent/", unsent_views.unsent, name="unsent"),
        path("agenda/", ticket_views.agenda, name="agenda"),
        path("intake/", ticket_views.intake, name="intake"),
        path("troubles/", check_views.troubles, name="troubles"),
        path("contradictions/", check_views.contradictions, name="contradictions"),
        path("callbacks/", check_views.callbacks, name="callbacks"),
        path("statistics/", statistics_views.statistics, name="statistics"),
        path("statistics/freeze/", statistics_views.freeze, name="freeze"),
        path("statistics/<int:number>/", statistics_views.snapshot, name="snapshot"),
        path("bulk/", bulk_actions.bulk, name="bulk"),
        path("orders/", order_views.orders, name="orders"),
        path("routing-rules/", routing_views.rules, name="routing_rules"),
        path("routing-rules/<int:number>/change/", routing_views.change, name="change_routing_rule"),
        path("escalations/", escalation_views.escalations, name="escalations"),
        path("escalations/<int:number>/form/", escalation_views.request_form, name="request_form"),
        path("escalations/<int:number>/settle/", escalation_views.settle, name="settle_policy"),
        path("emergencies/", emergency_views.emergencies, name="emergencies"),
        path("emergencies/declare/", emergency_views.declare, name="declare_emergency"),
        path("emergencies/<int:number>/end/", emergency_views.end, name="end_emergency"),
        path("problems/", problem_views.problems, name="problems"),
        path("problems/establish/", problem_views.establish, name="establish"),
        path("problems/dismiss/", problem_views.dismiss, name="dismiss"),
        path("problems/orders/<str:number>/", problem_views.order, name="problem_order"),
        path("problems/orders/<str:number>/<slug:act>/", problem_views.turn_order, name="problem_order_act"),
        path("problems/<str:number>/", problem_views.problem, name="problem"),
        path("problems/<str:number>/<slug:act>/", problem_views.turn, name="problem_act"),
        path("letters/", letter_views.list, name="letters"),
        path("letters/export/", letter_views.export, name="letters_export"),
        path("letters/new/", letter_views.new, name="letter_new"),
        path("letters/<int:number>/", letter_views.letter, name="letter"),
        path("letters/<int:number>/edit/", letter_views.edit, name="letter_edit"),
        path("letters/<int:number>/paper/", letter_views.paper, name="letter_paper"),
        path("letters/<int:number>/<slug:action>/", letter_views.turn, name="letter_act"),
        path("orders/<str:number>/", print_views.order, name="order"),
        path("orders/<str:number>/print/", print_views.order_print, name="order_print"),
        path("<str:number>/", ticket_views.detail, name="detail"),
        path("<str:number>/files/<str:key>/", file_views.download, name="file"),
        path("<str:number>/files/<str:key>/picture/", file_views.picture, name="picture"),
        path("<str:number>/print/", print_views.ticket, name="print"),
        path("<str:number>/<slug:action>/", ticket_views.act, name="act"),
    ],
    "tickets",
)

duty = (
    [
        path("", duty_views.now, name="now"),
        path("file/", duty_views.file, name="file"),
        path("<str:code>/", duty_views.roster, name="roster"),
        path("<str:code>/<slug:act>/", duty_views.act, name="act"),
    ],
    "duty",
)

groups = (
    [
        path("", group_views.list, name="list"),
        path("<str:code>/", group_views.detail, name="detail"),
        path("<str:code>/<slug:act>/", group_views.act, name="act"),
    ],
    "groups",
)

visits = (
    [
        path("", visit_views.list, name="list"),
        path("new/", visit_views.new, name="new"),
        path("promises/", visit_views.promised, name="promises"),
        path("promises/<int:number>/follow-up/", visit_views.follow_up, name="follow_up"),
        path("enterprises/<str:uscc>/", visit_views.card, name="card"),
        path("<int:number>/", visit_views.detail, name="detail"),
        path("<int:number>/photos/<str:key>/", visit_views.photo, name="photo"),
    ],
    "visits",
)

officers = (
    [
        path("", officer_views.board, name="board"),
        path("statistics/", officer_views.statistics, name="statistics"),
        path("attach/", officer_views.attach, name="attach"),
        path("attachments/<int:number>/end/", officer_views.end, name="end"),
        path("handovers/<int:number>/", officer_views.handed, name="handed"),
        path("handovers/<int:number>/cancel/", officer_views.cancel, name="cancel"),
        path("people/<str:username>/", officer_views.person, name="person"),
        path("people/<str:username>/handover/", officer_views.handover, name="handover"),
    ],
    "officers",
)

supervision = (
    [
        path("", supervision_views.list, name="list"),
        path("published/", supervision_views.published, name="published"),
        path("calls/", supervision_views.calls, name="calls"),
        path("calls/<int:number>/", supervision_views.log_call, name="log_call"),
        path("issue/<str:number>/", supervision_views.issue, name="issue"),
        path("<int:number>/<slug:act>/", supervision_views.act, name="act"),
    ],
    "supervision",
)

messages = (
    [
        path("", delivery_views.list, name="list"),
        path("preferences/", delivery_views.preferences, name="preferences"),
        path("<int:number>/again/", delivery_views.again, name="again"),
    ],
    "messages",
)

rules = (
    [
        path("calendar/", rule_views.calendar, name="calendar"),
        path("limits/", rule_views.limits, name="limits"),
        path("ladder/", rule_views.ladder, name="ladder"),
        path("ladder/<int:number>/drop/", rule_views.drop_step, name="drop_step"),
    ],
    "rules",
)

desk = [
    path("", include(dashboard)),
    path("duty/", include(duty)),
    path("groups/", include(groups)),
    path("seals/", include(seals)),
    path("messages/", include(messages)),
    path("rules/", include(rules)),
    path("supervision/", include(supervision)),
    path("tickets/", include(tickets)),
    path("visits/", include(visits)),
    path("officers/", include(officers)),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((desk, "coordination"))),
    path("accounts/", include(accounts)),
    path("f/", include(filing_links)),
    path("api/", include("coordination.api.urls")),
    path("supplies/", include("supplies.urls")),
    path("admin/", site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
