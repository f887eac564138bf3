"""Reminders to those who owe a report: planned at set times or by hand, written to an outbox, sent from there."""

from supplies.reminders.outbox import drain, send_one, send_waiting
from supplies.reminders.planning import Reminded, plan_due, remind, waiting_for
from supplies.reminders.robots import add_robot, drop_robot, robots

__all__ = [
    "Reminded",
    "add_robot",
    "drain",
    "drop_robot",
    "plan_due",
    "remind",
    "robots",
    "send_one",
    "send_waiting",
    "waiting_for",
]
