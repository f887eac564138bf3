"""The clerk's minute on a phone: sign in, change one figure, see the echo, submit, get the receipt; and what may go wrong."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from supplies import daily_reports, products
from supplies.models import Draft, Product, Revision
from supplies.rules.figures import Figures, ProductFigures
from supplies.rules.quantities import read_text
from tests import cast as casting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORD = "a long word for plant a"
PHONE = 390
AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"


@pytest.fixture
def people(live_server):
    """The cast with signing-in, and yesterday's report of plant a."""
    if not Product.objects.exists():
        products.load_catalogue()
    cast = casting.make()
    for account in (cast.reporter_a, cast.liaison):
        account.set_password(WORD)
        account.save()
    lines = tuple(
        ProductFigures(code, {"capacity": read_text(capacity), "output": read_text(output)}, "万只")
        for code, capacity, output in (("MASK_SURG", "68", "56.4"), ("MASK_CIVIL", "12", "8.4"))
    )
    daily_reports.submit(
        actor=cast.reporter_a,
        enterprise=cast.plant_a,
        day=today() - dt.timedelta(days=1),
        form=Figures(lines=lines),
        channel="web",
        received_at=timezone.now() - dt.timedelta(days=1),
    )
    return cast


def today() -> dt.date:
    return timezone.localdate()


def form_address() -> str:
    return f"/supplies/daily-reports/{today()}/"


