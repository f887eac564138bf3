"""Attachments: which liaison officer looks after which enterprise or area, from when to when."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction

from enterprises import access, audit, facts, holdings
from enterprises.choices import Role
from enterprises.errors import Conflict, Invalid, NotFound
from enterprises.holdings import Holding, Keeper, Taking
from enterprises.models import Account, Attachment, Division, DivisionFact, Enterprise, Placement, Post

A_DAY = dt.timedelta(days=1)
KIND = "attachment"


def attach(
    *,
    actor: Account | None,
    officer: Account,
    enterprise: Enterprise | None = None,
    division: str | None = None,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    reason: str = "",
    known_at: dt.datetime | None = None,
) -> Attachment:
    """Let an officer look after an enterprise, or after all of a division, from a day on (default: today).

    Where he does so on these days already, that attachment is given back unchanged.
    Writes: attachment, audit `officer.attach`.
    Refuses: forbidden, not_found, no_officer (no liaison post), invalid_span, overlap.
    """
    if (enterprise is None) == (division is None):
        raise Invalid("请选一家企业，或者一个片区。", code="required", field="enterprise")
    permit(actor, enterprise=enterprise, division=division)
    starts_on = starts_on or access.today()
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("截止日期早于起始日期。", code="invalid_span", field="ends_on")
    with transaction.atomic():
        officer = Account.objects.select_for_update().get(pk=officer.pk)
        if actor is not None and not is_officer(officer, starts_on):
            raise Invalid(f"{officer} 那天没有特派员岗位。", code="no_officer", field="officer")
        key = {
            "account_id": officer.pk,
            "enterprise_id": enterprise.pk if enterprise else None,
            "division_id": division,
        }
        return hold(actor, key, starts_on, ends_on, reason=reason, known_at=known_at)[0]


def hold(
    actor: Account | None,
    key: dict[str, Any],
    starts_on: dt.date,
    ends_on: dt.date | None,
    *,
    reason: str = "",
    known_at: dt.datetime | None = None,
) -> tuple[Attachment, bool]:
    """Record an attachment unless it holds on these days already; gives it, and whether it is new.

    One that runs out earlier is made longer. The caller holds the officer's lock.
    """
    rows = Attachment.objects.believed().filter(**facts.lookup(key)).order_by("starts_on")
    for row in rows:
        if row.starts_on <= starts_on and (row.ends_on is None or (ends_on is not None and row.ends_on >= ends_on)):
            return row, False
        if row.starts_on <= starts_on and row.ends_on is not None and row.ends_on >= starts_on - A_DAY:
            starts_on = row.starts_on
            break
    facts.refuse_overlap(
        Attachment, key=key, starts_on=starts_on, ends_on=ends_on, message="这段时间已经挂钩", own=key
    )  # fmt: skip
    believed = facts.record(
        Attachment, actor=actor, identity={**key, "starts_on": starts_on}, values={"ends_on": ends_on}, reason=reason,
        known_at=known_at,
    )  # fmt: skip
    said = {"scope": _scope(believed.row), "starts_on": str(starts_on), "ends_on": str(ends_on or "")}
    audit.record(actor=actor, act="officer.attach", on=believed.row.account, after=said)
    return believed.row, True


def end(*, actor: Account | None, attachment: Attachment, ends_on: dt.date, reason: str = "") -> None:
    """Let an attachment end with a day, or, if that lies before its first day, take it back.

    Writes: attachment, audit `officer.detach`.
    Refuses: forbidden, not_found, changed (409), still_holds: what the officer has in hand there goes to somebody first.
    """
    permit(actor, enterprise=attachment.enterprise, division=attachment.division_id)
    with transaction.atomic():
        officer = Account.objects.select_for_update().get(pk=attachment.account_id)
        row = Attachment.objects.believed().filter(pk=attachment.pk).first()
        if row is None:
            raise Conflict("这条挂钩刚被别人改过，请刷新再看。", code="changed", field="attachment")
        lost = _covered([row], access.today()) - _reached(officer, but=row, day=max(ends_on + A_DAY, access.today()))
        kept = holdings.of(officer, roles=[Role.LIAISON])
        holdings.refuse_held(officer, [h for h in kept if h.kind != KIND and h.enterprise in lost], "结束这条挂钩")
        shorten(actor, row, ends_on, reason=reason)


def shorten(actor: Account | None, row: Attachment, ends_on: dt.date, *, reason: str = "") -> None:
    """Record the end of an attachment; the caller has asked who may, and holds the officer's lock."""
    identity = {name: getattr(row, name) for name in ("account_id", "enterprise_id", "division_id", "starts_on")}
    if ends_on < row.starts_on:
        facts.withdraw(Attachment, identity=identity)
    else:
        facts.record(Attachment, actor=actor, identity=identity, values={"ends_on": ends_on}, reason=reason)
    said = {"scope": _scope(row), "ends_on": str(ends_on)}
    audit.record(actor=actor, act="officer.detach", on=row.account, after=said)


