"""Where a matter belongs: a proposal with its reason, which a person confirms (tickets.md 2.4)."""

from __future__ import annotations

from dataclasses import dataclass

from coordination.choices import TicketLevel
from coordination.models import Ticket
from coordination.tickets import calendar
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
    """At which level a matter belongs and who should lead, with the reason shown to whoever confirms it."""

    level: str
    lead: Organisation | None
    assist: tuple[Organisation, ...]
    reason: str


def propose(ticket: Ticket, *, tree: Tree | None = None) -> Proposal:
    """By the ticket's category and where its enterprise stands. Two queries."""
    tree = tree or calendar.tree()
    path = [node.code for node in tree.path(ticket.division_id)]
    units = list(Organisation.objects.filter(division__in=path or [ticket.division_id]).order_by("code"))
    here = [u for u in units if u.division_id == ticket.division_id]
    above = [u for u in units if u.division_id != ticket.division_id]
    category = ticket.category
    order = [*here, *above] if category.level == TicketLevel.COUNTY else [*above, *here]
    lead = _named(category.lead, order)
    assist = tuple(
        one for word in category.assist.split(",") if (one := _named(word.strip(), order)) is not None and one != lead
    )
    level = TicketLevel(category.level).label
    reason = f"类别“{category.name}”一般由{level}办理，承办：{category.lead}"
    return Proposal(category.level, lead, assist, reason)


def _named(word: str, units: list[Organisation]) -> Organisation | None:
    """The first unit whose name holds the word; none where the word is empty."""
    key = folded(ALIASES.get(word, word.removeprefix("市").removeprefix("省")))
    return next((unit for unit in units if key and key in folded(unit.name)), None)
