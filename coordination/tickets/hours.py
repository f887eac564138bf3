"""Office hours by season: from which day on which hours hold."""

from __future__ import annotations

from django.db import transaction

from coordination import words
from coordination.models import WorkHours
from coordination.tickets.calendar import parsed
from enterprises import access, audit
from enterprises.errors import Invalid
from enterprises.models import Account


def hours() -> list[WorkHours]:
    """All rows, the latest first."""
    return list(WorkHours.objects.order_by("-starts_on"))


def set_hours(*, actor: Account, starts_on: str, text: str) -> WorkHours:
    """Let hours hold from a day on, until the next row begins. What started before keeps the due time it has.

    Writes: hours, audit `work_hours.set`. Refuses: forbidden, required, invalid_date, invalid_hours.
    """
    access.require(actor, "settings:write")
    day = words.day(starts_on, "starts_on", "起始日期")
    plain = words.line(text.replace("：", ":").replace("，", " ").replace(",", " "), "text", "上班时间", 100)
    try:
        spans = parsed(plain)
    except ValueError:
        raise Invalid("上班时间应写作 08:30-12:00 14:00-17:30。", code="invalid_hours", field="text") from None
    normal = " ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in spans)
    with transaction.atomic():
        before = WorkHours.objects.select_for_update().filter(starts_on=day).first()
        row, _ = WorkHours.objects.update_or_create(starts_on=day, defaults={"text": normal})
        audit.record(
            actor=actor, act="work_hours.set", on=row, before={"text": before.text} if before else None,
            after={"starts_on": day.isoformat(), "text": normal},
        )  # fmt: skip
    return row
