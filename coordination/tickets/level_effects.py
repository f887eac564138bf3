"""What steps about competence change: levels, disputes, urgency, appeals (2.4). Under the ticket's lock."""

from __future__ import annotations

from coordination.choices import ClockKind, EscalationRule, OrderPart, OrderState, TicketLevel, TicketMode
from coordination.models import Escalation
from coordination.rules import transitions
from coordination.tickets import notices, orders
from coordination.tickets.context import Turn
from enterprises.errors import Invalid


def open_level(turn: Turn) -> Escalation | None:
    """The level that is asked and has not answered yet."""
    found = Escalation.objects.filter(ticket=turn.ticket, accepted_at=None, returned_at=None)
    return found.exclude(rule=EscalationRule.L5).first()


def open_dispute(turn: Turn) -> Escalation | None:
    found = Escalation.objects.filter(ticket=turn.ticket, accepted_at=None, returned_at=None)
    return found.filter(rule=EscalationRule.L5).first()


def escalate(turn: Turn) -> None:
    """The level changes, the state does not; the lower level keeps the enterprise's contact (2.4).

    The receiving level has a clock B of its own to accept or to return it.
    """
    ticket, values = turn.ticket, turn.values
    asked = Escalation.objects.create(
        ticket=ticket, from_level=ticket.level, to_level=values["level"], rule=values["rule"], reason=values["reason"],
        documents=values["documents"] or "", requested_by=turn.actor, requested_at=turn.at,
        is_skip=transitions.rank(values["level"]) - transitions.rank(ticket.level) > 1,
    )  # fmt: skip
    turn.said |= {"from": ticket.level, "to": values["level"]}
    ticket.level, ticket.rule = values["level"], values["rule"]
    turn.names["level"] = TicketLevel(ticket.level).label
    if values["rule"] == EscalationRule.L4:
        ticket.needs_letter = True
        turn.said["needs_letter"] = True
    turn.clockwork.start(ClockKind.DISPATCH, turn.at, escalation=asked)
    turn.tell_division(notices.city(ticket), f"提级待接办：{ticket.title}")


def accept_level(turn: Turn) -> None:
    """The receiving level takes it; where it names a unit, that leads and the one before it assists."""
    asked, values = open_level(turn), turn.values
    assert asked is not None
    take_level(turn, asked)
    asked.answer = values["reason"] or ""
    lead = values["lead"]
    if lead is not None and turn.ticket.state != "accepted":
        orders.change_lead(turn, lead, values["instruction"] or "", old=OrderPart.ASSIST)
    elif lead is not None:
        turn.ticket.lead = lead
    asked.lead = lead
    asked.save()
    turn.text = f"{TicketLevel(turn.ticket.level).label}已接办" + (f"，由{lead.name}主办" if lead else "")


def take_level(turn: Turn, asked: Escalation | None) -> None:
    """Whoever gives the orders at the level that was asked has accepted it."""
    if asked is None:
        return
    asked.accepted_at, asked.decided_by = turn.at, turn.actor
    asked.save()
    turn.clockwork.end(turn.clockwork.running(ClockKind.DISPATCH, escalation=asked), turn.at)


def take_over(turn: Turn) -> None:
    take_level(turn, open_level(turn))


def send_down(turn: Turn) -> None:
    """Back to the level below, with a named owner there: the level that was asked returns it, or gives it down later."""
    ticket, values = turn.ticket, turn.values
    asked = open_level(turn)
    turn.said |= {"from": ticket.level, "to": values["level"]}
    if asked is not None:
        turn.clockwork.end(turn.clockwork.running(ClockKind.DISPATCH, escalation=asked), turn.at)
        asked.returned_at = turn.at
    else:
        asked = Escalation(
            ticket=ticket, from_level=ticket.level, to_level=values["level"], rule=EscalationRule.DOWN,
            reason=values["reason"], requested_by=turn.actor, requested_at=turn.at, accepted_at=turn.at,
        )  # fmt: skip
    asked.decided_by, asked.answer, asked.owner = turn.actor, values["reason"], values["owner"]
    asked.save()
    ticket.level = values["level"]
    turn.text = f"退回{TicketLevel(ticket.level).label}，由{values['owner']}办：{values['reason']}"
    turn.tell_division(notices.desk_division(ticket), f"退回本级，由{values['owner']}办：{ticket.title}")


