"""The agenda of a desk: each matter once, under what is to be done with it, the nearest due first."""

from __future__ import annotations

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination import agendas
from enterprises.errors import Forbidden
from enterprises.models import Account
from tests.coordination.tickets.desk import at, raised, take
from tests.coordination.tickets.test_acting import handled

pytestmark = pytest.mark.django_db


def shown(person: Account) -> dict[str, list[str]]:
    found = agendas.agenda(Account.objects.get(pk=person.pk))
    return {group.key: [matter.card.ticket.title for matter in group.matters] for group in found.groups}


def dispatched(desk, title: str, moment: str = "2020-03-26 08:40", **more):
    ticket = raised(desk.reporter_a, desk.plant_a, moment, title=title)
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 08:45", category="PASS_CITY", level="city", mode="normal")
    take(ticket, desk.city_officer, "dispatch", "2020-03-26 08:50", lead="JTJ", instruction="请办", **more)
    return ticket


def test_a_unit_signs_first_and_sees_its_month(desk) -> None:
    dispatched(desk, "新派的")
    ticket = dispatched(desk, "在办的")
    take(ticket, desk.department, "sign", "2020-03-26 08:55")
    again = handled(desk)
    take(again, desk.department, "reply", "2020-03-26 09:00", text="办好了", result="solved")
    take(again, desk.reporter_a, "refuse", "2020-03-26 09:00", text="还差一辆")
    assert list(shown(desk.department)) == ["sign", "again", "handle"]
    assert shown(desk.department)["sign"] == ["新派的"]
    assert shown(desk.department)["handle"] == ["在办的"]
    figures = agendas.agenda(desk.department).figures
    assert figures is not None
    assert (figures.received, figures.signed_late, figures.solved) == (3, 0, 0)
    with time_machine.travel(at("2020-04-20 09:00"), tick=False):
        found = agendas.agenda(Account.objects.get(pk=desk.department.pk))
    assert "late" in [group.key for group in found.groups]
    assert found.overdue >= 1


def test_a_county_takes_in_and_the_city_gives_on(desk) -> None:
    raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50", title="刚提的")
    ticket = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:30", title="市里的")
    take(ticket, desk.county_officer_a, "accept", "2020-03-26 08:45", category="PASS_CITY", level="city", mode="normal")
    local = raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:30", title="县里的")
    take(
        local,
        desk.county_officer_a,
        "accept",
        "2020-03-26 08:45",
        category="PASS_CITY",
        level="county",
        mode="normal",
        override_reason="本县能办",
    )
    assert shown(desk.county_officer_a) == {"take": ["刚提的"], "dispatch": ["县里的"]}
    assert shown(desk.city_officer) == {"dispatch": ["市里的"]}
    assert agendas.agenda(desk.city_officer).waiting == 2
    with time_machine.travel(at("2020-03-27 16:00"), tick=False):
        assert shown(desk.city_officer)["counties"] == ["刚提的"]


def test_what_a_unit_asks_for_comes_to_the_desk_until_it_is_decided(desk) -> None:
    ticket = handled(desk)
    take(ticket, desk.department, "ask_extension", "2020-03-26 09:00", days="3", reason="等外地检测")
    assert list(shown(desk.city_officer)) == ["asked"]
    assert agendas.agenda(desk.city_officer).groups[0].matters[0].asked == "申请延期"
    take(ticket, desk.city_officer, "extend", "2020-03-26 09:00", days="3", reason="同意")
    assert shown(desk.city_officer) == {}


def test_a_unit_that_sends_back(desk) -> None:
    ticket = dispatched(desk, "派错的")
    said = {"reason_code": "duty", "reason": "不归我们管", "should_have": "police"}
    take(ticket, desk.department, "ask_send_back", "2020-03-26 08:55", **said)
    assert shown(desk.city_officer) == {"returning": ["派错的"]}
    assert shown(desk.department) == {}


@pytest.mark.parametrize("who", ["liaison", "reporter_a", "leader", "auditor", "admin", "province", "stranger"])
def test_who_has_no_desk(client, desk, who: str) -> None:
    client.force_login(getattr(desk, who))
    assert client.get("/tickets/agenda/").status_code == 403


def test_the_first_page_of_a_unit_and_the_line_on_the_board(client, desk) -> None:
    dispatched(desk, "新派的")
    client.force_login(desk.department)
    first = client.get("/", follow=True)
    assert first.redirect_chain == [("/tickets/agenda/", 302)]
    assert "先办先签收 1 张" in first.content.decode()
    assert "/tickets/agenda/#sign" in client.get("/tickets/").content.decode()
    with pytest.raises(Forbidden):
        agendas.agenda(desk.stranger)


def test_queries_do_not_grow_with_tickets(desk) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            agendas.agenda(Account.objects.get(pk=desk.department.pk))
        return len(queries)

    dispatched(desk, "一")
    before = count()
    for title in "二三四":
        dispatched(desk, title, assist=["police"])
    assert count() == before
