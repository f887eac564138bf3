"""Working groups and the duty roster of the demonstration city, around its last days."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from coordination.choices import DutyPart, GroupKind
from coordination.models import Absence, DutyShift, GroupMember, WorkingGroup
from coordination.rules import duty as rules
from coordination.rules.demonstration import LAST, names
from coordination.rules.demonstration.calendar import Calendar
from enterprises.choices import OrganisationKind
from enterprises.models import Account, Organisation

CITY, COUNTY = "350500", "350582"
FIRST, UNTIL = LAST - 6, LAST + 9
"""Story days on which somebody is on duty."""
HOLE = ("350526", LAST + 2)
"""A unit that forgot the night of one day, so that a gap can be seen."""
GROUPS = {
    "ZB001": ("口罩保供专班", GroupKind.EMERGENCY, "熔喷布、口罩机和通行，一事一办",
              ("leader", "city", "department", "unit_market"), 4),
    "ZB002": ("企业用工返岗专班", GroupKind.PROJECT, "员工返岗、接送和核酸检测",
              ("unit_labour", "unit_health", "county"), 30),
}  # fmt: skip
"""Code: name, kind, task, user names with the leader first, story day of its founding."""
OUTSIDER = ("苏联络", "铁路货运站")


def lay(calendar: Calendar) -> None:
    """Two groups, and fourteen days of duty in two shifts at every desk, in one department and one group."""
    city = Account.objects.get(username="city")
    people = {one.username: one for one in Account.objects.filter(posts__isnull=False).distinct()}
    groups = [_group(calendar, code, people, city) for code in GROUPS]
    transport = Organisation.objects.get(code="transport")
    rows = []
    for at, code in enumerate([CITY, *names.UNITS]):
        own = {CITY: city, COUNTY: people["county"]}.get(code)
        rows += _fortnight(calendar, {"division_id": code}, own, 500 + 4 * at)
    rows += _fortnight(calendar, {"organisation": transport}, people["department"], 580)
    rows += _fortnight(calendar, {"organisation": groups[0]}, people["unit_market"], 590)
    DutyShift.objects.bulk_create(rows)
    away = calendar.day(LAST + 3)
    Absence.objects.create(
        account=people["unit_market"], name=str(people["unit_market"]), starts_on=away, ends_on=away + dt.timedelta(days=1),
        reason="出差", made_by=city, made_at=calendar.dawn(LAST),
    )  # fmt: skip


def _group(calendar: Calendar, code: str, people: dict[str, Account], city: Account) -> Organisation:
    name, kind, task, usernames, day = GROUPS[code]
    unit = Organisation.objects.create(
        code=code, name=f"泉州市{name}", kind=OrganisationKind.TASK_FORCE, division_id=CITY
    )
    first = calendar.day(day)
    group = WorkingGroup.objects.create(
        organisation=unit, kind=kind, task=task, starts_on=first, made_by=city, made_at=calendar.dawn(day)
    )
    members = [
        GroupMember(
            group=group, account=people[one], name=str(people[one]), phone=people[one].phone, is_leader=not at,
            part="" if at else "负责人", starts_on=first, added_by=city,
        )
        for at, one in enumerate(usernames)
    ]  # fmt: skip
    outsider, part = OUTSIDER
    members.append(
        GroupMember(group=group, name=outsider, phone=names.phone(599), part=part, starts_on=first, added_by=city)
    )
    GroupMember.objects.bulk_create(members)
    return unit


def _fortnight(calendar: Calendar, place: dict[str, object], own: Account | None, number: int) -> list[DutyShift]:
    """Day and night, A and B; four people take turns, the place's own account has the days of A."""
    zone, rows = timezone.get_default_timezone(), []
    for offset in range(FIRST, UNTIL):
        for at, (start, end) in enumerate(rules.slots(calendar.day(offset), 2, zone)):
            if at and (place.get("division_id"), offset) == HOLE:
                continue
            for part in DutyPart.values:
                turn = (offset + 2 * at + (part == DutyPart.B)) % 4
                account = own if own is not None and part == DutyPart.A and not at else None
                rows.append(
                    DutyShift(
                        **place, part=part, account=account, name=str(account or names.person(number + turn)),
                        phone=account.phone if account else names.phone(number + turn), starts_at=start, ends_at=end,
                        made_by=None, made_at=calendar.dawn(FIRST),
                    )
                )  # fmt: skip
    return rows
