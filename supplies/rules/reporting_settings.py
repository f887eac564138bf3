"""Pure: the values of dated settings, and which one holds for a reporting unit on a day (R1, R4, R10)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from enterprises.rules import days
from enterprises.rules.division_tree import Tree
from enterprises.rules.work_days import Known, after
from supplies.choices import SettingName

HERE = ZoneInfo("Asia/Shanghai")

DEFAULTS: dict[str, str] = {
    SettingName.CUT_OFF: "18:00",
    SettingName.WINDOW: "00:00-24:00",
    SettingName.CARRY_DAYS: "3",
    SettingName.BACKFILL_DAYS: "7",
    SettingName.GO_LIVE: "",
    SettingName.FLASH_AT: "",
    SettingName.FINAL_AT: "",
    SettingName.REMIND_BEFORE: "60",
    SettingName.REMIND_AFTER: "30",
    SettingName.QUIET_HOURS: "21:00-07:00",
}
"""What holds where nothing has been set."""

CUT_OFF = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])(?:\+([0-9]))?")
CLOSING = re.compile(CUT_OFF.pattern + "(w)?")
NEVER = ("", "无", "none", "off")
WINDOW = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])-([01]?[0-9]|2[0-4]):([0-5][0-9])")
MOST_MINUTES = 720
"""Most minutes between a reminder and the cut-off."""

MOST_DAYS = 60
"""Most days that may be carried or backfilled; a wider span would make each day's totals depend on months."""


@dataclass(frozen=True)
class Setting:
    """A believed setting: `division` None = the whole installation."""

    name: str
    division: str | None
    starts_on: dt.date
    value: str


@dataclass(frozen=True)
class LeafSettings:
    """What holds for one reporting unit on one day. cut_off_at is half-open: received at that moment is late (R4)."""

    cut_off_at: dt.datetime
    carry_days: int
    backfill_days: int
    window: str


def normal(name: str, text: str) -> str:
    """The one spelling of a setting's value; raises ValueError saying what would be accepted.

    >>> normal("cut_off", "9:30+1"), normal("window", "18:00-18:00"), normal("carry_days", "05")
    ('09:30+1', '18:00-18:00', '5')
    >>> normal("flash_at", "18:30"), normal("final_at", "10:00+1w"), normal("final_at", "无")
    ('18:30', '10:00+1w', '')
    """
    text = text.strip().replace("：", ":").replace("＋", "+")
    if name in (SettingName.FLASH_AT, SettingName.FINAL_AT):
        return _normal_closing(text)
    if name == SettingName.CUT_OFF:
        hour, minute, offset = _matched(CUT_OFF, text, "截止时间应写作 16:00，次日写作 10:00+1")
        _clock(hour, minute)
        return f"{int(hour):02}:{minute}" + (f"+{int(offset)}" if int(offset or 0) else "")
    if name in (SettingName.REMIND_BEFORE, SettingName.REMIND_AFTER):
        if text.lower() in NEVER:
            return ""
        if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_MINUTES:
            raise ValueError(f"应为 1 到 {MOST_MINUTES} 的分钟数，不提醒写作 无")
        return str(int(text))
    if name == SettingName.QUIET_HOURS and text.lower() in NEVER:
        return ""
    if name in (SettingName.WINDOW, SettingName.QUIET_HOURS):
        hours = _matched(WINDOW, text, f"{SettingName(name).label}应写作 00:00-24:00 或 18:00-18:00")
        _clock(*hours[:2])
        _clock(*hours[2:])
        return f"{int(hours[0]):02}:{hours[1]}-{int(hours[2]):02}:{hours[3]}"
    if name in (SettingName.CARRY_DAYS, SettingName.BACKFILL_DAYS):
        if not re.fullmatch(r"[0-9]{1,2}", text) or int(text) > MOST_DAYS:
            raise ValueError(f"天数应为 0 到 {MOST_DAYS} 的整数")
        return str(int(text))
    if name == SettingName.GO_LIVE:
        return days.written(text).isoformat()
    raise ValueError(f"没有这项设置；可设 {'、'.join(SettingName.values)}")


