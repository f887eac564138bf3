"""Two at once: one wins, the other is told; numbers are never given twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from coordination import tickets
from coordination.models import Event, Firing, Ticket
from enterprises import work_days
from enterprises.errors import Refused
from tests import cast as people
from tests.coordination.tickets.desk import GIVEN, at, raised

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def there() -> people.Cast:
    work_days.seed()
    return people.make()


def together(*calls: Callable[[], Any]) -> list[Any]:
    """What each call gave, or the code it was refused with; all begin at once."""
    gate, found = threading.Barrier(len(calls)), [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            found[index] = call()
        except Refused as refused:
            found[index] = refused.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_who_act_at_once_one_wins(there: people.Cast) -> None:
    ticket = raised(there.reporter_a, there.plant_a, "2020-03-26 09:20")

    def step(actor: Any, action: str, **fields: Any) -> Callable[[], str]:
        return lambda: (
            tickets.act(
                actor=actor, ticket=ticket, action=action, fields=fields, expected_version=2, at=at("2020-03-26 10:00")
            ).state
        )

    found = together(step(there.county_officer_a, "accept"), step(there.city_officer, "return", items=["车牌"]))
    assert sorted(found) in (["accepted", "version_conflict"], ["returned", "version_conflict"])
    assert Event.objects.filter(ticket=ticket).count() == 3


def test_numbers_are_given_once_each(there: people.Cast) -> None:
    def one() -> str:
        fields = {**GIVEN}
        return str(
            tickets.raise_ticket(
                actor=there.reporter_a, uscc=there.plant_a.uscc, fields=fields, at=at("2020-03-26 10:00")
            ).ticket
        )

    found = together(*[one] * 6)
    assert sorted(found) == [f"20200326-{n:04d}" for n in range(1, 7)]
    assert Ticket.objects.count() == 6


def test_two_timetables_say_each_thing_once(there: people.Cast) -> None:
    for _ in range(3):
        raised(there.reporter_a, there.plant_a, "2020-03-26 09:20")
    together(*[lambda: [tickets.tick(at("2020-03-31 10:00")) for _ in range(20)]] * 3)
    steps = list(Firing.objects.order_by("clock", "step").values_list("clock", "step"))
    assert len(steps) == len(set(steps)) == 15
