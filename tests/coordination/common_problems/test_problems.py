"""2.5: one cause behind many tickets; told one by one, settled one by one, and nobody sees the others."""

from __future__ import annotations

import pytest

from coordination import common_problems, tickets
from coordination.models import Member, Ticket, Told
from enterprises.errors import Conflict, Forbidden, NotFound
from enterprises.models import Attachment, Post
from tests.coordination.tickets.desk import raised, take
from tests.coordination.tickets.test_acting import transport
from tests.factories.enterprises import LONG_AGO


@pytest.fixture
def three(desk) -> list[Ticket]:
    """The same matter of three enterprises, all being handled."""
    Post.objects.create(account=desk.stranger, role="enterprise", enterprise=desk.plant_c, known_at=LONG_AGO)
    Attachment.objects.create(account=desk.liaison, enterprise=desk.plant_b, known_at=LONG_AGO)
    found = []
    for clerk, plant in (
        (desk.reporter_a, desk.plant_a),
        (desk.reporter_b, desk.plant_b),
        (desk.stranger, desk.plant_c),
    ):
        ticket = raised(clerk, plant, "2020-03-26 08:20")
        take(ticket, desk.city_officer, "accept", "2020-03-26 08:30")
        take(ticket, desk.city_officer, "dispatch", "2020-03-26 08:40", lead=transport().code, instruction="办")
        take(ticket, desk.department, "sign", "2020-03-26 08:50")
        found.append(ticket)
    return found


@pytest.fixture
def problem(desk, three):
    return common_problems.establish(
        actor=desk.city_officer, title="熔喷布跨市运输", category="PASS_CITY", numbers=[t.number for t in three[:2]],
        cause="外市卡点不认本市通行证",
    )  # fmt: skip


def test_three_enterprises_with_the_same_matter_are_a_candidate(desk, three) -> None:
    (found,) = common_problems.candidates(desk.city_officer)
    assert (found.category.pk, found.enterprises, len(found.tickets)) == ("PASS_CITY", 3, 3)
    take(three[0], desk.reporter_a, "withdraw", "2020-03-26 08:55", reason="好了")
    assert common_problems.candidates(desk.city_officer) == []


def test_linking_changes_nothing_in_the_ticket(desk, three, problem) -> None:
    before = [(t.version, t.state) for t in three]
    common_problems.link(actor=desk.city_officer, problem=problem, number=three[2].number)
    for ticket in three:
        ticket.refresh_from_db()
    assert [(t.version, t.state) for t in three] == before
    with pytest.raises(Conflict, match="已经关联"):
        common_problems.link(actor=desk.city_officer, problem=problem, number=three[2].number)
    listed = common_problems.find(desk.leader, problem.number)
    assert (listed.tickets, listed.firms) == (3, 3)


def test_each_member_is_told_once_by_a_message_of_its_own(desk, three, problem) -> None:
    done = common_problems.announce(actor=desk.city_officer, problem=problem, text="明天起凭本市通行证放行。")
    again = common_problems.announce(actor=desk.city_officer, problem=problem, text="明天起凭本市通行证放行。")
    assert (done.told, done.failed, again.told) == (2, [], 0)
    assert Told.objects.filter(event__isnull=False).count() == 2
    said = [t.events.filter(action="message").count() for t in three]
    assert said == [1, 1, 0]


def test_members_never_see_each_other(desk, three, problem) -> None:
    common_problems.announce(actor=desk.city_officer, problem=problem, text="明天起放行。")
    mine, other = three[0], three[1]
    row = str(tickets.described_in_full(desk.reporter_a, mine))
    assert "明天起放行。" in row
    for secret in (other.number, other.enterprise.name, other.enterprise.uscc, problem.number, problem.title):
        assert secret not in row
    for person in (desk.reporter_a, desk.liaison, desk.county_officer_a, desk.department, desk.stranger):
        with pytest.raises(Forbidden):
            common_problems.find(person, problem.number)


