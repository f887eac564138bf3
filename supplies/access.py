"""Who sees which daily reports, and who may file for whom: this storey's nouns, asked of the one mechanism."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from enterprises import access
from enterprises.errors import Forbidden, NotFound
from enterprises.models import Account, DivisionFact, Enterprise, Placement
from supplies.models import DailyReport


def reports(account: Account) -> QuerySet[DailyReport]:
    """Reports within reach: an enterprise's own; for others, of enterprises that stood in reach on the day (R15)."""
    return DailyReport.objects.filter(access.placed(account, "reports:read", day="day"), head__isnull=False)


def placed_reports(account: Account) -> QuerySet[DailyReport]:
    """Reports within reach, those of which nothing counts any more among them: history is about all of them."""
    return DailyReport.objects.filter(access.placed(account, "reports:read", day="day"))


def report(account: Account, number: int) -> DailyReport:
    """One report within reach; refuses not_found alike for a foreign and a missing one."""
    found = reports(account).filter(pk=number).first()
    if found is None:
        raise NotFound("没有找到这份日报。", field="id")
    return found


def division_on(enterprise: Enterprise, day: dt.date) -> str | None:
    """Code of the reporting unit on which an enterprise stands on a day, as believed now; None = on none."""
    placed = Placement.objects.believed().on(day).filter(enterprise=enterprise)
    return placed.values_list("division_id", flat=True).first()


def permit_filing(actor: Account, *, enterprise: Enterprise, division: str | None, on_behalf: bool) -> None:
    """Who may file for whom (R5): an enterprise for itself; liaison officers and the bureau on behalf of a caller.

    `division` is the unit where the enterprise stands on the report's day.
    Refuses: forbidden (no such ability), on_behalf_required, not_found (not theirs).
    """
    if not access.may(actor, "reports:write") and not access.may(actor, "reports:on_behalf"):
        raise Forbidden("您的账号或令牌不能提交日报。")
    is_own = enterprise.pk in access.reach(actor, "reports:write").enterprises
    is_theirs = _covers(actor, enterprise, division)
    if not is_own and not is_theirs:
        raise NotFound("没有找到这家企业。", field="enterprise")
    if on_behalf and not is_theirs:
        raise Forbidden("企业为自己填报，不用写代报。", field="on_behalf")
    if not on_behalf and not is_own:
        raise Forbidden("为企业代报要写明来电人和事由。", code="on_behalf_required", field="on_behalf")


def report_to_review(account: Account, number: int) -> DailyReport:
    """One report on which the account may decide, or which it may see; refuses not_found for any other."""
    condition = access.placed(account, "reports:review", day="day") | access.placed(account, "reports:read", day="day")
    found = DailyReport.objects.filter(condition, head__isnull=False, pk=number).first()
    if found is None:
        raise NotFound("没有找到这份日报。", field="id")
    return found


def permit_review(actor: Account, report: DailyReport) -> None:
    """Who may decide on a report: the county in which its enterprise stood on the day, and the city (R7).

    Refuses: not_found (not theirs to see), forbidden (theirs to see, not to decide).
    """
    if not access.may(actor, "reports:review"):
        raise Forbidden("您的账号或令牌不能审核日报。")
    theirs = DailyReport.objects.filter(access.placed(actor, "reports:review", day="day"), pk=report.pk)
    if not theirs.exists():
        raise NotFound("没有找到这份日报。", field="id")


def _covers(actor: Account, enterprise: Enterprise, division: str | None) -> bool:
    where = access.reach(actor, "reports:on_behalf")
    if where.everywhere or enterprise.pk in where.enterprises:
        return True
    if division is None or not where.divisions:
        return False
    return division in where.divisions or division in (
        access.leaves(actor, "reports:on_behalf", tree=DivisionFact.objects.tree(access.today())) or ()
    )
