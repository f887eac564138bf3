"""Official letters in the browser: the list, one letter with its steps, drafting it, and its paper."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coordination import common_problems, letter_forms, letters, tickets
from coordination.choices import LetterState
from coordination.letters.paper import CONTENT_TYPE
from coordination.models import CommonProblem, Letter, Ticket
from coordination.rules.letter_steps import BY_ACTION
from coordination.ticket_forms import Attempt
from enterprises import access, audit
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.models import Account
from enterprises.rules.frame import Frame

PAGE_SIZE = 30
GROUPS = [("mine", "轮到我"), ("open", "在办"), ("overdue", "逾期未回"), ("answered", "已回函"), ("closed", "办结")]


@require_safe
def list(request: HttpRequest) -> HttpResponse:
    """Letters within reach; every filter stands in the address."""
    account = access.signed_in(request.user)
    names = [field.name for field in fields(letters.Filters)]
    filters = letters.Filters(**{name: request.GET[name][:60] for name in names if request.GET.get(name)})
    page = Paginator(letters.listed(account, filters), PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "frame": Frame(day=None),
        "filters": filters,
        "is_filtered": filters != letters.Filters(),
        "page_obj": page,
        "rows": [letters.row(one) for one in page.object_list],
        "overdue": letters.overdue(account),
        "groups": GROUPS,
        "states": LetterState.choices,
        "export": f"{reverse('coordination:tickets:letters_export')}?{query.urlencode()}",
    }
    return render(request, "coordination/tickets/letters.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The list as XLSX, marked with who made it."""
    account = access.signed_in(request.user)
    names = [field.name for field in fields(letters.Filters)]
    filters = letters.Filters(**{name: request.GET[name][:60] for name in names if request.GET.get(name)})
    content = letters.workbook(account, filters)
    name = f'attachment; filename="letters-{timezone.localdate()}.xlsx"'
    return HttpResponse(content, headers={"Content-Type": letters.XLSX, "Content-Disposition": name})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Draft a letter for ?ticket= or ?problem=, beginning with what is known of the matter."""
    account = access.signed_in(request.user)
    ticket, problem = _cause(account, request.GET)
    if request.method != "POST":
        form = letter_forms.sheet(letters.proposal(account, ticket, problem))
        return _sheet(request, form, ticket=ticket, problem=problem)
    typed = letter_forms.typed(request.POST)
    try:
        made = letters.draft(
            actor=account, fields=typed, ticket=ticket, problem=problem, key=letter_forms.key(request.POST)
        )
    except Forbidden:
        raise
    except Refused as refused:
        form = letter_forms.sheet(typed, refused)
        return _sheet(request, form, ticket=ticket, problem=problem, status=refused.status)
    messages.success(request, "草稿已存，看过再送签。")
    return redirect("coordination:tickets:letter", made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Change a draft. Refused, the page keeps what was typed."""
    account = access.signed_in(request.user)
    letter = letters.find(account, number)
    if not letters.may_draft(account, letter.ticket):
        raise Forbidden
    if request.method != "POST":
        return _sheet(request, letter_forms.sheet(letter_forms.values_of(letter)), letter=letter)
    typed = letter_forms.typed(request.POST)
    try:
        letters.amend(actor=account, letter=letter, fields=typed, expected_version=_version(request))
    except Refused as refused:
        fresh = letters.find(account, number)
        return _sheet(request, letter_forms.sheet(typed, refused), letter=fresh, status=refused.status)
    messages.success(request, "已保存。")
    return redirect("coordination:tickets:letter", number)


@require_safe
def letter(request: HttpRequest, number: int) -> HttpResponse:
    """One letter as it will be read, with the steps that are the reader's."""
    return _page(request, letters.find(access.signed_in(request.user), number))


@require_POST
def turn(request: HttpRequest, number: int, action: str) -> HttpResponse:
    """One step. Refused, the page comes back with what was typed."""
    account = access.signed_in(request.user)
    found = letters.find(account, number)
    step = BY_ACTION.get(action)
    if step is None:
        raise NotFound
    given = {one.name: request.POST.get(one.name, "") for one in step.fields}
    try:
        letters.turn(actor=account, letter=found, action=action, fields=given, expected_version=_version(request))
    except Forbidden:
        raise
    except Refused as refused:
        return _page(request, letters.find(account, number), Attempt(action, given, refused))
    messages.success(request, f"已{step.word}。")
    return redirect("coordination:tickets:letter", number)


@require_safe
def paper(request: HttpRequest, number: int) -> HttpResponse:
    """The letter as DOCX; ?head=no for paper that has the red head printed on it."""
    account = access.signed_in(request.user)
    found = letters.find(account, number)
    content = letters.paper(found, with_head=request.GET.get("head") != "no")
    audit.record(actor=account, act="letter.print", on=found, after={"version": found.version})
    name = quote(f"{found.number or '公函草稿'} {found.title}.docx")
    headers = {"Content-Type": CONTENT_TYPE, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return HttpResponse(content, headers=headers)


def _cause(account: Account, query: Any) -> tuple[Ticket | None, CommonProblem | None]:
    """What a new letter is for; refuses not_found where it is for nothing."""
    if query.get("problem"):
        return None, common_problems.find(account, query["problem"][:12])
    if query.get("ticket"):
        return tickets.find(account, query["ticket"][:20]), None
    raise NotFound


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("expected_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _sheet(
    request: HttpRequest,
    form: letter_forms.Sheet,
    *,
    letter: Letter | None = None,
    ticket: Ticket | None = None,
    problem: CommonProblem | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "frame": Frame(day=None),
        "form": form,
        "letter": letter,
        "ticket": letter.ticket if letter is not None else ticket,
        "problem": letter.problem if letter is not None else problem,
    }
    if ticket is not None or problem is not None:
        context["cause"] = urlencode({"ticket": ticket.number} if ticket is not None else {"problem": problem.number})  # type: ignore[union-attr]
    return render(request, "coordination/tickets/letter_edit.html", context, status=status)


def _page(request: HttpRequest, found: Letter, attempt: Attempt | None = None) -> HttpResponse:
    account = access.signed_in(request.user)
    row = letters.row(found, account)
    forms = [letter_forms.step_form(step, found, attempt) for step in row.steps]
    if attempt is not None and not any(form.step.action == attempt.action for form in forms):
        messages.error(request, str(attempt.refused))
    main = next((form for form in forms if form.step.is_main), None)
    context = {
        "frame": Frame(day=None),
        "row": row,
        "letter": found,
        "lines": [line for line in found.body.splitlines() if line.strip()],
        "main": main,
        "others": [form for form in forms if form is not main],
        "reminders": found.reminders.select_related("actor"),
        "may_edit": found.state == LetterState.DRAFT and letters.may_draft(account, found.ticket),
        "is_own": found.drafted_by_id == account.pk and found.state == LetterState.AWAITING,
    }
    status = attempt.refused.status if attempt is not None else 200
    return render(request, "coordination/tickets/letter.html", context, status=status)
