"""An officer logs a visit on a phone: what is typed survives a reload, the visit is saved once, the draft is gone."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from coordination.models import Promise, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_visit_in_a_few_taps(cast, open_page) -> None:
    client = Client()
    client.force_login(cast.liaison)
    page = open_page(390, "/accounts/login/")
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.session.session_key,
                "url": page.url.split("/accounts")[0],
            }
        ]
    )
    path = f"/visits/new/?enterprise={cast.plant_a.uscc}"
    page.goto(path)
    page.fill("#met", "林岱")
    page.fill("#notes", "两条线都在开\n缺 8 名包装工")
    page.locator("details.morestep summary", has_text="记一件约定").click()
    page.fill("#w-0", "补招 8 名包装工")
    page.locator('[data-for="u-0"]', has_text="3 天后").click()
    page.locator("[data-visit-kept]", has_text="本机已存").wait_for()
    page.reload()
    assert page.input_value("#notes") == "两条线都在开\n缺 8 名包装工"
    assert page.input_value("#w-0") == "补招 8 名包装工"
    page.locator("button", has_text="记下").click()
    page.wait_for_selector("[data-visit-done]")
    assert Visit.objects.count() == 1
    assert Promise.objects.get().what == "补招 8 名包装工"
    page.goto(path)
    assert page.input_value("#notes") == ""
