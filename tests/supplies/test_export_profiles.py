"""Export profiles: a receiver's columns kept as data, filled from a snapshot (R13)."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
import time_machine
from django.test import Client
from python_calamine import CalamineWorkbook

from enterprises.choices import Role
from enterprises.errors import Forbidden
from enterprises.models import Account
from supplies import closings, daily_totals, export_profiles
from supplies.models import ExportProfile
from tests.factories import enterprises as ground
from tests.factories import supplies
from tests.factories.reports import report
from tests.supplies.daily_reports.plants import COUNTY, DAY, MASK, OTHER_COUNTY, City, at, settle

pytestmark = pytest.mark.django_db
KEEP = "/supplies/days/exports/"
COLUMNS = "序号 = number\n物资名称=name\n单位 ＝ unit\n日产能（万只） = capacity/10000\n当日产量 = output\n应报 = expected\n备注 ="


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 19), tick=False) as clock:
        yield clock


@pytest.fixture
def city() -> City:
    city = settle()
    supplies.duty(city.c, MASK)
    report(city.a, DAY, {MASK: (480_500, 465_000, 0)})
    report(city.c, DAY, {MASK: (20_000, 15_000, 0)})
    daily_totals.refresh_all()
    return city


def browser(city: City, who: str = "city") -> Client:
    client = Client()
    client.force_login(city[who])
    return client


def save(city: City, who: str = "city", **changes: str) -> Any:
    said = {"name": "省厅日报表", "grain": "product", "columns": COLUMNS, **changes}
    return browser(city, who).post(KEEP, said)


def rows(answer: Any, sheet: int = 0) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return book.get_sheet_by_index(sheet).to_python()


def download(city: City, who: str = "city", day: dt.date = DAY, **asked: str) -> Any:
    return browser(city, who).get(f"/supplies/days/{day}/exports/{ExportProfile.objects.get().pk}/", asked)


def test_fills_the_columns_from_the_snapshot_and_not_from_what_came_later(city, clock):
    assert save(city).status_code == 302
    closings.close(actor=city["city"], day=DAY, kind="flash")
    clock.shift(dt.timedelta(hours=1))
    report(city.a, DAY, {MASK: (999_000, 1, 0)}, hour=20)
    table = rows(download(city))
    assert table[0] == ["序号", "物资名称", "单位", "日产能（万只）", "当日产量", "应报", "备注"]
    masks = next(row for row in table[1:] if row[1] == "医用外科口罩")
    assert masks[2:] == ["只", 50.05, 480000, 2, ""]
    assert "初报第 1 号" in rows(download(city), 1)[0][0]


def test_a_final_snapshot_goes_before_a_flash_one(city, clock):
    save(city)
    closings.close(actor=city["city"], day=DAY, kind="final")
    clock.shift(dt.timedelta(hours=1))
    closings.close(actor=city["city"], day=DAY, kind="flash")
    assert "终报第 1 号" in rows(download(city), 1)[0][0]


def test_by_county_each_has_its_rows(city):
    save(city, by_unit="1", columns="县市区 = division\n代码 = code\n日产能 = capacity")
    closings.close(actor=city["city"], day=DAY, kind="flash")
    found = {(row[0], row[2]) for row in rows(download(city))[1:] if row[1] == MASK}
    assert found == {("甲县", 480500), ("乙县", 20000)}


def test_without_a_snapshot_there_is_nothing_to_fill(city):
    save(city)
    assert download(city).status_code == 404


@pytest.mark.parametrize(
    "columns, reason",
    [
        ("", "至少要有一列"),
        ("日产能", "第 1 行应写作"),
        ("日产能 = capacity\n库存 = bogus", "第 2 行：没有字段 bogus"),
        ("日产能 = capacity/3", "只有数量可以除以"),
        ("应报 = expected/1000", "只有数量可以除以"),
        ("甲 = name\n甲 = code", "第 2 行：列名 甲 重复"),
        ("= name", "第 1 行应写作"),
        ("\n".join(f"列{n} = name" for n in range(61)), "最多 60 列"),
    ],
)
def test_a_wrong_column_is_named_with_its_line_and_what_was_typed_stays(city, columns, reason):
    answer = save(city, columns=columns)
    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert ExportProfile.objects.count() == 0


def test_bad_names_grains_and_doubles_are_said(city):
    assert "请填写名称" in save(city, name=" ").content.decode()
    assert "请选择口径" in save(city, grain="x").content.decode()
    assert save(city).status_code == 302
    again = save(city)
    assert again.status_code == 409
    assert "已有同名" in again.content.decode()


def test_can_be_changed_and_dropped(city):
    save(city)
    number = ExportProfile.objects.get().pk
    client = browser(city)
    assert "日产能（万只） = capacity/10000" in client.get(f"{KEEP}?profile={number}").content.decode()
    client.post(f"{KEEP}?profile={number}", {"name": "改名", "grain": "group", "columns": "名称 = name"})
    assert ExportProfile.objects.get().name == "改名"
    assert client.get(f"{KEEP}?profile=x").status_code == 404
    client.post(f"{KEEP}drop/", {"profile": number})
    assert ExportProfile.objects.count() == 0
    assert client.post(f"{KEEP}drop/", {"profile": number}).status_code == 404


def test_the_city_keeps_them_and_who_sees_sources_takes_them_for_his_divisions(city):
    save(city)
    closings.close(actor=city["city"], day=DAY, kind="flash")
    for who in ("county", "leader", "auditor", "province", "liaison"):
        assert browser(city, who).get(KEEP).status_code == 403
        assert save(city, who).status_code == 403
    assert download(city, "leader").status_code == 200
    assert download(city, "province").status_code == 403
    assert download(city, "county", division=OTHER_COUNTY).status_code == 404
    own = rows(download(city, "county", division=COUNTY))
    assert [row[4] for row in own if row[1] == "医用外科口罩"] == [465000]
    page = browser(city, "leader").get(f"/supplies/days/{DAY}/").content.decode()
    assert "省厅日报表" in page


def test_a_city_below_a_province_keeps_them_and_one_city_of_two_does_not():
    ground.division("99", level="province")
    ground.division("9901", level="city", parent="99")
    ground.division("990101", parent="9901")
    officer = ground.account("officer", Role.CITY, division="9901")
    said = {"profile": None, "grain": "product", "by_unit": False, "columns": "名称 = name"}
    assert export_profiles.save(actor=officer, name="甲", **said).pk
    ground.division("9902", level="city", parent="99")
    ground.division("990201", parent="9902")
    other = Account.objects.get(pk=officer.pk)
    with pytest.raises(Forbidden):
        export_profiles.save(actor=other, name="乙", **said)
