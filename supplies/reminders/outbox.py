"""The outbox: messages claimed one by one and sent, each once."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection, transaction
from django.utils import timezone

from supplies import daily_reports
from supplies.choices import ReminderChannel, ReminderState
from supplies.models import DailyReport, Outgoing, Reminder
from supplies.reminders.senders import Undelivered, send_mail, tell_robot

M = TypeVar("M", bound=Outgoing)
CLAIM = dt.timedelta(minutes=2)
PAUSES = (1, 5, 15, 60)
"""Minutes until the next try, after the first, second … failure; then the message is given up, visibly."""
SLICE = 1.0
"""Seconds after which no further message is begun: where one process does everything, the totals wait behind us."""


def drain() -> int:
    """Send the reminders that wait, for a slice of time; gives how many were handled."""
    return send_waiting(Reminder, is_needless=_has_filed)


def send_one() -> bool:
    """Claim one reminder and send it; gives whether there was one."""
    return send_next(Reminder, is_needless=_has_filed)


def send_waiting(kind: type[M], *, is_needless: Callable[[M], bool]) -> int:
    """Send what waits of one kind, for a slice of time. Side by side it sends nothing twice."""
    _give_up_broken(kind)
    began, handled = time.monotonic(), 0
    while time.monotonic() - began < SLICE and send_next(kind, is_needless=is_needless):
        handled += 1
    return handled


def send_next(kind: type[M], *, is_needless: Callable[[M], bool]) -> bool:
    """Claim one message and send it, unless nobody needs it any more; gives whether there was one."""
    now = timezone.now()
    with transaction.atomic():
        waiting = kind._default_manager.filter(state=ReminderState.WAITING, not_before__lte=now)
        found = waiting.order_by("not_before", "id")
        message = found.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).first()
        if message is None:
            return False
        message.tries += 1
        message.state, message.claimed_until = ReminderState.SENDING, now + CLAIM
        message.save(update_fields=["tries", "state", "claimed_until"])
    if is_needless(message):
        _settle(message, ReminderState.DROPPED)
        return True
    try:
        _deliver(message)
    except Undelivered as failure:
        _failed(message, failure)
    else:
        _settle(message, ReminderState.SENT)
    return True


def _deliver(message: Outgoing) -> None:
    if message.channel == ReminderChannel.EMAIL:
        send_mail(to=message.recipient, subject=message.subject, body=message.body)
    elif message.robot is not None:
        robot = message.robot
        if not robot.is_on:
            raise Undelivered("机器人已停用", may_retry=False)
        tell_robot(kind=robot.kind, address=robot.address, secret=robot.secret, text=message.body)


def _failed(message: Outgoing, failure: Undelivered) -> None:
    if failure.may_retry and message.tries <= len(PAUSES):
        message.not_before = timezone.now() + dt.timedelta(minutes=PAUSES[message.tries - 1])
        message.state, message.error = ReminderState.WAITING, failure.reason[:200]
        message.save(update_fields=["not_before", "state", "error"])
        return
    _settle(message, ReminderState.FAILED, failure.reason)


def _settle(message: Outgoing, state: str, error: str = "") -> None:
    message.state, message.error, message.done_at = state, error[:200], timezone.now()
    message.save(update_fields=["state", "error", "done_at"])


def _has_filed(message: Reminder) -> bool:
    """Whether the day's report came in meanwhile; one that was returned is still owed. Groups are told anyway."""
    if message.enterprise_id is None:
        return False
    filed = DailyReport.objects.filter(enterprise=message.enterprise_id, day=message.day, head__isnull=False).exists()
    return filed and message.enterprise is not None and daily_reports.returned(message.enterprise, message.day) is None


def _give_up_broken(kind: type[Outgoing]) -> None:
    """Messages whose sender died: nobody knows whether they arrived, so they are not sent again (never twice)."""
    now = timezone.now()
    broken = kind._default_manager.filter(state=ReminderState.SENDING, claimed_until__lt=now)
    broken.update(state=ReminderState.FAILED, done_at=now, error="发送中断，不知道是否送达；需要时可再提醒一次")
