"""The middle storey's tables: catalogue, duties, daily reports, totals."""

from supplies.models.daily_report import DailyReport, Decision, Limit, ReportLine, RequestKey, Revision
from supplies.models.daily_total import DailyTotal, DayVersion
from supplies.models.product import (
    CertificateProduct,
    LineProduct,
    PoolMember,
    Product,
    ProductFact,
    ProductGroup,
    UnitFactor,
)
from supplies.models.reporting_duty import Exemption, ReportingDuty, ReportingSetting

__all__ = [
    "CertificateProduct", "DailyReport", "DailyTotal", "DayVersion", "Decision", "Exemption", "Limit",
    "LineProduct", "PoolMember", "Product", "ProductFact", "ProductGroup", "ReportLine", "ReportingDuty",
    "ReportingSetting", "RequestKey", "Revision", "UnitFactor",
]  # fmt: skip
