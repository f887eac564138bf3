"""Official letters in the browser: from the ticket's page to the signed paper, and who gets in."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest
import python_calamine

from coordination.models import Letter
from enterprises.models import AuditEntry
from tests.coordination.test_letters import GIVEN, letter, sent, ticket, turn

__all__ = ["letter", "ticket"]


def test_a_desk_drafts_from_the_ticket_and_another_signs(client, desk, ticket) -> None:
    client.force_login(desk.city_officer)
    page = client.get(f"/tickets/{ticket.number}/").content.decode()
    address = f"/tickets/letters/new/?ticket={ticket.number}"
    assert address in page
    form = client.get(address).content.decode()
    assert "关于商请协调解决晋江甲口罩有限公司熔喷布货车被劝返问题的函" in form
    refused = client.post(address, {**GIVEN, "addressee": "", "body": "写了很多"})
    assert refused.status_code == 422
    assert "请填写主送。" in refused.content.decode()
    assert "写了很多" in refused.content.decode()
    made = client.post(address, {**GIVEN, "key": "abcdefgh1"})
    assert client.post(address, {**GIVEN, "key": "abcdefgh1"})["Location"] == made["Location"]
    assert Letter.objects.count() == 1
    one = Letter.objects.get()
    assert one.attachments == ["通行证复印件", "车辆清单"]
    assert client.post(f"{made['Location']}submit/", {"expected_version": 1}).status_code == 302
    own = client.get(made["Location"]).content.decode()
    assert "等另一人签发" in own
    assert "letters/1/sign" not in own
    client.force_login(desk.leader)
    assert client.post(f"{made['Location']}sign/", {"expected_version": 2}).status_code == 302
    assert "泉工信函〔2020〕1号" in client.get(made["Location"]).content.decode()
    assert "泉工信函〔2020〕1号" in client.get(f"/tickets/{ticket.number}/").content.decode()


def test_a_refused_step_and_a_stale_edit_keep_what_was_typed(client, desk, letter) -> None:
    turn(letter, desk.city_officer, "submit")
    turn(letter, desk.leader, "sign")
    client.force_login(desk.city_officer)
    address = f"/tickets/letters/{letter.pk}/"
    refused = client.post(
        f"{address}send/", {"expected_version": 3, "note": "交给老王", "sent_on": "2020-03-30", "way": "fax"}
    )
    assert refused.status_code == 422
    assert "发出日期不能晚于今天" in refused.content.decode()
    assert "交给老王" in refused.content.decode()
    stale = client.post(f"{address}edit/", {**GIVEN, "title": "我改的标题", "expected_version": 1})
    assert stale.status_code == 409
    assert "我改的标题" in stale.content.decode()
    assert client.post(f"{address}fly/").status_code == 404


def test_the_enterprise_sees_that_a_letter_was_sent_and_cannot_open_it(client, desk, ticket, letter) -> None:
    sent(letter, desk)
    for person in (desk.reporter_a, desk.reporter_b, desk.stranger):
        client.force_login(person)
        for address in (
            "",
            "new/?ticket=" + ticket.number,
            "export/",
            f"{letter.pk}/",
            f"{letter.pk}/paper/",
            f"{letter.pk}/edit/",
        ):
            assert client.get(f"/tickets/letters/{address}").status_code in (403, 404)
        assert client.post(f"/tickets/letters/{letter.pk}/close/", {"note": "x"}).status_code in (403, 404)
    client.force_login(desk.reporter_a)
    page = client.get(f"/tickets/{ticket.number}/").content.decode()
    assert "已去函协调（3月26日发出）。" in page
    for secret in (letter.number, letter.addressee, letter.title, "letters/"):
        assert secret not in page


def test_list_filters_paper_and_export(client, desk, letter) -> None:
    client.force_login(desk.auditor)
    assert letter.title in client.get("/tickets/letters/?search=外省").content.decode()
    assert letter.title not in client.get("/tickets/letters/?state=sent").content.decode()
    assert letter.title not in client.get("/tickets/letters/?group=overdue&year=x&page=9").content.decode()
    paper = client.get(f"/tickets/letters/{letter.pk}/paper/")
    assert ZipFile(io.BytesIO(paper.content)).testzip() is None
    assert paper["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert paper.content == client.get(f"/tickets/letters/{letter.pk}/paper/").content
    assert AuditEntry.objects.filter(act="letter.print", actor=desk.auditor).count() == 2
    book = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(client.get("/tickets/letters/export/?search=外省").content)
    )
    rows = book.get_sheet_by_index(0).to_python()
    assert (rows[1][1], rows[1][4]) == (letter.title, "草稿")
    assert book.get_sheet_by_index(1).to_python()[0][0] == "auditor 2020-03-26 09:00 导出，共 1 行；筛选：search=外省"
    assert AuditEntry.objects.filter(act="letters.export").get().after == {"filters": {"search": "外省"}, "rows": 1}


def test_a_longer_list_asks_no_more(client, desk, ticket, letter) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from coordination import letters

    client.force_login(desk.city_officer)
    client.get("/tickets/letters/")
    counts = []
    for more in (0, 6):
        for _ in range(more):
            letters.draft(actor=desk.city_officer, ticket=ticket, fields=GIVEN)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/tickets/letters/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("action", ["submit", "sign", "send_back", "send", "reply", "remind", "close", "drop", "edit"])
def test_odd_presses_never_break(client, desk, letter, action: str) -> None:
    client.force_login(desk.city_officer)
    for given in (
        {},
        {"expected_version": "\x00", "text": "\x00"},
        {"expected_version": "1", "reason": "x" * 9999, "sent_on": "9999-99-99"},
    ):
        answer = client.post(f"/tickets/letters/{letter.pk}/{action}/", given)
        assert answer.status_code in (302, 409, 422)
