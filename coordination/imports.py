"""Files about the liaison desk: the duty roster. All or nothing; the same file again changes nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from coordination import duty
from coordination.choices import DutyPart
from enterprises import files
from enterprises.errors import Forbidden, NotFound
from enterprises.facts import Change
from enterprises.files import Column, Imported, Row
from enterprises.models import Account
from enterprises.rules import cells
from enterprises.rules.names import folded

one_part = cells.one_of({value: value for value in DutyPart.values})


def moment(cell: Any) -> dt.datetime:
    """A true moment cell, or a text that is a day with hours and minutes."""
    zone = timezone.get_default_timezone()
    if isinstance(cell, dt.datetime):
        return cell.replace(second=0, microsecond=0, tzinfo=zone)
    parts = cells.text(cell).replace("T", " ").replace("：", ":").split()
    if len(parts) != 2:
        raise ValueError("应写作 2026-11-30 08:00")
    try:
        clock = dt.time.fromisoformat(parts[1].zfill(5))
    except ValueError:
        raise ValueError("钟点应写作 08:00") from None
    if clock.tzinfo is not None:
        raise ValueError("钟点应写作 08:00")
    return dt.datetime.combine(cells.day(parts[0]), clock, zone)


def part(cell: Any) -> str:
    """A or B, with 角 or without."""
    found: str = one_part(cells.text(cell).removesuffix("角").strip())
    return found


OF_ROSTER = (
    Column("place", ("值班单位", "单位", "单位代码", "区划"), cells.text, True),
    Column("part", ("AB角", "角色", "角"), part, True),
    Column("starts_at", ("起", "开始", "上班时间", "开始时间"), moment, True),
    Column("ends_at", ("止", "结束", "下班时间", "结束时间"), moment, True),
    Column("name", ("姓名", "值班人"), cells.text, True),
    Column("phone", ("电话", "手机", "联系电话"), cells.text),
)


def import_roster(*, actor: Account, content: bytes, name: str) -> Imported:
    """place (name or code), part, starts_at, ends_at, name, phone. A row is one shift."""
    table = files.read(content, name, OF_ROSTER)
    known: dict[str, duty.Place] = {}
    for place in duty.places(actor):
        for word in (place.name, place.name.removesuffix("值班室"), place.code, place.code[2:]):
            known.setdefault(folded(word), place)

    def act(row: Row) -> Change:
        place = known.get(folded(row["place"]))
        if place is None:
            raise NotFound("没有这个值班单位。", field="place")
        if not duty.may_edit(actor, place):
            raise Forbidden("这个单位的值班表不由您排。", field="place")
        who = f"{row['name']} {row['phone'] or ''}".strip()
        return duty.add(
            actor=actor, place=place, part=row["part"], who=who, starts_at=row["starts_at"], ends_at=row["ends_at"]
        )

    return files.apply(table, act, identity=("place", "part", "starts_at", "ends_at", "name"), fields={"who": "name"})
