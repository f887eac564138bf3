"""Snapshots: the totals of a day with their sources, as known when it was frozen; never recomputed (R13, R22).

The moment is taken by the event; what was known at a moment is the same for ever, so the snapshot itself may be written
a little later, outside the lock that held up the writers, and by whoever finds it missing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db import IntegrityError, transaction

from enterprises.models import DivisionFact
from enterprises.rules.division_tree import Node, Tree
from enterprises.rules.exact_json import dumps
from supplies import day_state, total_cells
from supplies.choices import Grain, SnapshotKind
from supplies.daily_totals import Difference
from supplies.models import DayEvent, Snapshot, SnapshotCell, SnapshotSource
from supplies.rules.tree_epochs import Nodes, chosen
from supplies.total_cells import Cell

IDENTITY = ("division", "grain", "key", "unit")
FIGURES = tuple(name for name in Cell.__dataclass_fields__ if name not in ("day", *IDENTITY))
SOURCE = (
    "enterprise_id", "division_id", "product_id", "kind", "owed", "on_time", "revision_id", "source_day", "last_known",
    "opening", "halted", "licensed", "pool",
)  # fmt: skip
BATCH = 500


def freeze(event: DayEvent) -> Snapshot:
    """The snapshot of a flash or final event; made where it is missing. Two at once make one."""
    found = Snapshot.objects.filter(event=event).first()
    if found is not None:
        return found
    cells = list(_computed(event))
    pairs = day_state.pairs(event.day, event.recorded_at)
    try:
        with transaction.atomic():
            snapshot = Snapshot.objects.create(
                event=event,
                day=event.day,
                kind=event.kind,
                number=number_of(event),
                as_of=event.recorded_at,
                digest=_digest(cells),
            )
            SnapshotCell.objects.bulk_create(
                [
                    SnapshotCell(
                        snapshot=snapshot,
                        division_id=cell.division,
                        grain=cell.grain,
                        key=cell.key,
                        unit=cell.unit,
                        licensed=licensed,
                        **{name: getattr(cell, name) for name in FIGURES},
                    )
                    for licensed, cell in cells
                ],
                batch_size=BATCH,
            )
            SnapshotSource.objects.bulk_create(
                [
                    SnapshotSource(snapshot=snapshot, **{name: getattr(pair, name) for name in SOURCE})
                    for pair in pairs
                    if pair.kind != "exempted"
                ],
                batch_size=BATCH,
            )
    except IntegrityError:
        return Snapshot.objects.get(event=event)
    return snapshot


def freeze_missing() -> int:
    """Make the snapshots whose maker died before he had written them. Gives their number."""
    events = DayEvent.objects.filter(kind__in=SnapshotKind.values, snapshot=None).order_by("id")
    return len([freeze(event) for event in events])


def number_of(event: DayEvent) -> int:
    """The how many-th of its kind and day an event is, from 1."""
    return DayEvent.objects.filter(day=event.day, kind=event.kind, pk__lte=event.pk).count()


def latest(kind: str, first: dt.date, last: dt.date, at: dt.datetime | None = None) -> dict[dt.date, Snapshot]:
    """The latest snapshot of a kind per day, as known at `at` (None: now). One query."""
    found = Snapshot.objects.filter(kind=kind, day__range=(first, last)).order_by("as_of", "id")
    if at is not None:
        found = found.filter(as_of__lte=at)
    return {snapshot.day: snapshot for snapshot in found}


def cells(
    snapshots: dict[dt.date, Snapshot],
    *,
    nodes: Nodes,
    grain: str,
    keys: Collection[str] | None = None,
    licensed: bool = False,
) -> list[Cell]:
    """Frozen cells of the divisions, ordered by day, division, key, unit. Two queries at most."""
    if not snapshots:
        return []
    rows = SnapshotCell.objects.filter(snapshot__in=snapshots.values(), grain=grain, licensed=licensed)
    if keys is not None:
        rows = rows.filter(key__in=keys)
    if not callable(nodes):
        rows = rows.filter(division__in=list(nodes))
    wanted = _divisions(snapshots.values(), nodes)
    days = {snapshot.pk: snapshot.day for snapshot in snapshots.values()}
    found = [
        Cell(days[row.snapshot_id], row.division_id, row.grain, row.key, row.unit, **_figures(row))
        for row in rows
        if wanted is None or row.division_id in wanted[row.snapshot_id]
    ]
    return sorted(found, key=lambda cell: (cell.day, cell.division, cell.key, cell.unit))


def verify() -> Iterator[Difference]:
    """Compute every snapshot again as known at its moment, and give each stored figure or source that differs (R23)."""
    freeze_missing()
    for snapshot in Snapshot.objects.select_related("event").order_by("id"):
        yield from differences(snapshot)


def differences(snapshot: Snapshot) -> Iterator[Difference]:
    """Stored figures and sources of one snapshot that are not what was known at its moment."""
    computed = {(licensed, *_ident(cell)): cell for licensed, cell in _computed(snapshot.event)}
    stored = {
        (r.licensed, r.division_id, r.grain, r.key, r.unit): r for r in SnapshotCell.objects.filter(snapshot=snapshot)
    }
    name: tuple[Any, ...] = ("snapshot", snapshot.day, snapshot.kind, snapshot.number)
    for ident in sorted(stored.keys() | computed.keys(), key=str):
        have, want = stored.get(ident), computed.get(ident)
        if have is None or want is None:
            yield Difference((*name, *ident), "row", have and "there", want and "there")
            continue
        for figure in FIGURES:
            if getattr(have, figure) != getattr(want, figure):
                yield Difference((*name, *ident), figure, getattr(have, figure), getattr(want, figure))
    kept = sorted(map(str, SnapshotSource.objects.filter(snapshot=snapshot).values_list(*SOURCE)))
    known = sorted(
        str(tuple(getattr(pair, column) for column in SOURCE))
        for pair in day_state.pairs(snapshot.day, snapshot.as_of)
        if pair.kind != "exempted"
    )
    if kept != known:
        yield Difference(name, "sources", len(kept), len(known))


def _computed(event: DayEvent) -> Iterator[tuple[bool, Cell]]:
    """Every cell of every division of the day's tree as known at the event, over all and over the licensed pairs."""
    everywhere = list(DivisionFact.objects.tree(event.day, event.recorded_at).nodes)
    for grain in Grain.values:
        for licensed in (False, True):
            for cell in total_cells.cells(
                nodes=everywhere,
                first=event.day,
                last=event.day,
                grain=grain,
                licensed=licensed,
                at=event.recorded_at,
            ):
                yield licensed, cell


