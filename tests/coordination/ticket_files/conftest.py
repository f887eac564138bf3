"""A ticket in hand, and the ways files get to it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from coordination.models import Ticket
from tests.coordination.tickets.test_acting import handled


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    """A store of the test's own."""
    settings.ATTACHMENTS = tmp_path / "attachments"
    settings.FILE_UPLOAD_TEMP_DIR = settings.ATTACHMENTS / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)
    return settings.ATTACHMENTS


@pytest.fixture
def ticket(desk) -> Ticket:
    """Submitted, accepted, dispatched and signed."""
    return handled(desk)


@pytest.fixture
def press(client):
    """Presses a step's button with files."""

    def press(person, ticket: Ticket, action: str, *files: tuple[str, bytes], version: int | None = None, **fields):
        client.force_login(person)
        ticket.refresh_from_db()
        sent = {"expected_version": version or ticket.version, **fields}
        sent["files"] = [SimpleUploadedFile(name, content) for name, content in files]
        return client.post(f"/tickets/{ticket.number}/{action}/", sent)

    return press