def test_the_measure_settles_members_one_by_one_and_closes_none(desk, three, problem) -> None:
    city = desk.city_officer
    one, two = three[:2]
    with pytest.raises(Conflict, match="先写明措施"):
        common_problems.cover(
            actor=city, problem=problem, number=one.number, is_covered=True, sentence="您的两辆车可以走了。"
        )
    common_problems.measure(actor=city, problem=problem, text="两市互认通行证。")
    common_problems.cover(
        actor=city, problem=problem, number=one.number, is_covered=True, sentence="您的两辆车可以走了。"
    )
    common_problems.cover(actor=city, problem=problem, number=two.number, is_covered=False, sentence="走的是外省，另办")
    for ticket in three:
        ticket.refresh_from_db()
    assert [t.state for t in three] == ["replied", "handling", "handling"]
    assert one.events.get(action="reply").text == "两市互认通行证。\n您的两辆车可以走了。"
    assert Member.objects.get(ticket=two).unlinked_at is not None
    with pytest.raises(Conflict, match="还有 1 张单"):
        common_problems.close(actor=city, problem=problem)
    take(one, desk.reporter_a, "confirm", "2020-03-26 09:10", solved="yes")
    common_problems.close(actor=city, problem=problem)
    problem.refresh_from_db()
    assert problem.state == "closed"
    with pytest.raises(Conflict, match="已经销号"):
        common_problems.link(actor=city, problem=problem, number=three[2].number)


def test_only_the_city_turns_common_problems_and_foreign_numbers_do_not_exist(desk, three, problem) -> None:
    for person in (desk.leader, desk.auditor, desk.county_officer_a, desk.department, desk.reporter_a):
        with pytest.raises(Forbidden):
            common_problems.announce(actor=person, problem=problem, text="x")
    with pytest.raises(NotFound):
        common_problems.link(actor=desk.city_officer, problem=problem, number="20200326-9999")
    with pytest.raises(NotFound):
        common_problems.find(desk.city_officer, "G-999")


def test_a_closed_member_is_not_told_any_more(desk, three, problem) -> None:
    solved = three[0]
    take(solved, desk.department, "reply", "2020-03-26 08:56", text="好", result="solved")
    take(solved, desk.reporter_a, "confirm", "2020-03-26 08:57", solved="yes")
    assert common_problems.announce(actor=desk.city_officer, problem=problem, text="进展").told == 1


def test_the_pages_lead_from_what_looks_alike_to_its_end(client, desk, three) -> None:
    client.force_login(desk.city_officer)
    body = client.get("/tickets/problems/").content.decode()
    assert "3 家企业、3 张在办单" in body
    chosen = {"title": "熔喷布跨市运输", "category": "PASS_CITY", "tickets": [t.number for t in three], "lead": "JTJ"}
    address = client.post("/tickets/problems/establish/", chosen)["Location"]
    assert address == "/tickets/problems/G-001/"
    assert client.post(f"{address}announce/", {"text": "明天起放行。"})["Location"] == address
    assert Told.objects.count() == 3
    refused = client.post(f"{address}cover/", {"ticket": three[0].number, "covered": "yes", "sentence": "您可以走了"})
    assert refused.status_code == 409
    assert "先写明措施。" in refused.content.decode()
    assert 'value="您可以走了"' in refused.content.decode()
    client.post(f"{address}measure/", {"measure": "互认通行证"})
    client.post(f"{address}cover/", {"ticket": three[0].number, "covered": "yes", "sentence": "您可以走了"})
    assert "措施管用，已答复企业" in client.get(address).content.decode()
    assert client.post(f"{address}close/").status_code == 409
    assert "G-001" in client.get(f"/tickets/{three[1].number}/").content.decode()
    for person in (desk.reporter_a, desk.liaison, desk.county_officer_a, desk.department):
        client.force_login(person)
        assert client.get(address).status_code == 403
        assert "G-001" not in client.get(f"/tickets/{three[0].number}/").content.decode()


@pytest.mark.parametrize("act", ["fly", "link", "unlink", "announce", "measure", "cover", "close"])
def test_odd_presses_never_break(client, desk, problem, act: str) -> None:
    client.force_login(desk.city_officer)
    for given in (
        {},
        {"ticket": "\x00", "text": "\x00", "reason": "\u202e", "sentence": "x" * 9999, "measure": "x" * 9999},
    ):
        assert client.post(f"/tickets/problems/{problem.number}/{act}/", given).status_code in (404, 409, 422)
    assert client.post("/tickets/problems/establish/", {"tickets": ["\x00"], "title": "x"}).status_code == 302
