"""Working groups 专班: set one up, say who is in it, dissolve it. A group works as the unit beside it does."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from coordination import access, duty, words
from coordination.choices import GroupKind
from coordination.models import CommonProblem, GroupMember, Ticket, TicketNumber, WorkingGroup
from enterprises import access as ground_access
from enterprises import audit
from enterprises.choices import OrganisationKind
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account, Organisation

NUMBERS = 1
"""The "year" under whose row the codes of groups are counted."""
A_DAY = dt.timedelta(days=1)


def groups(account: Account) -> QuerySet[WorkingGroup]:
    """All groups, the running ones first, with how many are in each. Refuses forbidden."""
    if not duty.may_read(account):
        raise Forbidden
    today = ground_access.today()
    here = Q(members__ends_on=None) | Q(members__ends_on__gte=today)
    found = WorkingGroup.objects.select_related("organisation__division")
    return found.annotate(people=Count("members", filter=here)).order_by("ends_on", "-starts_on", "-pk")


def find(account: Account, code: str) -> WorkingGroup:
    """One group by the code of its unit; refuses forbidden, not_found."""
    found = groups(account).filter(organisation__code=code).first()
    if found is None:
        raise NotFound("没有找到这个专班。", field="group")
    return found


def may_edit(account: Account, group: WorkingGroup) -> bool:
    """The desk above it, and its leader."""
    return duty.may_edit(account, place(group))


def place(group: WorkingGroup) -> duty.Place:
    """The group as a place of duty."""
    unit = group.organisation
    return duty.Place(f"o-{unit.code}", unit.name, organisation=unit.pk, is_group=True)


def members(group: WorkingGroup) -> list[GroupMember]:
    """Who is in it today, the leader first."""
    today = ground_access.today()
    found = group.members.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)
    return list(found.select_related("account").order_by("-is_leader", "pk"))


def leader(organisation: int) -> GroupMember | None:
    """Who leads a group today, by its unit."""
    today = ground_access.today()
    found = GroupMember.objects.filter(group__organisation=organisation, is_leader=True, starts_on__lte=today)
    return found.filter(Q(ends_on=None) | Q(ends_on__gte=today)).select_related("account").order_by("-pk").first()


def tickets(account: Account, group: WorkingGroup) -> QuerySet[Ticket]:
    """Tickets within the reader's reach that the group leads or has orders of."""
    unit = group.organisation_id
    own = Ticket.objects.filter(orders__organisation=unit, orders__state__in=access.ALIVE).values("pk")
    found = access.tickets(account).filter(Q(lead=unit) | Q(pk__in=own))
    return found.select_related("enterprise", "category", "lead", "division", "product")


def problems(group: WorkingGroup) -> QuerySet[CommonProblem]:
    """Common problems that the group leads."""
    return CommonProblem.objects.filter(lead=group.organisation_id).annotate(tickets=Count("members"))


def establish(
    *, actor: Account, name: str, kind: str, division: str, leader: str, starts_on: str = "", task: str = ""
) -> WorkingGroup:
    """Set a group up at the level of a division, led by a person ("姓名 电话", or the user name of an account).

    Writes: organisation, group, its leader, audit `group.establish`.
    Refuses: forbidden, not_found (division), required, invalid_choice (kind), name_taken, unknown_person, invalid_date.
    """
    ground_access.require_in(actor, division, "tickets:desk")
    name = words.line(name, "name", "名称", 60)
    task = words.line(task, "task", "任务", 200, is_required=False)
    if kind not in GroupKind.values:
        raise Invalid("请选性质。", code="invalid_choice", field="kind")
    first = words.day(starts_on, "starts_on", "起始日期") if starts_on else ground_access.today()
    with transaction.atomic():
        number = _next()
        if Organisation.objects.filter(name=name, division=division).exists():
            raise Conflict("已经有同名的单位。", code="name_taken", field="name")
        unit = Organisation.objects.create(
            code=f"ZB{number:03d}", name=name, kind=OrganisationKind.TASK_FORCE, division_id=division
        )
        group = WorkingGroup.objects.create(
            organisation=unit, kind=kind, task=task, starts_on=first, made_by=actor, made_at=timezone.now()
        )
        _join(actor, group, leader, "leader", part="负责人", is_leader=True, on=first)
        audit.record(actor=actor, act="group.establish", on=group, after={"name": name, "kind": kind, "leader": leader})
    return group


