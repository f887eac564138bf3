"""Why frozen statistics differ from the same period counted today: which tickets came, which went, and what happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from coordination.choices import TicketResult, TicketState
from coordination.models import Event, StatSnapshot
from coordination.rules.transitions import BY_ACTION
from coordination.tickets.statistics import HEADLINE, NAMED, Period, measure
from enterprises.models import Account

TURNED = (
    "T3",
    "T6",
    "T7",
    "T8",
    "T10",
    "T14",
    "T16",
    "T17",
    "T18",
    "T19",
    "T20",
    "T21",
    "T22",
    "T23",
    "T24",
    "K7",
    "K8",
)


@dataclass(frozen=True)
class Changed:
    """A ticket that a list counts now and did not then, or the other way round; why, as one says it."""

    number: str
    why: str


@dataclass(frozen=True)
class Difference:
    """How one list changed."""

    name: str
    word: str
    came: list[Changed]
    went: list[Changed]


def since(account: Account, kept: StatSnapshot) -> list[Difference]:
    """List by list, what came and what went since the cut-off of a snapshot. A fixed number of queries."""
    now = timezone.now()
    today = measure(
        account, Period(kept.first, kept.last, now), division=kept.division, category=kept.category, unit=kept.unit,
        headline=kept.headline or HEADLINE,
    )  # fmt: skip
    moved: dict[str, tuple[set[str], set[str]]] = {}
    for name, _ in NAMED:
        if name in kept.ids:
            before, after = set(kept.ids[name]), set(today.ids.get(name, []))
            if before != after:
                moved[name] = (after - before, before - after)
    reasons = _reasons({number for sides in moved.values() for side in sides for number in side}, kept.cut_off, now)
    words = dict(NAMED)

    def told(numbers: set[str]) -> list[Changed]:
        return [Changed(number, reasons.get(number, "到了应办的时间")) for number in sorted(numbers)]

    return [Difference(name, words[name], told(came), told(went)) for name, (came, went) in moved.items()]


def _reasons(numbers: set[str], start: dt.datetime, end: dt.datetime) -> dict[str, str]:
    """The last thing that happened to each ticket after the cut-off and could change a count."""
    events = Event.objects.filter(ticket__number__in=numbers, occurred_at__gt=start, occurred_at__lte=end)
    counted = events.filter(transition__in=TURNED) | events.filter(action__in=["submit", "revise", "mark", "rate"])
    found: dict[str, str] = {}
    for event in counted.select_related("ticket").order_by("ticket_id", "seq"):
        if event.action == "rate" and event.ticket.number in found:
            continue
        step = BY_ACTION.get(event.action)
        at = timezone.localtime(event.occurred_at)
        said = event.said.get("reason") or event.said.get("text") or ""
        found[str(event.ticket.number)] = f"{at.month}月{at.day}日 {step.word if step else '评价'}{_turned(event)}" + (
            f"（{str(said)[:40]}）" if said else ""
        )
    return found


def _turned(event: Event) -> str:
    labels: dict[str, str] = dict(TicketResult.choices)
    before, after = event.said.get("before"), event.said.get("after")
    if event.transition == "T23" and before in labels and after in labels:
        return f"：{labels[before]}→{labels[after]}"
    return f"：{TicketState(event.after).label}" if event.after else ""
