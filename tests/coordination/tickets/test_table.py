"""The table is the only source: every role tries every step in every state of its own, a sibling's and a foreign ticket."""

from __future__ import annotations

import pytest

from coordination import access, tickets
from coordination.choices import Side, TicketState
from coordination.models import Ticket, WorkOrder
from coordination.rules.transitions import BY_ACTION, STEPS, TERMINAL
from enterprises.errors import Conflict, Forbidden, NotFound, Refused
from tests.coordination.tickets import test_orders
from tests.coordination.tickets.desk import raised, take
from tests.coordination.tickets.test_acting import handled

head, police = test_orders.head, test_orders.police
E, L, D, H, A, S, X = (
    Side.ENTERPRISE, Side.LIAISON, Side.DESK, Side.HANDLER, Side.ASSIST, Side.SUPERVISOR, Side.HEAD,
)  # fmt: skip
BEFORE = ("draft", "submitted", "returned")
OWN: dict[str, tuple[set[str], set[str]]] = {
    # who: sides before acceptance, and afterwards on a city's ticket with an order for 交通局
    "reporter_a": ({E}, {E}), "liaison": ({L}, {L}), "county_officer_a": ({D}, {A}), "city_officer": ({D, S}, {D, S}),
    "leader": ({S}, {S}), "department": ({H}, {H}), "auditor": (set(), set()), "admin": (set(), set()),
}  # fmt: skip
"""What each of the cast is to a ticket of plant A; everybody else does not see it."""
STRANGERS = ("reporter_b", "county_officer_b")
NOBODY = ("stranger",)


def put(ticket: Ticket, state: str) -> None:
    """Into a state as if it had come there; the guards of steps are not asked here."""
    more = {"result": "solved", "confirm_mode": "enterprise"} if state == TicketState.CLOSED else {}
    Ticket.objects.filter(pk=ticket.pk).update(state=state, **more)
    ticket.refresh_from_db()


def verdict(person, ticket: Ticket, action: str) -> str:
    """How a step with a field that no step has is refused: for its side, for the state, or only for the field."""
    with pytest.raises(Refused) as refused:
        tickets.act(
            actor=person, ticket=ticket, action=action, fields={"nonsense": "x"}, expected_version=ticket.version
        )
    return "fields" if any(e.code == "unknown_field" for e in refused.value.errors) else refused.value.code


@pytest.mark.parametrize("name", sorted(OWN))
def test_on_its_own_ticket_each_role_may_take_exactly_the_tables_steps(desk, name: str) -> None:
    ticket, person = handled(desk), getattr(desk, name)
    for state in TicketState.values:
        put(ticket, state)
        mine = OWN[name][0 if state in BEFORE else 1]
        orders = list(WorkOrder.objects.filter(ticket=ticket).select_related("organisation"))
        assert access.sides(person, ticket, orders) == (mine or {Side.READER})
        for step in STEPS:
            expected = "forbidden" if not mine & step.sides else "fields" if state in step.sources else "wrong_state"
            assert verdict(person, ticket, step.action) == expected, (name, state, step.action)


def test_a_units_leader_may_take_the_handlers_steps_and_his_own(desk, head) -> None:
    ticket = handled(desk)
    for state in ("handling", "waiting", "closed"):
        put(ticket, state)
        for step in STEPS:
            expected = "forbidden" if not {H, X} & step.sides else "fields" if state in step.sources else "wrong_state"
            assert verdict(head, ticket, step.action) == expected, (state, step.action)


@pytest.mark.parametrize("state", TicketState.values)
def test_a_siblings_and_a_foreign_ticket_do_not_exist_in_any_state(desk, police, state: str) -> None:
    ticket = handled(desk)
    put(ticket, state)
    for name in STRANGERS:
        with pytest.raises(NotFound):
            tickets.find(getattr(desk, name), ticket.number)
    with pytest.raises(NotFound):
        tickets.find(police, ticket.number)  # a department without an order
    for name in NOBODY:
        with pytest.raises(Forbidden):
            tickets.find(getattr(desk, name), ticket.number)


def test_what_is_offered_is_what_the_table_allows(desk) -> None:
    ticket = handled(desk)
    for name, (_, sides) in OWN.items():
        shown = {step.action for step in tickets.page(getattr(desk, name), ticket).steps}
        assert shown <= {step.action for step in STEPS if "handling" in step.sources and step.sides & sides}, name
    assert "reply" in {step.action for step in tickets.page(desk.department, ticket).steps}


def test_terminal_tickets_take_no_order_and_a_duplicate_takes_no_message() -> None:
    giving = {"dispatch", "add_assist", "accept_level", "settle_dispute"}
    assert not [name for name in giving if BY_ACTION[name].sources & TERMINAL]
    assert TicketState.DUPLICATE not in BY_ACTION["message"].sources
    assert {step.action for step in STEPS if TicketState.DUPLICATE in step.sources} == {"unmerge", "mark", "mark_file"}
    assert {step.action for step in STEPS if TicketState.WITHDRAWN in step.sources} == {
        "call_back",
        "mark",
        "mark_file",
    }


def test_every_row_of_the_specification_has_its_step() -> None:
    codes = {step.code for step in STEPS} | {"T1"}
    assert {f"T{n}" for n in range(1, 25)} <= codes


def test_a_step_for_many_goes_through_where_it_can_and_says_where_not(desk) -> None:
    one, two, three = (
        raised(desk.reporter_a, desk.plant_a, "2020-03-26 08:50", category="PASS_LOCAL") for _ in range(3)
    )
    foreign = raised(desk.reporter_b, desk.plant_b, "2020-03-26 08:50")
    take(two, desk.city_officer, "message", "2020-03-26 08:55", text="看到了")  # somebody was faster
    put(three, "handling")
    chosen = [tickets.Chosen(str(t), 2) for t in (one, two, three, foreign)]
    found = tickets.act_on_many(actor=desk.county_officer_a, chosen=chosen, action="accept", fields={})
    assert [done.number for done in found.done] == [one.number]
    assert [(failed.number, failed.refused.code) for failed in found.failed] == [
        (two.number, "version_conflict"), (three.number, "wrong_state"), (foreign.number, "not_found"),
    ]  # fmt: skip
    with pytest.raises(Conflict):
        tickets.act_on_many(actor=desk.county_officer_a, chosen=chosen, action="reply", fields={})
