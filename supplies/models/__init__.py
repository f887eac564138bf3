"""The middle storey's tables: catalogue, duties, daily reports, totals."""

from supplies.models.call import Call
from supplies.models.closing import DayEvent, Snapshot, SnapshotCell, SnapshotSource
from supplies.models.correction import Correction, CorrectionAnswer, CorrectionBlock
from supplies.models.daily_report import DailyReport, Decision, Limit, ReportLine, ReportVersion, RequestKey, Revision
from supplies.models.daily_total import DailyTotal, DayVersion, ToldTotal
from supplies.models.draft import Draft
from supplies.models.export_profile import ExportProfile
from supplies.models.line_run import LineRun
from supplies.models.product import (
    CertificateProduct,
    LineProduct,
    PoolMember,
    Product,
    ProductFact,
    ProductGroup,
    UnitFactor,
)
from supplies.models.question import Confirmation, Question
from supplies.models.reminder import Outgoing, Reminder, ReminderRound, Robot
from supplies.models.reporting_duty import Exemption, ReportingDuty, ReportingSetting
from supplies.models.upload import Upload

__all__ = [
    "Call", "CertificateProduct", "Confirmation", "Correction", "CorrectionAnswer", "CorrectionBlock",
    "DailyReport", "DailyTotal", "DayEvent", "DayVersion", "Decision",
    "Draft", "Exemption", "ExportProfile", "Limit", "LineProduct", "LineRun", "Outgoing", "PoolMember", "Product", "ProductFact",
    "ProductGroup", "Question", "Reminder", "ReminderRound", "ReportLine", "ReportVersion", "ReportingDuty",
    "ReportingSetting", "RequestKey", "Revision", "Robot", "Snapshot", "SnapshotCell", "SnapshotSource",
    "ToldTotal", "UnitFactor", "Upload",
]  # fmt: skip
