"""A week of a roster as a grid: read it, fill it in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from coordination.choices import DutyPart
from coordination.duty.people import Person, candidates, person
from coordination.duty.places import Place, lock, require
from coordination.duty.shifts import put, shown, standing, take_off
from coordination.models import DutyShift
from coordination.rules import duty as rules
from coordination.rules.duty import Overlap, Span, Watch
from enterprises import audit
from enterprises.errors import Conflict, FieldError, Invalid, Refused
from enterprises.models import Account
from enterprises.rules import names

DAYS, COUNTS = 7, (1, 2, 3)
DAY = dt.timedelta(days=1)


@dataclass
class Cell:
    """One shift of the grid: who has it, or what was typed and why it cannot be taken."""

    key: str
    part: str
    span: Span
    shift: DutyShift | None
    text: str
    error: str = ""


@dataclass(frozen=True)
class Line:
    """One day of the grid with its shifts, each a pair of A and B."""

    day: dt.date
    rows: list[tuple[Span, list[Cell]]]


@dataclass(frozen=True)
class Week:
    """A week of a place: the grid, shifts that do not fit it, and what is wrong."""

    place: Place
    first: dt.date
    count: int
    lines: list[Line]
    others: list[DutyShift]
    gaps: list[Span]
    overlaps: list[Overlap]

    @property
    def before(self) -> dt.date:
        return self.first - DAYS * DAY

    @property
    def after(self) -> dt.date:
        return self.first + DAYS * DAY


class BadCells(Invalid):
    """Cells of a week that cannot be taken, by key; nothing was stored."""

    code = "bad_cells"

    def __init__(self, errors: Iterable[FieldError]) -> None:
        found = list(errors)
        super().__init__(errors=found)
        self.message = f"有 {len(found)} 格不能接受，都没有保存。"

    def __str__(self) -> str:
        return self.message


def week(place: Place, first: dt.date, count: int, typed: Mapping[str, tuple[str, str]] | None = None) -> Week:
    """A week from its first day on, each day in `count` shifts; `typed` are texts and faults of cells by key."""
    typed = typed or {}
    zone = timezone.get_default_timezone()
    spans = [(first + n * DAY, rules.slots(first + n * DAY, count, zone)) for n in range(DAYS)]
    begin, end = spans[0][1][0][0], spans[-1][1][-1][1]
    held = list(standing(place).filter(ends_at__gt=begin, starts_at__lt=end))
    by_slot = {(one.part, one.starts_at, one.ends_at): one for one in held}
    used: set[int] = set()

    def cell(part: str, span: Span) -> Cell:
        shift = by_slot.get((part, *span))
        if shift is not None:
            used.add(shift.pk)
        key = cell_key(part, span)
        text, error = typed.get(key, (shown(shift) if shift else "", ""))
        return Cell(key, part, span, shift, text, error)

    lines = [
        Line(day, [(span, [cell(p, span) for p in DutyPart.values]) for span in day_spans]) for day, day_spans in spans
    ]
    watches = [Watch(one.part, one.name, one.starts_at, one.ends_at, one.pk) for one in held]
    others = [one for one in held if one.pk not in used]
    return Week(place, first, count, lines, others, rules.gaps(watches, begin, end), rules.overlaps(watches))


def cell_key(part: str, span: Span) -> str:
    return f"{part}-{timezone.localtime(span[0]):%Y%m%d%H}"


def fill(
    *, actor: Account, place: Place, first: dt.date, count: int, texts: Mapping[str, str], seen: Mapping[str, str]
) -> int:
    """Put down who is on duty in a week; empty = nobody. Gives how many shifts changed, all or nothing.

    Takes: texts by cell ("姓名 电话", the name alone for people of the place), `seen` = the row each cell showed.
    Writes: shifts (changed ones are dropped and added anew), audit `duty.fill`.
    Refuses: forbidden, bad_cells (by cell: required, unknown_person, changed_meanwhile, past).
    """
    require(actor, place)
    people, now = candidates(place), timezone.now()
    was = _texts_of(seen)
    errors: list[FieldError] = []
    changed: list[tuple[Cell, Person | None]] = []
    with transaction.atomic():
        lock(place)
        grid = week(place, first, count)
        for cell in (cell for line in grid.lines for _, cells in line.rows for cell in cells):
            text = texts.get(cell.key)
            if text is None or names.folded(text) in (names.folded(cell.text), names.folded(was.get(cell.key, ""))):
                continue  # as it stands, or not touched by the sender
            try:
                if seen.get(cell.key, "") != (str(cell.shift.pk) if cell.shift else ""):
                    who = shown(cell.shift) if cell.shift else "空"
                    raise Conflict(f"刚被别人改为 {who}", code="changed_meanwhile")
                if cell.span[1] <= now:
                    raise Invalid("已经过去的班不能再改", code="past")
                changed.append((cell, person(text, people)))
            except Refused as refused:
                errors.append(FieldError(cell.key, refused.code, str(refused).rstrip("。")))
        if errors:
            raise BadCells(errors)
        for cell, one in changed:
            if cell.shift is not None:
                take_off(cell.shift, actor, now)
            if one is not None:
                put(place, cell.part, one, cell.span, actor, now)
        if changed:
            said = {cell.key: str(one or "") for cell, one in changed}
            audit.record(actor=actor, act="duty.fill", on=("duty", place.code), after=said)
    return len(changed)


def _texts_of(seen: Mapping[str, str]) -> dict[str, str]:
    """What the sender saw in each cell, by the row it showed. One query."""
    numbers = {key: int(pk) for key, pk in seen.items() if pk.isascii() and pk.isdigit() and len(pk) < 10}
    rows = DutyShift.objects.in_bulk(list(numbers.values()))
    return {key: shown(rows[number]) for key, number in numbers.items() if number in rows}
