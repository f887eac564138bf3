"""Rosters and profiles: found by name, sound or code, filtered by the address, and only what is within reach."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from enterprises.models import Enterprise, Membership, Placement
from supplies import profiles, rosters
from supplies.models import ReportingDuty
from supplies.rosters import Filters
from tests.factories.enterprises import LONG_AGO, certificate, credit_code
from tests.factories.reports import at, report, summed
from tests.factories.supplies import licence, pool

DAY, BEFORE = dt.date(2020, 3, 27), dt.date(2020, 3, 26)
LIST = "/supplies/enterprises/"


@pytest.fixture
def story(cast):
    with time_machine.travel(at(DAY, 20), tick=False):
        report(cast.plant_a, DAY, {"MASK_SURG": (50_000, 1, 1), "MASK_CIVIL": (40_000, 1, 1)})
        report(cast.plant_b, BEFORE, {"MASK_SURG": (60_000, 1, 1), "SUIT_STERILE": (300, 1, 1)})
        pool(cast.plant_a, "MASK_SURG", "MASK_CIVIL")
        Membership.objects.create(enterprise=cast.plant_a, list="key", known_at=LONG_AGO)
        licence(cast.plant_a, "MASK_SURG", valid_from=dt.date(2019, 1, 1), valid_to=DAY + dt.timedelta(days=20))
        summed()
        yield cast


def names(account, **filters):
    return [entry.name[:3] for entry in rosters.roster(account, Filters(**filters)).entries]


@pytest.mark.parametrize(
    "search, found",
    [
        ("口罩", ["晋江甲"]),
        ("NAYFH", ["南安乙"]),
        ("jjjkz", ["晋江甲"]),
        ("晋 江", ["晋江甲", "晋江丙"]),
        ("Ｎａｙ", ["南安乙"]),
        ("没有这家", []),
        ("%", []),
    ],
)
def test_finds_by_name_sound_and_code(story, search, found):
    assert names(story.city_officer, search=search) == found
    assert names(story.city_officer, search=story.plant_b.uscc[-6:]) == ["南安乙"]


@pytest.mark.parametrize(
    "filters, found",
    [
        ({"division": "350582"}, ["晋江甲", "晋江丙"]),
        ({"division": "350500"}, ["南安乙", "晋江甲", "晋江丙"]),
        ({"product": "masks"}, ["南安乙", "晋江甲"]),
        ({"product": "ALC_75"}, ["晋江丙"]),
        ({"status": "reported"}, ["晋江甲"]),
        ({"status": "unreported"}, ["南安乙", "晋江丙"]),
        ({"status": "never"}, ["晋江丙"]),
        ({"list": "key"}, ["晋江甲"]),
        ({"certificate": "expiring"}, ["晋江甲"]),
        ({"certificate": "none"}, ["南安乙"]),
        ({"certificate": "valid"}, ["晋江丙"]),
        ({"sort": "name"}, ["晋江丙", "晋江甲", "南安乙"]),
        ({"sort": "-name"}, ["南安乙", "晋江甲", "晋江丙"]),
        ({"sort": "capacity"}, ["晋江甲", "南安乙", "晋江丙"]),
        ({"sort": "status"}, ["晋江甲", "南安乙", "晋江丙"]),
    ],
)
def test_filters_and_orders_stand_in_the_address(story, filters, found):
    assert names(story.city_officer, **filters) == found


def test_capacity_counts_a_pool_once_and_what_is_carried(story):
    """R10, R17a."""
    found = {e.name[:3]: (e.capacity, e.status, e.age) for e in rosters.roster(story.city_officer, Filters()).entries}
    assert found == {
        "晋江甲": (50_000_000, "on_time", 0),
        "南安乙": (60_000_000, "carried", 1),
        "晋江丙": (None, "never", None),
    }


@pytest.mark.parametrize(
    "who, found",
    [
        ("county_officer_a", {"晋江甲", "晋江丙"}),
        ("county_officer_b", {"南安乙"}),
        ("liaison", {"晋江甲"}),
        ("reporter_b", {"南安乙"}),
        ("province", {"晋江甲", "晋江丙", "南安乙"}),
    ],
)
def test_shows_what_is_within_reach(story, who, found):
    assert set(names(getattr(story, who))) == found


def test_the_province_sees_enterprises_without_their_figures(story, client):
    assert {e.capacity for e in rosters.roster(story.province, Filters()).entries} == {None}
    profile = profiles.profile(story.province, story.plant_a.uscc)
    assert (profile.filed, profile.duties[0].latest) == ((), None)
    client.force_login(story.province)
    assert "50,000" not in client.get(LIST).content.decode()


def test_the_export_holds_all_that_the_filters_let_through_and_no_formula(story, client):
    Enterprise.objects.filter(pk=story.plant_a.pk).update(name="=1+1", contact_name="@x", contact_phone="+86139")
    client.force_login(story.city_officer)
    content = client.get(LIST, {"product": "masks", "format": "xlsx"}).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["南安乙防护用品有限公司", "=1+1"]
    assert rows[2][-2:] == ["@x", "+86139"]


def test_the_list_costs_the_same_for_three_and_thirty(story, client):
    client.force_login(story.city_officer)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(LIST).status_code == 200
        return len(asked)

    cost()  # the first request writes the session
    few = cost()
    for number in range(27):
        plant = Enterprise.objects.create(uscc=credit_code(3000 + number), name=f"企业{number}")
        Placement.objects.create(enterprise=plant, division_id=story.county_a, known_at=LONG_AGO)
        ReportingDuty.objects.create(enterprise=plant, product_id="MASK_SURG", known_at=LONG_AGO)
    assert cost() == few


def test_a_profile_tells_duties_certificates_and_history(story):
    report(story.plant_a, BEFORE, {"MASK_SURG": (45_000, 1, 1)}, hour=18)
    certificate(story.plant_a, number="旧", valid_from=dt.date(2015, 1, 1), valid_to=dt.date(2019, 12, 31))
    profile = profiles.profile(story.city_officer, story.plant_a.uscc)
    assert (profile.division_name, profile.lists) == ("晋江市", ("重点企业",))
    assert [(f.day, f.revision, f.is_late, f.review) for f in profile.filed] == [
        (DAY, 1, False, "submitted"),
        (BEFORE, 1, True, "submitted"),
    ]
    assert [c.state for c in profile.certificates] == ["expired", "expiring"]
    surgical = next(d for d in profile.duties if d.product == "医用外科口罩")
    assert surgical.course[-2:] == (45_000_000, 50_000_000)


def test_a_profile_says_so_where_nothing_is(story, client):
    client.force_login(story.city_officer)
    text = client.get(f"{LIST}{story.plant_c.uscc}/").content.decode()
    assert "还没有日报" in text
    assert "没有生产线" in text
