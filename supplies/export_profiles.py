"""Export profiles: keep a receiver's column map, and fill it from a snapshot (R13)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from enterprises import access, audit
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound, reading
from enterprises.models import Account, DivisionFact
from enterprises.rules import names
from enterprises.workbooks import workbook
from supplies import closings, products
from supplies.choices import Grain, SnapshotKind
from supplies.models import ExportProfile, Snapshot
from supplies.rules import export_columns
from supplies.rules.catalogue import Catalogue
from supplies.total_cells import Cell


def save(
    *, actor: Account | None, profile: ExportProfile | None, name: str, grain: str, by_unit: bool, columns: str
) -> ExportProfile:
    """Make a profile, or change one: its columns as lines of `head = field` (supplies.rules.export_columns).

    Writes: profile, audit `export_profile.save`.
    Refuses: forbidden, required (name), invalid_choice (grain), invalid_columns, profile_exists (409).
    """
    _permit(actor)
    with reading("name"):
        name = names.clean(name, what="名称", longest=60)
    if not name:
        raise Invalid("请填写名称。", code="required", field="name")
    if grain not in Grain.values:
        raise Invalid("请选择口径。", code="invalid_choice", field="grain")
    with reading("columns", "invalid_columns"):
        parsed = export_columns.parse(columns)
    kept = profile or ExportProfile()
    kept.name, kept.grain, kept.by_unit, kept.columns = name, grain, by_unit, parsed
    kept.changed_at = timezone.now()
    try:
        with transaction.atomic():
            kept.save()
            said = {"name": name, "grain": grain, "by_unit": by_unit, "columns": parsed}
            audit.record(actor=actor, act="export_profile.save", on=kept, after=said)
    except IntegrityError:
        raise Conflict("已有同名的导出格式。", code="profile_exists", field="name") from None
    return kept


def drop(*, actor: Account | None, profile: ExportProfile) -> None:
    """Take a profile away. Writes: profile, audit `export_profile.drop`. Refuses: forbidden."""
    _permit(actor)
    with transaction.atomic():
        audit.record(actor=actor, act="export_profile.drop", on=profile, before={"name": profile.name})
        profile.delete()


def profiles() -> QuerySet[ExportProfile]:
    """Profiles in use, by name."""
    return ExportProfile.objects.filter(is_on=True)


def newest(day: dt.date) -> Snapshot:
    """The latest final snapshot of a day, else the latest flash one; refuses no_snapshot (404)."""
    for kind in (SnapshotKind.FINAL, SnapshotKind.FLASH):
        found: Snapshot | None = closings.snapshots.latest(kind, day, day).get(day)
        if found is not None:
            return found
    raise NotFound(f"{day} 还没有初报或终报，没有可导出的快照。", code="no_snapshot", field="date")


def fill(profile: ExportProfile, snapshot: Snapshot, node: str) -> bytes:
    """The receiver's sheet as a workbook: one row per cell of the division, or of those below it, from a snapshot.

    Where the snapshot came from (kind, number, moment, digest) stands on a second sheet. Same snapshot, same cells.
    """
    day = snapshot.day
    tree, catalogue = DivisionFact.objects.tree(day), products.catalogue(day)
    nodes = [child.code for child in tree.children(node)] if profile.by_unit else [node]
    nodes = nodes or [node]
    cells = closings.snapshots.cells({day: snapshot}, nodes=nodes, grain=profile.grain)
    order = {code: at for at, code in enumerate(_words(profile.grain, catalogue))}
    cells.sort(key=lambda cell: (nodes.index(cell.division), order.get(cell.key, len(order)), cell.key, cell.unit))
    words = _words(profile.grain, catalogue)
    rows = []
    for number, cell in enumerate(cells, start=1):
        place = tree[cell.division].name if cell.division in tree else cell.division
        said = _said(cell, number, place, words.get(cell.key, cell.key), snapshot)
        rows.append([export_columns.value(field, by, said) for _, field, by in profile.columns])
    label, at = SnapshotKind(snapshot.kind).label, timezone.localtime(snapshot.as_of)
    notes = [
        f"{profile.name}，{day} {label}第 {snapshot.number} 号",
        f"截至 {at:%Y-%m-%d %H:%M:%S}",
        f"摘要 {snapshot.digest}",
    ]
    return workbook(profile.name, [head for head, _, _ in profile.columns], rows, notes=notes)


def _said(cell: Cell, number: int, place: str, name: str, snapshot: Snapshot) -> dict[str, Any]:
    return {
        **{field: getattr(cell, field) for field in export_columns.QUANTITIES},
        **{field: getattr(cell, field) for field in export_columns.PLAIN if hasattr(cell, field)},
        "number": number,
        "date": cell.day,
        "division": place,
        "division_code": cell.division,
        "name": name,
        "code": cell.key,
        "snapshot": snapshot.number,
        "as_of": snapshot.as_of,
    }


def _words(grain: str, catalogue: Catalogue) -> dict[str, str]:
    """Names of the keys of a grain, in the order of the catalogue."""
    if grain == Grain.PRODUCT:
        return {code: entry.name for code, entry in catalogue.entries.items()}
    if grain == Grain.CATEGORY:
        return dict(catalogue.categories)
    return dict(catalogue.groups) if grain == Grain.GROUP else {"": "全部"}


def _permit(actor: Account | None) -> None:
    """Profiles hold for the whole installation: the administrator's, and the city's."""
    if actor is None:
        return
    access.require(actor, "settings:write")
    if not access.reaches_all(actor, "settings:write"):
        raise Forbidden
