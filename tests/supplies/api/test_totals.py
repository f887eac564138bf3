"""Totals, sources and coverage by REST: shapes, exact numbers, files, conditions, refusals, reach (R12, R14, R16, R22)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from python_calamine import CalamineWorkbook
from rest_framework.test import APIClient

from enterprises import api_tokens
from enterprises.choices import Role
from enterprises.models import Account, Enterprise, StaleMark
from supplies import daily_totals, total_tables
from supplies.models import ReportingDuty
from tests.supplies.histories import START, Builder, moment
from tests.supplies.test_total_cells import LAST, drained
from tests.supplies.test_total_tables import END, FIRST, account

pytestmark = pytest.mark.django_db

TOTALS, SOURCES, COVERAGE = "/api/v1/totals/", "/api/v1/totals/sources/", "/api/v1/coverage/"
ALL = ("totals:read", "sources:read")


def caller(holder: Account, *scopes: str) -> APIClient:
    raw, _ = api_tokens.create(actor=None, account=holder, scopes=scopes)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {raw}")
    return client


@pytest.fixture
def city(db: None) -> APIClient:
    cache.clear()
    Builder(2).build(enterprises=9)
    drained()
    return caller(account("city", Role.CITY), *ALL)


def exact(response: Any) -> Any:
    assert response.status_code == 200, response.content
    return json.loads(response.content, parse_float=Decimal)


def pages(client: APIClient, address: str, **query: Any) -> list[dict[str, Any]]:
    found, page = [], 1
    while True:
        answer = exact(client.get(address, {**query, "page": page, "page_size": 7}))
        found += answer["results"]
        assert (answer["next"] is None) == (len(found) == answer["count"])
        assert (answer["previous"] is None) == (page == 1)
        if answer["next"] is None:
            return found
        page += 1


def test_answers_the_table_with_exact_numbers(city: APIClient) -> None:
    """R16: what the table says, digit by digit; nothing passes through a binary float."""
    response = city.get(TOTALS, {"date": END.isoformat(), "by": "division,product"})
    answer = exact(response)
    holder = Account.objects.get(username="city")
    asked = total_tables.Selection(END, END, by=frozenset({"division", "product"}))
    rows = total_tables.table(holder, asked).rows
    assert answer["rows"] == rows
    assert any(isinstance(row["capacity"], Decimal) for row in rows)
    assert list(rows[0]) == [name for name in total_tables.COLUMNS if name not in ("from", "to")]
    query = answer["query"]
    assert (query["date"], query["from"], query["by"], query["division"]) == (
        END.isoformat(), None, ["division", "product"], "T",
    )  # fmt: skip
    assert (query["pending"], query["provisional"], query["basis"]) == (0, False, "current")
    assert dt.datetime.fromisoformat(response["Totals-As-Of"]).utcoffset() == dt.timedelta(hours=8)


def test_a_period_and_a_moment(city: APIClient) -> None:
    span = {"from": FIRST.isoformat(), "to": END.isoformat()}
    answer = exact(city.get(TOTALS, span))
    assert {(r["date"], r["from"], r["to"]) for r in answer["rows"]} == {(None, *span.values())}
    at = moment(END, 15)
    response = city.get(TOTALS, {**span, "as_of": at.isoformat()})
    assert exact(response)["query"]["as_of"] == at.isoformat() == response["Totals-As-Of"]
    assert exact(response)["query"]["provisional"] is False
    assert exact(city.get(TOTALS, {**span, "as_of": timezone.now().isoformat()}))["query"]["provisional"] is True
    for address, rows in ((TOTALS, "rows"), (SOURCES, "results")):
        assert exact(city.get(address, {**span, "as_of": "0001-01-01T00:00:00+08:00"}))[rows] == []


def test_csv_is_the_same_table_and_no_text_in_it_computes(city: APIClient) -> None:
    query = {"from": FIRST.isoformat(), "to": END.isoformat(), "by": "date,division"}
    rows = exact(city.get(TOTALS, query))["rows"]
    response = city.get(TOTALS, {**query, "format": "csv"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="totals-T-2020-02-12.csv"' in response["Content-Disposition"]
    text = response.content.decode()
    assert text.startswith("\ufeffdate,from,to,division,")
    lines = list(csv.DictReader(io.StringIO(text[1:])))
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        for name in total_tables.COLUMNS:
            value = row.get(name)
            shown = line[name]
            if isinstance(value, bool):
                assert shown == str(value).lower()
            elif isinstance(value, int | Decimal):
                assert Decimal(shown) == value
            else:
                assert shown == (value or "")


def test_xlsx_is_the_same_table_with_numbers_as_numbers(city: APIClient) -> None:
    query = {"date": END.isoformat(), "by": "division"}
    rows = exact(city.get(TOTALS, query))["rows"]
    response = city.get(TOTALS, {**query, "format": "xlsx"})
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    names, *lines = book.get_sheet_by_index(0).to_python()
    assert names == list(total_tables.COLUMNS)
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        cells = dict(zip(names, line, strict=True))
        assert cells["date"] == END
        for name in ("capacity", "stock", "expected"):
            assert cells[name] == ("" if row[name] is None else float(row[name]))
        assert (cells["division"], cells["unit"]) == (row["division"], row["unit"])
    sheet = zipfile.ZipFile(io.BytesIO(response.content)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


def test_what_has_not_changed_is_not_computed_again(city: APIClient, django_assert_max_num_queries: Any) -> None:
    for address in (TOTALS, SOURCES, COVERAGE):
        query = {"date": END.isoformat()}
        tag = city.get(address, query)["ETag"]
        assert city.get(address, query)["ETag"] == tag
        with django_assert_max_num_queries(14):
            short = city.get(address, query, HTTP_IF_NONE_MATCH=tag)
        assert (short.status_code, short.content, short["ETag"]) == (304, b"", tag)
        assert short["Totals-As-Of"]
        assert city.get(address, {"date": FIRST.isoformat()}, HTTP_IF_NONE_MATCH=tag).status_code == 200
    StaleMark.objects.create(from_day=END, to_day=END, cause="test")
    assert city.get(TOTALS, query)["ETag"] != tag
    daily_totals.refresh_all()
    after = city.get(TOTALS, query)
    assert after["ETag"] != tag
    assert exact(after)["query"]["pending"] == 0


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({}, "date", "required"),
        ({"date": "2020/02/12"}, "date", "invalid_date"),
        ({"date": "2020-02-30"}, "date", "invalid_date"),
        ({"date": "20200212"}, "date", "invalid_date"),
        ({"from": "2020-02-12"}, "to", "required"),
        ({"to": "2020-02-12"}, "from", "required"),
        ({"from": "2020-02-12", "to": "2020-02-11"}, "from", "reversed"),
        ({"from": "1990-02-12", "to": "2020-02-11"}, "from", "span_too_long"),
        ({"date": "2020-02-12", "to": "2020-02-12"}, "date", "date_and_span"),
        ({"date": "2020-02-12", "by": "county"}, "by", "invalid_choice"),
        ({"date": "2020-02-12", "basis": "new"}, "basis", "invalid_choice"),
        ({"date": "2020-02-12", "licensed": "1"}, "licensed", "invalid_choice"),
        ({"date": "2020-02-12", "as_of": "2020-03-27T09:00:00"}, "as_of", "invalid_moment"),
        ({"date": "2020-02-12", "product": "TA,NIX"}, "product", "unknown_product"),
        ({"date": "2020-02-12", "product": "TA,"}, "product", "unknown_product"),
        ({"date": "2020-02-12", "category": "NIX"}, "category", "unknown_category"),
        ({"date": "2020-02-12", "county": "T1"}, "county", "unknown_parameter"),
    ],
)
def test_refuses_an_unreadable_question_with_field_code_and_reason(
    city: APIClient, query: dict[str, str], field: str, code: str
) -> None:
    for address in (TOTALS, SOURCES):
        response = city.get(address, query)
        assert response.status_code == 422
        assert response["Content-Type"] == "application/problem+json"
        error = response.json()["errors"][0]
        assert (error["field"], error["code"]) == (field, code)
        assert any("\u4e00" <= letter <= "\u9fff" for letter in error["message"])


def test_refuses_other_formats_and_measures(city: APIClient) -> None:
    day = {"date": END.isoformat()}
    assert city.get(TOTALS, {**day, "format": "xml"}).json()["errors"][0]["field"] == "format"
    assert city.get(TOTALS, {**day, "measure": "output"}).json()["errors"][0]["code"] == "unknown_parameter"
    assert city.get(SOURCES, {**day, "measure": "weight"}).json()["errors"][0]["field"] == "measure"
    assert city.get(COVERAGE, {"status": "late"}).json()["errors"][0]["code"] == "required"
    assert city.get(COVERAGE, {**day, "status": "lost"}).status_code == 422
    assert city.get(SOURCES, {**day, "page": "99"}).status_code == 404
    assert city.post(TOTALS, {}, format="json").status_code in (403, 405)


def test_a_county_sees_its_own_and_scopes_bound_what_a_token_does(city: APIClient) -> None:
    """A foreign division is not found; sources are a right of their own (R22)."""
    county = account("county", Role.COUNTY, "T2")
    client, day = caller(county, *ALL), {"date": END.isoformat()}
    for address in (TOTALS, SOURCES, COVERAGE):
        assert exact(client.get(address, day))["query"]["division"] == "T2"
        for foreign in ("T", "T1", "999"):
            response = client.get(address, {**day, "division": foreign})
            assert (response.status_code, response.json()["errors"][0]["field"]) == (404, "division")
        assert APIClient().get(address, day).status_code == 401
        assert caller(county, "reports:write").get(address, day).status_code == 403
    assert caller(county, "totals:read").get(SOURCES, day).status_code == 403
    assert caller(account("province", Role.PROVINCE), *ALL).get(SOURCES, day).status_code == 403
    rows = exact(caller(Account.objects.get(username="province"), *ALL).get(COVERAGE, day))["results"]
    assert rows
    assert all(row["last_known"] is None for row in rows)


@pytest.mark.parametrize(
    "measure", ["", "capacity", "output", "stock", "shipped", "output_cumulative", "capacity_carried"]
)
def test_sources_add_up_to_the_number(city: APIClient, measure: str) -> None:
    """R22, over all pages and for each product and the category."""
    for more in ({"product": "TA"}, {"product": "TB", "licensed": "true"}, {"category": "tcat"}):
        for span in ({"date": END.isoformat()}, {"from": FIRST.isoformat(), "to": END.isoformat()}):
            rows = exact(city.get(TOTALS, {**span, **more}))["rows"]
            found = pages(city, SOURCES, **span, **more, **({"measure": measure} if measure else {}))
            for row in rows:
                mine = [r for r in found if r["unit"] == row["unit"]]
                for name in [measure] if measure else ["capacity", "output", "stock", "shipped"]:
                    figure = name.split("_")[0]
                    given = [r[figure] for r in mine if r[figure] is not None and (figure != "capacity" or r["counts"])]
                    assert (sum(given) if given else None) == (row[name] or (0 if given else None)), (more, span, name)


def test_the_sums_beside_sources_are_those_of_all_pages(city: APIClient) -> None:
    answer = exact(city.get(SOURCES, {"date": END.isoformat(), "category": "tcat", "page_size": "1"}))
    rows = exact(city.get(TOTALS, {"date": END.isoformat(), "category": "tcat"}))["rows"]
    assert {(s["unit"], s["capacity"], s["output"]) for s in answer["sums"]} == {
        (r["unit"], r["capacity"], r["output"]) for r in rows
    }
    assert set(answer["results"][0]) >= {"enterprise", "name", "date", "revision", "product", "kind", "age", "counts"}


def test_coverage_is_what_the_totals_count(city: APIClient) -> None:
    """R12."""
    for more in ({}, {"product": "TA"}, {"division": "T1", "product": "TC"}):
        day = {"date": END.isoformat(), **more}
        rows = pages(city, COVERAGE, **day)
        counts = exact(city.get(COVERAGE, day))["counts"]
        assert {s: sum(r["status"] == s for r in rows) for s in counts} == counts
        if more:
            total = exact(city.get(TOTALS, day))["rows"][0]
            for name in ("on_time", "late", "carried", "stale", "never", "unexpected"):
                assert counts[name] == total[name]
        only = pages(city, COVERAGE, **day, status="late")
        assert only == [r for r in rows if r["status"] == "late"]
    as_of = exact(city.get(COVERAGE, {"date": END.isoformat(), "as_of": moment(START, -50).isoformat()}))
    assert as_of["count"] == 0


def test_nothing_closed_has_no_rows_and_no_sources(city: APIClient) -> None:
    for basis in ("closed", "flash"):
        query = {"date": END.isoformat(), "basis": basis}
        assert exact(city.get(TOTALS, query))["rows"] == []
        assert exact(city.get(SOURCES, query))["results"] == []


def test_an_empty_installation_answers_empty(db: None) -> None:
    cache.clear()
    client = caller(account("admin", Role.ADMIN, None), *ALL)
    response = client.get(TOTALS, {"date": END.isoformat()})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (404, "division")


def test_number_of_queries_does_not_depend_on_rows(city: APIClient, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(26):
        city.get(TOTALS, {"from": START.isoformat(), "to": LAST.isoformat(), "by": "date,division,product"})
    with django_assert_max_num_queries(36):
        city.get(SOURCES, {"from": START.isoformat(), "to": LAST.isoformat(), "page_size": "200"})
    with django_assert_max_num_queries(30):
        city.get(COVERAGE, {"date": END.isoformat()})
    assert Enterprise.objects.count() == 9
    assert ReportingDuty.objects.exists()
