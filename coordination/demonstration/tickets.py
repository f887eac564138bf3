"""The tickets of the demonstration city, played through by its people step by step, each at its moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from coordination import tickets
from coordination.demonstration.people import Accounts
from coordination.models import Escalation, Notice, Ticket, Visit
from coordination.rules.demonstration import LAST
from coordination.rules.demonstration.calendar import Calendar
from coordination.rules.demonstration.makers import Maker
from coordination.rules.demonstration.troubles import Trouble
from coordination.tickets import calendar as working
from coordination.tickets.routing import propose
from enterprises.models import Account, Enterprise, Organisation
from supplies.access import division_on

MINUTE = dt.timedelta(minutes=1)
CITY, DEPARTMENT = "city", "department"
PROVINCE = {"obstacle": "other_province", "obstacle_place": "浙江温州"}
NEIGHBOURS = ("350583", "350521")
"""Where lorries were turned back: 南安市, for those who stand there 惠安县."""
ITEMS = ("车牌号和车型", "驾驶员姓名和健康码")


def lay(
    calendar: Calendar,
    makers: Sequence[Maker],
    keys: dict[int, int],
    accounts: Accounts,
    found: Sequence[Trouble],
    heard: Mapping[int, Visit],
) -> int:
    """Play every matter up to the state it has on the last story day. Gives how many there are.

    What was heard of on a visit is raised by the officer, the rest by the enterprise's clerk.
    """
    wanted = Q(username__in=[CITY, DEPARTMENT]) | Q(username__startswith="unit_") | Q(username__startswith="lead_")
    people = {account.username: account for account in Account.objects.filter(wanted)}
    plants = Enterprise.objects.in_bulk(list(keys.values()))
    products = {maker.number: maker.lines[0].product for maker in makers if maker.lines}
    with working.held(calendar.day(0), calendar.day(LAST)):
        for place, trouble in enumerate(found):
            clerk, plant = accounts.clerks[trouble.maker], plants[keys[trouble.maker]]
            _Play(calendar, trouble, plant, clerk, people, heard.get(place)).run(products.get(trouble.maker))
    # whoever confirmed has read what came before
    closed = list(
        Ticket.objects.filter(state="closed").values_list("pk", flat=True)
    )  # PostgreSQL joins new tables badly
    Notice.objects.filter(ticket__in=closed).update(opened_at=calendar.moment(LAST * 86_400))
    return len(found)


class _Play:
    """One matter on its way."""

    def __init__(
        self, calendar: Calendar, trouble: Trouble, plant: Enterprise, clerk: Account, people: dict[str, Account],
        visit: Visit | None,
    ) -> None:  # fmt: skip
        self.visit = visit
        self.trouble, self.plant, self.clerk, self.people = trouble, plant, clerk, people
        self.at = calendar.moment(trouble.day * 86_400 + trouble.minute * 60)

    def run(self, product: str | None) -> None:
        trouble, city = self.trouble, self.people[CITY]
        fields: dict[str, Any] = {
            "title": trouble.title, "description": trouble.text, "impact": trouble.impact, "category": trouble.category,
            "contact_name": self.clerk.display_name, "contact_phone": self.clerk.phone or "0595-00000000",
        }  # fmt: skip
        neighbour = self.neighbour() if trouble.category == "PASS_CITY" else None
        fields |= self.obstacle(neighbour)
        if trouble.blocked and product is not None:
            fields |= {"product": product, "blocked": str(trouble.blocked)}
        if self.visit is not None:
            fields |= {"visit": self.visit.pk}
        raiser = self.visit.officer if self.visit is not None else self.clerk
        ticket = tickets.raise_ticket(actor=raiser, uscc=self.plant.uscc, fields=fields, at=self.at).ticket
        self.ticket = ticket
        if trouble.state == "submitted":
            return
        if trouble.state == "returned":
            self.step(city, "return", 40, items=list(ITEMS))
            return
        self.step(city, "accept", 35)
        if trouble.state == "accepted":
            return
        lead = propose(ticket).lead or Organisation.objects.get(code="reform")
        is_living = trouble.state in ("dispatched", "handling")
        said = {"assist": [neighbour]} if neighbour is not None and is_living else {}
        self.step(city, "dispatch", 30, lead=lead.code, instruction=f"请帮助企业解决：{trouble.title}", **said)
        if trouble.state == "dispatched":
            return
        unit = self.people[DEPARTMENT if lead.code == "transport" else f"unit_{lead.code}"]
        self.step(unit, "sign", 45)
        self.step(city, "contact", 50, way="call", text="已与企业联系，了解了情况")
        if trouble.state == "handling":
            self.escalate(city)
            return
        if trouble.state == "waiting":
            by = (self.at + dt.timedelta(days=3)).date().isoformat()
            self.step(unit, "ask", 60, text="还缺材料，补齐后当天办理。", items=list(ITEMS), reply_by=by)
            return
        self.answer(unit, lead, trouble.days * 1440 - 60, "已经办好，请确认。")
        if trouble.state == "replied":
            return
        if trouble.is_refused:
            self.step(self.clerk, "refuse", 60, text="还差一点，请再办")
            self.answer(unit, lead, 300, "补办完成，请确认。")
        self.step(self.clerk, "confirm", 90, contacted="yes", solved="yes", satisfaction=str(trouble.satisfaction))

    def escalate(self, city: Account) -> None:
        """One matter waits for the province."""
        if self.trouble.category == "LICENSE" and not Escalation.objects.filter(accepted_at=None).exists():
            self.step(city, "escalate", 60, level="province", rule="L7", reason="应急备案要省里放宽材料要求")

    def obstacle(self, neighbour: str | None) -> dict[str, str]:
        """Where it is stuck, for lorries."""
        if neighbour is not None:
            return {"obstacle": "sibling", "obstacle_division": neighbour}
        return PROVINCE if self.trouble.category == "PASS_PROV" else {}

    def neighbour(self) -> str | None:
        """Another county than the enterprise's own."""
        own = division_on(self.plant, self.at.date())
        return next((code for code in NEIGHBOURS if code != own), None)

    def answer(self, unit: Account, lead: Organisation, minutes: int, text: str) -> None:
        """The answer to the enterprise, past the unit's leader where it has one."""
        head = self.people.get(f"lead_{lead.code}")
        if head is not None:
            self.step(unit, "propose_reply", minutes - 20, text=text, result="solved")
            minutes = 20
        self.step(head or unit, "reply", minutes, text=text, result="solved")

    def step(self, actor: Account | None, action: str, minutes: int, **fields: Any) -> None:
        """One step so many minutes after the one before."""
        self.at += minutes * MINUTE
        version = Ticket.objects.values_list("version", flat=True).get(pk=self.ticket.pk)
        tickets.act(
            actor=actor, ticket=self.ticket, action=action, fields=fields, expected_version=version, at=self.at
        )  # fmt: skip
