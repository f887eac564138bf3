"""Dated settings of reporting: set one, and ask which hold for a reporting unit on a day (R1, R4, R10, R14)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from enterprises import access, audit, facts
from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import EVER, Account, Division, DivisionFact
from enterprises.rules.division_tree import Node, Tree
from supplies.choices import SettingName, SnapshotKind
from supplies.models import DayEvent, ReportingSetting
from supplies.rules import reporting_settings as rules
from supplies.rules.reporting_settings import LeafSettings, Setting

FOR_ALL = (SettingName.GO_LIVE, SettingName.FLASH_AT, SettingName.FINAL_AT)
"""Settings of the installation, not of a unit."""


def set_rule(
    *,
    actor: Account | None,
    name: str,
    value: str,
    starts_on: dt.date,
    division: str | None = None,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> facts.Believed[ReportingSetting]:
    """Let a setting hold from a day on, until a later one of the same name and division begins.

    Takes: value as people write it (16:00, 10:00+1, 18:00-18:00, 3); division None = the whole installation.
    Writes: a fact, stale marks from `starts_on` on, audit `reporting_setting.set`.
    Refuses: invalid_setting, not_found (division), forbidden (outside the actor's reach).
    """
    if name not in SettingName.values:
        raise Invalid(f"没有这项设置；可设 {'、'.join(SettingName.values)}。", code="invalid_setting", field="name")
    try:
        value = rules.normal(name, value)
    except ValueError as error:
        raise Invalid(f"{error}。", code="invalid_setting", field="value") from None
    if name in FOR_ALL and division is not None:
        raise Invalid(f"{SettingName(name).label}只对全部单位设定。", code="invalid_setting", field="division")
    if name == SettingName.GO_LIVE:
        starts_on = EVER
    _permit(actor, division)
    with transaction.atomic():
        if division is not None and not Division.objects.select_for_update().filter(pk=division).exists():
            raise NotFound("没有找到这个行政区划。", field="division")
        done = facts.record(
            ReportingSetting,
            actor=actor,
            identity={"name": name, "division_id": division, "starts_on": starts_on},
            values={"value": value},
            known_at=known_at,
            reason=reason,
        )
        if done.change != "unchanged":
            said = {"name": name, "value": value, "division": division, "starts_on": starts_on.isoformat()}
            audit.record(actor=actor, act="reporting_setting.set", on=done.row, after=said)
    return done


@dataclass(frozen=True)
class Held:
    """What holds for a division (None: for all units) today, in words; `row` None = nothing was set, the default holds.

    `coming`: what was set to hold from a later day, with that day, the earliest first.
    """

    division: str | None
    place: str
    words: str
    row: ReportingSetting | None
    coming: tuple[tuple[dt.date, str], ...] = ()


@dataclass(frozen=True)
class Named:
    """One setting: its name and label, how its value is written, and where it holds what."""

    name: str
    label: str
    hint: str
    is_for_all: bool
    held: tuple[Held, ...]


def overview(account: Account) -> list[Named]:
    """Every setting that people change, with what holds today: for all units first, then for single divisions.

    Gives: divisions within the account's reach. A fixed number of queries. Refuses: forbidden.
    """
    access.require(account, "settings:write")
    today = access.today()
    tree = DivisionFact.objects.tree(today)
    seen = {place.code: place.name for place in places(account)}
    rows: dict[tuple[str, str | None], list[ReportingSetting]] = {}
    for row in ReportingSetting.objects.believed().select_related("actor").order_by("starts_on", "id"):
        rows.setdefault((row.name, row.division_id), []).append(row)
    found = []
    for name, hint in rules.HINTS.items():
        codes = [code for key, code in rows if key == name and code in seen]
        ordered = sorted(codes, key=lambda code: (-len(tree.leaves(code or "")), code or ""))
        held = [
            _held(name, code, seen.get(code or "", ""), rows.get((name, code), []), today) for code in (None, *ordered)
        ]
        is_for_all = name in FOR_ALL
        found.append(Named(name, SettingName(name).label, hint, is_for_all, tuple(held)))
    return found


def places(account: Account) -> list[Node]:
    """Divisions for which the account may set something, parents first."""
    tree, where = DivisionFact.objects.tree(access.today()), access.reach(account, "settings:write")
    tops = tree.tops() if where.everywhere else sorted(where.divisions & set(tree.nodes))
    walked = {node.code: node for top in tops for node in tree.walk(top) if tree.leaves(node.code)}
    return list(walked.values())


def _held(name: str, code: str | None, place: str, rows: list[ReportingSetting], today: dt.date) -> Held:
    begun = [row for row in rows if row.starts_on <= today]
    now = begun[-1] if begun else None
    words = rules.said(name, now.value if now is not None else rules.DEFAULTS[name])
    if now is None and code is not None:
        words = "同上级"  # set to begin later: until then what holds above
    coming = tuple((row.starts_on, rules.said(name, row.value)) for row in rows if row.starts_on > today)
    return Held(code, place or "全部单位", words, now, coming)


def on(day: dt.date, at: dt.datetime | None = None, *, tree: Tree | None = None) -> dict[str, LeafSettings]:
    """Settings of each reporting unit of `day`, as known at `at` (None: now), by division code. Two queries."""
    tree = tree or DivisionFact.objects.tree(day, at)
    return rules.resolve(_believed(at), tree, day)


def reminders(day: dt.date, *, tree: Tree) -> dict[str, rules.ReminderTimes]:
    """When those who owe are reminded, per reporting unit of `day`. One query."""
    values = rules.by_unit(_believed(None), tree, day)
    return {code: rules.reminder_times(held, day) for code, held in values.items()}


def longest_carry(at: dt.datetime | None = None) -> int:
    """The most days any setting lets a report be carried: how far a changed report can reach. One query."""
    values = [s.value for s in _believed(at, SettingName.CARRY_DAYS)]
    return max(map(int, [rules.DEFAULTS[SettingName.CARRY_DAYS], *values]))


def go_live() -> dt.date | None:
    """The first day on which moments can no longer be claimed for the past; None while it is not set. One query."""
    values = [s.value for s in _believed(None, SettingName.GO_LIVE)]
    return dt.date.fromisoformat(values[-1]) if values else None


def refuse_backdating(*, actor: Account | None, moment: dt.datetime, field: str, day: dt.date | None = None) -> None:
    """Refuse a claimed moment (received_at, known_at) that is not the administrator's, not past, or after go-live.

    Takes: day = the first day that what is claimed can change; None = any.
    Refuses: forbidden, moment_offset (no offset), moment_future, after_go_live, before_snapshot (a snapshot says what
    was known at its moment, for ever: nothing can have been known before it that it does not show, R13).
    """
    if actor is not None and not access.reach(actor, "settings:write").everywhere:
        raise Forbidden("只有系统管理员可以补录过去的时间。", field=field)
    if timezone.is_naive(moment):
        raise Invalid("时间要带时区，例如 2020-03-27T09:00:00+08:00。", code="moment_offset", field=field)
    if moment > timezone.now():
        raise Invalid("这个时间还没有到。", code="moment_future", field=field)
    live = go_live()
    if live is not None and moment >= dt.datetime.combine(live, dt.time(), rules.HERE):
        raise Invalid(f"系统已于 {live} 上线，不能再补录此后的时间。", code="after_go_live", field=field)
    frozen = DayEvent.objects.filter(kind__in=SnapshotKind.values, recorded_at__gte=moment).order_by("-recorded_at")
    if day is not None:
        frozen = frozen.filter(day__gte=day)
    if (event := frozen.first()) is not None:
        label, at = SnapshotKind(event.kind).label, timezone.localtime(event.recorded_at)
        message = f"{event.day} 已于 {at:%Y-%m-%d %H:%M} {label}，不能再补录此前的时间。"
        raise Invalid(message, code="before_snapshot", field=field)


def _believed(at: dt.datetime | None, name: str | None = None) -> list[Setting]:
    rows = ReportingSetting.objects.believed(at).order_by("starts_on", "id")
    if name is not None:
        rows = rows.filter(name=name)
    return [Setting(*row) for row in rows.values_list("name", "division_id", "starts_on", "value")]


def _permit(actor: Account | None, division: str | None) -> None:
    if actor is None:
        return
    access.require(actor, "settings:write")
    tree = DivisionFact.objects.tree(access.today())
    if division is not None:
        access.division(actor, division, "settings:write", tree=tree)
        return
    if not access.reaches_all(actor, "settings:write", tree=tree):
        raise Forbidden("这项设置对全部单位生效，超出您的范围。", field="division")
