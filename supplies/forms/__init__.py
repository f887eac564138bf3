"""Shapes of this storey's HTML input."""

from supplies.forms.admission import AdmissionForm
from supplies.forms.daily_report import Before, DailyReportForm
from supplies.forms.production_line import ProductionLineForm

__all__ = ["AdmissionForm", "Before", "DailyReportForm", "ProductionLineForm"]