def dispute(turn: Turn) -> None:
    """Two or more units of one level dispute: the supervisor rules within clock R; meanwhile the first one acts (L5)."""
    units = turn.values["units"]
    if len({unit.pk for unit in units}) < 2:
        raise Invalid("争议至少有两个单位。", code="too_few", field="units")
    names = "、".join(unit.name for unit in units)
    asked = Escalation.objects.create(
        ticket=turn.ticket, from_level=turn.ticket.level, to_level=turn.ticket.level, rule=EscalationRule.L5,
        reason=turn.values["reason"], documents=names[:300], requested_by=turn.actor, requested_at=turn.at,
    )  # fmt: skip
    turn.clockwork.start(ClockKind.RULING, turn.at, escalation=asked)
    turn.text = f"{names}对由谁办有争议：{turn.values['reason']}。裁定前由首问单位先办。"
    turn.tell_division(notices.city(turn.ticket), f"请裁定由谁主办：{turn.ticket.title}")


def settle_dispute(turn: Turn) -> None:
    """Binding: the unit named leads and cannot send it back."""
    asked, unit = open_dispute(turn), turn.values["lead"]
    if asked is None:
        raise Invalid("没有待裁定的争议。", code="no_dispute")
    turn.clockwork.end(turn.clockwork.running(ClockKind.RULING, escalation=asked), turn.at)
    asked.accepted_at, asked.decided_by, asked.lead = turn.at, turn.actor, unit
    asked.answer = turn.values["reason"]
    asked.save()
    lead = turn.lead()
    if lead is not None and lead.state == OrderState.RETURNING:
        lead.state = OrderState.HANDLING if lead.signed_at else OrderState.AWAITING
        lead.save()
    orders.change_lead(turn, unit, "", old=OrderState.CANCELLED, is_binding=True)
    turn.text = f"裁定由{unit.name}主办：{turn.values['reason']}"


def reclassify(turn: Turn) -> None:
    """Category or urgency were wrong: clocks keep their starts and pauses and get the right budgets (K5)."""
    ticket, values = turn.ticket, turn.values
    category, mode = values["category"] or ticket.category, values["mode"] or ticket.mode
    if (category.pk, mode) == (ticket.category_id, ticket.mode):
        raise Invalid("类别和缓急都没有变。", code="unchanged", field="category")
    turn.said["before"] = {"category": ticket.category_id, "mode": ticket.mode}
    was = ticket.mode
    ticket.category, ticket.mode = category, mode
    ticket.urgent_reason = values["urgent_reason"] or ticket.urgent_reason
    if mode == TicketMode.NORMAL:
        ticket.urgent_reason = ""
    turn.said["clocks"] = turn.clockwork.swap(turn.at)
    turn.text = f"更正为{category.name}、{TicketMode(mode).label}：{values['reason']}"
    if mode != was:
        copy_urgent(turn)


def copy_urgent(turn: Turn) -> None:
    """What is urgent is copied to the task force (L8)."""
    if turn.ticket.mode != TicketMode.NORMAL:
        word = TicketMode(turn.ticket.mode).label
        turn.tell_division(notices.city(turn.ticket), f"{word}：{turn.ticket.title}（抄送专班）")


def appeal(turn: Turn) -> None:
    turn.ticket.is_appealed = True
    turn.tell_division(notices.city(turn.ticket), f"企业申诉，请复核：{turn.ticket.title}")


def uphold(turn: Turn) -> None:
    turn.ticket.is_appealed = False
    turn.text = f"复核后维持原决定：{turn.values['reason']}"


def overturn(turn: Turn) -> None:
    turn.ticket.is_appealed = False
    turn.text = f"{turn.step.says}{turn.values['reason']}"


LEVEL_EFFECTS = {
    function.__name__: function
    for function in (
        accept_level, appeal, dispute, escalate, overturn, reclassify, send_down,
        settle_dispute, take_over, uphold,
    )
}  # fmt: skip
