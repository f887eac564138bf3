"""The tree of divisions: dated, without circles, with enterprises on its leaves only (R15)."""

from __future__ import annotations

import datetime as dt

import pytest

from enterprises import divisions
from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import AuditEntry, Division, DivisionFact, StaleMark
from tests.factories import enterprises as make

pytestmark = pytest.mark.django_db


def establish(code: str, name: str = "某地", level: str = "county", parent: str | None = None, **more):
    return divisions.establish(actor=None, code=code, name=name, level=level, parent=parent, **more)


@pytest.fixture
def city():
    establish("350500", "泉州市", "city")
    establish("350582", "晋江市", parent="350500")


def test_counties_and_zones_report_cities_and_provinces_do_not(city):
    establish("3505k1", "经济技术开发区", "zone", "350500")
    establish("350527", "金门县", "county", "350500", reports=False)
    assert {d.code: d.is_reporting for d in Division.objects.all()} == {
        "350500": False, "350582": True, "3505K1": True, "350527": False
    }  # fmt: skip


def test_a_new_name_leaves_earlier_days_alone_r15(city):
    establish("350582", "晋江新区", parent="350500", valid_from=dt.date(2020, 3, 1))
    assert DivisionFact.objects.tree(dt.date(2020, 2, 29))["350582"].name == "晋江市"
    assert DivisionFact.objects.tree(dt.date(2020, 3, 1))["350582"].name == "晋江新区"
    assert StaleMark.objects.filter(cause="divisionfact", from_day=dt.date(2020, 3, 1), to_day=None).exists()


def test_a_division_ends_and_the_same_file_again_changes_nothing(city):
    said = {"valid_from": dt.date(2019, 1, 1), "valid_to": dt.date(2020, 2, 29)}
    assert establish("350503", "丰泽区", parent="350500", **said).change == "added"
    assert establish("350503", "丰泽区", parent="350500", **said).change == "unchanged"
    assert "350503" in DivisionFact.objects.tree(dt.date(2020, 2, 29))
    assert "350503" not in DivisionFact.objects.tree(dt.date(2020, 3, 1))


def test_refuses_a_division_below_itself(city):
    establish("35", "省", "province")
    establish("350500", "泉州市", "city", "35")
    with pytest.raises(Invalid) as refused:
        establish("35", "省", "province", "350500")
    assert refused.value.code == "division_cycle"
    with pytest.raises(Invalid):
        establish("350500", "泉州市", "city", "350500")


def test_refuses_divisions_below_a_reporting_unit(city):
    with pytest.raises(Invalid) as refused:
        establish("3505K2", "园区", "zone", "350582")
    assert refused.value.code == "not_leaf"
    with pytest.raises(Invalid):
        establish("350500", "泉州市", "city", reports=True)


def test_a_unit_with_enterprises_cannot_cease_to_report(city):
    make.enterprise(division="350582")
    with pytest.raises(Invalid) as refused:
        establish("350582", "晋江市", parent="350500", reports=False)
    assert refused.value.code == "has_enterprises"


def test_a_unit_that_ceases_to_report_marks_every_day(city):
    StaleMark.objects.all().delete()
    establish("350582", "晋江市", parent="350500", reports=False)
    assert StaleMark.objects.filter(cause="division", to_day=None).exists()
    assert AuditEntry.objects.filter(act="division.amend").exists()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"code": "1"}, "invalid_code"), ({"code": "35-05"}, "invalid_code"), ({"name": " "}, "required"),
        ({"level": "village"}, "invalid_level"), ({"name": "甲\u202e"}, "invalid"),
        ({"valid_from": dt.date(2020, 2, 1), "valid_to": dt.date(2020, 1, 1)}, "invalid_span"),
    ],
)  # fmt: skip
def test_refuses_what_is_no_division(said, code):
    with pytest.raises(Invalid) as refused:
        establish(**{"code": "350501", **said})
    assert refused.value.code == code
    assert not Division.objects.exists()


def test_refuses_an_unknown_parent():
    with pytest.raises(NotFound):
        establish("350582", parent="350500")


def test_only_who_sets_rules_may_change_the_tree(cast):
    for name in ("county_officer_a", "leader", "reporter_a", "stranger"):
        with pytest.raises(Forbidden):
            divisions.establish(actor=getattr(cast, name), code="350599", name="甲", level="county", parent="350500")
