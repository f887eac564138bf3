"""How promises read on a page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils import timezone

from coordination import promises
from coordination.models import Promise
from coordination.rules import visits as rules

register = template.Library()
TAGS = {"over": "coral", "today": "amber", "soon": "brand", "": "line"}


@register.filter
def due_spoken(day: dt.date) -> str:
    """The day of a promise as one says it: 今天, 已过 2 天, 3月31日."""
    return rules.spoken(day, timezone.localdate())


@register.filter
def due_tag(day: dt.date) -> str:
    """The colour of the tag that shows it."""
    return TAGS[rules.look(day, timezone.localdate())]


@register.inclusion_tag("coordination/visits/_promise.html", takes_context=True)
def promise_row(context: template.Context, promise: Promise, *, is_of_one: bool = False) -> dict[str, Any]:
    """A promise with the way to follow it up, where the reader may; is_of_one: the page is about its enterprise."""
    request = context["request"]
    may = promise.state == "open" and promises.seems_ours(request.user, promise)
    return {
        "promise": promise, "may_follow_up": may, "is_of_one": is_of_one, "request": request,
        "csrf_token": context.get("csrf_token"), "today": timezone.localdate(), "outcomes": OUTCOMES,
    }  # fmt: skip


OUTCOMES = (("kept", "兑现了"), ("moved", "改期"), ("broken", "没兑现"))
