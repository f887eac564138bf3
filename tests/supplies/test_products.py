"""The stored catalogue: in every fresh database, amended as facts, read in a fixed number of queries."""

from __future__ import annotations

import datetime as dt

import pytest

from enterprises import facts
from enterprises.models import EVER, AuditEntry, Enterprise, StaleMark
from supplies import products
from supplies.models import Product, ProductFact, UnitFactor

pytestmark = pytest.mark.django_db


def test_a_fresh_database_has_the_catalogue_and_nothing_to_sum():
    assert Product.objects.count() == 66
    assert not StaleMark.objects.exists()
    assert not AuditEntry.objects.exists()


def test_loading_again_changes_nothing():
    rows = UnitFactor.objects.count(), ProductFact.objects.count(), AuditEntry.objects.count()
    assert products.load_catalogue() == 0
    assert (UnitFactor.objects.count(), ProductFact.objects.count(), AuditEntry.objects.count()) == rows


def test_loading_amends_what_differs_and_keeps_what_was_known_r14():
    told = dt.datetime(2020, 3, 1, tzinfo=dt.UTC)
    facts.record(
        ProductFact,
        actor=None,
        identity={"product_id": "MASK_SURG", "starts_on": EVER},
        values={"name": "别名", "display_unit": "只", "certificate_kinds": []},
        known_at=told,
    )
    facts.withdraw(
        UnitFactor,
        identity={"enterprise_id": None, "product_id": "MASK_SURG", "unit": "片", "starts_on": EVER},
        known_at=told,
    )
    assert products.load_catalogue() == 1
    assert AuditEntry.objects.get().after == {"added": [], "changed": ["MASK_SURG"]}
    assert products.catalogue()["MASK_SURG"].name == "医用外科口罩"
    assert products.catalogue()["MASK_SURG"].units["片"] == (1, 1)
    then = products.catalogue(dt.date(2020, 3, 2), told)["MASK_SURG"]
    assert then.name == "别名"
    assert "片" not in then.units
    assert StaleMark.objects.filter(cause="productfact").exists()


def test_is_known_at_every_moment_that_may_be_asked_for_r14():
    long_ago = products.catalogue(dt.date(2020, 2, 3), dt.datetime(2020, 2, 3, tzinfo=dt.UTC))
    assert long_ago["MASK_SURG"].certificate_kinds == ("医疗器械注册证", "应急备案")
    assert long_ago.categories["mask"] == "口罩"


def test_is_read_in_five_queries(django_assert_num_queries):
    with django_assert_num_queries(5):
        assert len(products.catalogue().entries) == 66


def test_packs_are_those_of_the_enterprise_on_the_day_r16():
    one, other = (Enterprise.objects.create(uscc=code, name=code) for code in ("A", "B"))
    known = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    UnitFactor.objects.create(
        product_id="MASK_SURG", enterprise=one, unit="箱", num=2000, starts_on=dt.date(2020, 3, 1), known_at=known
    )
    assert products.packs(one.pk, dt.date(2020, 3, 1)) == {"MASK_SURG": {"箱": (2000, 1)}}
    assert products.packs(one.pk, dt.date(2020, 2, 29)) == {}
    assert products.packs(other.pk, dt.date(2020, 3, 1)) == {}
    assert "箱" not in products.catalogue(dt.date(2020, 3, 1))["MASK_SURG"].units
