"""Forms of tickets: what a step asks with its proposals, and the one page on which a matter is raised."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import get_random_string

from coordination import access, report_tickets, ticket_files, tickets
from coordination.choices import Obstacle, OrderPart, OrderState, Side, TicketMode, TicketSource, VisitWay
from coordination.models import Ticket, TicketCategory, Visit
from coordination.rules import categories, chat, requests, transitions
from coordination.rules.transitions import BY_ACTION, Field, Step
from coordination.ticket_files import Received, Row
from coordination.tickets import calendar, routing
from coordination.tickets.context import UNFINISHED
from coordination.tickets.orders import OPEN_ANSWER
from coordination.tickets.reading import Page
from coordination.tickets.units import receivers
from enterprises import access as ground_access
from enterprises.errors import Refused
from enterprises.models import Account, Enterprise
from enterprises.rules.names import folded
from supplies import access as supply_access
from supplies import products
from supplies.choices import LimitReason
from supplies.models import DailyReport, Limit, ReportingDuty
from supplies.request_keys import Key
from supplies.rules import display, quantities

NAMES = (
    "title", "description", "object", "impact", "category", "contact_name", "contact_phone", "product", "blocked", "hours_to_stop",
    "impact_kind", "source", "visit", "obstacle", "obstacle_division", "obstacle_place",
)  # fmt: skip
"""What the page of a new ticket asks; fields_of makes of it what a ticket takes."""
HOURS = (
    ("0", "已经停了"),
    ("12", "半天"),
    ("24", "一天"),
    ("48", "两天"),
    ("72", "三天"),
    ("120", "五天"),
    ("168", "一周"),
)
"""How people say when production will stop."""
ASKED_BEFORE = {"reject": "propose_reject", "suspend": "propose_suspend"}
"""Steps that approve what somebody else has asked for: his words stand there already."""
ORDERS_OF = {
    "sign_order": (OrderState.AWAITING,), "approve_order": (OrderState.ANSWERED,), "refuse_order": (OrderState.ANSWERED,),
    "release_order": (OrderState.RETURNING,), "keep_order": (OrderState.RETURNING,),
}  # fmt: skip
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
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True)
class Kept:
    """A file that is in the store and waits for the step to be tried again."""

    token: str
    name: str
    size: int


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
    is_more: bool = False


@dataclass(frozen=True)
class StepForm:
    """A step with its boxes; `problem` is what the step as a whole was refused for."""

    step: Step
    boxes: tuple[Box, ...]
    problem: str = ""
    is_open: bool = False
    kept: tuple[Kept, ...] = ()
    file_errors: tuple[str, ...] = ()

    @property
    def plain(self) -> list[Box]:
        return [box for box in self.boxes if not box.is_more]

    @property
    def more(self) -> list[Box]:
        return [box for box in self.boxes if box.is_more]

    @property
    def is_more_open(self) -> bool:
        """What is folded is shown where something stands in it."""
        return any(box.value or box.error for box in self.more)


@dataclass(frozen=True)
class LeftOver:
    """What was typed for a step that cannot be taken any more, and the files that came with it."""

    word: str
    texts: tuple[tuple[str, str], ...]
    files: tuple[Kept, ...]


def left_over(attempt: Attempt | None, forms: list[StepForm]) -> LeftOver | None:
    """What a refused step leaves behind where the page does not offer it any more; None where nothing is lost."""
    if attempt is None or any(form.step.action == attempt.action for form in forms):
        return None
    step = BY_ACTION[attempt.action]
    texts = []
    for one in step.fields:
        said = attempt.typed.get(one.name) or ""
        text = "\n".join(said) if isinstance(said, list) else str(said)
        if one.kind in ("text", "items") and text.strip():
            texts.append((one.word, text))
    return LeftOver(step.word, tuple(texts), attempt.kept) if texts or attempt.kept else None


def with_files(forms: list[StepForm], left: LeftOver) -> list[StepForm]:
    """The same forms, the files that were left over put where they can still be added."""
    return [
        replace(form, kept=left.files, is_open=bool(left.files)) if form.step.action == "attach" else form
        for form in forms
    ]


def kept(account: Account, received: Received) -> tuple[Kept, ...]:
    """Files that were received well, for the form that comes back."""
    return tuple(Kept(one.token(account), one.name, one.size) for one in received.files)


def file_errors(refused: Refused) -> tuple[str, ...]:
    """What is wrong with the files of a form."""
    return tuple(error.message for error in refused.errors if error.field == "files")


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
    made = (_box(one, step, page, typed.get(one.name), errors.get(one.name, "")) for one in step.fields)
    boxes = tuple(box for box in made if box is not None)
    if tried is None:
        return StepForm(step, boxes)
    names = {one.name for one in step.fields} | ({"files"} if step.takes_files else set())
    problem = "".join(e.message for e in tried.refused.errors if e.field not in names)
    return StepForm(step, boxes, problem, is_open=True, kept=tried.kept, file_errors=file_errors(tried.refused))


def _proposed(step: Step, page: Page) -> dict[str, Any]:
    """What is filled in already; nothing where a preset would be the answer (ratings, results)."""
    if step.action == "ask":
        return {"reply_by": (timezone.localdate() + dt.timedelta(days=2)).isoformat()}
    if step.action in ASKED_BEFORE:
        asked = next((e for e in reversed(page.events) if e.action == ASKED_BEFORE[step.action]), None)
        return dict(asked.said) if asked is not None else {}
    if step.action in ("reply", "extend"):
        return _of_lead(step, page)
    return _routed(step, page.card.ticket) if step.action in ("accept", "dispatch", "accept_level") else {}


def _of_lead(step: Step, page: Page) -> dict[str, Any]:
    """What the lead unit has put before its leader, or asked the desk for."""
    one = next((o for o in page.orders if o.order.part == OrderPart.LEAD and o.order.state in UNFINISHED), None)
    if one is None:
        return {}
    if step.action == "extend":
        return {"days": str(one.order.asked_days or ""), "reason": one.order.asked_reason}
    row = next((a for a in one.answers if a.state in OPEN_ANSWER), None)
    return {"text": row.text, "result": row.result, "evidence": row.evidence} if row is not None else {}


def _routed(step: Step, ticket: Ticket) -> dict[str, Any]:
    """What the rules propose."""
    proposed = routing.propose(ticket)
    lead = (ticket.lead if step.action == "dispatch" else None) or proposed.lead
    if step.action == "accept_level":
        return {"lead": lead.code if lead else ""}
    if step.action == "dispatch":
        return {"lead": lead.code if lead else "", "assist": [one.code for one in proposed.assist]}
    mode = TicketMode.URGENT if proposed.is_urgent and ticket.mode == TicketMode.NORMAL else ticket.mode
    return {
        "category": ticket.category_id, "level": proposed.level, "mode": mode, "urgent_reason": proposed.urgent_reason,
        "lead": lead.code if lead else "", "obstacle": ticket.obstacle,
        "obstacle_division": ticket.obstacle_division_id or "", "obstacle_place": ticket.obstacle_place,
    }  # fmt: skip


def bulk_boxes(step: Step, typed: Mapping[str, Any]) -> tuple[Box, ...]:
    """The boxes of a step for many tickets: what depends on the single ticket is left out."""
    found = (_box(one, step, None, typed.get(one.name), "") for one in step.fields)
    return tuple(box for box in found if box is not None)


def _box(one: Field, step: Step, page: Page | None, value: Any, error: str) -> Box | None:
    """A field as a widget; None where there is nothing to choose. Without a page it is about many tickets."""
    box = Box(
        one.name, one.word, "text", one.is_required, one.hint, value or "", one.choices, error, min(one.longest, 2000),
        is_more=one.is_more,
    )  # fmt: skip
    if one.name == "organisation":
        return _order_box(box, step, page) if page is not None else None
    if one.kind == "flag":
        return replace(box, widget="chips")
    if one.kind == "division":
        return replace(box, widget="select", choices=counties())
    if one.kind == "choice":
        return replace(box, widget="chips" if len(one.choices) <= FEW else "select")
    if one.kind == "category":
        return replace(box, widget="select", choices=tuple(TicketCategory.objects.values_list("code", "name")))
    if one.kind in ("organisation", "organisations"):
        widget = "several" if one.kind == "organisations" else "select"
        return replace(box, widget=widget, choices=tuple((unit.code, unit.name) for unit in receivers()))
    if one.kind == "day":
        return replace(box, widget="day")
    if one.kind in ("items", "ticket") and page is None:
        return replace(box, widget="area")
    if one.kind == "items" and page is not None:
        items = page.card.ticket.items
        if one.name == "answers":
            said = value if isinstance(value, list) else []
            pairs = tuple((item, said[n] if n < len(said) else "") for n, item in enumerate(items))
            return replace(box, widget="answers", parts=pairs)
        return replace(box, widget="area", value=value or "")
    if one.kind == "ticket" and page is not None:
        others = tickets.similar(page.card.ticket.enterprise, None, but=page.card.ticket.pk)
        return replace(box, widget="select", choices=tuple((str(t), f"{t} {t.title}") for t in others))
    return replace(box, widget="area" if one.longest > 300 else "text")


def _order_box(box: Box, step: Step, page: Page) -> Box | None:
    """Which order a step is about; the only one there is needs no choice."""
    states = ORDERS_OF.get(step.action, UNFINISHED)
    orders = [one.order for one in page.orders if one.order.state in states]
    if step.action in ("approve_order", "refuse_order", "cancel_order", "release_order"):
        orders = [order for order in orders if order.part == OrderPart.ASSIST]
    choices = tuple((order.organisation.code, order.organisation.name) for order in orders)
    if not box.is_required and len(choices) < 2:
        return None
    only = choices[0][0] if len(choices) == 1 else ""
    return replace(box, widget="chips" if len(choices) <= FEW else "select", choices=choices, value=box.value or only)


@dataclass(frozen=True)
class Opening:
    """The page on which a matter is raised: for whom, what was typed, what is wrong with it."""

    account: Account
    enterprise: Enterprise | None
    enterprises: tuple[tuple[str, str], ...]
    values: dict[str, str]
    groups: tuple[tuple[str, tuple[TicketCategory, ...]], ...]
    category_names: Mapping[str, str]
    products: tuple[tuple[str, str, str], ...]
    open_tickets: tuple[Ticket, ...]
    draft: Ticket | None
    key: str
    is_own: bool
    same: Ticket | None = None
    obstacles: tuple[tuple[str, str], ...] = tuple(Obstacle.choices)
    counties: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    files: tuple[Row, ...] = ()
    kept: tuple[Kept, ...] = ()
    file_errors: tuple[str, ...] = ()

    @property
    def category_name(self) -> str:
        """The category that is chosen, by name."""
        return self.category_names.get(self.values.get("category", ""), "")

    @property
    def impacts(self) -> tuple[tuple[str, str], ...]:
        """What the matter does to production, to be tapped."""
        return requests.IMPACTS

    @property
    def is_contact_known(self) -> bool:
        """Whether nobody needs to be asked for name and telephone."""
        return bool(self.values.get("contact_name") and self.values.get("contact_phone"))

    @property
    def hours(self) -> tuple[tuple[str, str], ...]:
        """Choices of when production stops, the one that was given among them."""
        given = self.values.get("hours_to_stop", "")
        others = () if not given or given in dict(HOURS) else ((given, f"{given} 小时"),)
        return (*HOURS, *others)

    @property
    def words(self) -> list[tuple[str, str, int]]:
        """The table from which the page guesses the category."""
        return list(categories.WORDS)

    @property
    def place(self) -> str:
        """What the typing is kept under until it is sent."""
        return f"new:{self.draft}" if self.draft is not None else "new"

    def begun_with(self, uscc: str, typed: dict[str, str]) -> Opening:
        """The page as another page begins it, nothing stored yet; what is known of the enterprise fills the gaps."""
        return replace(self, values={**self.values, **{n: v for n, v in typed.items() if v}, "enterprise": uscc})

    def refused_with(self, uscc: str, typed: dict[str, str], refused: Refused, waiting: tuple[Kept, ...]) -> Opening:
        """The same page with what was typed, the files that came well, and the reasons."""
        errors = {e.field: e.message for e in refused.errors}
        if not typed["category"] and (likely := categories.guesses(f"{typed['title']} {typed['description']}")):
            typed = {**typed, "category": likely[0]}
            errors["category"] = f"按您写的，像是“{self.category_names.get(likely[0], '')}”，已替您选上，请看对不对。"
        problem = "" if set(errors) <= {*NAMES, "enterprise", "files"} else refused.message
        return replace(
            self, values={**typed, "enterprise": uscc}, errors=errors, problem=problem, kept=waiting,
            file_errors=file_errors(refused),
        )  # fmt: skip


def opening(account: Account, query: QueryDict) -> Opening:
    """The page for an account: ?enterprise= chooses, ?draft= goes on, ?report= begins with what a report says."""
    draft = access.ticket(account, str(query["draft"])) if query.get("draft", "").startswith("draft-") else None
    report = _report(account, query.get("report", ""))
    within = ground_access.enterprises(account, "tickets:raise").order_by("sort_key", "pk")
    visit = _visit(account, query.get("visit", ""))
    begun = draft or report or visit
    chosen = begun.enterprise if begun is not None else None
    if chosen is None and query.get("enterprise"):
        chosen = ground_access.enterprise(account, str(query["enterprise"]), "tickets:raise")
    names = tuple(within.values_list("uscc", "name")[:2000]) if chosen is None else ((chosen.uscc, chosen.name),)
    if chosen is None and len(names) == 1:
        chosen = within.first()
    reason = str(query.get("reason", ""))
    known = {one.pk: one for one in TicketCategory.objects.all()}
    values = _of_draft(draft) if draft is not None else _of_report(report, reason) if report is not None else {}
    if visit is not None:
        values = _of_visit(visit, query.get("fact", ""))
    if chosen is not None:
        values = {"contact_name": chosen.contact_name, "contact_phone": chosen.contact_phone, **values}
        values["enterprise"] = chosen.uscc
    return Opening(
        account=account,
        enterprise=chosen,
        enterprises=names,
        values=values,
        groups=tuple((word, tuple(rows)) for word, rows in categories.grouped(known)),
        category_names={code: one.name for code, one in known.items()},
        products=_products(chosen),
        open_tickets=tuple(tickets.similar(chosen, None)) if chosen is not None else (),
        same=_same(report, reason) if report is not None else None,
        draft=draft,
        files=tuple(ticket_files.listed(account, draft, frozenset({Side.ENTERPRISE}))) if draft is not None else (),
        key=get_random_string(24),
        is_own=Side.ENTERPRISE in ground_access.roles(account),
        counties=counties(),
    )


def counties() -> tuple[tuple[str, str], ...]:
    """Counties of the city by code and name."""
    return tuple(sorted((node.code, node.name) for node in calendar.tree().nodes.values() if node.is_reporting))


@dataclass(frozen=True)
class Piece:
    """One matter of a pasted chat, with the guesses that a person confirms; `values` begin the page that raises it."""

    who: str
    at: str
    text: str
    quote: str
    name: str
    category: str
    is_likely: bool
    found: tuple[str, ...]
    again: tuple[Ticket, ...]
    is_repeated: bool
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Intake:
    """A pasted chat: what is probably a difficulty, what probably is not, and what was taken for noise. Nothing is lost."""

    likely: list[Piece]
    others: list[Piece]
    left_out: list[str]


def intake(account: Account, pasted: str) -> Intake:
    """The matters of a chat, each with its guesses and the enterprise's open tickets of that category. Three queries."""
    read = chat.read(pasted)
    if not read.pieces:
        return Intake([], [], read.left_out)
    within = ground_access.enterprises(account, "tickets:raise")
    names = ("uscc", "name", "initials", "contact_name", "contact_phone")
    known = [chat.Named(*row) for row in within.values_list(*names)]
    categories = dict(TicketCategory.objects.values_list("code", "name"))
    guessed = [(one, chat.whose(one, known)) for one in read.pieces]
    open_ones = _open_ones({uscc for _, uscc in guessed if uscc})
    firms, said, pieces = {one.key: one for one in known}, set(), []
    for one, uscc in guessed:
        piece = _piece(one, firms.get(uscc or ""), categories, open_ones, is_repeated=(uscc, one.text) in said)
        said.add((uscc, one.text))
        pieces.append(piece)
    return Intake([p for p in pieces if p.is_likely], [p for p in pieces if not p.is_likely], read.left_out)


