"""The act behind form, API and files: what is stored, what is refused and in which order (R3-R6, R19, R21)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from enterprises.errors import Refused
from enterprises.models import AuditEntry, StaleMark
from supplies import daily_totals
from supplies.choices import Channel
from supplies.daily_reports import Key, OnBehalf
from supplies.models import DailyReport, DailyTotal, Decision, Limit, ReportLine, RequestKey, Revision
from supplies.rules.figures import Figures, LimitFigures
from supplies.rules.quantities import attempt, read_text
from tests.factories import enterprises as ground
from tests.factories import supplies
from tests.supplies.daily_reports.plants import (
    ALCOHOL,
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
CALL = OnBehalf("王建国", "厂里断网")


def refusal(city: City, **changes: object) -> Refused:
    with pytest.raises(Refused) as caught:
        file(city, **changes)
    assert not DailyReport.objects.filter(head=None).exists()
    return caught.value


def codes(refused: Refused) -> set[tuple[str, str]]:
    return {(e.field, e.code) for e in refused.errors}


def test_stores_figures_exactly_with_what_was_typed_r5_r16(city: City) -> None:
    outcome = file(city, form=figures(output="４６．５ 万只", note=" 设备检修\r\n一台 "))
    assert outcome.status == 201
    revision = Revision.objects.get()
    assert (revision.number, revision.channel, revision.author, revision.based_on) == (1, "web", city["clerk"], None)
    assert revision.note == "设备检修\n一台"
    lines = {row.product_id: row for row in ReportLine.objects.all()}
    assert lines[MASK].output == 465_000_000
    assert lines[MASK].entered["output"] == {"text": "４６．５ 万只", "unit": "只", "num": 1, "den": 1}
    assert lines[FABRIC].stock == 12_500_000
    assert lines[FABRIC].entered["stock"] == {"text": "12.5吨", "unit": "吨", "num": 1000, "den": 1}
    assert lines[FABRIC].capacity is None
    assert (lines[MASK].enterprise, lines[MASK].day) == (city.a, DAY)


def test_answers_with_the_report_in_base_units(city: City) -> None:
    answer = file(city, form=figures(stock="0.4345吨")).answer
    report = DailyReport.objects.get()
    assert answer["id"] == report.pk
    assert answer["enterprise"] == city.a.uscc
    assert (answer["date"], answer["revision"], answer["state"]) == ("2020-03-27", 1, "running")
    assert (answer["review"], answer["on_time"], answer["questions"], answer["closed"]) == (
        "submitted",
        True,
        [],
        False,
    )
    assert answer["received_at"] == answer["first_received_at"] == "2020-03-27T12:00:00+08:00"
    by_product = {row["product"]: row for row in answer["lines"]}
    assert by_product[MASK]["capacity"] == 480_000
    assert by_product[MASK]["unit"] == "只"
    assert by_product[FABRIC]["stock"] == Decimal("434.5")
    assert by_product[FABRIC]["capacity"] is None
    assert by_product[FABRIC]["entered"] == {"stock": {"text": "0.4345吨", "unit": "吨"}}


def test_one_transaction_leaves_mark_audit_and_head_r21(city: City) -> None:
    file(city)
    report = DailyReport.objects.get()
    assert report.head == Revision.objects.get()
    assert report.first_received_at == at(DAY, 12)
    mark = StaleMark.objects.get()
    assert (mark.from_day, mark.to_day, mark.cause) == (DAY, None, "report")
    entry = AuditEntry.objects.get(act="daily_report.submit")
    assert (entry.actor, entry.object_id, entry.before, entry.after["revision"]) == (
        city["clerk"],
        str(report.pk),
        None,
        1,
    )


def test_a_backfilled_report_reaches_every_later_day_r12_r23(city: City) -> None:
    """Whoever filed nothing since is stale instead of never, with a last known capacity: beyond carry_days too."""
    with time_machine.travel(at(DAY, 12), tick=False):
        StaleMark.objects.create(from_day=DAY, to_day=DAY, cause="test")
        daily_totals.refresh_all()
        masks = {"day": DAY, "division": COUNTY, "grain": "product", "key": MASK, "licensed": False}
        assert DailyTotal.objects.get(**masks).never == 1
        file(city, day=DAY - dt.timedelta(days=10), received_at=at(DAY, 11))
        daily_totals.refresh_all()
        total = DailyTotal.objects.get(**masks)
        assert (total.never, total.stale, total.last_known_of_unreported) == (0, 1, 480_000_000)
        assert list(daily_totals.differences(DAY)) == []


@pytest.mark.parametrize(
    "received, on_time", [((17, 59, 59, 999_999), True), ((18, 0, 0, 0), False), ((18, 0, 0, 1), False)]
)
def test_the_cut_off_is_half_open_r4(city: City, received: tuple[int, int, int, int], on_time: bool) -> None:
    assert file(city, received_at=at(DAY, *received)).answer["on_time"] is on_time


def test_later_revisions_do_not_spoil_a_timely_first_one_r4(city: City) -> None:
    file(city)
    late = file(city, form=figures(output="40万"), based_on=1, received_at=at(DAY, 23)).answer
    assert (late["revision"], late["on_time"]) == (2, True)
    assert late["first_received_at"] == "2020-03-27T12:00:00+08:00"
    assert late["received_at"] == "2020-03-27T23:00:00+08:00"


def test_the_cut_off_is_that_of_the_unit_where_the_enterprise_stands_on_the_day_r15(city: City) -> None:
    supplies.setting("cut_off", "10:00", division="999901")
    assert file(city).answer["on_time"] is False


def test_refuses_a_report_for_a_future_day_by_the_date_of_shanghai_r4(city: City) -> None:
    tomorrow = DAY + dt.timedelta(days=1)
    late = at(DAY, 23, 59, 59, 999_999)
    assert refusal(city, day=tomorrow, received_at=late).code == "future_day"
    assert file(city, day=tomorrow, received_at=at(tomorrow, 0)).status == 201


def test_refuses_a_day_long_before_any_report(city: City) -> None:
    assert refusal(city, day=dt.date(1999, 12, 31)).code == "invalid_date"


def test_refuses_a_day_on_which_the_enterprise_stands_nowhere(city: City) -> None:
    nowhere = ground.enterprise(division=None)
    clerk = ground.account("nowhere", "enterprise", enterprise=nowhere)
    form = Figures(lines=(line(MASK, capacity="1", output="1"),))
    assert refusal(city, actor=clerk, enterprise=nowhere, form=form).code == "not_placed"


# --- revisions -------------------------------------------------------------------------------------------------------


def test_a_revision_is_added_and_nothing_is_overwritten_r5(city: City) -> None:
    file(city)
    second = file(city, form=figures(output="40万"), based_on=1, actor=city["colleague"])
    assert (second.status, second.revision) == (201, 2)
    assert list(Revision.objects.order_by("number").values_list("number", "author__username", "based_on")) == [
        (1, "clerk", None),
        (2, "colleague", 1),
    ]
    assert DailyReport.objects.get().head.number == 2


@pytest.mark.parametrize("based_on", [None, 0, 2])
def test_a_submission_not_based_on_the_latest_is_a_conflict_with_both_versions_r6(
    city: City, based_on: int | None
) -> None:
    file(city)
    refused = refusal(city, form=figures(output="40万"), based_on=based_on, actor=city["colleague"])
    assert (refused.status, refused.code) == (409, "conflict")
    assert refused.extra["latest"]["revision"] == 1
    assert refused.extra["latest"]["lines"][0]["output"] == 465_000
    assert refused.extra["yours"]["based_on"] == based_on
    yours = {row["product"]: row for row in refused.extra["yours"]["lines"]}
    assert (yours[MASK]["output"], yours[MASK]["entered"]["output"]["text"]) == (400_000, "40万")
    assert Revision.objects.count() == 1


def test_naming_a_revision_where_there_is_none_is_a_conflict_r6(city: City) -> None:
    refused = refusal(city, based_on=1)
    assert (refused.status, refused.code, refused.extra["latest"]) == (409, "conflict", None)
    assert not DailyReport.objects.exists()


@pytest.mark.parametrize("based_on", [None, 1, 7])
def test_equal_figures_add_no_revision_whatever_they_are_based_on_r6(city: City, based_on: int | None) -> None:
    first = file(city)
    spelled = figures(capacity="480,000", output="465000.000只", stock="12500千克")
    again = file(city, form=spelled, based_on=based_on, actor=city["colleague"], received_at=at(DAY, 20))
    assert (again.status, again.revision) == (200, 1)
    assert again.answer == first.answer
    assert Revision.objects.count() == StaleMark.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"note": "x"},
        {"staff_due": attempt(read_text, "80")},
        {"staff_on_duty": attempt(read_text, "0")},
        {"state": "partial"},
        {"limits": (LimitFigures("material"),)},
        {"limits": (LimitFigures("material", MASK, attempt(read_text, "2万")),)},
    ],
)
def test_equality_covers_state_staff_note_and_limits_r6(city: City, changed: dict[str, object]) -> None:
    file(city)
    assert file(city, form=figures(**changed), based_on=1).revision == 2
    assert file(city, form=figures(**changed), based_on=1).status == 200


def test_the_order_of_lines_and_limits_makes_no_difference_r6(city: City) -> None:
    limits = (LimitFigures("material"), LimitFigures("labour"))
    form = figures(limits=limits)
    file(city, form=form)
    turned = Figures(lines=form.lines[::-1], limits=limits[::-1])
    assert file(city, form=turned, based_on=1).status == 200


def test_equal_figures_after_a_return_make_a_new_revision_r6_r7(city: City) -> None:
    file(city)
    Decision.objects.create(
        revision=Revision.objects.get(),
        kind="returned",
        reason="产量请核对",
        actor=city["county"],
        recorded_at=at(DAY, 15),
    )
    again = file(city, based_on=1, received_at=at(DAY, 19))
    assert (again.status, again.revision, again.answer["review"]) == (201, 2, "submitted")
    assert again.answer["on_time"] is True


def test_the_review_state_is_that_of_the_latest_revision_r7(city: City) -> None:
    file(city)
    verified = {"kind": "verified", "actor": city["county"], "recorded_at": at(DAY, 15)}
    Decision.objects.create(revision=Revision.objects.get(), **verified)
    assert file(city).answer["review"] == "verified"
    assert file(city, form=figures(output="1"), based_on=1).answer["review"] == "submitted"


def test_moments_of_recording_grow_even_when_the_clock_jumps_back(city: City) -> None:
    with time_machine.travel(at(DAY, 13), tick=False):
        file(city)
    with time_machine.travel(at(DAY, 12, 30), tick=False):
        file(city, form=figures(output="1"), based_on=1)
    moments = list(Revision.objects.order_by("number").values_list("recorded_at", flat=True))
    assert moments == [at(DAY, 13), at(DAY, 13, 0, 0, 1)]


# --- who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "person, on_behalf, verdict",
    [
        ("clerk", None, "stored"),
        ("clerk", CALL, "forbidden"),
        ("clerk_b", None, "not_found"),
        ("clerk_b", CALL, "not_found"),
        ("liaison", None, "on_behalf_required"),
        ("liaison", CALL, "stored"),
        ("county", None, "on_behalf_required"),
        ("county", CALL, "stored"),
        ("city", CALL, "stored"),
        ("other_county", CALL, "not_found"),
        ("other_county", None, "not_found"),
        ("admin", None, "forbidden"),
        ("leader", CALL, "forbidden"),
        ("auditor", CALL, "forbidden"),
        ("province", CALL, "forbidden"),
        ("stranger", None, "forbidden"),
    ],
)
def test_who_may_file_for_whom_r5(city: City, person: str, on_behalf: OnBehalf | None, verdict: str) -> None:
    if verdict == "stored":
        answer = file(city, actor=city[person], on_behalf=on_behalf).answer
        assert answer["channel"] == ("on_behalf" if on_behalf else "web")
        assert answer["on_behalf"] == ({"caller": "王建国", "reason": "厂里断网"} if on_behalf else None)
    else:
        assert refusal(city, actor=city[person], on_behalf=on_behalf).code == verdict


def test_a_county_files_for_whoever_stood_there_on_the_day_r15(city: City) -> None:
    moved = ground.enterprise(division=None)
    ground.placement(moved, OTHER_COUNTY, ends_on=DAY)
    ground.placement(moved, "999901", starts_on=DAY + dt.timedelta(days=1))
    form = Figures(lines=(line(MASK, capacity="1", output="1"),))
    said = {"enterprise": moved, "form": form, "on_behalf": CALL}
    assert refusal(city, actor=city["county"], **said).code == "not_found"
    assert file(city, actor=city["other_county"], **said).status == 201


def test_nobody_files_over_an_enterprises_own_figures_r5(city: City) -> None:
    file(city)
    refused = refusal(city, actor=city["county"], on_behalf=CALL, form=figures(output="1"), based_on=1)
    assert (refused.status, refused.code) == (409, "own_report_exists")


def test_own_report_exists_comes_before_the_conflict(city: City) -> None:
    file(city)
    refused = refusal(city, actor=city["county"], on_behalf=CALL, form=figures(output="1"), based_on=None)
    assert refused.code == "own_report_exists"


def test_an_enterprise_corrects_what_was_filed_on_its_behalf_r5(city: City) -> None:
    file(city, actor=city["liaison"], on_behalf=CALL)
    assert file(city, actor=city["county"], on_behalf=CALL, form=figures(output="1"), based_on=1).revision == 2
    assert file(city, form=figures(output="2"), based_on=2).revision == 3
    assert refusal(city, actor=city["county"], on_behalf=CALL, based_on=3).code == "own_report_exists"


# --- figures ---------------------------------------------------------------------------------------------------------


def test_all_faults_are_answered_at_once_r19(city: City) -> None:
    form = Figures(
        state="asleep",
        staff_due=attempt(read_text, "1.5"),
        lines=(
            line(MASK, capacity="-1", output="约48万"),
            line(MASK, "箱", capacity="1", output="2"),
            line("MASK_GOLD", capacity="1"),
        ),
        limits=(LimitFigures("weather"), LimitFigures("material", None, attempt(read_text, "3"))),
    )
    refused = refusal(city, form=form)
    assert refused.status == 422
    assert codes(refused) == {
        ("state", "unknown_state"),
        ("staff_due", "not_whole"),
        ("lines[0].capacity", "negative"),
        ("lines[0].output", "not_a_number"),
        ("lines[1].unit", "unknown_unit"),
        ("lines[1].product", "duplicate_product"),
        ("lines[2].product", "unknown_product"),
        ("lines", "missing_line"),
        ("limits[0].reason", "unknown_reason"),
        ("limits[1].product", "lost_without_product"),
    }
    assert not DailyReport.objects.exists()


def test_carries_a_line_for_every_unexempted_duty_r2_r3(city: City) -> None:
    form = Figures(lines=(line(MASK, capacity="1", output="1"),))
    assert codes(refusal(city, form=form)) == {("lines", "missing_line")}
    supplies.exemption(city.a, FABRIC, starts_on=DAY, ends_on=DAY)
    assert file(city, form=form).status == 201


def test_a_general_exemption_covers_every_duty_r2(city: City) -> None:
    supplies.exemption(city.a, starts_on=DAY)
    assert codes(refusal(city, form=Figures())) == {("lines", "missing_line")}
    assert file(city, form=Figures(lines=(line(MASK, capacity="1", output="1"),))).status == 201


def test_may_carry_further_products_which_ask_for_their_measures_too_r3(city: City) -> None:
    form = figures(lines=(*figures().lines, line(ALCOHOL, output="2吨")))
    assert codes(refusal(city, form=form)) == {("lines[2].capacity", "missing_measure")}
    form = figures(lines=(*figures().lines, line(ALCOHOL, capacity="3吨", output="2吨")))
    assert file(city, form=form).status == 201


def test_nought_is_an_answer_and_not_given_is_not_r3(city: City) -> None:
    form = figures(lines=(line(MASK, capacity="48万", output="0"), line(FABRIC)))
    assert codes(refusal(city, form=form)) == {("lines[1].stock", "missing_measure")}
    form = figures(lines=(line(MASK, capacity="48万", output="0"), line(FABRIC, stock="0")))
    assert file(city, form=form).status == 201


def test_state_alone_is_enough_where_nothing_else_is_owed(city: City) -> None:
    outcome = file(city, actor=city["clerk_c"], enterprise=city.c, form=Figures(state="preparing"))
    assert (outcome.status, outcome.answer["lines"]) == (201, [])


def test_a_halt_makes_capacity_and_output_nought_and_leaves_stock_asked_r3(city: City) -> None:
    answer = file(city, form=Figures(state="halted")).answer
    lines = {row["product"]: row for row in answer["lines"]}
    assert (lines[MASK]["capacity"], lines[MASK]["output"], lines[MASK]["stock"]) == (0, 0, None)
    assert (lines[FABRIC]["capacity"], lines[FABRIC]["stock"]) == (None, None)


def test_a_halt_takes_stock_and_what_was_shipped_r3(city: City) -> None:
    answer = file(city, form=Figures(state="halted", lines=(line(MASK, stock="5万", shipped="1万"),))).answer
    masks = next(row for row in answer["lines"] if row["product"] == MASK)
    assert (masks["capacity"], masks["output"], masks["stock"], masks["shipped"]) == (0, 0, 50_000, 10_000)


def test_refuses_a_halt_with_figures_as_a_fault_of_the_figures(city: City) -> None:
    form = Figures(state="halted", lines=(line(MASK, capacity="48万", output="0"), line(FABRIC, stock="一点")))
    assert codes(refusal(city, form=form)) == {
        ("lines[0].capacity", "halted_with_figures"),
        ("lines[1].stock", "not_a_number"),
    }


def test_a_pack_needs_the_factor_that_holds_for_the_enterprise_on_the_day_r16(city: City) -> None:
    form = Figures(lines=(line(SUIT, "箱", capacity="10", output="8"),))
    said = {"actor": city["clerk_b"], "enterprise": city.b, "form": form}
    assert codes(refusal(city, **said)) == {("lines[0].unit", "unknown_unit")}
    supplies.pack(city.a, SUIT, "箱", 1000)
    assert codes(refusal(city, **said)) == {("lines[0].unit", "unknown_unit")}
    supplies.pack(city.b, SUIT, "箱", 40, starts_on=DAY)
    answer = file(city, **said).answer
    assert answer["lines"][0]["capacity"] == 400
    assert answer["lines"][0]["entered"]["capacity"] == {"text": "10", "unit": "箱"}
    yesterday = DAY - dt.timedelta(days=1)
    assert refusal(city, **said, day=yesterday).code == "unknown_unit"


def test_limits_are_stored_in_thousandths(city: City) -> None:
    form = figures(limits=(LimitFigures("logistics", MASK, attempt(read_text, "2.5万只")), LimitFigures("other")))
    answer = file(city, form=form).answer
    assert answer["limits"] == [
        {"reason": "logistics", "product": MASK, "lost": 25_000},
        {"reason": "other", "product": None, "lost": None},
    ]
    assert list(Limit.objects.order_by("id").values_list("lost", flat=True)) == [25_000_000, None]


# --- idempotency keys ------------------------------------------------------------------------------------------------

KEY = Key("k-1", "a" * 64)


def test_the_same_key_gets_the_same_answer_and_is_done_once_r6(city: City) -> None:
    first = file(city, key=KEY)
    file(city, form=figures(output="1"), based_on=1)
    again = file(city, key=KEY)
    assert (again.status, again.answer, again.is_replay) == (201, first.answer, True)
    assert Revision.objects.count() == 2


def test_the_same_key_with_another_body_is_refused_before_the_figures_are_looked_at_r6(city: City) -> None:
    file(city, key=KEY)
    refused = refusal(city, key=Key("k-1", "b" * 64), form=Figures(state="asleep"))
    assert (refused.status, refused.code) == (422, "key_reused")


def test_a_200_binds_its_key_too(city: City) -> None:
    file(city)
    assert file(city, key=KEY).status == 200
    file(city, form=figures(output="1"), based_on=1)
    again = file(city, key=KEY)
    assert (again.status, again.revision, again.is_replay) == (200, 1, True)


def test_refused_requests_do_not_bind_their_key(city: City) -> None:
    refusal(city, key=KEY, based_on=4)
    assert not RequestKey.objects.exists()
    assert file(city, key=KEY).status == 201


def test_keys_belong_to_the_account(city: City) -> None:
    file(city, key=KEY)
    again = file(city, key=Key("k-1", "c" * 64), actor=city["colleague"])
    assert (again.status, again.is_replay) == (200, False)


def test_who_comes_before_the_key(city: City) -> None:
    file(city, key=KEY)
    assert refusal(city, key=KEY, enterprise=city.b).code == "not_found"


# --- dry run, history ------------------------------------------------------------------------------------------------


def test_a_dry_run_answers_the_same_and_stores_nothing(city: City) -> None:
    tried = file(city, dry_run=True, key=KEY)
    assert (tried.status, tried.answer["id"], tried.revision) == (201, None, 1)
    for model in (DailyReport, Revision, ReportLine, StaleMark, RequestKey):
        assert not model.objects.exists(), model
    assert not AuditEntry.objects.filter(act="daily_report.submit").exists()
    done = file(city, key=KEY)
    ignored = {"id", "recorded_at"}
    assert {k: v for k, v in tried.answer.items() if k not in ignored} == {
        k: v for k, v in done.answer.items() if k not in ignored
    }


def test_a_dry_run_of_a_correction_leaves_the_report_as_it_was(city: City) -> None:
    file(city)
    tried = file(city, dry_run=True, form=figures(output="1"), based_on=1)
    assert (tried.status, tried.revision) == (201, 2)
    assert DailyReport.objects.get().head.number == Revision.objects.get().number == 1
    assert refusal(city, dry_run=True, form=figures(output="1")).code == "conflict"


def test_a_dry_run_neither_looks_at_keys_nor_binds_them(city: City) -> None:
    file(city, key=KEY)
    assert file(city, key=Key("k-1", "b" * 64), dry_run=True).status == 200


def test_history_sets_both_moments_and_is_for_the_administrator_r14(city: City) -> None:
    then = at(DAY, 17, 30)
    assert refusal(city, received_at=then, recorded_at=then).code == "forbidden"
    file(city, actor=None, received_at=then, recorded_at=then, channel=Channel.FILE)
    revision = Revision.objects.get()
    assert (revision.received_at, revision.recorded_at, revision.author) == (then, then, None)
    assert AuditEntry.objects.get(act="daily_report.submit").at > then
    earlier = at(DAY, 17)
    refused = refusal(city, actor=None, received_at=earlier, recorded_at=earlier, form=figures(output="1"), based_on=1)
    assert refused.code == "received_at_early"


def test_costs_few_statements(city: City) -> None:
    """Performance: accepting a report is cheap, whatever the number of products and of reports there are."""
    with CaptureQueriesContext(connection) as first:
        file(city, key=KEY)
    with CaptureQueriesContext(connection) as second:
        file(city, form=figures(output="40万", limits=(LimitFigures("other"),)), based_on=1, key=Key("k-2", "a" * 64))
    plain = [q for q in first.captured_queries if "SAVEPOINT" not in q["sql"]]
    again = [q for q in second.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(plain) <= 22, [q["sql"][:90] for q in plain]
    assert len(again) <= 22, [q["sql"][:90] for q in again]


def test_submits_nested_in_an_outer_transaction_are_undone_with_it(city: City) -> None:
    with transaction.atomic():
        assert file(city).status == 201
        transaction.set_rollback(True)
    assert not DailyReport.objects.exists()
