"""Forms of tickets: what a step asks with its proposals, and the one page on which a matter is raised."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import get_random_string

from coordination import access, tickets
from coordination.choices import Side, TicketSource
from coordination.models import Ticket, TicketCategory
from coordination.rules import chat
from coordination.rules.transitions import Field, Step
from coordination.tickets import routing
from coordination.tickets.reading import Page
from enterprises import access as ground_access
from enterprises.errors import Refused
from enterprises.models import Account, Enterprise, Organisation
from supplies import access as supply_access
from supplies import products
from supplies.choices import LimitReason
from supplies.models import DailyReport, Limit, ReportingDuty
from supplies.request_keys import Key
from supplies.rules import display

NAMES = (
    "title", "description", "impact", "category", "contact_name", "contact_phone", "product", "blocked", "hours_to_stop",
    "source",
)  # fmt: skip
FEW = 6
"""Up to so many choices stand side by side; more go into a list."""
FROM_REPORT = {
    LimitReason.MATERIAL: "RAW_LOCAL", LimitReason.LOGISTICS: "PASS_CITY", LimitReason.LABOUR: "LABOUR",
    LimitReason.MONEY: "FINANCE", LimitReason.LICENCE: "LICENSE", LimitReason.EQUIPMENT: "EQUIP_TECH",
    LimitReason.ENERGY: "POWER", LimitReason.OTHER: "OTHER",
}  # fmt: skip
"""The category with which a report's constraint begins."""
KEY = re.compile(r"[0-9A-Za-z]{8,60}")


@dataclass(frozen=True)
class Attempt:
    """A step that was refused: what was typed is still there."""

    action: str
    typed: Mapping[str, Any]
    refused: Refused


@dataclass(frozen=True)
class Box:
    """One field on the page: widget is text | area | chips | select | day | items | answers | several."""

    name: str
    label: str
    widget: str
    is_required: bool
    hint: str = ""
    value: Any = ""
    choices: tuple[tuple[str, str], ...] = ()
    error: str = ""
    longest: int = 200
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class StepForm:
    """A step with its boxes; `problem` is what the step as a whole was refused for."""

    step: Step
    boxes: tuple[Box, ...]
    problem: str = ""
    is_open: bool = False


def given(step: Step, post: QueryDict) -> dict[str, Any]:
    """What a form sent for a step, as acts take it."""
    found: dict[str, Any] = {}
    for one in step.fields:
        if one.kind == "organisations" or (one.kind == "items" and one.name == "answers"):
            found[one.name] = post.getlist(one.name)
        else:
            found[one.name] = post.get(one.name, "")
    return found


def step_form(step: Step, page: Page, attempt: Attempt | None) -> StepForm:
    """The form of a step with its proposals, or with what was typed and why it was refused."""
    tried = attempt if attempt is not None and attempt.action == step.action else None
    errors = {e.field: e.message for e in tried.refused.errors} if tried is not None else {}
    typed = tried.typed if tried is not None else _proposed(step, page)
    boxes = tuple(_box(one, page, typed.get(one.name), errors.get(one.name, "")) for one in step.fields)
    names = {one.name for one in step.fields}
    problem = "".join(e.message for e in tried.refused.errors if e.field not in names) if tried is not None else ""
    return StepForm(step, boxes, problem, is_open=tried is not None)


def _proposed(step: Step, page: Page) -> dict[str, Any]:
    """What is filled in already; nothing where a preset would be the answer (ratings, results)."""
    ticket = page.card.ticket
    if step.action not in ("accept", "dispatch", "ask", "merge"):
        return {}
    if step.action == "ask":
        return {"reply_by": (timezone.localdate() + dt.timedelta(days=2)).isoformat()}
    proposed = routing.propose(ticket)
    lead = ticket.lead or proposed.lead
    if step.action == "accept":
        return {
            "category": ticket.category_id, "level": proposed.level, "mode": ticket.mode, "lead": lead.code if lead else "",
        }  # fmt: skip
    return {"lead": lead.code if lead else "", "assist": [one.code for one in proposed.assist]}


