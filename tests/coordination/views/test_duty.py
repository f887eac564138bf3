"""The pages of duty and of working groups: who opens which, and that nothing typed is lost."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination import duty, working_groups
from coordination.models import DutyShift
from tests.coordination.tickets.desk import raised, take

KEY = "A-2020032608"


def shift(desk, code: str, text: str = "李值 13900000001", start: str = "08", end: str = "20") -> None:
    from tests.coordination.tickets.desk import at

    place = duty.place(desk.city_officer, code)
    duty.add(
        actor=desk.city_officer, place=place, part="A", who=text, starts_at=at(f"2020-03-26 {start}:00"),
        ends_at=at(f"2020-03-26 {end}:00"),
    )  # fmt: skip


def page(client, person, path: str, status: int = 200) -> str:
    client.force_login(person)
    answer = client.get(path)
    assert answer.status_code == status, (person, path, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize("path", ["/duty/", "/duty/o-JTJ/", "/groups/", "/groups/ZB001/"])
@pytest.mark.parametrize(
    ("person", "status"),
    [("city_officer", 200), ("county_officer_b", 200), ("department", 200), ("liaison", 200), ("leader", 200),
     ("auditor", 200), ("admin", 200), ("reporter_a", 403), ("province", 403), ("stranger", 403)],
)  # fmt: skip
def test_who_opens_what(client, desk, path: str, person: str, status: int) -> None:
    working_groups.establish(
        actor=desk.city_officer, name="专班甲", kind="project", division=desk.city, leader="leader"
    )
    page(client, getattr(desk, person), path, status)


def test_the_grid_is_saved_and_a_bad_cell_keeps_what_was_typed(client, desk) -> None:
    client.force_login(desk.city_officer)
    sent = {f"who-{KEY}": "李值 13900000001", f"seen-{KEY}": "", "who-B-2020032608": "没电话"}
    answer = client.post("/duty/o-JTJ/?week=2020-03-23&shifts=2", sent)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="李值 13900000001"' in body
    assert "请在“没电话”后面写上电话" in body
    assert not DutyShift.objects.exists()
    answer = client.post("/duty/o-JTJ/?week=2020-03-23&shifts=2", sent | {"who-B-2020032608": ""})
    assert answer["Location"] == "/duty/o-JTJ/?week=2020-03-23&shifts=2"
    body = page(client, desk.department, answer["Location"])
    assert "李值 13900000001" in body
    assert "段没有人值班" in body


def test_who_is_on_duty_stands_on_the_desk_and_on_urgent_tickets(client, desk) -> None:
    shift(desk, "d-350582")
    shift(desk, "o-JTJ", "陈交 13900000002")
    assert "13900000001" in page(client, desk.county_officer_a, "/tickets/")
    assert "13900000001" not in page(client, desk.county_officer_b, "/tickets/")
    assert "13900000002" in page(client, desk.department, "/tickets/")
    calm = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:40")
    urgent = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:41")
    take(
        urgent, desk.county_officer_a, "accept", "2020-03-26 08:50", mode="urgent", urgent_reason="stopping", lead="JTJ"
    )
    body = page(client, desk.county_officer_a, f"/tickets/{urgent.number}/")
    assert "陈交" in body
    assert "李值" in body
    assert "李值" not in page(client, desk.county_officer_a, f"/tickets/{calm.number}/")
    for number in (calm.number, urgent.number):
        assert "1390000000" not in page(client, desk.reporter_a, f"/tickets/{number}/")


def test_the_board_asks_the_same_number_of_questions_whatever_the_roster(client, desk) -> None:
    client.force_login(desk.city_officer)
    client.get("/duty/")
    shift(desk, "o-JTJ")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/duty/")
    for code in ("d-350500", "d-350582", "d-350583", "o-police"):
        shift(desk, code)
        shift(desk, code, "夜班 13900000008", "20", "23")
    with CaptureQueriesContext(connection) as many:
        body = client.get("/duty/").content.decode()
    assert len(few) == len(many)
    assert "起没有人值班" in body


def test_a_file_with_bad_rows_is_answered_row_by_row(client, desk) -> None:
    client.force_login(desk.city_officer)
    text = "值班单位,AB角,起,止,姓名,电话\n交通局,A,昨天,2020-03-26 20:00,李值,13900000001\n"
    answer = client.post("/duty/file/", {"file": SimpleUploadedFile("r.csv", text.encode())})
    assert answer.status_code == 422
    assert "应写作 2026-11-30 08:00" in answer.content.decode()
    assert client.post("/duty/file/", {}).status_code == 422
    good = SimpleUploadedFile("r.csv", text.replace("昨天", "2020-03-26 08:00").encode())
    assert client.post("/duty/file/", {"file": good})["Location"] == "/duty/"
    assert DutyShift.objects.count() == 1


def test_a_refused_act_keeps_what_was_typed(client, desk) -> None:
    client.force_login(desk.city_officer)
    answer = client.post(
        "/duty/o-JTJ/leave/", {"who": "department", "starts_on": "2020-03-27", "ends_on": "2020-03-26"}
    )
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "截止日期早于起始日期。" in body
    assert 'value="2020-03-27"' in body
    answer = client.post(
        "/groups/", {"name": "新专班", "kind": "project", "division": desk.city, "leader": "没电话的人"}
    )
    assert answer.status_code == 422
    assert 'value="新专班"' in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/duty/%00/", "/duty/o-JTJ/?week=x&shifts=9", "/duty/o-JTJ/?week=9999-12-31", "/duty/o-JTJ/?week=0001-01-01",
             "/groups/%00/", "/duty/x/"],
)  # fmt: skip
def test_odd_addresses_never_break(client, desk, path: str) -> None:
    client.force_login(desk.city_officer)
    assert client.get(path).status_code in (200, 404, 422)


def test_odd_posts_never_break(client, desk) -> None:
    client.force_login(desk.city_officer)
    far = {"who": "李值 13900000001", "part": "A", "starts_at": "9999-12-31T23:00", "ends_at": "9999-12-31T23:59"}
    odd = {"who": "\u202e", "shift": "x", "absence": "9" * 30, "part": "\x00", "starts_at": "x"}
    for act in ("add", "drop", "hand-over", "leave", "back", "fly"):
        for sent in ({}, odd, far):
            assert client.post(f"/duty/o-JTJ/{act}/", sent).status_code in (302, 404, 409, 422)
