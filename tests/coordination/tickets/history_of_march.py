"""A March of tickets, played step by step; what each of them counts for is worked out by hand in its test.

Office hours are 8:30-12:00 and 14:00-17:30, seven hours a day. 2 March 2020 is a Monday; 6 April is a holiday.
"""

from __future__ import annotations

from typing import Any

from coordination.models import Ticket
from tests.coordination.tickets.desk import raised, take


class March:
    """The tickets by their names in the script: march["T1"]."""

    def __init__(self, desk: Any, transport: str) -> None:
        self.desk, self.transport, self.tickets = desk, transport, {}
        self.play()

    def __getitem__(self, name: str) -> Ticket:
        return self.tickets[name]

    def numbers(self, text: str) -> list[str]:
        """Numbers of "T1 T2 …", in order."""
        return sorted(self.tickets[name].number for name in text.split())

    def raise_(self, name: str, plant: str, moment: str, thing: str = "", **more: Any) -> Ticket:
        actor = getattr(self.desk, f"reporter_{plant}")
        self.tickets[name] = raised(
            actor, getattr(self.desk, f"plant_{plant}"), moment, object=thing or name, category="PASS_CITY", **more
        )
        return self.tickets[name]

    def handle(self, name: str, plant: str, day: str, **more: Any) -> Ticket:
        """Raised at 9:00, accepted at 10:00, dispatched at 10:30, signed at 10:40."""
        ticket = self.raise_(name, plant, f"{day} 09:00", **more)
        take(ticket, getattr(self.desk, f"county_officer_{plant}"), "accept", f"{day} 10:00")
        take(ticket, self.desk.city_officer, "dispatch", f"{day} 10:30", lead=self.transport, instruction="办")
        if name != "T16":
            take(ticket, self.desk.department, "sign", f"{day} 10:40")
        return ticket

    def reply(self, name: str, moment: str, result: str = "solved") -> None:
        take(self[name], self.desk.department, "reply", moment, text="已办", result=result)

    def confirm(self, name: str, plant: str, moment: str, solved: str = "yes", **more: Any) -> None:
        take(self[name], getattr(self.desk, f"reporter_{plant}"), "confirm", moment, solved=solved, **more)

    def play(self) -> None:
        desk = self.desk
        # T1 plain: answered on the third day, confirmed by the enterprise
        self.handle("T1", "a", "2020-03-02")
        self.reply("T1", "2020-03-04 10:00")
        self.confirm("T1", "a", "2020-03-04 11:00", satisfaction="5")
        # T2 a logged call, then confirmed by the liaison officer in the enterprise's place
        self.handle("T2", "a", "2020-03-02")
        take(self["T2"], desk.liaison, "contact", "2020-03-02 15:00", way="call", text="已联系")
        self.reply("T2", "2020-03-05 10:00")
        take(self["T2"], desk.liaison, "confirm", "2020-03-05 11:00", solved="yes", satisfaction="3", evidence="通话 1")
        # T3 refused, solved in the second cycle
        self.handle("T3", "b", "2020-03-03")
        self.reply("T3", "2020-03-03 16:00")
        take(self["T3"], desk.reporter_b, "refuse", "2020-03-04 09:00", text="车还是过不来")
        self.reply("T3", "2020-03-05 09:00")
        self.confirm("T3", "b", "2020-03-05 10:00", satisfaction="4")
        # T4 refused for no good reason, as the supervisor found; the second cycle was late (due 11 March)
        self.handle("T4", "b", "2020-03-03")
        self.reply("T4", "2020-03-03 16:00")
        take(self["T4"], desk.reporter_b, "refuse", "2020-03-04 09:00", text="还要再多一张证")
        take(self["T4"], desk.leader, "excuse", "2020-03-04 15:00", reason="新的要求，不是没有办好")
        self.reply("T4", "2020-03-12 09:00")
        self.confirm("T4", "b", "2020-03-12 10:00")
        # T5 and T6 withdrawn, after and before the first contact was due
        self.handle("T5", "a", "2020-03-04")
        take(self["T5"], desk.reporter_a, "withdraw", "2020-03-06 09:00", reason="自己解决了")
        self.handle("T6", "a", "2020-03-04")
        take(self["T6"], desk.reporter_a, "withdraw", "2020-03-04 16:00", reason="自己解决了")
        # T8 waited for the enterprise over two whole working days, solved in part; T7 is the same matter again
        self.handle("T8", "a", "2020-03-09")
        self.raise_("T7", "a", "2020-03-09 09:00")
        take(self["T7"], desk.county_officer_a, "merge", "2020-03-09 10:00", target=self["T8"].number)
        take(self["T8"], desk.department, "ask", "2020-03-10 09:00", text="补", items=["车牌"], reply_by="2020-03-12")
        take(self["T8"], desk.reporter_a, "supply", "2020-03-13 10:00", answers=["闽C"])
        self.reply("T8", "2020-03-24 16:00", "partial")
        self.confirm("T8", "a", "2020-03-25 09:00", "partly", satisfaction="4")
        # T9 confirmed by silence
        self.handle("T9", "b", "2020-03-10")
        self.reply("T9", "2020-03-11 10:00")
        take(self["T9"], None, "confirm_silently", "2020-03-18 17:30")
        # T10 reopened in March (second cycle due 27 March), closed again in April
        self.handle("T10", "a", "2020-03-11")
        take(self["T10"], desk.liaison, "contact", "2020-03-11 11:00", way="call", text="已联系")
        self.reply("T10", "2020-03-12 10:00")
        self.confirm("T10", "a", "2020-03-12 11:00", satisfaction="5")
        take(self["T10"], desk.reporter_a, "reopen", "2020-03-20 09:00", reason="又过不来了")
        # T11 solved, and corrected in April
        self.handle("T11", "b", "2020-03-12")
        self.reply("T11", "2020-03-13 10:00")
        self.confirm("T11", "b", "2020-03-13 11:00", satisfaction="5")
        # T12 the matter of T1 comes back
        self.raise_("T12", "a", "2020-03-30 09:00", "T1")
        # T13 suspended until after the cut-off
        self.handle("T13", "b", "2020-03-13")
        take(self["T13"], desk.department, "propose_suspend", "2020-03-16 09:00", reason="等政策", basis="会议纪要",
             review_on="2020-04-08", next_step="再问")  # fmt: skip
        take(self["T13"], desk.leader, "suspend", "2020-03-16 10:00", reason="等政策", review_on="2020-04-08")
        # T14 rejected
        self.raise_("T14", "a", "2020-03-16 09:00")
        take(
            self["T14"],
            desk.county_officer_a,
            "propose_reject",
            "2020-03-16 10:00",
            reason_code="legal",
            reason="已诉讼",
            elsewhere="法院",
        )
        take(
            self["T14"],
            desk.leader,
            "reject",
            "2020-03-16 11:00",
            reason_code="legal",
            reason="已诉讼",
            elsewhere="法院",
        )
        # T15 extended by five working days, explained
        self.handle("T15", "b", "2020-03-02")
        take(self["T15"], desk.department, "ask_extension", "2020-03-10 10:00", days="5", reason="等外市答复")
        take(self["T15"], desk.city_officer, "extend", "2020-03-11 09:00", days="5", reason="等外市答复")
        self.reply("T15", "2020-03-20 10:00", "explained")
        self.confirm("T15", "b", "2020-03-20 11:00", satisfaction="3")
        # T16 sent back by its unit, then raised to the province
        self.handle("T16", "a", "2020-03-23")
        take(self["T16"], desk.department, "ask_send_back", "2020-03-23 11:00", reason_code="duty", reason="不归我们",
             should_have="公安局")  # fmt: skip
        take(self["T16"], desk.city_officer, "take_back", "2020-03-23 14:30", reason="改派")
        take(self["T16"], desk.city_officer, "escalate", "2020-03-25 09:00", level="province", rule="L3", reason="外市")
        # T17 only a test, T18 written down days after it happened
        self.raise_("T17", "a", "2020-03-24 09:00")
        take(self["T17"], desk.county_officer_a, "mark", "2020-03-24 10:00", nature="test", reason="试系统")
        self.raise_("T18", "b", "2020-03-25 09:00", occurred_at="2020-03-20T09:00")
        # April, which statistics of March as known in March must not see
        self.reply("T10", "2020-04-02 09:00")
        self.confirm("T10", "a", "2020-04-02 10:00", satisfaction="4")
        take(self["T11"], desk.leader, "correct", "2020-04-02 09:00", result="unsolved", reason="回访发现没有解决")
        take(self["T16"], desk.reporter_a, "withdraw", "2020-04-03 09:00", reason="不办了")
