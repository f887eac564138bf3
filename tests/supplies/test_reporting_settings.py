"""Dated settings: the nearest division wins, there the latest begun; a correction changes no earlier answer."""

from __future__ import annotations

import datetime as dt

import pytest

from enterprises.errors import Invalid, NotFound
from enterprises.models import AuditEntry, Division, DivisionFact, StaleMark
from supplies import reporting_settings

pytestmark = pytest.mark.django_db
DAY = dt.date(2020, 3, 27)


@pytest.fixture(autouse=True)
def divisions():
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    for code, level, parent in [("35", "city", None), ("3501", "county", "35"), ("3502", "county", "35")]:
        division = Division.objects.create(code=code, level=level, is_reporting=level == "county")
        DivisionFact.objects.create(division=division, name=code, parent_id=parent, known_at=long_ago)


def set_rule(name: str, value: str, day: dt.date = dt.date(2020, 1, 1), **more):
    return reporting_settings.set_rule(actor=None, name=name, value=value, starts_on=day, **more)


def test_gives_the_defaults_where_nothing_is_set():
    unit = reporting_settings.on(DAY)["3501"]
    assert unit.cut_off_at == dt.datetime(2020, 3, 27, 10, 0, tzinfo=dt.UTC)
    assert (unit.carry_days, unit.backfill_days, unit.window) == (3, 7, "00:00-24:00")
    assert set(reporting_settings.on(DAY)) == {"3501", "3502"}, "only reporting units have settings"


def test_the_nearest_division_wins_over_a_later_setting_of_a_farther_one():
    set_rule("carry_days", "5", dt.date(2020, 3, 1), division="3501")
    set_rule("carry_days", "2", dt.date(2020, 3, 20), division="35")
    set_rule("carry_days", "9", dt.date(2020, 3, 25))
    found = reporting_settings.on(DAY)
    assert (found["3501"].carry_days, found["3502"].carry_days) == (5, 2)
    assert reporting_settings.longest_carry() == 9


def test_the_latest_setting_begun_by_the_day_holds_r4():
    set_rule("cut_off", "16:00", dt.date(2020, 3, 27))
    set_rule("cut_off", "10:00+1", dt.date(2020, 3, 28))
    assert reporting_settings.on(dt.date(2020, 3, 26))["3501"].cut_off_at.hour == 10
    assert reporting_settings.on(DAY)["3501"].cut_off_at.hour == 8
    assert reporting_settings.on(dt.date(2020, 3, 28))["3501"].cut_off_at == dt.datetime(2020, 3, 29, 2, tzinfo=dt.UTC)


def test_a_correction_leaves_earlier_knowledge_alone_r14():
    first, second = (dt.datetime(2020, 3, day, tzinfo=dt.UTC) for day in (1, 10))
    set_rule("window", "18:00-18:00", known_at=first)
    set_rule("window", "06:00-06:00", known_at=second)
    assert reporting_settings.on(DAY, first)["3501"].window == "18:00-18:00"
    assert reporting_settings.on(DAY, second)["3501"].window == "06:00-06:00"
    assert reporting_settings.on(DAY, first - dt.timedelta(seconds=1))["3501"].window == "00:00-24:00"


def test_setting_a_rule_marks_its_days_stale_and_is_audited():
    set_rule("carry_days", "4", DAY)
    assert list(StaleMark.objects.values_list("from_day", "to_day")) == [(DAY, None)]
    assert AuditEntry.objects.get().after == {
        "name": "carry_days", "value": "4", "division": None, "starts_on": "2020-03-27"
    }  # fmt: skip
    assert set_rule("carry_days", "4", DAY).change == "unchanged"
    assert (StaleMark.objects.count(), AuditEntry.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cut_off", "25:00"), ("cut_off", "24:30"), ("cut_off", "18"), ("cut_off", "18:00-1"), ("window", "18:00"),
        ("carry_days", "-1"), ("carry_days", "1.5"), ("carry_days", "３日"), ("carry_days", "400"),
        ("go_live", "20200301"), ("colour", "red"), ("cut_off", ""),
    ],
)  # fmt: skip
def test_refuses_values_that_cannot_be_read(name, value):
    with pytest.raises(Invalid):
        set_rule(name, value)


def test_refuses_a_division_that_does_not_exist():
    with pytest.raises(NotFound):
        set_rule("carry_days", "4", division="9999")


def test_claimed_moments_end_with_the_go_live_day():
    past = dt.datetime(2020, 3, 1, 12, tzinfo=dt.UTC)
    reporting_settings.refuse_backdating(actor=None, moment=past, field="known_at")
    set_rule("go_live", "2020-03-01")
    with pytest.raises(Invalid) as refused:
        reporting_settings.refuse_backdating(actor=None, moment=past, field="known_at")
    assert refused.value.code == "after_go_live"
    reporting_settings.refuse_backdating(actor=None, moment=past - dt.timedelta(days=1), field="known_at")
    with pytest.raises(Invalid):
        reporting_settings.refuse_backdating(actor=None, moment=dt.datetime(2020, 1, 1), field="known_at")
    with pytest.raises(Invalid):
        reporting_settings.refuse_backdating(
            actor=None, moment=dt.datetime(2999, 1, 1, tzinfo=dt.UTC), field="known_at"
        )
