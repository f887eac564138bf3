"""Whom to remind: at set times before and after the cut-off, or by hand; each for the same thing once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from enterprises import access, audit
from enterprises.errors import Invalid
from enterprises.models import Account, DivisionFact, Enterprise, Placement
from enterprises.rules.division_tree import Tree
from supplies import coverage, reporting_settings
from supplies.choices import ReminderChannel, ReminderKind, ReminderState
from supplies.coverage import Standing
from supplies.filing_progress import UNREPORTED
from supplies.models import Reminder, ReminderRound, Robot
from supplies.rules.reporting_settings import ReminderTimes, awake_at

GRACE = dt.timedelta(hours=2)
"""A set time that passed longer ago, while nothing ran, is let go."""
AGAIN = dt.timedelta(minutes=30)
"""By hand the same enterprise or group is reminded of the same day no more often."""
A_DAY = dt.timedelta(days=1)
WORDS: dict[str, str] = {ReminderKind.BEFORE: "即将截止", ReminderKind.AFTER: "已过截止", ReminderKind.MANUAL: "提醒"}
"""How the subject of a message begins."""


@dataclass(frozen=True)
class Occasion:
    """One reminding: about which day, why, when; `times` of the units concerned. `actor` = who pressed, None = set time.

    `stamp` makes the keys of its messages: the same occasion writes the same message once.
    """

    day: dt.date
    kind: str
    times: Mapping[str, ReminderTimes]
    now: dt.datetime
    stamp: str
    actor: Account | None = None

    def not_before(self, unit: ReminderTimes) -> dt.datetime:
        """When a message may leave: whoever presses the button means now, set times respect the quiet hours."""
        return self.now if self.actor is not None else awake_at(unit.quiet, self.now)


@dataclass(frozen=True)
class Reminded:
    """What a press of the button did: enterprises reminded, those reminded just before, work groups told."""

    enterprises: int
    recent: int
    groups: int


def plan_due(now: dt.datetime | None = None) -> int:
    """Write the messages whose set time has come; gives how many. A unit, day and kind is planned once, for ever."""
    now = now or timezone.now()
    today, written = timezone.localdate(now), 0
    for day in (today - A_DAY, today):
        tree = DivisionFact.objects.tree(day)
        times = reporting_settings.reminders(day, tree=tree)
        done = set(ReminderRound.objects.filter(day=day).values_list("division_id", "kind"))
        for kind in (ReminderKind.BEFORE, ReminderKind.AFTER):
            due = {c: t for c, t in times.items() if (c, kind) not in done and _is_due(kind, t, now)}
            if due:
                written += _plan(tree, day, kind, due, now)
    return written


def remind(
    *, actor: Account, day: dt.date, enterprises: Collection[str] | None = None, division: str | None = None
) -> Reminded:
    """Remind by hand: the enterprises named by credit code, or all who owe in a division, its work groups too.

    Only those within reach that owe the day's report, and that nobody reminded in the last half hour.
    Writes: messages, audit `reminder.send`. Refuses: forbidden, not_found (division), day_future.
    """
    access.require(actor, "reports:on_behalf")
    if day > access.today():
        raise Invalid("这一天还没有到。", code="day_future", field="date")
    tree, now = DivisionFact.objects.tree(day), timezone.now()
    if division is not None:
        division = access.division(actor, division, "reports:on_behalf", tree=tree)
    theirs = access.enterprises(actor, "reports:on_behalf")
    nodes = [division] if division is not None else tree.tops()
    if enterprises is not None:
        theirs = theirs.filter(uscc__in=list(enterprises))
        # only the units where they stand: one enterprise costs no look at the whole city
        stand = Placement.objects.believed().on(day).filter(enterprise__in=theirs)
        nodes = sorted(set(stand.values_list("division_id", flat=True)) & set(tree.nodes))
    mine = set(theirs.values_list("pk", flat=True))
    owing = [s for node in nodes for s in _owing(node, day) if s.enterprise_id in mine]
    times = reporting_settings.reminders(day, tree=tree)
    stamp = f"manual-{int(now.timestamp() * 1_000_000)}"
    occasion = Occasion(day, ReminderKind.MANUAL, times, now, stamp, actor)
    with transaction.atomic():
        # in the order of their numbers, so that two who press at once wait and do not block each other
        ids = [s.enterprise_id for s in owing]
        list(Enterprise.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
        just_now = Reminder.objects.filter(day=day, kind=ReminderKind.MANUAL, created_at__gt=now - AGAIN)
        recent = set(just_now.filter(enterprise__in=ids).values_list("enterprise_id", flat=True))
        fresh = [s for s in owing if s.enterprise_id not in recent]
        _write(occasion, fresh)
        groups = 0
        if division is not None and owing:
            told = set(just_now.filter(robot__isnull=False).values_list("robot_id", flat=True))
            listening = Robot.objects.select_for_update().filter(division=division, is_on=True).exclude(pk__in=told)
            groups = _tell_groups(occasion, tree, listening, owing)
        if fresh or groups:
            said = {"date": day.isoformat(), "division": division, "enterprises": len(fresh), "groups": groups}
            audit.record(actor=actor, act="reminder.send", on=("day", day.isoformat()), after=said)
    return Reminded(len(fresh), len(recent), groups)


def waiting_for(enterprise: Enterprise, days: Iterable[dt.date]) -> dict[dt.date, Reminder]:
    """The latest reminder on the enterprise's own page per day; one query."""
    found = Reminder.objects.filter(enterprise=enterprise, channel=ReminderChannel.IN_APP, day__in=list(days))
    return {reminder.day: reminder for reminder in found.order_by("created_at", "id")}


