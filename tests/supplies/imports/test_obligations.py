"""Files of duties, exemptions, pools, packs and certificates."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from enterprises.files import BadRows
from enterprises.models import AuditEntry, StaleMark
from supplies import imports, products
from supplies.models import CertificateProduct, Exemption, PoolMember, ReportingDuty, UnitFactor
from tests.enterprises.files.sheets import workbook

pytestmark = pytest.mark.django_db
MARCH = dt.date(2020, 3, 1)


def load(what: str, text: str, **more):
    return getattr(imports, f"import_{what}")(actor=None, content=text.encode(), name=f"{what}.csv", **more)


def counts(done) -> tuple[int, int, int]:
    return done.added, done.changed, done.unchanged


def problems(what: str, text: str, **more) -> list[tuple[int, str, str]]:
    with pytest.raises(BadRows) as refused:
        load(what, text, **more)
    return [(p.row, p.column, p.code) for p in refused.value.problems]


def duties(cast, *rows: str) -> str:
    head = "统一社会信用代码,产品,起始日期,截止日期,期初累计产量,撤回"
    return "\n".join([head, *(row.replace("A", cast.plant_a.uscc, 1) for row in rows)]) + "\n"


def test_duties_by_code_name_or_without_product(cast):
    text = duties(cast, "A,SUIT_STERILE,2020-03-01,,,", "A,84消毒液,2020/3/1,2020年3月31日,,", "A,,2020-3-1,,,")
    assert counts(load("duties", text)) == (3, 0, 0)
    assert counts(load("duties", text)) == (0, 0, 3)
    owed = ReportingDuty.objects.filter(enterprise=cast.plant_a, starts_on=MARCH)
    assert set(owed.values_list("product", "ends_on")) == {
        ("SUIT_STERILE", None), ("DIS_84", dt.date(2020, 3, 31)), (None, None)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "product", "stored"),
    [
        ("1.8亿", "MASK_N95_MED", 180_000_000_000), ("１２，３４５", "MASK_N95_MED", 12_345_000),
        ("2.5吨", "ALC_75", 2_500_000), ("508000套", "SUIT_STERILE", 508_000_000), ("0", "MASK_N95_MED", 0),
    ],
)  # fmt: skip
def test_an_opening_is_read_like_every_quantity_r16(cast, cell, product, stored):
    load("duties", duties(cast, f'A,{product},2020-03-01,,"{cell}",'))
    assert ReportingDuty.objects.get(product_id=product, starts_on=MARCH).opening_output == stored


def test_a_numeric_cell_is_its_shortest_decimal_r16(cast):
    rows = [["uscc", "product", "starts_on", "opening_output"], [cast.plant_a.uscc, "ALC_75", MARCH, 0.1 + 0.2]]
    imports.import_duties(actor=None, content=workbook(rows), name="a.xlsx")
    assert ReportingDuty.objects.get(enterprise=cast.plant_a, product_id="ALC_75").opening_output == 300


def test_every_bad_duty_is_named_with_row_column_and_reason(cast):
    text = duties(
        cast,
        "A,口罩,2020-03-01,,,",
        "A,SUIT_STERILE,2020-03-05,2020-03-01,,",
        "A,MASK_SURG,2020-03-01,,,",
        "A,SUIT_NONST,2020-03-01,,48w,",
        "A,SUIT_NONST,2020-03-01,,-1,",
        "A,,2020-03-01,,5,",
        "A,ALC_75,2020-03-01,,5升,",
        "91350100M000100Y43,ALC_75,2020-03-01,,,",
        "A,SUIT_NONST,20200301,,,",
    )
    found = problems("duties", text)
    assert found == [
        (2, "产品", "unknown_product"), (3, "截止日期", "invalid_span"), (4, "起始日期", "overlap"),
        (5, "期初累计产量", "not_a_number"), (6, "", "contradicts"), (7, "期初累计产量", "opening_without_product"),
        (8, "期初累计产量", "unknown_unit"), (9, "统一社会信用代码", "unknown_enterprise"), (10, "起始日期", "invalid"),
    ]  # fmt: skip
    assert ReportingDuty.objects.count() == 5
    assert not StaleMark.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_second_dated_opening_is_a_row_error_and_the_same_day_a_new_version_r11(cast):
    load("duties", duties(cast, "A,SUIT_STERILE,2020-03-01,2020-03-31,5,"))
    assert problems("duties", duties(cast, "A,SUIT_STERILE,2020-04-01,,6,")) == [(2, "期初累计产量", "second_opening")]
    assert counts(load("duties", duties(cast, "A,SUIT_STERILE,2020-03-01,2020-03-31,6,"))) == (0, 1, 0)


def test_a_withdrawn_row_takes_its_fact_back_once(cast):
    load("duties", duties(cast, "A,SUIT_STERILE,2020-03-01,,,"))
    gone = duties(cast, "A,SUIT_STERILE,2020-03-01,,,是")
    assert counts(load("duties", gone)) == (0, 1, 0)
    assert counts(load("duties", gone)) == (0, 0, 1)
    assert not ReportingDuty.objects.believed().filter(product_id="SUIT_STERILE", enterprise=cast.plant_a).exists()
    assert problems("duties", duties(cast, "A,ALC_75,2020-03-01,,,yes")) == [(2, "撤回", "not_found")]


def test_a_product_named_in_two_ways_is_one_row_twice(cast):
    text = duties(cast, "A,SUIT_NONST,2020-03-01,,,", "A,医用一次性防护服（非无菌）,2020-03-01,2020-03-02,,")
    assert problems("duties", text) == [(3, "", "contradicts")]


def test_a_duty_before_the_enterprise_stood_anywhere_is_refused_r15(cast):
    from tests.factories import enterprises as make

    late = make.enterprise(division=cast.county_a, starts_on=MARCH)
    text = f"uscc,product,starts_on\n{late.uscc},ALC_75,2020-02-01\n"
    assert problems("duties", text) == [(2, "starts_on", "not_placed")]


def test_exemptions_for_a_product_or_for_all(cast):
    code = cast.plant_a.uscc
    text = f"uscc,product,starts_on,ends_on,reason,approver\n{code},,2020-03-01,2020-03-05,检修,王某\n{code},MASK_SURG,2020-03-10,,,\n"
    assert counts(load("exemptions", text)) == (2, 0, 0)
    assert counts(load("exemptions", text)) == (0, 0, 2)
    assert counts(load("exemptions", text.replace("检修", "停电"))) == (0, 1, 1)
    assert Exemption.objects.believed().get(product=None).approver == "王某"
    assert counts(load("exemptions", f"uscc,product,starts_on,withdrawn\n{code},,2020-03-01,1\n")) == (0, 1, 0)
    assert Exemption.objects.believed().count() == 1


def test_pools_share_products_for_a_span_r17a(cast):
    code = cast.plant_a.uscc
    text = f"uscc,pool,product,starts_on,ends_on\n{code},一号线,MASK_SURG,,\n{code},一号线,日常防护型口罩,,\n"
    assert counts(load("pools", text)) == (2, 0, 0)
    assert counts(load("pools", text)) == (0, 0, 2)
    assert problems("pools", f"uscc,pool,product,starts_on\n{code},二号线,MASK_SURG,2020-03-01\n") == [
        (2, "starts_on", "overlap")
    ]
    assert counts(load("pools", f"uscc,pool,product,withdrawn\n{code},一号线,MASK_SURG,是\n")) == (0, 1, 0)
    assert PoolMember.objects.believed().count() == 1


@pytest.mark.parametrize(
    ("cell", "factor"),
    [("2000", 2000), ("50个", 50), ("100双", 200), ("0.5", Fraction(1, 2)), ("1/10", Fraction(1, 10)), ("２万", 20000)],
)
def test_packs_have_exact_factors_r16(cast, cell, factor):
    product = "GLOVE_NBR" if "双" in cell else "MASK_SURG"
    text = f"uscc,product,unit,factor\n{cast.plant_a.uscc},{product},箱,{cell}\n"
    assert counts(load("packs", text)) == (1, 0, 0)
    assert counts(load("packs", text)) == (0, 0, 1)
    assert Fraction(*products.packs(cast.plant_a.pk, MARCH)[product]["箱"]) == factor


def test_packs_can_be_corrected_and_taken_back(cast):
    code = cast.plant_a.uscc
    load("packs", f"uscc,product,unit,factor\n{code},MASK_SURG,箱,2000\n")
    assert counts(load("packs", f"uscc,product,unit,factor\n{code},MASK_SURG,箱,1000\n")) == (0, 1, 0)
    assert counts(load("packs", f"uscc,product,unit,factor,withdrawn\n{code},MASK_SURG,箱,1000,是\n")) == (0, 1, 0)
    assert not UnitFactor.objects.believed().filter(enterprise=cast.plant_a).exists()
    bad = "uscc,product,unit,factor\n" + "".join(
        f"{code},{said}\n"
        for said in (
            "MASK_SURG,片,2",
            "MASK_SURG,盒,0",
            "MASK_SURG,包,很多",
            "X,箱,1",
            "MASK_SURG,桶,1/0",
            "MASK_SURG,捆,5升",
        )
    )
    assert problems("packs", bad) == [
        (2, "unit", "unit_taken"), (3, "factor", "invalid_factor"), (4, "factor", "not_a_number"),
        (5, "product", "unknown_product"), (6, "factor", "invalid_factor"), (7, "factor", "invalid_factor"),
    ]  # fmt: skip


def test_certificates_count_for_products_and_odd_numbers_are_told(cast):
    code = cast.plant_a.uscc
    text = f"""uscc,product,kind,number,valid_from,valid_to,status
{code},MASK_SURG,医疗器械注册证,闽械注准20202140123,2020-01-01,2025-01-01,
{code},SUIT_STERILE,医疗器械注册证,12345,2020-01-01,,在办
{code},,医疗器械生产许可证,闽食药监械生产许20160021号,2020-01-01,2021-01-01,有效
"""
    done = load("certificates", text)
    assert counts(done) == (3, 0, 0)
    assert done.notices == ["第 3 行的证号不像这类证照的写法，已照录，请核对"]
    assert counts(load("certificates", text)) == (0, 0, 3)
    assert counts(load("certificates", text.replace("2025-01-01", "2026-01-01"))) == (0, 1, 2)
    links = CertificateProduct.objects.believed().filter(product_id="MASK_SURG")
    assert links.get().certificate.valid_to == dt.date(2026, 1, 1)
    gone = f"uscc,product,kind,number,valid_from,withdrawn\n{code},MASK_SURG,医疗器械注册证,闽械注准20202140123,2020-01-01,是\n"
    assert counts(load("certificates", gone)) == (0, 1, 0)
    assert not links.exists()


def test_every_bad_certificate_is_named(cast):
    code = cast.plant_a.uscc
    text = f"""uscc,product,kind,number,valid_from,valid_to,status
{code},MASK_SURG,,1,2020-01-01,,
{code},MASK_SURG,应急备案,2,,,
{code},MASK_SURG,应急备案,3,2020-02-01,2020-01-01,
{code},MASK_SURG,应急备案,4,2020-02-01,,丢失
{code},口罩,应急备案,5,2020-02-01,,
"""
    assert problems("certificates", text) == [
        (2, "kind", "required"), (3, "valid_from", "required"), (4, "valid_to", "invalid_span"),
        (5, "status", "invalid"), (6, "product", "unknown_product"),
    ]  # fmt: skip


def test_a_moment_of_knowledge_before_the_version_it_corrects_is_refused_r14(cast):
    known = dt.datetime(2020, 2, 10, tzinfo=dt.UTC)
    load("duties", duties(cast, "A,SUIT_STERILE,2020-03-01,,,"), known_at=known)
    earlier = known - dt.timedelta(seconds=1)
    changed = duties(cast, "A,SUIT_STERILE,2020-03-01,2020-03-02,,")
    assert problems("duties", changed, known_at=earlier) == [(2, "", "known_at_early")]
    assert counts(load("duties", changed, known_at=known + dt.timedelta(days=1))) == (0, 1, 0)
