"""The store: orphans go after a day, rows never lose their file, and a scanner has the say over downloads."""

from __future__ import annotations

import os
import time

import pytest
from django.core.management import CommandError, call_command

from coordination import tasks, ticket_files
from coordination.models import TicketFile
from tests.clients import Program
from tests.coordination.ticket_files import samples

DAY = 24 * 3600


def age(store, seconds: int) -> None:
    moment = time.time() - seconds
    for path in store.rglob("*"):
        if path.is_file():
            os.utime(path, (moment, moment))


def test_what_no_row_names_goes_after_a_day(press, desk, ticket, store) -> None:
    press(desk.reporter_a, ticket, "attach", ("有行.pdf", samples.PDF))
    press(desk.reporter_a, ticket, "reply", ("没有行.pdf", samples.PDF), text="不该我办", result="solved")
    (store / "incoming" / "half").write_bytes(b"x")
    kept = TicketFile.objects.get()
    age(store, DAY - 60)
    assert ticket_files.tidy() == 0
    age(store, DAY + 60)
    tasks.tidy()
    assert [path.name for path in store.rglob("*") if path.is_file()] == [kept.key]


def test_a_token_whose_file_is_gone_says_nothing_and_stores_nothing(press, desk, ticket, store) -> None:
    answer = press(desk.department, ticket, "reply", ("a.pdf", samples.PDF), text="", result="solved")
    token = answer.content.decode().split('name="kept" value="')[1].split('"')[0]
    for path in store.rglob("*"):
        if path.is_file():
            path.unlink()
    again = press(desk.department, ticket, "attach", kept=[token])
    assert again.status_code == 422
    assert not TicketFile.objects.exists()


def test_the_store_is_compared_with_its_rows(press, desk, ticket, store, capsys) -> None:
    press(desk.reporter_a, ticket, "attach", ("a.pdf", samples.PDF), ("b.pdf", samples.PDF + b"%"), ("c.txt", b"c"))
    call_command("check_attachments")
    assert "查了 3 个附件，都在，没有变。" in capsys.readouterr().out
    there = [store / row.key[:2] / row.key for row in TicketFile.objects.order_by("name")]
    there[0].unlink()
    there[1].write_bytes(b"other")
    with pytest.raises(CommandError, match="2 个不对"):
        call_command("check_attachments")
    said = capsys.readouterr().err
    assert "a.pdf" in said
    assert "文件不在" in said
    assert "b.pdf" in said
    assert "内容变了" in said


@pytest.fixture
def scanner(settings, tmp_path):
    """A program that finds a word in a file."""
    program = tmp_path / "scan.sh"
    program.write_text(
        '#!/bin/sh\ngrep -q SICK "$2" && { echo "$2: Eicar FOUND"; exit 1; }\ngrep -q BROKEN "$2" && exit 2\nexit 0\n'
    )
    settings.SCANNER = f"sh {program} --quiet"


def test_what_was_not_scanned_is_not_for_the_enterprise(press, client, desk, ticket, scanner) -> None:
    for name in ("well", "SICK", "BROKEN"):
        press(desk.city_officer, ticket, "attach", (f"{name}.txt", name.encode()), visibility="enterprise")
    files = {file.name: f"/tickets/{ticket.number}/files/{file.key}/" for file in TicketFile.objects.all()}
    assert set(TicketFile.objects.values_list("scan", flat=True)) == {"pending"}

    def got(person) -> dict[str, bool]:
        client.force_login(person)
        return {name: client.get(path).status_code == 200 for name, path in files.items()}

    assert set(got(desk.reporter_a).values()) == {False}
    assert set(got(desk.county_officer_a).values()) == {True}
    page = Program(desk.reporter_a).get(f"/api/v1/tickets/{ticket.number}/attachments/").json()
    assert {row["is_available"] for row in page} == {False}
    while ticket_files.scan_next():
        pass
    states = dict(TicketFile.objects.values_list("name", "scan"))
    assert states == {"well.txt": "clean", "SICK.txt": "infected", "BROKEN.txt": "pending"}
    assert TicketFile.objects.get(name="SICK.txt").scan_says == "SICK.txt: Eicar FOUND"
    assert got(desk.reporter_a) == {"well.txt": True, "SICK.txt": False, "BROKEN.txt": False}
    assert got(desk.county_officer_a) == {"well.txt": True, "SICK.txt": False, "BROKEN.txt": True}
    client.force_login(desk.county_officer_a)
    body = client.get(f"/tickets/{ticket.number}/").content.decode()
    assert all(word in body for word in ("干净", "有毒", "待扫描", "查出病毒，已封存"))


def test_without_a_scanner_nothing_is_claimed(press, desk, ticket) -> None:
    press(desk.city_officer, ticket, "attach", ("a.txt", b"SICK"), visibility="enterprise")
    assert ticket_files.scan_next() is False
    assert TicketFile.objects.get().scan == "unscanned"


def test_a_scanner_that_is_not_there_is_asked_again_later(press, desk, ticket, settings) -> None:
    press(desk.city_officer, ticket, "attach", ("a.txt", b"well"), visibility="enterprise")
    settings.SCANNER = "/nowhere/scanner"
    assert ticket_files.scan_next() is True
    assert ticket_files.scan_next() is False  # not before five minutes are over
    assert TicketFile.objects.get().scan == "pending"
