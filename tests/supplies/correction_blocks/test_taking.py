"""A county's file of corrected days: seen before it is stored, never over an enterprise's own figures (R5, R6, R7)."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from python_calamine import CalamineWorkbook

from enterprises.models import AuditEntry, StaleMark
from supplies import closings, daily_reports, proposals
from supplies.choices import Channel
from supplies.daily_reports import OnBehalf
from supplies.models import Correction, CorrectionBlock, Decision, Revision, Upload
from supplies.rules.figures import LimitFigures
from supplies.rules.quantities import attempt, read_text
from tests.supplies.correction_blocks.conftest import CORRECTIONS, NOW, Office, browser, kinds, rows
from tests.supplies.daily_reports.plants import DAY, FABRIC, MASK, City, at, figures, file

pytestmark = pytest.mark.django_db
A_DAY = dt.timedelta(days=1)
MISSING = "91350200MA2Y3K7Q54"


def on_behalf(city: City, output: str = "30万") -> None:
    file(city, actor=city["county"], form=figures(output=output), on_behalf=OnBehalf("李四", "没有网络"))


def test_looking_stores_nothing_and_taking_in_files_what_nobody_filed(city: City, county: Office) -> None:
    look = county.send(rows(city))
    assert kinds(look) == ["new"]
    assert not Revision.objects.exists()
    assert not StaleMark.objects.exists()
    taken = county.take(look)
    assert "第 1 批" in taken.content.decode() or CorrectionBlock.objects.get().pk
    revision = Revision.objects.get()
    assert (revision.channel, revision.caller, revision.behalf_reason) == (Channel.ON_BEHALF, "张三", "台账更正")
    assert revision.lines.get(product=MASK).output == 400_000_000
    row = Correction.objects.get()
    assert (row.kind, row.revision, row.enterprise, row.day) == ("new", revision, city.a, DAY)
    assert AuditEntry.objects.filter(act="correction_block.take").count() == 1


def test_what_was_only_filed_on_behalf_gets_a_further_revision(city: City, county: Office) -> None:
    on_behalf(city)
    look = county.send(rows(city))
    assert kinds(look) == ["revision"]
    county.take(look)
    assert [r.channel for r in Revision.objects.order_by("number")] == ["on_behalf", "on_behalf"]
    assert Revision.objects.get(number=2).change_reason == "台账更正"


def test_an_enterprises_own_figures_are_never_touched(city: City, county: Office) -> None:
    file(city)
    look = county.send(rows(city))
    assert kinds(look) == ["proposal"]
    marks = StaleMark.objects.count()
    county.take(look)
    assert Revision.objects.count() == 1
    assert StaleMark.objects.count() == marks
    assert not Decision.objects.exists()
    proposal = Correction.objects.get()
    assert (proposal.kind, proposal.based_on, proposal.revision) == ("proposal", 1, None)


def test_what_the_file_leaves_empty_stays_as_it_was(city: City, county: Office) -> None:
    limits = (LimitFigures("labour", MASK, attempt(read_text, "1万"), "只"),)
    file(city, form=figures(note="缺人", staff_due=attempt(read_text, "30"), limits=limits))
    look = county.send(f"{DAY},{city.a.uscc},,{MASK},,40万,,只,,台账更正,\n")
    assert [one.label for one in look.context["rows"][0].differences] == ["医用外科口罩 当日产量（只）"]
    county.take(look)
    number = Correction.objects.get().pk
    proposals.accept(actor=city["clerk"], number=number, revision=1)
    before, after = Revision.objects.order_by("number")
    assert (after.note, after.staff_due, after.limits.get().lost) == ("缺人", 30, before.limits.get().lost)
    assert [(one.capacity, one.output, one.stock) for one in after.lines.order_by("product__order")] == [
        (480_000_000, 400_000_000, None),
        (None, None, 12_500_000),
    ]


def test_a_halt_makes_what_was_made_nothing(city: City, county: Office) -> None:
    file(city)
    look = county.send(f"{DAY},{city.a.uscc},全线停产,,,,,,,当天停产,\n")
    assert kinds(look) == ["proposal"]
    county.take(look)
    lines = {line["product"]: line for line in Correction.objects.get().figures["lines"]}
    assert (lines[MASK]["output"], lines[MASK]["capacity"], lines[FABRIC]["stock"]) == (0, 0, 12_500_000)


def test_the_file_may_return_the_reports_it_proposes_to_correct(city: City, county: Office) -> None:
    file(city)
    county.take(county.send(rows(city), returns="on"))
    decision = Decision.objects.get()
    assert decision.kind == "returned"
    assert "台账更正" in decision.reason
    assert Correction.objects.get().is_returned


def test_equal_figures_and_the_same_file_again_change_nothing(city: City, county: Office) -> None:
    file(city, form=figures(output="40万"))
    assert kinds(county.send(rows(city))) == ["unchanged"]
    text = rows(city, day=DAY + A_DAY) + rows(city, output="41万")
    county.take(county.send(text))
    again = county.send(text)
    assert kinds(again) == ["unchanged", "unchanged"]
    assert {one.note for one in again.context["preview"].reports} == {
        "与已报的相同",
        f"第 {CorrectionBlock.objects.get().pk} 批已提请，等企业答复",
    }
    county.take(again)
    assert CorrectionBlock.objects.count() == 1
    assert Revision.objects.count() == 2


def test_a_second_press_leads_to_the_block_and_does_nothing(city: City, county: Office) -> None:
    look = county.send(rows(city))
    first, second = county.take(look), county.take(look)
    assert first.redirect_chain[-1][0] == second.redirect_chain[-1][0]
    assert (CorrectionBlock.objects.count(), Revision.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ({"reason": ""}, "更正理由"),
        ({"caller": ""}, "来电人"),
        ({"day": NOW + A_DAY}, "还没有到"),
        ({"output": "1亿2000万"}, "读不出"),
        ({"reason": "理" * 201}, "最多 200 字"),
    ],
)
def test_names_what_cannot_be_taken_and_takes_nothing(
    city: City, county: Office, text: dict[str, object], word: str
) -> None:
    look = county.send(rows(city, **text))  # type: ignore[arg-type]
    assert kinds(look) == ["error"]
    assert word in look.content.decode()
    refused = county.take(look)
    assert refused.status_code == 409
    assert not Revision.objects.exists()


def test_one_reason_and_one_caller_hold_for_the_whole_file(city: City, county: Office) -> None:
    look = county.send(rows(city, reason="", caller=""), reason="统计口径更正", caller="王五")
    assert kinds(look) == ["new"]
    county.take(look)
    assert (Revision.objects.get().caller, Correction.objects.get().reason) == ("王五", "统计口径更正")


def test_another_county_is_answered_as_for_an_enterprise_that_is_not_there(city: City) -> None:
    office = Office(browser(city, "other_county"))
    text = rows(city, output="看不懂", reason="")
    foreign, missing = office.send(text), office.send(text.replace(city.a.uscc, MISSING))
    said = [[problem.reason for problem in look.context["preview"].problems] for look in (foreign, missing)]
    assert said[0] == said[1] == ["没有登记这家企业，或这一天不在您的辖区"]


def test_a_closed_day_asks_for_reopening_and_shows_where(city: City, county: Office) -> None:
    file(city)
    closings.close(actor=city["city"], day=DAY, kind="final")
    look = county.send(rows(city))
    assert look.context["preview"].reports[0].problems[0].reason == "已封账，请先重新开放"
    assert "去重新开放" not in look.content.decode()
    text = Office(browser(city, "city")).send(rows(city)).content.decode()
    assert f'href="/supplies/days/{DAY}/#again">去重新开放' in text
    until = at(NOW, 20)
    closings.reopen(actor=city["city"], day=DAY, enterprise=city.a, reason="更正", until=until)
    assert kinds(county.send(rows(city))) == ["proposal"]


def test_a_held_figure_is_a_question_until_it_is_confirmed_r20(city: City, county: Office) -> None:
    for back in range(1, 5):
        file(city, day=DAY - back * A_DAY, received_at=at(DAY, 9))
    assert kinds(county.send(rows(city, output="40"))) == ["question"]
    assert kinds(county.send(rows(city, output="40", note="停电只开一小时"))) == ["new"]


def test_what_was_filed_after_the_look_is_a_conflict_with_both_versions(city: City, county: Office) -> None:
    file(city)
    look = county.send(rows(city))
    file(city, form=figures(output="45万"), based_on=1)
    refused = county.take(look)
    assert refused.status_code == 409
    (one,) = refused.context["preview"].reports
    assert (one.kind, one.then["revision"], one.now["revision"]) == ("conflict", 1, 2)
    text = refused.content.decode()
    assert "465,000" in text
    assert "450,000" in text
    assert "400,000" in text
    assert not Correction.objects.exists()
    number = look.context["upload"].pk
    county.take(county.client.get(f"{CORRECTIONS}uploads/{number}/"))
    assert Correction.objects.get().based_on == 2


def test_without_what_was_looked_at_nothing_is_taken(city: City, county: Office) -> None:
    number = county.send(rows(city)).context["upload"].pk
    for said in ("", "{", "[]", '{"x": {}}', "[" * 9000):
        answer = county.client.post(f"{CORRECTIONS}uploads/{number}/take/", {"seen": said})
        assert answer.status_code == 409
    assert not Revision.objects.exists()


def test_all_or_nothing_unless_asked_for_a_part_which_is_written_down(city: City, county: Office) -> None:
    text = rows(city) + rows(city, day=NOW + A_DAY)
    look = county.send(text)
    assert kinds(look) == ["error", "new"]
    assert county.take(look).status_code == 409
    assert not Revision.objects.exists()
    county.take(look, in_part="on")
    block = CorrectionBlock.objects.get()
    assert [(one["row"], one["word"]) for one in block.left_out] == [(4, "不能收")]
    assert Revision.objects.count() == 1


def test_a_report_is_never_half_read(city: City, county: Office) -> None:
    look = county.send(rows(city) + f"昨天,{city.a.uscc},,{MASK},1,1,,只,,,\n")
    assert county.take(look, in_part="on").status_code == 409
    assert not Revision.objects.exists()


def test_the_block_is_read_for_ever_within_reach_and_as_a_workbook(city: City, county: Office) -> None:
    file(city)
    county.take(county.send(rows(city)))
    Upload.objects.all().delete()
    number = CorrectionBlock.objects.get().pk
    address = f"{CORRECTIONS}{number}/"
    for who, status in (
        ("county", 200), ("city", 200), ("leader", 200), ("auditor", 200), ("other_county", 404), ("clerk", 403),
        ("province", 403), ("stranger", 403),
    ):  # fmt: skip
        assert browser(city, who).get(address).status_code == status, who
    assert "465,000" in county.client.get(address).content.decode()
    book = county.client.get(address + "?format=xlsx")
    table = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert table[1][5:9] == ["提请企业更正", "医用外科口罩 当日产量（只）", "465,000", "400,000"]
    assert f"第 {number} 批" in browser(city, "city").get(CORRECTIONS).content.decode()
    assert f"第 {number} 批" not in browser(city, "other_county").get(CORRECTIONS).content.decode()


def test_only_reviewers_send_and_only_their_own_files(city: City, county: Office) -> None:
    number = county.send(rows(city)).context["upload"].pk
    assert browser(city, "city").get(f"{CORRECTIONS}uploads/{number}/").status_code == 404
    for who in ("leader", "liaison", "clerk"):
        assert browser(city, who).post(CORRECTIONS, {"pasted": "x"}).status_code == 403
    assert browser(city, "clerk").get(f"/supplies/daily-reports/uploads/{number}/").status_code == 404


def test_the_bureau_reviews_what_a_block_filed_like_any_report(city: City, county: Office) -> None:
    county.take(county.send(rows(city)))
    report = Correction.objects.get().report
    done = daily_reports.decide(actor=city["city"], report=report, revision=1, decision="verified")
    assert done.status == 201
