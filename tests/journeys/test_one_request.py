"""A request for help from a phone: how many taps and how long; what a dead phone and a colleague who was faster leave."""

from __future__ import annotations

import re
import time

import pytest
from django.core.cache import cache
from django.core.management import call_command

from coordination import tickets
from coordination.models import Ticket, TicketCategory, TicketFile, Unsent
from supplies import products
from supplies.models import Product
from tests import cast as casting
from tests.coordination.ticket_files import samples
from tests.journeys.test_clerk_minute import PHONE, WORD, faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "/tickets/new/"
SEND = "[data-ticket-form] .btn-primary[type=submit]"
KEYS_A_SECOND = 2.5
"""Chinese characters that a thumb writes."""
COUNT = "window.taps = 0; document.addEventListener('click', e => { if (e.isTrusted) { window.taps += 1; } }, true)"
ASKED = [
    ("拉熔喷布的车在江西上饶下高速被拦，司机有健康证明，没有通行证不让下，布只够两天", "PASS_PROV"),
    ("熔喷布断供，原来两万一吨现在涨到三十多万还要现款，大概两三吨就够我们撑一周", "RAW_OUT"),
    ("三十几个湖北和河南的老员工回不来，出不了村，夜班开不了", "STAFF_TRAVEL"),
    ("变压器不够用，增容申请了一星期，晚上老跳闸", "POWER"),
]


@pytest.fixture
def people(live_server, settings, tmp_path):
    """The cast with signing-in."""
    settings.ATTACHMENTS = tmp_path / "attachments"
    settings.FILE_UPLOAD_TEMP_DIR = settings.ATTACHMENTS / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)
    cache.clear()
    if not Product.objects.exists():
        products.load_catalogue()
    if not TicketCategory.objects.exists():
        call_command("migrate", "coordination", verbosity=0)
    cast = casting.make()
    cast.plant_a.contact_name, cast.plant_a.contact_phone = "林岱", "13800000000"
    cast.plant_a.save()
    for account in (cast.reporter_a, cast.city_officer):
        account.set_password(WORD)
        account.save()
    return cast


