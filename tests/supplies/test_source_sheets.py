"""Source sheets: the rows that count add up to the stored total, for every number that opens (R22)."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import time_machine
from python_calamine import CalamineWorkbook

from enterprises.models import Enterprise
from supplies import frames, source_sheets
from supplies.source_sheets import MEASURES
from tests.factories.reports import at, report, summed
from tests.factories.supplies import duty, licence, pool

DAY, BEFORE, LONG_BEFORE = dt.date(2020, 3, 27), dt.date(2020, 3, 26), dt.date(2020, 3, 20)
ADDRESS = "/supplies/daily-totals/sources/"


@pytest.fixture
def story(cast):
    with time_machine.travel(at(DAY, 20), tick=False):
        duty(cast.plant_c, "MASK_SURG", starts_on=LONG_BEFORE, opening=1_000_000)
        report(cast.plant_c, LONG_BEFORE, {"MASK_SURG": (9_000, 8_000, 1), "ALC_75": (100, 50, 10)})
        report(cast.plant_a, BEFORE, {"MASK_SURG": (40_000, 30_000, 5_000), "MASK_CIVIL": (40_000, 1, None)})
        report(cast.plant_b, BEFORE, {"MASK_SURG": (20_000, 10_000, 7), "SUIT_STERILE": (300, 200, 50)})
        report(cast.plant_a, DAY, {"MASK_SURG": (50_000, 45_000, 6_000), "MASK_CIVIL": (48_000, 2, None)}, hour=10)
        report(cast.plant_a, DAY, {"MASK_SURG": (51_000, 45_000, 6_000), "MASK_CIVIL": (48_000, 2, None)}, hour=19)
        pool(cast.plant_a, "MASK_SURG", "MASK_CIVIL")
        licence(cast.plant_a, "MASK_SURG")
        summed()
        yield cast


def opened(account, **asked):
    place = {name: asked.pop(name, "") for name in ("division", "date")}
    return source_sheets.sheet(frames.outlook(account, ability="sources:read", **place), **asked)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "what", [{"group": "masks"}, {"product": "MASK_SURG"}, {"product": "ALC_75"}, {"group": "suits"}]
)
@pytest.mark.parametrize("division", ["", "350582", "350583"])
def test_every_number_is_the_sum_of_its_rows(story, measure, what, division):
    sheet = opened(story.city_officer, measure=measure, division=division, **what)
    rows = [row for group in sheet.groups for row in group.rows]
    assert sheet.adds_up
    assert sum(row.amount or 0 for row in rows if row.counts) == (sheet.total or 0)
    assert sum(group.subtotal or 0 for group in sheet.groups) == (sheet.total or 0)


def test_rows_are_revisions_with_late_carried_pooled_and_uncounted_ones(story):
    sheet = opened(story.city_officer, group="masks")
    told = [
        (g.kind, [(r.name[:3], r.product[:4], r.revision, r.age, r.is_late, r.amount, r.counts) for r in g.rows])
        for g in sheet.groups
    ]
    assert told == [
        (
            "report",
            [
                ("晋江甲", "医用外科", 2, None, False, 51_000_000, True),
                # R17a: the smaller member of the pool is shown and not counted
                ("晋江甲", "日常防护", 2, None, False, 48_000_000, False),
            ],
        ),
        ("carried", [("南安乙", "医用外科", 1, 1, False, 20_000_000, True)]),
        ("uncounted", [("晋江丙", "", None, 7, False, 9_000_000, False)]),
    ]
    assert sheet.total == 71_000_000


def test_flows_are_never_carried(story):
    sheet = opened(story.city_officer, group="masks", measure="output")
    assert [g.kind for g in sheet.groups] == ["report", "uncounted"]
    assert [r.kind for r in sheet.groups[1].rows] == ["carried", "stale"]


def test_a_cumulative_sum_opens_to_enterprises_and_each_to_its_days(story):
    sheet = opened(story.city_officer, product="MASK_SURG", measure="output_cumulative")
    assert sheet.is_by_enterprise
    assert {r.name[:3]: (r.amount, r.note) for r in sheet.groups[0].rows} == {
        "晋江甲": (75_000_000, "2 天产量"),
        "晋江丙": (9_000_000, "1 天产量 + 期初"),
        "南安乙": (10_000_000, "1 天产量"),
    }
    one = opened(story.city_officer, product="MASK_SURG", measure="output_cumulative", enterprise=story.plant_c.uscc)
    assert [(g.kind, g.subtotal) for g in one.groups] == [("report", 8_000_000), ("opening", 1_000_000)]


def test_tonnes_are_shown_and_kilograms_added(story):
    sheet = opened(story.city_officer, product="ALC_75", measure="output_cumulative")
    assert sheet.total == 50_000
    assert sheet.shown_total == (50, "吨")


def test_the_page_says_that_it_adds_up(story, client):
    client.force_login(story.city_officer)
    text = client.get(ADDRESS, {"group": "masks"}).content.decode()
    assert "逐条相加等于合计" in text
    assert "= 71,000 只/日" in text
    assert 'class="sheet"' in text


def test_a_county_sees_its_own_sources_only(story, client):
    client.force_login(story.county_officer_b)
    text = client.get(ADDRESS, {"group": "masks"}).content.decode()
    assert "南安乙" in text
    assert "晋江" not in text


def test_the_export_has_the_rows_and_the_total_and_no_formula(story, client):
    Enterprise.objects.filter(pk=story.plant_a.pk).update(name="=cmd|' /C calc'!A0")
    story.plant_a.facts.all().update(known_until=at(DAY, 20))
    client.force_login(story.city_officer)
    answer = client.get(ADDRESS, {"group": "masks", "format": "xlsx"})
    assert answer["Content-Disposition"] == 'attachment; filename="sources-2020-03-27.xlsx"'
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows[1][0] == "=cmd|' /C calc'!A0"
    figure = rows[0].index("日产能（只）")
    counted = rows[0].index("计入合计")
    assert sum(r[figure] for r in rows[1:-1] if r[counted] == "是") == rows[-1][figure] == 71_000


def test_an_empty_cell_says_why(story, client):
    client.force_login(story.city_officer)
    text = client.get(ADDRESS, {"product": "WIPES"}).content.decode()
    assert "没有来源" in text
