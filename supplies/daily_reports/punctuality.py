"""What makes a report late: the cut-off of the unit where the enterprise stands on the day (R4, R15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from enterprises.models import DivisionFact, Placement
from enterprises.rules.division_tree import Node, Tree
from supplies.models import ReportingSetting
from supplies.rules import reporting_settings as rules
from supplies.rules.reporting_settings import LeafSettings, Setting

EnterpriseDay = tuple[int, dt.date]


def cut_offs(wanted: Collection[EnterpriseDay]) -> dict[EnterpriseDay, dt.datetime]:
    """The moment from which a report is late, per (enterprise id, day), as known now. Three queries for any number.

    An enterprise that stands nowhere on the day has none.
    """
    placements: dict[int, list[tuple[dt.date, dt.date | None, str]]] = {}
    rows = Placement.objects.believed().filter(enterprise__in={enterprise for enterprise, _ in wanted})
    for enterprise, first, last, unit in rows.values_list("enterprise_id", "starts_on", "ends_on", "division_id"):
        placements.setdefault(enterprise, []).append((first, last, unit))
    settings = _settings({day for _, day in wanted})
    found = {}
    for enterprise, day in wanted:
        for first, last, unit in placements.get(enterprise, []):
            if first <= day and (last is None or day <= last) and unit in settings[day]:
                found[enterprise, day] = settings[day][unit].cut_off_at
    return found


def _settings(days: set[dt.date]) -> dict[dt.date, dict[str, LeafSettings]]:
    """Settings of each reporting unit on each of the days."""
    nodes = [
        (f.starts_on, f.ends_on, Node(f.division_id, f.name, f.division.level, f.parent_id, f.division.is_reporting))
        for f in DivisionFact.objects.believed().select_related("division")
    ]
    rows = ReportingSetting.objects.believed().order_by("starts_on", "id")
    settings = [Setting(*row) for row in rows.values_list("name", "division_id", "starts_on", "value")]
    found = {}
    for day in days:
        tree = Tree.of(node for first, last, node in nodes if first <= day and (last is None or day <= last))
        found[day] = rules.resolve(settings, tree, day)
    return found
