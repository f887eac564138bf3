"""Duties, exemptions, pools and packs: dated, never overlapping, taken back without forgetting."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from enterprises import registration
from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import AuditEntry, StaleMark
from supplies import products, reporting_duties
from supplies.models import Exemption, PoolMember, ReportingDuty, UnitFactor
from tests.factories import enterprises as make

pytestmark = pytest.mark.django_db
FEB, MARCH, APRIL = (dt.date(2020, month, 1) for month in (2, 3, 4))


def assign(cast, product="SUIT_STERILE", starts_on=MARCH, *, actor=None, enterprise=None, **more):
    return reporting_duties.assign(
        actor=actor, enterprise=enterprise or cast.plant_a, product=product, starts_on=starts_on, **more
    )


def refused_code(act, *args, **kwargs) -> str:
    with pytest.raises((Invalid, NotFound)) as refused:
        act(*args, **kwargs)
    return refused.value.code


def test_a_duty_marks_its_days_and_is_audited(cast):
    done = assign(cast, ends_on=dt.date(2020, 3, 31))
    assert done.change == "added"
    assert list(StaleMark.objects.values_list("from_day", "to_day")) == [(MARCH, dt.date(2020, 3, 31))]
    assert AuditEntry.objects.get().act == "reporting_duty.assign"
    assert assign(cast, ends_on=dt.date(2020, 3, 31)).change == "unchanged"


def test_a_duty_may_ask_for_state_and_staff_only_r2(cast):
    assert assign(cast, None).row.product_id is None
    assert refused_code(assign, cast, None, APRIL) == "overlap"
    assert refused_code(assign, cast, None, opening_output=1) == "opening_without_product"


def test_refuses_a_duty_that_overlaps_another_of_the_same_product(cast):
    assert refused_code(assign, cast, "MASK_SURG", MARCH) == "overlap"
    assert assign(cast, "MASK_SURG", FEB, ends_on=dt.date(2020, 2, 29)).change == "changed"
    assert assign(cast, "MASK_SURG", MARCH).change == "added"


def test_a_changed_duty_is_a_new_version_and_the_old_one_stays_known_r14(cast):
    known = dt.datetime(2020, 2, 20, tzinfo=dt.UTC)
    assign(cast, "MASK_SURG", FEB, ends_on=dt.date(2020, 2, 25), known_at=known)
    rows = ReportingDuty.objects.filter(enterprise=cast.plant_a, product_id="MASK_SURG")
    assert rows.believed(known - dt.timedelta(seconds=1)).on(MARCH).count() == 1
    assert rows.believed(known).on(MARCH).count() == 0
    assert refused_code(assign, cast, "MASK_SURG", FEB, known_at=known - dt.timedelta(days=1)) == "known_at_early"


def test_has_one_opening_per_enterprise_and_product_r11(cast):
    assign(cast, ends_on=dt.date(2020, 3, 31), opening_output=5_000)
    assert assign(cast, ends_on=dt.date(2020, 3, 31), opening_output=6_000).change == "changed"
    assert refused_code(assign, cast, starts_on=APRIL, opening_output=1_000) == "second_opening"
    assert assign(cast, starts_on=APRIL).change == "added"


def test_refuses_a_duty_on_days_without_placement_r15(cast):
    nowhere = make.enterprise(division=None)
    assert refused_code(assign, cast, enterprise=nowhere) == "not_placed"
    make.placement(nowhere, cast.county_a, starts_on=MARCH, ends_on=dt.date(2020, 3, 31))
    assert refused_code(assign, cast, enterprise=nowhere, starts_on=FEB) == "not_placed"
    assert refused_code(assign, cast, enterprise=nowhere, ends_on=APRIL) == "not_placed"
    assert assign(cast, enterprise=nowhere, ends_on=dt.date(2020, 3, 31)).change == "added"
    make.placement(nowhere, cast.county_b, starts_on=APRIL)
    assert assign(cast, "MASK_SURG", enterprise=nowhere).change == "added", "two placements cover the span together"


def test_refuses_unknown_products_and_backward_spans(cast):
    assert refused_code(assign, cast, "MASKS") == "unknown_product"
    assert refused_code(assign, cast, ends_on=FEB) == "invalid_span"


def test_an_exemption_covers_one_product_or_all_r2(cast):
    exempt = reporting_duties.exempt
    said = {"actor": None, "enterprise": cast.plant_a, "starts_on": MARCH, "approver": "王某", "reason": "检修"}
    assert exempt(product=None, **said).change == "added"
    assert exempt(product="MASK_SURG", **said).change == "added"
    assert exempt(product=None, **said).change == "unchanged"
    assert exempt(product=None, **{**said, "reason": "停电"}).change == "changed"
    assert Exemption.objects.believed().get(product=None).reason == "停电"
    assert refused_code(exempt, product=None, **{**said, "starts_on": APRIL}) == "overlap"


def test_a_product_is_in_one_pool_at_a_time_r17a(cast):
    share = reporting_duties.share
    said = {"actor": None, "enterprise": cast.plant_a, "starts_on": MARCH}
    for product in ("MASK_SURG", "MASK_CIVIL"):
        assert share(pool="一号线", product=product, **said).change == "added"
    assert refused_code(share, pool="二号线", product="MASK_SURG", **said) == "overlap"
    assert refused_code(share, pool="二号线", product="MASK_SURG", **{**said, "starts_on": APRIL}) == "overlap"
    assert share(pool="一号线", product="MASK_SURG", ends_on=dt.date(2020, 3, 31), **said).change == "changed"
    assert share(pool="二号线", product="MASK_SURG", **{**said, "starts_on": APRIL}).change == "added"
    assert refused_code(share, pool=" ", product="MASK_SURG", **said) == "required"


def test_a_pack_holds_a_factor_of_one_enterprise_r16(cast):
    pack = products.pack
    said = {"actor": None, "enterprise": cast.plant_a, "product": "MASK_SURG"}
    assert pack(unit="箱", factor=Fraction(2000), **said).change == "added"
    assert pack(unit=" 箱 ", factor=Fraction(2000), **said).change == "unchanged"
    assert pack(unit="半片", factor=Fraction(1, 2), **said).row.den == 2
    assert refused_code(pack, unit="箱", factor=Fraction(1000), starts_on=MARCH, **said) == "overlap"
    assert refused_code(pack, unit="片", factor=Fraction(2), **said) == "unit_taken"
    assert refused_code(pack, unit="个", factor=Fraction(2), **{**said, "product": "X"}) == "unknown_product"
    for factor in (Fraction(0), Fraction(-1), Fraction(10**10), Fraction(1, 10**10)):
        assert refused_code(pack, unit="盒", factor=factor, **said) == "invalid_factor"
    assert not StaleMark.objects.exists(), "figures stored keep the factor they were made with"


def test_what_is_taken_back_was_never_so_but_stays_known_r14(cast):
    told = dt.datetime(2020, 3, 10, tzinfo=dt.UTC)
    duty = ReportingDuty.objects.get(enterprise=cast.plant_a, product_id="MASK_SURG")
    reporting_duties.withdraw(actor=None, fact=duty, known_at=told)
    assert not ReportingDuty.objects.believed().filter(pk=duty.pk).exists()
    assert ReportingDuty.objects.believed(told - dt.timedelta(seconds=1)).filter(pk=duty.pk).exists()
    assert StaleMark.objects.get().from_day == duty.starts_on
    assert AuditEntry.objects.get().act == "reporting_duty.withdraw"
    synonym = UnitFactor.objects.filter(enterprise=None).first()
    assert refused_code(reporting_duties.withdraw, actor=None, fact=synonym) == "not_a_pack"


def test_only_the_bureau_of_the_place_assigns_duties(cast):
    assert assign(cast, actor=cast.county_officer_a).change == "added"
    with pytest.raises(NotFound):
        assign(cast, "ALC_75", actor=cast.county_officer_b)
    for name in ("reporter_a", "liaison", "leader", "province", "auditor", "department", "stranger"):
        with pytest.raises(Forbidden):
            assign(cast, "ALC_75", actor=cast.people()[name])


def test_a_moved_enterprise_is_its_new_countys(cast):
    registration.place(actor=None, enterprise=cast.plant_a, division=cast.county_b, starts_on=MARCH)
    assert assign(cast, actor=cast.county_officer_b).change == "added"
    assert PoolMember.objects.count() == 0
