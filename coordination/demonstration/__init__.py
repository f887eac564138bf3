"""The demonstration city: laid whole into an empty database, or not at all.

Its facts, reports and figures come from coordination.rules.demonstration; here they become rows. The same arguments
give the same rows. It may exist in demonstration mode only.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from coordination.demonstration import duty, people, published, reports, tickets, visits
from coordination.demonstration import enterprises as plants
from coordination.rules.demonstration import LAST, TODAY, figures, filings, troubles
from coordination.rules.demonstration import visits as talks
from coordination.rules.demonstration.calendar import Calendar
from coordination.rules.demonstration.makers import makers
from enterprises import audit
from enterprises.errors import Conflict, Forbidden, Invalid
from enterprises.models import Account, Enterprise
from supplies import daily_totals, products

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Laid:
    """What was laid: the last story day, the living day if there is one, how many reports."""

    ends_on: dt.date
    living_day: dt.date | None
    enterprises: int
    reports: int


def is_wanted() -> bool:
    """Whether the city may be laid now: demonstration mode, and no enterprise in the database yet."""
    return bool(settings.DEMO) and not Enterprise.objects.exists()


def lay(*, ends_on: dt.date | None = None, now: dt.datetime | None = None) -> Laid:
    """Lay the story so that its last day is `ends_on` (default: yesterday), seen from the moment `now` (default: now).

    Where the story ends on the eve of `now`, a living day follows of which as much has happened as by `now`.
    Writes: divisions, catalogue, enterprises with all their facts, accounts, reports, totals of the days laid, audit
    `demonstration.lay`. All in one transaction; it ends only if the published figures come out exactly.
    Refuses: not_demonstration (403), not_empty (409), moment_future, story_unfinished.
    """
    if not settings.DEMO:
        raise Forbidden("演示城市只能在演示模式下装入（见 DEMO）。", code="not_demonstration")
    moment = now or timezone.now()
    if moment > timezone.now():
        raise Invalid("--now 不能晚于现在。", code="moment_future", field="now")
    today = timezone.localdate(moment)
    ends_on = ends_on or today - DAY
    if ends_on >= today:
        raise Invalid("故事的最后一天应早于今天，那一天才是完整的。", code="story_unfinished", field="ends_on")
    with transaction.atomic():
        _refuse_filled()
        calendar = Calendar(ends_on, is_living=ends_on + DAY == today)
        laid = _write(calendar, moment)
        published.check(calendar)
    return laid


def _refuse_filled() -> None:
    """History is never deleted, so there is nothing to replace: a filled database stays as it is."""
    if Enterprise.objects.exists():
        raise Conflict(
            "库中已有企业；数据只增不删，不能重装。要重来，请换一个空库（BAOGONG_VAR 或 DATABASE_URL）。",
            code="not_empty",
        )
    taken = Account.objects.filter(username__in=people.usernames()).order_by("username").first()
    if taken is not None:
        raise Conflict(f"账号 {taken.username} 已经存在；请换一个空库再装入演示城市。", code="not_empty")


def _analyse() -> None:
    """Let PostgreSQL know how much there is now: plans made for empty tables would take minutes.

    Our own tables only: those that all databases of a server share would stay locked until we are done.
    """
    if connection.vendor == "postgresql":
        tables = sorted(model._meta.db_table for model in apps.get_models() if model._meta.managed)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE " + ", ".join(map(connection.ops.quote_name, tables)))


def _write(calendar: Calendar, now: dt.datetime) -> Laid:
    listed = makers()
    filed = filings.filings(listed)
    course = figures.course(listed, filed)
    if calendar.is_living:
        filed |= filings.living_day(listed, calendar.seconds(now))
    products.load_catalogue()
    plants.lay_divisions(calendar)
    keys = plants.lay(calendar, listed)
    accounts = people.lay(calendar, listed, keys)
    count = reports.lay(calendar, listed, keys, accounts, filed, course)
    duty.lay(calendar)
    matters = troubles.troubles(listed)
    heard = visits.lay(calendar, listed, keys, accounts, talks.talks(listed, matters), now)
    _analyse()
    tickets.lay(calendar, listed, keys, accounts, matters, heard)
    _analyse()
    last = TODAY if calendar.is_living else LAST
    daily_totals.lock()
    daily_totals.compute([calendar.day(offset) for offset in range(last, -1, -1)], budget=float("inf"))
    laid = Laid(calendar.ends_on, calendar.day(TODAY) if calendar.is_living else None, len(listed), count)
    said = {"ends_on": laid.ends_on.isoformat(), "enterprises": laid.enterprises, "reports": laid.reports}
    audit.record(actor=None, act="demonstration.lay", on=("demonstration", "1"), after=said)
    return laid
