"""Filing progress: five states that add up, arrivals by the hour, the unreported by what they could make (R4, R12)."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from supplies import coverage, filing_progress, frames, products, total_cells
from tests.factories import enterprises as ground
from tests.factories.reports import at, report, summed
from tests.factories.supplies import duty, exemption, setting

DAY, BEFORE, LONG_BEFORE = dt.date(2020, 3, 27), dt.date(2020, 3, 26), dt.date(2020, 3, 20)
ADDRESS = "/supplies/daily-reports/coverage/"
MASKS = {"MASK_SURG": (40_000, 30_000, None), "MASK_CIVIL": (1, 1, 1)}


@pytest.fixture
def evening(cast):
    with time_machine.travel(at(DAY, 20), tick=False):
        yield cast


def seen(account, **asked):
    place = {name: asked.pop(name, "") for name in ("division", "date")}
    outlook = frames.outlook(account, ability="coverage:read", **place)
    return filing_progress.progress(outlook, account, **asked)


def test_the_parts_are_those_of_the_totals(evening):
    report(evening.plant_a, DAY, MASKS, hour=9)
    report(evening.plant_b, BEFORE, {"MASK_SURG": (20_000, 1, 1), "SUIT_STERILE": (300, 1, 1)})
    summed()
    page = seen(evening.city_officer)
    cell = total_cells.cells(nodes=[evening.city], first=DAY, last=DAY, grain="all")[0]
    parts = ("expected", "reported", "on_time", "late", "carried", "stale", "never", "unreported")
    assert {p: getattr(page.counts, p) for p in parts} == {p: getattr(cell, p) for p in parts}
    assert [(u.name, u.counts.expected, u.counts.unreported) for u in page.units] == [
        ("晋江市", 2, 1),
        ("南安市", 1, 1),
    ]
    assert {(k.category, k.exact) for k in page.known} == {("口罩", 20_000_000), ("防护服装", 300_000)}


def test_coverage_is_weighed_by_capacity_beside_the_count_r12(evening, client):
    """By capacity: what was reported of it and the last known of the rest; a pool once."""
    report(evening.plant_a, DAY, {"MASK_SURG": (60_000, 1, 1), "MASK_CIVIL": (20_000, 1, 1)}, hour=9)
    report(evening.plant_b, BEFORE, {"MASK_SURG": (20_000, 1, 1), "SUIT_STERILE": (300, 1, 1)})
    page = seen(evening.city_officer)
    assert {(w.category, w.unit): (w.reported, w.whole) for w in page.weighed} == {
        ("口罩", "只"): (80_000_000, 100_000_000),
        ("防护服装", "件"): (0, 300_000),
    }
    assert [w.category for w in page.weighed] == ["口罩", "防护服装"]
    client.force_login(evening.city_officer)
    assert "按产能算的报送率：口罩（只）<b>80.0%</b>" in client.get(ADDRESS).content.decode()


def test_nothing_is_weighed_where_nothing_is_known(evening):
    assert seen(evening.city_officer).weighed == ()


def test_arrivals_stand_against_the_cut_off(evening):
    report(evening.plant_a, DAY, MASKS, hour=17.99)
    report(evening.plant_b, DAY, {"MASK_SURG": (1, 1, 1), "SUIT_STERILE": (1, 1, 1)}, hour=18)
    page = seen(evening.city_officer)
    hours = {h.hour: (h.on_time, h.late, h.is_cut_off) for h in page.hours}
    assert (hours[17], hours[18]) == ((1, 0, False), (0, 1, True))
    assert (page.counts.on_time, page.counts.late) == (1, 1)


def test_reports_of_another_day_are_counted_beside_the_hours(evening):
    report(evening.plant_a, BEFORE, MASKS, hour=30)
    page = seen(evening.city_officer, date=BEFORE.isoformat())
    assert (page.hours, page.later) == ((), 1)


def test_different_cut_offs_are_not_averaged(evening, client):
    setting("cut_off", "10:00+1", division=evening.county_b)
    assert seen(evening.city_officer).cut_off_at is None
    client.force_login(evening.city_officer)
    assert "各单位截止时间不同" in client.get(ADDRESS).content.decode()


def test_the_unreported_are_listed_by_last_known_capacity(evening):
    report(evening.plant_a, BEFORE, {"MASK_SURG": (10, 1, 1), "MASK_CIVIL": (5, 1, 1)})
    report(evening.plant_b, LONG_BEFORE, {"MASK_SURG": (20_000, 1, 1), "SUIT_STERILE": (1, 1, 1)})
    page = seen(evening.city_officer)
    assert [(x.standing.name[:3], x.standing.status, x.standing.age) for x in page.lines] == [
        ("南安乙", "stale", 7),
        ("晋江甲", "carried", 1),
        ("晋江丙", "never", None),
    ]


@pytest.mark.parametrize(
    "status, names",
    [
        ("reported", ["晋江甲"]),
        ("on_time", ["晋江甲"]),
        ("late", []),
        ("exempted", ["南安乙"]),
        ("all", None),
        ("x", ["晋江丙"]),
    ],
)
def test_the_status_in_the_address_chooses_the_list(evening, status, names):
    report(evening.plant_a, DAY, MASKS)
    exemption(evening.plant_b, starts_on=DAY)
    page = seen(evening.city_officer, status=status)
    found = [x.standing.name[:3] for x in page.lines]
    assert len(found) == 3 if names is None else found == names
    assert page.exempted == 1
    assert page.counts.expected == 2


def test_one_product_group_is_a_cell_of_its_own(evening):
    report(evening.plant_b, DAY, {"MASK_SURG": (1, 1, 1)})
    assert seen(evening.city_officer, group="suits").counts.reported == 0
    assert seen(evening.city_officer, product="MASK_SURG").counts.reported == 1


def test_all_reported_is_good_news_and_nothing_expected_is_no_rate(evening, client):
    client.force_login(evening.county_officer_b)
    report(evening.plant_b, DAY, {"MASK_SURG": (1, 1, 1), "SUIT_STERILE": (1, 1, 1)})
    assert "全部报齐" in client.get(ADDRESS).content.decode()
    text = client.get(ADDRESS, {"product": "WIPES"}).content.decode()
    assert "没有应报企业" in text
    assert "0.0%" not in text


def test_phones_are_for_those_who_may_see_the_enterprises(evening, client):
    type(evening.plant_a).objects.filter(pk=evening.plant_a.pk).update(contact_phone="13900000000")
    client.force_login(evening.city_officer)
    assert 'href="tel:13900000000"' in client.get(ADDRESS).content.decode()


def test_the_export_lists_what_the_page_lists(evening, client):
    report(evening.plant_a, DAY, MASKS)
    client.force_login(evening.city_officer)
    content = client.get(ADDRESS, {"status": "reported", "format": "xlsx"}).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["企业", "晋江甲口罩有限公司"]
    assert rows[1][rows[0].index("状态")] == "按时"


def test_r14_the_page_says_what_was_known_at_a_moment_and_offers_no_acts_there(cast, client):
    report(cast.plant_a, DAY, MASKS, hour=9)
    report(cast.plant_b, DAY, {"SUIT_STERILE": (300, 1, 1)}, hour=20)
    client.force_login(cast.city_officer)
    asked = {"date": DAY.isoformat(), "status": "all"}
    noon = asked | {"as_of": "2020-03-27T12:00"}
    with time_machine.travel(at(DAY, 21), tick=False):
        now = client.get(ADDRESS, asked).context["page"].counts
        page = client.get(ADDRESS, noon)
        then = page.context["page"].counts
        assert (now.reported, then.reported) == (2, 1)
        assert "所知的填报情况" in page.content.decode()
        assert "豁免这些天" not in page.content.decode()
        assert client.get(ADDRESS, noon | {"format": "xlsx"}).status_code == 200
        assert client.get(ADDRESS, {"as_of": "x"}).status_code == 400
    with time_machine.travel(at(DAY + dt.timedelta(days=3), 9), tick=False):
        client.force_login(cast.city_officer)
        assert client.get(ADDRESS, noon).context["page"].counts == then


def test_the_database_says_the_same_as_the_list_of_everybody(evening):
    """Counts, sums and order of the page are those of every enterprise taken one by one (R12, R17a)."""
    report(evening.plant_a, DAY, {"MASK_SURG": (60_000, 1, 1), "MASK_CIVIL": (20_000, 1, 1)}, hour=9)
    report(evening.plant_b, BEFORE, {"MASK_SURG": (20_000, 1, 1), "SUIT_STERILE": (300, 1, 1)})
    report(evening.plant_c, LONG_BEFORE, {"MASK_SURG": (7_000, 1, 1)})
    unplanned = ground.enterprise(division=evening.county_a, name="没有任务的厂")
    report(unplanned, DAY, {"MASK_SURG": (1, 1, 1)}, hour=19)
    exempt = ground.enterprise(division=evening.county_a, name="豁免的厂")
    duty(exempt, "MASK_SURG")
    exemption(exempt, starts_on=DAY, ends_on=DAY)
    for number in range(5):
        duty(
            ground.enterprise(division=(evening.county_a, evening.county_b)[number % 2], name=f"从未报的厂{number}"),
            "MASK_SURG",
        )
    outlook = frames.outlook(evening.city_officer, ability="coverage:read")
    group = products.catalogue(DAY)["MASK_SURG"].group
    members = [e.code for e in products.catalogue(DAY).entries.values() if e.group == group]
    for asked, codes in (({}, None), ({"product": "MASK_SURG"}, ["MASK_SURG"]), ({"group": group}, members)):
        page = seen(evening.city_officer, status="all", **asked)
        everybody = coverage.on(node=outlook.node.code, day=page.day, products=codes)
        by_capacity = sorted(everybody, key=lambda s: (-max((k.capacity for k in s.last_known), default=-1), s.name))
        assert [line.standing for line in page.lines] == by_capacity
        assert page.counts == filing_progress.counts(everybody)
        assert (page.exempted, page.unexpected) == tuple(
            sum(s.status == state for s in everybody) for state in ("exempted", "unexpected")
        )
        parts = [line.standing for start in range(0, len(page.lines), 3) for line in page.lines[start : start + 3]]
        assert parts == by_capacity


def test_a_page_of_the_list_keeps_its_filters_and_the_export_is_whole(evening, client):
    for number in range(60):
        duty(ground.enterprise(division=evening.county_a, name=f"厂{number:03}"), "MASK_SURG")
    client.force_login(evening.city_officer)
    address = f"{ADDRESS}?status=never&product=MASK_SURG"
    first, second = client.get(address), client.get(f"{address}&page=2")
    names = [line.standing.name for page in (first, second) for line in page.context["page_obj"].object_list]
    assert len(first.context["page_obj"].object_list) == 50
    assert len(set(names)) == len(names) == len(first.context["page"].lines)
    assert "status=never&amp;product=MASK_SURG&amp;page=2" in first.content.decode()
    book = client.get(f"{address}&page=2&format=xlsx").content
    table = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in table[1:]] == names
    assert client.get(f"{address}&page=99").context["page_obj"].number == 2


def test_the_page_asks_a_fixed_number_of_questions(evening, client):
    client.force_login(evening.city_officer)
    counted = []
    for number in range(3):
        for other in range(5):
            duty(ground.enterprise(division=evening.county_a, name=f"厂{number}{other}"), "MASK_SURG")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{ADDRESS}?status=all")
        counted.append(len(asked))
    assert counted[1] == counted[2]
