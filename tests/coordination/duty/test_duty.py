"""The duty roster: filled in all or nothing, corrected without rewriting, asked for whoever is there now."""

from __future__ import annotations

import datetime as dt

import pytest

from coordination import duty, imports
from coordination.models import Absence, DutyShift, Handover
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.files import BadRows
from enterprises.models import AuditEntry
from tests.coordination.tickets.desk import at, local

MONDAY = dt.date(2020, 3, 23)
THURSDAY_DAY, THURSDAY_NIGHT = "A-2020032608", "A-2020032620"


@pytest.fixture
def office(desk) -> duty.Place:
    return duty.place(desk.city_officer, "o-JTJ")


def fill(desk, place, texts, seen=None, actor=None):
    return duty.fill(actor=actor or desk.city_officer, place=place, first=MONDAY, count=2, texts=texts, seen=seen or {})


def who(place, moment: str) -> str | None:
    found = duty.now(at(moment), place=place).of(division=place.division, organisation=place.organisation)
    return found.name if found else None


def test_a_week_is_filled_in_and_answers_who_is_on_duty(desk, office) -> None:
    assert fill(desk, office, {THURSDAY_DAY: "李值 13900000001", "B-2020032608": "陈备 13900000002"}) == 2
    assert who(office, "2020-03-26 09:00") == "李值"
    assert who(office, "2020-03-26 20:00") is None
    week = duty.week(office, MONDAY, 2)
    assert [local(a) for a, _ in week.gaps] == ["2020-03-23 08:00", "2020-03-26 20:00"]
    assert fill(desk, office, {THURSDAY_DAY: "李值 13900000001"}) == 0


def test_a_bad_cell_stores_nothing_of_the_week(desk, office) -> None:
    with pytest.raises(duty.BadCells) as refused:
        fill(
            desk,
            office,
            {THURSDAY_DAY: "李值 13900000001", THURSDAY_NIGHT: "没写电话的人", "A-2020032308": "晚了 13900000003"},
        )
    assert {e.field: e.code for e in refused.value.errors} == {
        THURSDAY_NIGHT: "unknown_person", "A-2020032308": "past",
    }  # fmt: skip
    assert not DutyShift.objects.exists()


def test_a_change_drops_the_old_row_and_keeps_it(desk, office) -> None:
    fill(desk, office, {THURSDAY_DAY: "李值 13900000001"})
    first = DutyShift.objects.get()
    fill(desk, office, {THURSDAY_DAY: "陈备 13900000002"}, {THURSDAY_DAY: str(first.pk)})
    first.refresh_from_db()
    assert (first.name, first.dropped_by) == ("李值", desk.city_officer)
    assert who(office, "2020-03-26 09:00") == "陈备"
    assert AuditEntry.objects.filter(act="duty.fill").count() == 2


def test_of_two_editors_the_second_is_told_and_untouched_cells_are_left_alone(desk, office) -> None:
    fill(desk, office, {THURSDAY_DAY: "李值 13900000001"})
    seen = {THURSDAY_DAY: str(DutyShift.objects.get().pk), THURSDAY_NIGHT: ""}
    fill(desk, office, {THURSDAY_DAY: "陈备 13900000002"}, seen)
    # the other one sends the whole grid as he saw it, with one cell of his own
    assert fill(desk, office, {THURSDAY_DAY: "李值 13900000001", THURSDAY_NIGHT: "王夜 13900000004"}, seen) == 1
    with pytest.raises(duty.BadCells, match="1 格"):
        fill(desk, office, {THURSDAY_DAY: "赵抢 13900000005"}, seen)
    assert who(office, "2020-03-26 09:00") == "陈备"


def test_people_of_the_place_are_known_by_name_and_then_by_account(desk, office) -> None:
    desk.department.phone = "13800000099"
    desk.department.save()
    fill(desk, office, {THURSDAY_DAY: "department"})
    shift = DutyShift.objects.get()
    assert (shift.account, shift.phone) == (desk.department, "13800000099")


def test_whoever_is_on_leave_is_skipped_for_b_and_then_for_nobody(desk, office) -> None:
    desk.department.phone = "13800000099"
    desk.department.save()
    fill(desk, office, {THURSDAY_DAY: "department", "B-2020032608": "陈备 13900000002"})
    leave = {"starts_on": "2020-03-26", "ends_on": "2020-03-27"}
    duty.take_leave(actor=desk.department, place=office, who="department", **leave)
    assert who(office, "2020-03-26 09:00") == "陈备"
    duty.take_leave(actor=desk.city_officer, place=office, who="陈备", **leave)
    assert who(office, "2020-03-26 09:00") is None
    duty.come_back(actor=desk.department, place=office, number=Absence.objects.get(account=desk.department).pk)
    assert who(office, "2020-03-26 09:00") == "department"
    with pytest.raises(Forbidden):
        duty.take_leave(actor=desk.department, place=office, who="陈备", **leave)


