"""The product catalogue: load the project's entries, ask which hold on a day, which packs an enterprise uses."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from enterprises import access, audit, facts
from enterprises.errors import Invalid, NotFound, reading
from enterprises.models import EVER, Account, Category, Enterprise
from enterprises.registration import refuse_span
from enterprises.rules import names
from enterprises.rules.names import folded
from supplies.models import Product, ProductFact, ProductGroup, UnitFactor
from supplies.rules import catalogue as rules
from supplies.rules.catalogue import Catalogue, Entry, Factor

TABLE = Path(__file__).with_name("catalogue.csv")

CATEGORIES = {
    "mask": "口罩",
    "clothing": "防护服装",
    "eye": "眼面防护",
    "gloves": "手套",
    "disinfect": "消毒用品",
    "device": "医疗设备",
    "vehicle": "特种车辆",
    "reagent": "检测试剂",
    "consumable": "采样耗材",
    "drug": "药品",
    "material": "原辅材料",
    "equipment": "生产设备",
}
GROUPS = {"masks": "口罩", "suits": "医用防护服", "disinfectant": "消毒液", "melt_blown": "熔喷布"}
"""Products shown as one figure; which belong to one stands in the table."""

LARGEST_FACTOR = 10**9
"""Most base units in a pack, and most packs in a base unit."""

KNOWN_EVER = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
"""What the catalogue says of a product from its first edition on was known at every moment that may be asked for."""


def load_catalogue() -> int:
    """Bring the stored catalogue up to the project's own table; gives how many products were added or changed.

    Writes: categories, groups, products, their facts and units; stale marks for what can move totals; audit
    `catalogue.load`. Running it again changes nothing. A new product is known ever; a changed one from now on.
    """
    with TABLE.open(encoding="utf-8", newline="") as lines:
        entries = rules.read(lines)
    with transaction.atomic():
        _load_kinds()
        stored = {p.code: p for p in Product.objects.select_for_update()}
        new = [(order, e) for order, e in enumerate(entries) if e.code not in stored]
        Product.objects.bulk_create([_product(order, e) for order, e in new])
        ProductFact.objects.bulk_create(
            [ProductFact(product_id=e.code, known_at=KNOWN_EVER, **_said(e)) for _, e in new]
        )
        UnitFactor.objects.bulk_create(
            [
                UnitFactor(product_id=e.code, unit=unit, num=num, den=den, known_at=KNOWN_EVER)
                for _, e in new
                for unit, (num, den) in e.units.items()
            ]
        )
        changed = _amend([(order, e) for order, e in enumerate(entries) if e.code in stored], stored)
        if stored and (new or changed):  # the first loading is part of laying the database
            said = {"added": [e.code for _, e in new], "changed": sorted(changed)}
            audit.record(actor=None, act="catalogue.load", on=("catalogue", "1"), after=said)
    return len(new) + len(changed)


def catalogue(day: dt.date | None = None, at: dt.datetime | None = None) -> Catalogue:
    """The catalogue of a day (None: today) as known at `at` (None: now). Five queries, whatever its length."""
    day = day or timezone.localdate()
    units: dict[str, dict[str, Factor]] = {}
    factors = UnitFactor.objects.believed(at).on(day).filter(enterprise=None)
    for code, unit, num, den in factors.order_by("id").values_list("product_id", "unit", "num", "den"):
        units.setdefault(code, {})[unit] = (num, den)
    said = {fact.product_id: fact for fact in ProductFact.objects.believed(at).on(day)}
    return Catalogue.of(
        (_read(p, said[p.code], units.get(p.code, {})) for p in Product.objects.all() if p.code in said),
        categories=dict(Category.objects.values_list("code", "name")),
        groups=dict(ProductGroup.objects.values_list("code", "name")),
    )


def packs(enterprise: int, day: dt.date, at: dt.datetime | None = None) -> dict[str, dict[str, Factor]]:
    """Packs (箱, 盒) of one enterprise, by its id, on a day: {product code: {folded unit: factor}} (R16)."""
    found: dict[str, dict[str, Factor]] = {}
    rows = UnitFactor.objects.believed(at).on(day).filter(enterprise_id=enterprise)
    for code, unit, num, den in rows.values_list("product_id", "unit", "num", "den"):
        found.setdefault(code, {})[unit] = (num, den)
    return found


def pack(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    product: str,
    unit: str,
    factor: Fraction,
    starts_on: dt.date = EVER,
    ends_on: dt.date | None = None,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> facts.Believed[UnitFactor]:
    """Say how many base units one pack (箱, 盒) of an enterprise's product holds, for a span of days (R16).

    Reports already stored keep the factor they were made with.
    Writes: unit factor, audit `product.pack`.
    Refuses: unknown_product, required (unit), unit_taken (fixed by the catalogue), invalid_factor, invalid_span, overlap.
    """
    access.require_at(actor, enterprise, "duties:write")
    refuse_span(starts_on, ends_on)
    entry = catalogue(max(starts_on, dt.date(2000, 1, 1))).entries.get(product)
    if entry is None:
        raise NotFound(f"目录里没有产品 {product}。", code="unknown_product", field="product")
    with reading("unit"):
        unit = folded(names.clean(unit, what="单位", longest=20))
    if not unit or unit[0] in "万亿":
        raise Invalid("缺少包装单位，例如 箱。", code="required", field="unit")
    if unit in entry.units:
        raise Invalid(f"{unit}是这种产品的固定单位，不能另设。", code="unit_taken", field="unit")
    if not (0 < factor <= LARGEST_FACTOR and factor.denominator <= LARGEST_FACTOR):
        raise Invalid("每包装数量应大于 0。", code="invalid_factor", field="factor")
    key = {"enterprise_id": enterprise.pk, "product_id": product, "unit": unit}
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        facts.refuse_overlap(UnitFactor, key=key, starts_on=starts_on, ends_on=ends_on, message="与已有的包装换算重叠")
        done = facts.record(
            UnitFactor,
            actor=actor,
            identity={**key, "starts_on": starts_on},
            values={"num": factor.numerator, "den": factor.denominator, "ends_on": ends_on},
            known_at=known_at,
            reason=reason,
        )
        if done.change != "unchanged":
            said = {"product": product, "unit": unit, "factor": str(factor), "starts_on": str(starts_on)}
            audit.record(actor=actor, act="product.pack", on=enterprise, after=said)
    return done


def _load_kinds() -> None:
    for order, (code, name) in enumerate(CATEGORIES.items()):
        Category.objects.get_or_create(code=code, defaults={"name": name, "order": order})
    for order, (code, name) in enumerate(GROUPS.items()):
        ProductGroup.objects.get_or_create(code=code, defaults={"name": name, "order": order})


def _product(order: int, entry: Entry) -> Product:
    return Product(
        code=entry.code,
        category_id=entry.category,
        group_id=entry.group,
        stage=entry.stage,
        base_unit=entry.base_unit,
        required=list(entry.required),
        standards=entry.standards,
        order=order,
    )


def _said(entry: Entry) -> dict[str, object]:
    """The values of a product's fact."""
    return {
        "name": entry.name,
        "display_unit": entry.display_unit,
        "certificate_kinds": list(entry.certificate_kinds),
    }


