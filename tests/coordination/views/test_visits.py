"""The pages of visits: one screen on a phone, what was typed is never lost, and nobody reads what is not his."""

from __future__ import annotations

import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from python_calamine import CalamineWorkbook

from coordination import ticket_files
from coordination.models import Promise, Ticket, Visit, VisitPhoto, VisitTicket
from coordination.ticket_files import storing
from enterprises.models import Account, Attachment
from tests.coordination.test_visits import NEXT, SAID, log
from tests.coordination.tickets.desk import GIVEN, raised, take
from tests.factories.enterprises import LONG_AGO, enterprise

pytestmark = pytest.mark.django_db
NEW = "/visits/new/"


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    """A store of the test's own."""
    settings.ATTACHMENTS = tmp_path / "attachments"
    settings.FILE_UPLOAD_TEMP_DIR = settings.ATTACHMENTS / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)


def page(client, person, path: str, status: int = 200) -> str:
    client.force_login(person)
    answer = client.get(path)
    assert answer.status_code == status, (person, path, answer.status_code)
    return answer.content.decode()


def sent(desk, **more) -> dict[str, object]:
    return {**SAID, "enterprise": desk.plant_a.uscc, "key": "v" * 24, **more}


@pytest.mark.parametrize(
    ("person", "log_status", "new_status", "one_status"),
    [
        ("liaison", 200, 200, 200), ("county_officer_a", 200, 200, 200), ("city_officer", 200, 200, 200),
        ("leader", 200, 403, 200), ("auditor", 200, 403, 200), ("admin", 200, 403, 200), ("county_officer_b", 200, 200, 404),
        ("reporter_a", 403, 403, 403), ("department", 403, 403, 403), ("province", 403, 403, 403), ("stranger", 403, 403, 403),
    ],
)  # fmt: skip
def test_who_opens_what(client, desk, person: str, log_status: int, new_status: int, one_status: int) -> None:
    visit = log(desk, promises=[NEXT])
    reader = getattr(desk, person)
    shown = page(client, reader, "/visits/", log_status)
    assert ("缺 8 名包装工" in shown) == (one_status == 200)
    page(client, reader, NEW, new_status)
    page(client, reader, f"/visits/{visit.pk}/", one_status)
    page(client, reader, f"/visits/enterprises/{desk.plant_a.uscc}/", one_status)
    promised = page(client, reader, "/visits/promises/", log_status)
    assert ("补招 8 名包装工" in promised) == (one_status == 200)


def test_a_visit_is_logged_once_however_often_it_is_pressed(client, desk) -> None:
    client.force_login(desk.liaison)
    body = sent(desk, promise0_kind="enterprise", promise0_what="补料", promise0_due_on="2020-03-28")
    answers = [client.post(NEW, body) for _ in range(2)]
    visit = Visit.objects.get()
    assert {answer["Location"] for answer in answers} == {f"/visits/{visit.pk}/"}
    assert Promise.objects.get().what == "补料"


def test_a_visit_that_is_incomplete_loses_nothing(client, desk) -> None:
    client.force_login(desk.liaison)
    answer = client.post(
        NEW, sent(desk, notes="", met="厂长老林", promise1_what="修屋顶", next_contact_on="2019-01-01")
    )
    body = answer.content.decode()
    assert answer.status_code == 422
    for kept in (
        'value="厂长老林"',
        'value="修屋顶"',
        "请填写情况。",
        "请选何日前。",
        "日期应在 3月26日 之后的一年以内。",
    ):
        assert kept in body
    assert "有 3 处要改" in body
    assert not Visit.objects.exists()


@pytest.mark.parametrize("uscc", ["", "x", "%00", "91999999MA1000901A"])
def test_an_enterprise_that_is_none(client, desk, uscc: str) -> None:
    client.force_login(desk.county_officer_a)
    assert client.post(NEW, sent(desk, enterprise=uscc)).status_code in (404, 422)
    assert client.get(f"{NEW}?enterprise={uscc}").status_code in (200, 404)


def test_a_fact_becomes_a_ticket_that_knows_where_it_came_from(client, desk) -> None:
    visit = log(desk, notes="两条线在开\n货车在高速口被劝返")
    assert f"/tickets/new/?visit={visit.pk}&fact=2" in page(client, desk.liaison, f"/visits/{visit.pk}/")
    form = page(client, desk.liaison, f"/tickets/new/?visit={visit.pk}&fact=2")
    assert 'value="货车在高速口被劝返"' in form
    assert 'id="c-PASS_CITY" data-name="市内跨县通行" checked' in form
    assert f'name="visit" value="{visit.pk}"' in form
    said = {**GIVEN, "enterprise": desk.plant_a.uscc, "visit": visit.pk, "source": "visit", "key": "t" * 24}
    answer = client.post("/tickets/new/", said)
    ticket = Ticket.objects.get()
    assert answer["Location"] == f"/tickets/{ticket.number}/"
    assert VisitTicket.objects.get().visit == visit
    assert ticket.number in page(client, desk.liaison, f"/visits/{visit.pk}/")
    assert f"/visits/{visit.pk}/" in page(client, desk.city_officer, answer["Location"])


def test_an_enterprise_reads_who_follows_up_and_nothing_of_the_visit(client, desk) -> None:
    visit = log(desk, notes="老板说要瞒着县里")
    ticket = raised(desk.liaison, desk.plant_a, "2020-03-26 09:00", visit=str(visit.pk))
    shown = page(client, desk.reporter_a, f"/tickets/{ticket.number}/")
    assert "特派员 liaison" in shown
    assert "/visits/" not in shown
    assert "瞒着" not in shown
    page(client, desk.county_officer_b, f"/tickets/new/?visit={visit.pk}")  # begins empty, tells nothing
    assert "瞒着" not in page(client, desk.county_officer_b, f"/tickets/new/?visit={visit.pk}")


