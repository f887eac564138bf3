"""A city lived through by REST and files, one act after another; after each the figures are what the oracle says.

Reports, revisions, questions, returns, closings, reopenings, and facts corrected in the middle of it (R2-R14, R17, R18,
R20). What was asked at a moment is asked again at the end, as of that moment, and of every snapshot.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import statistics
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from enterprises.choices import Role
from enterprises.models import Account, Enterprise, Post
from supplies import daily_totals
from tests.clients import Program, exact
from tests.factories.enterprises import LONG_AGO, account
from tests.journeys.test_other_city import CITY, DAYS, HEADS, KINDS, MEASURES, SHANGHAI, UNITS, City
from tests.supplies.reference import Day, known

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

REPORTS, TOTALS = "/api/v1/reports/", "/api/v1/totals/"
LIVED = DAYS[:6]
COUNTED = ("expected", "reported", "on_time", "late", "carried", "stale", "never", "unexpected", "returned")
SUMS = ("capacity", "capacity_carried", "output", "stock", "stock_carried", "shipped")
STEPS = 80
BACKFILL = 7
HEADS.update({"reason": "reason", "approver": "approver"})


class Life(City):
    """The city's acts and what they must answer; what happened is written down for the oracle."""

    def __init__(self, seed: int, folder: Path, clock: Any) -> None:
        super().__init__(seed, folder)
        self.clock = clock
        self.reviews: dict[int, list[dict[str, Any]]] = {}
        self.finals: dict[dt.date, list[dt.datetime]] = {}
        self.flashes: dict[dt.date, list[dt.datetime]] = {}
        self.opened: dict[tuple[str, dt.date], tuple[dt.datetime, dt.datetime]] = {}
        self.stored: dict[tuple[str, dt.date], dict[str, Any]] = {}
        self.said: dict[str, int] = {}

    def begin(self) -> None:
        """Facts, and the three who act: a group that files for all, an officer of the city, a reader."""
        self.facts()
        group = account("group")
        for enterprise in Enterprise.objects.all():
            Post.objects.create(account=group, role=Role.ENTERPRISE, enterprise=enterprise, known_at=LONG_AGO)
        self.group, self.officer = Program(group), Program(account("officer", Role.CITY, division=CITY))
        self.reader = Program(Account.objects.get(username="officer"))

    @property
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def note(self, what: str) -> None:
        self.said[what] = self.said.get(what, 0) + 1

    def step(self) -> str:
        """One act, some time after the one before."""
        self.clock.shift(dt.timedelta(minutes=self.rng.choice([1, 7, 40, 150])))
        weights = {"file_one": 70, "decide": 14, "close": 6, "reopen": 5, "correct": 9, "import_some": 6}
        name = self.rng.choices(list(weights), list(weights.values()))[0]
        getattr(self, name)()
        return name

    def past(self) -> list[dt.date]:
        today = self.now.astimezone(SHANGHAI).date()
        return [day for day in LIVED if day <= today]

    # --- reports

    def file_one(self) -> None:
        uscc, day = self.rng.choice(self.enterprises), self.rng.choice(self.past()[-4:])
        drawn = self.draw(uscc, day)
        if drawn is None:
            return
        halted, lines = drawn
        before = self.stored.get((uscc, day))
        body: dict[str, Any] = {
            "enterprise": uscc, "date": day.isoformat(), "state": "halted" if halted else "running",
            "lines": [{"product": p, **{m: str(Decimal(v) / 1000) for m, v in line.items() if v is not None
                                        and not (halted and m in ("capacity", "output"))}}
                      for p, line in lines.items()],
        }  # fmt: skip
        if before is not None:
            body["based_on"] = before["number"]
        if self.rng.random() < 0.1:
            body["based_on"] = (before["number"] if before else 0) + 1
        want, asked = self.verdict(uscc, day, halted, lines, body.get("based_on"))
        if self.rng.random() < 0.2:
            tried = self.group.send(f"{REPORTS}?dry_run=true", body)
            assert tried.status_code == want, (want, tried.content.decode())
        answer = self.group.send(REPORTS, body)
        assert answer.status_code == want, (want, uscc, day, answer.content.decode())
        self.note(f"reports {want}")
        if want == 201:
            got = answer.json()
            have = sorted((q["product"], q["measure"], q["question"]) for q in got["questions"])
            assert have == sorted(asked), (uscc, day)
            self.keep(uscc, day, halted, lines, got["id"], asked)
            assert got["on_time"] is self.in_time(uscc, day)

    def draw(self, uscc: str, day: dt.date) -> tuple[bool, dict[str, Any]] | None:
        """The figures to send: mostly near the last ones, now and then odd."""
        owed, halted = self.due(uscc, day), self.rng.random() < 0.1
        lines = {code: self.line(code, halted)[0] for code in owed}
        before = self.stored.get((uscc, day))
        if before is not None and set(owed) <= set(before["lines"]) and self.rng.random() < 0.2:
            return before["state"] == "halted", {p: dict(v) for p, v in before["lines"].items()}
        if self.rng.random() < 0.12:
            for line in lines.values():
                for measure in ("capacity", "output"):
                    if line[measure]:
                        line[measure] *= self.rng.choice([9, 10, 1000])
        if not lines and None not in {d["product"] for d in self.covering(uscc, day)}:
            return None
        return halted, lines

    def verdict(
        self, uscc: str, day: dt.date, halted: bool, lines: dict[str, Any], based_on: int | None
    ) -> tuple[int, list[tuple[str, str, str]]]:
        """Status that the order of checks gives, and the questions of what is stored (fine print, Filing)."""
        before = self.stored.get((uscc, day))
        state = "halted" if halted else "running"
        equal = before is not None and before["lines"] == lines and before["state"] == state
        if equal and not self.is_returned(before):
            return 200, []
        if not self.may_file(uscc, day, before is None):
            return 409, []
        if based_on != (before["number"] if before else None):
            return 409, []
        odd = self.oddities(uscc, day, halted, lines)
        if any(code == "magnitude" for *_, code in odd):
            return 422, []
        return 201, odd

    def may_file(self, uscc: str, day: dt.date, is_first: bool) -> bool:
        if day not in self.finals:
            return True
        if is_first and (self.now.astimezone(SHANGHAI).date() - day).days <= BACKFILL:
            return True
        opened = self.opened.get((uscc, day))
        return opened is not None and opened[0] > self.finals[day][-1] and self.now < opened[1]

    def is_returned(self, revision: dict[str, Any]) -> bool:
        said = [d["kind"] for d in self.h.decisions if d["revision"] == revision["id"]]
        return bool(said) and said[-1] == "returned"

    def counted(self, uscc: str, day: dt.date) -> dict[str, Any] | None:
        found = self.stored.get((uscc, day))
        return None if found is None or self.is_returned(found) else found

    def oddities(
        self, uscc: str, day: dt.date, halted: bool, lines: dict[str, Any]
    ) -> list[tuple[str, str, str]]:  # fmt: skip
        """R20 from its sentences."""
        earlier = [r for d in reversed(LIVED) if d < day and (r := self.counted(uscc, d)) is not None]
        yesterday = self.counted(uscc, day - dt.timedelta(days=1))
        found = []
        for product, line in lines.items():
            for measure in MEASURES:
                values = [
                    r["lines"][product][measure] for r in earlier if product in r["lines"]
                    and r["lines"][product][measure] is not None
                ][:7]  # fmt: skip
                seen = line[measure]
                if not seen or len(values) < 3 or not (middle := statistics.median(map(Fraction, values))):
                    continue
                ratio = max(seen / middle, middle / seen)
                if ratio >= 8:
                    found.append((product, measure, "magnitude" if ratio >= 100 else "jump"))
            if None not in (line["output"], line["capacity"]) and line["output"] > line["capacity"]:
                found.append((product, "output", "over_capacity"))
            stock = yesterday and product in yesterday["lines"] and yesterday["lines"][product]["stock"]
            if (
                stock is not None
                and stock is not False
                and None not in (line["stock"], line["output"], line["shipped"])
            ):
                ought = stock + line["output"] - line["shipped"]
                if abs(line["stock"] - ought) > Fraction(abs(ought), 50):
                    found.append((product, "stock", "balance"))
        return found

    def keep(
        self, uscc: str, day: dt.date, halted: bool, lines: dict[str, Any], number: int, asked: list[Any]
    ) -> None:  # fmt: skip
        before = self.stored.get((uscc, day))
        revision = {
            "id": next(IDS), "report": number, "enterprise": uscc, "day": day, "lines": lines, "recorded_at": self.now,
            "questions": [{"product": product, "answered_at": None} for product, *_ in asked],
            "number": before["number"] + 1 if before else 1, "state": "halted" if halted else "running",
            "first_received_at": before["first_received_at"] if before else self.now,
        }  # fmt: skip
        self.stored[uscc, day] = revision
        self.h.revisions.append(revision)

    def in_time(self, uscc: str, day: dt.date) -> bool:
        unit = Day(self.h, day, None).unit[uscc]
        hour, days = self.h.cut_off[unit]
        cut_off = dt.datetime.combine(day, dt.time(), SHANGHAI) + dt.timedelta(hours=hour, days=days)
        return self.stored[uscc, day]["first_received_at"] < cut_off

    def import_some(self) -> None:
        """A file of first reports, which the city sends for enterprises that filed nothing."""
        day = self.rng.choice(self.past()[-2:])
        rows, drawn = [], {}
        for uscc in self.rng.sample(self.enterprises, 3):
            if (uscc, day) in self.stored or not self.due(uscc, day) or not self.may_file(uscc, day, True):
                continue
            made = {code: self.line(code, False) for code in self.due(uscc, day)}
            lines = {code: figures for code, (figures, _) in made.items()}
            odd = self.oddities(uscc, day, False, lines)
            if any(code == "magnitude" for *_, code in odd):
                continue
            drawn[uscc] = lines, odd
            rows += [
                {"date": f"{day:%Y/%m/%d}", "uscc": uscc, "product": code, **row} for code, (_, row) in made.items()
            ]
        if not rows:
            return
        call_command("import_reports", str(self.file(rows)), stdout=io.StringIO())
        for uscc, (lines, odd) in drawn.items():
            self.keep(uscc, day, False, lines, 0, odd)
            found = self.reader.get(REPORTS, {"date": day.isoformat(), "enterprise": uscc}).json()["results"]
            self.stored[uscc, day]["report"] = found[0]["id"]
        self.note("imports")

    # --- decisions, closings

    def decide(self) -> None:
        if not self.stored:
            return
        report = self.rng.choice(list(self.stored.values()))
        kind = self.rng.choice(["returned", "returned", "verified"])
        was = [d["kind"] for d in self.h.decisions if d["revision"] == report["id"]]
        body = {"revision": report["number"], "decision": kind, "reason": "与发票不符"}
        if report["number"] > 1 and self.rng.random() < 0.2:
            answer = self.officer.send(
                f"{REPORTS}{report['report']}/decisions/", body | {"revision": report["number"] - 1}
            )
            assert answer.status_code == 409
        answer = self.officer.send(f"{REPORTS}{report['report']}/decisions/", body)
        assert answer.status_code == (200 if was and was[-1] == kind else 201), answer.content.decode()
        self.note(kind)
        if answer.status_code == 201:
            self.h.decisions.append({"revision": report["id"], "kind": kind, "recorded_at": self.now})

    def close(self) -> None:
        day, kind = self.rng.choice(self.past()), self.rng.choice(["flash", "final"])
        answer = self.officer.send(f"/api/v1/days/{day}/close/", {"kind": kind})
        assert answer.status_code == 201, answer.content.decode()
        moments = (self.finals if kind == "final" else self.flashes).setdefault(day, [])
        moments.append(self.now)
        assert dt.datetime.fromisoformat(answer.json()["as_of"]) == self.now
        assert answer.json()["number"] == len(moments)
        self.note(kind)

    def reopen(self) -> None:
        if not self.stored:
            return
        (uscc, day), until = self.rng.choice(list(self.stored)), self.now + dt.timedelta(hours=6)
        asked = {"enterprise": uscc, "reason": "更正", "until": until.isoformat()}
        answer = self.officer.send(f"/api/v1/days/{day}/reopen/", asked)
        if day not in self.finals:
            assert answer.status_code in (409, 422), answer.content.decode()
            return
        assert answer.status_code == 201, answer.content.decode()
        self.opened[uscc, day] = (self.now, until)
        self.note("reopen")

    # --- facts that turn out otherwise

    def correct(self) -> None:
        """A duty that ends earlier than was believed, an exemption granted, a certificate revoked, a move found out."""
        name = self.rng.choice(["ended", "exempted", "revoked", "moved"])
        if getattr(self, name)():
            self.note(name)

    def believe(self, rows: list[dict[str, Any]], old: dict[str, Any] | None, new: dict[str, Any]) -> None:
        if old is not None:
            old["known_until"] = self.now
        rows.append({**new, "known_at": self.now, "known_until": None})

    def ended(self) -> bool:
        duty = self.rng.choice(known(self.h.duties, None))
        last = self.rng.choice(LIVED[2:])
        if last < duty["starts_on"] or duty["ends_on"] == last:
            return False
        row = {
            "uscc": duty["enterprise"], "product": duty["product"] or "", "starts_on": duty["starts_on"].isoformat(),
            "ends_on": last.isoformat(), "opening_output": duty["opening"] // 1000 if duty["opening"] else "",
        }  # fmt: skip
        self.takes("import_duties", [row])
        self.believe(self.h.duties, duty, {**duty, "ends_on": last})
        return True

    def exempted(self) -> bool:
        uscc, day = self.rng.choice(self.enterprises), self.rng.choice(LIVED)
        if any(x["enterprise"] == uscc for x in known(self.h.exemptions, None)):
            return False
        row = {"uscc": uscc, "product": "", "starts_on": day.isoformat(), "ends_on": day.isoformat()}
        self.takes("import_exemptions", [{**row, "reason": "检修", "approver": "王局"}])
        new = {"enterprise": uscc, "product": None, "starts_on": day, "ends_on": day}
        self.believe(self.h.exemptions, None, new)
        return True

    def revoked(self) -> bool:
        held = [c for c in known(self.h.certificates, None) if c["status"] == "valid"]
        if not held:
            return False
        one = self.rng.choice(held)
        row = {
            "uscc": one["enterprise"], "product": one["product"], "kind": one["kind"], "status": "revoked",
            "number": f"{one['enterprise'][-4:]}-{one['product']}", "valid_from": one["valid_from"].isoformat(),
            "valid_to": one["valid_to"].isoformat() if one["valid_to"] else "",
        }  # fmt: skip
        self.takes("import_certificates", [row])
        self.believe(self.h.certificates, one, {**one, "status": "revoked"})
        return True

    def moved(self) -> bool:
        """R15: found out today that it stands elsewhere from a day on."""
        uscc = self.rng.choice(self.enterprises)
        mine = [p for p in known(self.h.placements, None) if p["enterprise"] == uscc]
        day = self.rng.choice(LIVED[1:])
        if len(mine) != 1 or mine[0]["starts_on"] >= day:
            return False
        to = self.rng.choice([u for u in UNITS if u != mine[0]["division"]])
        self.takes("import_placements", [{"uscc": uscc, "division": to, "starts_on": day.isoformat()}])
        old = mine[0]
        self.believe(self.h.placements, old, {**old, "ends_on": day - dt.timedelta(days=1)})
        self.believe(self.h.placements, None, {**old, "division": to, "starts_on": day, "ends_on": None})
        return True

    # --- what comes out

    def figures(self, day: dt.date, **query: str) -> dict[tuple[str, str], dict[str, Any]]:
        asked = {"date": day.isoformat(), "division": CITY, "by": "division,product", **query}
        return {(r["division"], r["product"]): r for r in exact(self.reader.get(TOTALS, asked))["rows"]}

    def agrees(self, day: dt.date, at: dt.datetime | None, where: str, **query: str) -> None:
        """Every cell of a day as known at a moment, licensed and all, holds the oracle's figures."""
        state = Day(self.h, day, at)
        for licensed in (False, True):
            rows = self.figures(day, licensed=str(licensed).lower(), **query)
            for unit, code in itertools.product(UNITS, KINDS):
                want = state.cell(unit, {code}, licensed) or {}
                have = rows.get((unit, code))
                if have is None:
                    assert not want, (where, day, unit, code)
                    continue
                for name in (*COUNTED, "questions_open"):
                    assert have[name] == want.get(name, 0), (where, day, at, unit, code, licensed, name)
                for name in SUMS:
                    amount = want.get(name)
                    expected = None if amount is None else Decimal(amount) / 1000
                    assert have[name] == expected, (where, day, at, unit, code, licensed, name)

    def covered(self, day: dt.date, where: str) -> None:
        """The coverage list names each enterprise with the class that the oracle gives it (R12)."""
        state = Day(self.h, day, None)
        found = exact(self.reader.get("/api/v1/coverage/", {"date": day.isoformat(), "page_size": 200}))["results"]
        have = {row["enterprise"]: row["status"] for row in found if row["status"] != "exempted"}
        want = {}
        for uscc in self.enterprises:
            report = state.counted.get(uscc, {}).get(day)
            if state.owed.get(uscc):
                classes = {state.status(uscc, p) for p in state.owed[uscc]}
                best = next(c for c in ("carried", "stale", "never", "reported") if c in classes)
                want[uscc] = ("on_time" if self.in_time(uscc, day) else "late") if report is not None else best
            elif report is not None:
                want[uscc] = "unexpected"
        assert have == want, (where, day)


