"""Shapes of this storey's HTML input."""

from supplies.forms.admission import AdmissionForm
from supplies.forms.daily_report import Before, DailyReportForm

__all__ = ["AdmissionForm", "Before", "DailyReportForm"]
