"""An officer returns a report, the clerk sees why and corrects it, the officer verifies it and closes the day."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from supplies import daily_reports, products
from supplies.models import DailyReport, Decision, Product, Revision, Snapshot
from supplies.rules.figures import Figures, ProductFigures
from supplies.rules.quantities import read_text
from tests import cast as casting
from tests.journeys.test_clerk_minute import WORD, faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(live_server):
    """The cast with signing-in, and today's report of plant a."""
    if not Product.objects.exists():
        products.load_catalogue()
    cast = casting.make()
    for account in (cast.reporter_a, cast.city_officer):
        account.set_password(WORD)
        account.save()
    lines = tuple(
        ProductFigures(code, {"capacity": read_text(capacity), "output": read_text(output)}, "万只")
        for code, capacity, output in (("MASK_SURG", "68", "56.4"), ("MASK_CIVIL", "12", "8.4"))
    )
    daily_reports.submit(
        actor=cast.reporter_a,
        enterprise=cast.plant_a,
        day=today(),
        form=Figures(lines=lines),
        channel="web",
        received_at=timezone.now(),
    )
    return cast


def today() -> dt.date:
    return timezone.localdate()


def sign_in(open_page, width: int, who: str, path: str):
    page = open_page(width, f"/accounts/login/?next={path}")
    page.fill("[name=username]", who)
    page.fill("[name=password]", WORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/supplies/"))
    return page


def test_returned_corrected_verified_closed(people, open_page):
    """R7, R13."""
    report = DailyReport.objects.get()
    look = f"/supplies/daily-reports/review/{report.pk}/"
    officer = sign_in(open_page, 1440, "city_officer", look)
    assert faults(officer) == []
    officer.keyboard.press("r")
    officer.wait_for_url(re.compile("/return/"))
    assert "已报 1 家 → 0 家" in officer.inner_text(".review-return")
    assert faults(officer) == []
    officer.fill("[name=reason]", "产量请再核对")
    officer.click(".review-return button[type=submit]")
    officer.wait_for_url(re.compile(r"/review/\?"))
    assert Decision.objects.get().reason == "产量请再核对"

    clerk = sign_in(open_page, 390, "reporter_a", "/supplies/daily-reports/")
    assert "产量请再核对" in clerk.inner_text("main")
    assert faults(clerk) == []
    clerk.click("text=去修改")
    clerk.wait_for_url(re.compile(str(today())))
    assert "产量请再核对" in clerk.inner_text("main")
    clerk.fill("[name=MASK_SURG-output]", "57.8")
    clerk.click("[data-submit]")
    clerk.wait_for_url(re.compile("/receipt/"))
    assert Revision.objects.filter(report=report).count() == 2

    officer.goto(look)
    assert "578,000" in officer.inner_text("main")
    officer.keyboard.press("v")
    officer.wait_for_url(re.compile(r"/review/\?"))
    assert Decision.objects.order_by("-id")[0].kind == "verified"

    officer.goto(f"/supplies/days/{today()}/")
    officer.click("main >> text=终报")
    officer.wait_for_url(re.compile("/close/"))
    assert "家还没报" in officer.inner_text("main")
    officer.click("text=终报并封账")
    officer.wait_for_url(re.compile(f"/days/{today()}/$"))
    assert Snapshot.objects.get().digest in officer.inner_text("main")
    assert faults(officer) == []
