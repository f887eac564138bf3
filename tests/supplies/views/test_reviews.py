"""Reviewing: the queue, one report beside the day before, verify, return with what it does to the total, many at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from enterprises.models import AuditEntry
from supplies import daily_totals, total_cells, total_previews
from supplies.models import DailyReport, Decision, Revision
from tests.supplies.daily_reports.plants import CITY, COUNTY, DAY, MASK, SUIT, City, at, figures, file, line, settle

pytestmark = pytest.mark.django_db

QUEUE = "/supplies/daily-reports/review/"
TODAY = {"date": DAY.isoformat()}
YESTERDAY = DAY - dt.timedelta(days=1)


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 17), tick=False) as clock:
        yield clock


def browser(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def suits(city: City, **changes: Any) -> DailyReport:
    form = figures(lines=(line(SUIT, capacity="1万", output="8000"),))
    file(city, **{"actor": city["clerk_b"], "enterprise": city.b, "form": form} | changes)
    return DailyReport.objects.get(enterprise=city.b, day=changes.get("day", DAY))


def masks(city: City, **changes: Any) -> DailyReport:
    file(city, **changes)
    return DailyReport.objects.get(enterprise=city.a, day=changes.get("day", DAY))


def names(page: Any) -> list[str]:
    return [entry.name for entry in page.context["queue"].entries]


def decide(client: Client, report: DailyReport, act: str, **said: Any) -> Any:
    return client.post(f"{QUEUE}{report.pk}/{act}/", {"revision": "1"} | said)


def test_reports_with_questions_come_first_then_the_biggest(city: City) -> None:
    """R7, R20."""
    masks(city)
    suits(city, form=figures(lines=(line(SUIT, capacity="1万", output="1.2万"),)))
    county = browser(city, "county")
    page = county.get(QUEUE, TODAY)
    assert names(page) == [city.b.name, city.a.name]
    assert names(county.get(QUEUE, TODAY | {"questions": "without"})) == [city.a.name]
    assert names(county.get(QUEUE, TODAY | {"review": "verified"})) == []
    assert "产量超过产能" in page.content.decode()
    assert county.get(QUEUE, TODAY | {"review": "odd"}).status_code in (400, 422)


def test_a_report_stands_beside_the_day_before(city: City) -> None:
    masks(city, day=YESTERDAY)
    report = masks(city, form=figures(output="50.4万"))
    page = browser(city, "county").get(f"{QUEUE}{report.pk}/")
    shown = next(p for p in page.context["page"].products if p.code == MASK)
    output = next(f for f in shown.figures if f.measure == "output")
    assert (output.last, output.now, output.typed) == (465_000_000, 504_000_000, "50.4万 只")
    assert output.is_changed
    assert output.is_asked
    assert len(shown.output) == 14
    text = page.content.decode()
    assert "高于产能 48万只（105.0%）" in text
    assert "企业还没有说明" in text


def test_a_verified_report_leads_straight_to_the_next(city: City) -> None:
    first, second = masks(city), suits(city)
    answer = decide(browser(city, "county"), first, "verify")
    assert answer["Location"].startswith(f"{QUEUE}{second.pk}/")
    assert Decision.objects.get().kind == "verified"
    last = decide(browser(city, "county"), second, "verify")
    assert last["Location"].startswith(f"{QUEUE}?")


def test_before_a_return_the_page_says_what_the_total_becomes(city: City) -> None:
    """R7, R10: yesterday's levels carry, the day's output goes; the very figures the totals then have."""
    masks(city, day=YESTERDAY, form=figures(capacity="40万"))
    report = masks(city)
    suits(city)
    told = total_previews.without(node=CITY, day=DAY, revision=report.head_id or 0)
    said = {(p.what, p.measure): (p.now, p.then, p.carries) for p in told.figures}
    assert said["口罩", "capacity"] == (480_000_000, 400_000_000, True)
    assert said["口罩", "output"] == (465_000_000, None, False)
    assert (told.reported_now, told.reported_then, told.expected) == (2, 1, 3)
    page = browser(city, "city").get(f"{QUEUE}{report.pk}/return/").content.decode()
    assert "480,000 → <b>400,000</b> 只" in page
    decide(browser(city, "city"), report, "return", reason="请核对产能")
    daily_totals.refresh_all()
    cell = next(c for c in total_cells.cells(nodes=[CITY], first=DAY, last=DAY, grain="group") if c.key == "masks")
    assert (cell.capacity, cell.output) == (400_000_000, None)


def test_a_return_needs_a_reason_and_keeps_what_was_typed(city: City) -> None:
    report = masks(city)
    county = browser(city, "county")
    assert decide(county, report, "return").status_code == 422
    assert not Decision.objects.exists()
    page = decide(county, report, "return", common="库存对不上，请核对", reason="少了 2 吨", revision="9")
    assert page.status_code == 409
    assert "少了 2 吨" in page.content.decode()
    decide(county, report, "return", common="库存对不上，请核对", reason="少了 2 吨")
    assert Decision.objects.get().reason == "库存对不上，请核对。少了 2 吨"


def test_a_newer_revision_is_shown_and_nothing_is_decided(city: City, clock: Any) -> None:
    report = masks(city)
    clock.shift(60)
    file(city, form=figures(output="40万"), based_on=1)
    page = decide(browser(city, "county"), report, "verify")
    assert page.status_code == 409
    assert "第 2 次修订" in page.content.decode()
    assert "400,000" in page.content.decode()
    assert not Decision.objects.exists()


def test_the_enterprise_sees_at_once_why_and_the_same_figures_make_a_new_revision(city: City, clock: Any) -> None:
    """R6, R7."""
    report = masks(city)
    decide(browser(city, "county"), report, "return", reason="产能请核对")
    clerk = browser(city, "clerk")
    for address in (
        "/supplies/daily-reports/",
        f"/supplies/daily-reports/{DAY}/",
        f"/supplies/daily-reports/{DAY}/receipt/",
    ):
        page = clerk.get(address).content.decode()
        assert "产能请核对" in page, address
        assert "county" in page, address
    clock.shift(60)
    assert file(city, based_on=1).status == 201
    assert Revision.objects.filter(report=report).count() == 2
    assert "产能请核对" not in clerk.get("/supplies/daily-reports/").content.decode()


def test_many_are_verified_by_decisions_of_their_own(city: City, clock: Any) -> None:
    first = masks(city)
    odd = suits(city, form=figures(lines=(line(SUIT, capacity="1万", output="1.2万"),)))
    chosen = [f"{first.pk}:1", f"{odd.pk}:1", "garbage", "9:9:9"]
    page = browser(city, "county").post(f"{QUEUE}verify/", {"chosen": chosen}, follow=True).content.decode()
    assert "已核实 1 份" in page
    assert "有疑问，要打开逐份审核" in page
    assert [d.revision.report_id for d in Decision.objects.all()] == [first.pk]
    assert AuditEntry.objects.filter(act="daily_report.decide").count() == 1


def test_what_became_newer_is_listed_and_the_others_are_verified(city: City, clock: Any) -> None:
    first, second = masks(city), suits(city)
    clock.shift(60)
    file(city, form=figures(output="40万"), based_on=1)
    said = {"chosen": [f"{first.pk}:1", f"{second.pk}:1"]}
    page = browser(city, "county").post(f"{QUEUE}verify/", said, follow=True).content.decode()
    assert "现在已有第 2 次" in page
    assert [d.revision.report_id for d in Decision.objects.all()] == [second.pk]


def test_only_the_county_of_the_day_and_the_city_review(city: City) -> None:
    """R7."""
    report = masks(city)
    for who, status in {
        "city": 200, "county": 200, "other_county": 404, "leader": 403, "auditor": 403, "clerk": 403, "liaison": 403,
    }.items():  # fmt: skip
        assert browser(city, who).get(f"{QUEUE}{report.pk}/").status_code == status, who
        if status != 200:
            assert decide(browser(city, who), report, "verify").status_code in (403, 404), who
    assert names(browser(city, "other_county").get(QUEUE, TODAY)) == []
    assert browser(city, "county").get(QUEUE, TODAY | {"division": CITY}).status_code == 404
    refused = browser(city, "other_county").post(f"{QUEUE}verify/", {"chosen": [f"{report.pk}:1"]})
    assert refused.status_code == 404
    assert not Decision.objects.exists()


def test_queries_do_not_depend_on_reports(city: City, django_assert_num_queries: Any) -> None:
    county = browser(city, "county")
    report = masks(city)
    for address in (QUEUE, f"{QUEUE}{report.pk}/", f"{QUEUE}{report.pk}/return/"):
        county.get(address, TODAY)
        with django_assert_num_queries(60, exact=False) as few:
            county.get(address, TODAY)
        used = len(few.captured_queries)
        suits(city, day=DAY) if not DailyReport.objects.filter(enterprise=city.b).exists() else None
        with django_assert_num_queries(used):
            county.get(address, TODAY)
    assert COUNTY
