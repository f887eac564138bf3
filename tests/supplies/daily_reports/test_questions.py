"""R20 through the acts: held until confirmed, asked and counted, answered once, and what the totals say of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enterprises.errors import Invalid
from enterprises.models import StaleMark
from supplies import daily_reports, daily_totals, total_cells
from supplies.daily_reports import Confirm, Key
from supplies.models import Confirmation, DailyReport, DailyTotal, Question, Revision
from supplies.rules.figures import Figures
from tests.factories import supplies
from tests.supplies.daily_reports.plants import CITY, COUNTY, DAY, FABRIC, MASK, City, figures, file, line

SLIP = figures(output="46.5")
FINE = figures()
OVER = figures(output="50万")
RIGHT = (Confirm(MASK, "设备检修，只开一台", "output", "magnitude"),)


def day(back: int) -> dt.date:
    return DAY - dt.timedelta(days=back)


@pytest.fixture
def used(city: City) -> City:
    """Plant a, after three ordinary days."""
    for back in (3, 2, 1):
        file(city, day=day(back))
    return city


def held(city: City, **changes: Any) -> Invalid:
    with pytest.raises(Invalid) as refused:
        file(city, **changes)
    assert refused.value.code == "held"
    return refused.value


def cell(grain: str = "product", key: str = MASK, node: str = COUNTY, **asked: Any) -> int:
    found = total_cells.cells(nodes=[node], first=DAY, last=DAY, grain=grain, **asked)
    return sum(one.questions_open for one in found if one.key == key)


class TestHeld:
    def test_nothing_is_stored_and_the_answer_names_the_question(self, used: City) -> None:
        marks = StaleMark.objects.count()
        refused = held(used, form=SLIP)
        assert refused.status == 422
        assert [(e.field, e.code) for e in refused.errors] == [("lines[0].output", "held")]
        assert "是不是 465,000" in refused.errors[0].message
        assert refused.extra["questions"] == [
            {
                "product": MASK, "measure": "output", "question": "magnitude",
                "seen": refused.extra["questions"][0]["seen"], "expected": 465_000, "proposed": 465_000,
            }
        ]  # fmt: skip
        assert str(refused.extra["questions"][0]["seen"]) == "46.5"
        assert not DailyReport.objects.filter(day=DAY).exists()
        assert not Question.objects.exists()
        assert StaleMark.objects.count() == marks

    def test_confirmed_it_is_stored_with_question_and_answer(self, used: City) -> None:
        outcome = file(used, form=SLIP, confirmed=RIGHT)
        assert outcome.status == 201
        asked = outcome.answer["questions"]
        assert [(q["question"], q["confirmation"]) for q in asked] == [("magnitude", {"reason": "设备检修，只开一台"})]
        answer = Confirmation.objects.get()
        assert answer.actor == used["clerk"]
        assert answer.recorded_at == Revision.objects.get(report__day=DAY).recorded_at

    @pytest.mark.parametrize(
        "other", [Confirm(MASK, "x", "capacity"), Confirm(FABRIC, "x"), Confirm(MASK, "x", "output", "jump")]
    )
    def test_the_answer_to_another_question_does_not_pass(self, used: City, other: Confirm) -> None:
        held(used, form=SLIP, confirmed=(other,))

    def test_an_answer_for_the_whole_product_passes(self, used: City) -> None:
        assert file(used, form=SLIP, confirmed=(Confirm(MASK, "检修"),)).status == 201

    def test_confirmed_in_the_revision_it_is_based_on_it_is_not_held_again(self, used: City) -> None:
        file(used, form=SLIP, confirmed=RIGHT)
        outcome = file(used, form=replace(SLIP, note="夜班"), based_on=1)
        assert (outcome.status, outcome.answer["questions"][0]["confirmation"]) == (
            201, {"reason": "设备检修，只开一台"},
        )  # fmt: skip
        held(used, form=figures(output="46.4"), based_on=2)

    def test_a_dry_run_is_held_too_and_confirmed_stores_nothing(self, used: City) -> None:
        held(used, form=SLIP, dry_run=True)
        dry = file(used, form=SLIP, confirmed=RIGHT, dry_run=True)
        assert (dry.status, len(dry.answer["questions"])) == (201, 1)
        assert not Question.objects.exists()
        assert not Confirmation.objects.exists()

    def test_the_refused_request_does_not_bind_its_key_and_the_confirmed_one_is_replayed(self, used: City) -> None:
        held(used, form=SLIP, key=Key("once", "a" * 64))
        first = file(used, form=SLIP, confirmed=RIGHT, key=Key("once", "b" * 64))
        again = file(used, form=SLIP, confirmed=RIGHT, key=Key("once", "b" * 64))
        assert (again.status, again.is_replay, again.answer) == (201, True, first.answer)
        assert Confirmation.objects.count() == 1


class TestTheValuesHeldAgainst:
    def test_two_reports_are_too_few(self, city: City) -> None:
        for back in (2, 1):
            file(city, day=day(back))
        assert file(city, form=SLIP).status == 201
        assert not Question.objects.exists()

    def test_values_older_than_three_weeks_count_if_no_newer_ones_do(self, city: City) -> None:
        for back in (90, 60, 30):
            file(city, day=day(back))
        held(city, form=SLIP)

    def test_the_seven_latest_given_count_even_when_most_are_older_than_three_weeks(self, city: City) -> None:
        """Three recent values of 46.5, six older of 465 000: of the latest seven, four are large."""
        for back in (50, 49, 48, 47, 46, 45):
            file(city, day=day(back))
        for back in (3, 2, 1):
            file(city, day=day(back), form=SLIP, confirmed=RIGHT)
        held(city, form=SLIP)

    def test_a_returned_report_does_not_count(self, city: City) -> None:
        for back in (3, 2, 1):
            done = file(city, day=day(back))
        report = DailyReport.objects.get(pk=done.report_id)
        daily_reports.decide(actor=city["county"], report=report, revision=1, decision="returned", reason="请核对")
        assert file(city, form=SLIP).status == 201

    def test_a_superseded_revision_does_not_count(self, city: City) -> None:
        for back in (3, 2, 1):
            file(city, day=day(back), form=SLIP)
            file(city, day=day(back), form=FINE, based_on=1, confirmed=(Confirm(MASK, "更正"),))
        assert file(city, form=FINE).answer["questions"] == []

    def test_later_days_do_not_count(self, city: City) -> None:
        for back in (3, 2, 1):
            file(city, day=day(back))
        assert file(city, day=day(10), form=SLIP).status == 201

    def test_another_enterprise_does_not_count(self, used: City) -> None:
        supplies.duty(used.c, MASK)
        form = Figures(lines=(line(MASK, capacity="48", output="46"),))
        assert file(used, actor=used["clerk_c"], enterprise=used.c, form=form).status == 201


class TestStreaksAndBalance:
    @staticmethod
    def same(**said: Any) -> Figures:
        return Figures(
            lines=(line(MASK, capacity="48万", output="46万", stock="9万"), line(FABRIC, stock="12")), **said
        )

    def codes(self, city: City, back: int, form: Figures | None = None) -> list[str]:
        return [q["question"] for q in file(city, day=day(back), form=form or self.same()).answer["questions"]]

    def test_asked_on_the_seventh_day_and_not_again(self, city: City) -> None:
        assert [self.codes(city, back) for back in range(8, -1, -1)] == [[]] * 6 + [["unchanged"], [], []]

    def test_a_gap_of_a_day_begins_anew(self, city: City) -> None:
        assert [self.codes(city, back) for back in (8, 7, 6, 5, 4, 2, 1, 0)] == [[]] * 8

    def test_a_halt_begins_anew(self, city: City) -> None:
        halted = Figures(lines=(line(MASK, stock="9万"), line(FABRIC, stock="12")), state="halted")
        found = [self.codes(city, back, halted if back == 4 else None) for back in range(8, -1, -1)]
        assert found == [[]] * 9

    @pytest.mark.parametrize("gap, is_asked", [(1, True), (2, False)])
    def test_balance_looks_at_yesterday_only(self, city: City, gap: int, is_asked: bool) -> None:
        file(city, day=day(gap), form=self.same())
        form = Figures(
            lines=(line(MASK, capacity="48万", output="10万", stock="15万", shipped="0"), line(FABRIC, stock="12"))
        )
        assert self.codes(city, 0, form) == (["balance"] if is_asked else [])

    def test_a_returned_yesterday_balances_nothing(self, city: City) -> None:
        done = file(city, day=day(1), form=self.same())
        report = DailyReport.objects.get(pk=done.report_id)
        daily_reports.decide(actor=city["county"], report=report, revision=1, decision="returned", reason="请核对")
        form = Figures(
            lines=(line(MASK, capacity="48万", output="10万", stock="15万", shipped="0"), line(FABRIC, stock="12"))
        )
        assert self.codes(city, 0, form) == []


class TestAnswers:
    def test_with_equal_figures_they_are_kept_once_and_the_totals_move(self, used: City) -> None:
        supplies.licence(used.a, MASK)
        assert file(used, form=OVER).answer["questions"][0]["confirmation"] is None
        daily_totals.refresh_all()
        grains = [("product", MASK), ("category", "mask_medical"), ("all", "")]
        category = DailyTotal.objects.filter(grain="category", day=DAY, questions_open=1).values_list("key", flat=True)
        grains[1] = ("category", category[0])
        assert [cell(*one) for one in grains] == [1, 1, 1]
        assert [cell(node=CITY), cell(licensed=True)] == [1, 1]
        before = Revision.objects.get(report__day=DAY).recorded_at
        reason = (Confirm(MASK, "加了夜班", "output", "over_capacity"),)
        answered = file(used, form=OVER, confirmed=reason)
        assert (answered.status, answered.revision) == (200, 1)
        assert answered.answer["questions"][0]["confirmation"] == {"reason": "加了夜班"}
        assert StaleMark.objects.exists()
        daily_totals.refresh_all()
        assert [cell(*one) for one in grains] == [0, 0, 0]
        assert [cell(node=CITY), cell(licensed=True)] == [0, 0]
        assert [cell(at=before), cell(at=Confirmation.objects.get().recorded_at)] == [1, 0]
        assert list(daily_totals.differences(DAY)) == []
        again = file(used, form=OVER, confirmed=(Confirm(MASK, "另一个理由"),))
        assert again.answer["questions"][0]["confirmation"] == {"reason": "加了夜班"}
        assert Confirmation.objects.count() == 1
        assert not StaleMark.objects.exists()

    def test_a_correction_leaves_no_question_open(self, used: City) -> None:
        file(used, form=OVER)
        file(used, form=FINE, based_on=1)
        daily_totals.refresh_all()
        assert cell() == 0
        assert Question.objects.count() == 1

    def test_a_dry_run_keeps_no_answer(self, used: City) -> None:
        file(used, form=OVER)
        dry = file(used, form=OVER, confirmed=(Confirm(MASK, "加班"),), dry_run=True)
        assert dry.status == 200
        assert not Confirmation.objects.exists()

    def test_asking_costs_the_same_however_long_the_history(self, used: City) -> None:
        with CaptureQueriesContext(connection) as few:
            file(used)
        for back in range(4, 40):
            file(used, day=day(back))
        with CaptureQueriesContext(connection) as many:
            file(used, form=figures(output="46.6万"), based_on=1)
        assert len(many) <= len(few) + 1
