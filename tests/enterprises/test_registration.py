"""Enterprises: admitted once, named and placed from a day on, found by sound."""

from __future__ import annotations

import datetime as dt

import pytest

from enterprises import production_lines, registration
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import (
    EVER,
    AuditEntry,
    Enterprise,
    EnterpriseFact,
    LineFact,
    Membership,
    Placement,
    ProductionLine,
    StaleMark,
)
from enterprises.registration import Particulars
from tests.factories import enterprises as make

pytestmark = pytest.mark.django_db
CODE = make.credit_code(1)
MOVED = dt.date(2020, 3, 1)


def admit(cast, *, actor=None, division=None, uscc=CODE, **more):
    particulars = more.pop("particulars", Particulars(name="石狮丁口罩厂"))
    return registration.admit(
        actor=actor, uscc=uscc, division=division or cast.county_a, particulars=particulars, **more
    )


def test_stands_there_since_ever_unless_told_otherwise(cast):
    enterprise = admit(cast)
    assert Placement.objects.get(enterprise=enterprise).starts_on == EVER
    assert (enterprise.name, enterprise.initials) == ("石狮丁口罩厂", "ssdkzc")
    entry = AuditEntry.objects.get(act="enterprise.admit")
    assert (entry.object_id, entry.after["uscc"]) == (str(enterprise.pk), CODE)


def test_refuses_the_same_code_again_however_it_is_written(cast):
    admit(cast)
    with pytest.raises(Conflict) as refused:
        admit(cast, uscc=f" {CODE.lower()[:9]}-{CODE[9:]}")
    assert refused.value.code == "enterprise_exists"
    assert Enterprise.objects.filter(uscc=CODE).count() == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"uscc": "91350100M000100Y44"}, "invalid_uscc"),
        ({"division": "350500"}, "not_leaf"),
        ({"division": "999999"}, "not_found"),
        ({"particulars": Particulars(name=" ")}, "required"),
        ({"particulars": Particulars(name="甲\u202e乙")}, "invalid"),
        ({"particulars": Particulars(name="甲", kind="factory")}, "invalid_choice"),
        ({"particulars": Particulars(name="甲", status="dead")}, "invalid_choice"),
    ],
)
def test_refuses_what_cannot_be_admitted_and_stores_nothing(cast, said, code):
    with pytest.raises((Invalid, NotFound)) as refused:
        admit(cast, **said)
    assert refused.value.code == code
    assert Enterprise.objects.count() == 3
    assert not AuditEntry.objects.exists()


def test_refuses_a_unit_that_does_not_exist_on_the_day(cast):
    make.division("3505K1", level="zone", parent=cast.city, starts_on=dt.date(2020, 3, 1))
    with pytest.raises(Invalid) as refused:
        admit(cast, division="3505K1", from_date=dt.date(2020, 2, 29))
    assert refused.value.code == "division_not_on_day"
    admit(cast, division="3505K1", from_date=dt.date(2020, 3, 1))


def test_a_move_leaves_earlier_days_where_they_were_r15(cast):
    known = dt.datetime(2020, 3, 5, tzinfo=dt.UTC)
    registration.place(actor=None, enterprise=cast.plant_a, division=cast.county_b, starts_on=MOVED, known_at=known)

    def stands(day, at=None):
        return Placement.objects.believed(at).on(day).get(enterprise=cast.plant_a).division_id

    assert (stands(MOVED - dt.timedelta(days=1)), stands(MOVED)) == (cast.county_a, cast.county_b)
    assert stands(MOVED, known - dt.timedelta(seconds=1)) == cast.county_a, "R14: not known before"
    assert StaleMark.objects.filter(cause="placement", from_day=MOVED, to_day=None).exists()


def test_placing_again_changes_nothing_and_between_two_moves_fits_in(cast):
    def place(division, day):
        return registration.place(actor=None, enterprise=cast.plant_a, division=division, starts_on=day)

    place(cast.county_b, MOVED)
    assert place(cast.county_b, MOVED).change == "unchanged"
    assert place(cast.county_a, EVER).change == "unchanged"
    place(cast.county_b, dt.date(2020, 2, 1))
    spans = Placement.objects.believed().filter(enterprise=cast.plant_a).order_by("starts_on")
    assert [(row.division_id, row.starts_on, row.ends_on) for row in spans] == [
        (cast.county_a, EVER, dt.date(2020, 1, 31)),
        (cast.county_b, dt.date(2020, 2, 1), dt.date(2020, 2, 29)),
        (cast.county_b, MOVED, None),
    ]