def _ident(cell: Cell) -> tuple[str, str, str, str]:
    return cell.division, cell.grain, cell.key, cell.unit


def _digest(cells: Iterable[tuple[bool, Cell]]) -> str:
    rows = sorted(
        ([licensed, *_ident(cell), *(getattr(cell, name) for name in FIGURES)] for licensed, cell in cells), key=str
    )
    return hashlib.sha256(dumps(rows).encode()).hexdigest()


def _figures(row: SnapshotCell) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIGURES}


def _divisions(snapshots: Iterable[Snapshot], nodes: Nodes) -> dict[int, frozenset[str]] | None:
    """The divisions asked for by snapshot, where they depend on the tree of its day as then known; else None."""
    if not callable(nodes):
        return None
    facts = list(DivisionFact.objects.select_related("division"))
    found = {}
    for snapshot in snapshots:
        tree = Tree.of(
            Node(f.division_id, f.name, f.division.level, f.parent_id, f.division.is_reporting)
            for f in facts
            if f.known_at <= snapshot.as_of
            and (f.known_until is None or f.known_until > snapshot.as_of)
            and f.starts_on <= snapshot.day
            and (f.ends_on is None or f.ends_on >= snapshot.day)
        )
        found[snapshot.pk] = frozenset(chosen(nodes, tree))
    return found