def join(*, actor: Account, group: WorkingGroup, who: str, part: str = "") -> GroupMember:
    """Somebody works in the group from today on.

    Writes: member, audit `group.join`. Refuses: forbidden, dissolved, required, unknown_person, in_already.
    """
    _require(actor, group)
    part = words.line(part, "part", "分工", 60, is_required=False)
    with transaction.atomic():
        _locked(group)
        made = _join(actor, group, who, "who", part=part, is_leader=False, on=ground_access.today())
        audit.record(actor=actor, act="group.join", on=group, after={"who": made.name})
    return made


def leave(*, actor: Account, group: WorkingGroup, number: int) -> None:
    """Somebody is in the group until yesterday. Its leader is not let go, only replaced.

    Writes: member, audit `group.leave`. Refuses: forbidden, dissolved, not_found, needs_leader.
    """
    _require(actor, group)
    with transaction.atomic():
        _locked(group)
        member = group.members.filter(pk=number, ends_on=None).first()
        if member is None:
            raise NotFound("没有这位成员。", field="member")
        if member.is_leader:
            raise Conflict("专班要有负责人，先换负责人。", code="needs_leader")
        _end(member)
        audit.record(actor=actor, act="group.leave", on=group, before={"who": member.name})


def lead(*, actor: Account, group: WorkingGroup, number: int) -> None:
    """Another member leads from today on; the one before stays a member.

    Writes: members, audit `group.lead`. Refuses: forbidden, dissolved, not_found.
    """
    _require(actor, group)
    with transaction.atomic():
        _locked(group)
        new = group.members.filter(pk=number, ends_on=None).first()
        if new is None:
            raise NotFound("没有这位成员。", field="member")
        old = group.members.filter(is_leader=True, ends_on=None).first()
        if old is not None and old.pk == new.pk:
            return
        today = ground_access.today()
        for one, is_leader in ((old, False), (new, True)):
            if one is not None:
                _end(one)
                kept = {"account": one.account, "name": one.name, "phone": one.phone}
                part = "负责人" if is_leader else ("" if one.part == "负责人" else one.part)
                group.members.create(**kept, part=part, is_leader=is_leader, starts_on=today, added_by=actor)
        said = {"before": {"who": old.name if old else ""}, "after": {"who": new.name}}
        audit.record(actor=actor, act="group.lead", on=group, **said)


def dissolve(*, actor: Account, group: WorkingGroup) -> None:
    """The group ends today. What it still has to do must be done or given away first.

    Writes: group, audit `group.dissolve`. Refuses: forbidden, dissolved, has_orders (with how many).
    """
    _require(actor, group)
    with transaction.atomic():
        locked = _locked(group)
        open_orders = locked.organisation.orders.filter(state__in=("awaiting", "handling", "returning", "answered"))
        if count := open_orders.count():
            raise Conflict(f"专班还有 {count} 件派工单没有办完，办完或改派后再撤销。", code="has_orders")
        locked.ends_on = max(ground_access.today(), locked.starts_on)
        locked.save(update_fields=["ends_on"])
        audit.record(actor=actor, act="group.dissolve", on=locked, after={"ends_on": locked.ends_on.isoformat()})


def _join(
    actor: Account, group: WorkingGroup, who: str, field: str, *, part: str, is_leader: bool, on: dt.date
) -> GroupMember:
    who = words.line(who, field, "姓名", 90)
    word = who.split(" ")[0]
    accounts = Account.objects.filter(is_active=True).filter(Q(username=word) | Q(display_name=word))
    found = list(accounts.exclude(posts__role="enterprise")[:2])
    account = found[0] if len(found) == 1 else None
    known = [duty.Person(str(account), account.phone, account)] if account is not None else []
    one = duty.person(who, known, needs_phone=account is None)
    assert one is not None
    try:
        with transaction.atomic():
            return group.members.create(
                account=one.account, name=one.name, phone=one.phone, part=part, is_leader=is_leader, starts_on=on,
                added_by=actor,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(f"{one.name}已经在专班里。", code="in_already", field=field) from None


def _end(member: GroupMember) -> None:
    """Until yesterday; whoever came today was never in it."""
    member.ends_on = ground_access.today() - A_DAY
    member.save(update_fields=["ends_on"])


def _require(actor: Account, group: WorkingGroup) -> None:
    if not may_edit(actor, group):
        raise Forbidden


def _locked(group: WorkingGroup) -> WorkingGroup:
    locked = WorkingGroup.objects.select_for_update().get(pk=group.pk)
    if locked.ends_on is not None and locked.ends_on <= ground_access.today():
        raise Conflict("这个专班已经撤销。", code="dissolved")
    return locked


def _next() -> int:
    TicketNumber.objects.get_or_create(year=NUMBERS)
    row = TicketNumber.objects.select_for_update().get(year=NUMBERS)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last
