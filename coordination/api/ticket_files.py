"""Files of tickets for other people's programs: add, list, download."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from coordination import ticket_files, tickets
from coordination.api.serializers import FileRow, FilesGiven
from coordination.api.tickets import READ, WRITE
from coordination.models import Ticket
from coordination.rules.file_kinds import KINDS
from enterprises.api.endpoint import Endpoint
from enterprises.errors import Invalid
from supplies.api.requests import IDEMPOTENCY, key_of

KNOWN = ("text", "visibility", "expected_version")


class Files(Endpoint):
    """The files of a ticket that the caller may know of, and the way to add some."""

    abilities = {"GET": READ, "POST": WRITE}
    parser_classes = (MultiPartParser,)  # type: ignore[assignment]

    @extend_schema(operation_id="ticket_files_list", summary="附件", tags=["tickets"], responses=FileRow(many=True))
    def get(self, request: Request, number: str) -> Response:
        return Response(self._rows(tickets.find(self.account, number)))

    @extend_schema(
        operation_id="ticket_files_add",
        summary="补附件",
        description="multipart/form-data，文件放在 files（可以多个）。不写 expected_version 即按现在的版本。",
        tags=["tickets"],
        parameters=[IDEMPOTENCY],
        request={"multipart/form-data": FilesGiven},
        responses={201: FileRow(many=True)},
    )
    def post(self, request: Request, number: str) -> Response:
        ticket = tickets.find(self.account, number)
        fields, uploads = _form(request)
        version = fields.pop("expected_version", str(ticket.version))
        if not (version.isascii() and version.isdigit() and len(version) < 10):
            raise Invalid("expected_version 应为整数。", code="invalid_number", field="expected_version")
        key = key_of(request, {**fields, "files": [_digest(one) for one in uploads]})
        received = ticket_files.receive(self.account, uploads)
        is_used = False
        try:
            if received.refused is not None:
                raise received.refused
            done = tickets.act(
                actor=self.account, ticket=ticket, action="attach", fields=fields, expected_version=int(version),
                key=key, at=self.received_at, files=received.files,
            )  # fmt: skip
            is_used = not done.is_replay
        finally:
            if not is_used:
                ticket_files.discard(received.files)
        response = Response(self._rows(ticket), status=201)
        if done.is_replay:
            response["Idempotency-Replayed"] = "true"
        return response

    def _rows(self, ticket: Ticket) -> list[dict[str, object]]:
        return ticket_files.described(tickets.page(self.account, ticket).files)


class OneFile(Endpoint):
    """The bytes of one file, for whoever may know of it at this moment."""

    abilities = {"GET": READ}

    @extend_schema(
        operation_id="ticket_files_read",
        summary="下载附件",
        tags=["tickets"],
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, number: str, key: str) -> FileResponse:
        file, place = ticket_files.given(self.account, tickets.find(self.account, number), key)
        response = FileResponse(place.open("rb"), as_attachment=True, filename=file.name)
        response["Content-Type"] = KINDS[file.kind].content_type
        response["X-Content-Type-Options"] = "nosniff"
        return response


def _form(request: Request) -> tuple[dict[str, str], list[UploadedFile[Any]]]:
    """Fields and files of a form; refuses what we do not know by its name."""
    files = request.FILES.getlist("files")
    unknown = [name for name in (*request.data, *request.FILES) if name not in (*KNOWN, "files")]
    if unknown:
        raise Invalid(f"没有“{unknown[0][:40]}”这一项。", code="unknown_field", field=unknown[0][:40])
    data: Any = request.data
    return {name: str(data[name]) for name in KNOWN if name in data}, files


def _digest(upload: UploadedFile[Any]) -> list[str]:
    found = hashlib.sha256()
    for piece in upload.chunks():
        found.update(piece)
    upload.seek(0)
    return [str(upload.name), found.hexdigest()]
