"""A ticket lives its whole life over REST, each step by its role's token; states, due times and statistics by hand.

Thursday 26 March 2020; office hours 8:30-12:00 and 14:00-17:30; 6 April is a holiday.
"""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from coordination.rules.transitions import BY_ACTION
from enterprises import work_days
from tests.clients import Program
from tests.coordination.tickets.desk import GIVEN, at

LIST = "/api/v1/tickets/"


class City:
    """The tokens of the people, and one ticket after the other."""

    def __init__(self, cast: Any) -> None:
        self.cast = cast
        roles = {
            "firm": cast.reporter_a, "county": cast.county_officer_a, "city": cast.city_officer, "unit": cast.department,
            "officer": cast.liaison, "leader": cast.leader,
        }  # fmt: skip
        self.programs = {name: Program(account) for name, account in roles.items()}

    def read(self, who: str, number: str) -> dict[str, Any]:
        answer = self.programs[who].get(f"{LIST}{number}/")
        assert answer.status_code == 200
        return answer.json()

    def step(self, who: str, number: str, action: str, moment: str, state: str, **fields: Any) -> dict[str, Any]:
        """Read the version as any client would, take the step, and find the ticket where it should be."""
        with time_machine.travel(at(moment), tick=False):
            row = self.read(who, number)
            assert action in row["actions"], (action, row["actions"])
            answer = self.programs[who].send(
                f"{LIST}{number}/actions/{action}/", {"expected_version": row["version"], **fields}
            )
            assert (answer.status_code, answer.json().get("state")) == (200, state), answer.content.decode()
            return self.read(who, number)

    def raised(self, moment: str, **more: Any) -> str:
        with time_machine.travel(at(moment), tick=False):
            answer = self.programs["firm"].send(LIST, {"enterprise": self.cast.plant_a.uscc, **GIVEN, **more})
            assert answer.status_code == 201, answer.content.decode()
            return str(answer.json()["number"])


@pytest.fixture
def city(cast) -> Any:
    with time_machine.travel(at("2020-03-26 09:00"), tick=False):
        work_days.seed()
        yield City(cast)


def due(row: dict[str, Any], kind: str) -> str:
    """When the latest clock of a kind is due, in the city's time."""
    return [clock for clock in row["clocks"] if clock["kind"] == kind][-1]["due_at"][:16]


def test_from_submission_to_rating(city) -> None:
    number = city.raised("2020-03-26 09:20", product="MASK_SURG", blocked="21万只", object="金淘收费站")
    assert due(city.read("firm", number), "A") == "2020-03-26T15:20"  # 2 h 40 before noon, 1 h 20 after
    city.step("county", number, "return", "2020-03-26 09:40", "returned", items=["车牌号"])
    row = city.step("firm", number, "amend", "2020-03-26 11:40", "submitted", answers=["闽C12345"])
    assert due(row, "A") == "2020-03-26T17:20"
    row = city.step("county", number, "accept", "2020-03-26 14:10", "accepted")
    assert [due(row, kind) for kind in "BDEG"] == [
        "2020-03-27T09:10", "2020-03-27T17:30", "2020-04-10T17:30", "2020-03-31T17:30",
    ]  # fmt: skip
    row = city.step("city", number, "dispatch", "2020-03-26 14:40", "dispatched", lead="JTJ", instruction="办通行证")
    assert due(row, "C") == "2020-03-27T09:40"
    city.step("unit", number, "sign", "2020-03-26 15:00", "handling")
    city.step("officer", number, "contact", "2020-03-26 15:30", "handling", way="call", text="已联系")
    city.step("unit", number, "ask", "2020-03-27 09:00", "waiting", text="补", items=["路线"], reply_by="2020-03-31")
    row = city.step("firm", number, "supply", "2020-03-30 10:00", "handling", answers=["泉州到外市"])
    assert due(row, "E") == "2020-04-10T17:30"  # no working day was covered whole
    city.step("unit", number, "reply", "2020-03-31 16:00", "replied", text="已发一张", result="solved")
    row = city.step("firm", number, "refuse", "2020-04-01 09:00", "handling", text="还要一张")
    assert (row["cycle"], due(row, "E")) == (2, "2020-04-09T17:30")  # 2, 3, 7, 8, 9 April
    city.step("leader", number, "excuse", "2020-04-01 10:00", "handling", reason="新的要求")
    row = city.step("unit", number, "reply", "2020-04-02 09:00", "replied", text="又发一张", result="solved")
    assert due(row, "F") == "2020-04-10T17:30"
    row = city.step(
        "firm", number, "confirm", "2020-04-02 10:00", "closed", contacted=True, solved="yes", satisfaction=5
    )
    assert (row["result"], row["confirm_mode"], row["satisfaction"]) == ("solved", "enterprise", 5)
    row = city.step("firm", number, "revise", "2020-04-02 12:00", "closed", solved="yes", satisfaction=4)
    assert row["satisfaction"] == 4
    assert "satisfaction" not in city.read("unit", number)
    _statistics(city, number)


