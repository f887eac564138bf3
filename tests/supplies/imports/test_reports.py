"""Files of daily reports: rows of one enterprise and day make one report, judged like every other channel."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.errors import Forbidden, Invalid
from enterprises.files import BadRows
from enterprises.models import StaleMark
from supplies import daily_reports, imports, reporting_settings
from supplies.models import DailyReport, Question, ReportLine, Revision
from supplies.rules.figures import Figures, ProductFigures
from supplies.rules.quantities import read_text
from tests.enterprises.files.sheets import workbook
from tests.factories import supplies as make

pytestmark = pytest.mark.django_db
HEAD = "日期,统一社会信用代码,生产状态,产品,日产能,当日产量,库存,发货,单位,应到岗,实到岗,说明"


def text(cast, *rows: str) -> str:
    plants = {"A": cast.plant_a.uscc, "B": cast.plant_b.uscc, "C": cast.plant_c.uscc}
    lines = []
    for row in rows:
        day, plant, rest = row.split(",", 2)
        lines.append(f"{day},{plants[plant]},{rest}")
    return "\n".join([HEAD, *lines]) + "\n"


def load(cast, *rows: str, **more):
    return imports.import_reports(actor=None, content=text(cast, *rows).encode(), name="a.csv", **more)


def counts(done) -> tuple[int, int, int]:
    return done.added, done.changed, done.unchanged


def problems(cast, *rows: str, **more) -> list[tuple[int, str, str]]:
    with pytest.raises(BadRows) as refused:
        load(cast, *rows, **more)
    return [(p.row, p.column, p.code) for p in refused.value.problems]


A_DAY = ('2020-03-01,A,正常生产,医用外科口罩,48万,"400,000",5,,,30,28,照常', "2020-03-01,A,,MASK_CIVIL,1,0.5,,,万只,,,")


def test_rows_of_one_enterprise_and_day_are_one_report_r3(cast):
    assert counts(load(cast, *A_DAY)) == (1, 0, 0)
    revision = Revision.objects.get()
    assert (revision.channel, revision.staff_due, revision.staff_on_duty, revision.note) == ("file", 30, 28, "照常")
    lines = ReportLine.objects.filter(revision=revision).order_by("product_id")
    assert list(lines.values_list("product", "capacity", "output", "stock")) == [
        ("MASK_CIVIL", 10_000_000, 5_000_000, None), ("MASK_SURG", 480_000_000, 400_000_000, 5_000)
    ]  # fmt: skip
    assert lines[0].entered["capacity"] == {"text": "1", "unit": "万只", "num": 10_000, "den": 1}
    assert StaleMark.objects.count() == 1


def test_the_same_file_again_changes_nothing_and_a_corrected_one_makes_a_revision_r5(cast):
    load(cast, *A_DAY)
    assert counts(load(cast, *reversed(A_DAY))) == (0, 0, 1)
    assert counts(load(cast, A_DAY[0].replace("48万", "49万"), A_DAY[1])) == (0, 1, 0)
    assert list(Revision.objects.values_list("number", flat=True)) == [1, 2]


def test_a_workbook_says_the_same_by_numbers_r16(cast):
    rows = [
        ["date", "uscc", "product", "capacity", "output"],
        [dt.date(2020, 3, 1), cast.plant_c.uscc, "ALC_75", 434.47, 0.1 + 0.2],
    ]
    imports.import_reports(actor=None, content=workbook(rows), name="a.xlsx")
    line = ReportLine.objects.get()
    assert (line.capacity, line.output) == (434_470, 300)


def test_packs_of_the_enterprise_count_and_those_of_nobody_do_not(cast):
    make.pack(cast.plant_c, "ALC_75", "桶", 25)
    load(cast, "2020-03-01,C,,ALC_75,4桶,2,,,桶,,,")
    assert ReportLine.objects.get().capacity == 100_000
    assert problems(cast, "2020-03-02,C,,ALC_75,4箱,2,,,,,,") == [(2, "日产能", "unknown_unit")]


def test_a_halt_may_leave_out_figures_and_a_state_is_read_in_both_languages(cast):
    load(cast, "2020-03-01,C,停产,,,,,,,,,", "2020-03-02,C,halted,ALC_75,,,7,,,,,", "2020-03-03,C,全线停产,,,,,,,,,")
    assert set(Revision.objects.values_list("state", flat=True)) == {"halted"}
    assert list(ReportLine.objects.order_by("day").values_list("capacity", "stock")) == [
        (0, None), (0, 7_000), (0, None)
    ]  # fmt: skip


def test_every_bad_row_is_named_and_nothing_is_stored(cast):
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    found = problems(
        cast,
        "2020-03-01,A,,MASK_SURG,48w,-1,5,,,30,,",
        "2020-03-01,A,,MASK_CIVIL,1.2345,1,,,,,,",
        "2020-03-02,C,瞎忙,ALC_75,1,1,,,,,,",
        "2020-03-03,C,,没有的产品,1,1,,,,,,",
        "2020-03-04,C,,ALC_75,5,,,,,,,",
        "2020-03-05,C,,,5,,,,,,,",
        "2020-03-06,C,,ALC_75,1,1,,,,1.5,,",
        "20200307,C,,ALC_75,1,1,,,,,,",
        f"{tomorrow},C,,ALC_75,1,1,,,,,,",
        "2020-03-08,C,,ALC_75,1,1,,,,,,",
        "2020-03-08,C,,ALC_75,1,1,,,,,,",
        "2020-03-09,C,停产,ALC_75,1,1,,,,,,",
        "2020-03-10,A,,MASK_SURG,1,1,,,,,,",
        "2020-03-11,C,,ALC_75,1升,1,,,,,,",
        "2020-03-12,C,,ALC_75,1千克,1,,,吨,,,",
    )
    assert found == [
        (2, "日产能", "not_a_number"), (2, "当日产量", "negative"), (3, "日产能", "too_many_decimals"),
        (4, "生产状态", "unknown_state"), (5, "产品", "unknown_product"), (5, "产品", "missing_line"),
        (6, "当日产量", "missing_measure"), (7, "产品", "required"), (8, "应到岗", "not_whole"), (9, "日期", "invalid"),
        (10, "日期", "future_day"), (12, "产品", "duplicate_product"), (13, "日产能", "halted_with_figures"),
        (13, "当日产量", "halted_with_figures"), (14, "产品", "missing_line"), (15, "日产能", "unknown_unit"),
        (16, "日产能", "two_units"),
    ]  # fmt: skip
    assert not DailyReport.objects.exists()
    assert not StaleMark.objects.exists()


def test_an_unknown_enterprise_is_named_on_each_of_its_rows(cast):
    rows = text(cast, *A_DAY).replace(cast.plant_a.uscc, "91350100M000100Y43")
    with pytest.raises(BadRows) as refused:
        imports.import_reports(actor=None, content=rows.encode(), name="a.csv")
    assert [(p.row, p.code) for p in refused.value.problems] == [(2, "unknown_enterprise"), (3, "unknown_enterprise")]


def test_what_a_report_says_once_may_not_differ_between_its_rows(cast):
    rows = (A_DAY[0], A_DAY[1].replace("A,,", "A,检修,"))
    assert problems(cast, *rows) == [(3, "生产状态", "contradicts")]


def submit_by_web(cast, capacity: str = "7"):
    figures = {"capacity": read_text(capacity), "output": read_text("1")}
    return daily_reports.submit(
        actor=None,
        enterprise=cast.plant_c,
        day=dt.date(2020, 3, 1),
        form=Figures(lines=(ProductFigures("ALC_75", figures),)),
        channel="web",
        received_at=timezone.now(),
    )


def test_does_not_replace_a_report_of_another_channel_unasked_r5(cast):
    submit_by_web(cast)
    row = "2020-03-01,C,,ALC_75,8,1,,,,,,"
    assert problems(cast, row) == [(2, "日期", "other_channel")]
    assert counts(load(cast, row.replace(",8,", ",7,"))) == (0, 0, 1), "the same figures replace nothing"
    assert counts(load(cast, row, replace=True)) == (0, 1, 0)
    assert list(Revision.objects.order_by("number").values_list("channel", flat=True)) == ["web", "file"]


def test_a_claimed_moment_becomes_both_moments(cast):
    moment = dt.datetime(2020, 3, 1, 9, tzinfo=dt.UTC)
    load(cast, *A_DAY, received_at=moment)
    revision = Revision.objects.get()
    assert (revision.received_at, revision.recorded_at) == (moment, moment)
    assert DailyReport.objects.get().first_received_at == moment


def test_a_claimed_moment_ends_with_go_live_and_never_goes_back(cast):
    moment = dt.datetime(2020, 3, 1, 9, tzinfo=dt.UTC)
    load(cast, *A_DAY, received_at=moment)
    changed = (A_DAY[0].replace("48万", "49万"), A_DAY[1])
    assert problems(cast, *changed, received_at=moment - dt.timedelta(hours=1)) == [(2, "", "received_at_early")]
    reporting_settings.set_rule(actor=None, name="go_live", value="2020-03-01", starts_on=dt.date(2020, 3, 1))
    with pytest.raises(Invalid) as refused:
        load(cast, *changed, received_at=moment)
    assert refused.value.code == "after_go_live"


def test_only_an_administrator_claims_moments(cast):
    with pytest.raises(Forbidden):
        imports.import_reports(
            actor=cast.reporter_a,
            content=text(cast, *A_DAY).encode(),
            name="a.csv",
            received_at=dt.datetime(2020, 3, 1, tzinfo=dt.UTC),
        )


def confirmed(cast, *rows: str) -> bytes:
    """Rows of plant a with a last column 确认说明."""
    said = [f"{row.split(',', 1)[0]},{cast.plant_a.uscc},{row.split(',', 1)[1]}" for row in rows]
    return "\n".join(["日期,统一社会信用代码,产品,日产能,当日产量,单位,确认说明", *said]).encode()


THREE_DAYS = tuple(
    f"2020-03-0{n},{figures}" for n in (1, 2, 3) for figures in ("MASK_SURG,48,46,万只,", "MASK_CIVIL,1,1,万只,")
)


def test_a_held_row_is_an_error_that_says_what_would_be_accepted_r20(cast):
    content = confirmed(cast, *THREE_DAYS, "2020-03-04,MASK_SURG,48万,46,只,", "2020-03-04,MASK_CIVIL,1,1,万只,")
    with pytest.raises(BadRows) as refused:
        imports.import_reports(actor=None, content=content, name="a.csv")
    (problem,) = refused.value.problems
    assert (problem.row, problem.column, problem.code, problem.value) == (8, "当日产量", "held", "46")
    assert "是不是 460,000 只？数字没错的话，请在“确认说明”列写明原因" in problem.reason
    assert not DailyReport.objects.exists()


def test_the_explanation_confirms_the_questions_of_its_own_row_r20(cast):
    rows = ("2020-03-04,MASK_SURG,48万,46,只,只开一台", "2020-03-04,MASK_CIVIL,1,2,万只,")
    imports.import_reports(actor=None, content=confirmed(cast, *THREE_DAYS, *rows), name="a.csv")
    asked = {q.product_id: q for q in Question.objects.select_related("confirmation")}
    assert asked["MASK_SURG"].confirmation.reason == "只开一台"
    assert (asked["MASK_CIVIL"].code, hasattr(asked["MASK_CIVIL"], "confirmation")) == ("over_capacity", False)
    moved = ("2020-03-05,MASK_SURG,48万,45,只,", "2020-03-05,MASK_CIVIL,1,1,万只,只开一台")
    with pytest.raises(BadRows):
        imports.import_reports(actor=None, content=confirmed(cast, *moved), name="a.csv")


def test_a_reporter_imports_for_its_own_enterprise_only(cast):
    own = imports.import_reports(actor=cast.reporter_a, content=text(cast, *A_DAY).encode(), name="a.csv")
    assert counts(own) == (1, 0, 0)
    with pytest.raises(BadRows):
        imports.import_reports(
            actor=cast.reporter_a, content=text(cast, "2020-03-01,C,,ALC_75,8,1,,,,,,").encode(), name="a.csv"
        )
