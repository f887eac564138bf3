"""The pages of tickets: who may open which, what each reads there, and that nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from coordination.choices import TicketState
from coordination.models import Notice, Ticket
from tests.coordination.tickets.desk import GIVEN, at, raised, take
from tests.coordination.tickets.test_acting import handled

LIST = "/tickets/"


@pytest.fixture
def ticket(desk) -> Ticket:
    return raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50", product="MASK_SURG", blocked="21万")


def page(client, person, path: str = LIST, status: int = 200) -> str:
    client.force_login(person)
    answer = client.get(path)
    assert answer.status_code == status, (person, path, answer.status_code)
    return answer.content.decode()


def press(client, person, ticket: Ticket, action: str, **fields):
    client.force_login(person)
    ticket.refresh_from_db()
    return client.post(f"{LIST}{ticket.number}/{action}/", {"expected_version": ticket.version, **fields})


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("reporter_a", 200), ("liaison", 200), ("county_officer_a", 200), ("city_officer", 200), ("leader", 200),
        ("auditor", 200), ("admin", 200), ("reporter_b", 404), ("county_officer_b", 404), ("department", 404),
        ("province", 403), ("stranger", 403),
    ],
)  # fmt: skip
def test_who_opens_a_ticket(client, desk, ticket, person: str, status: int) -> None:
    page(client, getattr(desk, person), f"{LIST}{ticket.number}/", status)
    assert (ticket.title in page(client, getattr(desk, person), LIST, 403 if status == 403 else 200)) == (status == 200)


def test_a_matter_goes_its_way_through_the_pages(client, desk) -> None:
    client.force_login(desk.reporter_a)
    sent = {
        **GIVEN,
        "enterprise": desk.plant_a.uscc,
        "key": "a" * 24,
        "blocked": "",
        "product": "",
        "hours_to_stop": "",
    }
    answers = [client.post(f"{LIST}new/", sent) for _ in range(2)]  # a double tap
    ticket = Ticket.objects.get()
    assert {answer["Location"] for answer in answers} == {f"{LIST}{ticket.number}/"}
    press(client, desk.county_officer_a, ticket, "accept", category="PASS_CITY", level="city", mode="normal")
    press(client, desk.city_officer, ticket, "dispatch", lead="JTJ", instruction="办理通行证", assist=["police"])
    press(client, desk.department, ticket, "sign")
    press(client, desk.city_officer, ticket, "answer_order", text="x")
    assert (
        "泉州市公安局的协办还没有完成。"
        in press(client, desk.department, ticket, "reply", text="通行证已发", result="solved").content.decode()
    )
    ticket.refresh_from_db()
    assert ticket.state == TicketState.HANDLING


def test_a_refused_step_keeps_what_was_typed_and_says_what_is_wrong(client, desk, ticket) -> None:
    answer = press(client, desk.county_officer_a, ticket, "return", items="", text="请看说明，写了很久的话")
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写要补的材料。" in body
    assert "写了很久的话</textarea>" in body


def test_somebody_was_faster_and_the_words_are_still_there(client, desk, ticket) -> None:
    seen = ticket.version
    take(ticket, desk.city_officer, "message", "2020-03-26 08:55", text="已看到")
    client.force_login(desk.county_officer_a)
    answer = client.post(
        f"{LIST}{ticket.number}/return/", {"expected_version": seen, "items": "车牌号\n驾驶员", "text": ""}
    )
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "这张单刚被别人办过" in body
    assert "车牌号\n驾驶员</textarea>" in body
    assert f'value="{seen + 1}"' in body  # pressed again it goes through


def test_a_new_ticket_that_is_incomplete_loses_nothing(client, desk) -> None:
    client.force_login(desk.reporter_a)
    answer = client.post(f"{LIST}new/", {"enterprise": desk.plant_a.uscc, "title": "货车被劝返", "blocked": "3万"})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="货车被劝返"' in body
    assert 'value="3万"' in body
    assert "按您写的，像是“市内跨县通行”，已替您选上" in body
    assert "写了压住的产能，请选产品。" in body
    assert not Ticket.objects.exists()


def test_a_draft_is_its_authors_alone_and_goes_on(client, desk) -> None:
    client.force_login(desk.reporter_a)
    answer = client.post(
        f"{LIST}new/", {"enterprise": desk.plant_a.uscc, "category": "LABOUR", "title": "缺工", "draft": "1"}
    )
    kept = Ticket.objects.get()
    assert (kept.state, kept.number, answer["Location"]) == ("draft", None, f"{LIST}new/?draft=draft-{kept.pk}")
    assert 'value="缺工"' in page(client, desk.reporter_a, answer["Location"])
    page(client, desk.county_officer_a, f"{LIST}draft-{kept.pk}/", 404)
    client.force_login(desk.reporter_a)
    sent = {**GIVEN, "enterprise": desk.plant_a.uscc, "key": "b" * 24}
    client.post(answer["Location"], sent)
    kept.refresh_from_db()
    assert (kept.state, kept.number, kept.title) == ("submitted", "20200326-0001", GIVEN["title"])


def test_opening_a_ticket_delivers_what_the_desk_was_told(client, desk, ticket) -> None:
    assert "1 条未看" in page(client, desk.county_officer_a)
    page(client, desk.county_officer_a, f"{LIST}{ticket.number}/")
    assert Notice.objects.get().opened_by == desk.county_officer_a
    assert "条未看" not in page(client, desk.county_officer_a)


def test_the_enterprise_never_reads_what_units_say_among_themselves(client, desk) -> None:
    ticket = handled(desk)
    for word in ("units", "own_unit"):
        take(ticket, desk.department, "message", "2020-03-26 15:00", text=f"秘{word}", visibility=word)
    body = page(client, desk.reporter_a, f"{LIST}{ticket.number}/")
    assert "秘" not in body
    assert "办理通行证" not in body
    assert "派工单" not in body
    assert desk.city_officer.username not in body
    assert "秘own_unit" in page(client, desk.department, f"{LIST}{ticket.number}/")
    for person in (desk.reporter_a, desk.city_officer):
        client.force_login(person)
        exported = b"".join(client.get(f"{LIST}?format=xlsx"))
        rows = CalamineWorkbook.from_filelike(io.BytesIO(exported)).get_sheet_by_index(0).to_python()
        assert "秘" not in str(rows)
        assert ticket.number in str(rows)


def test_the_headline_opens_the_very_tickets_it_counts(client, desk) -> None:
    solved = handled(desk)
    take(solved, desk.department, "reply", "2020-03-26 15:00", text="好", result="solved")
    take(solved, desk.reporter_a, "confirm", "2020-03-26 16:00", solved="yes")
    handled(desk)
    body = page(client, desk.city_officer)
    assert re.search(r'为 1 家企业解决 <a class="src" href="\?group=solved"><b>1 个问题</b>', body)
    listed = page(client, desk.city_officer, f"{LIST}?group=solved")
    assert re.findall(r'class="tc[^"]*" href="/tickets/([0-9-]+)/"', listed) == [solved.number]


def test_a_units_first_page_is_its_desk(client, desk) -> None:
    client.force_login(desk.department)
    assert client.get("/")["Location"] == f"{LIST}agenda/"


def test_a_reports_difficulty_begins_a_ticket(client, desk) -> None:
    from supplies.models import Limit
    from tests.factories.reports import report

    filed = report(desk.plant_a, dt.date(2020, 3, 26), {"MASK_SURG": (40_000, 30_000, 5_000)}, hour=8)
    Limit.objects.create(revision=filed, reason="logistics", product_id="MASK_SURG", lost=12_000_000)
    body = page(client, desk.reporter_a, f"{LIST}new/?report={filed.report_id}")
    assert 'value="运输影响生产"' in body
    assert 'value="12,000"' in body
    assert 'id="c-PASS_CITY" data-name="市内跨县通行" checked' in body
    assert "运输影响生产" not in page(client, desk.reporter_b, f"{LIST}new/?report={filed.report_id}")


@pytest.mark.parametrize(
    "path",
    ["%00/", "?group=%00&division=%00&category=%00", "?group=nonsense", "?search=%00", "?page=x", "?state=x&category=x",
     "?division=%F0%9F%98%80", "new/?report=x", "new/?enterprise=", "?sort=x&level=x"],
)  # fmt: skip
def test_odd_addresses_never_break(client, desk, ticket, path: str) -> None:
    client.force_login(desk.county_officer_a)
    assert client.get(LIST + path).status_code in (200, 404, 422)


def test_odd_posts_never_break(client, desk, ticket) -> None:
    client.force_login(desk.county_officer_a)
    for action in ("fly", "accept", "dispatch", "merge", "confirm"):
        for version in ("", "x", "999999999999", "2"):
            sent = {"expected_version": version, "target": "\x00", "category": "x", "text": "\u202e"}
            assert client.post(f"{LIST}{ticket.number}/{action}/", sent).status_code in (403, 404, 409, 422)
    assert client.post(f"{LIST}new/", {"enterprise": "\x00", "blocked": "\x00"}).status_code in (404, 422)


def test_pages_cost_the_same_for_many_tickets(client, desk, ticket) -> None:
    def queries(path: str) -> int:
        client.force_login(desk.county_officer_a)
        with CaptureQueriesContext(connection) as found:
            assert client.get(path).status_code == 200
        return len(found)

    paths = [LIST, f"{LIST}?view=list", f"{LIST}?group=mine", f"{LIST}{ticket.number}/"]
    [queries(path) for path in paths]
    few = [queries(path) for path in paths]
    for _ in range(5):
        raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    assert [queries(path) for path in paths] == few


def test_every_number_of_the_statistics_opens_its_tickets(client, desk, time_machine) -> None:
    solved = handled(desk)
    take(solved, desk.department, "reply", "2020-03-26 15:57", text="好", result="solved")
    take(solved, desk.reporter_a, "confirm", "2020-03-26 15:58", solved="yes")
    other = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    time_machine.move_to(at("2020-03-27 09:00"))
    path = f"{LIST}statistics/"
    body = page(client, desk.leader, f"{path}?from=2020-03-01&to=2020-03-31&list=solved")
    assert "为 1 家企业解决 <b>1 个问题</b>" in body
    assert re.findall(r'class="tc[^"]*" href="/tickets/([0-9-]+)/"', body) == [solved.number]
    client.force_login(desk.leader)
    answer = client.post(f"{path}freeze/", {"from": "2020-03-01", "to": "2020-03-31"})
    kept = page(client, desk.city_officer, f"{answer['Location']}?list=received")
    assert {solved.number, other.number} == set(re.findall(r'class="tc[^"]*" href="/tickets/([0-9-]+)/"', kept))
    page(client, desk.county_officer_a, answer["Location"], 404)
    for person, status in (("reporter_a", 403), ("department", 403), ("county_officer_a", 200), ("auditor", 200)):
        page(client, getattr(desk, person), path, status)
    client.force_login(desk.city_officer)
    for query in ("?from=x", "?from=2020-03-31&to=2020-03-01", "?list=nonsense", "?division=x&category=x"):
        assert client.get(path + query).status_code in (200, 400, 422)


def test_the_overview_sums_what_tickets_hold_back(client, desk, ticket) -> None:
    body = page(client, desk.city_officer, "/")
    assert "1 张问题单压住 21万只/日的产能" in body
    assert "问题单压住" not in page(client, desk.county_officer_b, "/")


def test_an_emergency_is_declared_and_ended_on_its_page(client, desk) -> None:
    path = f"{LIST}emergencies/"
    client.force_login(desk.city_officer)
    client.post(f"{path}declare/", {"document": ""})
    client.post(f"{path}declare/", {"document": "泉应急〔2020〕3号", "category": "nonsense"})
    assert "没有应急状态" in page(client, desk.city_officer, path)
    client.post(f"{path}declare/", {"document": "泉应急〔2020〕3号"})
    assert "应急中" in page(client, desk.county_officer_a, path)
    assert raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20").mode == "emergency"
    client.force_login(desk.county_officer_a)
    assert client.post(f"{path}1/end/").status_code == 403
    client.force_login(desk.city_officer)
    held = re.search(r"emergencies/([0-9]+)/end/", page(client, desk.city_officer, path))
    client.post(f"{path}{held[1]}/end/")
    assert "应急中" not in page(client, desk.county_officer_a, path)
    page(client, desk.reporter_a, path, 403)


def test_a_groups_chat_becomes_tickets_that_a_person_confirms(client, desk) -> None:
    client.force_login(desk.county_officer_a)
    body = client.post(
        f"{LIST}intake/", {"chat": "王姐 9:20\n甲口罩的车在卡点被劝返\n李工 9:21\n收到\n"}
    ).content.decode()
    assert "拆出 1 条" in body
    assert desk.plant_a.name in body
    begun = dict(
        re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', body[body.index('action="/tickets/new/"') :])
    )
    form = client.post(f"{LIST}new/", {**begun, "begin": "1"}).content.decode()
    assert "甲口罩的车在卡点被劝返</textarea>" in form
    assert 'id="c-PASS_CITY" data-name="市内跨县通行" checked' in form
    assert 'name="source" value="group"' in form
    assert not Ticket.objects.exists()
    assert "收到" in body[body.index("没有拆成问题的") :]
    raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50")
    again = client.post(f"{LIST}intake/", {"chat": "王姐 9:20\n甲口罩的车在卡点被劝返\n"}).content.decode()
    assert "可能重复" in again
    long = "甲口罩缺人" * 10_001
    assert long in client.post(f"{LIST}intake/", {"chat": long}).content.decode()
    page(client, desk.reporter_a, f"{LIST}intake/", 403)
    page(client, desk.liaison, f"{LIST}intake/", 403)


def test_one_message_and_two_taps_make_a_good_ticket(client, desk) -> None:
    client.force_login(desk.reporter_a)
    said = "领导好，熔喷布断供，原来两万一吨现在要三十万，大概两三吨就够撑一周。等着救急"
    typed = {
        "enterprise": desk.plant_a.uscc, "description": said, "category": "RAW_OUT", "impact_kind": "stopping", "impact": "只够两天",
        "product": "MASK_SURG", "blocked": "大概两三万", "hours_to_stop": "48", "contact_name": "林岱", "contact_phone": "138",
    }  # fmt: skip
    assert client.post(f"{LIST}new/", typed).status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.description) == ("熔喷布断供，原来两万一吨现在要三十万", said)
    assert (ticket.impact, ticket.blocked) == ("马上要停产，只够两天；每天少做大概两三万", None)
    assert ticket.hours_to_stop == 48


@pytest.mark.parametrize(
    ("blocked", "product", "held", "words"),
    [
        ("约3万只", "MASK_SURG", 30_000_000, "；每天少做约3万只"), ("3吨左右", "MASK_SURG", None, "；每天少做3吨左右"),
        ("约3万", "", None, "；每天少做约3万"), ("21万", "MASK_SURG", 210_000_000, ""),
    ],
)  # fmt: skip
def test_a_vague_amount_is_a_figure_where_it_can_be_one(client, desk, blocked, product, held, words) -> None:
    client.force_login(desk.reporter_a)
    client.post(f"{LIST}new/", {**GIVEN, "enterprise": desk.plant_a.uscc, "blocked": blocked, "product": product})
    ticket = Ticket.objects.get()
    assert (ticket.blocked, ticket.impact) == (held, f"两条线要停{words}")


def test_where_nobody_is_named_the_enterprises_contact_is(client, desk) -> None:
    desk.plant_a.contact_name, desk.plant_a.contact_phone = "登记人", "059500000000"
    desk.plant_a.save()
    client.force_login(desk.county_officer_a)
    client.post(f"{LIST}new/", {**GIVEN, "enterprise": desk.plant_a.uscc, "contact_name": "", "contact_phone": " "})
    ticket = Ticket.objects.get()
    assert (ticket.contact_name, ticket.contact_phone) == ("登记人", "059500000000")


def test_a_draft_comes_back_as_it_was_typed(client, desk) -> None:
    client.force_login(desk.reporter_a)
    typed = {
        **GIVEN,
        "enterprise": desk.plant_a.uscc,
        "impact_kind": "stopped",
        "impact": "等布",
        "hours_to_stop": "30",
    }
    body = client.get(client.post(f"{LIST}new/", {**typed, "draft": "1"})["Location"]).content.decode()
    assert 'id="i-stopped" checked' in body
    assert 'value="等布"' in body
    assert '<option value="30" selected>30 小时</option>' in body