def permit(actor: Account | None, *, enterprise: Enterprise | None = None, division: str | None = None) -> None:
    """Who may say who looks after whom: the county for its own, the city, the administrator."""
    if actor is None:
        if division is not None and not Division.objects.filter(pk=division).exists():
            raise NotFound(f"没有区划 {division}。", field="division")
        return
    if enterprise is not None:
        access.require_at(actor, enterprise, "officers:write")
    if division is not None:
        access.require_in(actor, division, "officers:write")


def is_officer(account: Account, day: dt.date) -> bool:
    """Whether an account is active and holds the post of a liaison officer on a day."""
    posts = Post.objects.believed().on(day).filter(account=account, role=Role.LIAISON, account__is_active=True)
    return bool(posts.exists())


def responsible(day: dt.date, within: Collection[int] | None = None) -> dict[int, list[Attachment]]:
    """Who looks after each enterprise on a day: those attached to it itself, else those attached to its area.

    Takes: within = ids of enterprises, None = all that stand somewhere. Only officers in post count; an enterprise
    without any has an empty list. Four queries.
    """
    placed = dict(Placement.objects.believed().on(day).values_list("enterprise_id", "division_id"))
    wanted = set(placed) if within is None else set(within)
    posts = Post.objects.believed().on(day).filter(role=Role.LIAISON, account__is_active=True)
    rows = list(
        Attachment.objects.believed().on(day).filter(account__in=posts.values("account")).select_related("account")
    )
    direct: dict[int, list[Attachment]] = defaultdict(list)
    by_unit: dict[str, list[Attachment]] = defaultdict(list)
    tree = DivisionFact.objects.tree(day)
    for row in rows:
        if row.enterprise_id is not None:
            direct[row.enterprise_id].append(row)
        elif row.division_id in tree:
            for leaf in tree.leaves(row.division_id):
                by_unit[leaf].append(row)
    return {one: direct.get(one) or by_unit.get(placed.get(one, ""), []) for one in wanted}


def held(account: Account, beyond: dt.date | None) -> Iterable[Holding]:
    """The attachments of an account that hold today or later, or longer than a day."""
    last = beyond + A_DAY if beyond is not None else access.today()
    rows = Attachment.objects.believed().filter(account=account).select_related("enterprise")
    names = None
    for row in rows.order_by("enterprise__sort_key", "division_id", "starts_on"):
        if row.ends_on is not None and row.ends_on < last:
            continue
        if row.enterprise is not None:
            yield Holding(KIND, str(row.pk), f"挂钩{row.enterprise.name}", row.enterprise_id)
            continue
        names = names or DivisionFact.objects.tree(access.today())
        place = names[row.division_id].name if row.division_id in names else row.division_id
        yield Holding(KIND, str(row.pk), f"片区{place}", division=row.division_id)


def pass_on(taking: Taking, keys: Collection[str]) -> None:
    """Attachments go over: the giver's end on the eve of the day, the taker's begin with it and end as they would have."""
    for row in (
        Attachment.objects.believed().filter(account=taking.giver, pk__in=[int(key) for key in keys]).order_by("pk")
    ):
        shorten(taking.actor, row, taking.day - A_DAY, reason="交接")
        key = {"account_id": taking.taker.pk, "enterprise_id": row.enterprise_id, "division_id": row.division_id}
        hold(taking.actor, key, max(taking.day, row.starts_on), row.ends_on, reason="交接")


def _covered(rows: Iterable[Attachment], day: dt.date) -> set[int]:
    """Enterprises that some attachments reach."""
    found, units, tree = set(), set(), None
    for row in rows:
        if row.enterprise_id is not None:
            found.add(row.enterprise_id)
        else:
            tree = tree or DivisionFact.objects.tree(day)
            units |= (
                set(tree.leaves(row.division_id)) if row.division_id is not None and row.division_id in tree else set()
            )
    if units:
        placed = Placement.objects.believed().on(day).filter(division__in=units)
        found |= set(placed.values_list("enterprise_id", flat=True))
    return found


def reached(officer: Account, day: dt.date) -> set[int]:
    """Enterprises that an officer's attachments reach on a day."""
    return _reached(officer, but=None, day=day)


def _reached(officer: Account, *, but: Attachment | None, day: dt.date) -> set[int]:
    rows = Attachment.objects.believed().on(day).filter(account=officer)
    return _covered([row for row in rows if but is None or row.pk != but.pk], day)


def _scope(row: Attachment) -> str:
    return row.enterprise.uscc if row.enterprise is not None else str(row.division_id)


KEEPER = Keeper(KIND, "挂钩", frozenset({Role.LIAISON}), held, pass_on, order=0)
