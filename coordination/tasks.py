"""Tasks of the top storey: the heartbeat, the clocks of tickets, and tidying what nobody needs any more."""

from celery import shared_task
from django.core.management import call_command

from coordination import deliveries, handovers, letters, readiness, seals, ticket_files, tickets, unsent


@shared_task
def beat() -> None:
    """Say that schedule, broker and worker run."""
    readiness.beat()


@shared_task
def tick() -> None:
    """Let the clocks of tickets say what is due, and letters that nobody answered it."""
    tickets.tick()
    letters.warn()


@shared_task
def scan_files() -> None:
    """Have files that wait looked into for viruses."""
    ticket_files.scan_in_background()


@shared_task
def seal() -> None:
    """Seal the records of days that have ended."""
    seals.seal()


@shared_task
def hand_over() -> None:
    """Carry out the handovers whose day has come."""
    handovers.carry_out_due()


@shared_task
def send_notices() -> None:
    """Write notices out as e-mails and words to groups, and send a few of those that wait."""
    deliveries.run()


@shared_task
def tidy() -> None:
    """Delete sessions that ran out, files that no row names, and what was typed and left a week ago."""
    call_command("clearsessions")
    ticket_files.tidy()
    unsent.tidy()
