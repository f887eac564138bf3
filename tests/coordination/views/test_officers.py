"""The pages of liaison officers: loads and gaps, attaching and ending, the handover as pages, statistics."""

from __future__ import annotations

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from coordination import officer_statistics
from coordination.models import OfficerHandover, Promise, Ticket
from coordination.officer_statistics import Period
from enterprises.models import Account, Attachment
from tests.coordination.test_visits import NEXT, log
from tests.coordination.tickets.desk import at, raised
from tests.factories.enterprises import LONG_AGO, account, enterprise

pytestmark = pytest.mark.django_db


def page(client, person, path: str, status: int = 200) -> str:
    client.force_login(person)
    answer = client.get(path)
    assert answer.status_code == status, (person, path, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize(
    ("person", "status", "hand"),
    [
        ("city_officer", 200, 200), ("county_officer_a", 200, 200), ("county_officer_b", 200, 404), ("leader", 200, 403),
        ("auditor", 200, 403), ("admin", 200, 200), ("liaison", 403, 403), ("reporter_a", 403, 403), ("department", 403, 403),
        ("province", 403, 403), ("stranger", 403, 403),
    ],
)  # fmt: skip
def test_who_opens_what(client, desk, person: str, status: int, hand: int) -> None:
    reader = getattr(desk, person)
    shown = page(client, reader, "/officers/", status)
    assert ("/officers/people/liaison/" in shown) == (status == 200 and person != "county_officer_b")
    page(client, reader, "/officers/statistics/", status)
    page(client, reader, "/officers/people/liaison/", 404 if person == "county_officer_b" else status)
    page(client, reader, "/officers/people/liaison/handover/", hand)
    page(client, reader, "/officers/people/nobody/", 404 if status == 200 else status)


def test_an_enterprise_without_anybody_is_a_gap_until_somebody_is_attached(client, desk) -> None:
    shown = page(client, desk.county_officer_a, "/officers/")
    assert "没有特派员的企业 1 家" in shown
    assert desk.plant_c.name in shown
    client.post("/officers/attach/", {"enterprise": desk.plant_c.uscc, "officer": "liaison", "back": "board"})
    assert "每家都有人" in page(client, desk.county_officer_a, "/officers/")
    assert "没有特派员的企业 1 家" in page(client, desk.city_officer, "/officers/"), "南安's is still one"


def test_attaching_says_what_is_wrong(client, desk) -> None:
    client.force_login(desk.county_officer_a)
    for said, words in (
        ({}, "请选一家企业，或者一个片区。"),
        (
            {"enterprise": desk.plant_c.uscc, "starts_on": "2020-03-30", "ends_on": "2020-03-29"},
            "截止日期早于起始日期。",
        ),
        ({"enterprise": desk.plant_c.uscc, "starts_on": "x"}, "不能读作日期"),
    ):
        answer = client.post("/officers/attach/", {"officer": "liaison", **said}, follow=True)
        assert words in answer.content.decode()
    for said in ({"enterprise": desk.plant_b.uscc}, {"division": desk.county_b}):
        assert client.post("/officers/attach/", {"officer": "liaison", **said}).status_code == 404
    assert Attachment.objects.believed().count() == 1


def test_ending_leads_to_the_handover_where_something_is_in_hand(client, desk) -> None:
    log(desk, promises=[NEXT])
    row = Attachment.objects.get()
    client.force_login(desk.county_officer_a)
    answer = client.post(f"/officers/attachments/{row.pk}/end/", {"ends_on": "2020-03-26"}, follow=True)
    assert answer.redirect_chain[0][0] == "/officers/people/liaison/handover/"
    assert "还有 1 项没有交接" in answer.content.decode()
    account("heir", "liaison")
    names = [f"promise-{Promise.objects.get().pk}"]
    client.post("/officers/people/liaison/handover/", {"taker": "heir", "day": "2020-03-26", "names": names})
    client.post(f"/officers/attachments/{row.pk}/end/", {"ends_on": "2020-03-26"})
    assert Attachment.objects.believed().get(account=desk.liaison).ends_on is not None
    assert client.post(f"/officers/attachments/{row.pk}/end/", {"ends_on": "2020-03-26"}).status_code == 404


def test_a_handover_from_the_refusal_to_the_printed_list(client, desk) -> None:
    log(desk, promises=[NEXT], next_contact_on="2020-03-30")
    raised(desk.liaison, desk.plant_a, "2020-03-26 09:00")
    account("heir", "liaison")
    client.force_login(desk.admin)
    refused = client.post(
        "/admin/enterprises/account/", {"action": "deactivate", "_selected_action": [str(desk.liaison.pk)]}, follow=True
    )
    assert '<a href="/officers/people/liaison/handover/">去办交接</a>' in refused.content.decode()
    path = "/officers/people/liaison/handover/"
    form = page(client, desk.county_officer_a, path)
    names = [part.split('"')[0] for part in form.split('name="names" value="')[1:]]
    assert len(names) == 4
    wrong = client.post(path, {"taker": "", "day": "2020-03-26", "names": names[:1], "reason": "调走"})
    body = wrong.content.decode()
    assert wrong.status_code == 422
    assert "请选由谁接手。" in body
    assert 'value="调走"' in body
    assert body.count(" checked") == 1
    answers = [client.post(path, {"taker": "heir", "day": "2020-03-26", "names": names}) for _ in range(2)]
    row = OfficerHandover.objects.get()
    assert answers[0]["Location"] == f"/officers/handovers/{row.pk}/"
    assert answers[1].status_code == 422, "pressed twice there is nothing left to hand over"
    for reader in (desk.liaison, Account.objects.get(username="heir"), desk.county_officer_a):
        shown = page(client, reader, f"/officers/handovers/{row.pk}/")
        assert "挂钩晋江甲口罩有限公司" in shown
        assert "移交人 liaison" in shown
    page(client, desk.reporter_a, f"/officers/handovers/{row.pk}/", 404)
    assert f"/officers/handovers/{row.pk}/" in page(client, Account.objects.get(username="heir"), "/")
    assert Ticket.objects.get().officer.username == "heir"


def test_what_officers_did_in_a_period(client, desk) -> None:
    visit = log(desk, occurred_at="2020-03-24T09:00", next_contact_on="2020-03-25")
    log(desk, actor=desk.county_officer_a, way="phone", occurred_at="2020-03-25T09:00")
    log(desk, occurred_at="2020-02-20T09:00")
    for hours, title in ((2, "一"), (5, "二"), (8, "三")):
        raised(desk.liaison, desk.plant_a, f"2020-03-24 {9 + hours:02}:00", visit=str(visit.pk), title=title)
    raised(desk.liaison, desk.plant_a, "2020-03-24 10:00", title="不是走访来的")
    period = Period(at("2020-03-01 00:00").date(), at("2020-03-26 00:00").date())
    found = officer_statistics.measure(desk.city_officer, period)
    mine = next(row for row in found.by_officer if row.key == "liaison")
    assert (len(mine.covered), len(mine.visited), mine.visits, mine.on_site, mine.raised) == (1, 1, 1, 1, 4)
    assert str(mine.median) == "5:00:00"
    assert mine.overdue == 0, "the later log of an earlier talk kept it"
    assert (found.total.visits, len(found.total.visited)) == (2, 1)
    assert [(row.name, row.visits) for row in found.by_division] == [("晋江市", 2)]
    assert officer_statistics.measure(desk.county_officer_b, period).total.visits == 0
    client.force_login(desk.county_officer_a)
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(client.get("/officers/statistics/?from=2020-03-01&to=2020-03-26&format=xlsx").content)
    )
    head, *rows = book.get_sheet_by_index(0).to_python()
    by_name = {row[1]: dict(zip(head, row, strict=True)) for row in rows}
    assert by_name["liaison"]["走访到提单中位数（小时）"] == 5
    assert by_name["晋江市"]["提出问题单"] == 4
    page(client, desk.city_officer, "/officers/statistics/?by=division&division=350582")
    page(client, desk.city_officer, "/officers/statistics/?from=2020-03-09&to=2020-03-01", 400)


