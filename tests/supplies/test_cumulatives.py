"""Stated cumulatives: compared with openings and counted outputs, told to clerk, reviewer and bureau, in no total (R11)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from supplies import cumulatives, daily_reports
from supplies.models import DailyTotal, Decision, ReportingDuty, ReportLine
from tests.factories.reports import report, summed
from tests.supplies.daily_reports.plants import COUNTY, DAY, FABRIC, MASK, City, at, figures, file, line, settle

pytestmark = pytest.mark.django_db


def ago(days: int) -> dt.date:
    return DAY - dt.timedelta(days=days)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 19), tick=False):
        yield


@pytest.fixture
def city() -> City:
    """Plant a: an opening of 1 000, 90 made the day before yesterday, 80 yesterday."""
    found = settle()
    ReportingDuty.objects.create(
        enterprise=found.a, product_id=MASK, starts_on=ago(60), ends_on=ago(50), opening_output=1_000_000,
        known_at=at(ago(60), 0),
    )  # fmt: skip
    report(found.a, ago(2), {MASK: (100, 90, 5)})
    report(found.a, ago(1), {MASK: (100, 80, 5)})
    return found


def state(city: City, stated: str, output: str = "70", **more: Any) -> Any:
    lines = (line(MASK, capacity="100", output=output, cumulative_stated=stated), line(FABRIC, stock="1"))
    return file(city, form=figures(lines=lines), **more)


def page(city: City, who: str, address: str, **asked: str) -> Any:
    client = Client()
    client.force_login(city[who])
    answer = client.get(address, {"enterprise": city.a.uscc, **asked})
    assert answer.status_code == 200
    return answer


def test_ours_is_the_opening_and_every_counted_output_up_to_the_day(city):
    state(city, "1240")
    (one,) = cumulatives.compared(list(ReportLine.objects.filter(day=DAY)))
    assert (one.stated, one.ours, one.difference) == (1_240_000, 1_240_000, 0)
    assert cumulatives.mismatched(list(ReportLine.objects.filter(day=DAY))) == {}


def test_a_returned_report_is_not_part_of_ours_and_later_days_are_not(city):
    Decision.objects.create(
        revision_id=city.a.reports.get(day=ago(1)).head_id, kind="returned", reason="单位", actor=city["county"],
        recorded_at=at(ago(1), 20),
    )  # fmt: skip
    state(city, "1240")
    report(city.a, DAY + dt.timedelta(days=1), {MASK: (100, 500, 5)})
    (one,) = cumulatives.compared(list(ReportLine.objects.filter(day=DAY)))
    assert (one.ours, one.difference) == (1_160_000, 80_000)


def test_days_of_one_enterprise_are_each_compared_with_their_own_day(city):
    for day, stated in ((ago(1), 1_170), (DAY, 1_300)):
        head = report(city.a, day, {})
        ReportLine.objects.create(
            revision=head, enterprise=city.a, day=day, product_id=MASK, output=80_000, cumulative_stated=stated * 1000
        )
    found = cumulatives.compared(list(ReportLine.objects.filter(cumulative_stated__isnull=False).order_by("day")))
    assert [(one.ours, one.difference) for one in found] == [(1_170_000, 0), (1_250_000, 50_000)]


def test_what_is_stated_is_stored_as_stated_and_changes_no_total(city):
    state(city, "1240")
    summed()
    sums = DailyTotal.objects.filter(day=DAY, key=MASK).values().first()
    outcome = state(city, "999", based_on=1)
    assert (outcome.status, outcome.revision) == (201, 2)
    assert outcome.answer["lines"][0]["cumulative_stated"] == 999
    assert outcome.answer["lines"][0]["entered"]["cumulative_stated"] == {"text": "999", "unit": "只"}
    summed()
    again = DailyTotal.objects.filter(day=DAY, key=MASK).values().first()
    assert {k: v for k, v in again.items() if k != "id"} == {k: v for k, v in sums.items() if k != "id"}
    assert state(city, "999", based_on=2).status == 200


def test_it_is_no_question_even_if_it_is_a_hundred_times_off(city):
    assert not [one for one in state(city, "9999999").answer["questions"] if one["measure"] == "cumulative_stated"]


@pytest.mark.parametrize("stated, code", [("-5", "negative"), ("约5", "not_a_number"), ("99999999999", "too_large")])
def test_it_is_read_by_the_grammar_of_all_figures(city, stated, code):
    with pytest.raises(daily_reports.submission.Refused) as refused:
        state(city, stated)
    assert [(e.field, e.code) for e in refused.value.errors] == [("lines[0].cumulative_stated", code)]


def test_the_receipt_tells_the_clerk_the_difference(city):
    state(city, "1300")
    shown = page(city, "clerk", f"/supplies/daily-reports/{DAY}/receipt/").content.decode()
    assert "累计对不上：自报比系统多 60 只" in shown
    state(city, "1240", based_on=1)
    assert "累计对不上" not in page(city, "clerk", f"/supplies/daily-reports/{DAY}/receipt/").content.decode()


def test_the_reviewer_sees_it_in_the_queue_and_on_the_report(city):
    state(city, "1200")
    queue = page(city, "county", "/supplies/daily-reports/review/", date=DAY.isoformat())
    assert "累计对不上" in queue.content.decode()
    (entry,) = queue.context["queue"].entries
    assert (entry.mismatched, entry.questions) == (1, ())
    look = page(city, "county", f"/supplies/daily-reports/review/{entry.number}/").content.decode()
    assert "系统算到这一天 1,240，少 40 只" in look


def test_the_quality_page_says_it_per_enterprise_county_and_day(city):
    state(city, "1300")
    quality = page(city, "city", "/supplies/daily-reports/quality/", date=DAY.isoformat()).context["page"]
    (one,) = quality.unlike
    assert (one.uscc, one.day, one.difference, one.days, one.course[-1]) == (city.a.uscc, DAY, 60_000, 1, 60_000)
    assert (quality.rows[0].mismatched, quality.whole.mismatched, quality.mismatched[-1]) == (1, 1, 1)
    assert [(place.code, place.mismatched) for place in quality.places] == [(COUNTY, 1)]
    other = page(city, "other_county", "/supplies/daily-reports/quality/", date=DAY.isoformat()).context["page"]
    assert (other.unlike, other.mismatched[-1]) == ((), None)


def test_queries_do_not_grow_with_what_is_stated(city):
    state(city, "1300")
    address = "/supplies/daily-reports/quality/"
    with CaptureQueriesContext(connection) as few:
        page(city, "city", address, date=DAY.isoformat())
    for day in range(3, 12):
        head = report(city.b, ago(day), {})
        ReportLine.objects.create(
            revision=head, enterprise=city.b, day=ago(day), product_id=MASK, output=1000, cumulative_stated=5000
        )
    with CaptureQueriesContext(connection) as many:
        page(city, "city", address, date=DAY.isoformat())
    assert len(many) == len(few)


def test_a_file_has_a_column_for_it(city):
    from supplies.imports import import_reports

    rows = f"日期,统一社会信用代码,产品,日产能,当日产量,库存,累计产量\n{DAY},{city.a.uscc},{MASK},100,70,,0.13万\n"
    rows += f"{DAY},{city.a.uscc},{FABRIC},,,1,\n"
    import_reports(actor=city["clerk"], content=rows.encode(), name="a.csv")
    assert ReportLine.objects.get(day=DAY, product=MASK).cumulative_stated == 1_300_000
