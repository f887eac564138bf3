"""Divisions, enterprises, accounts and certificates for tests; known since LONG_AGO unless told otherwise."""

from __future__ import annotations

import datetime as dt
import itertools

from enterprises.choices import Role
from enterprises.models import (
    EVER,
    Account,
    Attachment,
    Certificate,
    Division,
    DivisionFact,
    Enterprise,
    EnterpriseFact,
    Placement,
    Post,
)
from enterprises.rules.credit_code import check_character

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_numbers = itertools.count(1)


def credit_code(number: int | None = None) -> str:
    """A code with a right check character in a division that does not exist."""
    body = f"91999999MA{(number or next(_numbers)) + 1000000:07d}"
    return body + check_character(body)


def division(
    code: str,
    *,
    name: str = "",
    level: str = "county",
    parent: str | None = None,
    reports: bool | None = None,
    starts_on: dt.date = EVER,
    ends_on: dt.date | None = None,
    known_at: dt.datetime = LONG_AGO,
) -> Division:
    made, _ = Division.objects.get_or_create(
        code=code,
        defaults={"level": level, "is_reporting": level in ("county", "zone") if reports is None else reports},
    )
    DivisionFact.objects.create(
        division=made, name=name or code, parent_id=parent, starts_on=starts_on, ends_on=ends_on, known_at=known_at
    )
    return made


def enterprise(
    *,
    division: str | None,
    name: str = "某厂",
    uscc: str = "",
    starts_on: dt.date = EVER,
    known_at: dt.datetime = LONG_AGO,
) -> Enterprise:
    """An enterprise that stands on a unit; division None = nowhere."""
    made = Enterprise.objects.create(uscc=uscc or credit_code(), name=name)
    EnterpriseFact.objects.create(enterprise=made, name=name, starts_on=starts_on, known_at=known_at)
    if division is not None:
        placement(made, division, starts_on=starts_on, known_at=known_at)
    return made


def placement(
    enterprise: Enterprise,
    division: str,
    *,
    starts_on: dt.date = EVER,
    ends_on: dt.date | None = None,
    known_at: dt.datetime = LONG_AGO,
) -> Placement:
    return Placement.objects.create(
        enterprise=enterprise, division_id=division, starts_on=starts_on, ends_on=ends_on, known_at=known_at
    )


def account(
    username: str,
    role: str | None = None,
    *,
    division: str | None = None,
    enterprise: Enterprise | None = None,
    organisation: object | None = None,
    password: str | None = None,
) -> Account:
    """An account with one post (none without role); a liaison officer is attached to what is given."""
    made = Account(username=username, display_name=username)
    if password is None:
        made.set_unusable_password()
    else:
        made.set_password(password)
    made.save()
    known = {"account": made, "known_at": LONG_AGO}
    if role == Role.LIAISON:
        Post.objects.create(role=role, **known)
        if enterprise is not None:
            Attachment.objects.create(enterprise=enterprise, **known)
        if division is not None:
            Attachment.objects.create(division_id=division, **known)
    elif role is not None:
        Post.objects.create(role=role, division_id=division, enterprise=enterprise, organisation=organisation, **known)
    return made


def certificate(
    enterprise: Enterprise,
    *,
    kind: str = "医疗器械注册证",
    number: str = "闽械注准20202140001",
    valid_from: dt.date = dt.date(2020, 1, 1),
    valid_to: dt.date | None = None,
    status: str = "valid",
    known_at: dt.datetime = LONG_AGO,
) -> Certificate:
    return Certificate.objects.create(
        enterprise=enterprise,
        kind=kind,
        number=number,
        valid_from=valid_from,
        valid_to=valid_to,
        status=status,
        known_at=known_at,
    )
