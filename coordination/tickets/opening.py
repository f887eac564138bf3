"""Raising a ticket: a draft (T1), and its submission (T2) in the same breath where it is complete."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from coordination import access as desk_access
from coordination import ticket_files
from coordination.choices import Obstacle, Side, TicketSource, TicketState
from coordination.models import Ticket, TicketCategory, Visit, VisitTicket
from coordination.rules.transitions import OPEN
from coordination.ticket_files import Stored
from coordination.tickets import acting, given
from enterprises import access
from enterprises.choices import Role
from enterprises.errors import FieldError, Forbidden, Invalid, NotFound
from enterprises.models import Account, Attachment, Division, Enterprise
from enterprises.rules import days
from supplies import products, request_keys
from supplies.access import division_on
from supplies.models import Product
from supplies.request_keys import Key
from supplies.rules import quantities
from supplies.rules.quantities import Unreadable

TEXTS = {
    "title": ("标题", 60), "description": ("情况", 2000), "impact": ("影响", 500), "contact_name": ("联系人", 60),
    "contact_phone": ("联系电话", 30),
}  # fmt: skip
OPTIONAL = {"object": ("涉及对象", 60)}
KNOWN = (
    *TEXTS,
    *OPTIONAL,
    "category",
    "product",
    "blocked",
    "blocked_since",
    "hours_to_stop",
    "source",
    "occurred_at",
    "visit",
    "obstacle",
    "obstacle_division",
    "obstacle_place",
)


@dataclass(frozen=True)
class Raised:
    ticket: Ticket
    is_replay: bool = False


def raise_ticket(
    *,
    actor: Account,
    uscc: str,
    fields: Mapping[str, Any],
    key: Key | None = None,
    at: dt.datetime | None = None,
    replaces: Ticket | None = None,
    files: Sequence[Stored] = (),
    without: Sequence[str] = (),
) -> Raised:
    """Write a ticket, or the draft it replaces, and submit it: number, clock A, messages, files (T1, T2).

    `without` names files of the draft that are taken off it.

    Refuses: forbidden, not_found (enterprise), every field at once: required, unknown_field, invalid_…
    """
    at = at or timezone.now()
    with transaction.atomic():
        if key is not None and (kept := request_keys.answered(actor, key)) is not None:
            return Raised(Ticket.objects.get(number=kept.answer["number"]), is_replay=True)
        ticket = _write(actor=actor, uscc=uscc, fields=fields, at=at, ticket=replaces, is_draft=False)
        ticket_files.drop(actor=actor, ticket=ticket, keys=without)
        acting.act(
            actor=actor, ticket=ticket, action="submit", fields={}, expected_version=ticket.version, at=at, files=files
        )
        ticket.refresh_from_db()
        if key is not None:
            request_keys.keep(actor, key, status=201, answer={"number": str(ticket)})
    return Raised(ticket)


def draft(
    *,
    actor: Account,
    uscc: str,
    fields: Mapping[str, Any],
    ticket: Ticket | None = None,
    at: dt.datetime | None = None,
    files: Sequence[Stored] = (),
    without: Sequence[str] = (),
) -> Ticket:
    """Keep what has been typed so far (T1); a draft of one's own is written over, its files stay or are taken off.

    Refuses like raise_ticket, but requires nothing except the category.
    """
    with transaction.atomic():
        at = at or timezone.now()
        kept = _write(actor=actor, uscc=uscc, fields=fields, at=at, ticket=ticket, is_draft=True)
        ticket_files.drop(actor=actor, ticket=kept, keys=without)
        first = kept.events.get(action="draft")
        ticket_files.add(ticket=kept, event=first, files=files, visibility=first.visibility, at=at)
        return kept


def similar(enterprise: Enterprise, category: str | None, *, but: int = 0) -> list[Ticket]:
    """Open tickets of the enterprise in the same category: perhaps the same matter. Shown, never merged by itself."""
    found = Ticket.objects.filter(enterprise=enterprise, state__in=OPEN).exclude(pk=but)
    if category:
        found = found.filter(category=category)
    return list(found.order_by("-submitted_at")[:5])


def _write(
    *, actor: Account, uscc: str, fields: Mapping[str, Any], at: dt.datetime, ticket: Ticket | None, is_draft: bool
) -> Ticket:
    enterprise = access.enterprise(actor, uscc, "tickets:raise")
    division = division_on(enterprise, timezone.localtime(at).date())
    if division is None:
        raise NotFound("这家企业今天不在任何区县。", code="no_division", field="enterprise")
    side = _side(actor, enterprise, division)
    values, faults = _read(enterprise, fields, at, is_draft=is_draft)
    visit = _visit(actor, enterprise, fields.get("visit"), faults)
    _obstacle(values, fields, faults, division)
    if faults:
        raise Invalid.of(faults)
    if side == Side.LIAISON and "source" not in values:
        values["source"] = TicketSource.VISIT
    elif side == Side.DESK and "source" not in values:
        values["source"] = TicketSource.PHONE
    if ticket is None:
        ticket = Ticket(
            enterprise=enterprise, division_id=division, raised_by=actor, raised_as=side, created_at=at, **values
        )
        ticket.officer = actor if side == Side.LIAISON else _officer(enterprise, at)
        ticket.save(force_insert=True)
        acting.record_draft(ticket, actor, side, at)
    else:
        locked = (
            Ticket.objects.select_for_update().filter(pk=ticket.pk, state=TicketState.DRAFT, raised_by=actor).first()
        )
        if locked is None:
            raise NotFound("没有找到这份草稿。", field="number")
        for name, value in values.items():
            setattr(locked, name, value)
        locked.version += 1
        locked.save()
        ticket = locked
    if visit is not None:
        VisitTicket.objects.get_or_create(visit=visit, ticket=ticket, defaults={"is_raised": True, "linked_at": at})
    return ticket


def _officer(enterprise: Enterprise, at: dt.datetime) -> Account | None:
    """Who looks after the enterprise itself; he follows its tickets up. None where only its area has somebody."""
    held = Attachment.objects.believed().on(timezone.localtime(at).date()).filter(enterprise=enterprise)
    found = held.filter(account__is_active=True).select_related("account").order_by("starts_on", "pk").first()
    return found.account if found is not None else None


def _visit(actor: Account, enterprise: Enterprise, value: object, faults: list[FieldError]) -> Visit | None:
    """The visit on which the matter came up."""
    if value in (None, ""):
        return None
    text = str(value)
    found = None
    if text.isascii() and text.isdigit() and len(text) < 16 and access.may(actor, "visits:read"):
        found = desk_access.visits(actor).filter(pk=int(text), enterprise=enterprise).first()
    if found is None:
        faults.append(FieldError("visit", "not_found", "没有找到这家企业的这次走访。"))
    return found


def _side(actor: Account, enterprise: Enterprise, division: str) -> str:
    access.require(actor, "tickets:raise")
    roles = access.roles(actor)
    if enterprise.pk in access.reach(actor, "tickets:raise").enterprises and Role.ENTERPRISE in roles:
        return Side.ENTERPRISE
    if Role.LIAISON in roles:
        return Side.LIAISON
    if roles & {Role.CITY, Role.COUNTY}:
        return Side.DESK
    raise Forbidden


def _read(
    enterprise: Enterprise, fields: Mapping[str, Any], at: dt.datetime, *, is_draft: bool
) -> tuple[dict[str, Any], list[FieldError]]:
    faults = [
        FieldError(days.shown(str(name)), "unknown_field", f"没有“{days.shown(str(name))}”这一项。")
        for name in fields
        if name not in KNOWN
    ]
    values: dict[str, Any] = {}
    for name, (word, longest) in TEXTS.items():
        value = _text(faults, name, fields.get(name), word, longest)
        values[name] = value or ""
        if not value and not is_draft and not any(f.field == name for f in faults):
            faults.append(FieldError(name, "required", f"请填写{word}。"))
    for name, (word, longest) in OPTIONAL.items():
        values[name] = _text(faults, name, fields.get(name), word, longest) or ""
    _category(values, fields, faults)
    _capacity(values, enterprise, fields, faults, at)
    source = fields.get("source")
    if source not in (None, ""):
        if source not in TicketSource.values:
            faults.append(FieldError("source", "invalid_choice", f"来源应为 {'、'.join(TicketSource.values)} 之一。"))
        else:
            values["source"] = source
    _occurred(values, fields, faults, at)
    return values, faults


def _category(values: dict[str, Any], fields: Mapping[str, Any], faults: list[FieldError]) -> None:
    code = fields.get("category")
    found = TicketCategory.objects.filter(pk=code).first() if isinstance(code, str) and code else None
    if found is None:
        said = "请选类别。" if code in (None, "") else "没有这个问题类别。"
        faults.append(FieldError("category", "required" if code in (None, "") else "invalid_choice", said))
    else:
        values["category"] = found
        values["level"] = found.level


def _obstacle(values: dict[str, Any], fields: Mapping[str, Any], faults: list[FieldError], division: str) -> None:
    """Where it is stuck, if one knows: by it the rules say whose the matter is (2.4)."""
    where, code = fields.get("obstacle") or "", fields.get("obstacle_division") or None
    values["obstacle"], values["obstacle_division"], values["obstacle_place"] = "", None, ""
    if where and where not in Obstacle.values:
        faults.append(FieldError("obstacle", "invalid_choice", f"障碍所在应为 {'、'.join(Obstacle.values)} 之一。"))
        return
    values["obstacle"] = where
    if where == Obstacle.SIBLING:
        county = Division.objects.filter(pk=code, is_reporting=True).first() if isinstance(code, str) else None
        if county is None or county.pk == division:
            faults.append(FieldError("obstacle_division", "invalid_choice", "请选是哪个县市区（不是企业所在的）。"))
        values["obstacle_division"] = county
    if where in (Obstacle.OTHER_CITY, Obstacle.OTHER_PROVINCE):
        values["obstacle_place"] = _text(faults, "obstacle_place", fields.get("obstacle_place"), "哪个省市", 60) or ""


def _capacity(
    values: dict[str, Any], enterprise: Enterprise, fields: Mapping[str, Any], faults: list[FieldError], at: dt.datetime
) -> None:
    """What the matter holds back: product, units a day, since when, hours until production stops."""
    code, blocked = fields.get("product") or None, fields.get("blocked")
    today = timezone.localtime(at).date()
    product = Product.objects.filter(pk=code).first() if isinstance(code, str) else None
    if code is not None and product is None:
        faults.append(FieldError("product", "invalid_choice", "没有这个产品。"))
    values["product"], values["blocked"], values["blocked_since"] = product, None, None
    if blocked not in (None, ""):
        if product is None:
            faults.append(FieldError("product", "required", "写了压住的产能，请选产品。"))
        else:
            values["blocked"] = _quantity(enterprise, product, blocked, faults, today)
            values["blocked_since"] = today
    since = fields.get("blocked_since")
    if since not in (None, ""):
        try:
            values["blocked_since"] = days.written(str(since))
            if values["blocked_since"] > today:
                raise ValueError("起始日不能晚于今天")
        except ValueError as error:
            faults.append(FieldError("blocked_since", "invalid_date", f"{error}。"))
    hours = fields.get("hours_to_stop")
    values["hours_to_stop"] = None
    if hours not in (None, ""):
        text = str(hours)
        if not (text.isascii() and text.isdigit() and int(text[:9]) <= 9999 and len(text) < 6):
            faults.append(FieldError("hours_to_stop", "invalid_number", "距停产的小时数应为 0 到 9999 的整数。"))
        else:
            values["hours_to_stop"] = int(text)


def _quantity(
    enterprise: Enterprise, product: Product, given_amount: object, faults: list[FieldError], day: dt.date
) -> int | None:
    entry = products.catalogue(day).entries.get(product.pk)
    units = dict(entry.units) if entry is not None else {}
    units |= products.packs(enterprise.pk, day).get(product.pk, {})
    try:
        number = quantities.read_text(str(given_amount))
        return quantities.convert(number, units=units, base_unit=product.base_unit).amount
    except Unreadable as fault:
        faults.append(FieldError("blocked", fault.code, fault.message))
        return None


def _occurred(values: dict[str, Any], fields: Mapping[str, Any], faults: list[FieldError], at: dt.datetime) -> None:
    text = fields.get("occurred_at")
    values["occurred_at"] = None
    if text in (None, ""):
        return
    try:
        found = dt.datetime.fromisoformat(str(text))
        found = timezone.make_aware(found) if found.tzinfo is None else found
        if found > at:
            raise ValueError
        values["occurred_at"] = found
    except (ValueError, OverflowError):
        faults.append(
            FieldError("occurred_at", "invalid_moment", "发生时间应为不晚于现在的时间，例如 2020-03-27T09:00。")
        )


def _text(faults: list[FieldError], name: str, value: object, word: str, longest: int) -> str | None:
    try:
        return given.text(value, word, longest)
    except ValueError as fault:
        code, _, message = str(fault).partition("|")
        faults.append(FieldError(name, code, message))
        return None