def _piece(
    one: chat.Piece, firm: chat.Named | None, categories: dict[str, str], open_ones: dict[str, list[Ticket]], *,
    is_repeated: bool,
) -> Piece:  # fmt: skip
    words = one.text + (f"\n（{one.quote}）" if one.quote else "")
    code = chat.category(one.text)
    code = chat.category(one.quote) if code == "OTHER" and one.quote else code
    phones, amounts = chat.phones(words), chat.quantities(words)
    values = {
        "source": TicketSource.GROUP.value, "category": code, "description": words,
        "title": one.text.split("\n")[0][:60], "blocked": chat.per_day(words), "contact_phone": phones[0] if phones else "",
        "enterprise": firm.key if firm is not None else "",
    }  # fmt: skip
    again = [t for t in open_ones.get(firm.key, []) if t.category_id == code] if firm is not None else []
    return Piece(
        one.who, one.at, one.text, one.quote, firm.name if firm is not None else "", categories.get(code, ""),
        chat.is_likely(one), tuple(phones + amounts), tuple(again), is_repeated,
        tuple((name, value) for name, value in values.items() if value),
    )  # fmt: skip


def _open_ones(usccs: set[str]) -> dict[str, list[Ticket]]:
    found: dict[str, list[Ticket]] = {}
    open_ones = Ticket.objects.filter(enterprise__uscc__in=usccs, state__in=transitions.OPEN)
    for ticket in open_ones.select_related("enterprise").order_by("-submitted_at"):
        found.setdefault(ticket.enterprise.uscc, []).append(ticket)
    return found