def test_a_contact_is_overdue_as_it_stood_at_the_end_of_the_period(desk) -> None:
    log(desk, "2020-03-26 09:00", occurred_at="2020-03-20T09:00", next_contact_on="2020-03-24")
    Promise.objects.update(created_at=at("2020-03-20 10:00"))

    def overdue(day: str) -> int:
        period = Period(at("2020-03-01 00:00").date(), at(f"{day} 00:00").date())
        return officer_statistics.measure(Account.objects.get(username="city_officer"), period).total.overdue

    assert [overdue(day) for day in ("2020-03-23", "2020-03-24", "2020-03-25")] == [0, 1, 1]


def test_queries_do_not_grow_with_rows(client, desk) -> None:
    paths = ["/officers/", "/officers/statistics/", "/officers/people/liaison/", "/officers/people/liaison/handover/"]

    def count(path: str) -> int:
        client.force_login(desk.city_officer)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    log(desk, promises=[NEXT])
    raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    account("area", "liaison", division=desk.county_a)
    count(paths[0])  # what is kept for the whole process is read once
    before = {path: count(path) for path in paths}
    for number in range(3):
        plant = enterprise(division=desk.county_a, name=f"新厂{number}")
        Attachment.objects.create(account=desk.liaison, enterprise=plant, known_at=LONG_AGO)
        log(desk, promises=[NEXT])
        raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
        account(f"more{number}", "liaison", division=desk.county_a)
    assert {path: count(path) for path in paths} == before
