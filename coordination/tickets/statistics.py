"""Counting tickets exactly as tickets.md 2.8 defines it; every number comes with the tickets it counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from coordination import access
from coordination.choices import ConfirmMode, TicketNature, TicketResult, TicketState
from coordination.models import StatSnapshot, Ticket, TicketCategory
from coordination.rules.office_time import OfficeTime
from coordination.rules.ticket_histories import BY_SOMEBODY, History
from coordination.rules.ticket_measures import Asked, Measures
from coordination.rules.ticket_measures import measure as measured
from coordination.tickets import calendar, histories
from enterprises import access as ground_access
from enterprises import audit
from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import Account, Organisation

DEFINITION = 2
"""Version of the definitions; it changes with them."""
HEADLINE = BY_SOMEBODY
BY = ("division", "category", "unit", "month")
"""By what a table of all measures may be broken down."""
MOST_MONTHS = 60


@dataclass(frozen=True)
class Period:
    """Days first..last inclusive, known at the cut-off."""

    first: dt.date
    last: dt.date
    cut_off: dt.datetime

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime]:
        """Half open: [start of the first day, start of the day after the last), and nothing after the cut-off."""
        zone = timezone.get_default_timezone()
        start = dt.datetime.combine(self.first, dt.time(), zone)
        end = dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time(), zone)
        return start, min(end, self.cut_off + dt.timedelta.resolution)

    def months(self) -> list[Period]:
        """The months of the period, the first and the last as far as it reaches."""
        found: list[Period] = []
        first = self.first
        while first <= self.last and len(found) < MOST_MONTHS:
            following = (first.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
            found.append(Period(first, min(self.last, following - dt.timedelta(days=1)), self.cut_off))
            first = following
        return found


@dataclass(frozen=True)
class Part:
    """One row of a table: which part, its name, the period it counts, its measures."""

    key: str
    name: str
    period: Period
    measures: Measures


@dataclass(frozen=True)
class Count:
    """Histories read once; measured whole, and again for each part, without another question to the database."""

    account: Account
    period: Period
    headline: tuple[str, ...]
    histories: list[History]
    problems: dict[str, set[str]]
    letters: list[tuple[str, dt.date]]
    office: OfficeTime

    def whole(self) -> Measures:
        return self._measure(self.histories, self.period)

    def parts(self, by: str) -> list[Part]:
        """Measures by county, category, unit or month; in the order in which the city lists them. One query."""
        if by == "month":
            return [
                Part(f"{one.first:%Y-%m}", f"{one.first.year} 年 {one.first.month} 月", one,
                     self._measure(self.histories, one))
                for one in self.period.months()
            ]  # fmt: skip
        held: dict[str, list[History]] = {}
        for one in self.histories:
            held.setdefault(getattr(one, by), []).append(one)
        named = self._names(by)
        keys = [key for key in named if key in held] + sorted(key for key in held if key not in named)
        return [
            Part(key, named.get(key, "没有派出"), self.period, self._measure(held[key], self.period)) for key in keys
        ]

    def _names(self, by: str) -> dict[str, str]:
        if by == "division":
            return {node.code: node.name for node in access.tree_of(self.account).nodes.values()}
        if by == "category":
            return dict(TicketCategory.objects.values_list("code", "name"))
        return dict(Organisation.objects.order_by("name").values_list("code", "name"))

    def _measure(self, found: Sequence[History], period: Period) -> Measures:
        # in one zone moments are compared several times as fast
        start, end, cut_off = (at.astimezone(dt.UTC) for at in (*period.span, period.cut_off))
        asked = Asked(start, end, cut_off, self.headline)
        return measured(found, asked, self.office, self.problems, self.letters)


def count(
    account: Account,
    period: Period,
    *,
    division: str = "",
    category: str = "",
    unit: str = "",
    headline: Iterable[str] = HEADLINE,
) -> Count:
    """Read what the measures of a period need, of the tickets within reach. About a dozen queries, whatever their number.

    Refuses: invalid_choice (headline).
    """
    chosen = tuple(mode for mode in ConfirmMode.values if mode in set(headline))
    if not chosen:
        raise Invalid("“已解决”至少要计入一种确认方式。", code="invalid_choice", field="headline")
    found = access.tickets(account).exclude(state=TicketState.DRAFT)
    if division:
        tree = access.tree_of(account)
        found = found.filter(division__in=tree.leaves(division) if division in tree else ())
    if category:
        found = found.filter(category=category)
    start, end = period.span
    read = histories.read(found, start, end, period.cut_off)
    read = [one for one in read if unit in ("", one.unit)]
    known = calendar.load(period.cut_off, since=min([start, *(one.submitted_at for one in read)]))
    return Count(
        account,
        period,
        chosen,
        read,
        histories.problems(read, period.cut_off),
        histories.letters(read, period.cut_off),
        OfficeTime(known),
    )


def measure(
    account: Account,
    period: Period,
    *,
    division: str = "",
    category: str = "",
    unit: str = "",
    headline: Iterable[str] = HEADLINE,
) -> Measures:
    """The measures of a period over the tickets within reach."""
    return count(account, period, division=division, category=category, unit=unit, headline=headline).whole()


def solved_tickets(
    account: Account, first: dt.date | None, last: dt.date | None, *, cut_off: dt.datetime | None = None
) -> QuerySet[Ticket]:
    """Exactly the tickets that the headline counts now: closed as solved, confirmed by somebody, and no trials."""
    found = access.tickets(account).filter(
        state=TicketState.CLOSED, result=TicketResult.SOLVED, confirm_mode__in=HEADLINE, nature=TicketNature.REAL
    )
    if first is not None and last is not None:
        start, end = Period(first, last, cut_off or timezone.now()).span
        found = found.filter(closed_at__gte=start, closed_at__lt=end)
    return found


NAMED = (
    ("received", "本期收到"), ("recorded_later", "其中补录"), ("raised_by_liaison", "其中特派员提交"),
    ("accepted", "本期受理"), ("rejected", "本期不予受理"), ("withdrawn", "本期企业撤回"),
    ("closed", "本期办结"), ("closed_partial", "其中部分解决"), ("closed_explained", "其中解释说明"),
    ("closed_unsolved", "其中未解决"),
    ("solved", "已解决"), ("solved_by_enterprise", "已解决：企业确认"), ("solved_by_callback", "已解决：回访确认"),
    ("solved_by_proxy", "已解决：特派员代录"), ("solved_by_silent", "已解决：逾期视同确认"),
    ("unverified", "已解决中没有代码、待核企业"), ("common_tickets", "期末挂在共性问题上"),
    ("contact_due", "应在本期首次联系"), ("contact_met", "其中按时联系"), ("contacted", "本期首次联系"),
    ("punctual_due", "应在本期办结"), ("punctual_met", "其中按期办结"), ("punctual_whole_met", "其中全程按期"),
    ("punctual_original_due", "按原定时限应在本期办结"), ("punctual_original_met", "其中按原定时限办结"),
    ("timed", "本期答复并已确认（算办理时长）"), ("answered", "本期答复"), ("reworked", "其中 20 个工作日内重办"),
    ("rebound_met", "本期办结后 30 天内反弹"), ("rated", "本期办结中已评价"), ("content", "其中满意及以上"),
    ("sent_back_due", "本期派工"), ("sent_back_met", "本期退单"), ("extended_met", "本期延期"),
    ("escalated", "本期提级"), ("letters", "本期发公函的单"),
    ("suspended_in", "本期挂账"), ("suspended", "期末挂账"), ("in_hand", "期末在办"),
    ("in_hand_accepted", "期末在办中已受理"), ("overdue", "期末超期在办"), ("trials", "测试和演练（各项都不计）"),
)  # fmt: skip
"""Lists behind the numbers, by name; what a page or a snapshot may open. 本期 counts by event, 期末 by state."""


def freeze(
    *,
    actor: Account,
    period: Period,
    division: str = "",
    category: str = "",
    unit: str = "",
    headline: Iterable[str] = HEADLINE,
) -> StatSnapshot:
    """Keep the measures as they stand, with the tickets they count.

    Writes: snapshot, audit `tickets.freeze`. Refuses: forbidden (only desks, supervisors and auditors keep figures).
    """
    if not ground_access.may(actor, "tickets:desk") and not ground_access.may(actor, "tickets:supervise"):
        raise Forbidden
    found = count(actor, period, division=division, category=category, unit=unit, headline=headline)
    kept = found.whole()
    with transaction.atomic():
        made = StatSnapshot.objects.create(
            definition=DEFINITION, first=period.first, last=period.last, division=division, category=category,
            unit=unit, headline=list(found.headline), cut_off=period.cut_off, actor=actor, reach=_reach(actor),
            values=kept.values, ids=kept.ids,
        )  # fmt: skip
        audit.record(actor=actor, act="tickets.freeze", on=made, after={"solved": kept.values["solved"]})
    return made


def snapshots(account: Account) -> list[StatSnapshot]:
    """Frozen statistics that count nothing the account may not see, the latest first."""
    mine = set(_reach(account))
    return [one for one in StatSnapshot.objects.select_related("actor")[:200] if set(one.reach) <= mine]


def snapshot(account: Account, number: int) -> StatSnapshot:
    """One of them; refuses not_found for any other."""
    found = StatSnapshot.objects.select_related("actor").filter(pk=number).first()
    if found is None or not set(found.reach) <= set(_reach(account)):
        raise NotFound("没有找到这份统计。")
    return found


def _reach(account: Account) -> list[str]:
    """Codes of the units whose tickets the account reads."""
    leaves = ground_access.leaves(account, "tickets:read", tree=access.tree_of(account))
    if leaves is None:
        return sorted(node.code for node in access.tree_of(account).nodes.values() if node.is_reporting)
    return sorted(leaves)