def _is_due(kind: str, times: ReminderTimes, now: dt.datetime) -> bool:
    """Before the cut-off nothing is said that would be read after it."""
    at = times.before if kind == ReminderKind.BEFORE else times.after
    if at is None or not at <= now < at + GRACE:
        return False
    return kind == ReminderKind.AFTER or awake_at(times.quiet, now) < times.cut_off_at


def _plan(tree: Tree, day: dt.date, kind: str, due: dict[str, ReminderTimes], now: dt.datetime) -> int:
    owing = [s for top in tree.tops() for s in _owing(top, day) if s.division in due]
    with transaction.atomic():
        rounds = [ReminderRound(division_id=code, day=day, kind=kind, planned_at=now) for code in sorted(due)]
        # whoever comes second waits here, and finds the messages written: their keys are unique
        ReminderRound.objects.bulk_create(rounds, ignore_conflicts=True)
        occasion = Occasion(day, kind, due, now, stamp=kind)
        return _write(occasion, owing) + _tell_groups(occasion, tree, Robot.objects.filter(is_on=True), owing)


def _owing(node: str, day: dt.date) -> list[Standing]:
    return [s for s in coverage.on(node=node, day=day) if s.status in UNREPORTED]


def _write(occasion: Occasion, owing: list[Standing]) -> int:
    """Messages to single enterprises: on their own page at once, by e-mail where one is known, outside quiet hours."""
    people = Enterprise.objects.in_bulk([s.enterprise_id for s in owing])
    messages = []
    for s in owing:
        enterprise, unit = people[s.enterprise_id], occasion.times[s.division]
        said = {"kind": occasion.kind, "kind_word": WORDS[occasion.kind], "day": occasion.day, "enterprise": enterprise}
        said["cut_off"] = f"{timezone.localtime(unit.cut_off_at):%H:%M}"
        common = _common(occasion, s.division) | {
            "enterprise": enterprise,
            "subject": render_to_string("messages/reminder-subject.txt", said).strip()[:200],
            "body": render_to_string("messages/reminder-body.txt", said).strip(),
        }
        key, now = f"{occasion.day}:{occasion.stamp}:{enterprise.pk}", occasion.now
        shown = {"channel": ReminderChannel.IN_APP, "state": ReminderState.SENT, "done_at": now, "not_before": now}
        messages.append(Reminder(key=f"{key}:in_app", **shown, **common))
        if enterprise.contact_email and settings.EMAIL_HOST:
            mailed = {"channel": ReminderChannel.EMAIL, "recipient": enterprise.contact_email}
            messages.append(Reminder(key=f"{key}:email", not_before=occasion.not_before(unit), **mailed, **common))
    Reminder.objects.bulk_create(messages, ignore_conflicts=True)
    return len(messages)


def _tell_groups(occasion: Occasion, tree: Tree, robots: Iterable[Robot], owing: list[Standing]) -> int:
    """Messages to work groups: only who is missing where, no figure of anybody."""
    messages = []
    for robot in robots:
        if robot.division_id not in tree:
            continue
        below = set(tree.leaves(robot.division_id)) & set(occasion.times)
        missing = [s for s in owing if s.division in below]
        if not missing:
            continue
        units: dict[str, list[str]] = defaultdict(list)
        for s in missing:
            units[s.division_name].append(s.name)
        first = min((occasion.times[code] for code in below), key=lambda unit: unit.cut_off_at)
        said = {"place": tree[robot.division_id].name, "day": occasion.day, "kind": occasion.kind}
        said |= {"count": len(missing), "units": list(units.items())}
        said["cut_off"] = f"{timezone.localtime(first.cut_off_at):%H:%M}"
        subject = render_to_string("messages/reminder-group-subject.txt", said).strip()
        messages.append(
            Reminder(
                key=f"{occasion.day}:{occasion.stamp}:{first.cut_off_at.isoformat()}:robot:{robot.pk}",
                channel=ReminderChannel.ROBOT,
                robot=robot,
                recipient=robot.name,
                subject=subject[:200],
                body=render_to_string("messages/reminder-group-body.txt", {**said, "subject": subject}).strip(),
                not_before=occasion.not_before(first),
                **_common(occasion, robot.division_id),
            )
        )
    Reminder.objects.bulk_create(messages, ignore_conflicts=True)
    return len(messages)


def _common(occasion: Occasion, division: str) -> dict[str, Any]:
    """What every message of an occasion says."""
    return {
        "day": occasion.day,
        "kind": occasion.kind,
        "division_id": division,
        "actor": occasion.actor,
        "created_at": occasion.now,
    }