def _normal_closing(text: str) -> str:
    if text.lower() in NEVER:
        return ""
    hint = "初报、终报时间应写作 18:30，次日写作 10:00+1，下一工作日写作 10:00+1w，不设写作 无"
    hour, minute, offset, working = _matched(CLOSING, text.lower().replace("工作日", "w"), hint)
    _clock(hour, minute)
    if working and not int(offset or 0):
        raise ValueError(hint)
    return f"{int(hour):02}:{minute}" + (f"+{int(offset)}{working or ''}" if int(offset or 0) else "")


HINTS: dict[str, str] = {
    SettingName.CUT_OFF: "写作 18:00，次日写作 10:00+1",
    SettingName.WINDOW: "写作 00:00-24:00 或 18:00-18:00",
    SettingName.CARRY_DAYS: f"0 到 {MOST_DAYS} 的整数，0 = 不沿用",
    SettingName.BACKFILL_DAYS: f"0 到 {MOST_DAYS} 的整数，0 = 不收补报",
    SettingName.FLASH_AT: "写作 18:30，次日 10:00+1，下一工作日 10:00+1w，不设写作 无",
    SettingName.FINAL_AT: "写作 18:30，次日 10:00+1，下一工作日 10:00+1w，不设写作 无",
    SettingName.REMIND_BEFORE: "分钟数，不提醒写作 无",
    SettingName.REMIND_AFTER: "分钟数，不提醒写作 无",
    SettingName.QUIET_HOURS: "写作 21:00-07:00，不设写作 无",
}
"""How the value of each setting that people change is written."""


def said(name: str, value: str) -> str:
    """A setting's value, in its normal spelling, as people say it.

    >>> said("cut_off", "10:00+1"), said("final_at", "10:00+1w"), said("remind_before", "60"), said("flash_at", "")
    ('次日 10:00', '下一工作日 10:00', '截止前 60 分钟', '不设')
    """
    if not value:
        return "不提醒" if name in (SettingName.REMIND_BEFORE, SettingName.REMIND_AFTER) else "不设"
    if name in (SettingName.CUT_OFF, SettingName.FLASH_AT, SettingName.FINAL_AT):
        hour, minute, offset, working = _matched(CLOSING, value, value)
        days = int(offset or 0)
        if working:
            return f"{'下一' if days == 1 else f'第 {days} 个'}工作日 {hour}:{minute}"
        return f"{'当天' if not days else '次日' if days == 1 else f'{days} 天后'} {hour}:{minute}"
    if name in (SettingName.CARRY_DAYS, SettingName.BACKFILL_DAYS):
        return f"{value} 天"
    words = {SettingName.REMIND_BEFORE: "截止前", SettingName.REMIND_AFTER: "截止后"}
    return f"{words[SettingName(name)]} {value} 分钟" if name in words else value.replace("-", " 至 ")


def closing_at(value: str, day: dt.date, calendar: Known) -> dt.datetime:
    """The moment (UTC) at which a day is to be closed; `value` in its normal spelling, not empty.

    >>> closing_at("10:00+1w", dt.date(2020, 3, 27), {}).isoformat()
    '2020-03-30T02:00:00+00:00'
    """
    hour, minute, offset, working = _matched(CLOSING, value, value)
    days = int(offset or 0)
    on = after(day, days, calendar) if working else day + dt.timedelta(days=days)
    return (dt.datetime.combine(on, dt.time(), HERE) + dt.timedelta(hours=int(hour), minutes=int(minute))).astimezone(
        dt.UTC
    )


def cut_off_at(value: str, day: dt.date) -> dt.datetime:
    """The moment (UTC) at which a report for `day` begins to be late; `value` in its normal spelling.

    >>> cut_off_at("18:00", dt.date(2020, 3, 27)).isoformat(), cut_off_at("10:00+1", dt.date(2020, 3, 27)).isoformat()
    ('2020-03-27T10:00:00+00:00', '2020-03-28T02:00:00+00:00')
    >>> cut_off_at("24:00", dt.date(2020, 3, 27)) == cut_off_at("00:00+1", dt.date(2020, 3, 27))
    True
    """
    hour, minute, offset = _matched(CUT_OFF, value, value)
    midnight = dt.datetime.combine(day + dt.timedelta(days=int(offset or 0)), dt.time(), HERE)
    return (midnight + dt.timedelta(hours=int(hour), minutes=int(minute))).astimezone(dt.UTC)


