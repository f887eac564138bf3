"""What an enterprise owes on a day, and what the products concerned ask for (R2, R3, R16)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, Subquery

from enterprises.models import Enterprise
from enterprises.rules.names import folded
from supplies.models import Exemption, Product, ProductFact, ReportingDuty, UnitFactor
from supplies.rules.catalogue import Factor
from supplies.rules.figures import Owed, Terms


def owed(enterprise: Enterprise, day: dt.date, at: dt.datetime | None = None) -> Owed:
    """What the unexempted duties of the day ask for, as known at `at` (None: now). One query."""
    covers = Q(product=None) | Q(product=OuterRef("product"))
    exempt = Exemption.objects.believed(at).on(day).filter(covers, enterprise=OuterRef("enterprise"))
    duties = ReportingDuty.objects.believed(at).on(day).filter(~Exists(exempt), enterprise=enterprise)
    codes = list(duties.order_by("product__order", "product_id").values_list("product_id", flat=True))
    return Owed(tuple(dict.fromkeys(code for code in codes if code is not None)), None in codes)


def terms(enterprise: Enterprise, day: dt.date, codes: Iterable[str]) -> dict[str, Terms]:
    """What these products ask for on the day, with the units and packs that hold for the enterprise. Two queries.

    A code that the catalogue does not have is left out.
    """
    wanted = set(codes)
    name = ProductFact.objects.believed().on(day).filter(product=OuterRef("pk")).values("name")[:1]
    products = Product.objects.filter(pk__in=wanted).annotate(name=Subquery(name)).order_by("order", "code")
    units: dict[str, dict[str, Factor]] = {}
    theirs = Q(enterprise=None) | Q(enterprise=enterprise)
    factors = UnitFactor.objects.believed().on(day).filter(theirs, product__in=wanted)
    rows = list(factors.values_list("product_id", "unit", "num", "den", "enterprise_id"))
    # the enterprise's own pack wins over a unit of the catalogue of the same name
    for code, unit, num, den, _ in sorted(rows, key=lambda row: row[4] is not None):
        units.setdefault(code, {})[folded(unit)] = (num, den)
    return {
        p.code: Terms(
            name=p.name or p.code,
            base_unit=p.base_unit,
            required=tuple(p.required),
            units={folded(p.base_unit): (1, 1)} | units.get(p.code, {}),
        )
        for p in products
    }