def _box(one: Field, page: Page, value: Any, error: str) -> Box:
    box = Box(
        one.name, one.word, "text", one.is_required, one.hint, value or "", one.choices, error, min(one.longest, 2000)
    )
    if one.kind == "choice":
        return replace(box, widget="chips" if len(one.choices) <= FEW else "select")
    if one.kind == "category":
        return replace(box, widget="select", choices=tuple(TicketCategory.objects.values_list("code", "name")))
    if one.kind in ("organisation", "organisations"):
        waiting = [(o.organisation.code, o.organisation.name) for o in page.orders if o.state == "answered"]
        known = waiting if one.name == "organisation" else Organisation.objects.values_list("code", "name")
        widget = "several" if one.kind == "organisations" else "select"
        return replace(box, widget=widget, choices=tuple(known))
    if one.kind == "day":
        return replace(box, widget="day")
    if one.kind == "items":
        items = page.card.ticket.items
        if one.name == "answers":
            said = value if isinstance(value, list) else []
            pairs = tuple((item, said[n] if n < len(said) else "") for n, item in enumerate(items))
            return replace(box, widget="answers", parts=pairs)
        return replace(box, widget="area", value=value or "")
    if one.kind == "ticket":
        others = tickets.similar(page.card.ticket.enterprise, None, but=page.card.ticket.pk)
        return replace(box, widget="select", choices=tuple((str(t), f"{t} {t.title}") for t in others))
    return replace(box, widget="area" if one.longest > 300 else "text")


@dataclass(frozen=True)
class Opening:
    """The page on which a matter is raised: for whom, what was typed, what is wrong with it."""

    account: Account
    enterprise: Enterprise | None
    enterprises: tuple[tuple[str, str], ...]
    values: dict[str, str]
    categories: tuple[TicketCategory, ...]
    products: tuple[tuple[str, str], ...]
    open_tickets: tuple[Ticket, ...]
    draft: Ticket | None
    key: str
    is_own: bool
    problem: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def refused_with(self, uscc: str, typed: dict[str, str], refused: Refused) -> Opening:
        """The same page with what was typed and the reasons."""
        errors = {e.field: e.message for e in refused.errors}
        problem = "" if set(errors) <= {*NAMES, "enterprise"} else refused.message
        return replace(self, values={**typed, "enterprise": uscc}, errors=errors, problem=problem)


def opening(account: Account, query: QueryDict) -> Opening:
    """The page for an account: ?enterprise= chooses, ?draft= goes on, ?report= begins with what a report says."""
    draft = access.ticket(account, str(query["draft"])) if query.get("draft", "").startswith("draft-") else None
    report = _report(account, query.get("report", ""))
    within = ground_access.enterprises(account, "tickets:raise").order_by("sort_key", "pk")
    chosen = draft.enterprise if draft is not None else report.enterprise if report is not None else None
    if chosen is None and query.get("enterprise"):
        chosen = ground_access.enterprise(account, str(query["enterprise"]), "tickets:raise")
    names = tuple(within.values_list("uscc", "name")[:2000]) if chosen is None else ((chosen.uscc, chosen.name),)
    if chosen is None and len(names) == 1:
        chosen = within.first()
    values = _of_draft(draft) if draft is not None else _of_report(report) if report is not None else _of_chat(query)
    if chosen is not None:
        values = {"contact_name": chosen.contact_name, "contact_phone": chosen.contact_phone, **values}
        values["enterprise"] = chosen.uscc
    return Opening(
        account=account,
        enterprise=chosen,
        enterprises=names,
        values=values,
        categories=tuple(TicketCategory.objects.all()),
        products=_products(chosen),
        open_tickets=tuple(tickets.similar(chosen, None)) if chosen is not None else (),
        draft=draft,
        key=get_random_string(24),
        is_own=Side.ENTERPRISE in ground_access.roles(account),
    )