def test_a_promise_is_followed_up_where_it_stands(client, desk) -> None:
    log(desk, promises=[NEXT])
    promise = Promise.objects.get()
    client.force_login(desk.liaison)
    path = f"/visits/promises/{promise.pk}/follow-up/"
    answer = client.post(path, {"outcome": "moved", "due_on": "2020-04-01", "expected_version": 1, "back": "/"})
    assert answer["Location"] == "/"
    again = client.post(
        path, {"outcome": "kept", "expected_version": 1, "back": "https://elsewhere.example/"}, follow=True
    )
    assert "刚被别人跟进过" in again.content.decode()
    assert again.redirect_chain[-1][0] == "/visits/promises/"
    client.force_login(desk.county_officer_b)
    assert client.post(path, {"outcome": "kept"}).status_code == 404


@pytest.mark.parametrize("query", ["?from=2020-13-01", "?to=x"])
def test_a_day_that_is_none_is_said(client, desk, query: str) -> None:
    page(client, desk.city_officer, f"/visits/{query}", 400)


def test_filters_and_the_workbook(client, desk) -> None:
    visit = log(desk, promises=[NEXT])
    log(desk, actor=desk.city_officer, way="phone", notes="只打了电话", occurred_at="2020-03-20T09:00")
    for query, seen in (
        ("?way=phone", "只打了电话"),
        ("?officer=liaison", "缺 8 名包装工"),
        ("?from=2020-03-21", "缺 8 名包装工"),
    ):
        shown = page(client, desk.city_officer, f"/visits/{query}")
        assert seen in shown
        assert ("只打了电话" in shown) != ("缺 8 名包装工" in shown)
    client.force_login(desk.county_officer_a)
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/visits/?format=xlsx&way=visit").content))
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert [row[head.index("情况")] for row in rows] == [visit.notes]
    assert rows[0][head.index("约定")] == "企业答应：补招 8 名包装工（2020-03-28，待兑现）"


def test_queries_do_not_grow_with_rows(client, desk) -> None:
    def count(person, path: str) -> int:
        client.force_login(person)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    paths = ["/visits/", "/visits/promises/", f"/visits/enterprises/{desk.plant_a.uscc}/"]
    paths += [f"/visits/new/?enterprise={desk.plant_a.uscc}", "/"]
    log(desk, promises=[NEXT], next_contact_on="2020-03-26")
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    take(ticket, desk.county_officer_a, "return", "2020-03-26 08:55", items=["车牌号"])
    before = {path: count(desk.liaison, path) for path in paths}
    city = {path: count(desk.city_officer, path) for path in paths[:3]}
    for number in range(4):
        plant = enterprise(division=desk.county_a, name=f"新厂{number}")
        plant.contact_phone = "13800000000"
        plant.save()
        Attachment.objects.create(account=desk.liaison, enterprise=plant, known_at=LONG_AGO)
        log(desk, promises=[NEXT, NEXT], next_contact_on="2020-03-26", notes="一\n二\n三")
        another = raised(Account.objects.get(pk=desk.liaison.pk), plant, "2020-03-26 08:50")
        take(another, desk.county_officer_a, "return", "2020-03-26 08:55", items=["车牌号"])
    assert {path: count(desk.liaison, path) for path in paths} == before
    assert {path: count(desk.city_officer, path) for path in paths[:3]} == city
    assert before["/"] <= 45


def test_photos_come_with_a_visit_are_made_anew_and_stay_within_reach(client, desk) -> None:
    client.force_login(desk.liaison)
    bad = SimpleUploadedFile("坏的.jpg", b"no picture at all", "image/jpeg")
    refused = client.post(NEW, sent(desk, files=[picture("车间.jpg"), bad]))
    assert refused.status_code == 422
    assert not Visit.objects.exists()
    token = refused.content.decode().split('name="kept" value="')[1].split('"')[0]
    answer = client.post(NEW, sent(desk, kept=[token]))
    photo = VisitPhoto.objects.get()
    path = f"{answer['Location']}photos/{photo.key}/"
    assert path in page(client, desk.liaison, answer["Location"])
    shown = client.get(path)
    assert (shown.status_code, shown["Content-Type"], shown["X-Content-Type-Options"]) == (200, "image/jpeg", "nosniff")
    assert hashlib.sha256(b"".join(shown.streaming_content)).hexdigest() == photo.sha256
    client.force_login(desk.county_officer_b)
    assert client.get(path).status_code == 404
    client.force_login(desk.city_officer)
    assert client.get(f"/visits/{photo.visit_id}/photos/{'0' * 32}/").status_code == 404
    ticket_files.tidy()
    assert storing.path(photo.key).exists()


def test_a_visit_takes_photos_only(client, desk) -> None:
    client.force_login(desk.liaison)
    note = SimpleUploadedFile("说明.txt", "一行字\n".encode(), "text/plain")
    answer = client.post(NEW, sent(desk, files=[note]))
    assert answer.status_code == 422
    assert "走访只收照片" in answer.content.decode()
    assert not Visit.objects.exists()


def picture(name: str) -> SimpleUploadedFile:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(stream, "JPEG")
    return SimpleUploadedFile(name, stream.getvalue(), "image/jpeg")
