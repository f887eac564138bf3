"""create_account and create_token, as an operator uses them."""

from __future__ import annotations

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from enterprises import access, api_tokens
from enterprises.models import Account, AuditEntry

pytestmark = pytest.mark.django_db


def run(*words: str, typed: str = "", monkeypatch: pytest.MonkeyPatch | None = None) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    if monkeypatch is not None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    try:
        call_command(*words, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_makes_an_account_whose_password_comes_by_standard_input(cast, monkeypatch):
    words = ("create_account", "chen.f", "--role", "county", "--division", "350582", "--password-stdin")
    code, out, err = run(*words, typed="quanzhou-2020\n", monkeypatch=monkeypatch)
    assert (code, out, err) == (0, "已建立账号 chen.f：县级调度员。\n", "")
    account = Account.objects.get(username="chen.f")
    assert account.check_password("quanzhou-2020")
    assert access.reach(account, "reports:read").divisions == {"350582"}
    assert "quanzhou-2020" not in str(list(AuditEntry.objects.values()))


def test_an_account_of_several_enterprises(cast):
    codes = [cast.plant_a.uscc, cast.plant_b.uscc.lower()]
    assert run("create_account", "group", "--role", "enterprise", *(f"--enterprise={code}" for code in codes))[0] == 0
    account = Account.objects.get(username="group")
    assert access.reach(account, "reports:write").enterprises == {cast.plant_a.pk, cast.plant_b.pk}
    assert not account.has_usable_password()


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (("x1", "--role", "county"), None), (("x1", "--role", "county", "--division", "9"), None),
        (("x1", "--role", "department", "--organisation", "NO"), None), (("x1", "--role", "admin"), "short\n"),
        (("x1", "--role", "enterprise", "--enterprise", "123"), None), (("陈", "--role", "admin"), None),
        (("admin", "--role", "admin"), None), (("x1", "--role", "admin"), ""),
    ],
)  # fmt: skip
def test_refuses_in_one_line_and_makes_nothing(cast, monkeypatch, words, typed):
    before = Account.objects.count()
    more = () if typed is None else ("--password-stdin",)
    code, out, err = run("create_account", *words, *more, typed=typed or "", monkeypatch=monkeypatch)
    assert (code, out) == (1, "")
    assert err.strip()
    assert Account.objects.count() == before


def test_refuses_a_role_that_does_not_exist(cast):
    with pytest.raises(CommandError):
        call_command("create_account", "x1", "--role", "king")


def test_prints_a_token_alone_and_once(cast):
    code, out, err = run("create_token", "reporter_a", "--scope", "reports:write,reports:read")
    assert (code, err) == (0, "")
    account, token = api_tokens.token_account(out.rstrip("\n"))
    assert account == cast.reporter_a
    assert token.scopes == ["reports:read", "reports:write"]


@pytest.mark.parametrize(
    "words",
    [("nobody", "--scope", "reports:read"), ("reporter_a", "--scope", "everything"), ("reporter_a", "--scope", ","),
     ("reporter_a", "--scope", "reports:read", "--days", "999")],
)  # fmt: skip
def test_refuses_a_token_in_one_line(cast, words):
    code, out, err = run("create_token", *words)
    assert (code, out, len(err.splitlines())) == (1, "", 1)