@dataclass(frozen=True)
class Piece:
    """One matter of a pasted chat, with the guesses a person confirms; `query` leads to the page that raises it."""

    who: str
    text: str
    name: str
    category: str
    query: str


def pieces(account: Account, chat_text: str) -> list[Piece]:
    """The matters of a chat. Two queries."""
    found = chat.split(chat_text)
    if not found:
        return []
    names = dict(ground_access.enterprises(account, "tickets:raise").values_list("uscc", "name"))
    categories = dict(TicketCategory.objects.values_list("code", "name"))
    listed = []
    for one in found:
        uscc, code = chat.enterprise(one.text, names.items()), chat.category(one.text)
        query = {"category": code, "text": one.text, "source": TicketSource.GROUP.value}
        if uscc is not None:
            query["enterprise"] = uscc
        listed.append(Piece(one.who, one.text, names.get(uscc or "", ""), categories.get(code, ""), urlencode(query)))
    return listed


def key(post: QueryDict) -> Key | None:
    """The key of a form that may be sent twice; none where somebody made one up that is none."""
    text = post.get("key", "")
    if not KEY.fullmatch(text):
        return None
    said = "\n".join(f"{name}={post.get(name, '')}" for name in ("enterprise", *NAMES))
    return Key(f"ticket-form:{text}", hashlib.sha256(said.encode()).hexdigest())


def _products(enterprise: Enterprise | None) -> tuple[tuple[str, str], ...]:
    """The enterprise's own products; where none is chosen yet, all finished ones."""
    entries = products.catalogue().entries
    if enterprise is None:
        return tuple((code, entry.name) for code, entry in entries.items() if entry.stage == "finished")
    duties = ReportingDuty.objects.believed().on(timezone.localdate()).filter(enterprise=enterprise)
    owed = set(duties.values_list("product_id", flat=True))
    return tuple((code, entry.name) for code, entry in entries.items() if code in owed)


def _report(account: Account, text: str) -> DailyReport | None:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        return None
    found = supply_access.reports(account).filter(pk=int(text)).select_related("enterprise", "head").first()
    if found is None or not ground_access.enterprises(account, "tickets:raise").filter(pk=found.enterprise_id).exists():
        return None
    return found


def _of_report(report: DailyReport) -> dict[str, str]:
    """What a report says about its difficulties, as the beginning of a ticket."""
    assert report.head is not None
    limits = list(Limit.objects.filter(revision=report.head_id).select_related("product").order_by("-lost"))
    first = limits[0] if limits else None
    words = "、".join(limit.get_reason_display() for limit in limits)
    return {
        "title": f"{words}影响生产" if words else "",
        "description": report.head.note,
        "category": FROM_REPORT[LimitReason(first.reason)] if first is not None else "",
        "product": first.product_id or "" if first is not None else "",
        "blocked": display.full(first.lost)
        if first is not None and first.lost is not None and first.product_id
        else "",
    }


def _of_chat(query: QueryDict) -> dict[str, str]:
    """What the page of the work group hands over."""
    said = {name: str(query.get(name, "")) for name in ("category", "text", "source")}
    words = said["text"][: chat.LONGEST].strip()
    if not words:
        return {}
    values = {"category": said["category"], "description": words, "title": words.split("\n")[0][:60]}
    return values | ({"source": said["source"]} if said["source"] == TicketSource.GROUP else {})


def _of_draft(draft: Ticket) -> dict[str, str]:
    return {
        **{name: getattr(draft, name) for name in ("title", "description", "impact", "contact_name", "contact_phone")},
        "category": draft.category_id,
        "product": draft.product_id or "",
        "blocked": display.full(draft.blocked) if draft.blocked is not None else "",
        "hours_to_stop": str(draft.hours_to_stop) if draft.hours_to_stop is not None else "",
    }
