"""The daily report: submit it, describe it, ask what is owed, what was said before, what makes it late (R1-R6)."""

from supplies.daily_reports.description import describe, describe_one, reports_with_review, with_review
from supplies.daily_reports.obligations import owed, terms
from supplies.daily_reports.punctuality import cut_offs
from supplies.daily_reports.questions import Confirm
from supplies.daily_reports.recollection import Prefill, copied, history, latest, prefill
from supplies.daily_reports.returns import returned, returns
from supplies.daily_reports.review import Verified, decide, verify_each
from supplies.daily_reports.submission import OnBehalf, Outcome, submit
from supplies.request_keys import Key

__all__ = [
    "Confirm", "Key", "OnBehalf", "Outcome", "Prefill", "Verified", "copied", "cut_offs", "decide", "describe",
    "describe_one", "history", "latest", "owed", "prefill", "reports_with_review", "returned", "returns", "submit", "terms",
    "verify_each",
    "with_review",
]  # fmt: skip
