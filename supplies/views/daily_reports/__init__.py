"""Pages about daily reports: the clerk's own, and who has reported."""

from supplies.views.daily_reports.clerk import edit, mine
from supplies.views.daily_reports.drafts import draft
from supplies.views.daily_reports.receipts import receipt, revisions

__all__ = ["draft", "edit", "mine", "receipt", "revisions"]
