"""Files about the ground storey: divisions, enterprises, placements, organisations, accounts.

Each takes a file's content and name, reads it by the columns below, and applies it all or nothing. The same file again
changes nothing; a changed row is a new version of its fact.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from enterprises import accounts, divisions, files, organisations, registration
from enterprises.choices import (
    DivisionLevel,
    EnterpriseKind,
    EnterpriseStatus,
    MembershipList,
    OrganisationKind,
    Role,
    StartKind,
)
from enterprises.errors import NotFound
from enterprises.facts import Change
from enterprises.files import Column, Imported, Row, Table
from enterprises.models import EVER, Account, Division, DivisionFact, Enterprise
from enterprises.registration import Particulars
from enterprises.rules import cells, credit_code

USCC = Column(
    "uscc", ("统一社会信用代码", "信用代码", "社会信用代码"), lambda cell: credit_code.normal(cells.text(cell)), True
)
DIVISION = Column("division", ("行政区划代码", "区划代码", "行政区划", "填报单位"), cells.code, True)

OF_DIVISIONS = (
    Column("code", ("区划代码", "行政区划代码", "代码"), cells.code, True),
    Column("name", ("名称", "区划名称", "行政区划名称"), cells.text, True),
    Column("level", ("层级", "级别"), cells.one_of(dict(DivisionLevel.choices)), True),
    Column("parent", ("上级", "上级代码", "上级区划代码"), cells.code),
    Column("valid_from", ("启用日期", "起始日期", "生效日期"), cells.day),
    Column("valid_to", ("停用日期", "截止日期", "失效日期"), cells.day),
    Column("reports", ("填报单位", "是否填报"), cells.yes_no),
)
OF_ENTERPRISES = (
    USCC,
    Column("name", ("企业名称", "名称", "单位名称"), cells.text, True),
    DIVISION,
    Column("from_date", ("起始日期", "自", "落户日期"), cells.day),
    Column("kind", ("类型", "企业类型"), cells.one_of(dict(EnterpriseKind.choices))),
    Column("status", ("状态", "企业状态"), cells.one_of(dict(EnterpriseStatus.choices))),
    Column("start_kind", ("投产方式",), cells.one_of(dict(StartKind.choices))),
    Column("contact_name", ("联系人",), cells.text),
    Column("contact_phone", ("联系电话", "电话", "手机"), cells.text),
    Column("contact_email", ("联系邮箱", "邮箱", "电子邮箱"), cells.text),
    Column("address", ("地址", "企业地址"), cells.text),
    *(Column(value, (label,), cells.yes_no) for value, label in MembershipList.choices),
)
OF_PLACEMENTS = (USCC, DIVISION, Column("starts_on", ("起始日期", "自"), cells.day, True))
OF_ORGANISATIONS = (
    Column("code", ("单位代码", "代码"), cells.text, True),
    Column("name", ("单位名称", "名称"), cells.text, True),
    Column("kind", ("类型", "单位类型"), cells.one_of(dict(OrganisationKind.choices)), True),
    Column("division", ("区划代码", "行政区划代码", "所属区划"), cells.code, True),
)
OF_ACCOUNTS = (
    Column("username", ("用户名", "账号"), cells.text, True),
    Column("role", ("角色",), cells.one_of(dict(Role.choices)), True),
    Column("display_name", ("姓名", "显示名", "name"), cells.text),
    Column("phone", ("电话", "手机", "联系电话"), cells.text),
    Column("password", ("初始密码", "密码"), cells.text),
    Column("division", ("行政区划代码", "区划代码", "行政区划"), cells.code),
    Column("organisation", ("单位代码", "单位"), cells.text),
    Column("enterprise", ("统一社会信用代码", "信用代码", "uscc"), lambda cell: credit_code.normal(cells.text(cell))),
    Column("is_lead", ("单位负责人", "负责人"), cells.yes_no),
)


def import_divisions(
    *, actor: Account | None, content: bytes, name: str, known_at: dt.datetime | None = None
) -> Imported:
    """code, name, level, parent; optional valid_from, valid_to, reports. Rows may stand in any order.

    Without `reports` a county or zone that has nothing below it is a reporting unit.
    """
    table = _parents_first(files.read(content, name, OF_DIVISIONS))
    parents = {row["parent"] for row in table.rows}
    parents |= set(DivisionFact.objects.believed().values_list("parent_id", flat=True))
    known = dict(Division.objects.values_list("code", "is_reporting"))

    def act(row: Row) -> Change:
        reports = row["reports"]
        if reports is None:
            is_leaf = row["code"] not in parents and row["level"] in (DivisionLevel.COUNTY, DivisionLevel.ZONE)
            reports = known.get(row["code"], is_leaf)
        return divisions.establish(
            actor=actor,
            code=row["code"],
            name=row["name"],
            level=row["level"],
            parent=row["parent"],
            reports=reports,
            valid_from=row["valid_from"] or EVER,
            valid_to=row["valid_to"],
            known_at=known_at,
        ).change

    return files.apply(table, act, identity=("code", "valid_from"))


def import_enterprises(
    *, actor: Account | None, content: bytes, name: str, known_at: dt.datetime | None = None
) -> Imported:
    """uscc, name, division; optional from_date and particulars. Without from_date it stands there since ever.

    Columns 重点企业 (key), 产业链企业 (chain), 白名单企业 (positive) put an enterprise on a list from from_date on.
    """
    table = files.read(content, name, OF_ENTERPRISES)
    known = by_code(table)

    def act(row: Row) -> Change:
        said = Particulars(**{key: row[key] for key in Particulars.__dataclass_fields__})
        from_date = row["from_date"] or EVER
        told: dict[str, Any] = {"actor": actor, "known_at": known_at}
        enterprise = known.get(row["uscc"])
        if enterprise is None:
            enterprise = registration.admit(
                uscc=row["uscc"], division=row["division"], particulars=said, from_date=from_date, **told
            )
            known[row["uscc"]] = enterprise
            _enlist(enterprise, row, from_date, told)
            return "added"
        changed = registration.amend(enterprise=enterprise, particulars=said, from_date=from_date, **told)
        placed = registration.place(enterprise=enterprise, division=row["division"], starts_on=from_date, **told)
        listed = _enlist(enterprise, row, from_date, told)
        return "changed" if changed or listed or placed.change != "unchanged" else "unchanged"

    return files.apply(table, act, identity=("uscc", "from_date"), fields={"starts_on": "from_date"})


def import_placements(
    *, actor: Account | None, content: bytes, name: str, known_at: dt.datetime | None = None
) -> Imported:
    """uscc, division, starts_on: where an enterprise stands from a day on."""
    table = files.read(content, name, OF_PLACEMENTS)
    known = by_code(table)

    def act(row: Row) -> Change:
        return registration.place(
            actor=actor,
            enterprise=registered(known, row["uscc"]),
            division=row["division"],
            starts_on=row["starts_on"],
            known_at=known_at,
        ).change

    return files.apply(table, act, identity=("uscc", "starts_on"))


def import_organisations(*, actor: Account | None, content: bytes, name: str) -> Imported:
    """code, name, kind, division: departments, townships, task forces, outside bodies."""
    table = files.read(content, name, OF_ORGANISATIONS)

    def act(row: Row) -> Change:
        return organisations.establish(actor=actor, **{column.key: row[column.key] for column in OF_ORGANISATIONS})[1]

    return files.apply(table, act, identity=("code",))


def import_accounts(*, actor: Account | None, content: bytes, name: str) -> Imported:
    """username, role and the scope it needs; optional name, phone, initial password. A row is one post.

    The password of an account that exists is left alone.
    """
    table = files.read(content, name, OF_ACCOUNTS)
    known = Account.objects.in_bulk([row["username"] for row in table.rows], field_name="username")

    def act(row: Row) -> Change:
        account = known.get(row["username"])
        if account is None:
            account = known[row["username"]] = accounts.create(
                actor=actor,
                username=row["username"],
                password=row["password"],
                display_name=row["display_name"] or "",
                phone=row["phone"] or "",
            )
        new = accounts.assign(
            actor=actor,
            account=account,
            role=row["role"],
            division=row["division"],
            organisation=row["organisation"],
            enterprises=[row["enterprise"]] if row["enterprise"] else [],
            is_lead=bool(row["is_lead"]),
        )
        return "added" if new else "unchanged"

    return files.apply(table, act, identity=("username", "role", "division", "organisation", "enterprise"))


def by_code(table: Table) -> dict[str, Enterprise]:
    """The registered enterprises that a table names, by credit code. One query."""
    return Enterprise.objects.in_bulk({row["uscc"] for row in table.rows}, field_name="uscc")


def registered(known: dict[str, Enterprise], uscc: str) -> Enterprise:
    """The enterprise of a code; refuses unknown_enterprise."""
    if uscc not in known:
        raise NotFound("没有登记这家企业，请先导入企业。", code="unknown_enterprise", field="uscc")
    return known[uscc]


def _enlist(enterprise: Enterprise, row: Row, from_date: dt.date, told: dict[str, Any]) -> bool:
    """Put the enterprise on the lists that its row says yes to; gives whether it is new on one."""
    changes = [
        registration.enlist(enterprise=enterprise, list_name=list_name, starts_on=from_date, **told).change
        for list_name in MembershipList.values
        if row[list_name]
    ]
    return any(change != "unchanged" for change in changes)


def _parents_first(table: Table) -> Table:
    """The same rows, each after the row of its parent; what is left over (a circle) stays as it is."""
    named: dict[str, list[Row]] = {}
    for row in table.rows:
        named.setdefault(row["code"], []).append(row)
    ordered: list[Row] = []
    placed: set[str] = set()
    waiting = list(table.rows)
    while waiting:
        ready = [row for row in waiting if row["parent"] not in named or row["parent"] in placed]
        if not ready:
            ordered += waiting
            break
        ordered += ready
        done = {row.number for row in ready}
        waiting = [row for row in waiting if row.number not in done]
        placed |= {row["code"] for row in ready} - {row["code"] for row in waiting}
    return Table(table.named, ordered, table.problems, table.ignored, table.notices)
