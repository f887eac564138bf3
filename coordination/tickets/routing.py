"""Where a matter belongs: the rule that fired proposes, a person confirms or says why not (tickets.md 2.4)."""

from __future__ import annotations

from dataclasses import dataclass

from coordination.choices import EscalationRule, Obstacle, TicketLevel
from coordination.models import Escalation, RoutingOverride, RoutingRule, Ticket
from coordination.rules import competence
from coordination.tickets import calendar, units
from coordination.tickets.context import Turn
from coordination.tickets.units import Receiver
from enterprises.errors import Invalid
from enterprises.models import Organisation
from enterprises.rules.division_tree import Tree
from enterprises.rules.names import folded

ALIASES = {
    "交通局": "交通", "市交通局": "交通", "工信局": "工信", "市工信局": "工信", "工信局装备科": "工信", "市场监管局": "市场监督",
    "发改委/能源局": "发展和改革", "发改局": "发展和改革", "人社局": "人力资源", "卫健委": "卫生健康", "金融办": "金融",
    "税务局/海关": "税务", "供电公司": "供电", "应急管理局": "应急管理", "指挥部": "指挥部", "园区管委会": "管委会",
}  # fmt: skip
"""The word by which a unit's full name is known from what the list of categories calls it."""


@dataclass(frozen=True)
class Proposal:
    """At which level a matter belongs and who should lead, with the rule that fired and why."""

    level: str
    lead: Organisation | None
    assist: tuple[Receiver, ...]
    reason: str
    rule: str = EscalationRule.CATEGORY
    rule_version: int = 1
    decided_by: str = ""
    needs_letter: bool = False
    urgent_reason: str = ""
    urgency: str = ""

    @property
    def is_urgent(self) -> bool:
        return bool(self.urgent_reason)


def propose(ticket: Ticket, *, tree: Tree | None = None) -> Proposal:
    """By where the obstacle lies, the ticket's category, and where its enterprise stands. Four queries."""
    tree = tree or calendar.tree()
    rows = list(RoutingRule.objects.filter(is_on=True).order_by("priority"))
    matter = competence.Matter(ticket.obstacle, ticket.category_id, ticket.hours_to_stop)
    rule, urgent = competence.level_rule(rows, matter), competence.urgency_rule(rows, matter)
    category = ticket.category
    level = (rule.level if rule is not None else "") or category.level
    known = _units(ticket, tree, level)
    lead = _named((rule.lead if rule is not None else "") or category.lead, known)
    assist = [
        Receiver(one.code, one.name) for word in category.assist.split(",")
        if (one := _named(word.strip(), known)) is not None and one != lead
    ]  # fmt: skip
    if ticket.obstacle == Obstacle.SIBLING and (code := ticket.obstacle_division_id) and code in tree:
        assist.insert(0, Receiver(code, units.desk_name(tree[code].name)))
    return Proposal(
        level, lead, tuple(dict.fromkeys(assist)), _reason(ticket, rule, level, tree),
        rule=rule.code if rule is not None else EscalationRule.CATEGORY,
        rule_version=rule.version if rule is not None else 1,
        decided_by=rule.decided_by if rule is not None else "",
        needs_letter=rule is not None and rule.needs_letter,
        urgent_reason=urgent.urgent_reason if urgent is not None else "",
        urgency=f"{urgent.code} {urgent.text}" if urgent is not None else "",
    )  # fmt: skip


def _units(ticket: Ticket, tree: Tree, level: str) -> list[Organisation]:
    """Units that could lead, those of the level's own place first."""
    path = [node.code for node in tree.path(ticket.division_id)]
    found = list(Organisation.objects.filter(division__in=path or [ticket.division_id]).order_by("code"))
    here = [u for u in found if u.division_id == ticket.division_id]
    above = [u for u in found if u.division_id != ticket.division_id]
    return [*here, *above] if level == TicketLevel.COUNTY else [*above, *here]