def test_a_new_name_holds_from_its_day_and_keeps_the_old_one(cast):
    changed = registration.amend(
        actor=None, enterprise=cast.plant_a, particulars=Particulars(name="晋江戊口罩厂"), from_date=MOVED
    )
    assert changed
    names = EnterpriseFact.objects.believed().filter(enterprise=cast.plant_a).order_by("starts_on")
    assert [fact.name for fact in names] == ["晋江甲口罩有限公司", "晋江戊口罩厂"]
    cast.plant_a.refresh_from_db()
    assert (cast.plant_a.name, cast.plant_a.initials) == ("晋江戊口罩厂", "jjwkzc")
    assert not registration.amend(
        actor=None, enterprise=cast.plant_a, particulars=Particulars(name="晋江戊口罩厂"), from_date=MOVED
    )


def test_a_contact_changes_without_a_new_fact_and_stays_out_of_the_audit(cast):
    rows = EnterpriseFact.objects.count()
    assert registration.amend(actor=None, enterprise=cast.plant_a, particulars=Particulars(contact_phone="13800000000"))
    cast.plant_a.refresh_from_db()
    assert cast.plant_a.contact_phone == "13800000000"
    assert EnterpriseFact.objects.count() == rows
    assert "1380" not in str(AuditEntry.objects.get().after)


@pytest.mark.parametrize("text", ["甲口罩", "jinjiangjia", "JJJKZ", "晋江 口罩", "jjj"])
def test_is_found_by_name_pinyin_and_initials(cast, text):
    found = Enterprise.objects.search(text)
    assert list(found) == [cast.plant_a]


def test_is_found_by_its_code_in_any_width(cast):
    part = cast.plant_b.uscc[10:].lower()
    assert list(Enterprise.objects.search(part)) == [cast.plant_b]
    assert not Enterprise.objects.search("甲 乙").exists()


def test_lines_and_lists_are_dated(cast):
    for state, day in (("installing", dt.date(2020, 2, 1)), ("running", MOVED)):
        production_lines.set_state(
            actor=None, enterprise=cast.plant_a, name="一号线", state=state, starts_on=day, start_kind="converted"
        )
    assert ProductionLine.objects.get().name == "一号线"
    assert LineFact.objects.believed().on(dt.date(2020, 2, 29)).get().state == "installing"
    assert LineFact.objects.believed().on(MOVED).get().state == "running"
    registration.enlist(actor=None, enterprise=cast.plant_a, list_name="key", starts_on=MOVED)
    assert not Membership.objects.believed().on(dt.date(2020, 2, 29)).exists()
    with pytest.raises(Invalid) as refused:
        registration.enlist(actor=None, enterprise=cast.plant_a, list_name="key", starts_on=dt.date(2020, 4, 1))
    assert refused.value.code == "overlap"


def test_a_county_acts_in_its_own_county_only(cast):
    officer = cast.county_officer_a
    admit(cast, actor=officer)
    with pytest.raises(NotFound):
        admit(cast, actor=officer, division=cast.county_b, uscc=make.credit_code(2))
    with pytest.raises(NotFound):
        registration.amend(actor=officer, enterprise=cast.plant_b, particulars=Particulars(name="甲"))
    with pytest.raises(NotFound):
        registration.place(actor=officer, enterprise=cast.plant_a, division=cast.county_b, starts_on=MOVED)
    registration.place(actor=cast.city_officer, enterprise=cast.plant_a, division=cast.county_b, starts_on=MOVED)
    with pytest.raises(NotFound):
        registration.amend(actor=officer, enterprise=cast.plant_a, particulars=Particulars(name="甲"))


@pytest.mark.parametrize("name", ["reporter_a", "leader", "liaison", "department", "province", "auditor", "stranger"])
def test_nobody_else_writes_enterprises(cast, name):
    with pytest.raises(Forbidden):
        registration.amend(actor=cast.people()[name], enterprise=cast.plant_a, particulars=Particulars(name="甲"))