def test_a_shift_is_handed_over_with_a_note(desk, office) -> None:
    fill(desk, office, {THURSDAY_DAY: "李值 13900000001", THURSDAY_NIGHT: "王夜 13900000004"})
    made = duty.hand_over(
        actor=desk.city_officer, place=office, part="A", note="甲厂的车还没到", at=at("2020-03-26 19:00")
    )
    assert (who(office, "2020-03-26 18:59"), who(office, "2020-03-26 19:00")) == ("李值", "王夜")
    assert (made.note, duty.week(office, MONDAY, 2).overlaps) == ("甲厂的车还没到", [])
    assert list(duty.handovers(office)) == [made]
    with pytest.raises(Conflict) as refused:
        duty.hand_over(actor=desk.city_officer, place=office, part="A", note="再交", at=at("2020-03-27 07:00"))
    assert refused.value.code == "no_next"
    with pytest.raises(Forbidden):
        duty.hand_over(actor=desk.liaison, place=office, part="A", note="不该", at=at("2020-03-27 07:00"))
    assert Handover.objects.count() == 1


@pytest.mark.parametrize(
    ("person", "code", "may"),
    [
        ("city_officer", "d-350582", True), ("city_officer", "o-JTJ", True), ("county_officer_a", "d-350582", True),
        ("county_officer_a", "d-350583", False), ("county_officer_a", "d-350500", False), ("county_officer_a", "o-JTJ", False),
        ("department", "o-JTJ", False), ("leader", "d-350500", False), ("auditor", "d-350582", False),
    ],
)  # fmt: skip
def test_who_edits_which_roster(desk, person: str, code: str, may: bool) -> None:
    account = getattr(desk, person)
    place = duty.place(account, code)
    assert duty.may_edit(account, place) is may
    if not may:
        with pytest.raises(Forbidden):
            fill(desk, place, {THURSDAY_DAY: "李值 13900000001"}, actor=account)


def test_the_leader_of_a_unit_edits_its_own(desk, office) -> None:
    from enterprises import accounts

    accounts.assign(actor=None, account=desk.department, role="department", organisation="JTJ", is_lead=True)
    assert duty.may_edit(desk.department, office)


def test_enterprises_are_not_told_who_is_on_duty(desk) -> None:
    for person in (desk.reporter_a, desk.stranger):
        with pytest.raises(Forbidden):
            duty.place(person, "o-JTJ")
    with pytest.raises(NotFound):
        duty.place(desk.city_officer, "o-nothing")


HEAD = "值班单位,AB角,起,止,姓名,电话\n"


def take(desk, text: str, actor=None):
    return imports.import_roster(actor=actor or desk.city_officer, content=(HEAD + text).encode(), name="roster.csv")


def test_a_file_is_taken_in_whole_and_again_changes_nothing(desk, office) -> None:
    rows = "交通局,A,2020-03-26 08:00,2020-03-26 20:00,李值,13900000001\n"
    rows += "d-350582,B角,2020/3/26 20:00,2020-03-27 08:00,王夜,13900000002\n"
    assert take(desk, rows).added == 2
    assert take(desk, rows).unchanged == 2
    assert who(office, "2020-03-26 09:00") == "李值"
    assert DutyShift.objects.get(division=desk.county_a).part == "B"


def test_a_bad_row_is_named_and_undoes_the_whole_file(desk) -> None:
    rows = (
        "交通局,A,2020-03-26 08:00,2020-03-26 20:00,李值,13900000001\n"
        "没有的局,A,2020-03-26 08:00,2020-03-26 20:00,李值,13900000001\n"
        "交通局,C,2020-03-26 08:00,2020-03-26 20:00,李值,13900000001\n"
        "交通局,A,2020-03-26,2020-03-26 20:00,李值,13900000001\n"
        "交通局,A,2020-03-26 20:00,2020-03-26 08:00,李值,13900000001\n"
        "交通局,A,2020-03-27 20:00,2020-03-28 08:00,李值,\n"
    )
    with pytest.raises(BadRows) as refused:
        take(desk, rows)
    assert [(p.row, p.column) for p in refused.value.problems] == [
        (3, "值班单位"),
        (4, "AB角"),
        (5, "起"),
        (6, "止"),
        (7, "姓名"),
    ]
    assert not DutyShift.objects.exists()
    with pytest.raises(BadRows, match="1 处"):
        take(desk, rows.splitlines()[0] + "\n", actor=desk.county_officer_a)


def test_a_row_that_ends_before_it_begins_is_refused(desk, office) -> None:
    with pytest.raises(Invalid) as refused:
        duty.add(
            actor=desk.city_officer, place=office, part="A", who="李值 13900000001", starts_at=at("2020-03-26 20:00"),
            ends_at=at("2020-03-26 20:00"),
        )  # fmt: skip
    assert refused.value.code == "unordered"
