"""Files about the ground storey: all or nothing, nothing doubled, in Chinese or English, CSV or XLSX."""

from __future__ import annotations

import datetime as dt

import pytest

from enterprises import access, imports
from enterprises.files import BadFile, BadRows
from enterprises.models import (
    EVER,
    Account,
    AuditEntry,
    Division,
    DivisionFact,
    Enterprise,
    EnterpriseFact,
    Membership,
    Organisation,
    Placement,
)
from tests.enterprises.files.sheets import workbook
from tests.factories.enterprises import credit_code

pytestmark = pytest.mark.django_db
A, B, C = (credit_code(number) for number in (11, 12, 13))


def load(what: str, text: str, **more):
    act = getattr(imports, f"import_{what}")
    return act(actor=None, content=text.encode(), name=f"{what}.csv", **more)


def counts(done) -> tuple[int, int, int]:
    return done.added, done.changed, done.unchanged


def problems(what: str, text: str, **more) -> list[tuple[int, str, str]]:
    """(row, column, code) of each problem."""
    with pytest.raises(BadRows) as refused:
        load(what, text, **more)
    return [(p.row, p.column, p.code) for p in refused.value.problems]


DIVISIONS = """code,name,level,parent,valid_from,valid_to,reports
350582,晋江市,county,350500,,,
3505K1,泉州经济技术开发区,功能区,350500,2020-01-01,,
350527,金门县,county,350500,,,no
350500,泉州市,市级,35,,,
35,福建省,province,,,,
"""


def test_divisions_stand_in_any_order_and_nothing_is_doubled():
    assert counts(load("divisions", DIVISIONS)) == (5, 0, 0)
    assert counts(load("divisions", DIVISIONS)) == (0, 0, 5)
    tree = DivisionFact.objects.tree(dt.date(2020, 3, 1))
    assert tree.leaves("35") == ["350582", "3505K1"]
    assert "3505K1" not in DivisionFact.objects.tree(dt.date(2019, 12, 31))


def test_a_county_with_a_zone_below_it_is_no_reporting_unit():
    """R15: enterprises stand on leaves."""
    load("divisions", "code,name,level,parent\n3505,泉州市,city,\n350582,晋江市,county,3505\n3505Z1,园区,zone,350582\n")
    assert [d.code for d in Division.objects.filter(is_reporting=True)] == ["3505Z1"]


def test_a_new_name_from_a_day_on_is_a_new_fact():
    load("divisions", DIVISIONS)
    done = load("divisions", "code,name,level,parent,valid_from\n350582,晋江新区,county,350500,2020-03-01\n")
    assert counts(done) == (1, 0, 0)
    assert DivisionFact.objects.tree(dt.date(2020, 2, 29))["350582"].name == "晋江市"
    assert DivisionFact.objects.tree(dt.date(2020, 3, 1))["350582"].name == "晋江新区"
    assert Division.objects.get(pk="350582").is_reporting


def test_one_bad_row_undoes_the_whole_file():
    text = (
        "code,name,level,parent\n3505,泉州市,city,\n350582,晋江市,town,3505\n350583,南安市,county,36\n,甲,county,3505\n"
    )
    assert problems("divisions", text) == [
        (3, "level", "invalid"), (4, "parent", "not_found"), (5, "code", "required")
    ]  # fmt: skip
    assert not Division.objects.exists()


ENTERPRISES = f"""统一社会信用代码,企业名称,行政区划代码,起始日期,重点企业,联系电话,备注
{A},甲口罩厂,350582,,是,13800000000,x
{B.lower()},乙（福建）公司,350583,2020-02-01,否,,
"""


def test_enterprises_are_admitted_once_and_stand_since_ever_or_from_their_day(cast):
    done = load("enterprises", ENTERPRISES)
    assert counts(done) == (2, 0, 0)
    assert done.ignored == ["备注"]
    assert counts(load("enterprises", ENTERPRISES)) == (0, 0, 2)
    spans = Placement.objects.filter(enterprise__uscc__in=[A, B]).order_by("enterprise__uscc")
    assert sorted(spans.values_list("division", "starts_on")) == [
        ("350582", EVER), ("350583", dt.date(2020, 2, 1))
    ]  # fmt: skip
    assert Membership.objects.get().list == "key"
    assert Enterprise.objects.get(uscc=B).name == "乙（福建）公司", "width is kept"


def test_a_workbook_gives_the_same_as_the_text(cast):
    rows = [["uscc", "name", "division", "from_date"], [A, "甲厂", 350582, dt.date(2020, 2, 1)]]
    content = workbook(rows)
    done = imports.import_enterprises(actor=None, content=content, name="a.xlsx")
    assert counts(done) == (1, 0, 0)
    assert Placement.objects.get(enterprise__uscc=A).starts_on == dt.date(2020, 2, 1)


def test_a_corrected_row_changes_and_the_rest_stays(cast):
    load("enterprises", ENTERPRISES)
    assert counts(load("enterprises", ENTERPRISES.replace("甲口罩厂", "甲防护厂"))) == (0, 1, 1)
    facts = EnterpriseFact.objects.filter(enterprise__uscc=A)
    assert facts.count() == 2
    assert facts.believed().get().name == "甲防护厂"


