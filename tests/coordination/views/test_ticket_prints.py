"""Copies of tickets: what a reader may have on paper or in a file, and that each copy says who took it."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from coordination import tickets
from coordination.models import Ticket
from enterprises.models import AuditEntry
from tests.coordination.tickets.desk import at, raised, take
from tests.coordination.tickets.test_acting import transport


@pytest.fixture
def ticket(desk) -> Ticket:
    one = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:20")
    take(one, desk.city_officer, "accept", "2020-03-26 08:30")
    take(one, desk.city_officer, "dispatch", "2020-03-26 08:40", lead=transport().code, instruction="找邻市，勿告企业")
    take(one, desk.department, "message", "2020-03-26 08:50", text="内部的话", visibility="units")
    take(one, desk.department, "message", "2020-03-26 08:55", text="正在联系卡点", visibility="enterprise")
    return one


def test_a_ticket_on_paper_is_what_its_reader_may_read(client, desk, ticket) -> None:
    client.force_login(desk.city_officer)
    assert f"/tickets/{ticket.number}/print/" in client.get(f"/tickets/{ticket.number}/").content.decode()
    ours = client.get(f"/tickets/{ticket.number}/print/").content.decode()
    for said in (
        "找邻市，勿告企业",
        "内部的话",
        "正在联系卡点",
        "city_officer 2020-03-26 09:00 打印",
        "内部资料，请勿外传",
    ):
        assert said in ours
    client.force_login(desk.reporter_a)
    mine = client.get(f"/tickets/{ticket.number}/print/").content.decode()
    assert "正在联系卡点" in mine
    assert "reporter_a 2020-03-26 09:00 打印" in mine
    for secret in ("找邻市", "内部的话", "内部资料", "city_officer", "department"):
        assert secret not in mine
    client.force_login(desk.reporter_b)
    assert client.get(f"/tickets/{ticket.number}/print/").status_code == 404
    entries = AuditEntry.objects.filter(act="ticket.print", object_id=str(ticket.pk)).order_by("pk")
    assert [entry.actor for entry in entries] == [desk.city_officer, desk.reporter_a]


def test_an_export_says_who_when_and_which_filter(client, desk, ticket) -> None:
    client.force_login(desk.county_officer_a)
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(client.get("/tickets/?format=xlsx&group=open&search=货车").content)
    )
    line = book.get_sheet_by_index(1).to_python()[0][0]
    assert line == "county_officer_a 2020-03-26 09:00 导出，共 1 行；筛选：哪些=open，搜索=货车"
    kept = AuditEntry.objects.get(act="tickets.export")
    assert kept.actor == desk.county_officer_a
    assert kept.after == {"filters": {"哪些": "open", "搜索": "货车"}, "rows": 1, "snapshot": None}
    assert "county_officer_a" in _footer(client.get("/tickets/?format=xlsx").content)


def test_the_tickets_of_a_frozen_number_carry_the_snapshots_number(client, desk, ticket) -> None:
    import datetime as dt

    period = tickets.Period(dt.date(2020, 3, 1), dt.date(2020, 3, 31), at("2020-03-26 09:00"))
    kept = tickets.freeze(actor=desk.city_officer, period=period)
    client.force_login(desk.city_officer)
    page = client.get(f"/tickets/statistics/{kept.pk}/?list=received").content.decode()
    assert "list=received&amp;format=xlsx" in page
    answer = client.get(f"/tickets/statistics/{kept.pk}/?list=received&format=xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert [row[0] for row in book.get_sheet_by_index(0).to_python()] == ["编号", ticket.number]
    line = book.get_sheet_by_index(1).to_python()[0][0]
    assert line == f"city_officer 2020-03-26 09:00 导出，共 1 行；筛选：口径=本期收到；统计快照第 {kept.pk} 号"
    assert AuditEntry.objects.get(act="tickets.export").after["snapshot"] == kept.pk
    assert client.get(f"/tickets/statistics/{kept.pk}/?list=nothing&format=xlsx").status_code == 404


def test_an_orders_form_has_number_code_and_signatures_and_is_no_enterprises(client, desk, ticket) -> None:
    number = f"{ticket.number}-01"
    client.force_login(desk.city_officer)
    assert f"/tickets/orders/{number}/" in client.get(f"/tickets/{ticket.number}/").content.decode()
    page = client.get(f"/tickets/orders/{number}/").content.decode()
    assert f"/tickets/orders/{number}/print/" in page
    form = client.get(f"/tickets/orders/{number}/print/").content.decode()
    for said in (
        f"编号 {number}",
        "<svg",
        "找邻市，勿告企业",
        "交通局",
        "承办单位签收",
        "city_officer 2020-03-26 09:00 打印",
    ):
        assert said in form
    assert AuditEntry.objects.get(act="order.print").after == {"number": number}
    for person, status in (
        (desk.department, 200),
        (desk.reporter_a, 404),
        (desk.reporter_b, 404),
        (desk.county_officer_b, 404),
    ):
        client.force_login(person)
        assert client.get(f"/tickets/orders/{number}/print/").status_code == status
    client.force_login(desk.city_officer)
    for odd in (f"{ticket.number}-02", f"{ticket.number}-00", f"{ticket.number}-x", "nothing", "-"):
        assert client.get(f"/tickets/orders/{odd}/").status_code == 404


def _footer(content: bytes) -> str:
    from zipfile import ZipFile

    with ZipFile(io.BytesIO(content)) as packed:
        return packed.read("xl/worksheets/sheet1.xml").decode()
