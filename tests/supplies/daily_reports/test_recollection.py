"""What was said before: prefill, history, latest; what is owed; cut-offs; descriptions in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from supplies import daily_reports
from supplies.models import DailyReport, Decision, Revision
from supplies.rules.figures import Figures
from tests.factories import enterprises as ground
from tests.factories import supplies
from tests.supplies.daily_reports.plants import (
    COUNTY,
    DAY,
    FABRIC,
    MASK,
    OTHER_COUNTY,
    SUIT,
    City,
    at,
    figures,
    file,
    line,
)

pytestmark = pytest.mark.django_db
A_DAY = dt.timedelta(days=1)


def decide(revision: Revision, kind: str, city: City) -> None:
    said = {"reason": "请核对", "actor": city["county"], "recorded_at": timezone.now()}
    Decision.objects.create(revision=revision, kind=kind, **said)


def queries(of: Any) -> int:
    with CaptureQueriesContext(connection) as caught:
        of()
    return len(caught)


def test_a_first_form_begins_empty(city: City) -> None:
    assert daily_reports.prefill(city.a, DAY) == daily_reports.Prefill()
    assert daily_reports.Prefill().based_on is None


def test_a_form_begins_with_the_latest_report_before(city: City) -> None:
    file(city, day=DAY - 3 * A_DAY)
    file(city, day=DAY - 2 * A_DAY, form=figures(output="2"))
    file(city, day=DAY + A_DAY, form=figures(output="9"))
    begun = daily_reports.prefill(city.a, DAY)
    assert begun.current is None
    assert begun.based_on is None
    assert begun.previous is not None
    assert begun.previous.report.day == DAY - 2 * A_DAY
    assert begun.lines == begun.previous_lines
    assert begun.lines[MASK].output == 2000


def test_a_returned_report_is_not_what_a_form_begins_with(city: City) -> None:
    file(city, day=DAY - 3 * A_DAY)
    file(city, day=DAY - 2 * A_DAY, form=figures(output="2"))
    decide(Revision.objects.get(report__day=DAY - 2 * A_DAY), "returned", city)
    begun = daily_reports.prefill(city.a, DAY)
    assert begun.previous is not None
    assert begun.previous.report.day == DAY - 3 * A_DAY


def test_a_correction_begins_with_what_it_corrects(city: City) -> None:
    file(city, day=DAY - A_DAY)
    file(city, form=figures(output="1"))
    file(city, form=figures(output="2"), based_on=1)
    begun = daily_reports.prefill(city.a, DAY)
    assert (begun.based_on, begun.lines[MASK].output, begun.previous_lines[MASK].output) == (2, 2000, 465_000_000)
    assert begun.current is not None
    assert begun.current.review == "submitted"  # type: ignore[attr-defined]


def test_history_is_newest_first_with_the_review_of_the_latest_revision(city: City) -> None:
    for offset in range(3):
        file(city, day=DAY - offset * A_DAY)
    decide(Revision.objects.get(report__day=DAY), "returned", city)
    decide(Revision.objects.get(report__day=DAY - A_DAY), "verified", city)
    file(city, form=figures(output="1"), based_on=1)
    found = [(r.day, r.head.number, r.review) for r in daily_reports.history(city.a)]  # type: ignore[union-attr]
    assert found == [(DAY, 2, "submitted"), (DAY - A_DAY, 1, "verified"), (DAY - 2 * A_DAY, 1, "submitted")]
    assert not daily_reports.history(city.b).exists()


def test_the_latest_decision_on_a_revision_holds_r7(city: City) -> None:
    file(city)
    for kind in ("verified", "returned", "verified"):
        decide(Revision.objects.get(), kind, city)
    assert daily_reports.with_review(Revision.objects.all()).get().review == "verified"


def test_latest_finds_many_at_once(city: City) -> None:
    days = [DAY - offset * A_DAY for offset in range(5)]
    for day in days:
        file(city, day=day)
    file(city, form=figures(output="40万"), based_on=1)
    wanted = [(e.pk, day) for e in (city.a, city.b) for day in days]
    found = daily_reports.latest(wanted)
    assert {pair: r.number for pair, r in found.items()} == {(city.a.pk, d): 2 if d == DAY else 1 for d in days}
    assert queries(lambda: daily_reports.latest(wanted)) == 1


def test_what_is_owed_is_what_duties_say_and_exemptions_leave_r2(city: City) -> None:
    assert daily_reports.owed(city.a, DAY).products == (MASK, FABRIC)
    assert daily_reports.owed(city.c, DAY) == daily_reports.owed(city.c, DAY - A_DAY)
    assert daily_reports.owed(city.c, DAY).has_state_duty
    supplies.duty(city.a, SUIT, starts_on=DAY, ends_on=DAY)
    supplies.exemption(city.a, FABRIC, starts_on=DAY)
    assert daily_reports.owed(city.a, DAY).products == (MASK, SUIT)
    assert daily_reports.owed(city.a, DAY + A_DAY).products == (MASK,)
    assert daily_reports.owed(city.a, DAY - A_DAY).products == (MASK, FABRIC)
    supplies.exemption(city.c, None, starts_on=DAY)
    assert not daily_reports.owed(city.c, DAY).has_state_duty
    assert queries(lambda: daily_reports.owed(city.a, DAY)) == 1


def test_what_is_owed_is_asked_as_it_was_known_r14(city: City) -> None:
    told = at(DAY, 9)
    supplies.duty(city.a, SUIT, known_at=told)
    assert SUIT not in daily_reports.owed(city.a, DAY, told - A_DAY).products
    assert SUIT in daily_reports.owed(city.a, DAY, told).products


def test_cut_offs_are_those_of_the_unit_on_the_day_r4_r15(city: City) -> None:
    supplies.setting("cut_off", "10:00+1", division=OTHER_COUNTY)
    supplies.setting("cut_off", "12:30", division=COUNTY, starts_on=DAY)
    moved = ground.enterprise(division=None)
    ground.placement(moved, COUNTY, ends_on=DAY)
    ground.placement(moved, OTHER_COUNTY, starts_on=DAY + A_DAY)
    wanted = {(city.a.pk, DAY - A_DAY), (city.a.pk, DAY), (moved.pk, DAY), (moved.pk, DAY + A_DAY), (10**6, DAY)}
    assert daily_reports.cut_offs(wanted) == {
        (city.a.pk, DAY - A_DAY): at(DAY - A_DAY, 18),
        (city.a.pk, DAY): at(DAY, 12, 30),
        (moved.pk, DAY): at(DAY, 12, 30),
        (moved.pk, DAY + A_DAY): at(DAY + 2 * A_DAY, 10),
    }
    assert queries(lambda: daily_reports.cut_offs(wanted)) == 3


def test_describing_costs_the_same_for_one_revision_and_for_many(city: City) -> None:
    for offset in range(4):
        file(city, day=DAY - offset * A_DAY)
    file(city, actor=city["clerk_b"], enterprise=city.b, form=Figures(lines=(line(SUIT, capacity="1", output="1"),)))
    found = daily_reports.with_review(Revision.objects.all()).select_related("report__enterprise")
    assert queries(lambda: daily_reports.describe(list(found[:1]))) == queries(
        lambda: daily_reports.describe(list(found))
    )
    assert [d["date"] for d in daily_reports.describe(list(found.order_by("pk")))][:2] == ["2020-03-27", "2020-03-26"]


def test_an_answer_of_the_act_is_what_reading_it_gives(city: City) -> None:
    form = figures(limits=(), note="x", state="partial")
    done = file(city, form=form).answer
    revision = daily_reports.with_review(Revision.objects.all()).select_related("report__enterprise").get()
    assert daily_reports.describe_one(revision) == done
    assert DailyReport.objects.get().first_received_at == at(DAY, 12)
