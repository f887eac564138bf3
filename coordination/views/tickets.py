"""Tickets in the browser: the board, one ticket with the steps that are the reader's, and raising one."""

from __future__ import annotations

import dataclasses
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coordination import access as ticket_access
from coordination import (
    agendas,
    bulk_forms,
    common_problems,
    letters,
    presence,
    routing_rules,
    ticket_boards,
    ticket_files,
    ticket_forms,
    ticket_prints,
    tickets,
    unsent,
    visits,
    work_orders,
)
from coordination.choices import TicketLevel, TicketState
from coordination.models import Ticket
from coordination.rules.transitions import BY_ACTION
from coordination.ticket_forms import Attempt
from enterprises import access
from enterprises.choices import Role
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.models import Account
from enterprises.rules.frame import Frame
from enterprises.workbooks import CONTENT_TYPE

PAGE_SIZE = 30
APART = ("message", "attach", "mark_file")
"""Steps that have their own place on the page."""
LONGEST_CHAT = 50_000
"""Characters of one paste: a day of a busy group."""


@require_safe
def list(request: HttpRequest) -> HttpResponse:
    """Tickets within reach. Every filter stands in the address; the board shows what is open, format=xlsx all that fit."""
    account = access.signed_in(request.user)
    filters = read_filters(request)
    board = (
        ticket_boards.board(account, filters)
        if filters == tickets.Filters() or request.GET.get("view") == "board"
        else None
    )
    if request.GET.get("view") == "list" or access.roles(account) & {Role.ENTERPRISE, Role.LIAISON}:
        board = None
    found = tickets.listed(account, filters)
    if request.GET.get("format") == "xlsx":
        name = f'attachment; filename="tickets-{timezone.localdate()}.xlsx"'
        headers = {"Content-Type": CONTENT_TYPE, "Content-Disposition": name}
        return HttpResponse(ticket_prints.workbook(account, filters), headers=headers)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")) if board is None else None
    unopened = tickets.unopened(account)
    query = request.GET.copy()
    query["format"] = "xlsx"
    context = {
        "frame": Frame(day=None),
        "filters": filters,
        "is_filtered": filters != tickets.Filters(),
        "board": board,
        "agenda": agendas.agenda(account) if board is not None and agendas.has_one(account) else None,
        "lead": ticket_boards.lead(account),
        "page_obj": page,
        "rows": tickets.cards(page.object_list, account) if page is not None else [],
        "export": f"?{query.urlencode()}",
        "groups": ticket_boards.groups(account),
        "choices": ticket_boards.filter_choices(account),
        "states": [one for one in TicketState.choices if one[0] != TicketState.DRAFT],
        "levels": TicketLevel.choices,
        "checks": [one for one in ticket_boards.checks(account) if one.count],
        "may_read_problems": common_problems.may_read(account),
        "problem_orders": common_problems.of_units(account)[:20],
        "may_read_letters": letters.may_read(account),
        "letters_overdue": letters.overdue(account),
        "may_read_orders": work_orders.may_read(account),
        "may_read_rules": routing_rules.may_read(account),
        "bulk_steps": bulk_forms.possible(account) if access.roles(account) != {Role.ENTERPRISE} else [],
        "may_take_in": access.may(account, "tickets:desk"),
        "may_count": access.may(account, "tickets:read"),
        "may_raise": access.may(account, "tickets:raise"),
        "may_lead": access.may(account, "officers:read"),
        "is_enterprise": access.roles(account) == {Role.ENTERPRISE},
        "notices": [*unopened[:8]],
        "unread": unopened.count(),
    }
    return render(request, "coordination/tickets/list.html", context)


@require_safe
def agenda(request: HttpRequest) -> HttpResponse:
    """What is the reader's to do now, in order."""
    account = access.signed_in(request.user)
    if not agendas.has_one(account):
        raise Forbidden
    unopened = tickets.unopened(account)
    context = {
        "frame": Frame(day=None),
        "agenda": agendas.agenda(account),
        "notices": [*unopened[:8]],
        "unread": unopened.count(),
    }
    return render(request, "coordination/tickets/agenda.html", context)