def resolve(settings: Iterable[Setting], tree: Tree, day: dt.date) -> dict[str, LeafSettings]:
    """Settings of each reporting unit of the tree of `day`.

    The nearest division at or above the unit that has a setting begun by `day` wins, there the one begun last; the
    whole installation is the farthest, the defaults lie beyond it.
    """
    return {code: leaf_settings(values, day) for code, values in by_unit(settings, tree, day).items()}


def leaf_settings(values: dict[str, str], day: dt.date) -> LeafSettings:
    """Values by name, in their normal spelling, as they hold for `day`."""
    return LeafSettings(
        cut_off_at=cut_off_at(values[SettingName.CUT_OFF], day),
        carry_days=int(values[SettingName.CARRY_DAYS]),
        backfill_days=int(values[SettingName.BACKFILL_DAYS]),
        window=values[SettingName.WINDOW],
    )


@dataclass(frozen=True)
class ReminderTimes:
    """When those of a reporting unit who owe a day's report are reminded; None = not at all."""

    cut_off_at: dt.datetime
    before: dt.datetime | None
    after: dt.datetime | None
    quiet: str


def reminder_times(values: dict[str, str], day: dt.date) -> ReminderTimes:
    """Values by name, in their normal spelling, as moments of `day`."""
    at = cut_off_at(values[SettingName.CUT_OFF], day)
    before, after_ = values[SettingName.REMIND_BEFORE], values[SettingName.REMIND_AFTER]
    return ReminderTimes(
        cut_off_at=at,
        before=at - dt.timedelta(minutes=int(before)) if before else None,
        after=at + dt.timedelta(minutes=int(after_)) if after_ else None,
        quiet=values[SettingName.QUIET_HOURS],
    )


def awake_at(quiet: str, moment: dt.datetime) -> dt.datetime:
    """The moment itself, or the end of the quiet hours it falls into (half-open; they may cross midnight).

    >>> late = dt.datetime(2020, 3, 27, 22, 5, tzinfo=HERE)
    >>> awake_at("21:00-07:00", late).isoformat(), awake_at("", late) == late
    ('2020-03-28T07:00:00+08:00', True)
    >>> awake_at("21:00-07:00", dt.datetime(2020, 3, 27, 7, 0, tzinfo=HERE)).hour
    7
    """
    if not quiet:
        return moment
    here = moment.astimezone(HERE)
    hour, minute, end_hour, end_minute = (int(part) for part in _matched(WINDOW, quiet, quiet))
    midnight = dt.datetime.combine(here.date(), dt.time(), HERE)
    for start_of_day in (midnight - dt.timedelta(days=1), midnight):
        starts = start_of_day + dt.timedelta(hours=hour, minutes=minute)
        ends = start_of_day + dt.timedelta(hours=end_hour, minutes=end_minute)
        ends += dt.timedelta(days=int(ends <= starts))
        if starts <= here < ends:
            return ends
    return moment


def by_unit(settings: Iterable[Setting], tree: Tree, day: dt.date) -> dict[str, dict[str, str]]:
    """Every setting's value of each reporting unit of the tree of `day`, by name; see `resolve` for which one wins."""
    begun: dict[tuple[str, str | None], Setting] = {}
    for setting in settings:
        key = (setting.name, setting.division)
        if setting.starts_on <= day and (key not in begun or begun[key].starts_on < setting.starts_on):
            begun[key] = setting
    found = {}
    for code, node in tree.nodes.items():
        if node.is_reporting:
            above: list[str | None] = [*(n.code for n in tree.path(code)), None]
            found[code] = {name: _nearest(begun, name, above) for name in DEFAULTS}
    return found


def _nearest(begun: dict[tuple[str, str | None], Setting], name: str, above: list[str | None]) -> str:
    for code in above:
        if (name, code) in begun:
            return begun[name, code].value
    return DEFAULTS[name]


def _matched(pattern: re.Pattern[str], text: str, hint: str) -> tuple[str, ...]:
    found = pattern.fullmatch(text)
    if found is None:
        raise ValueError(hint)
    return found.groups()


def _clock(hour: str, minute: str) -> None:
    if int(hour) == 24 and int(minute):
        raise ValueError("24 点之后没有分钟")
