"""Ladders: who hears of a resolving clock at which step, and what is done (tickets.md 2.4, by time). The table is data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from coordination import access, duty
from coordination.choices import Audience, GroupKind, LadderAct, TicketMode
from coordination.models import Clock, GroupMember, LadderStep, Ticket
from coordination.rules import deadlines
from coordination.rules.working_time import Calendar, UnknownDay
from coordination.tickets import clocks, notices, supervision
from coordination.tickets.notices import Desk
from enterprises import access as ground_access
from enterprises import audit
from enterprises.choices import DivisionLevel, Role
from enterprises.errors import Conflict, Invalid, NotFound
from enterprises.models import Account, Post
from enterprises.rules.division_tree import Tree

STEPS = (50, 80, 100, *range(101, 131))


@dataclass
class Climb:
    """One step of one clock: whose turn it is, and who is on duty as it speaks."""

    ticket: Ticket
    clock: Clock
    step: int
    due_at: dt.datetime
    at: dt.datetime
    turn: Desk
    tree: Tree
    on_duty: duty.Now
    calendar: Calendar

    @property
    def unit(self) -> int | None:
        """The unit that has it: whose turn it is, else the one that leads."""
        return self.turn.organisation or self.ticket.lead_id


def climb(said: Climb, text: str) -> None:
    """Tell those whom the ladder names, and whoever's turn it is; urge, order or publish where it says so.

    The breach is dated by the clock, not by the run of the job.
    """
    told: dict[tuple[object, ...], tuple[Desk, str]] = {}

    def tell(desk: Desk, words: str) -> None:
        told[desk.division, desk.organisation, desk.account] = (desk, words)

    tell(notices.at_hand(said.turn, said.on_duty), text)
    for row in _rows(said.clock.mode, said.step):
        words = text
        if row.act != LadderAct.TELL:
            words = f"{supervision.by_clock(said.ticket, said.clock, row, said.due_at, said.at, _owner(said))}{text}"
        until = _open_by(row, said)
        for desk in _audience(row.audience, said):
            tell(replace(desk, open_by=until), words)
    for desk, words in told.values():
        notices.warn(said.ticket, f"clock:{said.clock.pk}:{said.step}", words, said.at, [desk])


def steps(mode: str) -> list[LadderStep]:
    """The ladder of a mode, from the lowest step up."""
    return list(LadderStep.objects.filter(mode=mode, is_on=True).order_by("step", "id"))


def word(row: LadderStep) -> str:
    """A step as one says it."""
    if row.step < deadlines.DUE:
        return f"用到 {row.step}%"
    if row.step == deadlines.DUE:
        return "到期"
    return f"超期 {row.step - deadlines.DUE} {'小时' if row.mode == TicketMode.EMERGENCY else '工作日'}"


def set_step(*, actor: Account, mode: str, step: str, audience: str, act: str, open_within: str) -> LadderStep:
    """Add a step to a ladder. What has fired stays as it was said; what comes goes by the new table.

    Writes: ladder step, audit `ladder.set_step`. Refuses: forbidden, invalid_choice, invalid_number, exists_already.
    """
    ground_access.require(actor, "settings:write")
    for field, value, known in (("mode", mode, TicketMode), ("audience", audience, Audience), ("act", act, LadderAct)):
        if value not in known.values:
            raise Invalid("请从列表里选。", code="invalid_choice", field=field)
    number = _whole(step, "step")
    if number not in STEPS:
        raise Invalid(
            "档应为 50、80、100（到期）或 101 到 130（超期第几天或第几小时）。", code="invalid_choice", field="step"
        )
    minutes = _whole(open_within, "open_within")
    if not 5 <= minutes <= 2880:
        raise Invalid("打开时限应为 5 到 2880 分钟。", code="invalid_number", field="open_within")
    try:
        with transaction.atomic():
            made = LadderStep.objects.create(mode=mode, step=number, audience=audience, act=act, open_within=minutes)
            said = {"mode": mode, "step": number, "audience": audience, "act": act, "open_within": minutes}
            audit.record(actor=actor, act="ladder.set_step", on=made, after=said)
    except IntegrityError:
        raise Conflict("这一档已经通知这些人；先撤下原来的。", code="exists_already", field="audience") from None
    return made


def drop_step(*, actor: Account, number: int) -> None:
    """Take a step off a ladder. Writes: ladder step, audit `ladder.drop_step`. Refuses: forbidden, not_found."""
    ground_access.require(actor, "settings:write")
    with transaction.atomic():
        row = LadderStep.objects.select_for_update().filter(pk=number, is_on=True).first()
        if row is None:
            raise NotFound("没有这一档。", field="step")
        row.is_on = False
        row.save(update_fields=["is_on"])
        said = {"mode": row.mode, "step": row.step, "audience": row.audience, "act": row.act}
        audit.record(actor=actor, act="ladder.drop_step", on=row, before=said)


def _rows(mode: str, step: int) -> Iterable[LadderStep]:
    return LadderStep.objects.filter(mode=mode, step=step, is_on=True).order_by("id")


def _owner(said: Climb) -> Desk:
    """Who is urged: the unit that has it, else the desk on which it lies."""
    if said.unit is not None:
        return Desk("", "", organisation=said.unit)
    return Desk("", "", division=notices.desk_division(said.ticket, said.tree))


def _audience(audience: str, said: Climb) -> list[Desk]:
    if audience == Audience.LEADER:
        return _leaders(said)
    if audience == Audience.SUPERVISOR:
        return [notices.at_hand(Desk("", "", division=_city(said)), said.on_duty)]
    if audience == Audience.GROUP:
        return _group(said)
    return [notices.at_hand(said.turn, said.on_duty)]


def _leaders(said: Climb) -> list[Desk]:
    """Heads of the unit who are not on leave; else whoever is on duty there, else the unit's desk."""
    if said.unit is None:
        return [notices.at_hand(_owner(said), said.on_duty)]
    heads = set(
        Post.objects.believed().on(ground_access.today())
        .filter(organisation=said.unit, is_lead=True, account__is_active=True).values_list("account_id", flat=True)
    )  # fmt: skip
    leading = _members(GroupMember.objects.filter(group__organisation=said.unit, is_leader=True))
    here = [one for one in sorted(heads | leading) if not duty.is_away(one, said.at)]
    return [Desk("", "", account=one) for one in here] or [notices.at_hand(_owner(said), said.on_duty)]


