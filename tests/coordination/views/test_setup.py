"""An empty installation says what to do next, and no page of it is a dead end."""

import pytest
from django.test import Client

from enterprises.choices import Role
from tests.factories.enterprises import account, division

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    client = Client()
    client.force_login(account("root", Role.ADMIN), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_first_page_names_the_steps(admin):
    page = admin.get("/")
    assert page.status_code == 200
    assert "import_divisions" in page.content.decode()


@pytest.mark.parametrize("page", ["daily-reports/coverage/", "daily-totals/sources/", "daily-reports/board/"])
def test_other_pages_lead_there(admin, page):
    assert admin.get(f"/supplies/{page}", follow=True).redirect_chain == [("/", 302)]


def test_lists_are_empty_and_no_error(admin):
    assert admin.get("/supplies/enterprises/").status_code == 200


def test_with_a_division_the_overview_is_there(admin):
    division("999900", name="某市", level="city")
    page = admin.get("/")
    assert page.status_code == 200
    assert "import_divisions" not in page.content.decode()


def test_a_refused_address_says_why(admin):
    division("999900", name="某市", level="city")
    for date, reason in (("2020-13-01", "没有这一天"), ("20200301", "日期应写作 2020-02-28")):
        page = admin.get("/", {"date": date})
        assert (page.status_code, reason in page.content.decode()) == (400, True)
