"""The overview: its numbers are the cells', it leads with a complete day, and it costs the same for many enterprises."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coordination import dashboard
from coordination.overview import veiled
from coordination.ramps import round_number
from enterprises.models import Account, Enterprise, EnterpriseFact, Placement, Post, StaleMark
from supplies import frames, total_cells
from supplies.models import ReportingDuty
from tests.factories.enterprises import LONG_AGO, credit_code
from tests.factories.reports import at, report, summed
from tests.factories.supplies import exemption, pool, setting

TODAY, YESTERDAY, BEFORE = dt.date(2020, 3, 27), dt.date(2020, 3, 26), dt.date(2020, 3, 25)


@pytest.fixture
def noon():
    with time_machine.travel(at(TODAY, 12), tick=False) as clock:
        cache.clear()
        yield clock


@pytest.fixture
def story(cast, noon):
    """甲 reports both days (one mask pool), 乙 only the day before, 丙 never."""
    report(cast.plant_a, BEFORE, {"MASK_SURG": (40_000, 30_000, 5_000), "MASK_CIVIL": (40_000, 0, None)})
    report(cast.plant_b, BEFORE, {"MASK_SURG": (20_000, 10_000, None), "SUIT_STERILE": (300, 200, 50)})
    report(cast.plant_a, YESTERDAY, {"MASK_SURG": (50_000, 45_000, 6_000), "MASK_CIVIL": (50_000, 0, None)}, hour=19)
    report(cast.plant_a, TODAY, {"MASK_SURG": (60_000, 10_000, 7_000), "MASK_CIVIL": (60_000, 0, None)})
    pool(cast.plant_a, "MASK_SURG", "MASK_CIVIL")
    summed()
    return cast


def seen(account, **query):
    group = query.pop("group", "")
    outlook = frames.outlook(account, ability="totals:read", **query)
    return dashboard.overview(outlook, may=dashboard.rights(account, outlook), group=group)


def test_until_the_cut_off_the_last_complete_day_leads_and_today_stands_beside_it(story, noon):
    page = seen(story.city_officer)
    assert (page.day, page.live.day) == (YESTERDAY, TODAY)
    assert (page.live.whole.reported, page.live.whole.expected) == (1, 3)
    assert page.live.left == dt.timedelta(hours=6)
    noon.move_to(at(TODAY, 18))
    page = seen(story.city_officer)
    assert (page.day, page.live) == (TODAY, None)


def test_a_later_cut_off_of_one_county_keeps_the_complete_day_leading(story, noon):
    setting("cut_off", "10:00+1", division=story.county_b)
    noon.move_to(at(TODAY, 20))
    assert seen(story.city_officer).day == YESTERDAY
    assert seen(story.county_officer_a).day == TODAY


def test_the_day_in_the_address_is_shown(story):
    page = seen(story.city_officer, date=TODAY.isoformat())
    assert (page.day, page.live) == (TODAY, None)


def test_numbers_are_those_of_the_cells(story):
    page = seen(story.city_officer)
    cell = next(
        c for c in total_cells.cells(nodes=[story.city], first=YESTERDAY, last=YESTERDAY, grain="group")
        if c.key == "masks"
    )  # fmt: skip
    card = page.lead
    assert card.cell == cell
    # R17a: a pool counts once; R10: 乙 is carried
    assert (card.capacity.exact, card.carried.exact) == (70_000_000, 20_000_000)
    assert card.change.exact == 10_000_000
    assert (card.cell.reported, card.cell.late, card.cell.carried) == (1, 1, 1)
    assert card.last_known.exact == 20_000_000
    # R12a: over those that reported both
    assert card.utilisation == Fraction(cell.utilisation_output, cell.utilisation_capacity)
    assert card.cumulative.exact == 85_000_000


def test_a_county_row_per_division_and_the_total_at_the_foot(story):
    page = seen(story.city_officer)
    assert [(row.name, row.capacity.exact) for row in page.counties] == [
        ("晋江市", 50_000_000),
        ("南安市", 20_000_000),
    ]
    assert sum(row.capacity.exact for row in page.counties) == page.foot.capacity.exact
    assert page.counties[0].course[-2:] == (40_000_000, 50_000_000)


def test_a_reporting_unit_opens_to_its_enterprises(story):
    page = seen(story.city_officer, division=story.county_b)
    assert page.is_leaf
    assert [(r.name, r.status, r.age, r.capacity.exact) for r in page.counties] == [
        ("南安乙防护用品有限公司", "carried", 1, 20_000_000)
    ]
    assert sum(r.capacity.exact for r in page.counties) == page.foot.capacity.exact


def test_changes_add_up_to_the_difference(story):
    page = seen(story.city_officer)
    assert page.changes.adds_up
    assert sum(r.amount.exact for r in page.changes.rows) + page.changes.rest.exact == page.changes.total.exact
    assert [(r.name, r.amount.exact) for r in page.changes.rows] == [("晋江甲口罩有限公司", 10_000_000)]


def test_the_unreported_come_by_last_known_capacity(story):
    page = seen(story.city_officer)
    assert [(m.name, m.status, m.last_known and m.last_known.exact) for m in page.missing] == [
        ("南安乙防护用品有限公司", "carried", 20_000_000),
        ("晋江丙消毒用品有限公司", "never", None),
    ]


def test_another_group_turns_course_counties_and_changes(story):
    page = seen(story.city_officer, group="suits")
    assert page.chosen.key == "suits"
    assert page.ramp.name == "医用防护服"
    assert page.ramp.chart["capacity"][-1] == 300
    assert page.lead.key == "masks"


def test_totals_alone_show_neither_names_nor_sources(story, client):
    page = seen(story.department)
    assert (page.missing, page.changes) == ((), None)
    assert seen(story.province).changes is None
    client.force_login(story.department)
    text = client.get("/").content.decode()
    assert "sources" not in text
    assert "有限公司" not in text


def test_small_cells_are_hidden_from_those_without_sources(story, settings):
    settings.SMALL_CELL = 2
    county = {"division": story.county_a}
    assert seen(story.province, **county).lead.capacity.exact is None
    assert seen(story.city_officer, **county).lead.capacity.exact == 50_000_000


def test_a_right_elsewhere_opens_no_sources_here(story):
    outlook = frames.outlook(story.city_officer, ability="totals:read")
    assert not dashboard.rights(story.county_officer_a, outlook).sources


def test_costs_the_same_for_three_and_thirty_enterprises(story):
    def cost() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            for account in (story.city_officer, story.county_officer_a):
                account.__dict__.pop("_held", None)
                seen(account)
        return len(asked)

    few = cost()
    for number in range(27):
        plant = Enterprise.objects.create(uscc=credit_code(2000 + number), name=f"企业{number}")
        EnterpriseFact.objects.create(enterprise=plant, name=plant.name, known_at=LONG_AGO)
        county = story.county_a if number % 2 else story.county_b
        Placement.objects.create(enterprise=plant, division_id=county, known_at=LONG_AGO)
        ReportingDuty.objects.create(enterprise=plant, product_id="MASK_SURG", known_at=LONG_AGO)
        report(plant, YESTERDAY if number % 3 else BEFORE, {"MASK_SURG": (1000 * number, 10, 5)})
    summed()
    assert cost() == few


def test_the_same_version_is_read_once_for_all_readers(story):
    seen(story.city_officer)
    with CaptureQueriesContext(connection) as asked:
        page = seen(story.leader)
    assert len(asked) < 12
    assert page.lead.capacity.exact == 70_000_000
    # 乙 reports for yesterday after all: the next reader sees it at once
    report(story.plant_b, YESTERDAY, {"MASK_SURG": (25_000, 1, None), "SUIT_STERILE": (1, 1, 1)}, hour=30)
    summed()
    assert seen(story.leader).lead.capacity.exact == 75_000_000


def test_an_empty_installation_says_so(cast, noon, client):
    ReportingDuty.objects.update(known_until=timezone.now())
    client.force_login(cast.city_officer)
    answer = client.get("/")
    assert answer.status_code == 200
    assert "还没有可以合计的数" in answer.content.decode()


def test_without_any_division_there_is_nothing_to_see(db, client):
    account = Account.objects.create(username="alone")
    Post.objects.create(account=account, role="admin", known_at=LONG_AGO)
    client.force_login(account)
    assert client.get("/").status_code in (200, 404)


def test_everyone_exempted_is_no_rate(story, client):
    for plant in (story.plant_a, story.plant_b, story.plant_c):
        exemption(plant, starts_on=TODAY)
    StaleMark.objects.create(from_day=TODAY, to_day=None, cause="exemption")
    summed()
    client.force_login(story.city_officer)
    text = client.get("/", {"date": TODAY.isoformat()}).content.decode()
    assert "没有填报义务" in text


def test_the_page_says_its_sentence_and_opens_its_numbers(story, client):
    client.force_login(story.city_officer)
    text = client.get("/").content.decode()
    assert "3 家应报企业已报 <b>1 家（33.3%）</b>" in text
    assert "口罩日产能 <b>7万只</b>" in text
    assert "measure=capacity" in text
    assert 'data-live-check="/supplies/daily-totals/version/"' in text
    assert 'style="' not in text
    assert "onclick" not in text


def test_liaison_officers_see_their_enterprises_with_today(story, client):
    client.force_login(story.liaison)
    text = client.get("/").content.decode()
    assert "今日已报 <b>1 家</b>" in text
    assert "南安乙" not in text


def test_a_liaison_officer_files_for_who_has_not(cast, noon, client):
    summed()
    client.force_login(cast.liaison)
    text = client.get("/").content.decode()
    assert f"/supplies/daily-reports/{TODAY.isoformat()}/?enterprise={cast.plant_a.uscc}" in text


@pytest.mark.parametrize("most, expected", [(5_766_666_666, 5_000_000_000), (1, 1), (0, 0), (9, 5), (10, 10), (4, 2)])
def test_round_numbers_on_the_way(most, expected):
    assert round_number(most) == expected


def test_nothing_is_veiled_without_the_setting():
    cell = total_cells.Cell(TODAY, "x", "group", "masks", "只", capacity=1, capacity_given=1)
    assert veiled(cell, 0) == cell
    assert veiled(cell, 2).capacity is None
