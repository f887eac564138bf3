"""What looks alike: the same category and object, three enterprises, a fortnight; a person says yes or no."""

from __future__ import annotations

import pytest

from coordination import common_problems
from coordination.models import Member
from enterprises.errors import Forbidden, NotFound
from enterprises.models import AuditEntry, Post
from tests.coordination.tickets.desk import at, raised
from tests.factories.enterprises import LONG_AGO

NOW = at("2020-03-26 09:00")


@pytest.fixture
def people(desk):
    Post.objects.create(account=desk.stranger, role="enterprise", enterprise=desk.plant_c, known_at=LONG_AGO)
    return ((desk.reporter_a, desk.plant_a), (desk.reporter_b, desk.plant_b), (desk.stranger, desk.plant_c))


def test_the_same_object_from_three_enterprises_is_a_candidate_however_it_is_spelt(desk, people) -> None:
    spelt = ("G15 常山卡点", "g15常山卡点", "Ｇ15　常山卡点")
    tickets = [
        raised(who, plant, "2020-03-26 08:20", object=name) for (who, plant), name in zip(people, spelt, strict=True)
    ]
    (found,) = common_problems.candidates(desk.city_officer, now=NOW)
    assert (found.object, found.enterprises, {t.number for t in found.tickets}) == (
        "G15 常山卡点", 3, {t.number for t in tickets},
    )  # fmt: skip


@pytest.mark.parametrize(
    "objects, categories",
    [
        (("常山卡点", "江山卡点", "常山卡点"), ("PASS_CITY",) * 3),
        (("常山卡点",) * 3, ("PASS_CITY", "PASS_PROV", "PASS_CITY")),
    ],
)
def test_another_object_or_another_category_is_another_matter(desk, people, objects, categories) -> None:
    for (who, plant), name, category in zip(people, objects, categories, strict=True):
        raised(who, plant, "2020-03-26 08:20", object=name, category=category)
    assert common_problems.candidates(desk.city_officer, now=NOW) == []


def test_one_enterprise_thrice_is_one_and_a_fortnight_is_the_limit(desk, people) -> None:
    for day in ("2020-03-11 08:59", "2020-03-12 09:00", "2020-03-13 09:00"):
        raised(desk.reporter_a, desk.plant_a, day, object="常山卡点")
    raised(desk.reporter_b, desk.plant_b, "2020-03-12 09:01", object="常山卡点")
    last = raised(desk.stranger, desk.plant_c, "2020-03-12 09:00", object="常山卡点")
    (found,) = common_problems.candidates(desk.city_officer, now=NOW)
    assert (found.enterprises, len(found.tickets)) == (3, 4)
    assert last in found.tickets
    assert common_problems.candidates(desk.city_officer, now=at("2020-03-26 09:01")) == []


def test_without_an_object_it_is_only_a_hint_and_stands_last(desk, people) -> None:
    for who, plant in people:
        raised(who, plant, "2020-03-26 08:20")
        raised(who, plant, "2020-03-26 08:20", object="熔喷布", category="RAW_OUT")
    assert [one.object for one in common_problems.candidates(desk.city_officer, now=NOW)] == ["熔喷布", ""]


def test_dismissed_it_stays_away_until_another_enterprise_comes(desk, people, client) -> None:
    tickets = [raised(who, plant, "2020-03-26 08:20", object="常山卡点") for who, plant in people]
    numbers = [t.number for t in tickets]
    with pytest.raises(Forbidden):
        common_problems.dismiss(
            actor=desk.leader, category="PASS_CITY", object="常山卡点", numbers_=numbers, reason="x"
        )
    with pytest.raises(NotFound):
        common_problems.dismiss(
            actor=desk.city_officer, category="PASS_CITY", object="", numbers_=["nothing"], reason="x"
        )
    client.force_login(desk.city_officer)
    assert "候选：常山卡点（市内跨县通行）" in client.get("/tickets/problems/").content.decode()
    given = {"category": "PASS_CITY", "object": "常山卡点", "listed": numbers, "reason": "三件不同的事"}
    client.post("/tickets/problems/dismiss/", given)
    assert common_problems.candidates(desk.city_officer, now=NOW) == []
    page = client.get("/tickets/problems/").content.decode()
    assert "候选" not in page
    assert "不成立" in page
    assert not Member.objects.exists()
    assert AuditEntry.objects.filter(act="problem.dismiss").count() == 1
    fourth = raised(desk.reporter_b, desk.plant_b, "2020-03-26 08:30", object="常山卡点")
    (again,) = common_problems.candidates(desk.city_officer, now=NOW)
    assert fourth in again.tickets


def test_what_hangs_on_a_problem_is_no_candidate_any_more(desk, people) -> None:
    numbers = [raised(who, plant, "2020-03-26 08:20", object="常山卡点").number for who, plant in people]
    made = common_problems.establish(
        actor=desk.city_officer, title="常山卡点", category="PASS_CITY", object="常山卡点", numbers=numbers
    )
    assert (made.state, made.object, made.considered) == ("established", "常山卡点", numbers)
    assert common_problems.candidates(desk.city_officer, now=NOW) == []