def sign_in(open_page, width: int = PHONE, path: str = "", who: str = "reporter_a"):
    page = open_page(width, f"/accounts/login/?next={path or form_address()}")
    page.fill("[name=username]", who)
    page.fill("[name=password]", WORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/supplies/"))
    return page


def row(page, name: str):
    return page.locator("[data-row]", has=page.locator(f"[name={name}]"))


def submit(page) -> None:
    page.click("[data-submit]")
    page.wait_for_url(re.compile("/receipt/"))


def faults(page) -> list[str]:
    """Serious and critical faults that axe finds."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document).then(r => r.violations)")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")]


def test_one_figure_is_changed_and_filed_within_the_minute(people, open_page):
    page = sign_in(open_page)
    output = row(page, "MASK_SURG-output")
    assert page.input_value("[name=MASK_SURG-output]") == "56.4"
    assert "同昨日" in output.inner_text()
    page.fill("[name=MASK_SURG-output]", "57.8")
    assert "= 578,000 只" in output.inner_text()
    assert "较昨日 +1.4万" in output.inner_text()
    submit(page)
    assert "并计入晋江市和泉州市合计" in page.inner_text("main")
    assert Revision.objects.get(report__day=today()).lines.get(product="MASK_SURG").output == 578_000_000


def test_the_unit_steps_back_while_the_text_brings_its_own(people, open_page):
    page = sign_in(open_page)
    page.fill("[name=MASK_SURG-output]", "48万")
    assert page.input_value("[name=MASK_SURG-output-unit]") == "只"
    assert "= 480,000 只" in row(page, "MASK_SURG-output").inner_text()
    page.fill("[name=MASK_SURG-output]", "48")
    assert page.input_value("[name=MASK_SURG-output-unit]") == "万只"
    assert "= 480,000 只" in row(page, "MASK_SURG-output").inner_text()
    page.select_option("[name=MASK_SURG-output-unit]", "只")
    assert "= 48 只" in row(page, "MASK_SURG-output").inner_text()


def test_a_double_tap_makes_one_revision(people, open_page):
    page = sign_in(open_page)
    page.fill("[name=MASK_SURG-output]", "57.8")
    page.dblclick("[data-submit]")
    page.wait_for_url(re.compile("/receipt/"))
    assert Revision.objects.filter(report__day=today()).count() == 1


def test_two_phones_make_one_conflict_and_nothing_typed_is_lost(people, open_page):
    first, second = sign_in(open_page), sign_in(open_page)
    first.fill("[name=MASK_SURG-output]", "57.8")
    second.fill("[name=MASK_SURG-output]", "60.1")
    second.fill("[name=note]", "缺熔喷布")
    submit(first)
    second.click("[data-submit]")
    second.wait_for_selector("[data-conflict]")
    assert "601,000" in second.inner_text("[data-conflict]")
    assert "578,000" in second.inner_text("[data-conflict]")
    assert second.input_value("[name=MASK_SURG-output]") == "60.1"
    assert second.input_value("[name=note]") == "缺熔喷布"
    assert faults(second) == []
    second.click("[data-conflict] button")
    second.wait_for_url(re.compile("/receipt/"))
    assert [r.number for r in Revision.objects.filter(report__day=today()).order_by("number")] == [1, 2]
    assert Revision.objects.get(report__day=today(), number=2).note == "缺熔喷布"


def test_a_wrong_figure_gets_the_focus_and_its_reason(people, open_page):
    page = sign_in(open_page)
    page.fill("[name=MASK_CIVIL-capacity]", "约12万")
    page.click("[data-submit]")
    page.wait_for_selector("[aria-invalid]")
    assert page.evaluate("document.activeElement.name") == "MASK_CIVIL-capacity"
    assert "请写成 12万 或 120000" in row(page, "MASK_CIVIL-capacity").inner_text()
    assert page.input_value("[name=MASK_CIVIL-capacity]") == "约12万"
    page.fill("[name=MASK_CIVIL-capacity]", "12万")
    assert page.locator("[aria-invalid]").count() == 0
    submit(page)


def test_without_network_it_says_so_and_keeps_what_was_typed(people, open_page):
    page = sign_in(open_page)
    page.fill("[name=MASK_SURG-output]", "57.8")
    page.context.set_offline(True)
    page.wait_for_selector("[data-offline]:not([hidden])")
    assert "没有网络，还没有提交" in page.inner_text("[data-offline]")
    assert page.input_value("[name=MASK_SURG-output]") == "57.8"
    page.context.set_offline(False)
    page.wait_for_selector("[data-offline]", state="hidden")
    assert not Revision.objects.filter(report__day=today()).exists()
    submit(page)


def test_what_was_sent_without_network_goes_by_itself_once(people, open_page):
    """Offline entry is sent when the network is back: one revision, received by the server's clock (R1, R6)."""
    page = sign_in(open_page)
    page.context.set_offline(True)
    page.wait_for_selector("[data-offline]:not([hidden])")
    page.fill("[name=MASK_SURG-output]", "57.8")
    page.click("[data-submit]")
    page.wait_for_selector("[data-if-waiting]:not([hidden])")
    page.click("[data-submit]")
    assert not Revision.objects.filter(report__day=today()).exists()
    back = timezone.now()
    page.context.set_offline(False)
    page.wait_for_url(re.compile("/receipt/"))
    stored = Revision.objects.get(report__day=today())
    assert stored.received_at >= back
    assert stored.lines.get(product="MASK_SURG").output == 578_000_000


def test_what_waits_can_be_called_back(people, open_page):
    page = sign_in(open_page)
    page.context.set_offline(True)
    page.click("[data-submit]")
    page.wait_for_selector("[data-if-waiting]:not([hidden])")
    page.click("[data-recall]")
    page.context.set_offline(False)
    page.wait_for_selector("[data-offline]", state="hidden")
    page.wait_for_timeout(500)
    assert not Revision.objects.filter(report__day=today()).exists()


def test_the_same_as_yesterday_is_one_tap(people, open_page):
    """From the open form to the receipt: one tap; every value is attested."""
    page = sign_in(open_page)
    page.click("[data-same]")
    page.wait_for_url(re.compile("/receipt/"))
    stored = Revision.objects.get(report__day=today())
    assert {m: said["attested"] for m, said in stored.lines.get(product="MASK_SURG").entered.items()} == {
        "capacity": True, "output": True,
    }  # fmt: skip
    assert "声明未变" in page.inner_text("main")


def test_a_changed_value_is_not_among_those_declared_the_same(people, open_page):
    page = sign_in(open_page)
    page.fill("[name=MASK_SURG-output]", "57.8")
    assert "其余与昨日相同" in page.inner_text("[data-same]")
    page.click("[data-same]")
    page.wait_for_url(re.compile("/receipt/"))
    said = Revision.objects.get(report__day=today()).lines.get(product="MASK_SURG").entered
    assert ("attested" in said["capacity"], "attested" in said["output"]) == (True, False)


def test_a_phone_that_died_offers_what_was_typed(people, open_page):
    page = sign_in(open_page)
    page.fill("[name=MASK_SURG-output]", "57.8")
    page.select_option("[name=add_product]", "SUIT_STERILE")
    page.click("[name=verb][value=add]")
    page.wait_for_selector("[name=SUIT_STERILE-capacity]")
    page.fill("[name=SUIT_STERILE-capacity]", "900")
    page.wait_for_timeout(500)
    page.goto("/supplies/daily-reports/")
    page.goto(form_address())
    assert "没有提交的内容" in page.inner_text("[data-restore]")
    page.click("[data-restore-yes]")
    page.wait_for_selector("[name=SUIT_STERILE-capacity]")
    assert page.input_value("[name=MASK_SURG-output]") == "57.8"
    assert page.input_value("[name=SUIT_STERILE-capacity]") == "900"
    page.fill("[name=SUIT_STERILE-output]", "870")
    submit(page)
    page.goto(form_address())
    assert page.is_hidden("[data-restore]")


def test_another_phone_goes_on_where_the_first_one_died(people, open_page):
    """What was typed is on the server within seconds; the second phone is asked before it takes it."""
    page = sign_in(open_page)
    page.fill("[name=MASK_SURG-output]", "57.8")
    page.wait_for_selector("[data-kept]:has-text('已存到服务器')")
    second = sign_in(open_page)
    assert "您在另一台设备上有" in second.inner_text("[data-restore]")
    assert second.input_value("[name=MASK_SURG-output]") == "56.4"
    second.click("[data-restore-yes]")
    second.wait_for_selector("[name=MASK_SURG-output][value='57.8']")
    submit(second)
    assert Revision.objects.get(report__day=today()).lines.get(product="MASK_SURG").output == 578_000_000
    assert not Draft.objects.exists()


def test_an_unwanted_draft_is_gone_from_phone_and_server(people, open_page):
    page = sign_in(open_page)
    page.fill("[name=MASK_SURG-output]", "57.8")
    page.wait_for_selector("[data-kept]:has-text('已存到服务器')")
    page.goto(form_address())
    page.click("[data-restore-no]")
    page.wait_for_timeout(500)
    assert not Draft.objects.exists()
    page.goto(form_address())
    assert page.is_hidden("[data-restore]")


def test_a_session_that_ended_while_typing_loses_nothing(people, open_page):
    page = sign_in(open_page)
    page.fill("[name=MASK_SURG-output]", "57.8")
    page.context.clear_cookies()
    page.click("[data-submit]")
    page.wait_for_load_state()
    assert not Revision.objects.filter(report__day=today()).exists()
    page.goto(f"/accounts/login/?next={form_address()}")
    page.fill("[name=username]", "reporter_a")
    page.fill("[name=password]", WORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/supplies/"))
    page.click("[data-restore-yes]")
    page.wait_for_selector("[name=MASK_SURG-output][value='57.8']")
    submit(page)


def test_a_halt_folds_the_figures_of_making_away(people, open_page):
    page = sign_in(open_page)
    page.click("label[for=state-halted]")
    assert page.is_hidden("[name=MASK_SURG-output]")
    assert page.is_visible("[name=MASK_SURG-stock]")
    page.click("label[for=state-running]")
    assert page.input_value("[name=MASK_SURG-output]") == "56.4"
    page.click("label[for=state-halted]")
    submit(page)
    assert Revision.objects.get(report__day=today()).lines.get(product="MASK_SURG").output == 0


def test_it_works_without_scripts(people, chromium, live_server):
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": PHONE, "height": 844}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"/accounts/login/?next={form_address()}")
    page.fill("[name=username]", "reporter_a")
    page.fill("[name=password]", WORD)
    page.press("[name=password]", "Enter")
    page.fill("[name=MASK_SURG-output]", "约57万")
    page.press("[name=MASK_SURG-output]", "Enter")
    page.wait_for_selector("[aria-invalid]")
    page.fill("[name=MASK_SURG-output]", "57.8")
    page.click("[data-submit]")
    page.wait_for_url(re.compile("/receipt/"))
    context.close()
    assert Revision.objects.filter(report__day=today()).count() == 1


@pytest.mark.parametrize("width", [PHONE, 1440])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_serious_fault_and_nothing_scrolls_sideways(people, open_page, width, theme):
    page = sign_in(open_page, width)
    page.evaluate(f"localStorage.setItem('baogong-theme', '{theme}')")
    day = today() - dt.timedelta(days=1)
    for path in ["", f"{today()}/", f"{day}/receipt/", f"{day}/revisions/"]:
        page.goto(f"/supplies/daily-reports/{path}")
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_axe_finds_no_serious_fault_for_the_liaison_officer(people, open_page):
    page = sign_in(open_page, path="/supplies/daily-reports/", who="liaison")
    assert faults(page) == []
    page.click(".pick")
    page.click("a:has-text('代报今天')")
    page.wait_for_selector("[name=caller]")
    assert faults(page) == []
    page.fill("[name=caller]", "陈会计")
    page.fill("[name=behalf_reason]", "厂里断网")
    submit(page)
    assert "来电人 陈会计" in page.inner_text("main")
