"""R20 on a phone: a slip of units comes back with the likely value, one tap takes it; another figure is explained."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from supplies import daily_reports, products
from supplies.models import Confirmation, Product, Revision
from supplies.rules.figures import Figures, ProductFigures
from supplies.rules.quantities import read_text
from tests import cast as casting
from tests.journeys.test_clerk_minute import PHONE, WORD, faults, sign_in, submit, today

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OUTPUT = "[name=MASK_SURG-output]"


@pytest.fixture
def people(live_server):
    """The cast, and plant a's three days before today."""
    if not Product.objects.exists():
        products.load_catalogue()
    cast = casting.make()
    cast.reporter_a.set_password(WORD)
    cast.reporter_a.save()
    for back in (3, 2, 1):
        lines = tuple(
            ProductFigures(code, {"capacity": read_text(capacity), "output": read_text(output)}, "万只")
            for code, capacity, output in (("MASK_SURG", "68", f"56.{back}"), ("MASK_CIVIL", "12", "8.4"))
        )
        daily_reports.submit(
            actor=cast.reporter_a,
            enterprise=cast.plant_a,
            day=today() - dt.timedelta(days=back),
            form=Figures(lines=lines),
            channel="web",
            received_at=timezone.now() - dt.timedelta(days=back),
        )
    return cast


def slip(page) -> None:
    """57.8 in 只 instead of 万只."""
    page.fill(OUTPUT, "57.8")
    page.select_option("[name=MASK_SURG-output-unit]", "只")
    page.click("[data-submit]")
    page.wait_for_selector("[data-held]")


def test_one_tap_takes_the_likely_value_and_the_next_submits(people, open_page):
    page = sign_in(open_page, PHONE)
    slip(page)
    assert "是不是 57.8万 只？" in page.inner_text("[data-held]")
    assert page.locator("[data-held]").bounding_box()["y"] < page.viewport_size["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    assert faults(page) == []
    page.click("text=改为 57.8万 只")
    page.wait_for_function("!document.querySelector('[data-held]')")
    assert page.input_value(OUTPUT) == "57.8"
    submit(page)
    line = Revision.objects.get(report__day=today()).lines.get(product="MASK_SURG")
    assert line.output == 578_000_000


def test_the_figure_is_right_and_the_reason_is_two_taps(people, open_page):
    page = sign_in(open_page, PHONE)
    slip(page)
    page.click("summary:has-text('数字没错')")
    page.click("label:has-text('设备检修')")
    submit(page)
    assert Confirmation.objects.get().reason == "设备检修"
    assert "已说明：设备检修" in page.inner_text("main")


def test_a_question_asked_is_answered_from_the_receipt(people, open_page):
    page = sign_in(open_page, PHONE)
    page.fill(OUTPUT, "70")
    submit(page)
    assert "1 项待说明" in page.inner_text("main")
    assert faults(page) == []
    page.click("label:has-text('订单集中')")
    page.click("text=数字没错，提交说明")
    page.wait_for_url(re.compile("/receipt/"))
    page.wait_for_selector("text=已说明：订单集中")
    assert Revision.objects.filter(report__day=today()).count() == 1
