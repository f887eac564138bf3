"""Production lines: which an enterprise has, where each stands, since when, and when it is expected to run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from enterprises import access, audit, facts
from enterprises.choices import LineState, StartKind
from enterprises.errors import Conflict, Invalid, NotFound, reading
from enterprises.models import Account, Enterprise, LineFact, ProductionLine
from enterprises.rules import names

AT_WORK = (LineState.INSTALLING, LineState.TRIAL, LineState.RUNNING)
"""Lines that stand in the workshop; a planned one does not yet, a halted one no more."""


@dataclass(frozen=True)
class Standing:
    """A line on a day; state empty = nothing is known of that day."""

    pk: int
    name: str
    state: str
    word: str
    start_kind: str
    since: dt.date | None
    expected_on: dt.date | None

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK


def set_state(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    name: str,
    state: str,
    starts_on: dt.date,
    start_kind: str = "",
    expected_on: dt.date | None = None,
    known_at: dt.datetime | None = None,
    reason: str = "",
) -> facts.Believed[LineFact]:
    """Add a production line, or say in which state it is from a day on; a retired line is halted.

    Writes: line, its fact, audit `production_line.set`. Refuses: required (name), invalid_choice.
    """
    access.require_at(actor, enterprise, "lines:write")
    name = _named(name)
    _refuse_other(state, LineState.values, "产线状态", "state")
    _refuse_other(start_kind, ["", *StartKind.values], "投产方式", "start_kind")
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        line, _ = ProductionLine.objects.get_or_create(enterprise=enterprise, name=name)
        done = facts.step(
            LineFact,
            actor=actor,
            key={"line_id": line.pk},
            starts_on=starts_on,
            values={"state": state, "start_kind": start_kind, "expected_on": expected_on},
            known_at=known_at,
            reason=reason,
        )
        if done.change != "unchanged":
            said = {"line": name, "state": state, "starts_on": str(starts_on)}
            said |= {"expected_on": str(expected_on)} if expected_on else {}
            audit.record(actor=actor, act="production_line.set", on=enterprise, after=said)
    return done


def rename(*, actor: Account | None, enterprise: Enterprise, line: ProductionLine, name: str) -> bool:
    """Give a line another name; its history stays with it. Gives whether anything changed.

    Writes: line, audit `production_line.rename`. Refuses: required, line_exists (409).
    """
    access.require_at(actor, enterprise, "lines:write")
    name = _named(name)
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        line = ProductionLine.objects.get(pk=line.pk, enterprise=enterprise)
        if line.name == name:
            return False
        if ProductionLine.objects.filter(enterprise=enterprise, name=name).exists():
            raise Conflict(f"已有产线“{name}”。", code="line_exists", field="name")
        before, line.name = line.name, name
        line.save(update_fields=["name"])
        audit.record(
            actor=actor, act="production_line.rename", on=enterprise, before={"line": before}, after={"line": name}
        )
    return True


def keep(
    *,
    actor: Account | None,
    enterprise: Enterprise,
    line: int | None,
    name: str,
    state: str,
    starts_on: dt.date,
    start_kind: str = "",
    expected_on: dt.date | None = None,
) -> None:
    """Add a line (`line` None), or say anew what a line is called and how it stands from a day on.

    Writes: as `rename` and `set_state` do. Refuses: as they do; not_found (line), line_exists (409).
    """
    access.require_at(actor, enterprise, "lines:write")
    name = _named(name)
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        if line is None:
            if ProductionLine.objects.filter(enterprise=enterprise, name=name).exists():
                raise Conflict(f"已有产线“{name}”，请在它那里改。", code="line_exists", field="name")
        else:
            held = ProductionLine.objects.filter(enterprise=enterprise, pk=line).first()
            if held is None:
                raise NotFound("没有找到这条产线。", field="line")
            rename(actor=actor, enterprise=enterprise, line=held, name=name)
        set_state(
            actor=actor, enterprise=enterprise, name=name, state=state, starts_on=starts_on, start_kind=start_kind,
            expected_on=expected_on,
        )  # fmt: skip


def known(enterprise: Enterprise, day: dt.date) -> dict[int, str]:
    """Names of the lines of which something is known on the day, by number, in the order of names. One query."""
    return {one.pk: one.name for one in standing([enterprise], day).get(enterprise.pk, ()) if one.state}


def standing(enterprises: Iterable[Enterprise], day: dt.date) -> dict[int, list[Standing]]:
    """Every line of each enterprise as it stands on the day, in the order of names. Two queries for any number."""
    words = dict(LineState.choices)
    lines = list(ProductionLine.objects.filter(enterprise__in=list(enterprises)).order_by("name"))
    facts_of = {fact.line_id: fact for fact in LineFact.objects.believed().on(day).filter(line__in=lines)}
    found: dict[int, list[Standing]] = {}
    for line in lines:
        fact = facts_of.get(line.pk)
        one = Standing(
            pk=line.pk,
            name=line.name,
            state=fact.state if fact is not None else "",
            word=str(words.get(fact.state, "")) if fact is not None else "",
            start_kind=fact.start_kind if fact is not None else "",
            since=fact.starts_on if fact is not None else None,
            expected_on=fact.expected_on if fact is not None else None,
        )
        found.setdefault(line.enterprise_id, []).append(one)
    return found


def _named(name: str) -> str:
    with reading("name"):
        name = names.clean(name, what="产线名称", longest=100)
    if not name:
        raise Invalid("缺少产线名称。", code="required", field="name")
    return name


def _refuse_other(value: str, allowed: list[str], what: str, field: str) -> None:
    if value not in allowed:
        raise Invalid(f"{what}应为 {'、'.join(v for v in allowed if v)} 之一。", code="invalid_choice", field=field)
