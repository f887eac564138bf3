"""The top storey's tables."""

from coordination.models.clock import Clock, ClockPolicy, DueChange, Firing, Pause, WorkHours
from coordination.models.common_problem import CommonProblem, Member, ProblemNotice, ProblemOrder, Told
from coordination.models.delivery import Delivery, MessagePreference
from coordination.models.duty import Absence, DutyShift, Handover
from coordination.models.emergency import Emergency
from coordination.models.escalation import Escalation
from coordination.models.job import Job
from coordination.models.letter import Letter, LetterNumber, LetterReminder
from coordination.models.notice import Notice
from coordination.models.officer_handover import OfficerHandover
from coordination.models.routing import RoutingOverride, RoutingRule
from coordination.models.seal import Seal
from coordination.models.stat_snapshot import StatSnapshot
from coordination.models.supervision import CallAttempt, CallTask, LadderStep, Supervision
from coordination.models.ticket import Event, Ticket, TicketCategory, TicketNumber
from coordination.models.ticket_file import TicketFile
from coordination.models.unsent import Unsent
from coordination.models.visit import Promise, PromiseTurn, Visit, VisitFact, VisitPhoto, VisitTicket
from coordination.models.work_order import OrderAnswer, WorkOrder
from coordination.models.working_group import GroupMember, WorkingGroup

__all__ = [
    "Absence",
    "CallAttempt",
    "CallTask",
    "Clock",
    "ClockPolicy",
    "CommonProblem",
    "Delivery",
    "DueChange",
    "DutyShift",
    "Emergency",
    "Escalation",
    "Event",
    "Firing",
    "GroupMember",
    "Handover",
    "Job",
    "LadderStep",
    "Letter",
    "LetterNumber",
    "LetterReminder",
    "Member",
    "MessagePreference",
    "Notice",
    "OfficerHandover",
    "OrderAnswer",
    "Pause",
    "ProblemNotice",
    "ProblemOrder",
    "Promise",
    "PromiseTurn",
    "RoutingOverride",
    "RoutingRule",
    "Seal",
    "StatSnapshot",
    "Supervision",
    "Ticket",
    "TicketCategory",
    "TicketFile",
    "TicketNumber",
    "Told",
    "Unsent",
    "Visit",
    "VisitFact",
    "VisitPhoto",
    "VisitTicket",
    "WorkHours",
    "WorkOrder",
    "WorkingGroup",
]  # fmt: skip
