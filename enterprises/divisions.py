"""Divisions: establish one, rename or move it from a day on (R15)."""

from __future__ import annotations

import datetime as dt
import re

from django.db import transaction

from enterprises import access, audit, facts
from enterprises.choices import DivisionLevel
from enterprises.errors import Invalid, NotFound, reading
from enterprises.models import EVER, Account, Division, DivisionFact, Placement, StaleMark
from enterprises.rules import names

CODE = re.compile(r"[0-9A-Z]{2,12}")


def establish(
    *,
    actor: Account | None,
    code: str,
    name: str,
    level: str,
    parent: str | None,
    reports: bool | None = None,
    valid_from: dt.date = EVER,
    valid_to: dt.date | None = None,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> facts.Believed[DivisionFact]:
    """Let a division exist from `valid_from` on under a name and a parent; the earlier name or parent ends there.

    Takes: reports = whether enterprises stand on it; None = as it was, for a new county or zone yes, else no.
    Writes: division, its fact, stale marks, audit `division.establish`.
    Refuses: invalid_code, invalid_level, invalid_span, not_found (parent), division_cycle, not_leaf (a reporting unit
        with divisions below it), has_enterprises (one that would cease to be a reporting unit).
    """
    if actor is not None:
        access.require(actor, "settings:write")
    code = normal_code(code, field="code")
    with reading("name"):
        name = names.clean(name, what="名称", longest=100)
    if not name:
        raise Invalid("缺少名称。", code="required", field="name")
    if level not in DivisionLevel.values:
        raise Invalid(f"层级应为 {'、'.join(DivisionLevel.values)} 之一。", code="invalid_level", field="level")
    if valid_to is not None and valid_to < valid_from:
        raise Invalid("截止日期早于起始日期。", code="invalid_span", field="valid_to")
    parent = normal_code(parent, field="parent") if parent else None
    with transaction.atomic():
        known = Division.objects.select_for_update().in_bulk([c for c in (code, parent) if c])
        if parent is not None and parent not in known:
            raise NotFound(f"没有上级区划 {parent}。", field="parent")
        _refuse_cycle(code, parent, valid_from)
        division = known.get(code)
        if reports is None:
            reports = division.is_reporting if division else level in (DivisionLevel.COUNTY, DivisionLevel.ZONE)
        _refuse_not_leaf(code, reports, known[parent] if parent else None)
        if division is None:
            division = Division.objects.create(code=code, level=level, is_reporting=reports)
        else:
            _amend(actor, division, level, reports)
        done = facts.step(
            DivisionFact,
            actor=actor,
            key={"division_id": code},
            starts_on=valid_from,
            values={"name": name, "parent_id": parent},
            ends_on=valid_to,
            known_at=known_at,
            reason=reason,
        )
        if done.change != "unchanged":
            said = {"name": name, "parent": parent, "from": str(valid_from), "to": valid_to and str(valid_to)}
            audit.record(actor=actor, act="division.establish", on=division, after=said)
    return done


def normal_code(text: str, *, field: str) -> str:
    """The one spelling of a division's code: digits and capital letters, statutory or local."""
    code = names.folded(text).upper()
    if not CODE.fullmatch(code):
        raise Invalid("区划代码由 2 至 12 位数字或大写字母组成。", code="invalid_code", field=field)
    return code


def _refuse_cycle(code: str, parent: str | None, day: dt.date) -> None:
    """A division must not come to lie below itself, on this day or on any later one."""
    above: dict[str, set[str]] = {}
    rows = DivisionFact.objects.believed().exclude(division_id=code, starts_on=day)
    for child, upper in rows.filter(parent__isnull=False).values_list("division_id", "parent_id"):
        above.setdefault(child, set()).add(str(upper))
    reached, ahead = set[str](), {parent} if parent else set()
    while ahead:
        if code in ahead:
            raise Invalid("上级不能是自己或自己的下级。", code="division_cycle", field="parent")
        reached |= ahead
        ahead = {upper for child in ahead for upper in above.get(child, ())} - reached


def _refuse_not_leaf(code: str, reports: bool, parent: Division | None) -> None:
    if reports and DivisionFact.objects.believed().filter(parent_id=code).exists():
        raise Invalid("有下级的区划不能作填报单位。", code="not_leaf", field="reports")
    if parent is not None and parent.is_reporting:
        raise Invalid(f"上级 {parent.code} 是填报单位，其下不能再有区划。", code="not_leaf", field="parent")


def _amend(actor: Account | None, division: Division, level: str, reports: bool) -> None:
    """Level and kind of unit have no days of their own: a change holds for all days and is audited."""
    if (division.level, division.is_reporting) == (level, reports):
        return
    if division.is_reporting and not reports and Placement.objects.believed().filter(division=division).exists():
        raise Invalid("区划上还有企业，不能不再填报。", code="has_enterprises", field="reports")
    before = {"level": division.level, "reports": division.is_reporting}
    if division.is_reporting != reports:
        StaleMark.objects.create(from_day=EVER, to_day=None, cause="division")
    division.level, division.is_reporting = level, reports
    division.save(update_fields=["level", "is_reporting"])
    after = {"level": level, "reports": reports}
    audit.record(actor=actor, act="division.amend", on=division, before=before, after=after)
