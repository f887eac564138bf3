"""Files on the pages of a ticket: they come with a step, survive its refusal, and are given to whoever may see them."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from coordination.choices import ScanState, Visibility
from coordination.models import Ticket, TicketFile
from enterprises.models import AuditEntry
from tests.clients import Program
from tests.coordination.ticket_files import samples
from tests.coordination.tickets.desk import GIVEN, raised, take

NEW = "/tickets/new/"


def tokens(body: str) -> list[str]:
    return re.findall(r'name="kept" value="([^"]+)"', body)


def lying(store) -> list[str]:
    """What lies in the store."""
    return sorted(path.name for path in store.rglob("*") if path.is_file())


def test_files_come_with_a_step_and_stand_under_it(press, client, desk, ticket, store) -> None:
    sent = samples.photo()
    answer = press(
        desk.department,
        ticket,
        "message",
        ("现场.jpg", sent),
        ("批文.pdf", samples.PDF),
        text="已到现场",
        visibility="enterprise",
    )
    assert answer.status_code == 302
    photo, paper = TicketFile.objects.order_by("id")
    assert {photo.event_id, paper.event_id} == {ticket.events.get(action="message").pk}
    assert (photo.visibility, photo.organisation.code, photo.side) == ("enterprise", "JTJ", "handler")
    assert (photo.original_sha256, photo.original_size) == (hashlib.sha256(sent).hexdigest(), len(sent))
    assert lying(store) == sorted([photo.key, paper.key])
    body = client.get(f"/tickets/{ticket.number}/").content.decode()
    assert body.count("现场.jpg") >= 2  # in the list and under the message
    assert AuditEntry.objects.filter(act="ticket_file.added").count() == 2


def test_a_photo_is_made_anew_upright_and_without_its_place(press, client, desk, ticket) -> None:
    press(desk.reporter_a, ticket, "message", ("IMG_0001.JPG", samples.photo((3000, 2000), 6)), text="卡点照片")
    file = TicketFile.objects.get()
    client.force_login(desk.reporter_a)
    answer = client.get(f"/tickets/{ticket.number}/files/{file.key}/picture/")
    content = b"".join(answer.streaming_content)
    shown = Image.open(io.BytesIO(content))
    assert (shown.format, shown.size) == ("JPEG", (1707, 2560))
    assert dict(shown.getexif()) == {}
    assert b"PhoneMaker" not in content
    assert (file.sha256, file.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_download_is_saved_under_its_name_and_never_opened(press, client, desk, ticket) -> None:
    press(desk.reporter_a, ticket, "attach", ("采购合同（二）.docx", samples.package("docx")))
    file = TicketFile.objects.get()
    answer = client.get(f"/tickets/{ticket.number}/files/{file.key}/")
    assert b"".join(answer.streaming_content) == samples.package("docx")
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E9%87%87%E8%B4%AD")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in answer["Cache-Control"]
    assert client.get(f"/tickets/{ticket.number}/files/{file.key}/picture/").status_code == 404
    assert AuditEntry.objects.filter(act="ticket_file.given", actor=desk.reporter_a).exists()


WHO_SEES = {
    "企业可见.pdf": {
        "reporter_a",
        "liaison",
        "county_officer_a",
        "city_officer",
        "leader",
        "auditor",
        "admin",
        "department",
    },
    "在办单位.pdf": {"liaison", "county_officer_a", "city_officer", "leader", "auditor", "admin", "department"},
    "交通局内部.pdf": {"department"},
    "受理岗内部.pdf": {"county_officer_a", "city_officer", "leader", "auditor"},
    "专班内部.pdf": {"city_officer", "leader", "auditor"},
}
"""File names, and who may know of them; nobody else sees the ticket at all."""


@pytest.fixture
def five(press, desk, ticket) -> Ticket:
    """A ticket with a file of each visibility."""
    for person, name, visibility in (
        (desk.city_officer, "企业可见.pdf", Visibility.ENTERPRISE), (desk.city_officer, "在办单位.pdf", Visibility.UNITS),
        (desk.department, "交通局内部.pdf", Visibility.OWN_UNIT), (desk.city_officer, "受理岗内部.pdf", Visibility.OWN_UNIT),
        (desk.city_officer, "专班内部.pdf", Visibility.TASK_FORCE),
    ):  # fmt: skip
        assert press(person, ticket, "attach", (name, samples.PDF), visibility=visibility).status_code == 302
    return ticket


@pytest.mark.parametrize(
    "person",
    ["reporter_a", "liaison", "county_officer_a", "city_officer", "leader", "auditor", "admin", "department",
     "reporter_b", "county_officer_b", "province", "stranger"],
)  # fmt: skip
def test_nobody_reads_or_gets_what_is_not_for_him(client, desk, five, person: str) -> None:
    account = getattr(desk, person)
    client.force_login(account)
    program = Program(account)
    number = five.number
    pages = [
        f"/tickets/{number}/",
        "/tickets/?view=list",
        "/tickets/?search=pdf",
        f"/tickets/?search={number}",
        "/tickets/",
    ]
    outputs = [client.get(path).content.decode() for path in pages]
    outputs += [
        program.get(path).content.decode()
        for path in (
            f"/api/v1/tickets/{number}/",
            f"/api/v1/tickets/{number}/attachments/",
            "/api/v1/tickets/?search=pdf",
        )
    ]
    export = client.get("/tickets/?format=xlsx")
    outputs.append(_unpacked(export.content) if export.status_code == 200 else "")
    for name, who in WHO_SEES.items():
        file = TicketFile.objects.get(name=name)
        is_his = person in who
        assert [name in outputs[0], name in outputs[5], name in outputs[6]] == [is_his] * 3, name
        if not is_his:
            assert not any(name in one or file.key in one for one in outputs), name
        web = client.get(f"/tickets/{number}/files/{file.key}/").status_code
        rest = program.get(f"/api/v1/tickets/{number}/attachments/{file.key}/").status_code
        refused = {403, 404}
        assert (web == 200, rest == 200) == (is_his, is_his), name
        assert is_his or {web, rest} <= refused


def _unpacked(content: bytes) -> str:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_the_enterprise_reads_nothing_of_visibility_and_scanning(client, desk, five) -> None:
    rows = Program(desk.reporter_a).get(f"/api/v1/tickets/{five.number}/attachments/").json()
    assert [row["name"] for row in rows] == ["企业可见.pdf"]
    assert not {"visibility", "scan", "original_sha256"} & set(rows[0])
    client.force_login(desk.reporter_a)
    body = client.get(f"/tickets/{five.number}/").content.decode()
    assert "未扫描" not in body
    assert "可见范围" not in body
    client.force_login(desk.city_officer)
    assert "未扫描" in client.get(f"/tickets/{five.number}/").content.decode()


def test_the_desk_narrows_and_widens_and_each_download_asks_again(press, client, desk, five) -> None:
    file = TicketFile.objects.get(name="企业可见.pdf")
    address = f"/tickets/{five.number}/files/{file.key}/"
    client.force_login(desk.reporter_a)
    assert client.get(address).status_code == 200
    assert press(desk.city_officer, five, "mark_file", file=file.key, visibility="units").status_code == 302
    client.force_login(desk.reporter_a)
    assert client.get(address).status_code == 404
    page = client.get(f"/tickets/{five.number}/").content.decode()
    assert "企业可见.pdf" not in page
    assert "改为“在办单位”" not in page
    inner = TicketFile.objects.get(name="在办单位.pdf")
    press(desk.city_officer, five, "mark_file", file=inner.key, visibility="enterprise")
    client.force_login(desk.reporter_a)
    assert client.get(f"/tickets/{five.number}/files/{inner.key}/").status_code == 200
    client.force_login(desk.department)
    assert "改为“企业可见”" in client.get(f"/tickets/{five.number}/").content.decode()
    assert AuditEntry.objects.filter(act="ticket_file.visibility").count() == 2


def test_only_the_desk_changes_visibility_and_only_of_what_it_sees(press, desk, five) -> None:
    file = TicketFile.objects.get(name="在办单位.pdf")
    for person in (desk.reporter_a, desk.department, desk.liaison, desk.leader):
        assert press(person, five, "mark_file", file=file.key, visibility="enterprise").status_code == 403
    hidden = TicketFile.objects.get(name="交通局内部.pdf")
    assert press(desk.city_officer, five, "mark_file", file=hidden.key, visibility="enterprise").status_code == 404
    assert press(desk.city_officer, five, "mark_file", file="f" * 32, visibility="enterprise").status_code == 404
    assert press(desk.city_officer, five, "mark_file", file=file.key, visibility="units").status_code == 422
    assert set(TicketFile.objects.filter(visibility="enterprise").values_list("name", flat=True)) == {"企业可见.pdf"}


def test_a_refused_step_keeps_words_and_files_and_goes_through_with_them(press, client, desk, ticket, store) -> None:
    seen = ticket.version
    take(ticket, desk.city_officer, "message", "2020-03-26 11:40", text="请加紧")
    answer = press(
        desk.department,
        ticket,
        "reply",
        ("通行证.pdf", samples.PDF),
        version=seen,
        text="写了很久的答复",
        result="solved",
    )
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "写了很久的答复</textarea>" in body
    assert "通行证.pdf" in body
    assert not TicketFile.objects.exists()
    token = tokens(body)
    assert len(token) == 1
    assert (
        press(desk.department, ticket, "reply", kept=token, text="写了很久的答复", result="solved").status_code == 302
    )
    assert [file.name for file in ticket.files.all()] == ["通行证.pdf"]
    # a token serves once, and its owner only
    press(desk.department, ticket, "message", kept=token, text="再来")
    press(desk.city_officer, ticket, "message", kept=token, text="别人的")
    assert ticket.files.count() == 1
    assert len(lying(store)) == 1


def test_one_bad_file_refuses_the_step_by_name_and_the_good_ones_wait(press, desk, ticket) -> None:
    macros = samples.package("docx", {"word/vbaProject.bin": b"x"})
    files = [("好.pdf", samples.PDF), ("坏.docx", macros), ("IMG.HEIC", b"\0\0\0\x18ftypheic" + bytes(40))]
    answer = press(desk.reporter_a, ticket, "message", *files, text="请看附件")
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "“坏.docx”带宏" in body
    assert "“IMG.HEIC”是 HEIC 格式的照片" in body
    assert "请看附件</textarea>" in body
    assert len(tokens(body)) == 1
    assert not ticket.events.filter(action="message").exists()


def test_limits_of_a_step_and_of_a_ticket(press, desk, ticket) -> None:
    eleven = [(f"{n}.txt", b"x") for n in range(11)]
    assert "一次最多 10 个附件" in press(desk.reporter_a, ticket, "message", *eleven, text="x").content.decode()
    large = press(
        desk.reporter_a, ticket, "message", ("大.txt", b"x" * (10 * 1024 * 1024 + 1)), text="x"
    ).content.decode()
    assert "“大.txt”超过 10 兆" in large
    assert not TicketFile.objects.exists()
    for _ in range(4):
        assert press(desk.reporter_a, ticket, "attach", *eleven[:10]).status_code == 302
    more = press(desk.reporter_a, ticket, "attach", eleven[10])
    assert (more.status_code, TicketFile.objects.count()) == (422, 40)
    assert "一张单最多 40 个附件" in more.content.decode()


def test_a_full_disk_refuses_clearly_and_keeps_the_words(press, desk, ticket, store, monkeypatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        answer = press(desk.reporter_a, ticket, "message", ("a.pdf", samples.PDF), text="写了很久的话")
    body = answer.content.decode()
    assert answer.status_code == 507
    assert "服务器的存储已满" in body
    assert "写了很久的话</textarea>" in body
    assert lying(store) == []
    assert not ticket.events.filter(action="message").exists()
    assert press(desk.reporter_a, ticket, "message", text="写了很久的话").status_code == 302


def test_a_full_disk_while_a_large_file_comes_in_costs_the_file_not_the_form(press, desk, ticket, settings) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = settings.ATTACHMENTS / "gone"
    answer = press(desk.reporter_a, ticket, "message", ("大.txt", b"x" * 3_000_000), text="写了很久的话")
    assert answer.status_code == 507
    assert "写了很久的话</textarea>" in answer.content.decode()


def test_files_come_with_the_ticket_itself_and_with_its_draft(client, desk, store) -> None:
    client.force_login(desk.reporter_a)
    sent = {
        **GIVEN,
        "enterprise": desk.plant_a.uscc,
        "key": "b" * 24,
        "blocked": "",
        "product": "",
        "hours_to_stop": "",
    }

    def file(name: str) -> SimpleUploadedFile:
        return SimpleUploadedFile(name, samples.PDF)

    answer = client.post(NEW, {**sent, "draft": "1", "files": [file("一.pdf"), file("二.pdf")]})
    draft = Ticket.objects.get()
    body = client.get(answer["Location"]).content.decode()
    assert "一.pdf" in body
    unwanted = TicketFile.objects.get(name="二.pdf").key
    client.post(answer["Location"], {**sent, "files": [file("三.pdf")], "without": unwanted})
    draft.refresh_from_db()
    assert draft.state == "submitted"
    assert [file.name for file in draft.files.all()] == ["一.pdf", "三.pdf"]
    assert set(draft.files.values_list("visibility", flat=True)) == {"enterprise"}


def test_a_new_ticket_that_is_refused_keeps_its_files(client, desk) -> None:
    client.force_login(desk.reporter_a)
    files = [SimpleUploadedFile("证照.png", samples.picture("PNG"))]
    answer = client.post(NEW, {"enterprise": desk.plant_a.uscc, "title": "缺熔喷布", "files": files})
    assert answer.status_code == 422
    token = tokens(answer.content.decode())
    sent = {**GIVEN, "enterprise": desk.plant_a.uscc, "key": "c" * 24, "kept": token}
    assert client.post(NEW, sent).status_code == 302
    assert [file.name for file in Ticket.objects.get().files.all()] == ["证照.png"]


def test_a_signed_photo_is_evidence_enough(press, desk, ticket) -> None:
    take(ticket, desk.department, "reply", "2020-03-26 12:00", text="通行证已发。", result="solved")
    assert press(desk.liaison, ticket, "confirm", solved="yes").status_code == 422
    assert press(desk.liaison, ticket, "confirm", ("签字.jpg", samples.picture()), solved="yes").status_code == 302


def test_words_among_the_units_bring_files_among_the_units(press, client, desk) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:30")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 08:40")
    press(desk.city_officer, ticket, "dispatch", ("派工依据.pdf", samples.PDF), lead="JTJ", instruction="办理通行证")
    assert TicketFile.objects.get().visibility == "units"
    client.force_login(desk.reporter_a)
    assert "派工依据" not in client.get(f"/tickets/{ticket.number}/").content.decode()


def test_steps_without_words_take_no_files_and_attaching_needs_one(press, desk, ticket) -> None:
    assert press(desk.department, ticket, "attach", text="忘了选").status_code == 422
    before = TicketFile.objects.count()
    press(desk.city_officer, ticket, "escalate", ("a.pdf", samples.PDF), level="province", rule="L3", reason="外市")
    assert TicketFile.objects.count() == before


def test_what_is_gone_from_the_store_is_said(press, client, desk, ticket, store) -> None:
    press(desk.reporter_a, ticket, "attach", ("a.pdf", samples.PDF))
    file = TicketFile.objects.get()
    for path in store.rglob(file.key):
        path.unlink()
    answer = client.get(f"/tickets/{ticket.number}/files/{file.key}/")
    assert answer.status_code == 404
    assert file.scan == ScanState.UNSCANNED