def sign_in(open_page, path: str = NEW, who: str = "reporter_a", width: int = PHONE):
    page = open_page(width, f"/accounts/login/?next={path}")
    page.fill("[name=username]", who)
    page.fill("[name=password]", WORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/tickets/"))
    return page


@pytest.mark.parametrize(("said", "category"), ASKED)
def test_a_request_becomes_a_good_ticket_in_under_two_minutes(people, open_page, said: str, category: str) -> None:
    page = sign_in(open_page)
    page.evaluate(COUNT)
    started = time.monotonic()
    page.click("#description")
    page.keyboard.type(said)
    page.wait_for_selector("[data-guesses] .chip.on")
    page.click("label[for=i-stopping]")
    page.click(SEND)
    page.wait_for_url(re.compile(r"/tickets/[0-9]{8}-"))
    spent = time.monotonic() - started
    ticket = Ticket.objects.get()
    assert (ticket.category_id, ticket.description, ticket.impact) == (category, said, "马上要停产")
    assert (ticket.contact_name, ticket.contact_phone) == ("林岱", "13800000000")
    assert 4 <= len(ticket.title) <= 24
    assert said.startswith(ticket.title.rstrip("…"))
    # three taps and the words themselves, at a thumb's speed
    assert spent + len(said) / KEYS_A_SECOND + 3 * 2 < 120


def test_the_taps_are_three_and_five_with_everything(people, open_page, tmp_path) -> None:
    photo = tmp_path / "卡点.jpg"
    photo.write_bytes(samples.photo((1200, 900)))
    page = sign_in(open_page)
    page.evaluate(COUNT)
    page.click("#description")
    page.keyboard.type(ASKED[1][0])
    page.wait_for_selector("[data-guesses] .chip.on")
    page.click("label[for=i-stopping]")
    assert page.evaluate("window.taps") <= 4  # a label's press counts for its field too
    page.click("label[for=p-MASK_SURG]")
    assert "（只）" in page.inner_text("[data-unit-word]")
    page.click("#blocked")
    page.keyboard.type("大概两三万")
    page.select_option("#hours", "48")
    page.set_input_files("#new-files", [str(photo)])
    assert "卡点.jpg" in page.inner_text("[data-chosen]")
    assert faults(page) == []
    page.click(SEND)
    page.wait_for_url(re.compile(r"/tickets/[0-9]{8}-"))
    ticket = Ticket.objects.get()
    assert (ticket.impact, ticket.hours_to_stop) == ("马上要停产；每天少做大概两三万", 48)
    assert TicketFile.objects.get().name == "卡点.jpg"
    assert "卡点.jpg" in page.inner_text("#files")
    assert faults(page) == []


def test_another_category_is_found_by_a_word_and_stays(people, open_page) -> None:
    page = sign_in(open_page)
    page.click("#description")
    page.keyboard.type("买原料要现款，三百来万的缺口")
    page.wait_for_selector("[data-guesses] .chip.on")
    page.click("[data-categories] summary")
    page.click("[data-category-find]")
    page.keyboard.type("补助")
    rows = page.locator(".catrow:visible")
    assert "专项资金/补助" in rows.all_inner_texts()[0]
    rows.first.click()
    assert page.inner_text("[data-chosen-category]") == "专项资金/补助"
    page.fill("#description", "买原料要现款，银行贷款批不下来")
    page.wait_for_timeout(400)
    assert page.is_checked("#c-FUND")


def test_a_dead_phone_loses_nothing_and_another_goes_on(people, open_page) -> None:
    first = sign_in(open_page)
    first.click("#description")
    first.keyboard.type("工人回不来，夜班开不了")
    first.click("label[for=i-less]")
    first.wait_for_selector("text=已存到服务器")
    first.reload()
    assert first.is_visible("[data-unsent-offer]")
    second = sign_in(open_page)
    assert "您在另一台设备上" in second.inner_text("[data-unsent-offer]")
    second.click("[data-unsent-yes]")
    assert second.input_value("#description") == "工人回不来，夜班开不了"
    assert second.is_checked("#i-less")
    assert second.is_checked("#c-STAFF_TRAVEL")
    second.click(SEND)
    second.wait_for_url(re.compile(r"/tickets/[0-9]{8}-"))
    assert not Unsent.objects.exists()
    again = sign_in(open_page)
    assert not again.is_visible("[data-unsent-offer]")


def test_a_colleague_was_faster_and_the_words_stay(people, open_page) -> None:
    fields = {
        "title": "缺熔喷布", "description": "布只够两天", "impact": "两条线要停", "category": "RAW_OUT", "contact_name": "林岱",
        "contact_phone": "138",
    }  # fmt: skip
    raised = tickets.raise_ticket(actor=people.reporter_a, uscc=people.plant_a.uscc, fields=fields).ticket
    page = sign_in(open_page, f"/tickets/{raised.number}/", "reporter_a")
    page.click("summary:has-text('发消息')")
    page.fill("#message-text", "供应商电话是 138，今天能装车")
    version = Ticket.objects.get().version
    tickets.act(actor=people.county_officer_a, ticket=raised, action="accept", fields={}, expected_version=version)
    page.click("form[action$='/message/'] button[type=submit]")
    page.wait_for_selector("text=刚被别人办过")
    assert page.input_value("#message-text") == "供应商电话是 138，今天能装车"
    assert page.is_visible("#message-text")
    page.click("form[action$='/message/'] button[type=submit]")
    page.wait_for_selector("text=已发消息")
    page.reload()
    assert not page.is_visible("[data-unsent-offer]")
    assert Ticket.objects.get().events.filter(action="message").count() == 1