def read_filters(request: HttpRequest) -> tickets.Filters:
    """Filters as the address writes them."""
    names = [field.name for field in dataclasses.fields(tickets.Filters)]
    return tickets.Filters(**{name: request.GET[name][:60] for name in names if request.GET.get(name)})


@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One ticket; opening it delivers what its desk was told."""
    account = access.signed_in(request.user)
    ticket = tickets.find(account, number)
    if ticket.duplicate_of is not None and not request.GET.get("stay") and request.method == "GET":
        messages.info(request, f"{ticket.number} 已并入这张单，一起办理。")
        return redirect("coordination:tickets:detail", str(ticket.duplicate_of))
    if ticket.state == TicketState.DRAFT:
        return redirect(f"{reverse('coordination:tickets:new')}?{urlencode({'draft': str(ticket)})}")
    tickets.opened(account, ticket, timezone.now())
    return _page(request, ticket)


@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One step. Refused, the page comes back with what was typed."""
    account = access.signed_in(request.user)
    ticket = tickets.find(account, number)
    step = BY_ACTION.get(action)
    if step is None:
        raise NotFound
    given = ticket_forms.given(step, request.POST)
    version = request.POST.get("expected_version", "")
    received = _received(request) if step.takes_files else ticket_files.Received()
    try:
        if received.refused is not None:
            raise received.refused
        done = tickets.act(
            actor=account,
            ticket=ticket,
            action=action,
            fields=given,
            expected_version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
            files=received.files,
        )
    except NotFound as refused:
        if refused.errors[0].field not in {field.name for field in step.fields}:
            raise
        return _page(request, ticket, Attempt(action, given, refused, ticket_forms.kept(account, received)))
    except Refused as refused:
        attempt = Attempt(action, given, refused, ticket_forms.kept(account, received))
        return _page(request, tickets.find(account, number), attempt)
    place = unsent.place_of(ticket, action)
    unsent.drop(actor=account, place=place)
    messages.success(request, f"已{step.word}：{TicketState(done.state).label}。", extra_tags=place)
    try:
        tickets.find(account, done.number)
    except NotFound:  # it is not the reader's any more
        return redirect("coordination:tickets:list")
    return redirect("coordination:tickets:detail", done.number)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Raise a ticket, or keep a draft; ?report= begins with what a daily report says, ?draft= goes on with a draft."""
    account = access.signed_in(request.user)
    if not access.may(account, "tickets:raise"):
        raise Forbidden
    form = ticket_forms.opening(account, request.GET)
    if request.method != "POST":
        return render(request, "coordination/tickets/new.html", _opening(account, form))
    typed = {name: request.POST.get(name, "") for name in ticket_forms.NAMES}
    uscc = request.POST.get("enterprise", "")
    if request.POST.get("begin"):
        form = ticket_forms.opening(account, ticket_forms.of(uscc)).begun_with(uscc, typed)
        return render(request, "coordination/tickets/new.html", _opening(account, form))
    fields = ticket_forms.fields_of(account, uscc, typed)
    received = _received(request)
    files, without = received.files, request.POST.getlist("without")
    try:
        if received.refused is not None:
            raise received.refused
        if request.POST.get("draft"):
            kept = tickets.draft(
                actor=account, uscc=uscc, fields=fields, ticket=form.draft, files=files, without=without
            )
            _forget(request, form)
            messages.success(request, "草稿已存。", extra_tags=form.place)
            return redirect(f"{reverse('coordination:tickets:new')}?{urlencode({'draft': str(kept)})}")
        raised = tickets.raise_ticket(
            actor=account, uscc=uscc, fields=fields, key=ticket_forms.key(request.POST), replaces=form.draft, files=files,
            without=without,
        )  # fmt: skip
    except Forbidden:
        raise
    except Refused as refused:
        form = form.refused_with(uscc, typed, refused, ticket_forms.kept(account, received))
        return render(request, "coordination/tickets/new.html", _opening(account, form), status=refused.status)
    _forget(request, form)
    messages.success(request, f"已提交，编号 {raised.ticket.number}。", extra_tags=form.place)
    return redirect("coordination:tickets:detail", str(raised.ticket))


@require_http_methods(["GET", "HEAD", "POST"])
def intake(request: HttpRequest) -> HttpResponse:
    """Chat of a work group, split into matters that a person confirms one by one. Nothing is stored here; what is too
    long for one go is named, and stays in the box."""
    account = access.signed_in(request.user)
    if not access.may(account, "tickets:desk"):
        raise Forbidden
    chat = request.POST.get("chat", "")
    context = {
        "frame": Frame(day=None), "chat": chat, "longest": LONGEST_CHAT, "is_too_long": len(chat) > LONGEST_CHAT,
        "found": ticket_forms.intake(account, chat) if len(chat) <= LONGEST_CHAT else None,
    }  # fmt: skip
    return render(request, "coordination/tickets/intake.html", context)


def _opening(account: Account, form: ticket_forms.Opening) -> dict[str, object]:
    return {"form": form, "frame": Frame(day=None), "unsent": unsent.at(account, form.place)}


def _forget(request: HttpRequest, form: ticket_forms.Opening) -> None:
    """What was typed has arrived: its unsent copy goes."""
    unsent.drop(actor=access.signed_in(request.user), place=form.place)


def _received(request: HttpRequest) -> ticket_files.Received:
    """The files of a form, and those of its last try."""
    account = access.signed_in(request.user)
    return ticket_files.receive(account, request.FILES.getlist("files"), request.POST.getlist("kept"))


def _page(request: HttpRequest, ticket: Ticket, attempt: Attempt | None = None) -> HttpResponse:
    account = access.signed_in(request.user)
    page = tickets.page(account, ticket)
    forms = [ticket_forms.step_form(step, page, attempt) for step in page.steps]
    left_over = ticket_forms.left_over(attempt, forms)
    if left_over is not None:
        forms = ticket_forms.with_files(forms, left_over)
    main = next((form for form in forms if form.step.is_main), None)
    if attempt is not None and not any(form.step.action == attempt.action for form in forms):
        messages.error(request, str(attempt.refused))
    context = {
        "frame": Frame(day=None),
        "page": page,
        "ticket": ticket,
        "main": main,
        "others": [form for form in forms if form is not main and form.step.action not in APART],
        **{action: next((form for form in forms if form.step.action == action), None) for action in APART},
        "way": ticket_boards.way(page),
        "events": ticket_boards.history(page),
        "files": ticket_boards.files(page),
        "attempt": attempt,
        "left_over": left_over,
        "unsent": unsent.of(account, ticket),
        "others_here": presence.seen(account, ticket, page.sides),
        "changed": ticket_boards.changed(attempt.refused.extra) if attempt is not None else "",
        "obstacle_name": ticket_boards.place(ticket, account),
        "proposal": ticket_boards.proposal(page),
        "rating": ticket.satisfaction if ticket_access.may_read_ratings(account) else None,
        "merged": [*ticket.duplicates.order_by("number")[:20]],
        "aftermath": tickets.aftermath(ticket),
        "visits": visits.of_ticket(account, ticket),
        "problem": common_problems.of(ticket) if common_problems.may_read(account) else None,
        "followed": None if page.is_enterprise else common_problems.followed(ticket),
    }
    if not page.is_enterprise:
        context |= letters.shown(account, page)
    status = attempt.refused.status if attempt is not None else 200
    return render(request, "coordination/tickets/detail.html", context, status=status)