def of(uscc: str) -> QueryDict:
    """The address of the page for an enterprise."""
    query = QueryDict(mutable=True)
    if uscc:
        query["enterprise"] = uscc
    return query


def key(post: QueryDict) -> Key | None:
    """The key of a form that may be sent twice; none where somebody made one up that is none."""
    text = post.get("key", "")
    if not KEY.fullmatch(text):
        return None
    said = "\n".join(f"{name}={post.get(name, '')}" for name in ("enterprise", *NAMES))
    return Key(f"ticket-form:{text}", hashlib.sha256(said.encode()).hexdigest())


def fields_of(account: Account, uscc: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What a person typed, as a ticket takes it: a title from the first sentence, one impact, an amount that is one,
    and where nobody is named the contact of the enterprise.

    What cannot be a figure ("大概两三吨") is told in the impact; nothing that was written is lost.
    """
    fields = {name: typed[name] for name in NAMES if name != "impact_kind"}
    fields["title"] = typed["title"].strip() or requests.headline(typed["description"])
    amount = requests.amount(typed["blocked"])
    fields["blocked"] = amount.figure if not amount.words or _is_counted_in(typed["product"], amount.figure) else ""
    fields["impact"] = requests.impact(typed["impact_kind"], typed["impact"], amount.words)
    if not (typed["contact_name"].strip() or typed["contact_phone"].strip()):
        found = ground_access.enterprises(account, "tickets:raise").filter(uscc=uscc).first()
        if found is not None:
            fields |= {"contact_name": found.contact_name, "contact_phone": found.contact_phone}
    return fields


def _is_counted_in(product: str, figure: str) -> bool:
    """Whether a figure can stand for an amount of the product: the product is named, and so counted."""
    entry = products.catalogue().entries.get(product)
    if entry is None or not figure:
        return False
    unit = quantities.read_text(figure).unit
    return not unit or folded(unit) in entry.units


def _products(enterprise: Enterprise | None) -> tuple[tuple[str, str, str], ...]:
    """The enterprise's own products with their units; where none is chosen yet, all finished ones."""
    entries = products.catalogue().entries
    owed = {code for code, entry in entries.items() if entry.stage == "finished"}
    if enterprise is not None:
        duties = ReportingDuty.objects.believed().on(timezone.localdate()).filter(enterprise=enterprise)
        owed = set(duties.values_list("product_id", flat=True))
    return tuple((code, entry.name, entry.base_unit) for code, entry in entries.items() if code in owed)


def _report(account: Account, text: str) -> DailyReport | None:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        return None
    found = supply_access.reports(account).filter(pk=int(text)).select_related("enterprise", "head").first()
    if found is None or not ground_access.enterprises(account, "tickets:raise").filter(pk=found.enterprise_id).exists():
        return None
    return found


def _visit(account: Account, text: str) -> Visit | None:
    """The visit with which a ticket begins, where the account may raise one there."""
    if not (text.isascii() and text.isdigit() and len(text) < 16) or not ground_access.may(account, "visits:read"):
        return None
    found = access.visits(account).filter(pk=int(text)).select_related("enterprise").first()
    if found is None or not ground_access.enterprises(account, "tickets:raise").filter(pk=found.enterprise_id).exists():
        return None
    return found


def _of_visit(visit: Visit, seq: str) -> dict[str, str]:
    """One fact of a visit, or all of them, as the beginning of a ticket; the category is guessed from the words."""
    lines = [fact.text for fact in visit.facts.all() if not seq or str(fact.seq) == seq]
    title = lines[0][:60] if lines else ""
    return {
        "title": title, "description": "\n".join(lines), "category": chat.category("\n".join(lines)),
        "source": TicketSource.VISIT.value if visit.way == VisitWay.VISIT else TicketSource.PHONE.value,
        "visit": str(visit.pk),
    }  # fmt: skip


def _same(report: DailyReport, reason: str) -> Ticket | None:
    """The open ticket that takes up the chosen difficulty of a report already."""
    return next((one.ticket for one in report_tickets.of_report(report) if one.reason == reason and one.ticket), None)


def _of_report(report: DailyReport, reason: str) -> dict[str, str]:
    """What a report says about its difficulties, or about the chosen one, as the beginning of a ticket."""
    assert report.head is not None
    limits = list(Limit.objects.filter(revision=report.head_id).select_related("product").order_by("-lost"))
    limits = [limit for limit in limits if limit.reason == reason] or limits
    first = limits[0] if limits else None
    words = "、".join(limit.get_reason_display() for limit in limits)
    return {
        "source": TicketSource.REPORT.value,
        "title": f"{words}影响生产" if words else report.head.note.split("\n")[0][:60],
        "description": report.head.note,
        "category": FROM_REPORT[LimitReason(first.reason)] if first is not None else "",
        "product": first.product_id or "" if first is not None else "",
        "blocked": display.full(first.lost)
        if first is not None and first.lost is not None and first.product_id
        else "",
    }


def _of_draft(draft: Ticket) -> dict[str, str]:
    kind, words = requests.parted(draft.impact)
    return {
        **{name: getattr(draft, name) for name in ("title", "description", "object", "contact_name", "contact_phone")},
        "impact_kind": kind,
        "impact": words,
        "category": draft.category_id,
        "product": draft.product_id or "",
        "blocked": display.full(draft.blocked) if draft.blocked is not None else "",
        "hours_to_stop": str(draft.hours_to_stop) if draft.hours_to_stop is not None else "",
        "obstacle": draft.obstacle,
        "obstacle_division": draft.obstacle_division_id or "",
        "obstacle_place": draft.obstacle_place,
    }
