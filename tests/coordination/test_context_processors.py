"""The rail: each role finds its pages and no others, and none of them is dead."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from coordination.context_processors import shell


def rail(account, path="/"):
    request = RequestFactory().get(path)
    request.user = account
    return shell(request)["shell"]


@pytest.mark.parametrize(
    "who, never",
    [
        ("city_officer", {"今日日报", "我的企业", "管理"}),
        ("leader", {"今日日报", "我的企业", "管理", "代报"}),
        ("province", {"今日日报", "管理"}),
        ("department", {"填报", "企业", "今日日报", "管理"}),
        ("liaison", {"总览", "填报", "今日日报", "接口", "管理"}),
        ("reporter_a", {"总览", "填报", "企业", "接口", "管理", "代报"}),
        ("admin", {"今日日报", "我的企业"}),
    ],
)
def test_offers_no_page_that_the_account_may_not_open(cast, who, never):
    assert not {entry.word for entry in rail(getattr(cast, who))["entries"]} & never


@pytest.mark.parametrize("who", ["admin", "city_officer", "county_officer_a", "liaison", "reporter_a", "auditor"])
def test_every_entry_leads_to_a_page_that_opens(client, cast, who):
    account = getattr(cast, who)
    client.force_login(account)
    for entry in rail(account)["entries"]:
        assert client.get(entry.href).status_code == 200, entry


def test_someone_without_a_post_finds_an_empty_rail(cast):
    assert rail(cast.stranger)["entries"] == []


def test_marks_at_most_one_entry_as_the_current_one(cast):
    entries = rail(cast.city_officer)["entries"]
    for entry in entries:
        marked = [other for other in rail(cast.city_officer, entry.href)["entries"] if other.is_current]
        assert [other.href for other in marked] == [entry.href]
    assert [entry for entry in rail(cast.city_officer, "/accounts/password/")["entries"] if entry.is_current] == []


def test_names_the_account_and_its_roles(cast):
    known = rail(cast.admin)
    assert known["name"]
    assert known["roles"] == "系统管理员"
