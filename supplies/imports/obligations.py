"""Files about what is owed and licensed: duties, exemptions, pools, packs, certificates.

Each takes a file's content and name, reads it by the columns below, and applies it all or nothing. The same file again
changes nothing; a changed row is a new version of its fact; `withdrawn` = yes takes a fact back.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from enterprises import facts, files
from enterprises.choices import CertificateKind, CertificateStatus
from enterprises.errors import Invalid, NotFound
from enterprises.facts import Change
from enterprises.files import Column, Imported, Row, Table
from enterprises.imports import USCC, by_code, registered
from enterprises.models import EVER, Account, Enterprise
from enterprises.rules import cells, expiry
from enterprises.rules.names import folded
from supplies import licences, products, reporting_duties
from supplies.models import Exemption, PoolMember, ReportingDuty, UnitFactor
from supplies.rules import quantities
from supplies.rules.catalogue import Catalogue, Entry
from supplies.rules.quantities import Number

PRODUCT = ("产品", "产品代码", "产品名称", "物资")
STARTS = ("起始日期", "开始日期", "自")
ENDS = ("截止日期", "结束日期", "至")
WITHDRAWN = Column("withdrawn", ("撤回", "是否撤回"), cells.yes_no)

OF_DUTIES = (
    USCC,
    Column("product", PRODUCT),
    Column("starts_on", STARTS, cells.day, True),
    Column("ends_on", ENDS, cells.day),
    Column("opening_output", ("期初累计产量", "期初产量"), cells.whatever),
    Column("unit", ("单位", "计量单位")),
    WITHDRAWN,
)
OF_EXEMPTIONS = (
    USCC,
    Column("product", PRODUCT),
    Column("starts_on", STARTS, cells.day, True),
    Column("ends_on", ENDS, cells.day),
    Column("reason", ("事由", "原因", "豁免原因")),
    Column("approver", ("批准人", "审批人")),
    WITHDRAWN,
)
OF_POOLS = (
    USCC,
    Column("pool", ("共用产能组", "共用产线", "产能组"), cells.text, True),
    Column("product", PRODUCT, cells.text, True),
    Column("starts_on", STARTS, cells.day),
    Column("ends_on", ENDS, cells.day),
    WITHDRAWN,
)
OF_PACKS = (
    USCC,
    Column("product", PRODUCT, cells.text, True),
    Column("unit", ("单位", "包装", "包装单位"), cells.text, True),
    Column("factor", ("换算", "每包装数量", "系数"), cells.whatever, True),
    Column("starts_on", STARTS, cells.day),
    Column("ends_on", ENDS, cells.day),
    WITHDRAWN,
)
OF_CERTIFICATES = (
    USCC,
    Column("product", PRODUCT),
    Column("kind", ("证照类型", "证书类型", "类型"), cells.text, True),
    Column("number", ("证号", "证书编号", "编号"), cells.text, True),
    Column("valid_from", ("有效期自", "发证日期", "起始日期"), cells.day, True),
    Column("valid_to", ("有效期至", "截止日期"), cells.day),
    Column("status", ("状态", "证照状态"), cells.one_of(dict(CertificateStatus.choices))),
    WITHDRAWN,
)


def import_duties(*, actor: Account | None, content: bytes, name: str, known_at: dt.datetime | None = None) -> Imported:
    """uscc, product (code or name; empty = state and staff only), starts_on; optional ends_on, opening_output, unit."""
    table = files.read(content, name, OF_DUTIES)
    known, catalogue = by_code(table), products.catalogue()

    def act(row: Row) -> Change:
        enterprise, entry = registered(known, row["uscc"]), _product(catalogue, row)
        code = entry.code if entry else None
        identity = {"enterprise": enterprise, "product_id": code, "starts_on": row["starts_on"]}
        if row["withdrawn"]:
            return _withdraw(actor, ReportingDuty, identity, known_at)
        return reporting_duties.assign(
            actor=actor,
            enterprise=enterprise,
            product=code,
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            opening_output=_opening(enterprise, entry, row),
            known_at=known_at,
        ).change

    return files.apply(_named(table, catalogue), act, identity=("uscc", "product", "starts_on"))


def import_exemptions(
    *, actor: Account | None, content: bytes, name: str, known_at: dt.datetime | None = None
) -> Imported:
    """uscc, product (empty = all), starts_on; optional ends_on, reason, approver."""
    table = files.read(content, name, OF_EXEMPTIONS)
    known, catalogue = by_code(table), products.catalogue()

    def act(row: Row) -> Change:
        enterprise, entry = registered(known, row["uscc"]), _product(catalogue, row)
        code = entry.code if entry else None
        identity = {"enterprise": enterprise, "product_id": code, "starts_on": row["starts_on"]}
        if row["withdrawn"]:
            return _withdraw(actor, Exemption, identity, known_at)
        return reporting_duties.exempt(
            actor=actor,
            enterprise=enterprise,
            product=code,
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            approver=row["approver"] or "",
            reason=row["reason"] or "",
            known_at=known_at,
        ).change

    return files.apply(_named(table, catalogue), act, identity=("uscc", "product", "starts_on"))


def import_pools(*, actor: Account | None, content: bytes, name: str, known_at: dt.datetime | None = None) -> Imported:
    """uscc, pool (a name), product; optional starts_on (else since ever), ends_on (R17a)."""
    table = files.read(content, name, OF_POOLS)
    known, catalogue = by_code(table), products.catalogue()

    def act(row: Row) -> Change:
        enterprise, entry = registered(known, row["uscc"]), _required(catalogue, row)
        starts_on = row["starts_on"] or EVER
        if row["withdrawn"]:
            identity = {"enterprise": enterprise, "pool": row["pool"], "product_id": entry.code}
            return _withdraw(actor, PoolMember, {**identity, "starts_on": starts_on}, known_at)
        return reporting_duties.share(
            actor=actor,
            enterprise=enterprise,
            pool=row["pool"],
            product=entry.code,
            starts_on=starts_on,
            ends_on=row["ends_on"],
            known_at=known_at,
        ).change

    return files.apply(_named(table, catalogue), act, identity=("uscc", "pool", "product", "starts_on"))


def import_packs(*, actor: Account | None, content: bytes, name: str, known_at: dt.datetime | None = None) -> Imported:
    """uscc, product, unit (箱), factor (base units in one); optional starts_on (else since ever), ends_on (R16)."""
    table = files.read(content, name, OF_PACKS)
    known, catalogue = by_code(table), products.catalogue()

    def act(row: Row) -> Change:
        enterprise, entry = registered(known, row["uscc"]), _required(catalogue, row)
        starts_on = row["starts_on"] or EVER
        if row["withdrawn"]:
            identity = {"enterprise": enterprise, "product_id": entry.code, "unit": folded(row["unit"])}
            return _withdraw(actor, UnitFactor, {**identity, "starts_on": starts_on}, known_at)
        return products.pack(
            actor=actor,
            enterprise=enterprise,
            product=entry.code,
            unit=row["unit"],
            factor=_factor(row["factor"], entry),
            starts_on=starts_on,
            ends_on=row["ends_on"],
            known_at=known_at,
        ).change

    return files.apply(_named(table, catalogue), act, identity=("uscc", "product", "unit", "starts_on"))


def import_certificates(
    *, actor: Account | None, content: bytes, name: str, known_at: dt.datetime | None = None
) -> Imported:
    """uscc, product (empty = counts for none), kind, number, valid_from; optional valid_to, status (default valid)."""
    table = files.read(content, name, OF_CERTIFICATES)
    known, catalogue = by_code(table), products.catalogue()
    odd: list[str] = []

    def act(row: Row) -> Change:
        enterprise, entry = registered(known, row["uscc"]), _product(catalogue, row)
        said: dict[str, Any] = {
            "actor": actor,
            "enterprise": enterprise,
            "product": entry.code if entry else None,
            "kind": row["kind"],
            "number": row["number"],
            "known_at": known_at,
        }
        if row["withdrawn"]:
            return "changed" if licences.withdraw(**said) else "unchanged"
        if row["kind"] in CertificateKind.values and expiry.looks_odd(row["kind"], row["number"]):
            odd.append(str(row.number))
        status = row["status"] or CertificateStatus.VALID
        return licences.file(valid_from=row["valid_from"], valid_to=row["valid_to"], status=status, **said)

    done = files.apply(_named(table, catalogue), act, identity=("uscc", "product", "kind", "number"))
    if odd:
        done.notices.append(f"第 {'、'.join(odd[:20])} 行的证号不像这类证照的写法，已照录，请核对")
    return done


def _named(table: Table, catalogue: Catalogue) -> Table:
    """The table with products by their codes where they are known, so that a name and its code are one identity."""
    for row in table.rows:
        entry = catalogue.find(row["product"]) if row["product"] else None
        if entry is not None:
            row.values["product"] = entry.code
    return table


def _product(catalogue: Catalogue, row: Row) -> Entry | None:
    """The product a row names; None where it names none. Refuses unknown_product."""
    if row["product"] is None:
        return None
    entry = catalogue.find(row["product"])
    if entry is None:
        raise NotFound("目录里没有这种产品；可写产品代码或名称。", code="unknown_product", field="product")
    return entry


def _required(catalogue: Catalogue, row: Row) -> Entry:
    entry = _product(catalogue, row)
    if entry is None:
        raise Invalid("不能为空。", code="required", field="product")
    return entry


def _opening(enterprise: Enterprise, entry: Entry | None, row: Row) -> int | None:
    """The opening output of a row in thousandths (R11, R16)."""
    if row["opening_output"] is None:
        return None
    if entry is None:
        raise Invalid("没有产品就没有期初累计产量。", code="opening_without_product", field="opening_output")
    units = {**entry.units, **products.packs(enterprise.pk, row["starts_on"]).get(entry.code, {})}
    try:
        number = written(row["opening_output"])
        return quantities.convert(number, units=units, base_unit=entry.base_unit, column=row["unit"] or "").amount
    except quantities.Unreadable as fault:
        raise Invalid(fault.message, code=fault.code, field="opening_output") from None


def written(cell: Any) -> Number:
    """The number in a cell, by the grammar of its kind; raises Unreadable."""
    return quantities.read_text(cell) if isinstance(cell, str) else quantities.read_cell(cell)


def _factor(cell: Any, entry: Entry) -> Fraction:
    """Base units in one pack: a number, with a unit of the product or without (2000, 50个), or a fraction (1/10)."""
    try:
        if isinstance(cell, str) and cell.count("/") == 1:
            above, below = (quantities.read_text(part).value for part in cell.split("/"))
            return above / below if below else Fraction(0)
        number = written(cell)
        num, den = entry.units.get(folded(number.unit or entry.base_unit), (0, 1))
        return number.value * num / den
    except quantities.Unreadable as fault:
        raise Invalid(fault.message, code=fault.code, field="factor") from None


def _withdraw(actor: Account | None, model: Any, identity: dict[str, Any], known_at: dt.datetime | None) -> Change:
    """Take a fact back; one that was taken back already is left so. Refuses not_found where there never was one."""
    rows = model.objects.filter(**facts.lookup(identity))
    believed = rows.believed().first()
    if believed is None and not rows.exists():
        raise NotFound("没有可以撤回的记录。", field="withdrawn")
    if believed is None:
        return "unchanged"
    reporting_duties.withdraw(actor=actor, fact=believed, known_at=known_at)
    return "changed"
