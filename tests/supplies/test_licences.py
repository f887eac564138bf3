"""Licences: a certificate counts for products, each over a period of its own (R18)."""

from __future__ import annotations

import datetime as dt

import pytest

from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import AuditEntry, Certificate, StaleMark
from supplies import licences
from supplies.models import CertificateProduct

pytestmark = pytest.mark.django_db
FROM, TO = dt.date(2020, 1, 1), dt.date(2020, 3, 31)


def file(cast, product="MASK_SURG", *, actor=None, **more):
    said = {"kind": "医疗器械注册证", "number": "闽械注准20202140001", "valid_from": FROM, "valid_to": TO, **more}
    return licences.file(actor=actor, enterprise=cast.plant_a, product=product, **said)


def licensed(cast, day, at=None):
    """Products with a believed valid certificate on a day."""
    links = CertificateProduct.objects.believed(at).filter(certificate__enterprise=cast.plant_a)
    held = {c.pk: c for c in Certificate.objects.believed(at) if c.status == "valid"}
    return sorted(
        link.product_id
        for link in links
        if link.certificate_id in held
        and held[link.certificate_id].valid_from <= day
        and (held[link.certificate_id].valid_to or day) >= day
    )


def test_one_certificate_counts_for_several_products(cast):
    assert file(cast) == "added"
    assert file(cast, "MASK_CIVIL") == "added"
    assert Certificate.objects.believed().filter(enterprise=cast.plant_a).count() == 1
    assert licensed(cast, TO) == ["MASK_CIVIL", "MASK_SURG"]
    assert licensed(cast, TO + dt.timedelta(days=1)) == []
    assert StaleMark.objects.filter(cause="certificateproduct", from_day=FROM, to_day=TO).count() == 2


def test_filing_again_changes_nothing(cast):
    file(cast)
    rows = AuditEntry.objects.count()
    assert file(cast) == "unchanged"
    assert AuditEntry.objects.count() == rows


def test_a_changed_period_is_a_new_version_for_that_product_only_r14(cast):
    first, second = (dt.datetime(2020, month, 1, tzinfo=dt.UTC) for month in (2, 3))
    file(cast, known_at=first)
    file(cast, "MASK_CIVIL", known_at=first)
    assert file(cast, valid_to=dt.date(2025, 3, 31), known_at=second) == "changed"
    later = TO + dt.timedelta(days=1)
    assert licensed(cast, later) == ["MASK_SURG"]
    assert licensed(cast, later, first) == []
    assert licensed(cast, TO) == ["MASK_CIVIL", "MASK_SURG"]
    assert file(cast, "MASK_CIVIL", valid_to=dt.date(2025, 3, 31), known_at=second) == "changed"
    assert Certificate.objects.believed().filter(enterprise=cast.plant_a).count() == 1, "one period, one row again"


def test_pending_and_revoked_certificates_license_nothing(cast):
    assert file(cast, status="pending") == "added"
    assert licensed(cast, FROM) == []
    assert file(cast) == "changed"
    assert licensed(cast, FROM) == ["MASK_SURG"]
    assert file(cast, status="revoked") == "changed"
    assert licensed(cast, FROM) == []


def test_what_is_taken_back_licenses_nothing_and_stays_known(cast):
    known = dt.datetime(2020, 2, 1, tzinfo=dt.UTC)
    file(cast, known_at=known)
    said = {"actor": None, "enterprise": cast.plant_a, "kind": "医疗器械注册证", "number": "闽械注准20202140001"}
    assert licences.withdraw(product="MASK_SURG", **said)
    assert not licences.withdraw(product="MASK_SURG", **said)
    assert licensed(cast, FROM) == []
    assert licensed(cast, FROM, known) == ["MASK_SURG"]
    assert not Certificate.objects.believed().filter(enterprise=cast.plant_a).exists()


def test_a_certificate_may_count_for_no_product(cast):
    assert file(cast, None, kind="医疗器械生产许可证", number="闽食药监械生产许20160021号") == "added"
    assert file(cast, None, kind="医疗器械生产许可证", number="闽食药监械生产许20160021号") == "unchanged"
    assert licensed(cast, FROM) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"kind": " "}, "required"), ({"number": ""}, "required"), ({"status": "lost"}, "invalid_status"),
        ({"valid_to": dt.date(2019, 1, 1)}, "invalid_span"), ({"product": "X"}, "unknown_product"),
        ({"number": "甲\u202e"}, "invalid"),
    ],
)  # fmt: skip
def test_refuses_what_is_no_licence(cast, said, code):
    with pytest.raises((Invalid, NotFound)) as refused:
        file(cast, **said)
    assert refused.value.code == code
    assert not Certificate.objects.filter(enterprise=cast.plant_a).exists()


def test_only_the_bureau_of_the_place_files_them(cast):
    assert file(cast, actor=cast.county_officer_a) == "added"
    with pytest.raises(NotFound):
        file(cast, "MASK_CIVIL", actor=cast.county_officer_b)
    with pytest.raises(Forbidden):
        file(cast, "MASK_CIVIL", actor=cast.reporter_a)
