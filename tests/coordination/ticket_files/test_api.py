"""Files over REST: added once however often sent, listed with the ticket, refused by name."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from coordination.models import TicketFile
from enterprises.choices import TokenScope
from tests.clients import Program
from tests.coordination.ticket_files import samples

LIST = "/api/v1/tickets/"


def add(program: Program, number: str, *files: tuple[str, bytes], key: str | None = None, **fields: str):
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    sent = {**fields, "files": [SimpleUploadedFile(name, content) for name, content in files]}
    return program.post(f"{LIST}{number}/attachments/", sent, format="multipart", **headers)


def test_files_are_added_once_however_often_they_are_sent(desk, ticket, store) -> None:
    unit = Program(desk.department)
    answers = [
        add(
            unit,
            ticket.number,
            ("批文.pdf", samples.PDF),
            ("a.png", samples.picture("PNG")),
            key="k1",
            visibility="enterprise",
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1]["Idempotency-Replayed"] == "true"
    rows = answers[0].json()
    assert [(row["name"], row["visibility"], row["scan"]) for row in rows] == [
        ("批文.pdf", "enterprise", "unscanned"), ("a.png", "enterprise", "unscanned"),
    ]  # fmt: skip
    assert len([path for path in store.rglob("*") if path.is_file()]) == 2
    assert add(unit, ticket.number, ("别的.pdf", samples.PDF), key="k1").status_code == 422
    listed = Program(desk.reporter_a).get(f"{LIST}{ticket.number}/").json()["attachments"]
    assert [row["name"] for row in listed] == ["批文.pdf", "a.png"]
    got = Program(desk.reporter_a).get(listed[0]["url"])
    assert b"".join(got.streaming_content) == samples.PDF
    assert got["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert got["X-Content-Type-Options"] == "nosniff"


def test_ours_stays_among_the_units_unless_said_otherwise(desk, ticket) -> None:
    add(Program(desk.department), ticket.number, ("内部.pdf", samples.PDF))
    add(Program(desk.reporter_a), ticket.number, ("企业的.pdf", samples.PDF))
    assert dict(TicketFile.objects.values_list("name", "visibility")) == {
        "内部.pdf": "units",
        "企业的.pdf": "enterprise",
    }


@pytest.mark.parametrize(
    ("files", "fields", "status", "code"),
    [
        ([], {}, 422, "required"),
        ([("a.html", b"<html></html>")], {}, 422, "markup"),
        ([("a.docx", samples.package("docx", {"word/vbaProject.bin": b"x"}))], {}, 422, "macros"),
        ([("a.pdf", samples.PDF)], {"colour": "red"}, 422, "unknown_field"),
        ([("a.pdf", samples.PDF)], {"visibility": "everybody"}, 422, "invalid_choice"),
        ([("a.pdf", samples.PDF)], {"expected_version": "1"}, 409, "version_conflict"),
        ([("a.pdf", samples.PDF)], {"expected_version": "x"}, 422, "invalid_number"),
        ([(f"{n}.txt", b"x") for n in range(11)], {}, 422, "too_many_files"),
    ],
)
def test_refusals_name_their_reason_and_store_nothing(desk, ticket, store, files, fields, status, code) -> None:
    answer = add(Program(desk.department), ticket.number, *files, **fields)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert [path for path in store.rglob("*") if path.is_file()] == []


def test_scopes_and_foreign_tickets(desk, ticket) -> None:
    reader = Program(desk.department, TokenScope.TICKETS_READ)
    assert add(reader, ticket.number, ("a.pdf", samples.PDF)).status_code == 403
    assert reader.get(f"{LIST}{ticket.number}/attachments/").status_code == 200
    writer = Program(desk.department, TokenScope.TICKETS_WRITE)
    assert writer.get(f"{LIST}{ticket.number}/attachments/").status_code == 403
    assert add(Program(desk.reporter_b), ticket.number, ("a.pdf", samples.PDF)).status_code == 404
    assert add(Program(desk.leader), ticket.number, ("a.pdf", samples.PDF)).status_code == 201
    assert add(Program(desk.auditor), ticket.number, ("a.pdf", samples.PDF)).status_code == 403
    assert Program(desk.department).send(f"{LIST}{ticket.number}/attachments/", {"files": []}).status_code == 415
    for key in ("0" * 32, "..", "x" * 500, "%00"):
        assert reader.get(f"{LIST}{ticket.number}/attachments/{key}/").status_code == 404
