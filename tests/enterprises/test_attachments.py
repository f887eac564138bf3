"""Attachments and what an account holds: who looks after whom on a day, and that nobody leaves with something in hand."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from enterprises import access, accounts, attachments, holdings
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.holdings import Holding, Keeper
from enterprises.models import Account, Attachment, AuditEntry, Post
from tests.factories.enterprises import account

pytestmark = pytest.mark.django_db
TODAY = dt.date(2020, 3, 26)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(dt.datetime(2020, 3, 26, 12, tzinfo=dt.timezone(dt.timedelta(hours=8))), tick=False):
        yield


def spans(officer: Account) -> list[tuple[str | None, dt.date, dt.date | None]]:
    rows = Attachment.objects.believed().filter(account=officer).order_by("starts_on")
    return [
        (row.enterprise.name[:3] if row.enterprise else row.division_id, row.starts_on, row.ends_on) for row in rows
    ]


def day(number: int) -> dt.date:
    return dt.date(2020, 3, number)


def test_an_officer_is_attached_ended_and_attached_again_without_losing_the_first_time(cast) -> None:
    officer = account("officer", "liaison")
    said = {"actor": cast.county_officer_a, "officer": officer, "enterprise": cast.plant_c}
    first = attachments.attach(**said, starts_on=day(1))
    assert attachments.attach(**said, starts_on=day(20)).pk == first.pk
    attachments.end(actor=cast.county_officer_a, attachment=first, ends_on=day(10))
    attachments.attach(**said, starts_on=day(20))
    assert spans(officer) == [("晋江丙", day(1), day(10)), ("晋江丙", day(20), None)]
    assert access.reach(Account.objects.get(pk=officer.pk), "reports:on_behalf").enterprises == {cast.plant_c.pk}
    assert AuditEntry.objects.filter(act="officer.attach").count() == 2


@pytest.mark.parametrize(
    ("who", "kind"),
    [("county_officer_b", NotFound), ("liaison", Forbidden), ("leader", Forbidden), ("reporter_a", Forbidden)],
)
def test_who_may_not_say_who_looks_after_whom(cast, who: str, kind: type[Exception]) -> None:
    officer = account("officer", "liaison")
    with pytest.raises(kind):
        attachments.attach(actor=getattr(cast, who), officer=officer, enterprise=cast.plant_c)
    with pytest.raises(kind):
        attachments.attach(actor=getattr(cast, who), officer=officer, division=cast.county_a)
    held = Attachment.objects.get(account=cast.liaison)
    with pytest.raises(kind):
        attachments.end(actor=getattr(cast, who), attachment=held, ends_on=TODAY)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"starts_on": day(9), "ends_on": day(8)}, "invalid_span"),
        ({"officer": "reporter_b"}, "no_officer"),
        ({"division": "350582"}, "required"),
        ({"enterprise": None}, "required"),
    ],
)
def test_refuses(cast, said, code: str) -> None:
    asked = {"officer": account("officer", "liaison"), "enterprise": cast.plant_c, **said}
    if isinstance(asked["officer"], str):
        asked["officer"] = getattr(cast, asked["officer"])
    with pytest.raises(Invalid) as refused:
        attachments.attach(actor=cast.city_officer, **asked)
    assert refused.value.code == code


def test_an_area_counts_where_nobody_is_attached_to_the_enterprise_itself(cast) -> None:
    area = account("area", "liaison", division=cast.county_a)
    found = {one: [row.account.username for row in rows] for one, rows in attachments.responsible(TODAY).items()}
    assert found == {cast.plant_a.pk: ["liaison"], cast.plant_c.pk: ["area"], cast.plant_b.pk: []}
    assert attachments.reached(area, TODAY) == {cast.plant_a.pk, cast.plant_c.pk}
    Post.objects.believed().filter(account=area).update(known_until=access.timezone.now())
    assert attachments.responsible(TODAY)[cast.plant_c.pk] == [], "an attachment without a post looks after nobody"


def test_nobody_leaves_with_enterprises_in_hand(cast) -> None:
    with pytest.raises(Conflict) as refused:
        accounts.deactivate(actor=cast.admin, account=cast.liaison)
    assert refused.value.code == "still_holds"
    assert "挂钩晋江甲口罩有限公司" in str(refused.value)
    post = Post.objects.get(account=cast.liaison)
    with pytest.raises(Conflict):
        accounts.dismiss(actor=cast.admin, post=post, ends_on=TODAY)
    assert Account.objects.get(pk=cast.liaison.pk).is_active
    attachments.end(actor=cast.admin, attachment=Attachment.objects.get(), ends_on=TODAY)
    accounts.dismiss(actor=cast.admin, post=post, ends_on=TODAY)  # both end with the same day
    with time_machine.travel(dt.datetime(2020, 3, 27, 4, tzinfo=dt.UTC), tick=False):
        assert accounts.deactivate(actor=cast.admin, account=cast.liaison) == []
    assert not Account.objects.get(pk=cast.liaison.pk).is_active


def test_what_an_upper_storey_says_is_held_is_asked_too(cast, monkeypatch) -> None:
    monkeypatch.setattr(holdings, "_keepers", dict(holdings._keepers))
    said = {
        "duty": Keeper("duty", "值班", frozenset(), lambda one, beyond: [Holding("duty", "1", "3月28日夜班")]),
        "hint": Keeper(
            "hint", "提示", frozenset(), lambda one, beyond: [Holding("hint", "1", "留意", is_warning=True)]
        ),
    }
    holdings.register(said["hint"])
    assert [one.what for one in accounts.deactivate(actor=cast.admin, account=cast.reporter_b)] == ["留意"]
    holdings.register(said["duty"])
    with pytest.raises(Conflict) as refused:
        accounts.deactivate(actor=cast.admin, account=cast.reporter_a)
    assert refused.value.extra["holdings"] == [{"kind": "duty", "what": "3月28日夜班"}]


def test_an_attachment_does_not_end_while_something_there_is_open(cast, monkeypatch) -> None:
    monkeypatch.setattr(holdings, "_keepers", dict(holdings._keepers))
    held = Holding("promise", "1", "约定 3月28日回访", cast.plant_a.pk)
    holdings.register(Keeper("promise", "约定", frozenset({"liaison"}), lambda one, beyond: [held]))
    row = Attachment.objects.get(account=cast.liaison)
    with pytest.raises(Conflict) as refused:
        attachments.end(actor=cast.county_officer_a, attachment=row, ends_on=TODAY)
    assert "约定 3月28日回访" in str(refused.value)
    attachments.attach(actor=cast.county_officer_a, officer=cast.liaison, division=cast.county_a)
    attachments.end(actor=cast.county_officer_a, attachment=row, ends_on=TODAY)  # he still reaches it through the area
    with pytest.raises(Conflict) as refused:
        attachments.end(actor=cast.county_officer_a, attachment=row, ends_on=TODAY)
    assert refused.value.code == "changed"


def test_attachments_pass_on_with_their_last_day(cast) -> None:
    heir = account("heir", "liaison")
    row = Attachment.objects.get(account=cast.liaison)
    taking = holdings.Taking(cast.county_officer_a, cast.liaison, heir, day(28))
    attachments.pass_on(taking, [str(row.pk)])
    assert spans(heir) == [("晋江甲", day(28), None)]
    assert [one[2] for one in spans(cast.liaison)] == [day(27)]


def test_the_administrators_page_leads_to_the_handover(cast, client) -> None:
    client.force_login(cast.admin)
    asked = {"action": "deactivate", "_selected_action": [str(cast.liaison.pk)]}
    said = client.post("/admin/enterprises/account/", asked, follow=True).content.decode()
    assert "还有 1 项没有交接：挂钩晋江甲口罩有限公司" in said
    assert Account.objects.get(pk=cast.liaison.pk).is_active
