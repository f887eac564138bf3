"""Signing in and out, lock-out, demonstration identities, changing one's password."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from enterprises.models import Account, AuditEntry, Division, Post

WORD = "a-long-word-for-tests"

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    account = Account(username="zhou", display_name="周禾")
    account.set_password(WORD)
    account.save()
    return account


def post(account, role, **scope):
    return Post.objects.create(
        account=account, role=role, starts_on=dt.date(2020, 1, 1), known_at=timezone.now(), **scope
    )


def sign_in(client, username="zhou", password=WORD, **more):
    return client.post("/accounts/login/", {"username": username, "password": password, **more})


class TestSignIn:
    def test_leads_home_under_a_new_session_key(self, client, account):
        client.get("/accounts/login/")
        before = client.session.session_key
        answer = sign_in(client)
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert client.session.session_key != before
        assert client.session["_auth_user_id"] == str(account.pk)

    def test_leaves_an_audit_entry(self, client, account):
        sign_in(client)
        entry = AuditEntry.objects.get(act="account.sign_in")
        assert (entry.actor, entry.object_id) == (account, str(account.pk))

    def test_leads_on_to_where_one_wanted_to_go(self, client, account):
        assert sign_in(client, next="/accounts/password/")["Location"] == "/accounts/password/"

    @pytest.mark.parametrize(
        "where", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"]
    )
    def test_never_leads_to_another_host(self, client, account, where):
        assert sign_in(client, next=where)["Location"] == "/"

    def test_someone_signed_in_goes_straight_home(self, client, account):
        client.force_login(account)
        assert client.get("/accounts/login/")["Location"] == "/"

    @pytest.mark.parametrize("username, password", [("zhou", "wrong"), ("nobody", WORD), ("zhou", WORD + " ")])
    def test_answers_a_wrong_name_and_a_wrong_password_alike(self, client, account, username, password):
        answer = sign_in(client, username, password)
        assert answer.status_code == 200
        assert "用户名或密码不对" in answer.content.decode()
        assert password not in answer.content.decode()
        assert "_auth_user_id" not in client.session

    def test_an_account_put_out_of_use_is_answered_like_a_wrong_password(self, client, account):
        Account.objects.filter(pk=account.pk).update(is_active=False)
        assert "用户名或密码不对" in sign_in(client).content.decode()

    @pytest.mark.parametrize(
        "garbage", [{}, {"username": "", "password": ""}, {"username": "x" * 5000, "password": "y" * 5000}]
    )
    def test_shows_under_each_field_what_is_missing_or_too_long(self, client, account, garbage):
        answer = client.post("/accounts/login/", garbage)
        assert answer.status_code == 200
        assert 'id="id_username_error"' in answer.content.decode()

    def test_takes_no_nul_and_no_broken_text_for_an_error_of_ours(self, client, account):
        assert sign_in(client, "zh\x00ou").status_code == 200
        assert client.post("/accounts/login/", b"\xff\xfe", content_type="text/plain").status_code == 200

    def test_locks_the_pair_of_name_and_address_out_after_five_failures(self, client, account):
        answers = [sign_in(client, password="wrong").status_code for _ in range(5)]
        assert answers[-1] == 429
        refused = sign_in(client)
        assert refused.status_code == 429
        assert "登录失败次数过多" in refused.content.decode()
        assert "请稍后再试" in refused.content.decode()
        assert int(refused["Retry-After"]) == 15 * 60

    def test_a_strangers_failures_do_not_lock_the_account_elsewhere(self, client, account):
        for _ in range(6):
            client.post("/accounts/login/", {"username": "zhou", "password": "wrong"}, REMOTE_ADDR="203.0.113.9")
        assert sign_in(client).status_code == 302

    def test_needs_the_token_against_foreign_forms(self, account):
        assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403

    def test_is_kept_out_of_caches_and_frames(self, client):
        answer = client.get("/accounts/login/")
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Frame-Options"] == "DENY"
        assert "unsafe-inline" not in answer["Content-Security-Policy"]


class TestDemonstration:
    @pytest.fixture(autouse=True)
    def identities(self, account):
        Division.objects.create(code="350500", level="city", is_reporting=False)
        for username, role in [("admin", "admin"), ("city", "city")]:
            identity = Account(username=username, display_name="演示", is_demonstration=True)
            identity.set_password("baogong-demo")
            identity.save()
            post(identity, role, **({} if role == "admin" else {"division_id": "350500"}))

    def test_offers_each_identity_once_city_first(self, client, settings):
        settings.DEMO = True
        page = client.get("/accounts/login/").content.decode()
        assert page.index('value="city"') < page.index('value="admin"')
        assert page.count("baogong-demo") == 3
        assert 'value="zhou"' not in page

    def test_one_press_enters(self, client, settings):
        settings.DEMO = True
        assert sign_in(client, "city", "baogong-demo").status_code == 302

    def test_says_nothing_of_them_outside_demonstration_mode(self, client, settings):
        settings.DEMO = False
        page = client.get("/accounts/login/").content.decode()
        assert "演示" not in page
        assert "baogong-demo" not in page


class TestSignOut:
    def test_ends_the_session(self, client, account):
        client.force_login(account)
        assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
        assert "_auth_user_id" not in client.session

    def test_cannot_be_done_by_a_link(self, client, account):
        client.force_login(account)
        assert client.get("/accounts/logout/").status_code == 405


class TestPassword:
    NEW = "another-long-word-for-tests"

    def change(self, client, old=WORD, new=NEW, again=NEW):
        return client.post("/accounts/password/", {"old_password": old, "new_password1": new, "new_password2": again})

    def test_is_for_those_signed_in(self, client):
        assert client.get("/accounts/password/")["Location"].startswith("/accounts/login/?next=")

    def test_changes_ends_other_sessions_and_leaves_an_audit_entry(self, client, account):
        elsewhere = Client()
        elsewhere.force_login(account)
        client.force_login(account)
        assert self.change(client).status_code == 302
        assert client.get("/accounts/password/").status_code == 200
        assert elsewhere.get("/accounts/password/").status_code == 302
        entry = AuditEntry.objects.get(act="account.set_password")
        assert (entry.actor, entry.before, entry.after) == (account, None, None)

    @pytest.mark.parametrize(
        "old, new, again, field",
        [
            ("wrong", NEW, NEW, "old_password"),
            (WORD, NEW, NEW + "x", "new_password2"),
            (WORD, "short", "short", "new_password2"),
            (WORD, "123456789012345", "123456789012345", "new_password2"),
        ],
    )
    def test_refuses_under_the_field(self, client, account, old, new, again, field):
        client.force_login(account)
        answer = self.change(client, old, new, again)
        assert answer.status_code == 200
        assert f'id="id_{field}_error"' in answer.content.decode()
        account.refresh_from_db()
        assert account.check_password(WORD)


class TestShell:
    def test_the_rail_offers_only_what_the_account_may_do(self, client, account):
        client.force_login(account)
        page = client.get("/accounts/password/").content.decode()
        assert 'class="r"' not in page
        post(account, "admin")
        page = client.get("/accounts/password/").content.decode()
        assert "周禾" in page
        assert "系统管理员" in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInBrowser:
    AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"

    def faults(self, page):
        if not self.AXE.exists():
            pytest.skip("axe-core is not installed")
        page.evaluate(self.AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document)")
        assert found["passes"]
        return [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]]

    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("width", [390, 1440])
    def test_sign_in_not_found_and_shell_have_no_fault_for_readers(self, open_page, account, width, theme):
        page = open_page(width, "/accounts/login/")
        page.evaluate(f"localStorage.setItem('baogong-theme', '{theme}')")
        page.reload()
        assert page.get_attribute("html", "data-bs-theme") == theme
        assert self.faults(page) == []
        page.goto("/nowhere/")
        assert self.faults(page) == []
        page.goto("/accounts/login/?next=/accounts/password/")
        page.fill("#id_username", "zhou")
        page.fill("#id_password", WORD)
        page.press("#id_password", "Enter")
        page.wait_for_url("**/accounts/password/")
        assert self.faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width

    def test_the_account_menu_opens_closes_by_key_and_switches_the_theme(self, open_page, account):
        page = open_page(390, "/accounts/login/?next=/accounts/password/")
        page.fill("#id_username", "zhou")
        page.fill("#id_password", WORD)
        page.press("#id_password", "Enter")
        page.click("summary.avatar")
        page.click("text=切换深浅色")
        assert page.get_attribute("html", "data-bs-theme") == "dark"
        page.click("summary.avatar")
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.className") == "avatar"
        page.click("summary.avatar")
        page.click("text=退出登录")
        page.wait_for_url("**/accounts/login/")
