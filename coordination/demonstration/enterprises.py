"""Divisions and enterprises of the demonstration city, with every dated fact about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypeVar

from coordination.demonstration import people
from coordination.rules.demonstration import LAST, names
from coordination.rules.demonstration.calendar import Calendar
from coordination.rules.demonstration.figures import MATERIAL
from coordination.rules.demonstration.licences import Licence, licences
from coordination.rules.demonstration.makers import EXEMPTION, HALT, MOVE, MOVED_TO, Line, Maker
from enterprises.choices import CertificateStatus, DivisionLevel, EnterpriseStatus, LineState, MembershipList
from enterprises.models import (
    EVER,
    Certificate,
    Division,
    DivisionFact,
    Enterprise,
    EnterpriseFact,
    LineFact,
    Membership,
    Placement,
    ProductionLine,
    SpanFact,
)
from enterprises.rules import pinyin
from supplies.models import CertificateProduct, Exemption, LineProduct, PoolMember, ReportingDuty

F = TypeVar("F", bound=SpanFact)
A_DAY = dt.timedelta(days=1)
STREETS = ("示范大道", "保供路", "平安街", "同心路")

STAGES = ((-10, LineState.PLANNED), (-6, LineState.INSTALLING), (-2, LineState.TRIAL), (0, LineState.RUNNING))
"""How many days before its start a line comes to each state."""


def steps(
    model: type[F], calendar: Calendar, key: dict[str, Any], course: Sequence[tuple[int | None, dict[str, Any]]]
) -> list[F]:
    """Rows of a fact that holds until the next begins (None: since ever), each learnt at the dawn of its first day.

    What was believed to hold on for ever is closed when the next is learnt, and told again with its last day.
    """
    rows = []
    for place, (offset, values) in enumerate(course):
        starts_on = EVER if offset is None else calendar.day(offset)
        known_at = calendar.dawn(-1 if offset is None else offset)
        following = course[place + 1][0] if place + 1 < len(course) else None
        if following is None:
            rows.append(model(**key, **values, starts_on=starts_on, known_at=known_at))
            continue
        learnt = calendar.dawn(following)
        rows.append(model(**key, **values, starts_on=starts_on, known_at=known_at, known_until=learnt))
        ends_on = calendar.day(following) - A_DAY
        rows.append(model(**key, **values, starts_on=starts_on, ends_on=ends_on, known_at=learnt))
    return rows


def lay_divisions(calendar: Calendar) -> None:
    """The province, the city, its 13 reporting units, and the county that does not report."""
    (province, province_name), (city, city_name) = names.PROVINCE, names.CITY
    silent, silent_name = names.SILENT_COUNTY
    rows = [(province, province_name, DivisionLevel.PROVINCE, None), (city, city_name, DivisionLevel.CITY, province)]
    rows += [(code, name, DivisionLevel.COUNTY, city) for code, name in {**names.COUNTIES, silent: silent_name}.items()]
    rows += [(code, name, DivisionLevel.ZONE, city) for code, name in names.ZONES.items()]
    stored = set(Division.objects.values_list("code", flat=True))
    rows = [row for row in rows if row[0] not in stored]
    Division.objects.bulk_create(
        Division(code=code, level=level, is_reporting=code in names.UNITS) for code, _, level, _ in rows
    )
    DivisionFact.objects.bulk_create(
        DivisionFact(division_id=code, name=name, parent_id=parent, known_at=calendar.dawn(-1))
        for code, name, _, parent in rows
    )


def lay(calendar: Calendar, makers: Sequence[Maker]) -> dict[int, int]:
    """All enterprises and their facts; gives the key of each enterprise by its number."""
    stored = Enterprise.objects.bulk_create(_enterprise(maker) for maker in makers)
    keys = {maker.number: row.pk for maker, row in zip(makers, stored, strict=True)}
    _lay_standing(calendar, makers, keys)
    _lay_duties(calendar, makers, keys)
    _lay_lines(calendar, makers, keys)
    _lay_certificates(calendar, licences(makers), keys)
    return keys


def _enterprise(maker: Maker) -> Enterprise:
    sort_key, initials = pinyin.keys(maker.name)
    unit = "泉州市" if maker.division in names.ZONES else names.UNITS[maker.division]
    return Enterprise(
        uscc=maker.uscc,
        name=maker.name,
        sort_key=sort_key,
        initials=initials,
        contact_name=people.clerk_name(maker),
        contact_phone=names.phone(maker.number),
        address=f"{unit}{STREETS[maker.number % len(STREETS)]}{maker.number}号",
    )


def _lay_standing(calendar: Calendar, makers: Sequence[Maker], keys: dict[int, int]) -> None:
    """Names, places (one moves) and the list of key enterprises."""
    described, placed, listed = [], [], []
    for maker in makers:
        key = {"enterprise_id": keys[maker.number]}
        status = EnterpriseStatus.PREPARING if maker.part == "never" else EnterpriseStatus.ACTIVE
        said = {"name": maker.name, "status": status, "start_kind": maker.kind}
        described.append(EnterpriseFact(**key, **said, known_at=calendar.dawn(maker.joins)))
        course: list[tuple[int | None, dict[str, Any]]] = [(None, {"division_id": maker.division})]
        if maker.part == "moved":
            course.append((MOVE, {"division_id": MOVED_TO, "reason": "迁入开发区新厂房"}))
        placed += steps(Placement, calendar, key, course)
        if maker.listed_on is not None:
            since = {"starts_on": calendar.day(maker.listed_on), "known_at": calendar.dawn(maker.listed_on)}
            listed.append(Membership(**key, list=MembershipList.KEY, **since))
    EnterpriseFact.objects.bulk_create(described)
    Placement.objects.bulk_create(placed)
    Membership.objects.bulk_create(listed)


def _lay_duties(calendar: Calendar, makers: Sequence[Maker], keys: dict[int, int]) -> None:
    """Who owes what from when, what was made before, who is exempted, which products share a capacity."""
    duties: list[ReportingDuty] = []
    exemptions: list[Exemption] = []
    pools: list[PoolMember] = []
    for maker in makers:
        key = {"enterprise_id": keys[maker.number]}
        owed: dict[str | None, int] = {None: maker.joins} if not maker.lines else {}
        owed.update(maker.products.items())
        if maker.material:
            owed[MATERIAL] = maker.joins
        for product, first in owed.items():
            since = {"starts_on": calendar.day(first), "known_at": calendar.dawn(first)}
            opening = maker.openings.get(product or "")
            duties.append(
                ReportingDuty(
                    **key,
                    product_id=product,
                    opening_output=opening and opening * 1000,
                    ends_on=calendar.closes_on,
                    **since,
                )
            )
            if maker.pool and product is not None:
                pools.append(PoolMember(**key, pool=maker.pool, product_id=product, **since))
        if maker.part == "exempted":
            first, last = EXEMPTION.start, EXEMPTION.stop - 1
            exemptions.append(
                Exemption(
                    **key, starts_on=calendar.day(first), ends_on=calendar.day(last), known_at=calendar.dawn(first),
                    reason="厂房改造停工", approver=names.person(900),
                )
            )  # fmt: skip
    ReportingDuty.objects.bulk_create(duties)
    Exemption.objects.bulk_create(exemptions)
    PoolMember.objects.bulk_create(pools)


def _lay_lines(calendar: Calendar, makers: Sequence[Maker], keys: dict[int, int]) -> None:
    """Every line with its states and what it can make a day; the machines yet to come are planned or being set up."""
    pairs = [
        (maker, place, line)
        for maker in makers
        for place, line in enumerate(maker.lines[:1] if maker.pool else maker.lines, 1)
    ]
    stored = ProductionLine.objects.bulk_create(
        ProductionLine(enterprise_id=keys[maker.number], name=f"{place}号线") for maker, place, _ in pairs
    )
    facts, made = [], []
    for (maker, place, line), row in zip(pairs, stored, strict=True):
        facts += steps(LineFact, calendar, {"line_id": row.pk}, _states(calendar, maker, place, line))
        if line.starts > LAST:
            continue
        # R17a: products of a pool are made on the one line, each at its full rate while it is being made
        for product in maker.products if maker.pool else [line.product]:
            first = max(line.starts, maker.products[product])
            made.append(
                LineProduct(
                    line_id=row.pk, product_id=product, rated_capacity=line.rated * 1000,
                    starts_on=calendar.day(first), known_at=calendar.dawn(first),
                )
            )  # fmt: skip
    LineFact.objects.bulk_create(facts)
    LineProduct.objects.bulk_create(made)


def _states(calendar: Calendar, maker: Maker, place: int, line: Line) -> list[tuple[int | None, dict[str, Any]]]:
    """The states a line went through by the end of the story."""
    if line.starts == 0:
        return [(None, {"state": LineState.RUNNING, "start_kind": line.kind})]
    expected = {"start_kind": line.kind, "expected_on": calendar.day(line.starts)}
    course: list[tuple[int | None, dict[str, Any]]] = []
    for before, state in STAGES:
        offset = line.starts + before
        if 0 <= offset <= LAST:
            course.append((offset, {"state": state, **expected}))
    if maker.part == "halted":
        course.append((HALT.start, {"state": LineState.HALTED, "start_kind": line.kind}))
        course.append((HALT.stop, {"state": LineState.RUNNING, "start_kind": line.kind}))
    return course


def _lay_certificates(calendar: Calendar, held: Sequence[Licence], keys: dict[int, int]) -> None:
    """Certificates and the product each counts for; one that was applied for first was known as pending."""
    rows: list[Certificate] = []
    products: list[tuple[str, dt.datetime, dt.datetime | None]] = []
    for one in held:
        said = {
            "enterprise_id": keys[one.maker],
            "kind": one.kind,
            "number": one.number,
            "valid_from": calendar.day(one.valid_from),
            "valid_to": calendar.day(one.valid_to),
        }
        learnt = calendar.dawn(one.learnt_on)
        if one.granted_on is not None and one.granted_on <= LAST:
            granted = calendar.dawn(one.granted_on)
            rows.append(Certificate(**said, status=CertificateStatus.PENDING, known_at=learnt, known_until=granted))
            products.append((one.product, learnt, granted))
            learnt = granted
        status = CertificateStatus.PENDING if one.granted_on and one.granted_on > LAST else one.status
        rows.append(Certificate(**said, status=status, known_at=learnt))
        products.append((one.product, learnt, None))
    stored = Certificate.objects.bulk_create(rows)
    CertificateProduct.objects.bulk_create(
        CertificateProduct(certificate=row, product_id=product, known_at=known_at, known_until=known_until)
        for row, (product, known_at, known_until) in zip(stored, products, strict=True)
    )