IDS = itertools.count(1)


@pytest.mark.parametrize("seed", [1, 2])
def test_after_every_act_the_figures_are_what_the_rules_say(seed: int, tmp_path: Path) -> None:
    start = dt.datetime.combine(LIVED[0], dt.time(6), SHANGHAI)
    with time_machine.travel(start, tick=False) as clock:
        life = Life(seed, tmp_path, clock)
        life.begin()
        remembered: list[tuple[dt.date, dt.datetime]] = []
        for number in range(STEPS):
            what = life.step()
            daily_totals.refresh_all()
            days = life.past() if number % 10 == 9 else life.rng.sample(life.past(), min(2, len(life.past())))
            for day in days:
                life.agrees(day, None, f"{number} {what}")
                life.covered(day, f"{number} {what}")
            if number % 7 == 3:
                remembered.append((life.rng.choice(life.past()), life.now))
        clock.shift(dt.timedelta(days=1))
        daily_totals.refresh_all()
        for day, at in remembered:
            life.agrees(day, at, "as_of", as_of=at.isoformat())
        for basis, moments in (("closed", life.finals), ("flash", life.flashes)):
            for day, made in moments.items():
                life.agrees(day, made[-1], basis, basis=basis)
        changes(life)
        call_command("verify_totals", stdout=(out := io.StringIO()))
        assert "全部一致" in out.getvalue()
    assert {"reports 201", "returned", "flash", "imports"} <= set(life.said)


def changes(life: Life) -> None:
    """The parts of "why did it change" add up, from the final snapshot to now and between two moments (R13)."""
    for day, moments in life.finals.items():
        for start in ("final", moments[0].isoformat()):
            asked = {"date": day.isoformat(), "division": CITY, "from": start, "to": "now"}
            for row in exact(life.reader.get(f"{TOTALS}changes/", asked))["rows"]:
                for name, difference in row["difference"].items():
                    assert difference == sum(part[name] for part in row["parts"]), (day, row["product"], name)
                    assert difference == (row["to"][name] or 0) - (row["from"][name] or 0)
