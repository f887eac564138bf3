"""Calls about missing reports: note one, and what was said last (the board of the unreported)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from enterprises import access, audit
from enterprises.errors import Invalid, NotFound
from enterprises.models import Account, Enterprise
from supplies.choices import CallOutcome
from supplies.models import Call

LONGEST_NOTE = 200
LONGEST_PROMISE = dt.timedelta(days=7)


def note(
    *,
    actor: Account,
    enterprise: Enterprise,
    day: dt.date,
    outcome: str,
    promised_at: dt.datetime | None = None,
    text: str = "",
) -> Call:
    """Note that an enterprise was called about the report of a day.

    Takes: outcome of CallOutcome; promised_at = until when it will file, only where it was reached.
    Writes: the call, audit `call.note`.
    Refuses: forbidden, not_found (out of reach), invalid_outcome, invalid_promise, too_long.
    """
    access.require(actor, "reports:on_behalf")
    reach = access.enterprises(actor, "reports:on_behalf")
    if not reach.filter(pk=enterprise.pk).exists():
        raise NotFound("没有找到这家企业。", field="enterprise")
    if outcome not in CallOutcome.values:
        raise Invalid("请选择联系结果。", code="invalid_outcome", field="outcome")
    now, text = timezone.now(), text.strip()
    if len(text) > LONGEST_NOTE:
        raise Invalid(f"说明最多 {LONGEST_NOTE} 字。", code="too_long", field="note")
    if promised_at is not None and outcome != CallOutcome.REACHED:
        raise Invalid("没有联系上就没有答应的时间。", code="invalid_promise", field="promised_at")
    if promised_at is not None and not now < promised_at <= now + LONGEST_PROMISE:
        raise Invalid("答应的时间应晚于现在，且在七天以内。", code="invalid_promise", field="promised_at")
    with transaction.atomic():
        call = Call.objects.create(
            enterprise=enterprise,
            day=day,
            outcome=outcome,
            promised_at=promised_at,
            note=text,
            actor=actor,
            recorded_at=now,
        )
        audit.record(actor=actor, act="call.note", on=enterprise, after={"date": day.isoformat(), "outcome": outcome})
    return call


def latest(day: dt.date) -> dict[int, Call]:
    """The latest call about a day per enterprise id. One query."""
    return {call.enterprise_id: call for call in Call.objects.filter(day=day).select_related("actor").order_by("id")}
