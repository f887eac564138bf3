"""The one screen on which a visit is logged: what is filled in already, what was typed, what is wrong with it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Max
from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import get_random_string

from coordination import access, officers
from coordination.choices import PromiseKind, VisitWay
from coordination.models import Ticket, Visit
from coordination.rules.transitions import OPEN
from coordination.ticket_files import Received
from coordination.ticket_forms import Kept, kept
from enterprises import access as ground_access
from enterprises.errors import Refused
from enterprises.models import Account, Enterprise
from supplies.request_keys import Key

ROWS = 3
"""Promises that the screen has room for; programs may send more."""
NAMES = ("way", "occurred_at", "met", "notes", "next_contact_on")
PARTS = ("kind", "who", "what", "due_on")
KEY = re.compile(r"[0-9A-Za-z]{8,60}")
MOST = 2000


@dataclass(frozen=True)
class Row:
    """One promise as it was typed."""

    place: int
    values: dict[str, str]
    errors: dict[str, str]

    @property
    def is_begun(self) -> bool:
        return bool(self.values["what"] or self.values["due_on"] or self.errors)


@dataclass(frozen=True)
class VisitForm:
    """The page: for whom, what was typed, what is wrong with it."""

    enterprise: Enterprise | None
    enterprises: tuple[tuple[str, str], ...]
    values: dict[str, str]
    rows: tuple[Row, ...]
    open_tickets: tuple[Ticket, ...]
    spoken: frozenset[str]
    last_at: dt.datetime | None
    key: str
    draft: str
    now: dt.datetime
    kept: tuple[Kept, ...] = ()
    problem: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    ways: tuple[tuple[str, str], ...] = tuple(VisitWay.choices)
    kinds: tuple[tuple[str, str], ...] = tuple(c for c in PromiseKind.choices if c[0] != PromiseKind.CONTACT)

    def refused_with(self, account: Account, post: QueryDict, received: Received, refused: Refused) -> VisitForm:
        """The same page with what was typed, the photos that came well, and the reasons."""
        errors = {e.field: e.message for e in refused.errors}
        rows = tuple(_row(place, post, errors) for place in range(ROWS))
        shown = {*NAMES, "enterprise", "tickets", "files"} | {
            f"promises[{p}].{part}" for p in range(ROWS) for part in PARTS
        }
        problem = "；".join(message for name, message in errors.items() if name not in shown)
        values = {name: post.get(name, "") for name in NAMES} | {"enterprise": post.get("enterprise", "")}
        spoken = frozenset(post.getlist("tickets"))
        waiting = kept(account, received)
        return replace(self, values=values, rows=rows, spoken=spoken, errors=errors, problem=problem, kept=waiting)


def visit_form(account: Account, uscc: str) -> VisitForm:
    """The page for an account, for one enterprise or with the choice of them."""
    within = ground_access.enterprises(account, "visits:write")
    chosen = ground_access.enterprise(account, uscc if uscc.isalnum() else "", "visits:write") if uscc else None
    choices: tuple[tuple[str, str], ...] = ()
    if chosen is None:
        own = officers.mine(account)
        rows = within.order_by("sort_key", "pk").values_list("pk", "uscc", "name")[:MOST]
        # his own before those of colleagues in the same area
        choices = tuple((u, n) for _, u, n in sorted(rows, key=lambda row: row[0] not in own))
        if len(choices) == 1:
            chosen = within.get(uscc=choices[0][0])
    last = Visit.objects.filter(enterprise=chosen).aggregate(at=Max("occurred_at"))["at"] if chosen else None
    open_ones = access.tickets(account).filter(enterprise=chosen, state__in=OPEN).order_by("-submitted_at")[:8]
    now = timezone.localtime()
    values = {
        "way": "visit",
        "occurred_at": now.strftime("%Y-%m-%dT%H:%M"),
        "met": chosen.contact_name if chosen else "",
    }
    return VisitForm(
        enterprise=chosen, enterprises=choices, values=values, rows=tuple(_row(p, QueryDict(), {}) for p in range(ROWS)),
        open_tickets=tuple(open_ones) if chosen is not None else (), spoken=frozenset(), last_at=last,
        key=get_random_string(24), draft=f"{account.pk}:{chosen.uscc if chosen else ''}", now=now,
    )  # fmt: skip


def _row(place: int, post: QueryDict, errors: dict[str, str]) -> Row:
    values = {part: post.get(f"promise{place}_{part}", "") for part in PARTS}
    wrong = {part: errors[f"promises[{place}].{part}"] for part in PARTS if f"promises[{place}].{part}" in errors}
    return Row(place, values, wrong)


def given(post: QueryDict) -> dict[str, Any]:
    """What the page sent, as the act takes it."""
    rows = [{part: post.get(f"promise{place}_{part}", "") for part in PARTS} for place in range(ROWS)]
    return {**{name: post.get(name, "") for name in NAMES}, "promises": rows, "tickets": post.getlist("tickets")}


def key(post: QueryDict) -> Key | None:
    """The key of a form that may be sent twice; none where somebody made one up that is none."""
    text = post.get("key", "")
    if not KEY.fullmatch(text):
        return None
    said = "\n".join(
        f"{name}={post.getlist(name)}" for name in sorted(post) if name not in ("csrfmiddlewaretoken", "key")
    )
    return Key(f"visit-form:{text}", hashlib.sha256(said.encode()).hexdigest())
