"""A city nobody here knows: its files go in by the commands, and every figure that comes out by REST is held against the
plain oracle (R2-R4, R8-R12b, R15-R18).

The city is drawn as files, as a stranger would write them: three formats, Chinese and English heads in any order, packs
and 万 in the cells, moves, exemptions, pools, certificates, late reports, revisions and halts.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from enterprises.choices import Role
from enterprises.models import EVER
from supplies import daily_totals
from tests.clients import Program, exact
from tests.enterprises.files.sheets import workbook
from tests.factories.enterprises import account, credit_code
from tests.supplies.reference import Day, History

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
FIRST = dt.date(2021, 3, 1)
DAYS = [FIRST + dt.timedelta(days=n) for n in range(9)]
CITY, UNITS = "880100", ("880101", "880102", "8801Z1")
KINDS = {
    "MASK_SURG": ["医疗器械注册证", "应急备案"], "MASK_DISP": ["医疗器械注册证", "应急备案"],
    "SUIT_STERILE": ["医疗器械注册证", "应急备案"], "ALC_75": ["卫生许可证"], "MAT_SB": [],
}  # fmt: skip
NAMES = {"MASK_SURG": "医用外科口罩", "SUIT_STERILE": "医用一次性防护服(无菌)"}
MADE = ("MASK_SURG", "MASK_DISP", "SUIT_STERILE", "ALC_75")
MEASURES = ("capacity", "output", "stock", "shipped")
HEADS = {
    "uscc": "统一社会信用代码", "division": "行政区划代码", "product": "产品", "starts_on": "起始日期",
    "ends_on": "截止日期", "opening_output": "期初累计产量", "date": "日期", "state": "生产状态", "capacity": "日产能",
    "output": "当日产量", "stock": "库存", "shipped": "发货", "unit": "单位",
}  # fmt: skip
SURE = {"known_at": dt.datetime(1970, 1, 1, tzinfo=dt.UTC), "known_until": None}


class City:
    """Draws the city: what the oracle is told, and the files that say the same."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.rng, self.folder, self.number = random.Random(seed), folder, 0
        self.h = History(products={code: {"kinds": kinds} for code, kinds in KINDS.items()})
        for unit in UNITS:
            self.h.cut_off[unit], self.h.carry_days[unit] = (18, 0), 3
        self.enterprises = [credit_code(seed * 1000 + n) for n in range(12)]

    def file(self, rows: list[dict[str, Any]]) -> Path:
        """One file in one of the formats; columns in any order, heads in either language."""
        self.number += 1
        keys = list(dict.fromkeys(key for row in rows for key in row))
        self.rng.shuffle(keys)
        chinese = self.rng.random() < 0.6
        heads = [HEADS.get(key, key) if chinese else key for key in keys] + ["备注二"]
        table = [heads, *([row.get(key, "") for key in keys] + ["x"] for row in rows)]
        form = self.rng.choice(["utf-8-sig", "gb18030", "xlsx"])
        path = self.folder / f"{self.number}.{'xlsx' if form == 'xlsx' else 'csv'}"
        if form == "xlsx":
            path.write_bytes(workbook([[None if cell == "" else cell for cell in row] for row in table]))
        else:
            text = io.StringIO()
            csv.writer(text).writerows(table)
            path.write_bytes(text.getvalue().encode(form))
        return path

    def takes(self, command: str, rows: list[dict[str, Any]], **options: Any) -> None:
        """Import a file, and the same file again, which changes nothing."""
        if not rows:
            return
        path = str(self.file(rows))
        call_command(command, path, stdout=io.StringIO(), **options)
        call_command(command, path, stdout=(again := io.StringIO()), **options)
        assert "新增 0 " in again.getvalue()
        assert "更改 0 " in again.getvalue()

    def facts(self) -> None:
        """Divisions, enterprises, moves, duties, exemptions, pools, packs, certificates, rules."""
        divisions = [{"code": CITY, "name": "某市", "level": "city", "parent": ""}]
        divisions += [
            {"code": u, "name": f"{u}区", "level": "zone" if "Z" in u else "county", "parent": CITY} for u in UNITS
        ]
        self.takes("import_divisions", divisions)
        home = {uscc: self.rng.choice(UNITS) for uscc in self.enterprises}
        rows = [{"uscc": uscc, "name": f"第{n}厂", "division": home[uscc]} for n, uscc in enumerate(self.enterprises)]
        self.takes("import_enterprises", rows)
        moves = []
        for uscc in self.enterprises:
            moved = self.rng.choice(DAYS[2:]) if self.rng.random() < 0.25 else None
            to = self.rng.choice([u for u in UNITS if u != home[uscc]])
            ends = moved - dt.timedelta(days=1) if moved else None
            self.place(uscc, home[uscc], EVER, ends)
            if moved:
                self.place(uscc, to, moved, None)
                moves.append({"uscc": uscc, "division": to, "starts_on": moved.isoformat()})
        self.takes("import_placements", moves)
        self.obligations()
        call_command(
            "set_rule", "cut_off", "12:00+1", "--from", "2021-01-01", "--division", UNITS[0], stdout=io.StringIO()
        )
        call_command(
            "set_rule", "carry_days", "1", "--from", "2021-01-01", "--division", UNITS[1], stdout=io.StringIO()
        )
        self.h.cut_off[UNITS[0]], self.h.carry_days[UNITS[1]] = (12, 1), 1

    def place(self, uscc: str, unit: str, first: dt.date, last: dt.date | None) -> None:
        self.h.placements.append({"enterprise": uscc, "division": unit, "starts_on": first, "ends_on": last, **SURE})

    def obligations(self) -> None:
        duties, exemptions, pools, packs, certificates = [], [], [], [], []
        self.owed: dict[str, list[str]] = {}
        for uscc in self.enterprises:
            products = self.rng.sample(list(KINDS), self.rng.randint(1, 3)) if self.rng.random() < 0.9 else []
            self.owed[uscc] = products
            for code in products or [None]:
                starts = self.rng.choice([FIRST - dt.timedelta(days=9), DAYS[1], DAYS[3]])
                ends = self.rng.choice([None, None, DAYS[6]])
                opening = self.rng.choice([None, 5000, 123456]) if code in MADE else None
                duty = {"enterprise": uscc, "product": code, "starts_on": starts, "ends_on": ends}
                self.h.duties.append({**duty, "opening": opening and opening * 1000, **SURE})
                duties.append({
                    "uscc": uscc, "product": NAMES.get(code or "", code or ""), "starts_on": f"{starts:%Y/%m/%d}",
                    "ends_on": ends.isoformat() if ends else "", "opening_output": opening or "",
                })  # fmt: skip
            if self.rng.random() < 0.3:
                code = self.rng.choice([None, *products])
                span = (self.rng.choice(DAYS[2:5]), self.rng.choice([None, DAYS[5]]))
                row = {"enterprise": uscc, "product": code, "starts_on": span[0], "ends_on": span[1]}
                self.h.exemptions.append({**row, **SURE})
                exemptions.append({
                    "uscc": uscc, "product": code or "", "starts_on": span[0].isoformat(),
                    "ends_on": span[1].isoformat() if span[1] else "", "reason": "检修", "approver": "王局",
                })  # fmt: skip
            masks = [code for code in products if code.startswith("MASK")]
            if len(masks) == 2:
                for code in masks:
                    row = {"enterprise": uscc, "product": code, "pool": "一号线"}
                    self.h.pools.append({**row, "starts_on": EVER, "ends_on": None, **SURE})
                    pools.append({"uscc": uscc, "product": code, "pool": "一号线"})
            for code in masks:
                packs.append({"uscc": uscc, "product": code, "unit": "箱", "factor": 2500})
            for code in products:
                if self.rng.random() < 0.6:
                    kind = self.rng.choice(["医疗器械注册证", "应急备案", "卫生许可证"])
                    status = self.rng.choice(["valid", "valid", "pending", "revoked"])
                    span = (FIRST - dt.timedelta(days=30), self.rng.choice([None, DAYS[4], DAYS[7]]))
                    row = {"enterprise": uscc, "product": code, "kind": kind, "status": status}
                    self.h.certificates.append({**row, "valid_from": span[0], "valid_to": span[1], **SURE})
                    certificates.append({
                        "uscc": uscc, "product": code, "kind": kind, "number": f"{uscc[-4:]}-{code}", "status": status,
                        "valid_from": span[0].isoformat(), "valid_to": span[1].isoformat() if span[1] else "",
                    })  # fmt: skip
        self.takes("import_duties", duties)
        self.takes("import_exemptions", exemptions)
        self.takes("import_pools", pools)
        self.takes("import_packs", packs)
        self.takes("import_certificates", certificates)

    def reports(self) -> None:
        """Four files a day: in time, late, revised, and one that comes days afterwards."""
        sent: dict[tuple[str, dt.date], dict[str, Any]] = {}
        for day in DAYS:
            midnight = dt.datetime.combine(day, dt.time(), SHANGHAI)
            for hours, part in ((15.5, 0.5), (18.0, 0.3), (29.0, 0.3), (70.0, 0.2)):
                at = midnight + dt.timedelta(hours=hours)
                rows = []
                for uscc in self.enterprises:
                    if self.rng.random() < part:
                        rows += self.report(uscc, day, at, sent)
                if rows:
                    path = str(self.file(rows))
                    call_command("import_reports", path, received_at=at.isoformat(), stdout=io.StringIO())

    def report(self, uscc: str, day: dt.date, at: dt.datetime, sent: dict[Any, Any]) -> list[dict[str, Any]]:
        owed = self.due(uscc, day)
        halted = self.rng.random() < 0.1
        extra = [c for c in ("MAT_SB",) if c not in owed and self.rng.random() < 0.1]
        lines: dict[str, dict[str, Any]] = {}
        rows = []
        for code in [*owed, *extra]:
            figures, row = self.line(code, halted)
            lines[code] = figures
            rows.append({"date": f"{day:%Y年%-m月%-d日}", "uscc": uscc, "state": "全线停产" if halted else "正常生产",
                         "product": code, **row})  # fmt: skip
        if not rows:
            if None not in {d["product"] for d in self.covering(uscc, day)}:
                return []
            rows = [{"date": day.isoformat(), "uscc": uscc, "state": "全线停产" if halted else "正常生产"}]
        before = sent.get((uscc, day))
        if before is not None and before["lines"] == lines and before["state"] == ("halted" if halted else "running"):
            return []
        revision = {
            "id": len(self.h.revisions) + 1, "enterprise": uscc, "day": day, "lines": lines, "recorded_at": at,
            "questions": [], "number": before["number"] + 1 if before else 1, "state": "halted" if halted else "running",
            "first_received_at": before["first_received_at"] if before else at,
        }  # fmt: skip
        sent[uscc, day] = revision
        self.h.revisions.append(revision)
        return rows

    def covering(self, uscc: str, day: dt.date) -> list[dict[str, Any]]:
        def holds(fact: dict[str, Any]) -> bool:
            return fact["starts_on"] <= day and (fact["ends_on"] is None or day <= fact["ends_on"])

        exempt = {x["product"] for x in self.h.exemptions if x["enterprise"] == uscc and holds(x)}
        mine = [d for d in self.h.duties if d["enterprise"] == uscc and holds(d)]
        return [] if None in exempt else [d for d in mine if d["product"] not in exempt]

    def due(self, uscc: str, day: dt.date) -> list[str]:
        return [d["product"] for d in self.covering(uscc, day) if d["product"] is not None]

    def line(self, code: str, halted: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        """Figures in thousandths as the oracle takes them, and as they are typed."""
        figures: dict[str, Any] = dict.fromkeys(MEASURES)
        row: dict[str, Any] = {}
        unit, factor = self.rng.choice(self.units(code))
        for measure in MEASURES if code in MADE else ("stock",):
            if measure in ("capacity", "output") and halted:
                figures[measure] = 0
                continue
            if measure == "shipped" and self.rng.random() < 0.5:
                continue
            amount = self.rng.randint(20, 90)
            figures[measure] = amount * factor * 1000
            row[measure] = self.rng.choice([amount, str(amount), f"{amount}.0", f" {amount} "])
        row["unit"] = unit
        if code not in MADE:
            row["stock"] = f"{self.rng.randint(10, 40)}.5"
            figures["stock"] = int(Decimal(str(row["stock"])) * 1000) * 1000
            row["unit"] = "吨"
        return figures, row

    @staticmethod
    def units(code: str) -> list[tuple[str, int]]:
        if code.startswith("MASK"):
            return [("万只", 10_000), ("万个", 10_000), ("箱", 2500)]
        if code == "SUIT_STERILE":
            return [("套", 1), ("件", 1)]
        return [("吨", 1000), ("t", 1000)]


@pytest.fixture
def client() -> Program:
    return Program(account("province", Role.ADMIN))


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_an_unknown_city_s_figures_come_out_as_the_rules_say(seed: int, tmp_path: Path, client: Program) -> None:
    city = City(seed, tmp_path)
    city.facts()
    city.reports()
    daily_totals.refresh_all()
    compared = 0
    for day in DAYS:
        state = Day(city.h, day, None)
        for licensed in (False, True):
            asked = {
                "date": day.isoformat(),
                "division": CITY,
                "by": "division,product",
                "licensed": str(licensed).lower(),
            }
            rows = {(r["division"], r["product"]): r for r in exact(client.get("/api/v1/totals/", asked))["rows"]}
            for unit in UNITS:
                for code in KINDS:
                    want = state.cell(unit, {code}, licensed)
                    have = rows.pop((unit, code), None)
                    compared += compare(city, day, unit, code, want, have, licensed=licensed)
            assert not rows
        standings = coverage(client, day)
        assert standings == {
            name: count for name in ("on_time", "late", "carried", "stale", "never", "unexpected")
            if (count := sum((state.cell(unit, None, False) or {}).get(name, 0) for unit in UNITS))
        }  # fmt: skip
    assert compared > 90
    out = io.StringIO()
    call_command("verify_totals", stdout=out)
    assert "全部一致" in out.getvalue()


def coverage(client: Program, day: dt.date) -> dict[str, int]:
    found = exact(client.get("/api/v1/coverage/", {"date": day.isoformat(), "division": CITY, "page_size": 200}))
    return {name: count for name, count in found["counts"].items() if count and name != "exempted"}


def compare(
    city: City, day: dt.date, unit: str, code: str, want: Any, have: Any, *, licensed: bool
) -> int:  # fmt: skip
    """One cell: counts, sums, and the cumulative, which the oracle does not know."""
    where = (day, unit, code, licensed)
    cumulative = made(city, day, unit, code, licensed=licensed)
    if want is None and not cumulative:
        assert have is None, where
        return 0
    assert have is not None, where
    want = want or {}
    for name in ("expected", "reported", "on_time", "late", "carried", "stale", "never", "unexpected", "returned"):
        assert have[name] == want.get(name, 0), (*where, name)
    sums = {name: name for name in ("capacity", "capacity_carried", "output", "stock", "stock_carried", "shipped")}
    for name, source in {**sums, "capacity_last_known_of_unreported": "last_known_of_unreported"}.items():
        amount = want.get(source)
        assert have[name] == (None if amount is None else Decimal(amount) / 1000), (*where, name)
    assert (have["output_cumulative"] or 0) == Decimal(cumulative) / 1000, where
    return 1


def made(city: City, day: dt.date, unit: str, code: str, *, licensed: bool) -> int:
    """Openings and outputs up to the day, each where its enterprise stood on its own day, licensed on its own day."""
    total, latest = 0, {}
    for revision in city.h.revisions:
        latest[revision["enterprise"], revision["day"]] = revision
    parts = [(r["enterprise"], r["day"], r["lines"].get(code, {}).get("output")) for r in latest.values()]
    parts += [(d["enterprise"], d["starts_on"], d["opening"]) for d in city.h.duties if d["product"] == code]
    for uscc, on, amount in parts:
        if amount and on <= day:
            then = Day(city.h, on, None)
            if then.unit.get(uscc) == unit and (not licensed or (uscc, code) in then.licensed):
                total += amount
    return total