def test_what_the_file_does_not_say_is_left_alone(cast):
    load("enterprises", ENTERPRISES)
    load("enterprises", f"uscc,name,division\n{A},甲口罩厂,350582\n")
    assert Enterprise.objects.get(uscc=A).contact_phone == "13800000000"


def test_every_bad_enterprise_is_named_and_none_is_stored(cast):
    text = f"""uscc,name,division,from_date
{A[:-1]}0,甲,350582,
9135O1OOMOOO1OOY43,乙,350582,
{B},丙,350500,
{C},丁,999999,
{credit_code(14)},,350582,
{credit_code(15)},戊,350582,20200201
"""
    assert problems("enterprises", text) == [
        (2, "uscc", "invalid"), (3, "uscc", "invalid"), (4, "division", "not_leaf"), (5, "division", "not_found"),
        (6, "name", "required"), (7, "from_date", "invalid"),
    ]  # fmt: skip
    assert Enterprise.objects.count() == 3


def test_two_rows_that_contradict_each_other_are_refused(cast):
    twice = f"uscc,name,division\n{A},甲,350582\n{A},甲,350583\n"
    assert problems("enterprises", twice) == [(3, "", "contradicts")]
    assert counts(load("enterprises", f"uscc,name,division\n{A},甲,350582\n{A},甲,350582\n")) == (1, 0, 1)


def test_placements_move_from_a_day_on_and_the_first_file_again_changes_nothing(cast):
    load("enterprises", ENTERPRISES)
    moves = f"uscc,division,starts_on\n{A},350583,2020/3/1\n"
    assert counts(load("placements", moves)) == (1, 0, 0)
    assert counts(load("placements", moves)) == (0, 0, 1)
    assert counts(load("enterprises", ENTERPRISES)) == (0, 0, 2)
    stands = Placement.objects.believed().filter(enterprise__uscc=A)
    assert stands.on(dt.date(2020, 2, 29)).get().division_id == "350582"
    assert stands.on(dt.date(2020, 3, 1)).get().division_id == "350583"
    assert problems("placements", f"uscc,division,starts_on\n{C},350583,2020-03-01\n") == [
        (2, "uscc", "unknown_enterprise")
    ]


def test_a_moment_of_knowledge_holds_for_every_row(cast):
    """R14: what a file says may have been known before the file came."""
    known = dt.datetime(2020, 2, 1, tzinfo=dt.UTC)
    load("enterprises", ENTERPRISES, known_at=known)
    assert set(Placement.objects.filter(enterprise__uscc__in=[A, B]).values_list("known_at", flat=True)) == {known}
    earlier = known - dt.timedelta(days=1)
    assert problems("enterprises", ENTERPRISES.replace("甲口罩厂", "丙"), known_at=earlier) == [
        (2, "", "known_at_early")
    ]


def test_organisations_and_accounts_with_several_posts(cast):
    load("organisations", "code,name,kind,division\nWJW,卫健委,部门,350500\n")
    assert Organisation.objects.get(code="WJW").kind == "department"
    text = f"""用户名,角色,姓名,行政区划代码,单位代码,统一社会信用代码,初始密码
li.ming,县级调度员,李明,350582,,,quanzhou-2020
li.ming,department,,,WJW,,
zhao.a,企业填报员,赵,,,{cast.plant_a.uscc},quanzhou-2020
"""
    assert counts(load("accounts", text)) == (3, 0, 0)
    assert counts(load("accounts", text)) == (0, 0, 3)
    officer = Account.objects.get(username="li.ming")
    assert access.roles(officer) == {"county", "department"}
    assert officer.check_password("quanzhou-2020")
    assert "quanzhou-2020" not in str(list(AuditEntry.objects.values()))


def test_a_bad_account_stores_none(cast):
    before = Account.objects.count()
    text = (
        "username,role,division,password\nwang,county,350582,quanzhou-2020\nzhang,county,,\nli,king,,\nsun,admin,,123\n"
    )
    assert problems("accounts", text) == [
        (3, "division", "scope_missing"), (4, "role", "invalid"), (5, "password", "weak_password")
    ]  # fmt: skip
    assert Account.objects.count() == before


def test_a_file_of_something_else_is_refused_as_a_whole(cast):
    with pytest.raises(BadFile) as refused:
        load("enterprises", "code,name,level,parent\n35,福建省,province,\n")
    assert "统一社会信用代码（uscc）" in refused.value.message


def test_a_county_officer_imports_for_its_county_only(cast):
    text = f"uscc,name,division\n{A},甲,350582\n{B},乙,350583\n"
    with pytest.raises(BadRows) as refused:
        imports.import_enterprises(actor=cast.county_officer_a, content=text.encode(), name="a.csv")
    assert [(p.row, p.code) for p in refused.value.problems] == [(3, "not_found")]
    assert Enterprise.objects.count() == 3
