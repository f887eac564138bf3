"""Official letters: drafted, signed by another under a number of the year's register, sent, reminded of, answered."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
import time_machine
from docx import Document
from docx.oxml.ns import qn

from coordination import common_problems, letters, tickets
from coordination.models import Letter, Notice
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import AuditEntry
from tests.coordination.tickets.desk import at, raised, take
from tests.coordination.tickets.test_acting import transport

GIVEN = {
    "organ": "泉州市工业和信息化局",
    "prefix": "泉工信函",
    "addressee": "外省某市交通运输局",
    "copies": "外省某市工业和信息化局",
    "title": "关于商请放行熔喷布运输车辆的函",
    "body": "晋江甲口罩有限公司是我市保供企业。\n一、请予放行\n（一）车辆\n请放行闽C00001。",
    "attachments": "通行证复印件\n车辆清单",
    "contact": "林岱，0595-00000000",
    "reply_by": "2020-03-28",
}


@pytest.fixture
def ticket(desk):
    """Being handled, above county level, because of another province."""
    one = raised(
        desk.reporter_a, desk.plant_a, "2020-03-26 08:20", product="MASK_SURG", blocked="21万", hours_to_stop="48"
    )
    take(one, desk.city_officer, "accept", "2020-03-26 08:30")
    take(one, desk.city_officer, "dispatch", "2020-03-26 08:40", lead=transport().code, instruction="去函")
    take(one, desk.department, "sign", "2020-03-26 08:50")
    return one


@pytest.fixture
def letter(desk, ticket) -> Letter:
    return letters.draft(actor=desk.city_officer, ticket=ticket, fields=GIVEN)


def turn(letter: Letter, actor, action: str, **fields: str) -> Letter:
    letter.refresh_from_db()
    letters.turn(actor=actor, letter=letter, action=action, fields=fields, expected_version=letter.version)
    letter.refresh_from_db()
    return letter


def sent(letter: Letter, desk, **more: str) -> Letter:
    turn(letter, desk.city_officer, "submit")
    turn(letter, desk.leader, "sign")
    return turn(letter, desk.city_officer, "send", sent_on="2020-03-26", way="fax", **more)


def test_the_first_words_come_from_the_ticket(desk, ticket) -> None:
    said = letters.proposal(desk.city_officer, ticket)
    assert said["title"] == "关于商请协调解决晋江甲口罩有限公司熔喷布货车被劝返问题的函"
    assert "被劝返，没有通行证，布料只够两天。" in said["body"]
    assert "受此影响，两条线要停；每日影响产能21万只；如不解决，预计 48 小时内停产。" in said["body"]
    assert "凭有效通行证予以放行" in said["body"]
    assert "4月2日前将办理情况函复我局" in said["body"]
    assert (said["organ"], said["prefix"]) == ("泉州市工业和信息化局", "泉工信函")
    assert desk.reporter_a.username not in said["body"]
    assert "13800000000" not in said["body"]


def test_another_signs_and_the_number_comes_from_the_years_register(desk, ticket, letter) -> None:
    turn(letter, desk.city_officer, "submit")
    with pytest.raises(Conflict, match="拟稿人不能自己签发"):
        turn(letter, desk.city_officer, "sign")
    turn(letter, desk.leader, "sign")
    assert (letter.state, letter.number, letter.dated) == ("signed", "泉工信函〔2020〕1号", dt.date(2020, 3, 26))
    assert letter.signed_by == desk.leader
    second = letters.draft(actor=desk.city_officer, ticket=ticket, fields=GIVEN)
    turn(second, desk.city_officer, "submit")
    assert turn(second, desk.leader, "sign", dated="2019-12-31").number == "泉工信函〔2019〕1号"
    third = letters.draft(actor=desk.city_officer, ticket=ticket, fields={**GIVEN, "prefix": "泉防指函"})
    turn(third, desk.city_officer, "submit")
    assert turn(third, desk.leader, "sign").number == "泉防指函〔2020〕1号"
    fourth = letters.draft(actor=desk.city_officer, ticket=ticket, fields=GIVEN)
    turn(fourth, desk.city_officer, "submit")
    assert turn(fourth, desk.leader, "sign").number == "泉工信函〔2020〕2号"


def test_a_letter_goes_its_way_and_every_step_is_audited(desk, letter) -> None:
    turn(letter, desk.city_officer, "submit")
    turn(letter, desk.leader, "send_back", reason="写清车牌")
    assert (letter.state, letter.return_reason) == ("draft", "写清车牌")
    letters.amend(
        actor=desk.city_officer, letter=letter, fields={**GIVEN, "title": "改过的函"}, expected_version=letter.version
    )
    sent(letter, desk)
    assert (letter.state, letter.title, letter.way, letter.return_reason) == ("sent", "改过的函", "fax", "")
    turn(letter, desk.city_officer, "reply", replied_on="2020-03-26", result="agreed", text="已放行")
    assert (letter.state, letter.reply_result, letter.reply_text) == ("answered", "agreed", "已放行")
    turn(letter, desk.city_officer, "close", note="车已到厂")
    assert (letter.state, letter.closing_note) == ("closed", "车已到厂")
    acts = AuditEntry.objects.filter(object_type="letter", object_id=str(letter.pk)).order_by("pk")
    assert [entry.act for entry in acts] == [
        "letter.draft", "letter.submit", "letter.send_back", "letter.amend", "letter.submit", "letter.sign", "letter.send",
        "letter.reply", "letter.close",
    ]  # fmt: skip


def test_only_the_steps_of_the_table_are_possible(desk, letter) -> None:
    for action in ("sign", "send", "remind", "reply", "close", "send_back"):
        with pytest.raises(Conflict, match="现在是“草稿”") as refused:
            turn(letter, desk.leader if action in ("sign", "send_back") else desk.city_officer, action)
        assert refused.value.code == "wrong_state"
    with pytest.raises(NotFound):
        turn(letter, desk.city_officer, "fly")
    turn(letter, desk.city_officer, "drop", reason="不用去函了")
    with pytest.raises(Conflict, match="作废"):
        turn(letter, desk.city_officer, "submit")
    assert letter.number is None


def test_what_is_not_finished_is_not_signed_and_a_stale_page_changes_nothing(desk, ticket) -> None:
    letter = letters.draft(actor=desk.city_officer, ticket=ticket, fields={**GIVEN, "body": "请协助：\n一、【请写明】"})
    with pytest.raises(Conflict, match="还有【】没有写完"):
        turn(letter, desk.city_officer, "submit")
    letters.amend(actor=desk.city_officer, letter=letter, fields=GIVEN, expected_version=1)
    with pytest.raises(Conflict, match="刚被别人改过"):
        letters.amend(actor=desk.city_officer, letter=letter, fields=GIVEN, expected_version=1)
    with pytest.raises(Conflict, match="刚被别人改过"):
        letters.turn(actor=desk.city_officer, letter=letter, action="submit", fields={}, expected_version=1)
    with pytest.raises(Invalid, match="机关代字"):
        letters.amend(
            actor=desk.city_officer, letter=letter, fields={**GIVEN, "prefix": "泉〔2020〕"}, expected_version=2
        )


@pytest.mark.parametrize(
    "action, fields, message",
    [
        ("send", {"sent_on": "2020-03-27", "way": "fax"}, "不能晚于今天"),
        ("send", {"sent_on": "2020-03-25", "way": "fax"}, "不能早于成文日期"),
        ("send", {"sent_on": "2020-03-26", "way": "fax", "reply_by": "2020-03-25"}, "不能早于发出日期"),
        ("send", {"sent_on": "2020-03-26", "way": "pigeon"}, "应为"),
        ("send", {}, "请填写发出日期"),
    ],
)
def test_days_that_cannot_be_are_refused(desk, letter, action, fields, message) -> None:
    turn(letter, desk.city_officer, "submit")
    turn(letter, desk.leader, "sign")
    with pytest.raises(Invalid, match=message):
        turn(letter, desk.city_officer, action, **fields)


def test_the_enterprise_learns_that_a_letter_went_out_and_when_and_nothing_else(desk, ticket, letter) -> None:
    sent(letter, desk)
    turn(letter, desk.city_officer, "reply", replied_on="2020-03-26", result="refused", text="不同意放行")
    ticket.refresh_from_db()
    mine = str(tickets.described_in_full(desk.reporter_a, ticket))
    assert "已去函协调（3月26日发出）。" in mine
    assert "去函已有回复（3月26日），正在办理。" in mine
    for secret in (letter.number, "外省某市", "不同意放行", "放行熔喷布运输车辆"):
        assert secret not in mine
    ours = str(tickets.described_in_full(desk.department, ticket))
    assert "已发公函 泉工信函〔2020〕1号，主送外省某市交通运输局，传真。" in ours
    assert "回函（不同意）：不同意放行" in ours
    for person in (desk.reporter_a, desk.reporter_b, desk.stranger):
        with pytest.raises((Forbidden, NotFound)):
            letters.find(person, letter.pk)
    for person in (desk.department, desk.liaison, desk.county_officer_a, desk.auditor):
        assert letters.find(person, letter.pk) == letter
    with pytest.raises(NotFound):
        letters.find(desk.county_officer_b, letter.pk)


def test_told_nothing_where_the_desk_says_so(desk, ticket, letter) -> None:
    sent(letter, desk, tell="no")
    assert "已去函" not in str(tickets.described_in_full(desk.reporter_a, ticket))


def test_telling_the_enterprise_counts_as_a_report_of_progress(desk, ticket, letter) -> None:
    before = ticket.clocks.filter(kind="G", stopped_at=None).get()
    sent(letter, desk)
    after = ticket.clocks.filter(kind="G", stopped_at=None).get()
    assert after.start_at > before.start_at
    assert ticket.clocks.filter(kind="D").get().stopped_at is not None


def test_reminders_are_numbered_and_lateness_is_said_once_a_day_set(desk, letter) -> None:
    sent(letter, desk)
    assert letters.overdue(desk.city_officer) == 0
    with time_machine.travel(at("2020-03-29 09:00"), tick=False):
        assert letters.overdue(desk.city_officer) == 1
        assert (letters.warn(), letters.warn()) == (1, 0)
        turn(letter, desk.city_officer, "remind", text="请尽快函复", way="fax", due_on="2020-03-30")
        assert letters.overdue(desk.city_officer) == 0
        with pytest.raises(Invalid, match="不能早于今天"):
            turn(letter, desk.city_officer, "remind", text="再催", way="fax", due_on="2020-03-28")
    with time_machine.travel(at("2020-03-31 09:00"), tick=False):
        assert letters.warn() == 1
        turn(letter, desk.city_officer, "remind", text="再次催函", way="post", due_on="2020-04-02")
        assert [one.number for one in letter.reminders.all()] == [1, 2]
        turn(letter, desk.city_officer, "reply", replied_on="2020-03-31", result="agreed", text="好")
    with time_machine.travel(at("2020-04-09 09:00"), tick=False):
        assert letters.warn() == 0
    assert Notice.objects.filter(text__contains="没有按时回函", division=desk.city).count() == 2
    assert not Notice.objects.filter(text__contains="公函", enterprise__isnull=False).exists()


def test_who_writes_and_who_signs(desk, ticket, letter) -> None:
    for person in (desk.department, desk.liaison, desk.auditor, desk.reporter_a, desk.county_officer_b, desk.leader):
        with pytest.raises(Forbidden):
            letters.draft(actor=person, ticket=ticket, fields=GIVEN)
    turn(letter, desk.city_officer, "submit")
    for person in (desk.department, desk.liaison, desk.auditor, desk.county_officer_a):
        with pytest.raises(Forbidden):
            turn(letter, person, "sign")


def test_a_letter_for_a_common_problem_names_no_member(desk, ticket) -> None:
    other = raised(desk.reporter_b, desk.plant_b, "2020-03-26 08:25")
    take(other, desk.city_officer, "accept", "2020-03-26 08:30")
    problem = common_problems.establish(
        actor=desk.city_officer, title="熔喷布跨省运输", category="PASS_CITY", numbers=[ticket.number, other.number],
        cause="外省卡点不认本市通行证",
    )  # fmt: skip
    said = letters.proposal(desk.city_officer, None, problem)
    assert "近日，我市 2 家企业反映：外省卡点不认本市通行证。" in said["body"]
    assert desk.plant_a.name not in str(said)
    letter = letters.draft(actor=desk.city_officer, problem=problem, fields=GIVEN)
    sent(letter, desk)
    for one, clerk in ((ticket, desk.reporter_a), (other, desk.reporter_b)):
        one.refresh_from_db()
        row = str(tickets.described_in_full(clerk, one))
        assert "已去函协调（3月26日发出）。" in row
        assert letter.number not in row
        assert problem.number not in row
    with pytest.raises(NotFound):
        letters.find(desk.county_officer_a, letter.pk)


def test_the_paper_has_the_official_layout_and_is_the_same_each_time(desk, letter) -> None:
    sent(letter, desk)
    first, again = letters.paper(letter), letters.paper(Letter.objects.get(pk=letter.pk))
    assert first == again
    document = Document(io.BytesIO(first))
    section = document.sections[0]
    margins = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert [round(one.mm) for one in margins] == [37, 28, 26, 35]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:linePitch")), grid.get(qn("w:type"))) == ("579", "linesAndChars")
    texts = [p.text for p in document.paragraphs]
    assert texts[0] == "泉工信函〔2020〕1号"
    assert "外省某市交通运输局：" in texts
    assert "附件：1. 通行证复印件" in texts
    assert "2. 车辆清单" in texts
    assert texts[-1] == "抄送：外省某市工业和信息化局。"
    assert "2020年3月26日" in texts
    faces = {
        p.text: p.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")) if p.runs[0]._element.rPr is not None else None
        for p in document.paragraphs if p.runs
    }  # fmt: skip
    assert faces["关于商请放行熔喷布运输车辆的函"] == "方正小标宋简体"
    assert (faces["一、请予放行"], faces["（一）车辆"]) == ("黑体", "楷体_GB2312")
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert section.first_page_header.paragraphs[0].text == "泉州市工业和信息化局"
    plain = Document(io.BytesIO(letters.paper(letter, with_head=False)))
    assert plain.sections[0].first_page_header.paragraphs[0].text == ""
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert b"python-docx" not in packed.read("docProps/core.xml")
