"""The oracle: totals of a day as known at a moment, in plain Python over plain rows, written from the rules alone.

It shares nothing with the kernel: no SQL, no sets of columns, only the sentences of semantics.md one after the other.
Rows are dictionaries with the field names of the tables; days are dates, moments are datetimes, figures thousandths.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass
class History:
    """Everything anybody ever said or decided."""

    placements: list[Row] = field(default_factory=list)
    duties: list[Row] = field(default_factory=list)
    exemptions: list[Row] = field(default_factory=list)
    pools: list[Row] = field(default_factory=list)
    certificates: list[Row] = field(default_factory=list)
    revisions: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)
    products: dict[str, Row] = field(default_factory=dict)
    cut_off: dict[str, tuple[int, int]] = field(default_factory=dict)
    carry_days: dict[str, int] = field(default_factory=dict)


def known(rows: list[Row], at: dt.datetime | None) -> list[Row]:
    if at is None:
        return [r for r in rows if r["known_until"] is None]
    return [r for r in rows if r["known_at"] <= at and (r["known_until"] is None or r["known_until"] > at)]


def on(rows: list[Row], day: dt.date, first: str = "starts_on", last: str = "ends_on") -> list[Row]:
    return [r for r in rows if r[first] <= day and (r[last] is None or r[last] >= day)]


class Day:
    """One day of a history as known at a moment."""

    def __init__(self, history: History, day: dt.date, at: dt.datetime | None) -> None:
        self.h, self.day, self.at = history, day, at
        self.unit = {r["enterprise"]: r["division"] for r in on(known(history.placements, at), day)}
        exempt = on(known(history.exemptions, at), day)
        self.owed: dict[Any, set[Any]] = defaultdict(set)
        for duty in on(known(history.duties, at), day):
            e, p = duty["enterprise"], duty["product"]
            if e in self.unit and not any(x["enterprise"] == e and x["product"] in (None, p) for x in exempt):
                self.owed[e].add(p)
        self.counted: dict[Any, dict[dt.date, Row]] = defaultdict(dict)
        self.returned: dict[Any, Row] = {}
        newest: dict[tuple[Any, dt.date], Row] = {}
        for r in history.revisions:
            if at is None or r["recorded_at"] <= at:
                key = (r["enterprise"], r["day"])
                if key not in newest or newest[key]["number"] < r["number"]:
                    newest[key] = r
        for (e, d), r in newest.items():
            said = [x for x in history.decisions if x["revision"] == r["id"] and (at is None or x["recorded_at"] <= at)]
            if said and said[-1]["kind"] == "returned":
                if d == day:
                    self.returned[e] = r
            else:
                self.counted[e][d] = r
        self.pool = {(r["enterprise"], r["product"]): r["pool"] for r in on(known(history.pools, at), day)}
        self.licensed = {
            (c["enterprise"], c["product"])
            for c in on(known(history.certificates, at), day, "valid_from", "valid_to")
            if c["status"] == "valid" and c["kind"] in history.products[c["product"]]["kinds"]
        }

    def source(self, e: Any) -> Row | None:
        """The report that speaks for e: today's, else the latest within carry_days (R10)."""
        mine = self.counted.get(e, {})
        if self.day in mine:
            return mine[self.day]
        oldest = self.day - dt.timedelta(days=self.h.carry_days[self.unit[e]])
        days = [d for d in mine if oldest <= d < self.day]
        return mine[max(days)] if days else None

    def last_line(self, e: Any, p: Any) -> Row | None:
        days = [d for d, r in self.counted.get(e, {}).items() if d < self.day and p in r["lines"]]
        return self.counted[e][max(days)]["lines"][p] if days else None

    def status(self, e: Any, p: Any) -> str:
        """Class of an expected enterprise in a product cell (R12)."""
        source = self.source(e)
        today = source is not None and source["day"] == self.day
        if p is None:
            if source is not None:
                return "reported" if today else "carried"
            return "stale" if any(d < self.day for d in self.counted.get(e, {})) else "never"
        if source is not None and p in source["lines"]:
            return "reported" if today else "carried"
        return "stale" if self.last_line(e, p) is not None else "never"

    def is_open(self, question: Row) -> bool:
        """Nobody had answered by the moment (R20)."""
        answered = question["answered_at"]
        return answered is None or (self.at is not None and answered > self.at)

    def cell(self, unit: str, products: set[str] | None, licensed: bool) -> Row | None:
        """One total. products None = over all; None as answer = no such row."""
        out: Row = defaultdict(int)
        sums: dict[str, Any] = defaultdict(lambda: None)
        seen = False

        def add(name: str, value: int | None) -> None:
            if value is not None:
                sums[name] = value + (sums[name] or 0)

        for e, where in self.unit.items():
            if where != unit:
                continue

            def within(p: Any, e: Any = e) -> bool:
                if products is None:
                    return True
                return p in products and (not licensed or (e, p) in self.licensed)

            owed = {p for p in self.owed.get(e, ()) if within(p)}
            report = self.counted.get(e, {}).get(self.day)
            lines = {p: v for p, v in (report["lines"] if report else {}).items() if within(p)}
            has = report is not None if products is None else bool(lines)
            back = self.returned.get(e)
            is_back = back is not None and (products is None or any(within(p) for p in back["lines"]))
            openings = [
                d["opening"] for d in known(self.h.duties, self.at)
                if d["enterprise"] == e and d["starts_on"] == self.day and d["opening"] is not None
                and products is not None and within(d["product"])
            ]  # fmt: skip
            if not (owed or has or is_back or openings):
                continue
            seen = True
            out["returned"] += is_back
            for o in openings:
                add("opening", o)
            classes = {self.status(e, p) for p in owed}
            if owed:
                out["expected"] += 1
                best = "reported" if has else next(c for c in ("carried", "stale", "never") if c in classes)
                out[best] += 1
                if best == "reported":
                    unit_cut = self.h.cut_off[unit]
                    midnight = dt.datetime.combine(self.day, dt.time(), dt.timezone(dt.timedelta(hours=8)))
                    late = report["first_received_at"] >= midnight + dt.timedelta(hours=unit_cut[0], days=unit_cut[1])
                    out["late" if late else "on_time"] += 1
            elif has:
                out["unexpected"] += 1
            out["questions_open"] += sum(
                1 for q in (report["questions"] if report else ()) if within(q["product"]) and self.is_open(q)
            )
            if has and report["state"] == "halted":
                out["halted"] += 1
            if products is None:
                continue
            carried = {}
            if report is None:
                source = self.source(e)
                carried = {p: source["lines"][p] for p in owed if source is not None and p in source["lines"]}
            pools: dict[Any, list[int]] = defaultdict(list)
            both: dict[Any, list[int]] = defaultdict(list)
            last: dict[Any, list[int]] = defaultdict(list)
            for p, v in {**lines, **carried}.items():
                if v["capacity"] is not None:
                    pools[self.pool.get((e, p), ("alone", p))].append(v["capacity"])
                if (e, p) in self.pool:
                    out["shared"] = 1
            for p, v in lines.items():
                add("output", v["output"])
                add("shipped", v["shipped"])
                if v["capacity"] is not None and v["output"] is not None:
                    both[self.pool.get((e, p), ("alone", p))].append(v["capacity"])
                    add("utilisation_output", v["output"])
            for v in (lines or carried).values():
                add("stock", v["stock"])
            for v in carried.values():
                add("stock_carried", v["stock"])
            if owed and not has:
                for p in owed:
                    line = self.last_line(e, p)
                    if line is not None and line["capacity"] is not None:
                        last[self.pool.get((e, p), ("alone", p))].append(line["capacity"])
                        if (e, p) in self.pool:
                            out["shared"] = 1
            for p in owed:
                if (e, p) in self.pool:
                    out["shared"] = 1
            if pools:
                out["capacity_given"] += 1
                add("capacity", sum(max(v) for v in pools.values()))
                if carried:
                    add("capacity_carried", sum(max(v) for v in pools.values()))
            if both:
                out["utilisation_given"] += 1
                add("utilisation_capacity", sum(max(v) for v in both.values()))
            if last:
                add("last_known_of_unreported", sum(max(v) for v in last.values()))
            for name in ("output", "shipped"):
                out[f"{name}_given"] += any(v[name] is not None for v in lines.values())
            out["stock_given"] += any(v["stock"] is not None for v in (lines or carried).values())
        return {**out, **{k: v for k, v in sums.items() if v is not None}} if seen else None
