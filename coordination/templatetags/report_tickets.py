"""A tag by which a report's receipt compares its difficulties with the enterprise's open tickets."""

from __future__ import annotations

from typing import Any

from django import template

from coordination import report_tickets
from supplies.models import DailyReport

register = template.Library()


@register.inclusion_tag("coordination/tickets/_of_report.html")
def tickets_of_report(report: DailyReport) -> dict[str, Any]:
    """Each difficulty of a report with the ticket that takes it up, or with the way to raise one."""
    return {"troubles": report_tickets.of_report(report), "report": report}
