"""The officer's walk in a browser: overview, a number's drawer, down to a county, and numbers that move by themselves."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests import cast as casting
from tests.factories.reports import report, summed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MASKS = {"MASK_SURG": (50_000, 40_000, 5), "MASK_CIVIL": (10_000, 1, 1)}


@pytest.fixture
def overview(open_page):
    """The overview of the city officer on two days of reports, at a given width."""
    people = casting.make()
    today = timezone.localdate()
    for back in (2, 1):
        report(people.plant_a, today - dt.timedelta(days=back), MASKS)
    summed()

    def open_one(width, address="/"):
        client = Client()
        client.force_login(people.city_officer)
        page = open_page(width, "/accounts/login/")
        page.context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                    "url": page.url,
                }
            ]
        )
        page.goto(address)
        return page

    return people, open_one


def yesterday() -> str:
    return (timezone.localdate() - dt.timedelta(days=1)).isoformat()


def test_a_number_opens_over_the_page_and_closes_with_focus_returned(overview):
    _, open_one = overview
    page = open_one(1440, f"/?date={yesterday()}")
    number = page.locator("#card-masks a.num-xl")
    number.focus()
    number.press("Enter")
    page.wait_for_selector(".drawer .sheet")
    assert "逐条相加等于合计" in page.inner_text(".drawer")
    page.keyboard.press("Escape")
    page.wait_for_selector(".drawer", state="detached")
    assert page.evaluate("document.activeElement.classList.contains('num-xl')")


def test_the_city_opens_to_a_county_and_its_enterprises(overview):
    people, open_one = overview
    page = open_one(1440, f"/?date={yesterday()}")
    page.click("#counties tbody a:has-text('晋江市')")
    page.wait_for_url("**division=350582**")
    assert "date=" in page.url
    assert people.plant_a.name in page.inner_text("#counties")


def test_numbers_move_within_seconds_of_a_report(overview):
    people, open_one = overview
    page = open_one(1440, f"/?date={yesterday()}")
    page.wait_for_timeout(1500)
    report(
        people.plant_b,
        timezone.localdate() - dt.timedelta(days=1),
        {"MASK_SURG": (40_000, 1, 1), "SUIT_STERILE": (1, 1, 1)},
    )
    summed()
    page.wait_for_selector("#card-masks .num-xl:has-text('10万')", timeout=6000)


@pytest.mark.parametrize(
    "address", ["/", "/supplies/daily-totals/sources/", "/supplies/daily-reports/coverage/", "/supplies/enterprises/"]
)
def test_no_page_scrolls_sideways_on_a_phone(overview, address):
    _, open_one = overview
    page = open_one(390, address)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
