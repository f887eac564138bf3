"""Organisations: departments, townships, task forces and outside bodies that posts and work orders belong to."""

from __future__ import annotations

import re

from django.db import transaction

from enterprises import access, audit
from enterprises.choices import OrganisationKind
from enterprises.errors import Invalid, NotFound, reading
from enterprises.facts import Change
from enterprises.models import Account, Division, Organisation
from enterprises.rules import names

CODE = re.compile(r"[0-9A-Za-z_-]{1,40}")


def establish(*, actor: Account | None, code: str, name: str, kind: str, division: str) -> tuple[Organisation, Change]:
    """Add an organisation, or amend the one of this code. Gives it, and what changed.

    Writes: organisation, audit `organisation.establish`. Refuses: invalid_code, invalid_kind, not_found (division).
    """
    if actor is not None:
        access.require(actor, "settings:write")
    code = "".join(code.split())
    if not CODE.fullmatch(code):
        raise Invalid("单位代码由字母、数字、- 和 _ 组成，最长 40 位。", code="invalid_code", field="code")
    with reading("name"):
        name = names.clean(name, what="名称", longest=100)
    if not name:
        raise Invalid("缺少名称。", code="required", field="name")
    if kind not in OrganisationKind.values:
        raise Invalid(f"单位类型应为 {'、'.join(OrganisationKind.values)} 之一。", code="invalid_kind", field="kind")
    if not Division.objects.filter(pk=division).exists():
        raise NotFound(f"没有区划 {division}。", field="division")
    values = {"name": name, "kind": kind, "division_id": division}
    with transaction.atomic():
        known = Organisation.objects.select_for_update().filter(code=code).first()
        before = {key: getattr(known, key) for key in values} if known else None
        if known is not None and before == values:
            return known, "unchanged"
        organisation, _ = Organisation.objects.update_or_create(code=code, defaults=values)
        audit.record(actor=actor, act="organisation.establish", on=organisation, before=before, after=values)
    return organisation, "changed" if known else "added"
