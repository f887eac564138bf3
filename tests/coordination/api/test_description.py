"""The interface describes itself: valid OpenAPI 3.1 that its answers keep to, and a page to try it."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command

from supplies.models import DailyReport
from tests.clients import Program
from tests.supplies.daily_reports.plants import City, file, settle

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.fixture
def city() -> City:
    return settle()


def test_is_openapi_3_1_without_warnings(schema: dict[str, Any]) -> None:
    assert schema["openapi"] == "3.1.0"
    assert schema["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}


def test_every_operation_has_a_name_a_summary_and_its_refusals(schema: dict[str, Any]) -> None:
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["operationId"], (method, path)
            assert {"401", "403", "404", "422", "429", "503"} <= operation["responses"].keys(), (method, path)
            assert ("304" in operation["responses"]) == (method == "get")
            assert operation.get("security") == [{"bearer": []}]


@pytest.mark.parametrize(
    "address, path",
    [
        ("/api/v1/reports/", "/api/v1/reports/"),
        ("/api/v1/reports/{report}/", "/api/v1/reports/{number}/"),
        ("/api/v1/reports/{report}/revisions/", "/api/v1/reports/{number}/revisions/"),
        ("/api/v1/enterprises/", "/api/v1/enterprises/"),
        ("/api/v1/enterprises/{uscc}/", "/api/v1/enterprises/{uscc}/"),
        ("/api/v1/products/", "/api/v1/products/"),
        ("/api/v1/products/MASK_SURG/", "/api/v1/products/{code}/"),
        ("/api/v1/divisions/", "/api/v1/divisions/"),
    ],
)
def test_answers_keep_to_the_description(schema: dict[str, Any], city: City, address: str, path: str) -> None:
    file(city)
    report = DailyReport.objects.get()
    response = Program(city["city"]).get(address.format(report=report.pk, uscc=city.a.uscc))
    assert response.status_code == 200
    described = schema["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(response.json(), {**closed(described), "components": closed(schema["components"])})


def test_refusals_keep_to_the_description(schema: dict[str, Any], city: City) -> None:
    answer = Program(city["city"]).get("/api/v1/reports/?x=1").json()
    problem = schema["components"]["schemas"]["Problem"]
    jsonschema.validate(answer, closed(problem))


def closed(schema: Any) -> Any:
    """The schema, allowing nothing that it does not name."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {name: closed(one) for name, one in schema.items()}
    if "properties" in shut and shut.get("type") == "object":
        shut["additionalProperties"] = False
    return shut


def test_is_shown_to_everyone(city: City) -> None:
    for caller in (Program(), Program(city["stranger"])):
        assert caller.get("/api/schema/").json()["openapi"] == "3.1.0"
    forged = Program()
    forged.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    assert forged.get("/api/schema/").status_code == 200


def test_the_page_to_try_it_needs_no_other_host_and_no_inline_script(city: City) -> None:
    page = Program().get("/api/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "http://" not in text
    assert "https://" not in text
    assert text.count("<script") == text.count("<script src=") == 2
    assert "'unsafe-inline'" in page.headers["Content-Security-Policy"].partition("style-src")[2]
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in Program().get("/accounts/login/").headers["Content-Security-Policy"]


def test_products_say_their_units_and_what_they_require(city: City) -> None:
    program = Program(city["stranger"])
    answer = program.get("/api/v1/products/?page_size=200").json()
    assert answer["count"] == 66
    masks = program.get("/api/v1/products/MASK_SURG/").json()
    assert masks in answer["results"]
    assert masks["units"]["片"] == [1, 1]
    assert (masks["base_unit"], masks["display_unit"], masks["required"]) == ("只", "万只", ["capacity", "output"])
    assert masks["certificate_kinds"] == ["医疗器械注册证", "应急备案"]
    assert {row["category"] for row in program.get("/api/v1/products/?category=drug").json()["results"]} == {"drug"}
    assert program.get("/api/v1/products/?category=gold").status_code == 404
    assert program.get("/api/v1/products/mask_surg/").status_code == 404
