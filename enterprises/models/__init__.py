"""The ground storey's tables: divisions, enterprises, lines, certificates, accounts, audit."""

from enterprises.models.account import Account, ApiToken, Attachment, Post
from enterprises.models.audit_entry import AuditEntry
from enterprises.models.certificate import Certificate
from enterprises.models.division import Division, DivisionFact
from enterprises.models.enterprise import Enterprise, EnterpriseFact, Membership, Placement
from enterprises.models.fact import EVER, Fact, FactQuerySet, SpanFact
from enterprises.models.filing_link import FilingLink, Switch
from enterprises.models.organisation import Category, Organisation
from enterprises.models.production_line import LineFact, ProductionLine
from enterprises.models.stale_mark import StaleMark
from enterprises.models.work_day import WorkDay

__all__ = [
    "EVER", "Account", "ApiToken", "Attachment", "AuditEntry", "Category", "Certificate", "Division",
    "DivisionFact", "Enterprise", "EnterpriseFact", "Fact", "FactQuerySet", "FilingLink", "LineFact", "Membership",
    "Organisation", "Placement", "Post", "ProductionLine", "SpanFact", "StaleMark", "Switch", "WorkDay",
]  # fmt: skip
