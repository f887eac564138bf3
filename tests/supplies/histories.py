"""Random histories: the same facts and reports as plain rows for the oracle and as rows of the database.

Late, missing, returned, revised, exempted, moved, halted, pooled, licensed, carried, stale; corrected facts too.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from enterprises.models import Account, Category, Certificate, Division, DivisionFact, Enterprise, Placement
from supplies.models import (
    CertificateProduct,
    Confirmation,
    DailyReport,
    Decision,
    Exemption,
    PoolMember,
    Product,
    ProductFact,
    ProductGroup,
    Question,
    ReportingDuty,
    ReportingSetting,
    ReportLine,
    Revision,
)
from tests.supplies.reference import History

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
START = dt.date(2020, 2, 3)
LENGTH = 12
UNITS = ("T1", "T2", "T3")
PRODUCTS = {
    "TA": {"category": "tcat", "unit": "只", "group": "tgroup", "kinds": ["医疗器械注册证", "应急备案"]},
    "TB": {"category": "tcat", "unit": "只", "group": "tgroup", "kinds": []},
    "TC": {"category": "tcat", "unit": "千克", "group": None, "kinds": ["卫生许可证"]},
}
QUESTIONS = (("jump", "capacity"), ("over_capacity", "output"), ("unchanged", "output"), ("balance", "stock"))
MEASURES = ("capacity", "output", "stock", "shipped")


def moment(day: dt.date, hour: float) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), SHANGHAI) + dt.timedelta(hours=hour)


class Builder:
    """Draws one history and writes it to the database."""

    def __init__(self, seed: int) -> None:
        self.rng, self.h = random.Random(seed), History(products=PRODUCTS)
        self.clock = moment(START - dt.timedelta(days=5), 0)
        self.asked = 0
        self.actor = Account.objects.create(username=f"historian{seed}")

    def build(self, enterprises: int = 6) -> History:
        self.divisions()
        self.catalogue()
        for number in range(enterprises):
            self.enterprise(number)
        return self.h

    def divisions(self) -> None:
        top = Division.objects.create(code="T", level="city")
        facts = [DivisionFact(division=top, name="T市", known_at=self.clock)]
        for code in UNITS:
            unit = Division.objects.create(code=code, level="county", is_reporting=True)
            facts.append(DivisionFact(division=unit, name=code, parent=top, known_at=self.clock))
            self.h.cut_off[code], self.h.carry_days[code] = (18, 0), 3
        DivisionFact.objects.bulk_create(facts)
        self.h.cut_off["T2"], self.h.carry_days["T3"] = (10, 1), 1
        for name, unit, value in (("cut_off", "T2", "10:00+1"), ("carry_days", "T3", "1")):
            ReportingSetting.objects.create(name=name, division_id=unit, value=value, known_at=self.clock)

    def catalogue(self) -> None:
        Category.objects.create(code="tcat", name="测试类")
        ProductGroup.objects.create(code="tgroup", name="测试组")
        for code, spec in PRODUCTS.items():
            Product.objects.create(
                code=code, category_id="tcat", group_id=spec["group"], stage="finished", base_unit=spec["unit"],
                required=["capacity", "output"],
            )  # fmt: skip
            ProductFact.objects.create(
                product_id=code, name=f"产品{code}", certificate_kinds=spec["kinds"], known_at=self.clock
            )

    def day(self, low: int = 0, high: int = LENGTH - 1) -> dt.date:
        return START + dt.timedelta(days=self.rng.randint(low, high))

    def span(self) -> tuple[dt.date, dt.date | None]:
        first = self.day(0, LENGTH // 2)
        return first, None if self.rng.random() < 0.5 else first + dt.timedelta(days=self.rng.randint(0, 8))

    def learnt(self) -> tuple[dt.datetime, dt.datetime | None]:
        """When a fact was learnt, and when it was given up (mostly never)."""
        known = moment(START, self.rng.uniform(-48, 24 * LENGTH / 2))
        given_up = None if self.rng.random() < 0.8 else known + dt.timedelta(hours=self.rng.uniform(1, 100))
        return known, given_up

    def fact(self, rows: list[dict[str, Any]], model: Any, columns: dict[str, Any], row: dict[str, Any]) -> None:
        known_at, known_until = self.learnt()
        rows.append({**row, "known_at": known_at, "known_until": known_until})
        model.objects.create(**columns, known_at=known_at, known_until=known_until)

    def enterprise(self, number: int) -> None:
        e = Enterprise.objects.create(uscc=f"TEST{number:014d}", name=f"企业{number}")
        moved = self.day(2, LENGTH - 2) if self.rng.random() < 0.3 else None
        spans = (
            [(dt.date(1900, 1, 1), moved - dt.timedelta(days=1)), (moved, None)]
            if moved
            else [(dt.date(1900, 1, 1), None)]
        )
        for first, last in spans:
            unit = self.rng.choice(UNITS)
            row = {"enterprise": e.pk, "division": unit, "starts_on": first, "ends_on": last}
            self.h.placements.append({**row, "known_at": self.clock, "known_until": None})
            Placement.objects.create(enterprise=e, division_id=unit, starts_on=first, ends_on=last, known_at=self.clock)
        made = self.rng.sample(sorted(PRODUCTS), self.rng.randint(1, 3))
        for product in [*made, None] if self.rng.random() < 0.4 else made:
            first, last = self.span()
            opening = self.rng.randint(1, 10**6) if product and self.rng.random() < 0.3 else None
            self.fact(
                self.h.duties, ReportingDuty,
                {"enterprise": e, "product_id": product, "starts_on": first, "ends_on": last, "opening_output": opening},
                {"enterprise": e.pk, "product": product, "starts_on": first, "ends_on": last, "opening": opening},
            )  # fmt: skip
        if self.rng.random() < 0.4:
            first, last = self.day(), None
            product = self.rng.choice([None, *made])
            self.fact(
                self.h.exemptions, Exemption,
                {"enterprise": e, "product_id": product, "starts_on": first, "ends_on": last},
                {"enterprise": e.pk, "product": product, "starts_on": first, "ends_on": last},
            )  # fmt: skip
        if len(made) > 1 and self.rng.random() < 0.6:
            first, last = self.span()
            known_at, known_until = self.learnt()
            for product in made[:2]:
                self.h.pools.append(
                    {"enterprise": e.pk, "product": product, "pool": "一组", "starts_on": first, "ends_on": last,
                     "known_at": known_at, "known_until": known_until}
                )  # fmt: skip
                PoolMember.objects.create(
                    enterprise=e, product_id=product, pool="一组", starts_on=first, ends_on=last,
                    known_at=known_at, known_until=known_until,
                )  # fmt: skip
        for product in made:
            self.certificate(e, product)
        for offset in range(LENGTH):
            if self.rng.random() < 0.6:
                self.report(e, START + dt.timedelta(days=offset), made)

    def certificate(self, e: Enterprise, product: str) -> None:
        if self.rng.random() < 0.4:
            return
        first, last = self.span()
        kind = self.rng.choice(["医疗器械注册证", "应急备案", "卫生许可证", "其他"])
        status = self.rng.choice(["valid", "valid", "pending", "revoked"])
        known_at, known_until = self.learnt()
        held = Certificate.objects.create(
            enterprise=e, kind=kind, number=f"{e.pk}{product}", valid_from=first, valid_to=last, status=status,
            known_at=known_at, known_until=known_until,
        )  # fmt: skip
        CertificateProduct.objects.create(
            certificate=held, product_id=product, known_at=known_at, known_until=known_until
        )
        self.h.certificates.append(
            {"enterprise": e.pk, "product": product, "kind": kind, "status": status, "valid_from": first,
             "valid_to": last, "known_at": known_at, "known_until": known_until}
        )  # fmt: skip

    def figures(self) -> dict[str, int | None]:
        given = {m: self.rng.randint(0, 5_000_000) if self.rng.random() < 0.8 else None for m in MEASURES}
        return given

    def questions(self, revision: Revision, made: list[str]) -> list[dict[str, Any]]:
        """Questions about some lines, answered at once, later or never; drawn apart, so that histories stay as they were."""
        draw, found = random.Random(f"{revision.report.day}{revision.number}{made}{self.asked}"), []
        self.asked += 1
        for product in made:
            for code, measure in QUESTIONS:
                if draw.random() < 0.7:
                    continue
                one = Question.objects.create(
                    revision=revision, product_id=product, measure=measure, code=code, seen=1
                )  # fmt: skip
                hours = draw.choice([None, 0, 1, 30, 80])
                answered = None if hours is None else revision.recorded_at + dt.timedelta(hours=hours)
                if answered is not None:
                    Confirmation.objects.create(question=one, reason="理由", recorded_at=answered)
                found.append({"product": product, "answered_at": answered})
        return found

    def report(self, e: Enterprise, day: dt.date, made: list[str]) -> None:
        received = moment(day, self.rng.choice([9, 15, 18, 20, 33.999, 34, 60]))
        stored = DailyReport.objects.create(enterprise=e, day=day, first_received_at=received)
        first = received
        for number in range(1, self.rng.choice([1, 1, 2, 3]) + 1):
            state = "halted" if self.rng.random() < 0.1 else "running"
            listed = self.rng.sample(sorted(PRODUCTS), 1) if self.rng.random() < 0.1 else made
            listed = [p for p in listed if self.rng.random() < 0.9]
            lines = {p: self.figures() for p in listed}
            if state == "halted":
                lines = {p: {**v, "capacity": 0, "output": 0} for p, v in lines.items()}
            revision = Revision.objects.create(
                report=stored, number=number, received_at=received, recorded_at=received, author=self.actor,
                channel="web", state=state, figures_sha256="",
            )  # fmt: skip
            for product, values in lines.items():
                ReportLine.objects.create(revision=revision, enterprise=e, day=day, product_id=product, **values)
            self.h.revisions.append(
                {"id": revision.pk, "enterprise": e.pk, "day": day, "number": number, "recorded_at": received,
                 "first_received_at": first, "state": state, "lines": lines,
                 "questions": self.questions(revision, sorted(lines))}
            )  # fmt: skip
            while self.rng.random() < 0.25:
                received += dt.timedelta(hours=1)
                kind = self.rng.choice(["returned", "verified"])
                Decision.objects.create(
                    revision=revision, kind=kind, reason="理由", actor=self.actor, recorded_at=received
                )
                self.h.decisions.append({"revision": revision.pk, "kind": kind, "recorded_at": received})
            received += dt.timedelta(hours=self.rng.uniform(0.5, 30))
        stored.head = stored.revisions.order_by("-number").first()
        stored.save(update_fields=["head"])
