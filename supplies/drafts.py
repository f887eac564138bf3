"""Keep what is typed on a form, so that a phone may die: saved again and again, offered when the form is opened."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from enterprises import access
from enterprises.errors import Invalid
from enterprises.models import Account, Enterprise
from supplies import access as filing
from supplies.models import Draft

KEPT = dt.timedelta(days=7)
MOST_FIELDS, LONGEST, LONGEST_NAME = 1000, 5000, 80
"""What a form of all products may hold; more is no form of ours."""


def save(*, actor: Account, enterprise: Enterprise, day: dt.date, body: bytes, device: str) -> Draft:
    """Keep the latest state of the form; the one saved last holds. Not audited: nothing of it counts (R7).

    `body` is JSON, [[name, text], ...]. Refuses: not_found and forbidden of whoever may not file for the enterprise;
    invalid_draft.
    """
    division = filing.division_on(enterprise, day)
    mine = enterprise.pk in access.reach(actor, "reports:write").enterprises
    filing.permit_filing(actor, enterprise=enterprise, division=division, on_behalf=not mine)
    fields = pairs(body)
    with transaction.atomic():
        draft, _ = Draft.objects.update_or_create(
            account=actor, enterprise=enterprise, day=day,
            defaults={"fields": fields, "device": device[:40], "saved_at": timezone.now()},
        )  # fmt: skip
    return draft


def latest(account: Account, enterprise: Enterprise, day: dt.date) -> Draft | None:
    """The account's own draft of the day; one query."""
    return Draft.objects.filter(account=account, enterprise=enterprise, day=day).first()


def drop(*, actor: Account, enterprise: Enterprise, day: dt.date, until: dt.datetime | None = None) -> None:
    """Forget the draft; with `until` only what was saved by then, so that newer typing of another device stays."""
    found = Draft.objects.filter(account=actor, enterprise=enterprise, day=day)
    (found.filter(saved_at__lte=until) if until is not None else found).delete()


def tidy() -> None:
    """Delete drafts that nobody came back to."""
    Draft.objects.filter(saved_at__lt=timezone.now() - KEPT).delete()


def pairs(body: bytes) -> list[list[str]]:
    """What a page sends of a form: [[name, text], ...]. Refuses invalid_draft."""
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise _unreadable() from None
    if not isinstance(said, list) or len(said) > MOST_FIELDS:
        raise _unreadable()
    for pair in said:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise _unreadable()
        if len(pair[0]) > LONGEST_NAME or len(pair[1]) > LONGEST or "\0" in "".join(pair):
            raise _unreadable()
        try:
            "".join(pair).encode()
        except UnicodeEncodeError:
            raise _unreadable() from None
    return said


def _unreadable() -> Invalid:
    return Invalid("草稿读不出，没有保存。", code="invalid_draft")
