"""Accounts, posts and tokens: what a role needs, what ends at once, what is never stored."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from enterprises import access, accounts, api_tokens
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account, ApiToken, Attachment, AuditEntry, Post

pytestmark = pytest.mark.django_db
PASSWORD = "quanzhou-2020-mask"


def create(username="wang.li", **more):
    return accounts.create(actor=None, username=username, password=PASSWORD, **more)


def fresh(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


def test_an_account_without_a_post_may_do_nothing(cast):
    account = create(display_name="王丽")
    assert access.abilities(account) == frozenset()
    assert account.check_password(PASSWORD)
    assert AuditEntry.objects.get().act == "account.create"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"username": "王丽"}, "invalid_username"), ({"username": "a"}, "invalid_username"),
        ({"username": "a b"}, "invalid_username"), ({"display_name": "王\u202e"}, "invalid"),
    ],
)  # fmt: skip
def test_refuses_names_that_are_none(said, code):
    with pytest.raises(Invalid) as refused:
        create(**said)
    assert refused.value.code == code
    assert not Account.objects.exists()


def test_refuses_a_name_that_exists_in_another_case():
    create()
    with pytest.raises(Conflict):
        create("WANG.LI")


@pytest.mark.parametrize("password", ["", "short", "123456789012", "password1234", "wang.li.2020"])
def test_refuses_weak_passwords(password):
    with pytest.raises(Invalid) as refused:
        accounts.create(actor=None, username="wang.li", password=password)
    assert refused.value.code == "weak_password"


def test_each_role_gets_the_scope_it_needs(cast):
    account = create()
    said = {
        "admin": {}, "city": {"division": cast.city}, "county": {"division": cast.county_a},
        "leader": {"division": cast.city}, "province": {"division": cast.city}, "auditor": {"division": cast.city},
        "department": {"organisation": "JTJ"}, "enterprise": {"enterprises": [cast.plant_a.uscc, cast.plant_b.uscc]},
    }  # fmt: skip
    for role, scope in said.items():
        assert accounts.assign(actor=None, account=account, role=role, **scope) == (2 if role == "enterprise" else 1)
        assert accounts.assign(actor=None, account=account, role=role, **scope) == 0
    assert access.roles(fresh(account)) == set(said)
    assert access.reach(fresh(account), "reports:write").enterprises == {cast.plant_a.pk, cast.plant_b.pk}


def test_a_liaison_officer_is_attached_to_enterprises_and_divisions(cast):
    account = create()
    accounts.assign(
        actor=None, account=account, role="liaison", division=cast.county_b, enterprises=[cast.plant_a.uscc]
    )
    assert Attachment.objects.filter(account=account).count() == 2
    reach = access.reach(fresh(account), "reports:on_behalf")
    assert (reach.enterprises, reach.divisions) == ({cast.plant_a.pk}, {cast.county_b})


@pytest.mark.parametrize(
    ("role", "scope", "code"),
    [
        ("boss", {}, "invalid_role"), ("county", {}, "scope_missing"), ("enterprise", {}, "scope_missing"),
        ("department", {"division": "350500"}, "scope_missing"), ("admin", {"division": "350500"}, "scope_superfluous"),
        ("county", {"division": "350582", "organisation": "JTJ"}, "scope_superfluous"),
        ("county", {"division": "999999"}, "not_found"), ("department", {"organisation": "X"}, "not_found"),
        ("enterprise", {"enterprises": ["91999902MA7X00001C"]}, "not_found"),
    ],
)  # fmt: skip
def test_refuses_a_role_without_its_scope_or_with_another(cast, role, scope, code):
    account = create()
    with pytest.raises((Invalid, NotFound)) as refused:
        accounts.assign(actor=None, account=account, role=role, **scope)
    assert refused.value.code == code
    assert not Post.objects.filter(account=account).exists()


def test_a_post_begins_and_ends_with_its_days(cast):
    account, today = create(), access.today()
    tomorrow = today + dt.timedelta(days=1)
    accounts.assign(actor=None, account=account, role="county", division=cast.county_a, starts_on=tomorrow)
    assert access.roles(fresh(account)) == set()
    accounts.assign(actor=None, account=account, role="leader", division=cast.city)
    post = Post.objects.believed().get(account=account, role="leader")
    accounts.dismiss(actor=None, post=post, ends_on=today - dt.timedelta(days=1))
    assert access.roles(fresh(account)) == set()
    assert Post.objects.filter(account=account, role="leader").count() == 1, "closed, not deleted"


def test_only_an_administrator_manages_accounts(cast):
    for name, person in cast.people().items():
        if name == "admin":
            accounts.create(actor=person, username="new.one")
            continue
        with pytest.raises(Forbidden):
            accounts.create(actor=person, username="new.two")
        with pytest.raises(Forbidden):
            accounts.deactivate(actor=person, account=cast.reporter_b)
        with pytest.raises(Forbidden):
            accounts.assign(actor=person, account=person, role="admin")


def test_sets_its_own_password_and_no_other(cast):
    accounts.set_password(actor=cast.reporter_a, account=cast.reporter_a, password=PASSWORD)
    assert fresh(cast.reporter_a).check_password(PASSWORD)
    with pytest.raises(Forbidden):
        accounts.set_password(actor=cast.reporter_a, account=cast.reporter_b, password=PASSWORD)


def test_deactivating_ends_sessions_and_tokens_at_once(cast, client):
    raw, _ = api_tokens.create(actor=None, account=cast.reporter_a, scopes=["reports:write"])
    client.force_login(cast.reporter_a)
    session = client.session.session_key
    accounts.deactivate(actor=cast.admin, account=cast.reporter_a)
    assert api_tokens.token_account(raw) is None
    assert not client.session.exists(session)
    assert access.abilities(fresh(cast.reporter_a)) == frozenset()


def test_the_last_administrator_stays(cast):
    with pytest.raises(Invalid) as refused:
        accounts.deactivate(actor=cast.admin, account=cast.admin)
    assert refused.value.code == "last_admin"


def test_a_token_is_shown_once_and_only_its_digest_is_kept(cast):
    raw, token = api_tokens.create(actor=None, account=cast.reporter_a, scopes=["reports:write", "reports:read"])
    assert raw.startswith("bgk_")
    assert raw not in str(ApiToken.objects.values().get())
    assert raw not in str(AuditEntry.objects.values().get())
    account, found = api_tokens.token_account(raw)
    assert (account, found) == (cast.reporter_a, token)
    assert access.abilities(account) == {"reports:write", "reports:read", "enterprises:read"}


def test_a_scope_never_gives_more_than_the_account_has(cast):
    raw, _ = api_tokens.create(actor=None, account=cast.reporter_a, scopes=["totals:read", "sources:read"])
    account, _ = api_tokens.token_account(raw)
    assert access.abilities(account) == {"enterprises:read"}


def test_a_token_ends_by_time_and_by_revocation(cast):
    raw, token = api_tokens.create(actor=None, account=cast.reporter_a, scopes=["reports:read"])
    assert 179 <= (token.expires_at - timezone.now()).days <= 180
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert api_tokens.token_account(raw) is None
    raw, token = api_tokens.create(actor=cast.reporter_a, account=cast.reporter_a, scopes=["reports:read"])
    with pytest.raises(Forbidden):
        api_tokens.revoke(actor=cast.reporter_b, token=token)
    api_tokens.revoke(actor=cast.reporter_a, token=token)
    assert api_tokens.token_account(raw) is None


@pytest.mark.parametrize("raw", ["", "bgk_", "bgk_" + "a" * 43, "x" * 5000, "bgk_\x00", "bgk_密"])
def test_what_is_no_token_is_nobody(db, raw):
    assert api_tokens.token_account(raw) is None


@pytest.mark.parametrize(("said", "code"), [({"scopes": []}, "invalid_scope"), ({"scopes": ["all"]}, "invalid_scope"),
                                            ({"days": 0}, "invalid_days"), ({"days": 366}, "invalid_days")])  # fmt: skip
def test_refuses_tokens_without_scope_or_beyond_a_year(cast, said, code):
    with pytest.raises(Invalid) as refused:
        api_tokens.create(actor=None, account=cast.reporter_a, **{"scopes": ["reports:read"], **said})
    assert refused.value.code == code


def test_knows_whether_demonstration_accounts_exist(cast):
    assert not accounts.demonstration_accounts_exist()
    accounts.create(actor=None, username="city", is_demonstration=True)
    assert accounts.demonstration_accounts_exist()
    assert [a.username for a in accounts.demonstration_accounts()] == ["city"]
