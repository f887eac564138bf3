"""The administrator's site: closed to everyone else, shows every table, and changes things by their acts only."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from enterprises import access, work_days
from enterprises.admin import site
from enterprises.choices import Role
from enterprises.models import Account, ApiToken, AuditEntry, Post, WorkDay
from supplies.models import ReportingSetting
from tests.supplies.daily_reports.plants import COUNTY, City, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return settle()


def browser(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(city: City) -> Client:
    return browser(city["admin"])


def test_strangers_sign_in_and_other_roles_are_told_no(city: City) -> None:
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    for who in ("city", "leader", "auditor", "clerk", "stranger"):
        for address in ("/admin/", "/admin/enterprises/account/", "/admin/enterprises/auditentry/"):
            page = browser(city[who]).get(address, follow=True)
            assert page.status_code == 403, (who, address)


@pytest.mark.parametrize("model", sorted(site._registry, key=lambda model: model.__name__), ids=lambda m: m.__name__)
def test_every_table_can_be_looked_at_and_searched(city: City, admin: Client, model: type) -> None:
    work_days.seed()
    address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    assert admin.get(address).status_code == 200
    searched = admin.get(address, {"q": "甲"})
    assert searched.status_code == 200
    row = model._default_manager.first()
    if row is not None:
        assert admin.get(f"{address}{row.pk}/change/").status_code == 200
        assert admin.post(f"{address}{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert model._default_manager.filter(pk=row.pk).exists()


def test_makes_an_account_with_a_post_and_a_token_shown_once(city: City, admin: Client) -> None:
    said = {"username": "new.officer", "display_name": "新人", "phone": "", "password": "yu-xian-7788-lai"}
    weak = admin.post("/admin/enterprises/account/add/", said | {"password": "123"})
    assert "密码太短了" in weak.content.decode()
    assert not Account.objects.filter(username="new.officer").exists()
    assert admin.post("/admin/enterprises/account/add/", said).status_code == 302
    account = Account.objects.get(username="new.officer")
    assert account.check_password("yu-xian-7788-lai")
    post = {"account": account.pk, "role": Role.COUNTY.value, "starts_on": "2020-01-01", "ends_on": ""}
    missing = admin.post("/admin/enterprises/post/add/", post)
    assert "要指明区划" in missing.content.decode()
    assert admin.post("/admin/enterprises/post/add/", post | {"division": COUNTY}).status_code == 302
    assert access.roles(Account.objects.get(pk=account.pk)) == {Role.COUNTY}
    token = {"account": account.pk, "name": "省平台", "scopes": ["totals:read"], "days": "30"}
    page = admin.post("/admin/enterprises/apitoken/add/", token, follow=True)
    shown = page.content.decode()
    row = ApiToken.objects.get(account=account)
    assert row.prefix in shown
    assert row.digest not in shown
    assert row.prefix + "…" not in shown
    acts = set(AuditEntry.objects.values_list("act", flat=True))
    assert {"account.create", "account.assign", "api_token.create"} <= acts


def test_sets_a_password_ends_posts_deactivates_and_revokes(city: City, admin: Client) -> None:
    county = city["county"]
    admin.post(f"/admin/enterprises/account/{county.pk}/change/", {"password": "xin-mi-ma-2020-abc"})
    county.refresh_from_db()
    assert county.check_password("xin-mi-ma-2020-abc")
    post = Post.objects.believed().get(account=county)
    admin.post("/admin/enterprises/post/", {"action": "dismiss", "_selected_action": [post.pk]})
    assert access.roles(Account.objects.get(pk=county.pk)) == frozenset()
    admin.post("/admin/enterprises/account/", {"action": "deactivate", "_selected_action": [county.pk]})
    county.refresh_from_db()
    assert not county.is_active
    own = admin.post(
        "/admin/enterprises/account/", {"action": "deactivate", "_selected_action": [city["admin"].pk]}, follow=True
    )
    assert "最后一个系统管理员" in own.content.decode()
    assert Account.objects.get(pk=city["admin"].pk).is_active


def test_sets_a_rule_and_corrects_a_working_day(city: City, admin: Client) -> None:
    work_days.seed()
    said = {"name": "cut_off", "value": "25:00", "division": COUNTY, "starts_on": "2020-03-01", "reason": ""}
    assert "截止时间" in admin.post("/admin/supplies/reportingsetting/add/", said).content.decode()
    assert not ReportingSetting.objects.exists()
    assert admin.post("/admin/supplies/reportingsetting/add/", said | {"value": "16：00"}).status_code == 302
    assert ReportingSetting.objects.get().value == "16:00"
    day = dt.date(2026, 10, 10)
    admin.post(f"/admin/enterprises/workday/{day}/change/", {"document": "通知"})
    assert (WorkDay.objects.get(day=day).is_working, WorkDay.objects.get(day=day).document) == (False, "通知")
