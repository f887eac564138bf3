"""Working groups: who is in one, what its members may see and do, and that it ends in order."""

from __future__ import annotations

import pytest

from coordination import access, tickets, working_groups
from coordination.models import GroupMember
from enterprises.choices import Role
from enterprises.errors import Conflict, Forbidden, Invalid, NotFound
from enterprises.models import Account, Post
from tests.coordination.tickets.desk import raised, take
from tests.factories.enterprises import LONG_AGO


@pytest.fixture
def member(desk) -> Account:
    """An officer of 公安局, who has nothing to do with 交通局's orders."""
    account = Account.objects.create(username="police", display_name="高警官", password="!")
    Post.objects.create(account=account, role=Role.DEPARTMENT, organisation_id=_police().pk, known_at=LONG_AGO)
    return account


def _police():
    from enterprises.models import Organisation

    return Organisation.objects.get(code="police")


@pytest.fixture
def group(desk):
    return working_groups.establish(
        actor=desk.city_officer, name="口罩保供专班", kind="emergency", division=desk.city, leader="leader", task="原料和运输",
    )  # fmt: skip


def test_a_group_is_a_unit_with_a_leader_and_members(desk, member, group) -> None:
    working_groups.join(actor=desk.city_officer, group=group, who="police", part="通行")
    working_groups.join(actor=desk.city_officer, group=group, who="赵外联 13900000009")
    assert [(m.name, m.is_leader, m.account) for m in working_groups.members(group)] == [
        ("leader", True, desk.leader), ("高警官", False, member), ("赵外联", False, None),
    ]  # fmt: skip
    assert (group.organisation.kind, group.organisation.code) == ("task_force", "ZB001")
    with pytest.raises(Conflict, match="已经在专班里"):
        working_groups.join(actor=desk.city_officer, group=group, who="police")
    with pytest.raises(Invalid, match="写上电话"):
        working_groups.join(actor=desk.city_officer, group=group, who="不认识的人")


def test_a_member_handles_the_groups_tickets_and_reads_what_is_for_it_alone(desk, member, group) -> None:
    working_groups.join(actor=desk.city_officer, group=group, who="police")
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:00", level="city")
    take(ticket, desk.city_officer, "message", "2020-03-26 10:05", text="专班内部研究", visibility="task_force")
    with pytest.raises(NotFound):
        tickets.find(member, ticket.number)
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:10", lead="ZB001", instruction="办")
    fresh = Account.objects.get(pk=member.pk)
    take(ticket, fresh, "sign", "2020-03-26 10:20")
    page = tickets.page(fresh, tickets.find(fresh, ticket.number))
    assert "专班内部研究" in [event.text for event in page.events]
    assert list(working_groups.tickets(fresh, group)) == [ticket]
    # the department has no order of it, and reads nothing of it
    assert not working_groups.tickets(desk.department, group).exists()


def test_what_is_for_the_group_stays_hidden_from_other_units_of_the_ticket(desk, member, group) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:00", level="city")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:10", lead="JTJ", instruction="办", assist=["ZB001"])
    take(ticket, desk.city_officer, "message", "2020-03-26 10:15", text="专班内部研究", visibility="task_force")
    texts = [event.text for event in tickets.page(desk.department, ticket).events]
    assert "专班内部研究" not in texts
    working_groups.join(actor=desk.city_officer, group=group, who="department")
    fresh = Account.objects.get(pk=desk.department.pk)
    assert "专班内部研究" in [event.text for event in tickets.page(fresh, ticket).events]


def test_whoever_leaves_reads_no_more(desk, member, group) -> None:
    made = working_groups.join(actor=desk.city_officer, group=group, who="police")
    assert access.groups(Account.objects.get(pk=member.pk)) == {group.organisation_id}
    working_groups.leave(actor=desk.city_officer, group=group, number=made.pk)
    assert access.groups(Account.objects.get(pk=member.pk)) == frozenset()
    assert GroupMember.objects.filter(pk=made.pk).exists()


def test_a_token_without_the_scope_gains_nothing_by_membership(desk, group) -> None:
    working_groups.join(actor=desk.city_officer, group=group, who="liaison")
    account = Account.objects.get(pk=desk.liaison.pk)
    assert access.may_handle(account)
    account.token_scopes = ["reports:read"]
    assert not access.may_handle(account)


def test_another_leads_and_the_one_before_stays(desk, member, group) -> None:
    made = working_groups.join(actor=desk.city_officer, group=group, who="police")
    with pytest.raises(Conflict):
        working_groups.leave(actor=desk.city_officer, group=group, number=working_groups.members(group)[0].pk)
    working_groups.lead(actor=desk.city_officer, group=group, number=made.pk)
    assert [(m.name, m.is_leader) for m in working_groups.members(group)] == [("高警官", True), ("leader", False)]
    leader = working_groups.leader(group.organisation_id)
    assert leader is not None
    assert leader.account == member
    assert working_groups.may_edit(Account.objects.get(pk=member.pk), group)


def test_a_group_with_orders_is_not_dissolved(desk, group) -> None:
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 09:20")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 10:00", level="city")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 10:10", lead="ZB001", instruction="办")
    with pytest.raises(Conflict, match="还有 1 件派工单"):
        working_groups.dissolve(actor=desk.city_officer, group=group)
    take(ticket, desk.leader, "sign", "2020-03-26 10:20")
    take(ticket, desk.leader, "reply", "2020-03-26 10:30", text="好了", result="solved")
    working_groups.dissolve(actor=desk.city_officer, group=group)
    group.refresh_from_db()
    with pytest.raises(Conflict, match="已经撤销"):
        working_groups.join(actor=desk.city_officer, group=group, who="department")


def test_who_sets_up_groups(desk) -> None:
    said = {"name": "县专班", "kind": "project", "division": desk.county_a, "leader": "county_officer_a"}
    working_groups.establish(actor=desk.county_officer_a, **said)
    for person in (desk.county_officer_b, desk.department, desk.leader, desk.reporter_a):
        with pytest.raises((Forbidden, NotFound)):
            working_groups.establish(actor=person, **said | {"name": "别的"})
    with pytest.raises(Conflict):
        working_groups.establish(actor=desk.county_officer_a, **said)