def _amend(entries: list[tuple[int, Entry]], stored: dict[str, Product]) -> set[str]:
    """Amend what is stored; gives the codes of products that changed. Base unit and stage are not amended."""
    changed: set[str] = set()
    believed: dict[str, dict[str, Factor]] = {}
    rows = UnitFactor.objects.believed().filter(enterprise=None)
    for code, unit, num, den in rows.values_list("product_id", "unit", "num", "den"):
        believed.setdefault(code, {})[unit] = (num, den)
    said = {fact.product_id: fact for fact in ProductFact.objects.believed().filter(starts_on=EVER)}
    for order, entry in entries:
        product, wanted = stored[entry.code], _product(order, entry)
        fact = said.get(entry.code)
        if any(getattr(product, name) != getattr(wanted, name) for name in ("standards", "order")):
            wanted.save(force_update=True, update_fields=["standards", "order"])
            changed.add(entry.code)
        if fact is None or any(getattr(fact, name) != value for name, value in _said(entry).items()):
            identity = {"product_id": entry.code, "starts_on": EVER}
            facts.record(ProductFact, actor=None, identity=identity, values=_said(entry))
            changed.add(entry.code)
        if believed.get(entry.code, {}) != dict(entry.units):
            _amend_units(entry, believed.get(entry.code, {}))
            changed.add(entry.code)
    return changed


def _amend_units(entry: Entry, believed: dict[str, Factor]) -> None:
    for unit in {*believed, *entry.units}:
        identity = {"enterprise_id": None, "product_id": entry.code, "unit": unit, "starts_on": EVER}
        if unit not in entry.units:
            facts.withdraw(UnitFactor, identity=identity)
        elif believed.get(unit) != entry.units[unit]:
            num, den = entry.units[unit]
            facts.record(UnitFactor, actor=None, identity=identity, values={"num": num, "den": den})


def _read(product: Product, fact: ProductFact, units: dict[str, Factor]) -> Entry:
    return Entry(
        code=product.code,
        name=fact.name,
        category=product.category_id,
        group=product.group_id,
        stage=product.stage,
        base_unit=product.base_unit,
        display_unit=fact.display_unit or product.base_unit,
        required=tuple(product.required),
        certificate_kinds=tuple(fact.certificate_kinds),
        units=units,
        standards=product.standards,
    )