def _statistics(city: City, number: str) -> None:
    query = {"from": "2020-04-01", "to": "2020-04-30", "lists": "true"}
    with time_machine.travel(at("2020-04-20 12:00"), tick=False):
        counted = city.programs["city"].get(f"{LIST}statistics/", query).json()
        earlier = {**query, "cut_off": "2020-04-02T09:30:00+08:00"}
        before = city.programs["city"].get(f"{LIST}statistics/", earlier).json()
        foreign = Program(city.cast.county_officer_b).get(f"{LIST}statistics/", query).json()
    measures = counted["measures"]
    assert (measures["solved"], measures["solved_enterprises"], counted["lists"]["solved"]) == (1, 1, [number])
    # due on 10 April: answered in the first cycle on 31 March; the refusal was excused; the second cycle in time too
    assert measures["punctual"] == measures["punctual_whole"] == {"met": 1, "due": 1, "rate": "1.0000"}
    # 26 March 14:10-17:30 3 h 20; 27, 30 and 31 March until 16:00 19 h 30, the pause 6.5 + 1.5 = 8 h; 1 April from 9:00
    # 6 h 30 and half an hour: 3:20 + 19:30 - 8:00 + 6:30 + 0:30 = 21 h 50
    assert measures["duration"]["median_seconds"] == 21 * 3600 + 50 * 60
    assert measures["satisfaction"]["content"] == 1
    assert (before["measures"]["solved"], before["measures"]["in_hand"]) == (0, 1)
    assert (foreign["measures"]["solved"], foreign["measures"]["in_hand"], foreign["lists"]["received"]) == (0, 0, [])


def test_other_ends(city) -> None:
    one, two, three, four = (city.raised(f"2020-03-26 09:2{n}") for n in range(4))
    row = city.step("county", two, "merge", "2020-03-26 10:00", "duplicate", target=one)
    assert row["duplicate_of"] == one
    city.step("city", two, "unmerge", "2020-03-26 10:30", "submitted", reason="不是一件事")
    city.step(
        "county",
        three,
        "propose_reject",
        "2020-03-26 10:00",
        "submitted",
        reason_code="legal",
        reason="已诉讼",
        elsewhere="法院",
    )
    city.step(
        "leader",
        three,
        "reject",
        "2020-03-26 11:00",
        "rejected",
        reason_code="legal",
        reason="已诉讼",
        elsewhere="法院",
    )
    city.step("firm", four, "withdraw", "2020-03-26 11:00", "withdrawn", reason="自己解决了")
    with time_machine.travel(at("2020-03-31 12:00"), tick=False):
        query = {"from": "2020-03-01", "to": "2020-03-31", "lists": "true"}
        lists = city.programs["city"].get(f"{LIST}statistics/", query).json()["lists"]
        assert (lists["rejected"], lists["withdrawn"], lists["in_hand"]) == ([three], [four], [one, two])
        first = city.programs["city"].get(LIST, {"page_size": 3}).json()
        assert (first["count"], len(first["results"]), "page=2" in first["next"]) == (4, 3, True)


def test_reads_are_conditional_and_refusals_are_problem_details(city) -> None:
    number = city.raised("2020-03-26 09:20")
    firm, desk = city.programs["firm"], city.programs["city"]
    tag = firm.get(f"{LIST}{number}/")["ETag"]
    assert firm.get(f"{LIST}{number}/", HTTP_IF_NONE_MATCH=tag).status_code == 304
    city.step("county", number, "accept", "2020-03-26 09:00", "accepted")
    assert firm.get(f"{LIST}{number}/", HTTP_IF_NONE_MATCH=tag).status_code == 200
    refused = desk.send(
        f"{LIST}{number}/actions/dispatch/", {"expected_version": 2, "lead": "JTJ", "instruction": "办"}
    )
    assert (refused.status_code, refused["Content-Type"].split(";")[0]) == (409, "application/problem+json")
    assert {"title", "status", "detail"} <= set(refused.json())


GARBAGE: tuple[Any, ...] = (
    None,
    "",
    "\u0000",
    "\u202e",
    "x" * 3000,
    1,
    -1,
    1e300,
    True,
    [],
    {},
    [[]],
    [None],
    {"a": {"b": []}},
)


@pytest.mark.parametrize("action", sorted(BY_ACTION))
def test_nothing_a_client_sends_to_a_step_is_a_fault_of_ours(city, action: str) -> None:
    number = city.raised("2020-03-26 09:20")
    step = BY_ACTION[action]
    for who in ("county", "leader"):
        for value in GARBAGE[:: 1 if who == "county" else 5]:
            sent = {"expected_version": 2, **{one.name: value for one in step.fields}}
            answer = city.programs[who].send(f"{LIST}{number}/actions/{action}/", sent)
            assert answer.status_code in (200, 400, 403, 404, 409, 422), (value, answer.content.decode())


@pytest.mark.parametrize(
    "value", ["", "x", "9999-99-99", "0000-00-00", "-1", "%00", "2020-03-01", "２０２０", "a" * 2000, "💥"]
)
def test_nothing_asked_of_the_statistics_is_a_fault_of_ours(city, value: str) -> None:
    good = {"from": "2020-03-01", "to": "2020-03-31"}
    for name in ("from", "to", "cut_off", "division", "category", "unit", "headline", "by", "lists", "nonsense"):
        answer = city.programs["city"].get(f"{LIST}statistics/", {**good, name: value})
        assert answer.status_code in (200, 404, 422), (name, answer.content.decode())
    for name in ("group", "state", "search", "sort", "page", "page_size", "division"):
        assert city.programs["city"].get(LIST, {name: value}).status_code in (200, 404, 422), name