def _group(said: Climb) -> list[Desk]:
    """The leader of the group that has the ticket; else of the city's standing or emergency group; else the leaders."""
    units = [order.organisation_id for order in said.ticket.orders.filter(state__in=access.ALIVE)]
    own = _members(
        GroupMember.objects.filter(group__organisation__in=[*units, said.ticket.lead_id or 0], is_leader=True)
    )
    if not own:
        kinds = (GroupKind.STANDING, GroupKind.EMERGENCY)
        own = _members(
            GroupMember.objects.filter(group__organisation__division=_city(said), group__kind__in=kinds, is_leader=True)
        )
    if not own:
        posts = Post.objects.believed().on(ground_access.today()).filter(role=Role.LEADER, division=_city(said))
        own = set(posts.filter(account__is_active=True).values_list("account_id", flat=True))
    here = [one for one in sorted(own) if not duty.is_away(one, said.at)]
    return [Desk("", "", account=one) for one in here] or _audience(Audience.SUPERVISOR, said)


def _members(found: object) -> set[int]:
    """Accounts of members of groups that run today."""
    today = ground_access.today()
    rows = found.filter(starts_on__lte=today, account__is_active=True)  # type: ignore[attr-defined]
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=today))
    rows = rows.filter(Q(group__ends_on=None) | Q(group__ends_on__gte=today))
    return {one for one in rows.values_list("account_id", flat=True) if one is not None}


def _open_by(row: LadderStep, said: Climb) -> dt.datetime:
    """By when somebody must have opened it: in the time that the clock itself counts."""
    minutes = dt.timedelta(minutes=row.open_within)
    if clocks.is_elapsed(said.clock):
        return said.at + minutes
    try:
        return said.calendar.add(said.at, minutes)
    except (UnknownDay, ValueError):
        return timezone.localtime(said.at) + minutes


def _city(said: Climb) -> str:
    for node in said.tree.path(said.ticket.division_id):
        if node.level == DivisionLevel.CITY:
            return node.code
    return said.ticket.division_id


def _whole(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Invalid("应为整数。", code="invalid_number", field=field)
    return int(text)
