"""One-screen admission, slips, and the list of filing links."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from enterprises import filing_links
from enterprises.models import Enterprise, FilingLink
from supplies.models import ReportingDuty
from tests.factories import enterprises as ground

ADMIT, LINKS, ISSUE = (
    "/supplies/enterprises/admit/",
    "/supplies/enterprises/links/",
    "/supplies/enterprises/links/issue/",
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(cast, product_code):
    from enterprises.rules import credit_code

    body = "91350582MA31ABCD5"
    code = body + credit_code.check_character(body)
    return {
        "uscc": f" {code.lower()} ",
        "name": "新厂（泉州）有限公司",
        "division": cast.county_a,
        "products": [product_code],
        "contact_name": "林",
        "contact_phone": "13800000000",
    }


@pytest.fixture
def product_code(cast):
    from supplies import products

    return next(iter(products.catalogue().entries))


def printed(answer) -> list[tuple[str, str]]:
    """(token, PIN) of each slip on the page."""
    text = answer.content.decode()
    tokens = re.findall(r"/f/([\w-]{22})/", text)
    pins = [a + b for a, b in re.findall(r'class="pin">(\d{3}) (\d{3})<', text)]
    assert len(tokens) == len(pins)
    return list(zip(tokens, pins, strict=True))


class TestAdmit:
    def test_one_screen_admits_obliges_and_prints_a_slip_that_opens(self, client, cast, said, product_code):
        client.force_login(cast.county_officer_a)
        answer = client.post(ADMIT, said)
        assert answer.status_code == 200
        enterprise = Enterprise.objects.get(uscc=said["uscc"].strip().upper())
        assert (enterprise.name, enterprise.contact_phone) == ("新厂（泉州）有限公司", "13800000000")
        duty = ReportingDuty.objects.get(enterprise=enterprise)
        assert (duty.product_id, duty.starts_on, duty.ends_on) == (product_code, timezone.localdate(), None)
        ((token, pin),) = printed(answer)
        assert filing_links.open_with(filing_links.find(token), pin).posts.get().enterprise == enterprise
        assert "<svg" in answer.content.decode()

    def test_without_products_it_owes_state_and_staff(self, client, cast, said):
        client.force_login(cast.city_officer)
        assert client.post(ADMIT, {**said, "products": []}).status_code == 200
        assert ReportingDuty.objects.get(enterprise__uscc=said["uscc"].strip().upper()).product_id is None

    @pytest.mark.parametrize(
        "field, value, reason",
        [
            ("uscc", "", "请填写统一社会信用代码"),
            ("uscc", "91350582MA31ABCD5A", "校验"),
            ("name", "", "请填写企业名称"),
            ("division", "", "请选择属地"),
            ("division", "999999", "没有这个填报单位"),
            ("contact_phone", "", "请填写联系电话"),
            ("products", ["no-such"], "目录里没有这种产品"),
            ("name", "x\x00", ""),
        ],
    )
    def test_says_at_the_field_what_is_wrong_and_stores_nothing(self, client, cast, said, field, value, reason):
        client.force_login(cast.county_officer_a)
        before = Enterprise.objects.count()
        answer = client.post(ADMIT, {**said, field: value})
        assert answer.status_code == 422
        assert reason in answer.content.decode()
        assert Enterprise.objects.count() == before
        assert FilingLink.objects.count() == 0

    def test_a_code_that_is_registered_leads_to_its_enterprise(self, client, cast, said):
        client.force_login(cast.city_officer)
        answer = client.post(ADMIT, {**said, "uscc": cast.plant_a.uscc})
        assert answer.status_code == 422
        assert f"/supplies/enterprises/{cast.plant_a.uscc}/" in answer.content.decode()

    def test_a_registered_code_of_another_county_is_not_named(self, client, cast, said):
        client.force_login(cast.county_officer_a)
        answer = client.post(ADMIT, {**said, "uscc": cast.plant_b.uscc})
        assert answer.status_code == 422
        assert cast.plant_b.name not in answer.content.decode()

    def test_another_county_cannot_be_chosen(self, client, cast, said):
        client.force_login(cast.county_officer_a)
        assert client.post(ADMIT, {**said, "division": cast.county_b}).status_code == 422

    def test_a_second_press_is_refused_and_the_first_slip_still_opens(self, client, cast, said):
        client.force_login(cast.county_officer_a)
        ((token, pin),) = printed(client.post(ADMIT, said))
        assert client.post(ADMIT, said).status_code == 422
        assert filing_links.open_with(filing_links.find(token), pin)

    def test_where_links_are_shut_it_admits_without_a_slip(self, client, cast, said):
        filing_links.switch(actor=cast.admin, is_on=False)
        client.force_login(cast.county_officer_a)
        assert client.post(ADMIT, said).status_code == 302
        assert Enterprise.objects.filter(uscc=said["uscc"].strip().upper()).exists()


class TestLinks:
    def test_prints_slips_for_those_chosen_and_the_old_ones_end(self, client, cast):
        client.force_login(cast.city_officer)
        chosen = [cast.plant_a.uscc, cast.plant_b.uscc]
        first = printed(client.post(ISSUE, {"enterprise": chosen}))
        second = printed(client.post(ISSUE, {"enterprise": chosen}))
        assert len(first) == len(second) == 2
        for token, pin in second:
            assert filing_links.open_with(filing_links.find(token), pin)
        for token, _ in first:
            assert client.get(f"/f/{token}/").status_code == 404

    def test_lists_who_has_one_and_how_it_stands(self, client, cast):
        filing_links.issue(actor=None, enterprise=cast.plant_a)
        client.force_login(cast.city_officer)
        assert [row[0] for row in client.get(LINKS, {"state": "live"}).context["rows"]] == [cast.plant_a]
        names = [row[0] for row in client.get(LINKS, {"state": "none"}).context["rows"]]
        assert cast.plant_a not in names
        assert cast.plant_b in names
        client.post(f"{LINKS}revoke/", {"enterprise": cast.plant_a.uscc})
        assert [row[0] for row in client.get(LINKS, {"state": "revoked"}).context["rows"]] == [cast.plant_a]

    def test_a_county_sees_and_touches_its_own(self, client, cast):
        client.force_login(cast.county_officer_a)
        assert cast.plant_b.name not in client.get(LINKS).content.decode()
        assert client.post(ISSUE, {"enterprise": [cast.plant_a.uscc, cast.plant_b.uscc]}).status_code == 404
        assert FilingLink.objects.count() == 0
        assert client.post(f"{LINKS}revoke/", {"enterprise": cast.plant_b.uscc}).status_code == 404

    @pytest.mark.parametrize(
        "who", ["leader", "auditor", "province", "department", "liaison", "reporter_a", "stranger"]
    )
    def test_others_find_no_door(self, client, cast, who):
        client.force_login(getattr(cast, who))
        assert client.get(LINKS).status_code == 403
        assert client.get(ADMIT).status_code == 403
        assert client.post(ADMIT, {}).status_code == 403
        assert client.post(ISSUE, {"enterprise": cast.plant_a.uscc}).status_code == 403

    def test_the_administrator_shuts_and_opens_them(self, client, cast):
        client.force_login(cast.city_officer)
        assert client.post(f"{LINKS}switch/", {"is_on": "0"}).status_code == 403
        client.force_login(cast.admin)
        client.post(f"{LINKS}switch/", {"is_on": "0"})
        assert "扫码填报已关闭" in client.get(LINKS).content.decode()
        assert client.post(ISSUE, {"enterprise": cast.plant_a.uscc}).status_code == 302
        client.post(f"{LINKS}switch/", {"is_on": "1"})
        assert client.post(ISSUE, {"enterprise": cast.plant_a.uscc}).status_code == 200

    @pytest.mark.parametrize("chosen", [[], ["\0"], ["x"] * 3, [f"x{n}" for n in range(101)]])
    def test_odd_choices_are_no_error_of_ours(self, client, cast, chosen):
        client.force_login(cast.city_officer)
        assert client.post(ISSUE, {"enterprise": chosen}).status_code in (302, 400, 404)

    def test_every_state_is_found_counted_and_paged_in_the_database(self, client, cast):
        made = [ground.enterprise(division=cast.county_a, name=f"厂{number:03}") for number in range(55)]
        for state, change in (
            ("locked", {"locked_until": timezone.now() + dt.timedelta(hours=1)}),
            ("used_up", {"failures": filing_links.MOST_FAILURES}),
            ("expired", {"expires_at": timezone.now() - dt.timedelta(hours=1)}),
        ):
            one = made.pop()
            filing_links.issue(actor=None, enterprise=one)
            FilingLink.objects.filter(enterprise=one).update(**change)
            assert filing_links.standings([one])[one.pk].state == state
            client.force_login(cast.city_officer)
            assert [row[0] for row in client.get(LINKS, {"state": state}).context["rows"]] == [one]
        pages = [client.get(LINKS, {"state": "none", "search": "厂", "page": str(page)}) for page in (1, 2)]
        assert [len(page.context["rows"]) for page in pages] == [50, 2]
        assert [row[0] for page in pages for row in page.context["rows"]] == sorted(made, key=lambda e: e.name)
        assert ("none", "没有 52") in pages[0].context["states"]
        assert "state=none" in pages[0].content.decode()

    def test_the_list_asks_a_fixed_number_of_questions(self, client, cast, django_assert_max_num_queries):
        client.force_login(cast.city_officer)
        with django_assert_max_num_queries(12):
            client.get(LINKS)


@pytest.mark.browser
def test_a_clerk_scans_types_six_digits_and_is_at_the_form(open_page, cast, transactional_db):
    slip = filing_links.issue(actor=None, enterprise=cast.plant_a)
    page = open_page(390, f"/f/{slip.token}/")
    assert page.locator("h1").inner_text() == cast.plant_a.name
    page.locator("#pin").fill("000000" if slip.pin != "000000" else "111111")
    page.get_by_role("button", name="进入填报").click()
    page.locator("#pin-error").wait_for()
    page.locator("#pin").fill(slip.pin)
    page.get_by_role("button", name="进入填报").click()
    page.get_by_role("heading", name="今天的日报").wait_for()
    assert "/f/" not in page.url
