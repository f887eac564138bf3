"""Looking for viruses with a program of the operator's (SCANNER): one file after the other, never in anybody's way.

Exit status 0 means clean, 1 infected, anything else that it could not say; then the file is tried again later. A claim
is a moment in the row, so that two processes never take the same file and a dead one gives it back.
"""

from __future__ import annotations

import datetime as dt
import logging
import shlex
import subprocess
import threading

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from coordination.choices import ScanState
from coordination.models import TicketFile
from coordination.ticket_files import storing
from enterprises import audit

log = logging.getLogger(__name__)
TRY_AGAIN = dt.timedelta(minutes=5)
LONGEST = 180
_busy = threading.Lock()


def scan_next() -> bool:
    """Look into the file that has waited longest; False where none waits. Writes: the row, audit."""
    now = timezone.now()
    waiting = TicketFile.objects.filter(scan__in=[ScanState.PENDING, ScanState.UNSCANNED])
    waiting = waiting.filter(Q(scan_at=None) | Q(scan_at__lt=now - TRY_AGAIN))
    found = waiting.order_by(F("scan_at").asc(nulls_first=True), "id").first()
    if not settings.SCANNER or found is None:
        return False
    claimed = TicketFile.objects.filter(pk=found.pk, scan=found.scan, scan_at=found.scan_at)
    if not claimed.update(scan=ScanState.PENDING, scan_at=now):
        return True  # somebody else has it
    state, says = _judged(found)
    with transaction.atomic():
        TicketFile.objects.filter(pk=found.pk).update(scan=state, scan_at=timezone.now(), scan_says=says)
        if state != ScanState.PENDING:
            audit.record(actor=None, act="ticket_file.scanned", on=found, after={"scan": state, "says": says})
    return True


def scan_in_background() -> None:
    """Look into all that waits, in a thread of its own: a slow scanner must not hold up the timetable."""
    if settings.SCANNER and _busy.acquire(blocking=False):
        threading.Thread(target=_scan_all, name="scanner", daemon=True).start()


def _scan_all() -> None:
    try:
        while scan_next():
            pass
    finally:
        connection.close()
        _busy.release()


def _judged(file: TicketFile) -> tuple[ScanState, str]:
    command = [*shlex.split(settings.SCANNER), str(storing.path(file.key))]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("scanner failed: %s", type(error).__name__)
        return ScanState.PENDING, type(error).__name__
    said = done.stdout.decode("utf-8", "replace").replace("\0", "").replace(command[-1], file.name).strip()[:200]
    if done.returncode not in (0, 1):
        log.warning("scanner ended with %s", done.returncode)
        return ScanState.PENDING, said
    return (ScanState.INFECTED if done.returncode else ScanState.CLEAN), said
