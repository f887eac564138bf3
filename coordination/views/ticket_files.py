"""Files of tickets in the browser: to keep, or, where it is a picture we made, to look at."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from coordination import ticket_files, tickets
from coordination.models import TicketFile
from coordination.rules.file_kinds import KINDS
from enterprises import access

BARE = "sandbox; default-src 'none'"
"""No file may ask for anything or run, wherever it is opened."""


@require_safe
def download(request: HttpRequest, number: str, key: str) -> FileResponse:
    """The file, to be kept under its name."""
    account = access.signed_in(request.user)
    file, place = ticket_files.given(account, tickets.find(account, number), key)
    return _answer(file, FileResponse(place.open("rb"), as_attachment=True, filename=file.name))


@require_safe
def picture(request: HttpRequest, number: str, key: str) -> FileResponse:
    """The picture, to be looked at."""
    account = access.signed_in(request.user)
    file, place = ticket_files.given(account, tickets.find(account, number), key)
    if not KINDS[file.kind].is_picture:
        raise Http404
    return _answer(file, FileResponse(place.open("rb"), filename=file.name))


def _answer(file: TicketFile, response: FileResponse) -> FileResponse:
    response["Content-Type"] = KINDS[file.kind].content_type
    response["Content-Security-Policy"] = BARE
    response["X-Content-Type-Options"] = "nosniff"
    return response
