"""Who may open which page of the bureau: persons x routes -> status, and nobody learns what is out of reach."""

from __future__ import annotations

import pytest

SOURCES, VERSION = "/supplies/daily-totals/sources/", "/supplies/daily-totals/version/"
COVERAGE, LIST = "/supplies/daily-reports/coverage/", "/supplies/enterprises/"
PAGES = ("/", SOURCES, VERSION, COVERAGE, LIST)

DOORS = {
    "admin": (200, 200, 200, 200, 200),
    "city_officer": (200, 200, 200, 200, 200),
    "county_officer_a": (200, 200, 200, 200, 200),
    "leader": (200, 200, 200, 200, 200),
    "auditor": (200, 200, 200, 200, 200),
    "province": (200, 403, 200, 200, 200),
    "department": (302, 403, 200, 403, 403),  # to its desk of work orders
    "liaison": (200, 403, 403, 403, 200),
    "reporter_a": (302, 403, 403, 403, 200),
    "stranger": (403, 403, 403, 403, 403),
}


@pytest.mark.parametrize("who", DOORS)
def test_each_role_enters_its_pages_and_no_others(client, cast, who):
    client.force_login(getattr(cast, who))
    assert tuple(client.get(page).status_code for page in PAGES) == DOORS[who]


@pytest.mark.parametrize("page", PAGES)
def test_nobody_enters_without_signing_in(client, cast, page):
    assert client.get(page).status_code == 302


@pytest.mark.parametrize("page", ["/", SOURCES, COVERAGE])
def test_a_county_outside_the_reach_is_not_found(client, cast, page):
    client.force_login(cast.county_officer_a)
    assert client.get(page, {"division": cast.county_a}).status_code == 200
    for code in (cast.county_b, cast.city, "999999", "\0", "x" * 500):
        assert client.get(page, {"division": code}).status_code == 404


@pytest.mark.parametrize(
    "who, own, foreign",
    [
        ("county_officer_a", "plant_a", "plant_b"),
        ("liaison", "plant_a", "plant_c"),
        ("reporter_a", "plant_a", "plant_b"),
    ],
)
def test_a_foreign_enterprise_is_not_found(client, cast, who, own, foreign):
    client.force_login(getattr(cast, who))
    assert client.get(f"{LIST}{getattr(cast, own).uscc}/").status_code == 200
    assert client.get(f"{LIST}{getattr(cast, foreign).uscc}/").status_code == 404
    assert client.get(f"{LIST}%00/").status_code == 404
    assert getattr(cast, foreign).name not in client.get(LIST).content.decode()


@pytest.mark.parametrize("page", ["/", SOURCES, COVERAGE, LIST])
@pytest.mark.parametrize("date", ["20200327", "2020-02-30", "heute", "2999-01-01", "\0", "９"])
def test_an_unreadable_day_is_refused_and_never_an_error_of_ours(client, cast, page, date):
    client.force_login(cast.city_officer)
    assert client.get(page, {"date": date}).status_code == 400


@pytest.mark.parametrize(
    "page, query",
    [
        (SOURCES, {"group": "x"}),
        (SOURCES, {"product": "\0"}),
        (SOURCES, {"measure": "capacity; drop"}),
        (COVERAGE, {"group": "x"}),
        (COVERAGE, {"product": "x"}),
        (LIST, {"product": "x"}),
    ],
)
def test_what_the_catalogue_does_not_know_is_refused(client, cast, page, query):
    client.force_login(cast.city_officer)
    assert client.get(page, query).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"status": "x"},
        {"sort": "x"},
        {"page": "-1"},
        {"page": "x"},
        {"certificate": "x"},
        {"list": "x"},
        {"search": "=\0'%"},
    ],
)
def test_filters_that_match_nothing_give_an_empty_list(client, cast, query):
    client.force_login(cast.city_officer)
    assert client.get(LIST, query).status_code == 200
    assert client.get(COVERAGE, query).status_code == 200
    assert client.get("/", {"group": "x"}).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_only_read(client, cast, page):
    client.force_login(cast.city_officer)
    assert client.post(page).status_code == 405
