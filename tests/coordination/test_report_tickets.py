"""Difficulties of daily reports: compared with the open tickets, listed where none takes them up, raised from there."""

from __future__ import annotations

import datetime as dt

import pytest

from coordination import report_tickets
from coordination.models import Ticket
from supplies.models import DailyReport, Limit, Revision
from tests.coordination.tickets.desk import raised
from tests.factories.reports import report

TODAY = dt.date(2020, 3, 26)


def troubled(plant, *limits: tuple[str, str | None, int | None], note: str = "") -> Revision:
    filed = report(plant, TODAY, {"MASK_SURG": (200_000, 150_000, 5_000)}, hour=8)
    if note:
        filed = Revision.objects.create(
            report=filed.report, number=2, received_at=filed.received_at, recorded_at=filed.recorded_at, channel="web",
            based_on=1, state="running", figures_sha256="1" * 64, note=note,
        )  # fmt: skip
        DailyReport.objects.filter(pk=filed.report_id).update(head=filed)
    for reason, product, lost in limits:
        Limit.objects.create(revision=filed, reason=reason, product_id=product, lost=lost)
    return filed


def waiting(account) -> list[tuple[str, str]]:
    return [(one.enterprise.name[2:3], one.reason) for one in report_tickets.unraised(account)]


@pytest.fixture
def filed(desk) -> None:
    troubled(desk.plant_a, ("logistics", "MASK_SURG", 21_000_000), ("labour", None, None))
    troubled(desk.plant_b, note="税票开不出来")


def test_each_difficulty_is_listed_to_those_who_look_after_the_enterprise(desk, filed) -> None:
    assert waiting(desk.city_officer) == [("甲", "logistics"), ("甲", "labour"), ("乙", "")]
    assert waiting(desk.county_officer_a) == waiting(desk.liaison) == [("甲", "logistics"), ("甲", "labour")]
    assert waiting(desk.county_officer_b) == [("乙", "")]
    assert waiting(desk.department) == waiting(desk.auditor) == []


def test_an_open_ticket_of_the_same_constraint_takes_it_up(desk, filed) -> None:
    raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50", category="PASS_CITY", product="MASK_SURG")
    assert waiting(desk.county_officer_a) == [("甲", "labour")]
    raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50", category="LABOUR")
    assert waiting(desk.county_officer_a) == []
    raised(desk.reporter_b, desk.plant_b, "2020-03-26 08:50", category="TAX_CUSTOMS", source="report")
    assert waiting(desk.city_officer) == []


def test_another_product_is_another_matter(desk, filed) -> None:
    raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50", category="PASS_CITY", product="MASK_CIVIL")
    assert ("甲", "logistics") in waiting(desk.county_officer_a)


def test_the_list_costs_the_same_for_many(desk, filed, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(14):
        report_tickets.unraised(desk.city_officer)


def test_from_the_list_a_ticket_is_one_step_away(client, desk, filed) -> None:
    client.force_login(desk.county_officer_a)
    assert "今天的日报里有 2 条困难还没有成单" in client.get("/tickets/").content.decode()
    page = client.get("/tickets/troubles/").content.decode()
    head = DailyReport.objects.get(enterprise=desk.plant_a).pk
    assert f"/tickets/new/?report={head}&amp;reason=logistics" in page
    form = client.get(f"/tickets/new/?report={head}&reason=logistics").content.decode()
    assert 'value="运输影响生产"' in form
    assert "21,000" in form
    raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50", category="PASS_CITY", product="MASK_SURG")
    again = client.get(f"/tickets/new/?report={head}&reason=logistics").content.decode()
    assert "已有一张" in again
    client.force_login(desk.liaison)
    assert "1 条困难还没有成单" in client.get("/").content.decode()
    for person in (desk.reporter_a, desk.department):
        client.force_login(person)
        assert client.get("/tickets/troubles/").status_code == 403


def test_the_receipt_asks_whether_to_add_to_what_is_open(client, desk, filed) -> None:
    client.force_login(desk.reporter_a)
    page = client.get(f"/supplies/daily-reports/{TODAY}/receipt/").content.decode()
    assert "把“运输”提成问题单" in page
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50", category="PASS_CITY", product="MASK_SURG")
    page = client.get(f"/supplies/daily-reports/{TODAY}/receipt/").content.decode()
    assert "运输：已有一张" in page
    assert f"/tickets/{ticket.number}/" in page
    assert "把“用工”提成问题单" in page


def test_a_ticket_raised_from_a_report_says_so(client, desk, filed) -> None:
    head = DailyReport.objects.get(enterprise=desk.plant_a).pk
    client.force_login(desk.reporter_a)
    form = client.get(f"/tickets/new/?report={head}&reason=labour").content.decode()
    assert 'name="source" value="report"' in form
    typed = {
        "enterprise": desk.plant_a.uscc, "category": "LABOUR", "title": "缺 30 人", "description": "包装工不够",
        "impact": "一条线开不了", "contact_name": "林", "contact_phone": "13800000000", "source": "report",
    }  # fmt: skip
    assert client.post(f"/tickets/new/?report={head}&reason=labour", typed).status_code == 302
    assert Ticket.objects.get().source == "report"
