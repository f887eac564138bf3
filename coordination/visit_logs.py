"""What the pages of visits show: filters of the log, its leading line, the log and promises as lists and workbooks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from coordination import access, visits
from coordination.choices import PromiseState, VisitWay
from coordination.models import Promise, Visit
from coordination.visits import Filters
from enterprises import workbooks
from enterprises.errors import Invalid
from enterprises.models import Account
from enterprises.rules import days

SHOWS = (("open", "待兑现"), ("today", "今天到期"), ("overdue", "已过期"), ("settled", "已了结"))
WEEK = dt.timedelta(days=7)
HEADS = (
    "走访时间", "记录时间", "方式", "企业", "统一社会信用代码", "区县", "走访人", "见到谁", "情况", "约定", "问题单",
)  # fmt: skip


@dataclass(frozen=True)
class Lead:
    """The leading line: talks of today and of the week, enterprises reached in the week, promises due and overdue."""

    today: int
    week: int
    enterprises: int
    due: int
    overdue: int


def lead(account: Account) -> Lead:
    """Two queries."""
    day = timezone.localdate()
    start = visits.start_of(day)
    lately = (
        access.visits(account).filter(occurred_at__gte=visits.start_of(day - WEEK + dt.timedelta(days=1))).order_by()
    )
    counts = lately.aggregate(
        today=Count("pk", filter=Q(occurred_at__gte=start)), week=Count("pk"), firms=Count("enterprise", distinct=True)
    )
    owed = access.promises(account).filter(state=PromiseState.OPEN).order_by()
    due = owed.aggregate(today=Count("pk", filter=Q(due_on=day)), late=Count("pk", filter=Q(due_on__lt=day)))
    return Lead(counts["today"], counts["week"], counts["firms"], due["today"], due["late"])


def read_filters(query: QueryDict) -> Filters:
    """The filters of an address; refuses invalid_date. What is unknown finds nothing."""
    texts = {name: query.get(name, "")[:100] for name in ("enterprise", "officer", "division", "search")}
    way = query.get("way", "")
    return Filters(
        **texts, way=way if way in VisitWay.values else "", first=_day(query, "from"), last=_day(query, "to")
    )  # fmt: skip


def _day(query: QueryDict, name: str) -> dt.date | None:
    text = query.get(name, "")
    try:
        return days.written(text) if text else None
    except ValueError as error:
        raise Invalid(f"{error}。", code="invalid_date", field=name) from None


def promises(account: Account, show: str, officer: str, division: str) -> QuerySet[Promise]:
    """Promises within reach: the nearest first, settled ones by when they were."""
    day = timezone.localdate()
    found = access.promises(account).select_related("enterprise", "owner", "visit")
    if officer:
        found = found.filter(owner__username=officer)
    if division:
        tree = access.tree_of(account)
        found = found.filter(visit__division__in=tree.leaves(division) if division in tree else [])
    if show == "settled":
        return found.exclude(state=PromiseState.OPEN).order_by("-settled_at", "-id")
    found = found.filter(state=PromiseState.OPEN)
    if show == "today":
        found = found.filter(due_on=day)
    elif show == "overdue":
        found = found.filter(due_on__lt=day)
    return found.order_by("due_on", "id")


def workbook(account: Account, found: QuerySet[Visit]) -> bytes:
    """All visits of a list as XLSX, in its order."""
    tree = access.tree_of(account)
    rows: list[list[Any]] = []
    for v in visits.with_parts(found).iterator(chunk_size=500):
        place = tree[v.division_id].name if v.division_id in tree else v.division_id
        said = "；".join(
            f"{p.get_kind_display()}：{p.what}（{p.due_on}，{p.get_state_display()}）" for p in v.promises.all()
        )
        rows.append(
            [
                timezone.localtime(v.occurred_at), timezone.localtime(v.recorded_at), v.get_way_display(), v.enterprise.name,
                v.enterprise.uscc, place, str(v.officer), v.met, v.notes, said or None,
                "、".join(str(link.ticket) for link in v.tickets.all()) or None,
            ]
        )  # fmt: skip
    made = timezone.localtime()
    return workbooks.workbook(
        "走访记录", HEADS, rows, notes=[f"导出时间 {made:%Y-%m-%d %H:%M}", "按屏幕上的筛选和次序"]
    )
