"""Reminders: press the button, see what arrived and what did not, and keep the group robots."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from enterprises import access
from enterprises.errors import Forbidden, NotFound, Refused, reading
from enterprises.models import DivisionFact
from enterprises.rules import days
from enterprises.rules.frame import Frame
from supplies import frames, reminders
from supplies.choices import ReminderChannel, ReminderState, RobotKind
from supplies.models import Reminder, Robot
from supplies.views.addresses import way_back

PAGE = 50
LOOKS = {"waiting": "amber", "sending": "amber", "sent": "jade", "failed": "coral", "dropped": "line"}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The newest reminders within reach, ?state= of them, and the group robots for whoever keeps the settings."""
    account = access.signed_in(request.user)
    access.require(account, "reports:on_behalf")
    tree = DivisionFact.objects.tree(access.today())
    units = access.leaves(account, "reports:on_behalf", tree=tree)
    found = Reminder.objects.select_related("enterprise", "robot", "actor").order_by("-created_at", "-id")
    if units is not None:
        mine = access.placed(account, "reports:on_behalf")
        whole = access.reach(account, "reports:on_behalf").divisions
        found = found.filter((Q(enterprise__isnull=False) & mine) | Q(robot__isnull=False, division__in=whole | units))
    failed = found.filter(state=ReminderState.FAILED).count()
    state = request.GET.get("state", "")
    if state in ReminderState.values:
        found = found.filter(state=state)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    keeps = access.may(account, "settings:write")
    shown = {
        "page_obj": page,
        "rows": [
            (row, ReminderChannel(row.channel).label, ReminderState(row.state).label, LOOKS[row.state])
            for row in page.object_list
        ],
        "state": state,
        "states": ReminderState.choices,
        "failed": failed,
        "keeps": keeps,
        "robots": list(reminders.robots(account).select_related("division")) if keeps else [],
        "kinds": RobotKind.choices,
        "divisions": frames.reachable(account, "settings:write", tree) if keeps else [],
        "frame": Frame(),
    }
    return render(request, "supplies/daily_reports/reminders.html", shown)


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Remind one enterprise, or all who owe in a division; back to where the button stands."""
    account = access.signed_in(request.user)
    said = {name: request.POST.get(name, "").replace("\0", "") for name in ("enterprise", "division", "date")}
    with reading("date", "invalid_date"):
        day = days.iso(said["date"])
    if said["enterprise"]:
        chosen = access.enterprise(account, said["enterprise"], "reports:on_behalf")
        done = reminders.remind(actor=account, day=day, enterprises=[chosen.uscc])
    else:
        done = reminders.remind(actor=account, day=day, division=said["division"])
    words = []
    if done.enterprises:
        words.append(f"已提醒 {done.enterprises} 家")
    if done.groups:
        words.append(f"已通知 {done.groups} 个工作群")
    if done.recent:
        words.append(f"{done.recent} 家半小时内提醒过，没有重复")
    text = "；".join(words) or "没有要提醒的企业，都已填报。"
    (messages.success if done.enterprises or done.groups else messages.info)(request, text)
    return redirect(way_back(request, "supplies:daily_reports:board"))


@require_POST
def add_robot(request: HttpRequest) -> HttpResponse:
    """Add a group robot."""
    said = {n: request.POST.get(n, "").replace("\0", "") for n in ("name", "kind", "address", "secret", "division")}
    try:
        robot = reminders.add_robot(actor=access.signed_in(request.user), **said)
        messages.success(request, f"已加入 {robot.name}，到提醒时间会收到未报名单。")
    except (Forbidden, NotFound):
        raise
    except Refused as refused:
        messages.error(request, f"没有加入：{refused}")
    return redirect("supplies:daily_reports:reminders")


@require_POST
def drop_robot(request: HttpRequest) -> HttpResponse:
    """Stop telling a group."""
    account = access.signed_in(request.user)
    access.require(account, "settings:write")
    number = request.POST.get("robot", "")
    found = reminders.robots(account).filter(
        pk=int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    )
    robot: Robot | None = found.first()
    if robot is None:
        raise NotFound("没有这个机器人。", field="robot")
    reminders.drop_robot(actor=account, robot=robot)
    messages.success(request, f"{robot.name} 不再收到提醒。")
    return redirect("supplies:daily_reports:reminders")