def _reason(ticket: Ticket, rule: RoutingRule | None, level: str, tree: Tree) -> str:
    category, word = ticket.category, TicketLevel(level).label
    if rule is None:
        return f"类别“{category.name}”一般由{word}办理，承办：{category.lead}"
    where = ""
    if ticket.obstacle_division_id and ticket.obstacle_division_id in tree:
        where = f"（{tree[ticket.obstacle_division_id].name}）"
    elif ticket.obstacle_place:
        where = f"（{ticket.obstacle_place}）"
    return f"规则 {rule.code}：{rule.text}{where}，由{word}办理，{rule.decided_by}决定"


def _named(word: str, found: list[Organisation]) -> Organisation | None:
    """The first unit whose name holds the word; none where the word is empty."""
    key = folded(ALIASES.get(word, word.removeprefix("市").removeprefix("省")))
    return next((unit for unit in found if key and key in folded(unit.name)), None)


def confirm(turn: Turn) -> None:
    """What the desk decides at acceptance: the proposal, or something else with its reason, which is kept."""
    ticket, values = turn.ticket, turn.values
    place(ticket, values)
    proposed = propose(ticket)
    level, lead = values["level"] or proposed.level, values["lead"] or proposed.lead
    differs = level != proposed.level or (proposed.lead is not None and lead != proposed.lead)
    if differs and not values["override_reason"]:
        raise Invalid(
            f"与建议不同（{TicketLevel(proposed.level).label}"
            + (f"、{proposed.lead.name}" if proposed.lead else "") + "），请写明理由。",
            code="required", field="override_reason",
        )  # fmt: skip
    ticket.level, ticket.lead, ticket.rule = level, lead, proposed.rule
    ticket.needs_letter = ticket.needs_letter or proposed.needs_letter
    if differs:
        keep(turn, proposed, values["override_reason"])
    turn.said |= {
        "rule": proposed.rule, "rule_version": proposed.rule_version, "because": proposed.reason,
        "proposed": {"level": proposed.level, "lead": proposed.lead.code if proposed.lead else None},
        "needs_letter": ticket.needs_letter,
    }  # fmt: skip
    if proposed.rule == EscalationRule.L7:
        Escalation.objects.create(
            ticket=ticket, from_level=ticket.category.level, to_level=level, rule=EscalationRule.L7,
            reason=proposed.reason[:500], requested_by=turn.actor, requested_at=turn.at, decided_by=turn.actor,
            accepted_at=turn.at,
        )  # fmt: skip


def place(ticket: Ticket, values: dict[str, object]) -> None:
    """Where the obstacle lies, as the step says it; what it does not say stays."""
    for name in ("obstacle", "obstacle_division", "obstacle_place"):
        if values.get(name):
            setattr(ticket, name, values[name])
    if ticket.obstacle == Obstacle.SIBLING and ticket.obstacle_division_id is None:
        raise Invalid("请写明是哪个县市区。", code="required", field="obstacle_division")
    if ticket.obstacle_division_id == ticket.division_id:
        raise Invalid("企业就在这个县市区，请选“本县市区”。", code="invalid_choice", field="obstacle_division")


def note_lead(turn: Turn, lead: Organisation | None) -> None:
    """At dispatch another unit than the one that was decided at acceptance: kept too."""
    decided = turn.ticket.lead
    if lead is None or decided is None or lead == decided:
        return
    proposed = Proposal(turn.ticket.level, decided, (), "", rule=turn.ticket.rule or EscalationRule.CATEGORY)
    keep(turn, proposed, turn.values["override_reason"] or "", lead=lead)


def keep(turn: Turn, proposed: Proposal, reason: str, *, lead: Organisation | None = None) -> None:
    assert turn.actor is not None
    RoutingOverride.objects.create(
        ticket=turn.ticket, rule=proposed.rule, rule_version=proposed.rule_version, proposed_level=proposed.level,
        chosen_level=turn.ticket.level, proposed_lead=proposed.lead, chosen_lead=lead or turn.ticket.lead, reason=reason,
        actor=turn.actor, at=turn.at,
    )  # fmt: skip
